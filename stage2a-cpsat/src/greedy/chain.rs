//! Ejection chains: a class without a free placement takes the one whose occupants have been the easiest to place so far; these wait.

use super::desk::Desk;
use timetable::{ClassId, Placement, Ways};

/// Ties are kept up to this many, to choose among them.
const TIES: usize = 16;

/// A placement taken from a class is not taken back by it for this many rounds, and as many again by chance.
const TENURE: u64 = 6;

impl Desk<'_, '_> {
    /// Goes on until nothing waits or the budget is spent.
    pub(super) fn chain(&mut self) {
        let n = self.problem.classes().len();
        // By class: the last time of the day that it was driven out of, and the round until which it does not go back.
        let mut barred = vec![(u16::MAX, u16::MAX, 0u64); n];
        let mut ties: Vec<Placement> = Vec::new();
        let mut out = Vec::new();
        let mut round = 0u64;
        while !self.waiting.is_empty() && !self.clock.is_over() {
            round += 1;
            let class = self.next_waiting();
            let (mut least, mut seen) = (Ways::NEVER - 1, 0usize);
            ties.clear();
            let (bar, luck) = (barred[class.index()], &mut self.luck);
            let looked = self.ways.scan(&mut self.board, class, least, |at, cost| {
                if cost > 0 && round < bar.2 && at.time == bar.0 && at.room == bar.1 {
                    return least;
                }
                if cost < least {
                    (least, seen) = (cost, 0);
                    ties.clear();
                }
                seen += 1;
                if ties.len() < TIES {
                    ties.push(at);
                } else {
                    let k = luck.below(seen);
                    if k < TIES {
                        ties[k] = at;
                    }
                }
                least
            });
            self.clock.count(looked);
            if ties.is_empty() {
                // Nothing that can be taken away would help; it waits until the end.
                self.waiting.insert(0, class);
                if round > 4 * n as u64 + 1000 && self.waiting.len() == 1 {
                    return;
                }
                continue;
            }
            if least == 0 && self.place_cheapest(class, &mut ties) {
                self.keep_if_best();
                continue;
            }
            let weight = self.ways.weight(class);
            self.ways.set_weight(&self.board, class, weight + 1);
            let at = ties[self.luck.below(ties.len())];
            let ways = &self.ways;
            self.board.in_the_way_by(class, at, &|c| ways.weight(ClassId(c)), &mut out);
            let before = self.board.score().hard;
            for &c in &out {
                let was = self.board.placement(c);
                let until = round + TENURE + self.luck.below(TENURE as usize) as u64;
                barred[c.index()] = (was.time, was.room, until);
                self.take_away(c);
            }
            self.ways.apply(&mut self.board, class, at);
            if self.board.score().hard > before {
                self.take_away(class);
                barred[class.index()] = (at.time, at.room, round + 100);
            }
            self.keep_if_best();
        }
    }

    /// The class to be placed next.
    fn next_waiting(&mut self) -> ClassId {
        let k = self.luck.below(self.waiting.len());
        self.waiting.swap_remove(k)
    }
}
