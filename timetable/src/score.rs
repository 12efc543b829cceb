//! What a timetable is worth, and why.

use crate::kind::Kind;
use std::fmt;

/// How good a timetable is: compared by unplaced classes, then hard violations, then penalty; less
/// is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Score {
    /// Classes without a time, or without the room that they need.
    pub unplaced: u32,
    /// Sum of the amounts by which hard rules are violated.
    pub hard: i64,
    /// Weighted sum of time, room and distribution penalties and student conflicts.
    pub penalty: i64,
}

impl Score {
    /// Everything placed and no hard rule violated.
    pub fn is_valid(&self) -> bool {
        self.unplaced == 0 && self.hard == 0
    }

    /// What it is better by than the one before, for choosing among ways to search: a unit for each
    /// of penalty, a million for each class placed, a hundred thousand for each hard violation
    /// gone; 1 at least where it is better, 0 where it is not.
    pub fn gained_on(&self, before: Score) -> i64 {
        let placed = i64::from(before.unplaced) - i64::from(self.unplaced);
        let mended = before.hard.saturating_sub(self.hard);
        let saved = before.penalty.saturating_sub(self.penalty);
        if *self >= before {
            return 0;
        }
        placed.saturating_mul(1_000_000).saturating_add(mended.saturating_mul(100_000)).saturating_add(saved).max(1)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.unplaced, self.hard) {
            (0, 0) => write!(f, "penalty {}", self.penalty),
            (0, h) => write!(f, "{h} hard violations, penalty {}", self.penalty),
            (u, h) => write!(f, "{u} unplaced, {h} hard violations, penalty {}", self.penalty),
        }
    }
}

/// A rule that a violation or a cost belongs to: what holds in every problem, or a constraint's
/// kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A class has no time or lacks its room.
    Unplaced,
    /// Hard, one for each pair: two classes overlap in a room.
    RoomClash,
    /// Hard, one for each of the room's unavailable times overlapped: a class is held when its room
    /// cannot be used.
    RoomUnavailable,
    /// Hard, one for each class: it is held at a time that is none of its times. Only timetables
    /// that others made have it ([`Report::not_allowed`](crate::Report::not_allowed)).
    TimeNotAllowed,
    /// The same of a room.
    RoomNotAllowed,
    /// Hard, by the excess: a class has more students than its limit.
    ClassLimit,
    /// Hard, one for each request: a student does not take a course properly (one configuration,
    /// one class of each of its subparts, each with its parent).
    Enrolment,
    /// One for each student and pair of their classes that cannot both be attended; soft, or hard
    /// where the problem says so.
    StudentConflict,
    /// Soft: the penalty of a chosen time.
    TimePenalty,
    /// Soft: the penalty of a chosen room.
    RoomPenalty,
    /// A constraint of this kind.
    Constraint(Kind),
}

impl Rule {
    /// The name shown to users.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Unplaced => "Unplaced",
            Rule::RoomClash => "RoomClash",
            Rule::RoomUnavailable => "RoomUnavailable",
            Rule::TimeNotAllowed => "TimeNotAllowed",
            Rule::RoomNotAllowed => "RoomNotAllowed",
            Rule::ClassLimit => "ClassLimit",
            Rule::Enrolment => "Enrolment",
            Rule::StudentConflict => "StudentConflict",
            Rule::TimePenalty => "TimePenalty",
            Rule::RoomPenalty => "RoomPenalty",
            Rule::Constraint(kind) => kind.name(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
