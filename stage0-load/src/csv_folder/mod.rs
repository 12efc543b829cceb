//! A folder of CSV files, as a registrar has them: courses, teachers, rooms, students, enrolments, a calendar, the rules.
//!
//! The files are described in `docs/formats.md`, with an example. A folder becomes [`Tables`], tables become a problem
//! ([`Tables::problem`]).

mod calendar;
mod room_choice;
mod rules;
mod tables;
mod translate;
mod translate_rules;

pub use calendar::{Calendar, Window};
pub use rules::{Hold, Rules, TeacherDefaults};
pub use tables::*;
pub use translate::{MAX_CLASSES, MAX_OPTIONS, MAX_PER_COURSE};

/// Names of the files.
pub(crate) const COURSES: &str = "courses.csv";
pub(crate) const FIXED: &str = "fixed.csv";
