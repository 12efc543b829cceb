//! The repair as a whole: everyone in conflict is resolved, then what changed is taken up again, a
//! few classes at a time.

use crate::changes::{Changes, Order};
use crate::tracked_repair::TrackedRepair;
use timetable::{ClassId, Timetable};

/// Classes that one chain may move beside the one in conflict, at most.
const DEEPEST: usize = 3;
/// Changed classes that are taken up again together, at most.
const TOGETHER: usize = 4;
/// Rounds without anything better, for each changed class, after which it is over, and as many at
/// least.
const PATIENCE: u64 = 40;
const PATIENCE_LEAST: u64 = 400;

impl TrackedRepair<'_, '_> {
    /// Repairs; what is valid is left as it is.
    pub(super) fn run(&mut self) {
        if self.incumbent.score().is_valid() {
            return;
        }
        self.state.find_conflicts();
        if self.state.repair_enrolment() > 0 {
            self.incumbent.much_changed();
            let (order, now) = (self.changes.order(), self.state.search.board.timetable());
            self.changes = Changes::new(self.state.search.problem, &self.home, &now, order);
        }
        self.resolve_all();
        self.keep_if_best();
        if !self.incumbent.score().is_valid() && !self.state.clock.is_over() {
            self.resolve_the_hard_way();
        }
        self.take_up_again();
    }

    /// Goes on from a timetable that was mended already.
    pub(super) fn go_on_from(&mut self, mended: &Timetable) {
        self.go_to(mended);
        self.keep_if_best();
        self.take_up_again();
    }

    /// Resolves who is in conflict, short chains first.
    fn resolve_all(&mut self) {
        for others in 0..=DEEPEST {
            let mut again = true;
            while again && !self.state.clock.is_over() {
                again = false;
                let mut classes = self.state.in_conflict.classes().to_vec();
                while !classes.is_empty() && !self.state.clock.is_over() {
                    let k = self.state.search.rng.below(classes.len());
                    let class = classes.swap_remove(k);
                    if !self.state.is_in_conflict(class) {
                        self.state.in_conflict.remove(class);
                    } else if self.resolve(&[class], others, false).is_some() {
                        self.state.in_conflict.remove(class);
                        again = others > 0;
                    }
                }
            }
        }
    }

    /// Chains do not reach: classes move to where they conflict least until all is well.
    fn resolve_the_hard_way(&mut self) {
        self.state.keep_if_best();
        self.state.repair();
        let found = self.state.search.incumbent.best().clone();
        self.go_to(&found);
        if !self.keep_if_best() {
            let best = self.incumbent.best().clone();
            self.go_to(&best);
        }
    }

    /// Takes up changed classes, a few at a time, and places them anew; what is not worse stays.
    fn take_up_again(&mut self) {
        let mut idle = 0;
        while !self.state.clock.is_over() {
            let changed = self.changed();
            let patience = PATIENCE_LEAST.max(PATIENCE * changed.len() as u64);
            if changed.is_empty() || idle > patience {
                return;
            }
            idle += 1;
            let mut group: Vec<ClassId> = Vec::new();
            let n = 1 + self.state.search.rng.below(TOGETHER.min(changed.len()));
            while group.len() < n {
                let class = changed[self.state.search.rng.below(changed.len())];
                if !group.contains(&class) {
                    group.push(class);
                }
            }
            // Rooms change in longer chains, where times shall not.
            let longest = if self.changes.order() == Order::Published { DEEPEST } else { 1 };
            let (before, others) = (self.cost(), self.state.search.rng.below(longest + 1));
            let Some(was) = self.resolve(&group, others, true) else { continue };
            if self.cost() > before {
                self.put_all(was);
            } else if self.keep_if_best() {
                idle = 0;
            }
        }
    }
}
