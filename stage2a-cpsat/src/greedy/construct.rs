//! The first pass: each class goes where nothing is in the way and the penalty is least; a class
//! that has no such place waits.

use super::construction_state::ConstructionState;
use moves::{Changeable, Sample};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use timetable::{ClassId, Placement};

/// Of the free placements of a class, the penalty of this many is computed, those that look
/// cheapest by themselves.
const TRIED: usize = 24;
/// Free placements are counted up to this many.
const COUNTED: usize = 400;

impl ConstructionState<'_, '_> {
    /// Places what finds a free placement, the class with the fewest first.
    pub(super) fn construct(&mut self, groups: &[Vec<ClassId>]) {
        let mut free = Sample::new(COUNTED);
        self.unplaced.clear();
        for group in groups {
            // Counts only go down while classes are placed: the least in the heap is counted again,
            // and goes back if others are now fewer.
            let mut heap = BinaryHeap::new();
            for (rank, &class) in group.iter().enumerate() {
                if self.clock.is_over() {
                    break;
                }
                if !self.search.board.placement(class).is_placed() {
                    self.find_free(class, &mut free);
                    heap.push(Reverse((free.items.len() as u32, rank, class.0)));
                }
            }
            while let Some(Reverse((before, rank, class))) = heap.pop() {
                let class = ClassId(class);
                if self.clock.is_over() {
                    break;
                }
                self.find_free(class, &mut free);
                let now = free.items.len() as u32;
                let next = heap.peek().map_or(u32::MAX, |r| r.0.0);
                if now < before && now > next {
                    heap.push(Reverse((now, rank, class.0)));
                    continue;
                }
                if !self.place_cheapest(class, &mut free.items) {
                    self.unplaced.push(class);
                }
            }
        }
        if self.clock.is_over() {
            let unplaced = self.search.problem.class_ids().filter(|&c| !self.search.board.placement(c).is_placed());
            self.unplaced = unplaced.collect();
        }
        self.keep_if_best();
    }

    /// The free placements of a class (some of them, where they are many).
    fn find_free(&mut self, class: ClassId, free: &mut Sample<Placement>) {
        let looked = self.search.free_placements(class, free);
        self.scanned(looked);
    }

    /// Places a class at the one of these free placements that costs least, as far as they are
    /// tried.
    pub(super) fn place_cheapest(&mut self, class: ClassId, free: &mut [Placement]) -> bool {
        self.search.rng.shuffle(free);
        let problem = self.search.problem;
        let (times, rooms, meta) = (problem.times_of(class), problem.rooms_of(class), problem.meta());
        let alone = |p: &Placement| {
            let room = rooms.get(p.room as usize).map_or(0, |r| u64::from(r.penalty));
            u64::from(times[p.time as usize].penalty) * u64::from(meta.time_weight) + room * u64::from(meta.room_weight)
        };
        free.sort_by_key(alone);
        let mut best: Option<(i64, Placement, timetable::Delta)> = None;
        for &at in free.iter().take(TRIED) {
            let delta = self.search.board.delta(class, at);
            if delta.hard <= 0 && best.is_none_or(|b| delta.penalty < b.0) {
                best = Some((delta.penalty, at, delta));
            }
        }
        self.clock.count(free.len().min(TRIED) as u64);
        let Some((_, at, delta)) = best else { return false };
        self.search.commit(class, at, delta);
        true
    }
}
