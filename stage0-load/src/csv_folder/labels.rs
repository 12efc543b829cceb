//! What people call things: names of days and slots, of courses, teachers, students, and the groups
//! of students. They are no part of a problem; they stand in the folder or workbook that it came
//! from, and beside the ids in a timetable's folder.

use super::calendar::Calendar;
use super::files::Files;
use super::read::{COURSES_LAYOUT, STUDENTS_LAYOUT, TEACHERS_LAYOUT};
use super::read_toml::calendar_of;
use super::sheet::{Layout, Sheet, list};
use super::tables::Tables;
use super::timetable_csv::{ENROLMENT_LAYOUT, TIMETABLE_LAYOUT};
use super::{COURSES, TIMETABLE};
use crate::fault::Faults;
use crate::source::{Limits, Source};
use crate::workbook;
use std::{collections::BTreeMap, path::Path};

/// What people call things.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// Days, slots, weeks.
    pub calendar: Calendar,
    /// Courses by id: those with a name or a department.
    pub courses: BTreeMap<String, CourseLabel>,
    /// Names of teachers by id: of those who have one.
    pub teachers: BTreeMap<String, String>,
    /// Students by id: those with a name or a group.
    pub students: BTreeMap<String, StudentLabel>,
    /// What separates cells in their files: a comma, a semicolon or a tab.
    pub separator: u8,
}

/// What a course is called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CourseLabel {
    /// Its name, may be empty.
    pub name: String,
    /// Its department, may be empty.
    pub department: String,
}

/// What a student is called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudentLabel {
    /// The name, may be empty.
    pub name: String,
    /// Programme, year or the like, may be empty.
    pub group: String,
}

impl From<Calendar> for Labels {
    /// Days and slots alone.
    fn from(calendar: Calendar) -> Labels {
        let (courses, teachers, students) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Labels { calendar, courses, teachers, students, separator: b',' }
    }
}

impl From<&Tables> for Labels {
    fn from(tables: &Tables) -> Labels {
        let mut labels = Labels::from(tables.calendar.clone());
        tables.courses.iter().for_each(|course| labels.course(&course.id, &course.name, &course.department));
        tables.teachers.iter().for_each(|teacher| labels.teacher(&teacher.id, &teacher.name));
        tables.students.iter().for_each(|student| labels.student(&student.id, &student.name, &student.group));
        labels
    }
}

/// Reads the labels of a problem's folder or workbook, or of a timetable's folder. Names are for
/// people: where a file of theirs cannot be read, they are those that could be.
///
/// # Errors
/// What is wrong with the calendar.
pub fn read_labels(path: &Path) -> Result<Labels, Faults> {
    if path.is_file() {
        let book = workbook::read(Source::open(path, Limits::default())?)?;
        return labels_of(Files::Workbook(&book));
    }
    labels_of(Files::Folder(path))
}

fn labels_of(files: Files<'_>) -> Result<Labels, Faults> {
    let mut labels = Labels::from(calendar_of(files)?);
    let is_there = |name: &str| matches!(files.find(name), Ok(Some(_)));
    if is_there(COURSES) {
        let separator = rows(files, &COURSES_LAYOUT, |sheet| {
            labels.course(sheet.text("id"), sheet.text("name"), sheet.text("department"));
        });
        rows(files, &TEACHERS_LAYOUT, |sheet| labels.teacher(sheet.text("id"), sheet.text("name")));
        rows(files, &STUDENTS_LAYOUT, |sheet| {
            labels.student(sheet.text("id"), sheet.text("name"), sheet.text("group"));
        });
        labels.separator = separator;
    } else if is_there(TIMETABLE) {
        labels.separator = rows(files, &TIMETABLE_LAYOUT, |sheet| {
            labels.course(sheet.text("course"), sheet.text("course_name"), sheet.text("department"));
            let (ids, names) = (list(sheet.text("teacher")), sheet.text("teacher_name").split(';').map(str::trim));
            ids.zip(names).for_each(|(id, name)| labels.teacher(id, name));
        });
        rows(files, &ENROLMENT_LAYOUT, |sheet| {
            labels.student(sheet.text("student"), sheet.text("student_name"), sheet.text("group"));
        });
    }
    Ok(labels)
}

/// Reads the rows of a file as far as they can be read; gives what separates its cells.
fn rows(files: Files<'_>, layout: &'static Layout, mut row: impl FnMut(&Sheet)) -> u8 {
    let Ok(mut sheet) = Sheet::open(files, layout) else { return b',' };
    while sheet.next() {
        row(&sheet);
    }
    sheet.separator
}

/// Of a thing that comes several times the first label counts.
impl Labels {
    fn course(&mut self, id: &str, name: &str, department: &str) {
        let says_nothing = name.is_empty() && department.is_empty();
        if says_nothing || self.courses.contains_key(id) {
            return;
        }
        let label = CourseLabel { name: name.to_owned(), department: department.to_owned() };
        self.courses.insert(id.to_owned(), label);
    }

    fn teacher(&mut self, id: &str, name: &str) {
        if name.is_empty() || self.teachers.contains_key(id) {
            return;
        }
        self.teachers.insert(id.to_owned(), name.to_owned());
    }

    fn student(&mut self, id: &str, name: &str, group: &str) {
        let says_nothing = name.is_empty() && group.is_empty();
        if says_nothing || self.students.contains_key(id) {
            return;
        }
        self.students.insert(id.to_owned(), StudentLabel { name: name.to_owned(), group: group.to_owned() });
    }
}
