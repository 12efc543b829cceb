//! One class goes elsewhere, alone or in exchange with another.

use super::chain::Chain;
use crate::{Step, below16};
use timetable::{ClassId, Placement, RoomId};

impl Chain<'_> {
    /// A random other placement: another time, another room, or both.
    #[inline]
    pub(super) fn target(&self, class: ClassId, from: Placement, step: &Step) -> Placement {
        let row = &self.board.problem().classes()[class.index()];
        let (times, rooms) = (row.times.len as usize, row.rooms.len as usize);
        let mut to = from;
        let what = u32::from(step.what);
        let only_room = rooms > 1 && (times == 1 || what < self.mix.room);
        if !only_room {
            to.time = below16(step.time, times) as u16;
        }
        if rooms > 1 && (only_room || what >= self.mix.time) {
            to.room = below16(step.room, rooms) as u16;
        }
        to
    }

    /// A room of the class in which nobody is at that time, looked for from a random one on.
    pub(super) fn free_room(&mut self, class: ClassId, at: Placement) -> Option<u16> {
        const LOOKS: usize = 16;
        let n = self.board.problem().classes()[class.index()].rooms.len as usize;
        let first = self.draws.below(n);
        (0..n.min(LOOKS))
            .map(|k| ((first + k) % n) as u16)
            .find(|&room| !self.is_taken(class, Placement { room, ..at }))
    }

    /// Whether somebody else is in the room at that time.
    pub(super) fn is_taken(&self, class: ClassId, at: Placement) -> bool {
        let mut taken = false;
        if at.room != Placement::NO_ROOM {
            self.board.for_each_in_room(class, at, |_| taken = true);
        }
        taken
    }

    /// The class goes there.
    pub(super) fn single(&mut self, class: ClassId, to: Placement, threshold: i64) -> Option<i64> {
        let (weights, limit) = (self.weights, threshold + self.weights.slack);
        let delta = self.board.delta_unless(class, to, |d| weights.cost(d) > limit)?;
        let cost = self.weights.cost(&delta);
        if cost > threshold {
            return Some(cost);
        }
        if delta.worsens() {
            self.incumbent.store(&self.board);
        }
        self.board.commit(class, to, delta);
        self.incumbent.class_changed(class);
        self.accept();
        Some(cost)
    }

    /// The class goes where another is, and that one to where the class was, as far as its own
    /// times and rooms allow.
    pub(super) fn swap(
        &mut self,
        class: ClassId,
        from: Placement,
        to: Placement,
        other: ClassId,
        threshold: i64,
    ) -> Option<i64> {
        let problem = self.board.problem();
        let old = self.board.placement(other);
        let time = problem.times_of(class)[from.time as usize].time;
        let mut there = old;
        let time_fits = self.domains.time(other, time);
        if let Some(t) = time_fits {
            there.time = t;
        }
        let mut room_fits = None;
        if from.room != Placement::NO_ROOM && old.room != Placement::NO_ROOM {
            let room = problem.rooms_of(class)[from.room as usize].room;
            room_fits = self.domains.room(other, room);
            if let Some(r) = room_fits {
                there.room = r;
            }
        }
        if time_fits.is_none() || room_fits.is_none() {
            // It cannot go there: anywhere else.
            let wanted = there;
            let step = self.draws.further();
            there = self.target(other, old, &step);
            if time_fits.is_some() && step.how & 1 == 0 {
                there.time = wanted.time;
            } else if room_fits.is_some() && step.how & 2 == 0 {
                there.room = wanted.room;
            }
            if there == old {
                return None;
            }
        }
        if let Some(mine) = self.board.clash_delta(class, to, Some(other))
            && let Some(theirs) = self.board.clash_delta(other, there, Some(class))
            && i64::from(mine + theirs) * self.weights.hard > threshold + self.weights.slack
        {
            return None;
        }
        // The other's place in the room is all that may be violated at first.
        let weights = self.weights;
        let room = RoomId(problem.rooms_of(class)[to.room as usize].room);
        let limit = threshold + weights.slack + weights.hard * i64::from(self.board.room_weight(room));
        let first = self.board.delta_unless(class, to, |d| weights.cost(d) > limit)?;
        self.incumbent.store(&self.board);
        self.board.commit(class, to, first);
        let second = self.board.delta(other, there);
        let cost = self.weights.cost(&(first + second));
        if cost > threshold {
            self.board.commit(class, from, -first);
            return Some(cost);
        }
        self.board.commit(other, there, second);
        self.incumbent.class_changed(class);
        self.incumbent.class_changed(other);
        self.accept();
        Some(cost)
    }

    /// Tries a place for an unplaced class.
    pub(super) fn place_unplaced(&mut self, i: usize, threshold: i64) -> Option<i64> {
        let class = ClassId(self.unplaced[i]);
        let best = if self.mix.eject > 0 { self.best_place(class) } else { None };
        let row = &self.board.problem().classes()[class.index()];
        let rooms = row.rooms.len as usize;
        let to = best.unwrap_or_else(|| Placement {
            time: self.draws.below(row.times.len as usize) as u16,
            room: if rooms == 0 { Placement::NO_ROOM } else { self.draws.below(rooms) as u16 },
        });
        let mut cost = self.single(class, to, threshold);
        if self.mix.eject > 0 && !self.board.placement(class).is_placed() {
            self.chain.clear();
            self.chain.push((class, to));
            cost = self.eject(threshold);
        }
        if self.board.placement(class).is_placed() {
            self.unplaced.swap_remove(i);
        }
        cost
    }
}
