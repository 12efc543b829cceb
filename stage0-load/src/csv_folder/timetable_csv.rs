//! A timetable as two files: `timetable.csv`, one line for each session, and `enrolment.csv`, one
//! for each student and course; with the calendar beside them, so that they can be read again.
//!
//! They hold a timetable of any problem: the *session* of a class is the number of its subpart
//! within the course, its *section* is its number within the subpart, both from 1.

use super::calendar::Calendar;
use super::files::{Files, Written, put, put_records, write_all};
use super::labels::Labels;
use super::read_toml::calendar_of;
use super::sheet::{Layout, Sheet, list};
use super::write::calendar_toml;
use super::{CALENDAR, ENROLMENT, TIMETABLE};
use crate::elsewhere::{Elsewhere, Others};
use crate::fault::{FaultLog, Faults};
use crate::log::quoted;
use crate::names::Names;
use crate::write_error::WriteError;
use std::{collections::BTreeMap, path::Path};
use timetable::*;

pub(super) static TIMETABLE_LAYOUT: Layout = Layout {
    file: TIMETABLE,
    required: &["course", "section", "session", "days", "start", "end", "room", "weeks"],
    optional: &["teacher", "course_name", "department", "teacher_name"],
    rows: 20_000_000,
};
pub(super) static ENROLMENT_LAYOUT: Layout = Layout {
    file: ENROLMENT,
    required: &["student", "course", "section"],
    optional: &["session", "student_name", "group"],
    rows: 100_000_000,
};

/// The calendar that a problem implies, where the folder that it came from is not at hand.
pub fn plain_calendar(problem: &Problem) -> Calendar {
    let m = problem.meta();
    Calendar::plain(problem.name(m.name), m.weeks, m.days, m.slots)
}

fn fits(calendar: &Calendar, problem: &Problem) -> bool {
    let m = problem.meta();
    (calendar.weeks, calendar.days.len(), calendar.slots.len()) == (m.weeks, m.days as usize, m.slots as usize)
}

/// The subparts of a course, over all of its configurations.
fn subparts(problem: &Problem, course: usize) -> impl Iterator<Item = u32> + use<'_> {
    problem.configs()[problem.courses()[course].configs.range()].iter().flat_map(|g| g.subparts.indexes())
}

/// A class as a line of `timetable.csv` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberedSession {
    /// The class.
    pub class: ClassId,
    /// Its course.
    pub course: CourseId,
    /// Its number within its subpart, from 1.
    pub section: u32,
    /// The number of its subpart within the course, from 1.
    pub session: u32,
}

/// All classes in the order of `timetable.csv`: by course, section and session.
pub fn sessions(problem: &Problem) -> impl Iterator<Item = NumberedSession> + use<'_> {
    (0..problem.courses().len()).flat_map(move |course| {
        let subparts: Vec<u32> = subparts(problem, course).collect();
        let sections = subparts.iter().map(|&s| problem.subparts()[s as usize].classes.len).max().unwrap_or(0);
        (0..sections).flat_map(move |section| {
            let here: Vec<(u32, u32)> = (1..).zip(subparts.iter().copied()).collect();
            here.into_iter().filter_map(move |(session, subpart)| {
                let classes = problem.subparts()[subpart as usize].classes;
                let class = ClassId(classes.first + section);
                let course = CourseId::new(course);
                (section < classes.len).then_some(NumberedSession { class, course, section: section + 1, session })
            })
        })
    })
}

/// Who teaches each class, by the names of its teacher clashes.
pub fn teachers(problem: &Problem) -> Vec<Vec<&str>> {
    let mut by_class = vec![Vec::new(); problem.classes().len()];
    for (i, c) in problem.constraints().iter().enumerate() {
        let id = ConstraintId::new(i);
        let name = problem.name(c.name);
        if problem.kind_of(id) == Kind::TeacherClash && !name.is_empty() {
            for &class in problem.classes_of(id) {
                by_class[class as usize].push(name);
            }
        }
    }
    by_class
}

/// Writes a timetable into a folder, which is made where it is missing. Sessions that are not
/// placed have no day and no room. Without labels, days and slots are named as [`plain_calendar`]
/// does; names stand beside the ids where there are any.
///
/// # Errors
/// The timetable or the calendar is not of this problem, or a file cannot be written.
pub fn write_timetable(
    problem: &Problem,
    timetable: &Timetable,
    labels: Option<&Labels>,
    folder: &Path,
) -> Result<(), WriteError> {
    timetable.fits(problem)?;
    let plain = labels.is_none().then(|| Labels::from(plain_calendar(problem)));
    let labels = labels.or(plain.as_ref()).expect("one of the two");
    if !fits(&labels.calendar, problem) {
        return Err(WriteError::Calendar);
    }
    let mut files = Written::new();
    write_into(problem, timetable, labels, &mut files)?;
    // What came as a folder can be written as one; then somebody may wait for it after Ctrl-C.
    if problem.format() == Format::Csv {
        return write_all(&files, folder);
    }
    let what = match read_from(problem, Files::Memory(&files), None, Others::Faults) {
        Ok(back) if back == *timetable => Vec::new(),
        Ok(_) => vec!["places that a folder does not tell apart".into()],
        Err(faults) => WriteError::of_own_text(&faults),
    };
    WriteError::refuse(Format::Csv, what)?;
    write_all(&files, folder)
}

/// What of the names is in the files: a column where somebody has such a name.
struct Shown {
    course_name: bool,
    department: bool,
    teacher_name: bool,
    student_name: bool,
    group: bool,
}

impl Shown {
    fn of(labels: &Labels) -> Shown {
        Shown {
            course_name: labels.courses.values().any(|course| !course.name.is_empty()),
            department: labels.courses.values().any(|course| !course.department.is_empty()),
            teacher_name: !labels.teachers.is_empty(),
            student_name: labels.students.values().any(|student| !student.name.is_empty()),
            group: labels.students.values().any(|student| !student.group.is_empty()),
        }
    }
}

fn write_into(
    problem: &Problem,
    timetable: &Timetable,
    labels: &Labels,
    files: &mut Written,
) -> Result<(), WriteError> {
    let (calendar, shown) = (&labels.calendar, Shown::of(labels));
    let separator = if [b',', b';', b'\t'].contains(&labels.separator) { labels.separator } else { b',' };
    put(files, CALENDAR, |out| out.write_all(calendar_toml(calendar).as_bytes()))?;
    let taught = teachers(problem);
    let rows = sessions(problem).map(|NumberedSession { class, course, section, session }| {
        let name = problem.name(problem.courses()[course.index()].name);
        let time = timetable.time(problem, class).map(|t| problem.times()[t.index()]);
        let room = timetable.room(problem, class);
        let mut row = vec![
            name.to_owned(),
            section.to_string(),
            session.to_string(),
            time.map_or(String::new(), |t| calendar.day_names(t.days)),
            time.map_or(String::new(), |t| calendar.start_name(t.start)),
            time.map_or(String::new(), |t| calendar.end_name(t.end)),
            room.map_or(String::new(), |r| problem.room_name(r).to_owned()),
            taught[class.index()].join(";"),
            time.map_or(String::new(), |t| calendar.week_names(t.weeks)),
        ];
        let label = labels.courses.get(name);
        row.extend(shown.course_name.then(|| label.map_or(String::new(), |label| label.name.clone())));
        row.extend(shown.department.then(|| label.map_or(String::new(), |label| label.department.clone())));
        // A semicolon in a name would be taken for two names.
        let called = |id: &&str| labels.teachers.get(*id).map_or(String::new(), |name| name.replace(';', ","));
        row.extend(shown.teacher_name.then(|| taught[class.index()].iter().map(called).collect::<Vec<_>>().join(";")));
        row
    });
    let mut header = vec!["course", "section", "session", "days", "start", "end", "room", "teacher", "weeks"];
    header.extend(shown.course_name.then_some("course_name"));
    header.extend(shown.department.then_some("department"));
    header.extend(shown.teacher_name.then_some("teacher_name"));
    put_records(files, TIMETABLE, separator, &header, rows)?;
    let mut header = vec!["student", "course", "section", "session"];
    header.extend(shown.student_name.then_some("student_name"));
    header.extend(shown.group.then_some("group"));
    let rows = problem.requests().iter().flat_map(|request| {
        let label = labels.students.get(problem.student_name(StudentId(request.student)));
        let name = shown.student_name.then(|| label.map_or(String::new(), |label| label.name.clone()));
        let group = shown.group.then(|| label.map_or(String::new(), |label| label.group.clone()));
        let rows = enrolment_rows(problem, timetable, request).into_iter();
        rows.map(move |row| row.into_iter().chain(name.clone()).chain(group.clone()).collect::<Vec<_>>())
    });
    put_records(files, ENROLMENT, separator, &header, rows)
}

/// One line where a request is in the same section of every session of the course, else one for
/// each session.
fn enrolment_rows(problem: &Problem, timetable: &Timetable, request: &RequestRow) -> Vec<[String; 4]> {
    let numbers: Vec<u32> = subparts(problem, request.course as usize).collect();
    let mut taken = Vec::new();
    for &class in timetable.enrolment[request.slots.range()].iter().filter(|&&c| c != NONE) {
        let subpart = problem.classes()[class as usize].subpart;
        let section = class - problem.subparts()[subpart as usize].classes.first + 1;
        if let Some(session) = numbers.iter().position(|&s| s == subpart) {
            taken.push((section, session + 1));
        }
    }
    let row = |section: u32, session: String| {
        let student = problem.student_name(StudentId(request.student)).to_owned();
        let course = problem.name(problem.courses()[request.course as usize].name).to_owned();
        [student, course, section.to_string(), session]
    };
    if taken.len() == numbers.len() && !taken.is_empty() && taken.iter().all(|t| t.0 == taken[0].0) {
        return vec![row(taken[0].0, String::new())];
    }
    taken.into_iter().map(|(section, session)| row(section, session.to_string())).collect()
}

/// Reads a timetable from the folder that [`write_timetable`] wrote. Where its calendar is missing,
/// days and slots are named as in `calendar`, plainly where there is none.
///
/// # Errors
/// Everything that is wrong with its files: sessions, rooms, times, students that the problem does
/// not have.
pub fn read_timetable(problem: &Problem, folder: &Path, calendar: Option<&Calendar>) -> Result<Timetable, Faults> {
    read_from(problem, Files::Folder(folder), calendar, Others::Faults)
}

/// The same for a timetable that somebody made by hand: classes at other times or in other rooms
/// than their own are listed instead of being faults, and are not placed.
///
/// # Errors
/// Everything else that is wrong with its files.
pub fn read_any_timetable(
    problem: &Problem,
    folder: &Path,
    calendar: Option<&Calendar>,
) -> Result<(Timetable, Vec<Elsewhere>), Faults> {
    let mut elsewhere = Vec::new();
    let timetable = read_from(problem, Files::Folder(folder), calendar, Others::List(&mut elsewhere))?;
    Ok((timetable, elsewhere))
}

fn read_from(
    problem: &Problem,
    files: Files<'_>,
    named: Option<&Calendar>,
    others: Others<'_>,
) -> Result<Timetable, Faults> {
    let mut all = FaultLog::default();
    let mut calendar = named.filter(|c| fits(c, problem)).cloned().unwrap_or_else(|| plain_calendar(problem));
    if files.find(CALENDAR)?.is_some() {
        calendar = calendar_of(files)?;
        if !fits(&calendar, problem) {
            let MetaRow { weeks, days, slots, .. } = *problem.meta();
            let expected = format!("{weeks} weeks of {days} days of {slots} slots");
            return Err(Faults::one(&files.path(CALENDAR), "another calendar than the problem's", expected));
        }
    }
    let names = problem.courses().iter().map(|c| problem.name(c.name));
    let courses = Names::of("course", names);
    let mut timetable = Timetable::empty(problem);
    let outcomes = [
        Sheet::open(files, &TIMETABLE_LAYOUT)
            .and_then(|mut sheet| {
                placements(problem, &calendar, &courses, &mut sheet, &mut timetable, others);
                sheet.log.finish(())
            })
            .err(),
        Sheet::open(files, &ENROLMENT_LAYOUT)
            .and_then(|mut sheet| {
                enrolments(problem, &courses, &mut sheet, &mut timetable);
                sheet.log.finish(())
            })
            .err(),
    ];
    for faults in outcomes.into_iter().flatten() {
        all.merge(&faults);
    }
    all.finish(timetable)
}

/// The class of a line: course, section, session.
fn class_of(problem: &Problem, sheet: &mut Sheet, course: u32, section: u32, session: u32) -> Option<ClassId> {
    if section == 0 || session == 0 {
        return None;
    }
    let subpart = subparts(problem, course as usize).nth(session as usize - 1);
    let classes = subpart.map(|s| problem.subparts()[s as usize].classes);
    let Some(classes) = classes.filter(|c| section <= c.len) else {
        let found = format!("section {section}, session {session}");
        sheet.log.fault(sheet.line, found, "a section and a session of the course");
        return None;
    };
    Some(ClassId(classes.first + section - 1))
}

fn placements(
    problem: &Problem,
    calendar: &Calendar,
    courses: &Names,
    sheet: &mut Sheet,
    timetable: &mut Timetable,
    mut others: Others<'_>,
) {
    let taught = teachers(problem);
    let rooms = Names::of("room", problem.rooms().iter().map(|r| problem.name(r.name)));
    let mut seen = vec![false; problem.classes().len()];
    while sheet.next() {
        let course = sheet.text("course").to_owned();
        let course = courses.find(&mut sheet.log, sheet.line, &course, "");
        let (section, session) =
            (sheet.needed("section", 1..=u32::MAX.into()), sheet.needed("session", 1..=u32::MAX.into()));
        let Some(class) = course.and_then(|c| class_of(problem, sheet, c, section, session)) else { continue };
        if std::mem::replace(&mut seen[class.index()], true) {
            let found = format!("section {section}, session {session} again");
            sheet.log.fault(sheet.line, found, "each session once");
        }
        same_teachers(sheet, &taught[class.index()]);
        let cells = ["days", "start", "end", "room", "weeks"].map(|c| sheet.text(c).to_owned());
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let [days, start, end, room, weeks] = &cells;
        let wanted = (
            calendar.window(days).filter(|_| !days.contains(' ')).map(|w| w.days),
            calendar.start_slot(start),
            calendar.end_slot(end),
            calendar.week_bits(weeks),
        );
        let row = match wanted {
            (Some(days), Some(start), Some(end), Some(weeks)) if start < end => {
                Some(TimeRow { weeks, days, start, end, pad: 0 })
            }
            _ => None,
        };
        let time = problem.times_of(class).iter().position(|o| Some(problem.times()[o.time().index()]) == row);
        let needs_room = problem.classes()[class.index()].needs_room();
        let named_room = rooms.get(room);
        let position = named_room.and_then(|r| problem.rooms_of(class).iter().position(|o| o.room == r));
        let room_at = if needs_room { position.map(|p| p as u16) } else { Some(Placement::NO_ROOM) };
        if let (Others::List(list), Some(row)) = (&mut others, row)
            && (time.is_none() || room_at.is_none())
            && (named_room.is_some() || !needs_room)
            && (needs_room || room.is_empty())
        {
            list.push(Elsewhere {
                class,
                line: sheet.line,
                time: row,
                is_its_time: time.is_some(),
                penalty: 0,
                room: named_room.map(RoomId),
                is_its_room: room_at.is_some(),
            });
            continue;
        }
        if time.is_none() {
            let found = format!("time {}", quoted(&format!("{days} {start}-{end}, weeks {weeks}")));
            sheet.log.fault(sheet.line, found, "a time at which the session can be held");
        }
        if room_at.is_none() || (!needs_room && !room.is_empty()) {
            let expected = if needs_room { "a room in which the session can be held" } else { "no room" };
            sheet.wrong("room", room, expected);
        }
        if let (Some(time), Some(room)) = (time, room_at) {
            timetable.placements[class.index()] = Placement { time: time as u16, room };
        }
    }
}

/// Who teaches is part of the problem: a cell that says something else is a fault.
fn same_teachers(sheet: &mut Sheet, taught: &[&str]) {
    let cell = sheet.text("teacher").to_owned();
    let mut named: Vec<&str> = list(&cell).flat_map(|part| part.split('+')).map(str::trim).collect();
    named.retain(|name| !name.is_empty());
    let mut expected = taught.to_vec();
    named.sort_unstable();
    expected.sort_unstable();
    if !named.is_empty() && named != expected && cell != taught.join(";") {
        let expected = if expected.is_empty() { "nobody".to_owned() } else { expected.join(";") };
        sheet.wrong("teacher", &cell, format!("{expected}, who teaches it by the problem"));
    }
}

fn enrolments(problem: &Problem, courses: &Names, sheet: &mut Sheet, timetable: &mut Timetable) {
    let students = Names::of("student", (0..problem.students().len()).map(|i| problem.student_name(StudentId::new(i))));
    // Of lines with a session: by request, the session of the subpart and the class.
    let mut by_session: BTreeMap<u32, Vec<ClassId>> = BTreeMap::new();
    while sheet.next() {
        let (student, course) = (sheet.text("student").to_owned(), sheet.text("course").to_owned());
        let student = students.find(&mut sheet.log, sheet.line, &student, "");
        let found = courses.find(&mut sheet.log, sheet.line, &course, "");
        let section = sheet.needed("section", 1..=u32::MAX.into());
        let session = sheet.number("session", 1..=u32::MAX.into());
        let (Some(student), Some(of)) = (student, found) else { continue };
        let requests = problem.students()[student as usize].requests;
        let Some(request) = requests.indexes().find(|&r| problem.requests()[r as usize].course == of) else {
            sheet.wrong("course", &course, "a course that the student takes");
            continue;
        };
        if let Some(session) = session {
            by_session.entry(request).or_default().extend(class_of(problem, sheet, of, section, session));
            continue;
        }
        let slots = problem.requests()[request as usize].slots.range();
        if timetable.enrolment[slots.clone()].iter().any(|&c| c != NONE) {
            sheet.wrong("course", &course, "each course of a student once");
        }
        for (place, session) in slots.zip(1..) {
            let class = class_of(problem, sheet, of, section, session);
            timetable.enrolment[place] = class.map_or(NONE, |c| c.0);
            if class.is_none() {
                break;
            }
        }
    }
    for (request, classes) in by_session {
        let slots = problem.requests()[request as usize].slots.range();
        for class in classes {
            // The place of a class is its subpart's place in its configuration.
            let first = problem.configs()[problem.config_of(class).index()].subparts.first;
            let place = (problem.classes()[class.index()].subpart - first) as usize;
            timetable.enrolment[slots.start + place] = class.0;
        }
    }
}
