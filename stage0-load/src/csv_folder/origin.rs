//! Where the parts of a problem stand in the folder, or the workbook, that it was read from.

use super::calendar::Calendar;
use super::files::Files;
use super::rules::Hold;
use super::tables::Tables;
use super::{COURSES, FIXED, PROBLEM_FILES, ROOMS, STUDENTS, TEACHERS};
use crate::quick_checks::Finding;
use std::collections::BTreeMap;
use timetable::{ClassId, CourseId, Problem, RoomId, StudentId};

/// What a line of `fixed.csv` fixes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedLine {
    line: u64,
    pub(crate) time: bool,
    pub(crate) room: bool,
}

/// The lines of what a problem holds, the names of its days and slots, and what its tables ask for
/// that cannot hold.
#[derive(Clone, Debug)]
pub struct Origin {
    pub(crate) calendar: Calendar,
    courses: Vec<u64>,
    rooms: Vec<u64>,
    students: Vec<u64>,
    teachers: BTreeMap<String, u64>,
    fixed: BTreeMap<ClassId, FixedLine>,
    /// What files are called in a workbook.
    sheets: BTreeMap<&'static str, String>,
    /// What is found in the tables alone.
    asked: Vec<Finding>,
}

impl Origin {
    pub(crate) fn new(tables: &Tables, problem: &Problem, files: Files<'_>, asked: Vec<Finding>) -> Origin {
        let sheet = |file: &'static str| files.sheet(file).map(|table| (file, table.name.clone()));
        let mut origin = Origin {
            calendar: tables.calendar.clone(),
            courses: tables.courses.iter().map(|c| c.line).collect(),
            rooms: tables.rooms.iter().map(|r| r.line).collect(),
            students: tables.students.iter().map(|s| s.line).collect(),
            teachers: tables.teachers.iter().map(|t| (t.id.clone(), t.line)).collect(),
            fixed: BTreeMap::new(),
            sheets: PROBLEM_FILES.into_iter().filter_map(sheet).collect(),
            asked: Vec::new(),
        };
        if tables.rules.fixed == Hold::Hard {
            let lines = tables.fixed.iter().filter_map(|f| {
                let config = problem.courses()[f.course as usize].configs.first;
                let subparts = problem.configs()[config as usize].subparts;
                let subpart = subparts.indexes().nth(f.session as usize - 1)?;
                let class = problem.subparts()[subpart as usize].classes.indexes().nth(f.section as usize - 1)?;
                Some((ClassId(class), FixedLine { line: f.line, time: f.time.is_some(), room: f.room.is_some() }))
            });
            origin.fixed = lines.collect();
        }
        let in_words = |finding: Finding| finding.map(|text| origin.in_its_words(&text));
        origin.asked = asked.into_iter().map(in_words).collect();
        origin
    }

    /// What was found in the tables alone, whatever is searched.
    pub fn asked(&self) -> &[Finding] {
        &self.asked
    }

    /// A place: `fixed.csv:3`, `fixed!3` in a workbook; none where the line is not known.
    fn place(&self, file: &'static str, line: u64) -> Option<String> {
        (line > 0).then(|| self.in_its_words(&format!("{file}:{line}")))
    }

    fn in_its_words(&self, text: &str) -> String {
        self.sheets
            .iter()
            .fold(text.to_owned(), |text, (file, sheet)| text.replace(&format!("{file}:"), &format!("{sheet}!")))
    }

    pub(crate) fn course(&self, course: CourseId) -> Option<String> {
        self.place(COURSES, *self.courses.get(course.index())?)
    }

    pub(crate) fn room(&self, room: RoomId) -> Option<String> {
        self.place(ROOMS, *self.rooms.get(room.index())?)
    }

    pub(crate) fn student(&self, student: StudentId) -> Option<String> {
        self.place(STUDENTS, *self.students.get(student.index())?)
    }

    pub(crate) fn teacher(&self, name: &str) -> Option<String> {
        self.place(TEACHERS, *self.teachers.get(name)?)
    }

    /// What a line fixes of a class, with the line.
    pub(crate) fn fixed(&self, class: ClassId) -> Option<(FixedLine, Option<String>)> {
        let fixed = *self.fixed.get(&class)?;
        Some((fixed, self.place(FIXED, fixed.line)))
    }
}
