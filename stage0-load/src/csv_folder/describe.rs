//! A problem back to tables: a description is proposed, made a problem again, and only taken where
//! that problem is the same.

use super::calendar::{Calendar, Window, canonical};
use super::compare::differences;
use super::describe_courses::{course, soft_fixed, starts};
use super::describe_rules::proposed_rules;
use super::rules::Hold;
use super::tables::*;
use super::{plain_calendar, room_choice};
use crate::names::Names;
use crate::write_error::WriteError;
use std::collections::BTreeSet;
use timetable::*;

/// The tables that describe a problem. Names of people and departments are not in a problem; they
/// stay empty. Where rooms are not those that the tables' own choice gives, they are listed.
///
/// # Errors
/// What of the problem a folder cannot hold.
pub fn describe(problem: &Problem) -> Result<Tables, WriteError> {
    let mut cannot = Vec::new();
    let kinds: BTreeSet<&str> = (0..problem.constraints().len())
        .map(|i| problem.kind_of(ConstraintId::new(i)))
        .filter(|k| !held(*k))
        .map(Kind::name)
        .collect();
    cannot.extend(kinds.iter().map(|kind| format!("constraints {kind}")));
    if !problem.travel().is_empty() {
        cannot.push("travel times".into());
    }
    if problem.meta().slots as usize > Calendar::MAX_SLOTS {
        cannot.push(format!("{} slots a day, more than {}", problem.meta().slots, Calendar::MAX_SLOTS));
    }
    if let Some(c) = problem.courses().iter().find(|c| !is_sectioned(problem, c)) {
        let name = problem.name(c.name);
        cannot.push(format!("course {name}, which is not sections that all have the same sessions"));
    }
    if cannot.is_empty() {
        let mut tables = propose(problem);
        match compared(problem, &tables) {
            Ok(()) => {
                free_rooms(problem, &mut tables);
                return Ok(tables);
            }
            Err(what) => cannot = what,
        }
    }
    Err(WriteError::CannotHold { format: Format::Csv, what: cannot })
}

fn compared(problem: &Problem, tables: &Tables) -> Result<(), Vec<String>> {
    let again = tables.problem().map_err(|faults| faults.list().iter().map(|f| f.found.clone()).collect::<Vec<_>>())?;
    let what = differences(problem, &again);
    if what.is_empty() { Ok(()) } else { Err(what) }
}

/// Leaves out the lists of rooms where the choice of rooms gives the same.
fn free_rooms(problem: &Problem, tables: &mut Tables) {
    let mut free = tables.clone();
    for course in &mut free.courses {
        if course.rooms != RoomsWanted::NoRoom {
            course.rooms = RoomsWanted::Suitable;
        }
    }
    let chosen = room_choice::choose(&free, &free.enrolled());
    let listed = |(c, rooms): (&Course, &Vec<u32>)| match &c.rooms {
        RoomsWanted::Listed(list) => list == rooms,
        _ => true,
    };
    if tables.courses.iter().zip(&chosen).all(listed) && compared(problem, &free).is_ok() {
        *tables = free;
    }
}

fn held(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::DifferentDays
            | Kind::NotOverlap
            | Kind::SameRoom
            | Kind::FixedPlacement
            | Kind::TeacherClash
            | Kind::MaxDayLoad
            | Kind::MaxBlock
            | Kind::LunchBreak
            | Kind::Gaps
            | Kind::Availability
    )
}

/// One configuration, as many classes in each subpart, and at least one.
fn is_sectioned(problem: &Problem, course: &CourseRow) -> bool {
    let subparts = match &problem.configs()[course.configs.range()] {
        [config] => &problem.subparts()[config.subparts.range()],
        _ => return false,
    };
    !subparts.is_empty() && subparts.iter().all(|s| s.classes.len == subparts[0].classes.len && s.classes.len > 0)
}

fn propose(problem: &Problem) -> Tables {
    let calendar = plain_calendar(problem);
    let names = |i: usize| problem.name(problem.constraints()[i].name);
    let teacher_kinds = |k: Kind| {
        held(k) && !matches!(k, Kind::DifferentDays | Kind::NotOverlap | Kind::SameRoom | Kind::FixedPlacement)
    };
    let of_teachers: Vec<usize> =
        (0..problem.constraints().len()).filter(|&i| teacher_kinds(problem.kind_of(ConstraintId::new(i)))).collect();
    let mut ids = Names::new("teacher");
    let mut teachers: Vec<Teacher> = Vec::new();
    let mut rules = proposed_rules(problem, &calendar);
    let mut teaches: Vec<Vec<u32>> = vec![Vec::new(); problem.classes().len()];
    for i in of_teachers {
        let (row, id) = (&problem.constraints()[i], ConstraintId::new(i));
        let t = ids.number(names(i)) as usize;
        if t == teachers.len() {
            teachers.push(Teacher { id: names(i).to_owned(), ..Teacher::default() });
        }
        let [a, b, c] = row.params;
        match problem.kind_of(id) {
            Kind::TeacherClash => {
                problem.classes_of(id).iter().for_each(|&class| teaches[class as usize].push(t as u32));
            }
            Kind::MaxDayLoad => teachers[t].max_daily_load = Some(a),
            Kind::MaxBlock => teachers[t].max_consecutive = Some(a),
            Kind::Gaps => teachers[t].max_gaps = Some(a),
            Kind::LunchBreak => {
                teachers[t].lunch = u16::try_from(a).ok().zip(u16::try_from(b).ok()).filter(|(f, t)| f < t);
                rules.teachers.lunch_slots = Some(c);
            }
            _ => {
                let times = problem.constraints()[i].times.range();
                teachers[t].unavailable = windows_of(problem, &problem.constraint_times()[times]);
            }
        }
    }
    if rules.availability == Hold::Hard {
        for (t, windows) in never_taught(problem, &teaches, teachers.len()).into_iter().enumerate() {
            teachers[t].unavailable = windows;
        }
    }
    let rooms = (0..problem.rooms().len()).map(|i| {
        let (row, id) = (&problem.rooms()[i], RoomId::new(i));
        let features = problem.room_features()[row.features.range()].iter().map(|&f| problem.name(f).to_owned());
        Room {
            id: problem.room_name(id).to_owned(),
            capacity: row.capacity,
            features: features.collect(),
            unavailable: windows_of(problem, problem.unavailable_of(id)),
            line: 0,
        }
    });
    let rooms = rooms.collect();
    let students = (0..problem.students().len()).map(|i| problem.student_name(StudentId::new(i)).to_owned());
    let students = students.map(|id| Student { id, ..Student::default() }).collect();
    let mut fixed = Vec::new();
    let courses = (0..problem.courses().len()).map(|i| course(problem, i, &teaches, &mut fixed)).collect();
    soft_fixed(problem, &mut fixed);
    let enrolments = problem.requests().iter().map(|r| (r.student, r.course)).collect();
    Tables { calendar, rules, rooms, teachers, students, courses, enrolments, fixed }
}

fn windows_of(problem: &Problem, times: &[u32]) -> Vec<Window> {
    let row = |&t: &u32| problem.times()[t as usize];
    times.iter().map(row).map(|t| Window { days: t.days, from: t.start, to: t.end }).collect()
}

/// For each teacher the slots that none of the times of their classes covers.
fn never_taught(problem: &Problem, teaches: &[Vec<u32>], teachers: usize) -> Vec<Vec<Window>> {
    let (days, slots) = (problem.meta().days as usize, problem.meta().slots as usize);
    let mut classes: Vec<Vec<ClassId>> = vec![Vec::new(); teachers];
    for (class, by) in teaches.iter().enumerate() {
        by.iter().for_each(|&t| classes[t as usize].push(ClassId::new(class)));
    }
    let mut out = Vec::with_capacity(teachers);
    for list in classes {
        let mut free = vec![false; days * slots];
        for (day, start, end, _) in list.iter().flat_map(|&c| starts(problem, c)) {
            let at = usize::from(day) * slots;
            free[at + usize::from(start)..at + usize::from(end)].fill(true);
        }
        let blocked = free.iter().enumerate().filter(|(_, free)| !**free);
        let window = |(i, _): (usize, &bool)| Window {
            days: 1 << (i / slots),
            from: (i % slots) as u16,
            to: (i % slots) as u16 + 1,
        };
        let windows: Vec<Window> = if list.is_empty() { Vec::new() } else { blocked.map(window).collect() };
        out.push(canonical(&windows, days, slots));
    }
    out
}
