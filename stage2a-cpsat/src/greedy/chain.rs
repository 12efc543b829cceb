//! Ejection chains: a class without a free placement takes the one whose occupants have been the easiest to place so far; these wait.

use super::desk::Desk;
use timetable::{ClassId, Placement, Ways};

/// Ties are kept up to this many, to choose among them.
const TIES: usize = 16;

/// A placement taken from a class is not taken back by it for this many rounds, and as many again by chance.
const TENURE: u64 = 6;

/// One round in so many goes anywhere instead, so that no circle closes.
const STRAY: usize = 300;

/// After so many rounds without a better timetable, and so many for each class, what waits is given up: the time is worth more to the
/// stages that follow.
const PATIENCE: u64 = 100_000;
const PATIENCE_PER_CLASS: u64 = 100;

impl Desk<'_, '_> {
    /// Goes on until nothing waits or the budget is spent.
    pub(super) fn chain(&mut self) {
        let n = self.problem.classes().len();
        let patience = PATIENCE + PATIENCE_PER_CLASS * n as u64;
        // By class: the last time of the day that it was driven out of, and the round until which it does not go back.
        let mut barred = vec![(u16::MAX, u16::MAX, 0u64); n];
        let mut ties: Vec<Placement> = Vec::new();
        let mut out = Vec::new();
        let mut hopeless = Vec::new();
        let (mut round, mut better) = (0u64, 0u64);
        while !self.waiting.is_empty() && !self.clock.is_over() && round - better < patience {
            round += 1;
            let class = self.next_waiting();
            let bar = barred[class.index()];
            let least = self.find_least(class, (bar.2 > round).then_some(bar), &mut ties);
            if ties.is_empty() {
                if round < bar.2 {
                    barred[class.index()].2 = 0;
                    self.waiting.push(class);
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
            better = if self.keep_if_best() { round } else { better };
        }
        self.waiting.append(&mut hopeless);
    }

    /// Some of the placements of a class where the weights of what is in the way are least, or, now and then, of all; tells the weights.
    fn find_least(&mut self, class: ClassId, bar: Option<(u16, u16, u64)>, ties: &mut Vec<Placement>) -> u32 {
        ties.clear();
        let stray = self.luck.below(STRAY) == 0;
        let (mut least, mut seen, luck) = (Ways::NEVER - 1, 0usize, &mut self.luck);
        let looked = self.ways.scan(&mut self.board, class, least, |at, cost| {
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
                let k = luck.below(seen);
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
    fn next_waiting(&mut self) -> ClassId {
        let k = self.luck.below(self.waiting.len());
        self.waiting.swap_remove(k)
    }
}
