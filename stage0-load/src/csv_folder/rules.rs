//! `rules.toml` in memory: what holds hard, what is off, what costs how much.

use super::calendar::Window;
use timetable::MAX_PENALTY;

/// The greatest penalty of a time to avoid: a time may lie in all of a hundred windows.
pub(crate) const MAX_AVOID: u32 = MAX_PENALTY / 100;

/// How a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Must hold.
    Hard,
    /// Is not asked for.
    Off,
    /// Each violation costs this much.
    Costs(u32),
}

impl Hold {
    /// The penalty as constraints have it; `None` where the rule is off.
    pub fn penalty(self) -> Option<Option<u32>> {
        match self {
            Hold::Hard => Some(None),
            Hold::Off => None,
            Hold::Costs(penalty) => Some(Some(penalty)),
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $default:expr;)*) => {
        /// The rules that can be switched, by the names they have in `[rules]`.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Rules {
            $($(#[$doc])* pub $name: Hold,)*
            /// `[weights] rules`: factor of all penalties of rules.
            pub rule_weight: u32,
            /// `[weights] times`: factor of the penalties of times.
            pub time_weight: u32,
            /// `[[avoid]]`: times that cost something for every session held then.
            pub avoid: Vec<(Window, u32)>,
            /// `[teachers]`: what holds for a teacher who has nothing of their own.
            pub teachers: TeacherDefaults,
            /// `[rooms] choices`: most rooms that a course chooses from.
            pub room_choices: u32,
        }

        impl Rules {
            /// Names in `[rules]`, in the order of the documentation.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];

            /// A rule by its name.
            pub fn get(&self, name: &str) -> Option<Hold> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            /// A rule by its name.
            pub fn get_mut(&mut self, name: &str) -> Option<&mut Hold> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }

        impl Default for Rules {
            fn default() -> Rules {
                Rules {
                    $($name: $default,)*
                    rule_weight: 1,
                    time_weight: 1,
                    avoid: Vec::new(),
                    teachers: TeacherDefaults::default(),
                    room_choices: Self::ROOM_CHOICES,
                }
            }
        }
    };
}

rules! {
    /// Students can attend all their classes; one violation for each pair that they cannot.
    student_conflicts = Hold::Costs(1);
    /// A teacher's classes do not overlap.
    teacher_clash = Hold::Hard;
    /// The sessions of a section are on different days (in a week with days enough).
    different_days = Hold::Hard;
    /// The sessions of a section are in the same room; one violation for each pair that is not.
    same_room = Hold::Off;
    /// Teachers teach only when they are available.
    availability = Hold::Hard;
    /// Fixed sessions are where they were fixed.
    fixed = Hold::Hard;
    /// A teacher's slots a day.
    max_daily_load = Hold::Hard;
    /// A teacher's slots in a row.
    max_consecutive = Hold::Hard;
    /// A teacher's break for lunch.
    lunch = Hold::Hard;
    /// A teacher's idle slots a day.
    max_gaps = Hold::Hard;
}

/// What holds for a teacher who has nothing of their own; `None`: no limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TeacherDefaults {
    /// Most slots a day.
    pub max_daily_load: Option<u32>,
    /// Most slots in a row.
    pub max_consecutive: Option<u32>,
    /// Most idle slots a day.
    pub max_gaps: Option<u32>,
    /// Slots of the day within which there must be a break for lunch.
    pub lunch: Option<(u16, u16)>,
    /// Free slots in a row that make a lunch break; `None`: 1.
    pub lunch_slots: Option<u32>,
}

impl Rules {
    /// Rooms that a course chooses from where `[rooms] choices` does not say.
    pub const ROOM_CHOICES: u32 = 64;
}
