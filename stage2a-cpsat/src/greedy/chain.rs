//! Ejection chains: a class without a free placement takes the one whose occupants have been the
//! easiest to place so far; these wait.

use super::construction_state::ConstructionState;
use timetable::{ClassId, ConflictTable, Placement};

/// Ties are kept up to this many, to choose among them.
const TIES: usize = 16;

/// A placement taken from a class is not taken back by it for this many rounds, and as many again
/// by chance.
const TENURE: u64 = 6;

/// One round in so many goes anywhere instead, so that no circle closes.
const STRAY: usize = 300;

/// After so many rounds without a better timetable, and so many for each class, what waits is given
/// up: the time is worth more to the stages that follow.
const PATIENCE: u64 = 100_000;
const PATIENCE_PER_CLASS: u64 = 100;

impl ConstructionState<'_, '_> {
    /// Goes on until nothing waits or the budget is spent.
    pub(super) fn chain(&mut self) {
        let n = self.problem.classes().len();
        let patience = PATIENCE + PATIENCE_PER_CLASS * n as u64;
        // By class: the last time of the day that it was driven out of, and the round until which
        // it does not go back.
        let mut barred = vec![(u16::MAX, u16::MAX, 0u64); n];
        let mut ties: Vec<Placement> = Vec::new();
        let mut out = Vec::new();
        let mut hopeless = Vec::new();
        let (mut round, mut better) = (0u64, 0u64);
        while !self.unplaced.is_empty() && !self.clock.is_over() && round - better < patience {
            round += 1;
            let class = self.next_unplaced();
            let bar = barred[class.index()];
            let least = self.find_least(class, (bar.2 > round).then_some(bar), &mut ties);
            if ties.is_empty() {
                if round < bar.2 {
                    barred[class.index()].2 = 0;
                    self.unplaced.push(class);
                } else {
                    // Nothing that can be taken away would help.
                    hopeless.push(class);
                }
                continue;
            }
            if (least == 0 && self.place_cheapest(class, &mut ties)) || self.make_room(class) {
                better = if self.keep_if_best() { round } else { better };
                continue;
            }
            let weight = self.conflicts.weight(class);
            self.conflicts.set_weight(&self.board, class, weight + 1);
            let at = ties[self.rng.below(ties.len())];
            let conflicts = &self.conflicts;
            self.board.conflicting_classes_by_weight(class, at, &|c| conflicts.weight(ClassId(c)), &mut out);
            let before = self.board.score().hard;
            for &c in &out {
                let was = self.board.placement(c);
                let until = round + TENURE + self.rng.below(TENURE as usize) as u64;
                barred[c.index()] = (was.time, was.room, until);
                self.take_away(c);
            }
            self.conflicts.apply(&mut self.board, class, at);
            if self.board.score().hard > before {
                self.take_away(class);
                barred[class.index()] = (at.time, at.room, round + 100);
            }
            better = if self.keep_if_best() { round } else { better };
        }
        self.unplaced.append(&mut hopeless);
    }

    /// Some of the placements of a class where the weights of what is in the way are least, or, now
    /// and then, of all; tells the weights.
    fn find_least(&mut self, class: ClassId, bar: Option<(u16, u16, u64)>, ties: &mut Vec<Placement>) -> u32 {
        ties.clear();
        let stray = self.rng.below(STRAY) == 0;
        let (mut least, mut seen, rng) = (ConflictTable::IMPOSSIBLE - 1, 0usize, &mut self.rng);
        let looked = self.conflicts.scan(&mut self.board, class, least, |at, cost| {
            if cost > 0 && bar.is_some_and(|b| (at.time, at.room) == (b.0, b.1)) {
                return least;
            }
            if cost < least && !stray {
                (least, seen) = (cost, 0);
                ties.clear();
            }
            seen += 1;
            if ties.len() < TIES {
                ties.push(at);
            } else {
                let k = rng.below(seen);
                if k < TIES {
                    ties[k] = at;
                }
            }
            least
        });
        self.scanned(looked);
        least
    }

    /// The class to be placed next.
    fn next_unplaced(&mut self) -> ClassId {
        let k = self.rng.below(self.unplaced.len());
        self.unplaced.swap_remove(k)
    }
}
