//! Classes in conflict move to where they conflict least.

use crate::repair_state::RepairState;
use moves::{Changeable, Sample};
use timetable::{ClassId, Delta, Placement};

/// Of the placements with the least in the way, the exact difference of this many is computed.
const TRIED: usize = 12;
/// A placement that a class left is barred for this many rounds, and as many again by chance.
const TENURE: u64 = 8;

impl RepairState<'_, '_> {
    /// Goes on until the timetable is valid, the budget is spent, or nothing is left to try.
    pub(crate) fn repair(&mut self) {
        loop {
            self.find_conflicts();
            let idle = self.repair_enrolment() + self.repair_classes() == 0;
            self.keep_if_best();
            if self.search.incumbent.score().is_valid() || self.clock.is_over() || idle {
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
            let k = self.search.rng.below(self.in_conflict.classes().len());
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
                if self.search.incumbent.score().is_valid() {
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
        !self.search.board.placement(class).is_placed() || self.search.board.delta(class, Placement::NOWHERE).hard < 0
    }

    /// Moves a class to the best of its placements but the one it has; `false` where there is none.
    fn move_class(&mut self, class: ClassId) -> bool {
        let was = self.search.board.placement(class);
        let away = self.search.put(class, Placement::NOWHERE);
        let home = self.homes.get(class.index()).copied();
        let bar = self.tabu.barred(class, self.round);
        let strays = self.search.strays();
        let mut ties = Sample::new(if strays { 1 } else { TRIED });
        let skip = |at, weights| at == was || (weights > 0 && bar == Some(at));
        let (_, looked) = self.search.least_in_the_way(class, strays, home, skip, &mut ties);
        self.clock.count(looked);
        let ties = ties.items;
        let mut best: Option<((i32, bool, i64), Placement, Delta)> = None;
        for &at in &ties {
            let delta = self.search.board.delta(class, at);
            let key = (delta.hard, home.is_some_and(|home| home != at), delta.penalty);
            if best.is_none_or(|b| key < b.0) {
                best = Some((key, at, delta));
            }
        }
        self.clock.count(ties.len() as u64);
        let Some((_, to, delta)) = best else {
            self.search.put(class, was);
            return false;
        };
        let mut out = Vec::new();
        self.search.in_the_way(class, to, &mut out);
        if away.hard + delta.hard >= 0 && delta.hard > 0 && !out.is_empty() {
            // No better than before: one of those in the way is to be avoided more.
            let heavier = out[self.search.rng.below(out.len())];
            self.search.make_heavier(heavier);
        }
        self.search.commit(class, to, delta);
        if was.is_placed() {
            let tenure = TENURE + self.search.rng.below(TENURE as usize) as u64;
            self.tabu.bar(class, was, self.round + tenure);
        }
        out.into_iter().for_each(|c| self.in_conflict.add(c));
        if delta.hard <= 0 {
            self.in_conflict.remove(class);
        }
        true
    }
}
