//! A folder of CSV files, as a registrar has them: courses, teachers, rooms, students, enrolments,
//! a calendar, the rules.
//!
//! The files are described in `docs/formats.md`, with an example. A folder becomes [`Tables`],
//! tables become a problem ([`Tables::problem`]).

mod calendar;
mod compare;
mod describe;
mod describe_avoid;
mod describe_courses;
mod describe_rules;
mod doubts;
mod files;
mod read;
mod read_toml;
mod records;
mod room_choice;
mod rules;
mod sheet;
mod tables;
mod timetable_csv;
mod toml_file;
mod translate;
mod translate_rules;
mod write;

pub use calendar::{Calendar, Window};
pub use describe::describe;
pub use read::read_tables;
pub use read_toml::read_calendar;
pub use rules::{Hold, Rules, TeacherDefaults};
pub use tables::*;
pub use timetable_csv::{plain_calendar, read_timetable, write_timetable};
pub use translate::{MAX_CLASSES, MAX_OPTIONS, MAX_PER_COURSE};

use self::files::{Files, Written, write_all};
use crate::fault::{FaultLog, Faults};
use crate::write_error::WriteError;
use std::path::Path;
use timetable::{Format, Problem};

/// Names of the files.
pub(crate) const CALENDAR: &str = "calendar.toml";
pub(crate) const RULES: &str = "rules.toml";
pub(crate) const ROOMS: &str = "rooms.csv";
pub(crate) const TEACHERS: &str = "teachers.csv";
pub(crate) const STUDENTS: &str = "students.csv";
/// The courses' table, which every folder has.
pub const COURSES: &str = "courses.csv";
pub(crate) const ENROLMENTS: &str = "enrolments.csv";
pub(crate) const FIXED: &str = "fixed.csv";
pub(crate) const TIMETABLE: &str = "timetable.csv";
pub(crate) const ENROLMENT: &str = "enrolment.csv";

/// The files of a problem's folder.
pub const PROBLEM_FILES: [&str; 8] = [CALENDAR, RULES, ROOMS, TEACHERS, STUDENTS, COURSES, ENROLMENTS, FIXED];
/// The files of a timetable's folder.
pub const TIMETABLE_FILES: [&str; 3] = [CALENDAR, TIMETABLE, ENROLMENT];

/// Loads the problem in a folder.
///
/// # Errors
/// Everything that is wrong with its files; where each is right by itself, everything that does not
/// go together.
pub fn load(folder: &Path) -> Result<Problem, Faults> {
    let (tables, memory) = read::read(Files::Folder(folder))?;
    for line in doubts::doubts(&tables) {
        tracing::warn!("{line}");
    }
    tables.problem_within(memory).map_err(|faults| {
        let mut all = FaultLog::default();
        for f in faults.list() {
            all.add(&folder.join(&f.file), f.line, f.found.clone(), f.expected.clone());
        }
        all.into_faults()
    })
}

/// Writes a problem as a folder, which is made where it is missing, if what is read back is the
/// same problem.
///
/// # Errors
/// What of the problem a folder cannot hold ([`describe`]), or what could not be written.
pub fn write_problem(problem: &Problem, folder: &Path) -> Result<(), WriteError> {
    let mut files = Written::new();
    describe(problem)?.write_into(&mut files)?;
    let what = match read::read(Files::Memory(&files)).and_then(|(tables, memory)| tables.problem_within(memory)) {
        Ok(back) => compare::differences(problem, &back),
        Err(faults) => WriteError::of_own_text(&faults),
    };
    WriteError::refuse(Format::Csv, what)?;
    write_all(&files, folder)
}
