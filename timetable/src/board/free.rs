//! Looking over the places of a class that is not placed: which of them break nothing, and what
//! they cost.

use super::Board;
use super::delta::Delta;
use super::pairs::{self, Move};
use super::resolved::ResolvedPlacement;
use crate::ids::*;
use crate::kind::Kind;
use crate::placement::Placement;

impl Board<'_> {
    /// Calls `f` with every placement of a class that breaks nothing hard beyond what is broken
    /// now, and with the change of the penalty. What depends on the time alone is found once for
    /// each time. Returns how many placements were looked at.
    ///
    /// # Panics
    /// Where the class is placed.
    pub fn for_each_free_place(&mut self, class: ClassId, mut f: impl FnMut(Placement, i64)) -> u64 {
        assert!(!self.placement(class).is_placed(), "a class that is not placed");
        let row = self.classes[class.index()];
        let by_room = self.looks_at_rooms(class);
        let mut looked = 0;
        for k in 0..row.times.len {
            looked += 1;
            if self.index.time_costs.forbids((row.times.first + k) as usize) {
                continue;
            }
            let at = Placement { time: k as u16, room: Placement::NO_ROOM };
            let here = self.resolve(class, at);
            let Some(by_time) = self.time_part(class, &here) else { continue };
            if !row.needs_room() {
                if let Some(d) = self.with_room(class, by_time, &here, &here, by_room) {
                    f(at, d.penalty);
                }
                continue;
            }
            for i in 0..row.rooms.len {
                let choice = (row.rooms.first + i) as usize;
                if self.index.room_costs.forbids(choice) {
                    continue;
                }
                let option = self.class_rooms[choice];
                let new = ResolvedPlacement { room: option.room, option: i as u16, ..here };
                looked += 1;
                if self.in_room(class, &new) + self.blocked(&new) > 0 {
                    continue;
                }
                if let Some(mut d) = self.with_room(class, by_time, &here, &new, by_room) {
                    d.penalty += self.index.room_costs.of(choice, option.penalty).penalty;
                    f(Placement { time: k as u16, room: i as u16 }, d.penalty);
                }
            }
        }
        looked
    }

    /// The difference with the room; none where that breaks something hard.
    #[inline]
    fn with_room(
        &mut self,
        class: ClassId,
        by_time: Delta,
        here: &ResolvedPlacement,
        new: &ResolvedPlacement,
        by_room: bool,
    ) -> Option<Delta> {
        let mut d = by_time;
        if by_room {
            self.add_room_part(class, here, new, &mut d);
        }
        (d.hard <= 0).then_some(d)
    }

    /// What a placement of a class costs by itself, whatever the others do.
    #[inline]
    pub fn unary_cost(&self, class: ClassId, at: Placement) -> i64 {
        let row = &self.classes[class.index()];
        let k = (row.times.first + u32::from(at.time)) as usize;
        let by_time = self.index.time_costs.of(k, self.class_times[k].penalty).penalty;
        if at.room == Placement::NO_ROOM {
            return by_time;
        }
        let k = (row.rooms.first + u32::from(at.room)) as usize;
        by_time + self.index.room_costs.of(k, self.class_rooms[k].penalty).penalty
    }

    /// Whether anything beside clashes in rooms depends on the class's room.
    fn looks_at_rooms(&self, class: ClassId) -> bool {
        let i = class.index();
        let travels = !self.travel.is_empty();
        let looks = |kind: Kind| match kind {
            Kind::SameAttendees => travels,
            Kind::RoomStability => true,
            kind => pairs::looks_at_rooms(kind),
        };
        (travels && !self.students.near.is_empty())
            || self.index.runs.of(i).iter().any(|run| looks(run.kind))
            || self.index.other_groups_of.of(i).iter().any(|&g| looks(self.index.groups[g as usize].kind))
    }

    /// The difference of holding the class then, in no room; none where that breaks something hard
    /// whatever the room.
    fn time_part(&mut self, class: ClassId, here: &ResolvedPlacement) -> Option<Delta> {
        let i = class.index();
        let mut d = Delta::default();
        let k = (self.classes[i].times.first + u32::from(here.time)) as usize;
        d.penalty = self.index.time_costs.of(k, self.class_times[k].penalty).penalty;
        self.clash_change(class, &ResolvedPlacement::NOWHERE, here, &mut d);
        if d.hard > 0 {
            return None;
        }
        let m = Move { old: &ResolvedPlacement::NOWHERE, new: here, same_time: false, same_room: false };
        for run in self.index.runs.of(i).iter().filter(|run| pairs::looks_at_times(run.kind)) {
            self.run_delta(run, m, &mut d);
            if run.hard && d.hard > 0 {
                return None;
            }
        }
        self.isolated_change(class, &ResolvedPlacement::NOWHERE, here, &mut d);
        self.changes_of_groups(class, m, pairs::looks_at_times, &mut d);
        if d.hard > 0 {
            return None;
        }
        self.student_change(class, m, &mut d);
        (d.hard <= 0).then_some(d)
    }

    /// What the room adds to that.
    fn add_room_part(&mut self, class: ClassId, here: &ResolvedPlacement, new: &ResolvedPlacement, d: &mut Delta) {
        let of_both = Move { old: here, new, same_time: true, same_room: false };
        let of_room = Move { old: &ResolvedPlacement::NOWHERE, ..of_both };
        for run in self.index.runs.of(class.index()).iter().filter(|run| pairs::looks_at_rooms(run.kind)) {
            let m = if pairs::looks_at_times(run.kind) { of_both } else { of_room };
            self.run_delta(run, m, d);
        }
        let of_rooms = |kind| !pairs::looks_at_times(kind) || kind == Kind::RoomStability;
        self.changes_of_groups(class, of_room, of_rooms, d);
        self.changes_of_groups(class, of_both, |kind| kind == Kind::SameAttendees, d);
        self.student_change(class, of_both, d);
    }
}
