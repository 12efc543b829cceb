//! The rows of a problem block: plain integers, no padding, the same in memory, on disk and on a
//! device.

use crate::ids::{NONE, TimeId};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

macro_rules! row {
    ($(#[$doc:meta])* pub struct $name:ident { $($(#[$fdoc:meta])* pub $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
        #[repr(C)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty),* }
    };
}

row!(
    /// `len` consecutive rows of another section, from `first` on.
    #[derive(Default)]
    pub struct Span {
        /// Index of the first row.
        pub first: u32,
        /// Number of rows.
        pub len: u32,
    }
);

impl Span {
    /// As a range for slicing.
    #[inline(always)]
    pub fn range(self) -> std::ops::Range<usize> {
        self.first as usize..self.first as usize + self.len as usize
    }

    /// The indexes covered.
    #[inline(always)]
    pub fn indexes(self) -> std::ops::Range<u32> {
        self.first..self.first + self.len
    }
}

row!(
    /// The calendar, the weights of the penalty's parts, and where the problem came from. One row.
    pub struct MetaRow {
        /// Weeks in the calendar, 1 to 64.
        pub weeks: u32,
        /// Days in a week, 1 to 16.
        pub days: u32,
        /// Slots in a day, 1 to 65,535.
        pub slots: u32,
        /// Factor of the penalties of chosen times.
        pub time_weight: u32,
        /// Factor of the penalties of chosen rooms.
        pub room_weight: u32,
        /// Factor of the penalties of violated soft constraints.
        pub distribution_weight: u32,
        /// Factor of the number of student conflicts.
        pub student_weight: u32,
        /// 1 where a student conflict is a hard violation instead (PE-CTT), otherwise 0.
        pub student_conflicts_hard: u32,
        /// The input's format, see [`Format`](crate::Format).
        pub format: u32,
        /// Always 0.
        pub reserved: u32,
        /// The problem's name, in the section of names.
        pub name: Span,
    }
);

row!(
    /// A distinct time.
    #[derive(Hash)]
    pub struct TimeRow {
        /// Bit `w` set: held in week `w` (week 0 is the first).
        pub weeks: u64,
        /// Bit `d` set: held on day `d` of these weeks (day 0 is the first).
        pub days: u16,
        /// First slot of the day.
        pub start: u16,
        /// The slot after the last.
        pub end: u16,
        /// Always 0.
        pub pad: u16,
    }
);

impl TimeRow {
    /// The whole of a calendar.
    pub fn always(calendar: &MetaRow) -> TimeRow {
        TimeRow {
            weeks: u64::MAX >> (64 - calendar.weeks),
            days: u16::MAX >> (16 - calendar.days),
            start: 0,
            end: calendar.slots as u16,
            pad: 0,
        }
    }

    /// Slots taken on each of its days.
    #[inline(always)]
    pub fn length(&self) -> u16 {
        self.end - self.start
    }

    /// A week and a day in common.
    #[inline(always)]
    pub fn shares_day(&self, other: &TimeRow) -> bool {
        (self.weeks & other.weeks != 0) & (self.days & other.days != 0)
    }

    /// A week, a day and a slot in common.
    #[inline(always)]
    pub fn overlaps(&self, other: &TimeRow) -> bool {
        self.shares_day(other) & (self.start < other.end) & (other.start < self.end)
    }
}

row!(
    /// A room.
    pub struct RoomRow {
        /// Its name, in the section of names.
        pub name: Span,
        /// Seats.
        pub capacity: u32,
        /// Rows of `room_unavailable` (time ids) when it cannot be used.
        pub unavailable: Span,
        /// Rows of `room_features` (names).
        pub features: Span,
    }
);

row!(
    /// A class.
    pub struct ClassRow {
        /// Its name, in the section of names.
        pub name: Span,
        /// The subpart that it belongs to.
        pub subpart: u32,
        /// The class that its students must take, too, or [`NONE`].
        pub parent: u32,
        /// Most students, or [`NONE`] for no limit.
        pub limit: u32,
        /// Rows of `class_times`: when it can be held, at least one.
        pub times: Span,
        /// Rows of `class_rooms`: where it can be held; empty where it needs no room.
        pub rooms: Span,
    }
);

impl ClassRow {
    /// Whether it must be held in a room.
    #[inline(always)]
    pub fn needs_room(&self) -> bool {
        self.rooms.len != 0
    }

    /// Most students, if limited.
    pub fn limit(&self) -> Option<u32> {
        (self.limit != NONE).then_some(self.limit)
    }
}

row!(
    /// One time at which a class can be held.
    pub struct TimeOption {
        /// The time.
        pub time: u32,
        /// Its penalty, before the weight.
        pub penalty: u32,
    }
);

impl TimeOption {
    /// The time, typed.
    #[inline(always)]
    pub fn time(&self) -> TimeId {
        TimeId(self.time)
    }
}

row!(
    /// One room in which a class can be held.
    pub struct RoomOption {
        /// The room.
        pub room: u32,
        /// Its penalty, before the weight.
        pub penalty: u32,
    }
);

row!(
    /// A course.
    pub struct CourseRow {
        /// Its name, in the section of names.
        pub name: Span,
        /// Its configurations, of which a student takes one.
        pub configs: Span,
    }
);

row!(
    /// A configuration of a course.
    pub struct ConfigRow {
        /// Its name, in the section of names.
        pub name: Span,
        /// The course.
        pub course: u32,
        /// Its subparts, of each of which a student takes one class.
        pub subparts: Span,
    }
);

row!(
    /// A subpart of a configuration.
    pub struct SubpartRow {
        /// Its name, in the section of names.
        pub name: Span,
        /// The configuration.
        pub config: u32,
        /// Its classes.
        pub classes: Span,
    }
);

row!(
    /// A constraint.
    pub struct ConstraintRow {
        /// Its name (a teacher, a curriculum), in the section of names; may be empty.
        pub name: Span,
        /// The [`Kind`](crate::Kind), as a number.
        pub kind: u32,
        /// 1 where it must hold, 0 where a violation costs `penalty`.
        pub hard: u32,
        /// Cost of a violation of 1, before the weight; 0 where hard.
        pub penalty: u32,
        /// The kind's parameters, unused ones 0.
        pub params: [u32; 3],
        /// Rows of `constraint_classes` (class ids, in the order given).
        pub classes: Span,
        /// Rows of `constraint_times` (time ids), for the kinds that name times.
        pub times: Span,
    }
);

row!(
    /// A student.
    pub struct StudentRow {
        /// Their name, in the section of names.
        pub name: Span,
        /// Rows of `requests`: the courses they take.
        pub requests: Span,
    }
);

row!(
    /// One course that one student takes.
    pub struct RequestRow {
        /// Who takes it.
        pub student: u32,
        /// The course.
        pub course: u32,
        /// Where the classes taken stand in [`Timetable::enrolment`](crate::Timetable): as many
        /// places as the course's largest configuration has subparts.
        pub slots: Span,
    }
);
