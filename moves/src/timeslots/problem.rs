//! A timeslot problem as tables and bit rows.

use super::grid::Grid;
use super::lists::{Lists, Pairs};
use timetable::{Placement, Problem, Timetable};

/// No position in a list, no class, no room.
pub(super) const NOTHING: u16 = u16::MAX;
/// More than any sum of penalties: the weight of a hard rule about days.
pub(super) const HARD: i64 = 1 << 40;

/// Why a problem is not one that can be held, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(String);

impl Unfit {
    pub(super) fn new(why: impl Into<String>) -> Unfit {
        Unfit(why.into())
    }
}

/// Classes whose rooms are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoomGroup {
    /// Each room beyond the first costs so much (RoomStability).
    Beyond(i64),
    /// Each pair of classes in different rooms costs so much (SameRoom).
    Pairs(i64),
}

/// What the days of somebody cost: where to find the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follower {
    /// Where in `day_tables` the table of a day begins.
    pub(super) table: u32,
    /// Where in `used_tables` the table of the days used begins, or [`Follower::NONE`].
    pub(super) used: u32,
}

impl Follower {
    pub(super) const NONE: u32 = u32::MAX;
}

/// A timeslot problem.
#[derive(Clone, Debug)]
pub struct SlotProblem {
    pub(super) grid: Grid,
    pub(super) classes: usize,
    pub(super) rooms: usize,
    /// Words of a bit row over classes.
    pub(super) words: usize,
    /// By class and slot: the position in its list of times, or [`NOTHING`].
    pub(super) time_at: Vec<u16>,
    /// By class and room: the position in its list of rooms, or [`NOTHING`].
    pub(super) room_at: Vec<u16>,
    /// By class: the slots that it may have.
    pub(super) slots: Vec<u64>,
    /// By class: the rooms that it may have; none for one that needs none.
    pub(super) suitable: Vec<u64>,
    /// By slot: the rooms that are open.
    pub(super) open: Vec<u64>,
    /// By class: a bit row of those that it must not meet.
    pub(super) clash: Vec<u64>,
    /// By class: those that have to come before it, and after it.
    pub(super) before: Lists,
    pub(super) after: Lists,
    /// By class: those that must not be held on the same day.
    pub(super) apart: Lists,
    /// By class and slot, where any costs: the weighted penalty.
    pub(super) time_cost: Vec<i32>,
    /// By class and room, where any costs: the weighted penalty.
    pub(super) room_cost: Vec<i32>,
    /// Groups by whose rooms something is counted; by class, those that it is in.
    pub(super) groups: Vec<RoomGroup>,
    pub(super) groups_of: Lists,
    /// By class: those with which it costs something to share a slot, and a day.
    pub(super) in_slot: Pairs,
    pub(super) in_day: Pairs,
    /// Students, teachers, curricula: who is in several classes, never in two at once; by class,
    /// who is in it.
    pub(super) followers: Vec<Follower>,
    pub(super) followers_of: Lists,
    pub(super) day_tables: Vec<i64>,
    pub(super) used_tables: Vec<i64>,
    /// Whether any table holds a hard rule.
    pub(super) hard_days: bool,
    /// The only way to enrol the students.
    pub(super) enrolment: Vec<u32>,
}

impl SlotProblem {
    /// A problem by its structure.
    ///
    /// # Errors
    /// What it has that is not of a timeslot problem, or cannot be held.
    pub fn of(problem: &Problem) -> Result<SlotProblem, Unfit> {
        super::gather::gather(problem)
    }

    /// About the most bytes that [`of`](SlotProblem::of) takes, and what comes of it.
    pub fn max_bytes(problem: &Problem) -> u64 {
        super::gather::most_bytes(problem)
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many slots a week has.
    pub fn slots(&self) -> usize {
        self.grid.slots()
    }

    /// Whether rooms cost anything.
    pub fn rooms_cost(&self) -> bool {
        !self.room_cost.is_empty() || !self.groups.is_empty()
    }

    #[inline(always)]
    pub(super) fn clashes(&self, class: usize) -> &[u64] {
        &self.clash[class * self.words..(class + 1) * self.words]
    }

    #[inline(always)]
    pub(super) fn time_cost(&self, class: usize, slot: usize) -> i64 {
        if self.time_cost.is_empty() { 0 } else { i64::from(self.time_cost[class * self.grid.slots() + slot]) }
    }

    #[inline(always)]
    pub(super) fn room_cost(&self, class: usize, room: usize) -> i64 {
        if self.room_cost.is_empty() { 0 } else { i64::from(self.room_cost[class * self.rooms + room]) }
    }

    /// A timetable's slot and room of a class, where it has them.
    pub(super) fn place_of(
        &self,
        problem: &Problem,
        timetable: &Timetable,
        class: usize,
    ) -> Option<(usize, Option<usize>)> {
        let at = timetable.placements[class];
        if !at.is_placed() {
            return None;
        }
        let row = &problem.classes()[class];
        let time = problem.class_times()[row.times.range()][usize::from(at.time)].time();
        let slot = self.grid.slot_of(&problem.times()[time.index()]);
        let room = (at.room != Placement::NO_ROOM)
            .then(|| problem.class_rooms()[row.rooms.range()][usize::from(at.room)].room as usize);
        Some((slot, room))
    }
}
