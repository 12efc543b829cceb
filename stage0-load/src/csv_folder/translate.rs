//! Tables to a problem: every section becomes one class for each of its sessions, every rule its
//! constraints.
//!
//! A course has one configuration; subpart `k` holds the `k`-th session of every section; the first
//! session of a section is the parent of its other sessions, so that a student who changes section
//! changes all sessions.

use super::rules::Rules;
use super::tables::*;
use super::translate_rules::{section_rules, teacher_rules};
use super::{COURSES, ENROLMENTS, FIXED, Hold, no_time, room_choice};
use crate::fault::{FaultLog, Faults};
use crate::log::Memory;
use std::collections::BTreeMap;
use std::path::Path;
use timetable::{ClassId, ClassSpec, CourseId, Format, Meta, Problem, ProblemBuilder, RoomId, TimeId};

/// Most classes of a problem read from a folder.
pub const MAX_CLASSES: u64 = 2_000_000;
/// Most time options and most room options, over all classes.
pub const MAX_OPTIONS: u64 = 40_000_000;
/// Most rooms to look at, and features to look for in them, over all courses that choose among all
/// rooms.
const MAX_LOOKS: u64 = 500_000_000;
/// Most places of students in sessions.
const MAX_PLACES: u64 = 1 << 28;
/// What a session takes while the problem is built, a possible time or room, and a session for each
/// of its teachers, in bytes.
const KEPT_BY_CLASS: u64 = 400;
const KEPT_BY_OPTION: u64 = 17;
const KEPT_BY_TAUGHT: u64 = 48;
/// Most sessions a week, and most sections, of one course.
pub const MAX_PER_COURSE: u32 = 10_000;

/// What is known of the classes while constraints are made.
pub(crate) struct Classes {
    /// Class of course, section, session (each from 0):
    /// `first[course] + session * sections + section`.
    first: Vec<u32>,
    /// Sections of each course.
    pub(crate) sections: Vec<u32>,
    /// Placements fixed softly: class, time, room.
    pub(crate) fixed: Vec<(ClassId, Option<TimeId>, Option<RoomId>)>,
}

impl Classes {
    pub(crate) fn id(&self, course: usize, section: u32, session: u32) -> ClassId {
        ClassId(self.first[course] + session * self.sections[course] + section)
    }
}

impl Tables {
    /// The problem that the tables describe.
    ///
    /// # Errors
    /// What cannot be: a course without a room that is large enough, a section without a time,
    /// fixed sessions that do not exist.
    pub fn problem(&self) -> Result<Problem, Faults> {
        self.problem_within(Memory { kept: 0, most: u64::MAX })
    }

    /// The problem, where it does not take more memory than it may.
    pub(crate) fn problem_within(&self, memory: Memory) -> Result<Problem, Faults> {
        let enrolled = self.enrolled();
        let mut log = FaultLog::default();
        check_sizes(self, &enrolled, memory, &mut log);
        if !log.is_empty() {
            return Err(log.into_faults());
        }
        let chosen = room_choice::choose(self, &enrolled);
        check_rooms(self, &enrolled, &chosen, &mut log);
        let mut b = ProblemBuilder::new(meta(self));
        let all_weeks = u64::MAX >> (64 - self.calendar.weeks);
        for room in &self.rooms {
            let unavailable: Vec<TimeId> =
                room.unavailable.iter().map(|w| b.time(all_weeks, w.days, w.from, w.to - w.from)).collect();
            let features: Vec<&str> = room.features.iter().map(String::as_str).collect();
            b.room(&room.id, room.capacity, &unavailable, &features);
        }
        let classes = add_courses(self, &enrolled, &chosen, &mut b, &mut log);
        if !log.is_empty() {
            return Err(log.into_faults());
        }
        section_rules(self, &classes, &mut b);
        teacher_rules(self, &classes, &mut b);
        add_students(self, &mut b);
        b.build().map_err(|e| Faults::one(Path::new("."), e.to_string(), "a problem within the bounds of a block"))
    }
}

fn meta(tables: &Tables) -> Meta {
    let Rules { student_conflicts, rule_weight, time_weight, .. } = tables.rules;
    Meta {
        name: tables.calendar.name.clone(),
        weeks: tables.calendar.weeks,
        days: tables.calendar.days.len() as u32,
        slots: tables.calendar.slots.len() as u32,
        time_weight,
        room_weight: 1,
        distribution_weight: rule_weight,
        student_weight: student_conflicts.penalty().flatten().unwrap_or(0),
        student_conflicts_hard: student_conflicts == Hold::Hard,
        format: Format::Csv,
    }
}

fn line(n: u64) -> Option<u64> {
    (n > 0).then_some(n)
}

fn check_sizes(tables: &Tables, enrolled: &[u32], mut memory: Memory, log: &mut FaultLog) {
    let file = Path::new(COURSES);
    let (mut classes, mut options, mut places, mut looks) = (0u64, 0u64, 0u64, 0u64);
    let all_rooms = tables.rooms.len() as u64;
    for (c, &students) in tables.courses.iter().zip(enrolled) {
        let sections = c.sections_for(students);
        if sections > MAX_PER_COURSE {
            let found = format!("course {:?} has {sections} sections", c.id);
            log.add(file, line(c.line), found, format!("at most {MAX_PER_COURSE}"));
        }
        let seats = c.section_size.map_or(u64::MAX, |size| u64::from(size) * u64::from(sections));
        if seats < u64::from(students) {
            let plural = if sections == 1 { "" } else { "s" };
            let found =
                format!("course {:?} has {students} students for {seats} seats in {sections} section{plural}", c.id);
            log.add(file, line(c.line), found, "seats for all of them");
        }
        let n = u64::from(sections) * u64::from(c.sessions);
        let starts = tables.calendar.days.len() * tables.calendar.slots.len();
        let rooms = (tables.rules.room_choices as usize).min(tables.rooms.len());
        let listed = if let RoomsWanted::Listed(list) = &c.rooms { list.len() } else { rooms };
        classes += n;
        options += n.saturating_mul(starts.max(listed) as u64);
        places += u64::from(students) * u64::from(c.sessions);
        if c.rooms == RoomsWanted::Suitable {
            looks = looks.saturating_add(all_rooms * (1 + c.features.len() as u64));
        }
        let both = n.saturating_mul((starts + listed) as u64);
        let kept = [(KEPT_BY_CLASS, n), (KEPT_BY_OPTION, both), (KEPT_BY_TAUGHT, taught(c, sections))];
        kept.iter().for_each(|(bytes, many)| memory.kept = memory.kept.saturating_add(bytes.saturating_mul(*many)));
    }
    if looks > MAX_LOOKS {
        log.add(
            file,
            None,
            format!("courses that choose among {all_rooms} rooms"),
            "fewer, or the rooms of each course",
        );
    }
    if places > MAX_PLACES {
        let found = format!("{places} places of students in sessions");
        log.add(Path::new(ENROLMENTS), None, found, format!("at most {MAX_PLACES}"));
    }
    if classes > MAX_CLASSES || options > MAX_OPTIONS {
        let found = format!("{classes} sessions with {options} times or rooms to choose from in all");
        log.add(file, None, found, format!("at most {MAX_CLASSES} with {MAX_OPTIONS}"));
    } else if let Some((found, expected)) = memory.fault() {
        let found = format!("{found}: {classes} sessions with {options} times or rooms to choose from");
        log.add(
            file,
            None,
            found,
            format!("{expected}; fewer and longer slots, the `times` of courses or their `rooms` help"),
        );
    }
}

/// Sessions of a course, each as often as somebody teaches it.
fn taught(course: &Course, sections: u32) -> u64 {
    let teams: Vec<u64> = course.teachers.iter().map(|team| team.len() as u64).collect();
    let (rounds, rest) = (sections as usize / teams.len().max(1), sections as usize % teams.len().max(1));
    let all = teams.iter().sum::<u64>() * rounds as u64 + teams.iter().take(rest).sum::<u64>();
    all * u64::from(course.sessions)
}

fn check_rooms(tables: &Tables, enrolled: &[u32], chosen: &[Vec<u32>], log: &mut FaultLog) {
    for ((c, &students), rooms) in tables.courses.iter().zip(enrolled).zip(chosen) {
        if c.rooms != RoomsWanted::NoRoom && rooms.is_empty() {
            let having = if c.features.is_empty() { String::new() } else { format!(" with {}", c.features.join(";")) };
            let seats = c.seats_for(students);
            let why = if students == 0 && c.section_size.is_some() { " (its section_size)" } else { "" };
            let found = format!("course {:?} needs a room of {seats} seats{why}{having}", c.id);
            log.add(Path::new(COURSES), line(c.line), found, "a room that has them, or `none` as its rooms");
        }
    }
}

/// Times at which a course can start, with their penalties, by day and slot.
fn starts(tables: &Tables, course: &Course, b: &mut ProblemBuilder) -> Vec<(u16, u16, TimeId, u32)> {
    let (days, slots) = (tables.calendar.days.len() as u16, tables.calendar.slots.len() as u16);
    let weeks = course.weeks_in(tables.calendar.weeks);
    let mut list = Vec::new();
    for day in 0..days {
        // How far one of its windows goes that has begun.
        let mut reach = vec![if course.times.is_empty() { slots } else { 0 }; usize::from(slots)];
        for w in course.times.iter().filter(|w| w.days >> day & 1 == 1) {
            let from = &mut reach[usize::from(w.from)];
            *from = w.to.max(*from);
        }
        let mut far = 0;
        for start in 0..(slots + 1).saturating_sub(course.length) {
            let end = start + course.length;
            far = reach[usize::from(start)].max(far);
            if end <= far {
                let avoided = tables.rules.avoid.iter().filter(|(w, _)| w.overlaps(day, start, end));
                let penalty = avoided.fold(0u32, |sum, (_, p)| sum.saturating_add(*p));
                list.push((day, start, b.time(weeks, 1 << day, start, course.length), penalty));
            }
        }
    }
    list
}

/// Marks the slots of the week at which one of the teachers does not teach.
fn mark_unavailable(tables: &Tables, teachers: &[u32], blocked: &mut [bool]) {
    let slots = tables.calendar.slots.len();
    blocked.fill(false);
    for w in teachers.iter().flat_map(|&t| &tables.teachers[t as usize].unavailable) {
        for day in (0..tables.calendar.days.len()).filter(|day| w.days >> day & 1 == 1) {
            blocked[day * slots + usize::from(w.from)..day * slots + usize::from(w.to)].fill(true);
        }
    }
}

fn add_courses(
    tables: &Tables,
    enrolled: &[u32],
    chosen: &[Vec<u32>],
    b: &mut ProblemBuilder,
    log: &mut FaultLog,
) -> Classes {
    let slots = tables.calendar.slots.len();
    let mut blocked = vec![false; tables.calendar.days.len() * slots];
    let mut fixed = fixed_by_class(tables, enrolled, log);
    let mut out = Classes { first: Vec::new(), sections: Vec::new(), fixed: Vec::new() };
    let mut next = 0u32;
    for (i, course) in tables.courses.iter().enumerate() {
        let sections = course.sections_for(enrolled[i]);
        let all_starts = starts(tables, course, b);
        let rooms: Vec<(RoomId, u32)> = chosen[i].iter().map(|&r| (RoomId(r), 0)).collect();
        let mut free = Vec::new();
        for section in 0..sections {
            let hard = tables.rules.availability == Hold::Hard;
            mark_unavailable(tables, if hard { course.teachers_of(section) } else { &[] }, &mut blocked);
            let is_free = |&&(day, start, ..): &&(u16, u16, TimeId, u32)| {
                let first = usize::from(day) * slots + usize::from(start);
                !blocked[first..first + usize::from(course.length)].contains(&true)
            };
            let list: Vec<_> = all_starts.iter().filter(is_free).copied().collect();
            if list.is_empty() {
                let found = format!("course {:?}, section {}: there is no time for it", course.id, section + 1);
                log.add(Path::new(COURSES), line(course.line), found, no_time::some_time(tables, course, section));
            }
            free.push(list);
        }
        b.course(&course.id);
        b.config("");
        out.first.push(next);
        out.sections.push(sections);
        for session in 0..course.sessions {
            b.subpart(&(session + 1).to_string());
            for section in 0..sections {
                let list = &free[section as usize];
                let mut times: Vec<(TimeId, u32)> = list.iter().map(|&(_, _, t, penalty)| (t, penalty)).collect();
                let mut in_rooms = rooms.as_slice();
                let fixed_room;
                if let Some(f) = fixed.remove(&(i as u32, section, session)) {
                    let time = f.time.and_then(|(d, s)| list.iter().find(|t| (t.0, t.1) == (d, s)));
                    if let (Some(wanted), None, false) = (f.time, time, list.is_empty()) {
                        let found = no_time::not_then(tables, course, section, wanted);
                        log.add(Path::new(FIXED), line(f.line), found, "a time at which it and its teachers can");
                    }
                    if tables.rules.fixed == Hold::Hard {
                        if let Some(&(_, _, t, penalty)) = time {
                            times = vec![(t, penalty)];
                        }
                        if let Some(room) = f.room {
                            fixed_room = [(RoomId(room), 0)];
                            in_rooms = &fixed_room;
                        }
                    } else if tables.rules.fixed != Hold::Off {
                        out.fixed.push((ClassId(next), time.map(|t| t.2), f.room.map(RoomId)));
                    }
                }
                let name = format!("{}-{}.{}", course.id, section + 1, session + 1);
                let limit = course.limit_for(enrolled[i]);
                let class = b.class(ClassSpec { name: &name, limit, times: &times, rooms: in_rooms });
                if session > 0 {
                    b.set_parent(class, ClassId(out.first[i] + section));
                }
                next += 1;
            }
        }
    }
    out
}

/// The rows of `fixed.csv` by course, section and session (from 0).
fn fixed_by_class<'a>(
    tables: &'a Tables,
    enrolled: &[u32],
    log: &mut FaultLog,
) -> BTreeMap<(u32, u32, u32), &'a Fixed> {
    let mut by_class = BTreeMap::new();
    for f in &tables.fixed {
        let course = &tables.courses[f.course as usize];
        let sections = course.sections_for(enrolled[f.course as usize]);
        for (what, n, most) in [("section", f.section, sections), ("session", f.session, course.sessions)] {
            if n == 0 || n > most {
                let found = format!("course {:?} has no {what} {n}", course.id);
                log.add(Path::new(FIXED), line(f.line), found, format!("1 to {most}"));
            }
        }
        let key = (f.course, f.section.wrapping_sub(1), f.session.wrapping_sub(1));
        if by_class.insert(key, f).is_some() {
            let found = format!("course {:?}, section {}, session {} again", course.id, f.section, f.session);
            log.add(Path::new(FIXED), line(f.line), found, "each session fixed once");
        }
    }
    by_class
}

fn add_students(tables: &Tables, b: &mut ProblemBuilder) {
    let mut first = vec![0u32; tables.students.len() + 1];
    for &(student, _) in &tables.enrolments {
        first[student as usize + 1] += 1;
    }
    for i in 1..first.len() {
        first[i] += first[i - 1];
    }
    let mut at = first.clone();
    let mut taken = vec![CourseId(0); tables.enrolments.len()];
    for &(student, course) in &tables.enrolments {
        taken[at[student as usize] as usize] = CourseId(course);
        at[student as usize] += 1;
    }
    for (i, s) in tables.students.iter().enumerate() {
        b.student(&s.id, &taken[first[i] as usize..first[i + 1] as usize]);
    }
}
