//! From the lines of a `.ctt` file to a problem: a lecture becomes a class in a subpart of its own.

use super::read::File;
use crate::log::{Log, quoted};
use crate::names::{Names, Seen};
use timetable::{ClassId, ClassSpec, ConstraintSpec, Format, Kind, Meta, ProblemBuilder, RoomId, TimeId};

/// Cost of a working day too few.
pub(crate) const MIN_DAYS_PENALTY: u32 = 5;
/// Cost of an isolated lecture.
pub(crate) const ISOLATED_PENALTY: u32 = 2;
/// Cost of a room beyond the first.
pub(crate) const STABILITY_PENALTY: u32 = 1;
/// Most possible times and rooms, all classes together, and most classes named in constraints: a
/// short file can ask for a huge problem.
const ROWS_MAX: u64 = 50_000_000;
/// What a lecture, a possible time or room and a lecture in a curriculum take while the problem is
/// built, in bytes.
const KEPT_BY_LECTURE: u64 = 300;
const KEPT_BY_OPTION: u64 = 17;
const KEPT_BY_MEMBER: u64 = 32;
/// Most lectures.
const LECTURES_MAX: u64 = 1_000_000;

/// The builder, filled; `None` or faults in the log where the file cannot be a problem.
pub(super) fn build(file: &File, log: &mut Log) -> Option<ProblemBuilder> {
    let mut courses = Names::new("course");
    for (i, c) in file.courses.iter().enumerate() {
        courses.define(log, c.line, &c.name, i);
    }
    if file.courses_lost {
        courses.are_partial();
    }
    let mut rooms = Names::new("room");
    for (i, r) in file.rooms.iter().enumerate() {
        rooms.define(log, r.line, &r.name, i);
    }
    let members = curricula(file, log, &courses);
    let free = free_periods(file, log, &courses);
    if file.rooms.len() >= usize::from(u16::MAX) {
        log.fault(0, format!("{} rooms", file.rooms.len()), "fewer than 65535");
    }
    if !small_enough(file, log, &members, &free) || !log.is_empty() {
        return None;
    }

    let mut b = ProblemBuilder::new(Meta {
        name: file.name.clone(),
        weeks: 1,
        days: file.days,
        slots: file.periods,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::CbCtt,
    });
    for room in &file.rooms {
        b.room(&room.name, room.capacity, &[], &[]);
    }
    let lectures = add_courses(file, &mut b, &free);
    add_constraints(file, &mut b, &members, &lectures);
    Some(b)
}

/// The courses of each curriculum.
fn curricula(file: &File, log: &mut Log, courses: &Names) -> Vec<Vec<u32>> {
    let mut names = Names::new("curriculum");
    let mut seen = Seen::default();
    let mut members = Vec::with_capacity(file.curricula.len());
    for (i, q) in file.curricula.iter().enumerate() {
        names.define(log, q.line, &q.name, i);
        seen.next_round();
        let of = format!(" of curriculum {}", quoted(&q.name));
        let mut list = Vec::with_capacity(q.courses.len());
        for name in &q.courses {
            let Some(course) = courses.find(log, q.line, name, &of) else { continue };
            if seen.first(course) {
                list.push(course);
            } else {
                log.fault(q.line, format!("course {}{of} again", quoted(name)), "each course once");
            }
        }
        members.push(list);
    }
    members
}

/// The periods of each course, as day × periods a day + period.
fn free_periods(file: &File, log: &mut Log, courses: &Names) -> Vec<Vec<u32>> {
    let mut taken: Vec<Vec<u32>> = vec![Vec::new(); file.courses.len()];
    for u in &file.unavailable {
        if let Some(course) = courses.find(log, u.line, &u.course, " that is unavailable")
            && let Some(list) = taken.get_mut(course as usize)
        {
            list.push(u.day * file.periods + u.period);
        }
    }
    let all = u64::from(file.days) * u64::from(file.periods);
    log.keep(4 * all * file.courses.len() as u64);
    if log.holds(0, file.size).is_err() {
        return Vec::new();
    }
    let mut free = Vec::with_capacity(file.courses.len());
    for (course, mut list) in file.courses.iter().zip(taken) {
        list.sort_unstable();
        list.dedup();
        let left = all - list.len() as u64;
        if left < u64::from(course.lectures) {
            let found =
                format!("{} lectures of course {} in {left} available periods", course.lectures, quoted(&course.name));
            log.fault(course.line, found, "as many periods as lectures");
        }
        free.push((0..all as u32).filter(|p| list.binary_search(p).is_err()).collect());
    }
    free
}

fn small_enough(file: &File, log: &mut Log, members: &[Vec<u32>], free: &[Vec<u32>]) -> bool {
    let lectures: u64 = file.courses.iter().map(|c| u64::from(c.lectures)).sum();
    let periods = u64::from(file.days) * u64::from(file.periods);
    let options: u64 = lectures.saturating_mul(periods + file.rooms.len() as u64);
    let named: u64 = members.iter().flatten().map(|&c| u64::from(file.courses[c as usize].lectures)).sum();
    let good = lectures <= LECTURES_MAX && options <= ROWS_MAX && named <= ROWS_MAX && free.len() == file.courses.len();
    if good {
        log.keep(KEPT_BY_LECTURE * lectures + KEPT_BY_OPTION * options + KEPT_BY_MEMBER * named);
        return log.holds(0, file.size).is_ok();
    }
    if log.is_empty() {
        let found =
            format!("{lectures} lectures with {periods} periods and {} rooms, {named} in curricula", file.rooms.len());
        log.fault(0, found, format!("at most {LECTURES_MAX} lectures and {ROWS_MAX} possible times and rooms"));
    }
    false
}

/// Adds the lectures; the classes of each course.
fn add_courses(file: &File, b: &mut ProblemBuilder, free: &[Vec<u32>]) -> Vec<Vec<ClassId>> {
    let mut lectures = Vec::with_capacity(file.courses.len());
    for (course, free) in file.courses.iter().zip(free) {
        let times: Vec<(TimeId, u32)> =
            free.iter().map(|p| (b.time(1, 1 << (p / file.periods), (p % file.periods) as u16, 1), 0)).collect();
        let rooms: Vec<(RoomId, u32)> = (file.rooms.iter().enumerate())
            .map(|(i, r)| (RoomId::new(i), course.students.saturating_sub(r.capacity)))
            .collect();
        b.course(&course.name);
        b.config(&course.name);
        let add = |i| {
            let name = format!("{}-{}", course.name, i + 1);
            b.subpart(&name);
            b.class(ClassSpec { name: &name, limit: Some(course.students), times: &times, rooms: &rooms })
        };
        lectures.push((0..course.lectures).map(add).collect());
    }
    lectures
}

fn add_constraints(file: &File, b: &mut ProblemBuilder, members: &[Vec<u32>], lectures: &[Vec<ClassId>]) {
    let mut add = |kind, name: &str, penalty, params: &[u32], classes: &[ClassId]| {
        b.constraint(ConstraintSpec { kind, name, penalty, params, classes, times: &[] });
    };
    // A course's lectures all are in its teacher's group, so they clash there.
    let mut teachers = Names::new("teacher");
    let mut groups: Vec<(&str, Vec<ClassId>)> = Vec::new();
    for (course, classes) in file.courses.iter().zip(lectures) {
        let i = teachers.number(&course.teacher);
        if i as usize == groups.len() {
            groups.push((&course.teacher, Vec::new()));
        }
        groups[i as usize].1.extend(classes);
    }
    for (teacher, classes) in groups.iter().filter(|(_, classes)| classes.len() > 1) {
        add(Kind::TeacherClash, teacher, None, &[], classes);
    }
    for (q, members) in file.curricula.iter().zip(members) {
        let classes: Vec<ClassId> = members.iter().flat_map(|&c| &lectures[c as usize]).copied().collect();
        if classes.len() > 1 {
            add(Kind::CurriculumClash, &q.name, None, &[], &classes);
        }
        add(Kind::IsolatedLectures, &q.name, Some(ISOLATED_PENALTY), &[], &classes);
    }
    for (course, classes) in file.courses.iter().zip(lectures) {
        add(Kind::MinWorkingDays, &course.name, Some(MIN_DAYS_PENALTY), &[course.min_days], classes);
        add(Kind::RoomStability, &course.name, Some(STABILITY_PENALTY), &[], classes);
    }
}
