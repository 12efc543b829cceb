//! Where the parts of a problem stand in the folder, or the workbook, that it was read from.

use super::calendar::{Calendar, Window};
use super::files::Files;
use super::rules::Hold;
use super::tables::{Course, Tables};
use super::{COURSES, FIXED, PROBLEM_FILES, ROOMS, STUDENTS, TEACHERS};
use crate::quick_checks::Finding;
use std::collections::BTreeMap;
use timetable::{ClassId, CourseId, Problem, RoomId, StudentId, TimeRow};

/// What a line of `fixed.csv` fixes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedLine {
    line: u64,
    pub(crate) time: bool,
    pub(crate) room: bool,
}

/// What a course asks of times and rooms.
#[derive(Clone, Debug)]
struct Needs {
    seats: u32,
    features: Vec<String>,
    times: Vec<Window>,
}

impl Needs {
    fn of(course: &Course, enrolled: u32) -> Needs {
        Needs { seats: course.seats_for(enrolled), features: course.features.clone(), times: course.times.clone() }
    }
}

/// The lines of what a problem holds, the names of its days and slots, and what its tables ask for
/// that cannot hold.
#[derive(Clone, Debug)]
pub struct Origin {
    pub(crate) calendar: Calendar,
    courses: Vec<u64>,
    rooms: Vec<u64>,
    students: Vec<u64>,
    teachers: BTreeMap<String, (u64, Vec<Window>)>,
    /// By course: seats and features that its rooms must have, and its own times.
    needs: Vec<Needs>,
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
            teachers: tables.teachers.iter().map(|t| (t.id.clone(), (t.line, t.unavailable.clone()))).collect(),
            needs: tables.courses.iter().zip(tables.enrolled()).map(|(c, enrolled)| Needs::of(c, enrolled)).collect(),
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
        self.place(TEACHERS, self.teachers.get(name)?.0)
    }

    /// What a line fixes of a class, with the line.
    pub(crate) fn fixed(&self, class: ClassId) -> Option<(FixedLine, Option<String>)> {
        let fixed = *self.fixed.get(&class)?;
        Some((fixed, self.place(FIXED, fixed.line)))
    }

    /// Why a class cannot be held at a time.
    pub(crate) fn not_then(&self, problem: &Problem, class: ClassId, teachers: &[&str], time: &TimeRow) -> String {
        if let Some((fixed, line)) = self.fixed(class)
            && fixed.time
        {
            return format!("it is fixed at another time{}", in_brackets(line));
        }
        let day = time.days.trailing_zeros() as u16;
        let away = |name: &&&str| {
            let windows = self.teachers.get(**name).map_or(&[][..], |(_, windows)| windows);
            windows.iter().any(|w| w.overlaps(day, time.start, time.end))
        };
        if let Some(name) = teachers.iter().find(away) {
            return format!("{name} is not available then{}", in_brackets(self.teacher(name)));
        }
        let course = problem.course_of(class);
        let times = self.needs.get(course.index()).map_or(&[][..], |needs| &needs.times);
        let within = |w: &Window| w.days >> day & 1 == 1 && w.from <= time.start && time.end <= w.to;
        if !times.is_empty() && !times.iter().any(within) {
            return format!("that is not within the `times` of the course{}", in_brackets(self.course(course)));
        }
        format!("the course has other weeks or another length{}", in_brackets(self.course(course)))
    }

    /// Why a class cannot be held in a room.
    pub(crate) fn not_there(&self, problem: &Problem, class: ClassId, room: RoomId) -> String {
        if let Some((fixed, line)) = self.fixed(class)
            && fixed.room
        {
            return format!("it is fixed in another room{}", in_brackets(line));
        }
        let (row, course) = (&problem.rooms()[room.index()], problem.course_of(class));
        if let Some(needs) = self.needs.get(course.index()) {
            if row.capacity < needs.seats {
                let seat = if row.capacity == 1 { "seat" } else { "seats" };
                return format!("the room has {} {seat}, {} are needed", row.capacity, needs.seats);
            }
            let has = problem.room_features()[row.features.range()].iter().map(|&f| problem.name(f));
            if let Some(missing) = needs.features.iter().find(|f| !has.clone().any(|other| other == f.as_str())) {
                return format!("the room has no {missing}");
            }
        }
        format!("it is none of the rooms that the course can have{}", in_brackets(self.course(course)))
    }
}

fn in_brackets(line: Option<String>) -> String {
    line.map_or(String::new(), |line| format!(" ({line})"))
}
