//! What somebody wants changed, by names, and where they said so.

use super::when::Week;
use stage0_load::FaultLog;
use std::path::PathBuf;
use timetable::{
    Absence, Amendments, Attendance, ClassId, ConstraintId, CourseId, Kind, NewClass, Problem, RoomId, SubpartId,
    TimeRow, Timetable,
};
use viewer::time_in_full;

/// Where it was said: a flag or a file, and the line.
pub(super) type Place = (PathBuf, Option<u64>);

/// Who attends a class that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Attends {
    /// Everyone who takes the class that it is like.
    All,
    /// Students may choose it instead of the class that it is like.
    Choose,
    /// No student.
    None,
}

/// Times of a class that are named where none of them was meant.
const MOST_TIMES: usize = 12;

/// One wish.
#[derive(Clone, Debug)]
pub(super) enum ChangeRequest {
    Close { room: String, when: Option<String> },
    Absent { teacher: String, when: Option<String> },
    Cancel(String),
    Pin(String),
    Move { class: String, to: String },
    Add { name: String, like: String, students: Option<Attends> },
}

/// Wishes, in terms of a problem and its timetable; what cannot be understood goes into the log.
pub(super) struct Translator<'a> {
    pub(super) problem: &'a Problem,
    pub(super) timetable: &'a Timetable,
    pub(super) week: Week,
    pub(super) log: FaultLog,
    pub(super) changes: Amendments,
}

impl Translator<'_> {
    pub(super) fn translate(&mut self, place: &Place, change_request: &ChangeRequest) {
        let done = match change_request {
            ChangeRequest::Close { room, when } => self.close(room, when.as_deref()),
            ChangeRequest::Absent { teacher, when } => self.away(teacher, when.as_deref()),
            ChangeRequest::Cancel(name) => self.classes(name).map(|classes| self.changes.cancelled.extend(classes)),
            ChangeRequest::Pin(name) => self.pin(name),
            ChangeRequest::Move { class, to } => self.shift(class, to),
            ChangeRequest::Add { name, like, students } => self.add(name, like, *students),
        };
        if let Err((found, expected)) = done {
            self.log.add(&place.0, place.1, found, expected);
        }
    }

    fn close(&mut self, name: &str, when: Option<&str>) -> Result<(), Fault> {
        let find = || (0..self.problem.rooms().len()).map(RoomId::new).find(|&r| self.problem.room_name(r) == name);
        let room = find().ok_or_else(|| unknown("room", name))?;
        let when = self.when(when)?;
        self.changes.closed.push((room, when));
        Ok(())
    }

    fn away(&mut self, name: &str, when: Option<&str>) -> Result<(), Fault> {
        let problem = self.problem;
        let all = (0..problem.constraints().len()).map(ConstraintId::new);
        let mut teachers = all.filter(|&c| problem.kind_of(c) == Kind::TeacherClash).peekable();
        if teachers.peek().is_none() {
            return Err((format!("teacher {name:?}"), "no teacher: this problem names none".into()));
        }
        let mine = teachers.filter(|c| problem.name(problem.constraints()[c.index()].name) == name);
        let constraints: Vec<ConstraintId> = mine.collect();
        let mut classes: Vec<ClassId> =
            constraints.iter().flat_map(|&c| problem.classes_of(c)).map(|&c| ClassId(c)).collect();
        classes.sort_unstable();
        classes.dedup();
        if classes.is_empty() {
            let expected = "the name of a teacher of several lectures of the problem";
            return Err((format!("teacher {name:?}"), expected.into()));
        }
        let when = self.when(when)?;
        self.changes.away.push(Absence { name: name.into(), classes, constraints, when });
        Ok(())
    }

    fn pin(&mut self, name: &str) -> Result<(), Fault> {
        for class in self.classes(name)? {
            let at = self.timetable.placements[class.index()];
            if !at.is_placed() {
                let class = self.problem.class_name(class);
                return Err((format!("class {class:?}, which is not placed"), "a class that is placed".into()));
            }
            self.changes.pinned.push((class, at));
        }
        Ok(())
    }

    fn shift(&mut self, name: &str, to: &str) -> Result<(), Fault> {
        let problem = self.problem;
        let classes = self.classes(name)?;
        let [class] = classes[..] else {
            return Err((format!("course {name:?} of {} classes", classes.len()), "the name of one class".into()));
        };
        let when = self.week.parse(to)?;
        let rows = problem.times_of(class).iter().map(|t| &problem.times()[t.time as usize]);
        let begins = |row: &TimeRow| row.days == when.days && row.start == when.start && row.weeks & !when.weeks == 0;
        let found: Vec<u16> = (0..).zip(rows).filter(|(_, row)| begins(row)).map(|(k, _)| k).collect();
        let time = |k: u16| &problem.times()[problem.times_of(class)[k as usize].time as usize];
        // Of several, the one that is meant to the last slot and week, or the one like it is now.
        let exact = |&&k: &&u16| (time(k).end, time(k).weeks) == (when.end, when.weeks);
        let now = self.timetable.placements[class.index()];
        let alike = |&&k: &&u16| {
            now.is_placed() && (time(k).length(), time(k).weeks) == (time(now.time).length(), time(now.time).weeks)
        };
        let chosen = match found[..] {
            [one] => Some(one),
            _ => found.iter().find(exact).or_else(|| found.iter().find(alike)).copied(),
        };
        let Some(chosen) = chosen else {
            let found = format!("class {:?} at {to:?}", problem.class_name(class));
            return Err((found, format!("a time at which it can be held: {}", self.times_of(class))));
        };
        self.changes.moved.push((class, chosen));
        Ok(())
    }

    /// The times at which a class can be held, the first of them.
    fn times_of(&self, class: ClassId) -> String {
        let times = self.problem.times_of(class);
        let names = times.iter().take(MOST_TIMES).map(|t| time_in_full(self.problem, t.time()));
        let more = times.len().saturating_sub(MOST_TIMES);
        let more = (more > 0).then(|| format!("or {more} others"));
        names.chain(more).collect::<Vec<_>>().join("; ")
    }

    fn add(&mut self, name: &str, like: &str, students: Option<Attends>) -> Result<(), Fault> {
        let problem = self.problem;
        let taken = |c: ClassId| problem.class_name(c) == name;
        if problem.class_ids().any(taken) || self.changes.added.iter().any(|new| new.name == name) || name.is_empty() {
            return Err((format!("a class {name:?} to be added"), "a name that no class has".into()));
        }
        let like = *self.classes(like)?.first().ok_or_else(|| unknown("class", like))?;
        let row = &problem.classes()[like.index()];
        let subpart = SubpartId(row.subpart);
        let alone = problem.classes_in(subpart).len() == 1;
        let joins = match students.unwrap_or(if alone { Attends::All } else { Attends::Choose }) {
            Attends::All => Attendance::Everyone(problem.config_of(like)),
            Attends::Choose => Attendance::Section(subpart),
            Attends::None => Attendance::Nobody,
        };
        let has_child = || problem.classes().iter().any(|c| c.parent == like.0);
        if matches!(joins, Attendance::Section(_)) && (row.parent != timetable::NONE || has_child()) {
            let found = format!("class {:?}, whose students take other classes with it", problem.class_name(like));
            let expected = "a class that stands alone, or students = \"all\" or \"none\" in a file of changes";
            return Err((found, expected.into()));
        }
        let mut new = NewClass::like(problem, like, name, joins);
        if matches!(joins, Attendance::Everyone(_)) && !alone {
            // More people come than take the one that it is like.
            new.limit = None;
        }
        self.changes.added.push(new);
        Ok(())
    }

    /// The class of this name, or all classes of the course of this name.
    fn classes(&self, name: &str) -> Result<Vec<ClassId>, Fault> {
        let problem = self.problem;
        if let Some(class) = problem.class_ids().find(|&c| problem.class_name(c) == name) {
            return Ok(vec![class]);
        }
        let course = (0..problem.courses().len()).find(|&c| problem.name(problem.courses()[c].name) == name);
        let course = CourseId::new(course.ok_or_else(|| unknown("class or course", name))?);
        Ok(problem.class_ids().filter(|&c| problem.course_of(c) == course).collect())
    }

    fn when(&self, text: Option<&str>) -> Result<TimeRow, Fault> {
        let Some(text) = text else { return Ok(TimeRow::always(self.problem.meta())) };
        self.week.parse(text)
    }
}

/// What was found, and what was expected.
pub(super) type Fault = (String, String);

fn unknown(what: &str, name: &str) -> Fault {
    (format!("{what} {name:?}"), format!("the name of a {what} of the problem"))
}
