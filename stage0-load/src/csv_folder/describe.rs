//! A problem back to tables: a description is proposed, made a problem again, and only taken where that problem is the same.

use super::calendar::{Calendar, Window, canonical};
use super::compare::differences;
use super::rules::{Hold, Rules, TeacherDefaults};
use super::tables::*;
use super::{plain_calendar, room_choice};
use crate::names::Names;
use crate::solution::WriteError;
use std::collections::{BTreeMap, BTreeSet};
use timetable::*;

/// The tables that describe a problem. Names of people and departments are not in a problem; they stay empty. Where rooms are not those
/// that the tables' own choice gives, they are listed.
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

/// Day and first slot of the times of a class; of a time on several days only the first, which the comparison then finds.
fn starts(problem: &Problem, class: ClassId) -> impl Iterator<Item = (u16, u16, u16, u32)> + use<'_> {
    problem.times_of(class).iter().map(|o| {
        let t = problem.times()[o.time().index()];
        (t.days.trailing_zeros() as u16, t.start, t.end, o.penalty)
    })
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

/// How each rule holds, by the first constraint of its kind; what there is none of stays as in default rules, but for what would add
/// constraints.
fn proposed_rules(problem: &Problem, calendar: &Calendar) -> Rules {
    let m = problem.meta();
    let hold = |kind: Kind| {
        let row = problem.constraints().iter().find(|c| c.kind == kind as u32);
        row.map(|c| if c.hard == 1 { Hold::Hard } else { Hold::Costs(c.penalty) })
    };
    Rules {
        student_conflicts: if m.student_conflicts_hard == 1 { Hold::Hard } else { Hold::Costs(m.student_weight) },
        teacher_clash: hold(Kind::TeacherClash).unwrap_or(Hold::Hard),
        different_days: hold(Kind::DifferentDays).unwrap_or(Hold::Off),
        same_room: hold(Kind::SameRoom).unwrap_or(Hold::Off),
        availability: hold(Kind::Availability).unwrap_or(Hold::Hard),
        fixed: hold(Kind::FixedPlacement).unwrap_or(Hold::Hard),
        max_daily_load: hold(Kind::MaxDayLoad).unwrap_or(Hold::Hard),
        max_consecutive: hold(Kind::MaxBlock).unwrap_or(Hold::Hard),
        lunch: hold(Kind::LunchBreak).unwrap_or(Hold::Hard),
        max_gaps: hold(Kind::Gaps).unwrap_or(Hold::Hard),
        rule_weight: m.distribution_weight,
        time_weight: m.time_weight,
        avoid: avoided(problem, calendar),
        teachers: TeacherDefaults::default(),
        room_choices: Rules::ROOM_CHOICES,
    }
}

/// Times to avoid, from the penalties of the shortest classes: runs of starts with the same penalty.
fn avoided(problem: &Problem, calendar: &Calendar) -> Vec<(Window, u32)> {
    let lengths = problem.class_ids().filter_map(|c| starts(problem, c).next()).map(|(_, s, e, _)| e - s);
    let Some(length) = lengths.min() else { return Vec::new() };
    let (days, slots) = (calendar.days.len(), calendar.slots.len());
    let mut penalties = vec![0u32; days * slots];
    for class in problem.class_ids() {
        for (day, start, end, penalty) in starts(problem, class).filter(|(_, s, e, _)| e - s == length) {
            if end as usize <= slots {
                penalties[usize::from(day) * slots + usize::from(start)] = penalty;
            }
        }
    }
    let mut found: BTreeMap<(u16, u16, u32), u16> = BTreeMap::new();
    let last = slots + 1 - usize::from(length);
    for day in 0..days {
        let mut from = 0;
        for run in penalties[day * slots..day * slots + last].chunk_by(|a, b| a == b) {
            let to = if from + run.len() == last { slots } else { from + run.len() };
            let first = if from == 0 { 0 } else { from + usize::from(length) - 1 };
            if run[0] > 0 && first < to {
                *found.entry((first as u16, to as u16, run[0])).or_default() |= 1 << day;
            }
            from += run.len();
        }
    }
    found.into_iter().map(|((from, to, penalty), days)| (Window { days, from, to }, penalty)).collect()
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

fn course(problem: &Problem, i: usize, teaches: &[Vec<u32>], fixed: &mut Vec<Fixed>) -> Course {
    let row = &problem.courses()[i];
    let subparts = problem.configs()[row.configs.first as usize].subparts;
    let first = problem.subparts()[subparts.first as usize].classes;
    let sections = first.len;
    let class = |session: u32, section: u32| {
        ClassId(problem.subparts()[(subparts.first + session) as usize].classes.first + section)
    };
    let classes = || (0..subparts.len).flat_map(|session| (0..sections).map(move |section| (session, section)));

    // When it can be held at all, and the largest list of rooms; what single classes have less is fixed.
    let union: BTreeSet<(u16, u16, u16)> =
        classes().flat_map(|(k, s)| starts(problem, class(k, s))).map(|(d, s, e, _)| (d, s, e)).collect();
    let length = union.first().map_or(1, |&(_, s, e)| e - s);
    let rooms_of = |c: ClassId| problem.rooms_of(c).iter().map(|o| o.room).collect::<Vec<_>>();
    let rooms = classes().map(|(k, s)| rooms_of(class(k, s))).max_by_key(Vec::len).unwrap_or_default();
    for (session, section) in classes() {
        let own = class(session, section);
        let most = (0..subparts.len).map(|k| problem.times_of(class(k, section)).len()).max().unwrap_or(0);
        let differ = (0..subparts.len).any(|k| problem.times_of(class(k, section)) != problem.times_of(own));
        let time = starts(problem, own).next().filter(|_| problem.times_of(own).len() == 1 && (most > 1 || differ));
        let here = rooms_of(own);
        let room = here.first().copied().filter(|_| here.len() == 1 && rooms != here);
        if time.is_some() || room.is_some() {
            let time = time.map(|(day, start, ..)| (day, start));
            fixed.push(Fixed { course: i as u32, section: section + 1, session: session + 1, time, room, line: 0 });
        }
    }

    let meta = problem.meta();
    let all = meta.days as usize * (meta.slots as usize + 1).saturating_sub(usize::from(length));
    let mut times: BTreeMap<(u16, u16), u16> = BTreeMap::new();
    for &(day, start, end) in union.iter().filter(|_| union.len() < all) {
        *times.entry((start, end)).or_default() |= 1 << day;
    }
    let weeks = problem.times_of(class(0, 0)).first().map_or(0, |o| problem.times()[o.time().index()].weeks);
    let by_section: Vec<Vec<u32>> = (0..sections).map(|s| teaches[class(0, s).index()].clone()).collect();
    Course {
        id: problem.name(row.name).to_owned(),
        teachers: if by_section.iter().all(Vec::is_empty) { Vec::new() } else { by_section },
        sections: Some(sections),
        section_size: problem.classes()[class(0, 0).index()].limit(),
        sessions: subparts.len,
        length,
        rooms: if rooms.is_empty() { RoomsWanted::NoRoom } else { RoomsWanted::Listed(rooms) },
        times: times.into_iter().map(|((from, to), days)| Window { days, from, to }).collect(),
        weeks: if weeks == u64::MAX >> (64 - meta.weeks) { 0 } else { weeks },
        ..Course::default()
    }
}

/// Placements that are fixed at a cost.
fn soft_fixed(problem: &Problem, fixed: &mut Vec<Fixed>) {
    for (i, row) in problem.constraints().iter().enumerate().filter(|(_, c)| c.kind == Kind::FixedPlacement as u32) {
        for &class in problem.classes_of(ConstraintId::new(i)) {
            let class = ClassId(class);
            let subpart = problem.classes()[class.index()].subpart;
            let time = TimeId::from_raw(row.params[0]).map(|t| problem.times()[t.index()]);
            fixed.push(Fixed {
                course: problem.course_of(class).0,
                section: class.0 - problem.subparts()[subpart as usize].classes.first + 1,
                session: subpart - problem.configs()[problem.config_of(class).index()].subparts.first + 1,
                time: time.map(|t| (t.days.trailing_zeros() as u16, t.start)),
                room: RoomId::from_raw(row.params[1]).map(|r| r.0),
                line: 0,
            });
        }
    }
}
