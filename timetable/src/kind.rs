//! The kinds of constraint, by the names the literature gives them.

use std::fmt;

/// What a constraint asks of its classes. Parameters are those of
/// [`ConstraintRow::params`](crate::ConstraintRow), in order.
///
/// The first nineteen are the distribution constraints of ITC-2019; a *pair* kind is violated once
/// for each pair of places in its list whose classes break it (both placed), a *group* kind by an
/// amount for the whole group. A constraint sees the placed classes of its list only, and each is
/// listed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Kind {
    /// Pair: both start in the same slot.
    SameStart = 0,
    /// Pair: the shorter lies within the longer one's slots of the day.
    SameTime,
    /// Pair: slots of the day do not overlap, whatever the days and weeks.
    DifferentTime,
    /// Pair: the days of one contain the days of the other.
    SameDays,
    /// Pair: no day in common.
    DifferentDays,
    /// Pair: the weeks of one contain the weeks of the other.
    SameWeeks,
    /// Pair: no week in common.
    DifferentWeeks,
    /// Pair: the same room (two classes without a room count as the same).
    SameRoom,
    /// Pair: different rooms (two classes without a room count as the same).
    DifferentRoom,
    /// Pair: they overlap (a week, a day and a slot in common).
    Overlap,
    /// Pair: they do not overlap.
    NotOverlap,
    /// Pair: one who attends both can: on days in common, the earlier ends, with the travel from
    /// its room to the room of the later, before the later starts. No travel within a room, nor
    /// where either has no room.
    SameAttendees,
    /// Ordered pair (order of the list): the first meeting of the one ends before the first of the
    /// other starts. Meetings are compared by first week, then by first day of the week, then in
    /// the day.
    Precedence,
    /// Pair, `S`: on days in common, from the first start to the last end at most `S` slots.
    WorkDay,
    /// Pair, `G`: on days in common, at least `G` slots between them.
    MinGap,
    /// Group, `D`: days of the week used, in whatever week, beyond `D`.
    MaxDays,
    /// Group, `S`: slots beyond `S` a day, summed over days and weeks; a penalty is divided by the
    /// number of weeks.
    MaxDayLoad,
    /// Group, `R`, `S`: breaks (of more than `S` slots) beyond `R` a day, summed as above.
    MaxBreaks,
    /// Group, `M`, `S`: blocks (breaks of at most `S` slots inside) of two or more classes longer
    /// than `M` slots, summed as above.
    MaxBlock,

    /// Pair: the teacher's classes do not overlap.
    TeacherClash,
    /// Pair: the curriculum's classes do not overlap.
    CurriculumClash,
    /// Group, `D` (CB-CTT): days of the week used, in whatever week, short of `D`; `D` where no
    /// class is placed.
    MinWorkingDays,
    /// Group (CB-CTT): slots of classes, whatever the weeks, whose neighbouring slots on that day
    /// hold none of the group; a slot counts once for each class in it.
    IsolatedLectures,
    /// Group (CB-CTT): rooms used beyond the first; classes without a room use none.
    RoomStability,
    /// Every student, no classes listed (PE-CTT): days of the week, whatever the weeks, with
    /// exactly one class.
    StudentSingleClassDay,
    /// Every student, no classes listed, `N` (PE-CTT): slots in a row beyond `N`, for each run of
    /// occupied slots in a day, whatever the weeks.
    StudentLongRun,
    /// Each class: overlaps with a time of [`ConstraintRow::times`](crate::ConstraintRow), counted
    /// once for each such time.
    Availability,
    /// Group, `from`, `to`, `L`: days of a week, with a class in the window of slots `from..to`,
    /// without `L` free slots in a row in that window (none where `to` is not beyond `from`);
    /// summed over weeks, a penalty is divided by the number of weeks.
    LunchBreak,
    /// Group, `G`: idle slots of a day beyond `G`, summed as above. Idle are the slots between the
    /// first start and the last end in which none of the group is held.
    Gaps,
    /// Each class: another time than `T` or another room than `R`, or no room (raw ids;
    /// [`NONE`](crate::NONE) where free), counted once for each: 0, 1 or 2.
    FixedPlacement,
}

/// How the violations of a kind are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One for each pair of classes.
    Pair,
    /// An amount for the group of classes.
    Group,
    /// An amount for each class by itself.
    Each,
    /// An amount for each student of the problem.
    Students,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Kind; 30] = [
        Kind::SameStart,
        Kind::SameTime,
        Kind::DifferentTime,
        Kind::SameDays,
        Kind::DifferentDays,
        Kind::SameWeeks,
        Kind::DifferentWeeks,
        Kind::SameRoom,
        Kind::DifferentRoom,
        Kind::Overlap,
        Kind::NotOverlap,
        Kind::SameAttendees,
        Kind::Precedence,
        Kind::WorkDay,
        Kind::MinGap,
        Kind::MaxDays,
        Kind::MaxDayLoad,
        Kind::MaxBreaks,
        Kind::MaxBlock,
        Kind::TeacherClash,
        Kind::CurriculumClash,
        Kind::MinWorkingDays,
        Kind::IsolatedLectures,
        Kind::RoomStability,
        Kind::StudentSingleClassDay,
        Kind::StudentLongRun,
        Kind::Availability,
        Kind::LunchBreak,
        Kind::Gaps,
        Kind::FixedPlacement,
    ];

    /// From the number stored in a block.
    pub fn from_raw(raw: u32) -> Option<Kind> {
        Self::ALL.get(raw as usize).copied()
    }

    /// How many parameters the kind takes.
    pub fn arity(self) -> usize {
        match self {
            Kind::LunchBreak => 3,
            Kind::MaxBreaks | Kind::MaxBlock | Kind::FixedPlacement => 2,
            Kind::WorkDay
            | Kind::MinGap
            | Kind::MaxDays
            | Kind::MaxDayLoad
            | Kind::MinWorkingDays
            | Kind::StudentLongRun
            | Kind::Gaps => 1,
            _ => 0,
        }
    }

    /// How violations are counted.
    pub fn shape(self) -> Shape {
        match self {
            Kind::MaxDays
            | Kind::MaxDayLoad
            | Kind::MaxBreaks
            | Kind::MaxBlock
            | Kind::MinWorkingDays
            | Kind::IsolatedLectures
            | Kind::RoomStability
            | Kind::LunchBreak
            | Kind::Gaps => Shape::Group,
            Kind::StudentSingleClassDay | Kind::StudentLongRun => Shape::Students,
            Kind::Availability | Kind::FixedPlacement => Shape::Each,
            _ => Shape::Pair,
        }
    }

    /// Whether a soft constraint's penalty is `penalty × amount / weeks`, rounded down, instead of
    /// `penalty × amount`.
    pub fn per_week(self) -> bool {
        matches!(self, Kind::MaxDayLoad | Kind::MaxBreaks | Kind::MaxBlock | Kind::LunchBreak | Kind::Gaps)
    }

    /// The name, as in the literature (`SameStart`), without parameters.
    pub fn name(self) -> &'static str {
        match self {
            Kind::SameStart => "SameStart",
            Kind::SameTime => "SameTime",
            Kind::DifferentTime => "DifferentTime",
            Kind::SameDays => "SameDays",
            Kind::DifferentDays => "DifferentDays",
            Kind::SameWeeks => "SameWeeks",
            Kind::DifferentWeeks => "DifferentWeeks",
            Kind::SameRoom => "SameRoom",
            Kind::DifferentRoom => "DifferentRoom",
            Kind::Overlap => "Overlap",
            Kind::NotOverlap => "NotOverlap",
            Kind::SameAttendees => "SameAttendees",
            Kind::Precedence => "Precedence",
            Kind::WorkDay => "WorkDay",
            Kind::MinGap => "MinGap",
            Kind::MaxDays => "MaxDays",
            Kind::MaxDayLoad => "MaxDayLoad",
            Kind::MaxBreaks => "MaxBreaks",
            Kind::MaxBlock => "MaxBlock",
            Kind::TeacherClash => "TeacherClash",
            Kind::CurriculumClash => "CurriculumClash",
            Kind::MinWorkingDays => "MinWorkingDays",
            Kind::IsolatedLectures => "IsolatedLectures",
            Kind::RoomStability => "RoomStability",
            Kind::StudentSingleClassDay => "StudentSingleClassDay",
            Kind::StudentLongRun => "StudentLongRun",
            Kind::Availability => "Availability",
            Kind::LunchBreak => "LunchBreak",
            Kind::Gaps => "Gaps",
            Kind::FixedPlacement => "FixedPlacement",
        }
    }

    /// From its name (exact).
    pub fn from_name(name: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_lead_back_to_the_kind() {
        for (i, k) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(k as usize, i);
            assert_eq!(Kind::from_raw(i as u32), Some(k));
            assert_eq!(Kind::from_name(k.name()), Some(k));
        }
        assert_eq!(Kind::from_raw(Kind::ALL.len() as u32), None);
    }
}
