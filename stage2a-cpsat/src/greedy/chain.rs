//! Ejection chains: a class without a free placement takes the one whose occupants have been the
//! easiest to place so far; these wait.

use super::construction_state::ConstructionState;
use moves::{Changeable, Sample, Tabu};
use timetable::ClassId;

/// Ties are kept up to this many, to choose among them.
const TIES: usize = 16;

/// A placement taken from a class is not taken back by it for this many rounds, and as many again
/// by chance.
const TENURE: u64 = 6;

/// After so many rounds without a better timetable, and so many for each class, what waits is given
/// up: the time is worth more to the stages that follow.
const PATIENCE: u64 = 100_000;
const PATIENCE_PER_CLASS: u64 = 100;

impl ConstructionState<'_, '_> {
    /// Goes on until nothing waits or the budget is spent.
    pub(super) fn chain(&mut self) {
        let n = self.search.problem.classes().len();
        let patience = PATIENCE + PATIENCE_PER_CLASS * n as u64;
        // Where each class was last driven out of.
        let mut tabu = Tabu::new(n);
        let mut ties = Sample::new(TIES);
        let mut out = Vec::new();
        let mut hopeless = Vec::new();
        let (mut round, mut better) = (0u64, 0u64);
        while !self.unplaced.is_empty() && !self.clock.is_over() && round - better < patience {
            round += 1;
            let class = self.next_unplaced();
            let bar = tabu.barred(class, round);
            let strays = self.search.strays();
            let skip = |at, weights| weights > 0 && bar == Some(at);
            let (least, looked) = self.search.least_in_the_way(class, strays, None, skip, &mut ties);
            self.scanned(looked);
            if ties.items.is_empty() {
                if tabu.lift(class, round) {
                    self.unplaced.push(class);
                } else {
                    // Nothing that can be taken away would help.
                    hopeless.push(class);
                }
                continue;
            }
            if (least == 0 && self.place_cheapest(class, &mut ties.items)) || self.make_room(class) {
                better = if self.keep_if_best() { round } else { better };
                continue;
            }
            self.search.make_heavier(class);
            let at = ties.items[self.search.rng.below(ties.items.len())];
            self.search.in_the_way(class, at, &mut out);
            let before = self.search.board.score().hard;
            for &c in &out {
                let was = self.search.board.placement(c);
                let until = round + TENURE + self.search.rng.below(TENURE as usize) as u64;
                tabu.bar(c, was, until);
                self.take_away(c);
            }
            self.search.put(class, at);
            if self.search.board.score().hard > before {
                self.take_away(class);
                tabu.bar(class, at, round + 100);
            }
            better = if self.keep_if_best() { round } else { better };
        }
        self.unplaced.append(&mut hopeless);
    }

    /// The class to be placed next.
    fn next_unplaced(&mut self) -> ClassId {
        let k = self.search.rng.below(self.unplaced.len());
        self.unplaced.swap_remove(k)
    }
}
