//! Which classes are placed, when and where, and what their chosen times and rooms cost.

use super::report::{Report, Violation};
use crate::ids::*;
use crate::placement::{Placement, Timetable};
use crate::problem::Problem;
use crate::rows::TimeRow;
use crate::score::Rule;

/// A class that is placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Assigned {
    pub(super) class: ClassId,
    pub(super) time_id: TimeId,
    pub(super) time: TimeRow,
    pub(super) room: Option<RoomId>,
}

/// A time and, where there is one, a room.
#[derive(Clone, Copy, Debug)]
pub struct Meeting<'a> {
    /// When.
    pub time: &'a TimeRow,
    /// Where.
    pub room: Option<RoomId>,
}

impl Assigned {
    pub(super) fn meeting(&self) -> Meeting<'_> {
        Meeting { time: &self.time, room: self.room }
    }
}

/// By class; `None` where it is not placed, or its placement does not fit it.
pub(super) fn all(problem: &Problem, timetable: &Timetable) -> Vec<Option<Assigned>> {
    problem.class_ids().map(|class| assigned(problem, timetable, class)).collect()
}

/// One of them.
pub(super) fn assigned(problem: &Problem, timetable: &Timetable, class: ClassId) -> Option<Assigned> {
    let at = *timetable.placements.get(class.index())?;
    let time_id = problem.times_of(class).get(usize::from(at.time))?.time();
    let rooms = problem.rooms_of(class);
    let room = match (rooms.is_empty(), at.room) {
        (true, Placement::NO_ROOM) => None,
        (true, _) => return None,
        (false, position) => Some(RoomId(rooms.get(usize::from(position))?.room)),
    };
    Some(Assigned { class, time_id, time: problem.times()[time_id.index()], room })
}

/// A week and a day in common.
pub(super) fn share_a_day(a: &TimeRow, b: &TimeRow) -> bool {
    a.weeks & b.weeks != 0 && a.days & b.days != 0
}

/// A week, a day and a slot in common.
pub(super) fn overlap(a: &TimeRow, b: &TimeRow) -> bool {
    share_a_day(a, b) && a.start < b.end && b.start < a.end
}

/// Whether one can attend both: on days in common, the earlier ends, with the walk from its room to
/// that of the later, before the later starts. There is no walk within a room, and none where
/// either has no room.
pub fn can_attend_both(problem: &Problem, a: Meeting<'_>, b: Meeting<'_>) -> bool {
    if !share_a_day(a.time, b.time) {
        return true;
    }
    let walk = |from: Meeting<'_>, to: Meeting<'_>| match (from.room, to.room) {
        (Some(r), Some(s)) if r != s => u32::from(problem.travel_between(r, s)),
        _ => 0,
    };
    let in_time = |x: Meeting<'_>, y: Meeting<'_>| u32::from(x.time.end) + walk(x, y) <= u32::from(y.time.start);
    in_time(a, b) || in_time(b, a)
}

/// [`Rule::Unplaced`], [`Rule::TimePenalty`] and [`Rule::RoomPenalty`].
pub(super) fn check(problem: &Problem, timetable: &Timetable, assigned: &[Option<Assigned>], report: &mut Report) {
    let meta = problem.meta();
    for class in problem.class_ids() {
        let Some(at) = assigned[class.index()] else {
            report.unplaced(class);
            continue;
        };
        let chosen = timetable.placements[class.index()];
        let time = problem.times_of(class)[usize::from(chosen.time)].penalty;
        let room = at.room.map_or(0, |_| problem.rooms_of(class)[usize::from(chosen.room)].penalty);
        for (rule, weight, penalty) in
            [(Rule::TimePenalty, meta.time_weight, time), (Rule::RoomPenalty, meta.room_weight, room)]
        {
            if penalty > 0 {
                let cost = i64::from(weight) * i64::from(penalty);
                report.soft(&Violation::new(rule, vec![class], i64::from(penalty)), cost);
            }
        }
    }
}
