//! The kinds of constraint, by the names the literature gives them.

use std::fmt;

macro_rules! is_per_week {
    () => {
        false
    };
    (week) => {
        true
    };
}

macro_rules! kinds {
    ($(#[$about:meta])* enum Kind; $($(#[$doc:meta])* $name:ident: $shape:ident, $arity:literal $(, per $week:tt)?;)*) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// All kinds, in the order of their numbers.
            pub const ALL: [Kind; [$(Kind::$name),*].len()] = [$(Kind::$name),*];

            /// How many parameters the kind takes.
            pub fn arity(self) -> usize {
                match self {
                    $(Kind::$name => $arity,)*
                }
            }

            /// How violations are counted.
            pub fn shape(self) -> Shape {
                match self {
                    $(Kind::$name => Shape::$shape,)*
                }
            }

            /// Whether a soft constraint's penalty is `penalty × amount / weeks`, rounded down,
            /// instead of `penalty × amount`.
            pub fn per_week(self) -> bool {
                match self {
                    $(Kind::$name => is_per_week!($($week)?),)*
                }
            }

            /// The name, as in the literature (`SameStart`), without parameters.
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$name => stringify!($name),)*
                }
            }
        }
    };
}

kinds! {
    /// What a constraint asks of its classes. Parameters are those of
    /// [`ConstraintRow::params`](crate::ConstraintRow), in order.
    ///
    /// The first nineteen are the distribution constraints of ITC-2019; a *pair* kind is violated
    /// once for each pair of places in its list whose classes break it (both placed), a *group*
    /// kind by an amount for the whole group. A constraint sees the placed classes of its list
    /// only, and each is listed once.
    ///
    /// This is the one table of kinds: what the kind is, how it is counted, how many parameters it
    /// takes, and whether a penalty is divided by the number of weeks. Its number, in blocks and in
    /// the kernels of the genetic algorithm, is its place. Whoever treats kinds differently lists
    /// them all, with the patterns [`pair_kinds!`](crate::pair_kinds),
    /// [`group_kinds!`](crate::group_kinds), [`each_kinds!`](crate::each_kinds) and
    /// [`student_kinds!`](crate::student_kinds) for those that do not concern them: a new kind does
    /// not compile until all of them have it.
    enum Kind;

    /// Pair: both start in the same slot.
    SameStart: Pair, 0;
    /// Pair: the shorter lies within the longer one's slots of the day.
    SameTime: Pair, 0;
    /// Pair: slots of the day do not overlap, whatever the days and weeks.
    DifferentTime: Pair, 0;
    /// Pair: the days of one contain the days of the other.
    SameDays: Pair, 0;
    /// Pair: no day in common.
    DifferentDays: Pair, 0;
    /// Pair: the weeks of one contain the weeks of the other.
    SameWeeks: Pair, 0;
    /// Pair: no week in common.
    DifferentWeeks: Pair, 0;
    /// Pair: the same room (two classes without a room count as the same).
    SameRoom: Pair, 0;
    /// Pair: different rooms (two classes without a room count as the same).
    DifferentRoom: Pair, 0;
    /// Pair: they overlap (a week, a day and a slot in common).
    Overlap: Pair, 0;
    /// Pair: they do not overlap.
    NotOverlap: Pair, 0;
    /// Pair: one who attends both can: on days in common, the earlier ends, with the travel from
    /// its room to the room of the later, before the later starts. No travel within a room, nor
    /// where either has no room.
    SameAttendees: Pair, 0;
    /// Ordered pair (order of the list): the first meeting of the one ends before the first of the
    /// other starts. Meetings are compared by first week, then by first day of the week, then in
    /// the day.
    Precedence: Pair, 0;
    /// Pair, `S`: on days in common, from the first start to the last end at most `S` slots.
    WorkDay: Pair, 1;
    /// Pair, `G`: on days in common, at least `G` slots between them.
    MinGap: Pair, 1;
    /// Group, `D`: days of the week used, in whatever week, beyond `D`.
    MaxDays: Group, 1;
    /// Group, `S`: slots beyond `S` a day, summed over days and weeks; a penalty is divided by the
    /// number of weeks.
    MaxDayLoad: Group, 1, per week;
    /// Group, `R`, `S`: breaks (of more than `S` slots) beyond `R` a day, summed as above.
    MaxBreaks: Group, 2, per week;
    /// Group, `M`, `S`: blocks (breaks of at most `S` slots inside) of two or more classes longer
    /// than `M` slots, summed as above.
    MaxBlock: Group, 2, per week;

    /// Pair: the teacher's classes do not overlap.
    TeacherClash: Pair, 0;
    /// Pair: the curriculum's classes do not overlap.
    CurriculumClash: Pair, 0;
    /// Group, `D` (CB-CTT): days of the week used, in whatever week, short of `D`; `D` where no
    /// class is placed.
    MinWorkingDays: Group, 1;
    /// Group (CB-CTT): slots of classes, whatever the weeks, whose neighbouring slots on that day
    /// hold none of the group; a slot counts once for each class in it.
    IsolatedLectures: Group, 0;
    /// Group (CB-CTT): rooms used beyond the first; classes without a room use none.
    RoomStability: Group, 0;
    /// Every student, no classes listed (PE-CTT): days of the week, whatever the weeks, with
    /// exactly one class.
    StudentSingleClassDay: Students, 0;
    /// Every student, no classes listed, `N` (PE-CTT): slots in a row beyond `N`, for each run of
    /// occupied slots in a day, whatever the weeks.
    StudentLongRun: Students, 1;
    /// Each class: overlaps with a time of [`ConstraintRow::times`](crate::ConstraintRow), counted
    /// once for each such time.
    Availability: Each, 0;
    /// Group, `from`, `to`, `L`: days of a week, with a class in the window of slots `from..to`,
    /// without `L` free slots in a row in that window (none where `to` is not beyond `from`);
    /// summed over weeks, a penalty is divided by the number of weeks.
    LunchBreak: Group, 3, per week;
    /// Group, `G`: idle slots of a day beyond `G`, summed as above. Idle are the slots between the
    /// first start and the last end in which none of the group is held.
    Gaps: Group, 1, per week;
    /// Each class: another time than `T` or another room than `R`, or no room (raw ids;
    /// [`NONE`](crate::NONE) where free), counted once for each: 0, 1 or 2.
    FixedPlacement: Each, 2;
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

/// A pattern: the kinds that count one for each pair of classes.
#[macro_export]
macro_rules! pair_kinds {
    () => {
        $crate::Kind::SameStart
            | $crate::Kind::SameTime
            | $crate::Kind::DifferentTime
            | $crate::Kind::SameDays
            | $crate::Kind::DifferentDays
            | $crate::Kind::SameWeeks
            | $crate::Kind::DifferentWeeks
            | $crate::Kind::SameRoom
            | $crate::Kind::DifferentRoom
            | $crate::Kind::Overlap
            | $crate::Kind::NotOverlap
            | $crate::Kind::SameAttendees
            | $crate::Kind::Precedence
            | $crate::Kind::WorkDay
            | $crate::Kind::MinGap
            | $crate::Kind::TeacherClash
            | $crate::Kind::CurriculumClash
    };
}

/// A pattern: the kinds that count an amount for the group of classes.
#[macro_export]
macro_rules! group_kinds {
    () => {
        $crate::Kind::MaxDays
            | $crate::Kind::MaxDayLoad
            | $crate::Kind::MaxBreaks
            | $crate::Kind::MaxBlock
            | $crate::Kind::MinWorkingDays
            | $crate::Kind::IsolatedLectures
            | $crate::Kind::RoomStability
            | $crate::Kind::LunchBreak
            | $crate::Kind::Gaps
    };
}

/// A pattern: the kinds that count an amount for each class by itself.
#[macro_export]
macro_rules! each_kinds {
    () => {
        $crate::Kind::Availability | $crate::Kind::FixedPlacement
    };
}

/// A pattern: the kinds that count an amount for each student.
#[macro_export]
macro_rules! student_kinds {
    () => {
        $crate::Kind::StudentSingleClassDay | $crate::Kind::StudentLongRun
    };
}

impl Kind {
    /// From the number stored in a block.
    pub fn from_raw(raw: u32) -> Option<Kind> {
        Self::ALL.get(raw as usize).copied()
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

    #[test]
    fn the_patterns_are_those_of_the_table() {
        for kind in Kind::ALL {
            let shape = match kind {
                pair_kinds!() => Shape::Pair,
                group_kinds!() => Shape::Group,
                each_kinds!() => Shape::Each,
                student_kinds!() => Shape::Students,
            };
            assert_eq!(kind.shape(), shape, "{kind}");
        }
    }
}
