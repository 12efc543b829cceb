//! Why a session cannot be held at a time, or at any: who is away, what its course allows.

use super::tables::{Course, Tables};
use super::{COURSES, Hold, TEACHERS, Window};

/// Why the sessions of a section cannot begin at a day and a slot: what cannot be, and why.
pub(super) fn not_then(tables: &Tables, course: &Course, section: u32, (day, start): (u16, u16)) -> String {
    let calendar = &tables.calendar;
    let when = format!("{} {}", calendar.day_names(1 << day), calendar.start_name(start));
    let what = format!("course {:?}, section {} cannot be held on {when:?}", course.id, section + 1);
    let end = start + course.length;
    if usize::from(end) > calendar.slots.len() {
        return format!("{what}: it takes {} slots, and the day ends before", course.length);
    }
    let within = |w: &Window| w.days >> day & 1 == 1 && w.from <= start && end <= w.to;
    let teachers = course.teachers_of(section).iter().map(|&t| &tables.teachers[t as usize]);
    let is_asked = tables.rules.availability == Hold::Hard;
    let away = teachers.filter(|_| is_asked).find(|t| t.unavailable.iter().any(|w| w.overlaps(day, start, end)));
    match away {
        Some(teacher) => format!("{what}: {:?} is not available then{}", teacher.id, at(TEACHERS, teacher.line)),
        None if !course.times.is_empty() && !course.times.iter().any(within) => {
            format!("{what}: that is not within its `times`{}", at(COURSES, course.line))
        }
        None => what,
    }
}

/// What a section needs that has no time at all.
pub(super) fn some_time(tables: &Tables, course: &Course, section: u32) -> String {
    let slots = if course.length == 1 { "a free slot" } else { &format!("{} free slots in a row", course.length) };
    let within = if course.times.is_empty() { "" } else { " within its `times`" };
    let teachers = course.teachers_of(section).iter().map(|&t| &tables.teachers[t as usize]);
    let names: Vec<String> = teachers.map(|t| format!("{:?}{}", t.id, at(TEACHERS, t.line))).collect();
    match names.as_slice() {
        [] => format!("{slots}{within}"),
        [one] => format!("{slots}{within} when {one} is available"),
        more => format!("{slots}{within} when {} are available", more.join(" and ")),
    }
}

fn at(file: &str, line: u64) -> String {
    if line > 0 { format!(" ({file}:{line})") } else { String::new() }
}
