//! Taking over from another timetable where the classes of a cluster are, if that can be afforded.

use super::chain::Chain;
use timetable::{ClassId, Delta, RequestId, Timetable};

/// Classes beyond the cluster's own that may have to move with them.
const OTHERS: usize = 64;

impl Chain<'_> {
    /// Classes of one cluster go where the other timetable has them, and whoever is in their way
    /// there, too, and so on; students of its courses take what they take there. Done if all of it
    /// together costs no more than `threshold`; `None` where nothing differs or too many would have
    /// to move.
    pub fn adopt(&mut self, classes: &[u32], requests: &[u32], from: &Timetable, threshold: i64) -> Option<i64> {
        self.find_adopted(classes, from).then_some(())?;
        let before = self.board.score();
        self.incumbent.store(&self.board);
        self.journal.clear();
        let mut sum = Delta::default();
        for &(class, to) in &self.chain {
            sum += self.journal.put(&mut self.board, class, to);
        }
        for &r in requests {
            let slots = self.board.problem().requests()[r as usize].slots.range();
            if *self.board.taken(RequestId(r)) != from.enrolment[slots.clone()] {
                sum += self.journal.enrol(&mut self.board, RequestId(r), &from.enrolment[slots]);
            }
        }
        if self.journal.is_empty() {
            return None;
        }
        let cost = self.weights.cost(&sum);
        self.judge(cost, threshold);
        if cost > threshold {
            debug_assert_eq!(self.board.score(), before);
        } else if !self.unplaced.is_empty() {
            self.list_unplaced();
        }
        Some(cost)
    }

    /// Lists who goes where; false where too many would have to.
    fn find_adopted(&mut self, classes: &[u32], from: &Timetable) -> bool {
        self.chain.clear();
        let there = |class: ClassId| from.placements[class.index()];
        for &c in classes {
            let class = ClassId(c);
            if there(class) != self.board.placement(class) && there(class).is_placed() {
                self.chain.push((class, there(class)));
            }
        }
        let most = self.chain.len() + OTHERS;
        let mut next = 0;
        while let Some(&(class, to)) = self.chain.get(next) {
            next += 1;
            self.board.rivals(class, to, &mut self.way);
            for &o in &self.way {
                // Where the other timetable has both in each other's way, neither moves for the
                // other.
                let moves = there(o) != self.board.placement(o) && there(o).is_placed();
                if !moves || self.chain.iter().any(|link| link.0 == o) {
                    continue;
                }
                if self.chain.len() == most {
                    return false;
                }
                self.chain.push((o, there(o)));
            }
        }
        true
    }
}
