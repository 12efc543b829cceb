//! A folder of CSV files, as a registrar has them: courses, teachers, rooms, students, enrolments,
//! a calendar, the rules.
//!
//! The files are described in `docs/formats.md`, with an example. A folder becomes [`Tables`],
//! tables become a problem ([`Tables::problem`]).

mod asked;
mod calendar;
mod compare;
mod describe;
mod describe_avoid;
mod describe_courses;
mod describe_rules;
mod doubts;
mod files;
mod labels;
mod no_time;
mod origin;
mod read;
mod read_toml;
mod records;
mod room_choice;
mod rows;
mod rules;
mod sheet;
mod tables;
mod term;
mod timetable_csv;
mod toml_file;
mod translate;
mod translate_rules;
mod unread;
mod write;

pub use calendar::{Calendar, Window};
pub use describe::describe;
pub use labels::{CourseLabel, Labels, StudentLabel, read_labels};
pub use origin::Origin;
pub use read::read_tables;
pub use read_toml::read_calendar;
pub use rules::{Hold, Rules, TeacherDefaults};
pub use tables::*;
pub use term::Term;
pub use timetable_csv::{
    NumberedSession, plain_calendar, read_any_timetable, read_timetable, sessions, teachers, write_timetable,
};
pub use translate::{MAX_CLASSES, MAX_OPTIONS, MAX_PER_COURSE};

use self::files::{Files, Written, write_all};
use crate::fault::{FaultLog, Faults};
use crate::source::Source;
use crate::workbook;
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
    load_folder(folder, false).map(|(problem, _)| problem)
}

/// The same, with where everything stands; leniently, what cannot be used is left out, and said.
///
/// # Errors
/// Everything (else) that is wrong with its files.
pub(crate) fn load_folder(folder: &Path, lenient: bool) -> Result<(Problem, Origin), Faults> {
    problem(Files::Folder(folder), lenient)
}

/// Loads the problem in a workbook whose sheets are named like the files of a folder.
pub(crate) fn load_workbook(source: Source) -> Result<(Problem, Origin), Faults> {
    let book = workbook::read(source)?;
    problem(Files::Workbook(&book), book.is_lenient)
}

fn problem(files: Files<'_>, lenient: bool) -> Result<(Problem, Origin), Faults> {
    let (tables, memory) = read::read(files, lenient)?;
    for line in doubts::doubts(&tables) {
        tracing::warn!("{}", files.in_its_words(&line));
    }
    let problem = tables.problem_within(memory).map_err(|faults| {
        let mut all = FaultLog::default();
        faults.list().iter().for_each(|fault| all.push(files.place(fault)));
        all.into_faults()
    })?;
    let origin = Origin::new(&tables, &problem, files, asked::asked(&tables));
    Ok((problem, origin))
}

/// The folder that a file of it stands for: `college/courses.csv` is `college`.
pub fn folder_of(path: &Path) -> Option<&Path> {
    let name = path.file_name()?.to_str()?;
    let plain = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(name);
    let folder = path.parent().filter(|_| PROBLEM_FILES.contains(&plain))?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let has_courses = matches!(Files::Folder(folder).find(COURSES), Ok(Some(_)) | Err(_));
    (path.is_file() && has_courses).then_some(folder)
}

/// Writes a problem as a folder, which is made where it is missing, if what is read back is the
/// same problem.
///
/// # Errors
/// What of the problem a folder cannot hold ([`describe`]), or what could not be written.
pub fn write_problem(problem: &Problem, folder: &Path) -> Result<(), WriteError> {
    let mut files = Written::new();
    describe(problem)?.write_into(&mut files)?;
    let what = match read::read(Files::Memory(&files), false).and_then(|(tables, memory)| tables.problem_within(memory))
    {
        Ok(back) => compare::differences(problem, &back),
        Err(faults) => WriteError::of_own_text(&faults),
    };
    WriteError::refuse(Format::Csv, what)?;
    write_all(&files, folder)
}
