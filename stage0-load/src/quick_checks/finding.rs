//! What is found before a search: what cannot work, or hardly.

use std::fmt;
use timetable::ClassId;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No timetable can be valid, or what is asked for cannot hold as it is asked for.
    Error,
    /// A valid timetable may exist, but something will cost, or hold less than it seems.
    Warning,
}

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A class that has no place, whatever the others do.
    NoPlace,
    /// Two classes that cannot both be held.
    Clash,
    /// Classes that may not overlap, and too few slots for them.
    Slots,
    /// Classes on different days or weeks, and too few of these.
    Days,
    /// A group of fixed classes that breaks a rule by itself.
    FixedGroup,
    /// Classes that can only be held in some rooms, and too few slots in these.
    Rooms,
    /// Students of a course, and too few seats.
    Seats,
    /// A student whose courses clash.
    Student,
    /// Classes that would all have to come before each other.
    Order,
    /// A limit that is shorter than a session.
    Limit,
    /// A lunch break longer than the hours for it.
    Lunch,
    /// A room that a session is fixed in and that lacks seats or features.
    WrongRoom,
    /// A rule that the week is too short for, and that holds less than it says.
    Weakened,
}

impl Check {
    /// Whether an error of this kind says that the rule itself cannot be kept as it is written,
    /// instead of that no timetable is valid.
    pub fn is_about_the_rule(self) -> bool {
        matches!(self, Check::Limit | Check::Lunch | Check::WrongRoom | Check::Weakened)
    }
}

/// One thing that was found, in the user's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was checked.
    pub check: Check,
    /// The rule, as the user wrote it or as the format calls it.
    pub rule: String,
    /// The classes that it is about; empty where it is about a rule alone.
    pub classes: Vec<ClassId>,
    /// Files and lines, where they are known: `fixed.csv:3`.
    pub places: Vec<String>,
    /// What is wrong, in one line.
    pub text: String,
    /// What would change it, in one line that begins with `Maybe`.
    pub remedy: String,
}

impl Finding {
    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    pub(crate) fn map(self, words: impl Fn(String) -> String) -> Finding {
        let places = self.places.into_iter().map(&words).collect();
        Finding { places, text: words(self.text), remedy: words(self.remedy), ..self }
    }
}

impl fmt::Display for Finding {
    /// Two lines: what is wrong, and what would change it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "\n    {}", self.remedy) }
    }
}
