//! Classes in conflict move to where they conflict least.

use crate::repair_state::RepairState;
use timetable::{ClassId, ConflictTable, Delta, Placement};

/// Of the placements with the least in the way, the exact difference of this many is computed.
const TRIED: usize = 12;
/// One move in so many goes anywhere instead, so that no circle closes.
const STRAY: usize = 300;
/// A placement that a class left is barred for this many rounds, and as many again by chance.
const TENURE: u64 = 8;

impl RepairState<'_, '_> {
    /// Goes on until the timetable is valid, the budget is spent, or nothing is left to try.
    pub(crate) fn repair(&mut self) {
        loop {
            self.find_conflicts();
            let idle = self.repair_enrolment() + self.repair_classes() == 0;
            self.keep_if_best();
            if self.best_score.is_valid() || self.clock.is_over() || idle {
                return;
            }
        }
    }

    /// Moves suspects until none is left or the budget is spent; tells how often a class moved.
    fn repair_classes(&mut self) -> u64 {
        let mut moved = 0;
        let mut fruitless = 0;
        while !self.clock.is_over() && !self.in_conflict.classes().is_empty() {
            self.round += 1;
            let k = self.rng.below(self.in_conflict.classes().len());
            let class = self.in_conflict.classes()[k];
            self.clock.count(1);
            if !self.is_in_conflict(class) {
                self.in_conflict.remove(class);
                continue;
            }
            if self.move_class(class) {
                moved += 1;
                self.moved += 1;
                fruitless = 0;
                self.keep_if_best();
                if self.best_score.is_valid() {
                    break;
                }
            } else {
                fruitless += 1;
                if fruitless > 4 * self.in_conflict.classes().len() {
                    // Whoever is left has nowhere to go.
                    let all: Vec<ClassId> = self.in_conflict.classes().to_vec();
                    all.into_iter().for_each(|c| self.in_conflict.remove(c));
                }
            }
        }
        moved
    }

    /// Whether there would be less trouble without the class, or it is not placed.
    pub(crate) fn is_in_conflict(&mut self, class: ClassId) -> bool {
        !self.board.placement(class).is_placed() || self.board.delta(class, Placement::NOWHERE).hard < 0
    }

    /// Moves a class to the best of its placements but the one it has; `false` where there is none.
    fn move_class(&mut self, class: ClassId) -> bool {
        let was = self.board.placement(class);
        let away = self.conflicts.apply(&mut self.board, class, Placement::NOWHERE);
        let stray = self.rng.below(STRAY) == 0;
        let ties = self.least_in_the_way(class, was, stray);
        let home = self.homes.get(class.index()).copied();
        let mut best: Option<((i32, bool, i64), Placement, Delta)> = None;
        for &at in &ties {
            let delta = self.board.delta(class, at);
            let key = (delta.hard, home.is_some_and(|home| home != at), delta.penalty);
            if best.is_none_or(|b| key < b.0) {
                best = Some((key, at, delta));
            }
        }
        self.clock.count(ties.len() as u64);
        let Some((_, to, delta)) = best else {
            self.conflicts.apply(&mut self.board, class, was);
            return false;
        };
        let mut out = Vec::new();
        let conflicts = &self.conflicts;
        self.board.conflicting_classes_by_weight(class, to, &|c| conflicts.weight(ClassId(c)), &mut out);
        if away.hard + delta.hard >= 0 && delta.hard > 0 && !out.is_empty() {
            // No better than before: one of those in the way is to be avoided more.
            let heavier = out[self.rng.below(out.len())];
            let weight = self.conflicts.weight(heavier);
            self.conflicts.set_weight(&self.board, heavier, weight + 1);
        }
        self.conflicts.commit(&mut self.board, class, to, delta);
        if was.is_placed() {
            let tenure = TENURE + self.rng.below(TENURE as usize) as u64;
            self.barred[class.index()] = (was, self.round + tenure);
        }
        out.into_iter().for_each(|c| self.in_conflict.add(c));
        if delta.hard <= 0 {
            self.in_conflict.remove(class);
        }
        true
    }

    /// Some of the placements of an absent class with the least in the way; of all its placements
    /// where it is to `stray`.
    fn least_in_the_way(&mut self, class: ClassId, was: Placement, stray: bool) -> Vec<Placement> {
        let (bar, round) = (self.barred[class.index()], self.round);
        let home = self.homes.get(class.index()).copied();
        let mut ties: Vec<Placement> = Vec::with_capacity(TRIED);
        let (mut least, mut seen, rng) = (ConflictTable::IMPOSSIBLE - 1, 0usize, &mut self.rng);
        let looked = self.conflicts.scan(&mut self.board, class, least, |at, cost| {
            if at == was || (cost > 0 && at == bar.0 && round < bar.1) {
                return least;
            }
            if cost < least && !stray {
                (least, seen) = (cost, 0);
                ties.clear();
            }
            seen += 1;
            let room = if stray { 1 } else { TRIED };
            if ties.len() < room {
                ties.push(at);
            } else if !stray && home == Some(at) {
                ties[0] = at;
            } else {
                let k = rng.below(seen);
                if k < room {
                    ties[k] = at;
                }
            }
            least
        });
        self.clock.count(looked);
        ties
    }
}
