//! What tables ask for that cannot hold as it is asked for: limits shorter than a session, a lunch
//! longer than its hours. What would hold in the letter only (a session longer than `max_consecutive`
//! is no violation of it) is told all the same.

use super::rules::Hold;
use super::tables::{Course, RoomsWanted, Tables};
use super::{COURSES, FIXED, ROOMS, RULES, TEACHERS};
use crate::quick_checks::{Check, Finding, Severity};
use crate::words::{clean, some_of};
use std::collections::BTreeMap;

/// Everything of the kind.
pub(crate) fn asked(tables: &Tables) -> Vec<Finding> {
    let mut found = Vec::new();
    limits(tables, &mut found);
    lunch(tables, &mut found);
    fixed_rooms(tables, &mut found);
    listed_rooms(tables, &mut found);
    different_days(tables, &mut found);
    found
}

fn severity(hold: Hold) -> Option<Severity> {
    match hold {
        Hold::Hard => Some(Severity::Error),
        Hold::Off => None,
        Hold::Costs(_) => Some(Severity::Warning),
    }
}

fn place(file: &str, line: u64) -> String {
    if line > 0 { format!("{file}:{line}") } else { file.to_owned() }
}

/// By teacher: the longest sessions that they hold, with their courses.
fn longest(tables: &Tables) -> Vec<(u16, Vec<&Course>)> {
    let mut longest: Vec<(u16, Vec<&Course>)> = vec![(0, Vec::new()); tables.teachers.len()];
    for (course, enrolled) in tables.courses.iter().zip(tables.enrolled()) {
        let sections = course.sections_for(enrolled).min(course.teachers.len() as u32);
        for &teacher in (0..sections).flat_map(|section| course.teachers_of(section)) {
            let (length, courses) = &mut longest[teacher as usize];
            if course.length > *length {
                (*length, *courses) = (course.length, Vec::new());
            }
            if course.length == *length
                && courses.last().is_none_or(|last| last.line != course.line || last.id != course.id)
            {
                courses.push(course);
            }
        }
    }
    longest
}

/// Limits of slots a day, or in a row, that are shorter than a session.
fn limits(tables: &Tables, found: &mut Vec<Finding>) {
    let longest = longest(tables);
    let defaults = &tables.rules.teachers;
    for (rule, hold, own, default) in [
        (
            "max_daily_load",
            tables.rules.max_daily_load,
            tables.teachers.iter().map(|t| t.max_daily_load).collect::<Vec<_>>(),
            defaults.max_daily_load,
        ),
        (
            "max_consecutive",
            tables.rules.max_consecutive,
            tables.teachers.iter().map(|t| t.max_consecutive).collect(),
            defaults.max_consecutive,
        ),
    ] {
        let Some(severity) = severity(hold) else { continue };
        // By where the limit stands, 0 for the rules: it, the teachers, the courses.
        let mut by_limit: BTreeMap<usize, (u32, Vec<usize>)> = BTreeMap::new();
        for (i, own) in own.iter().enumerate() {
            let Some(limit) = own.or(default).filter(|&limit| u32::from(longest[i].0) > limit) else { continue };
            let key = if own.is_some() { i + 1 } else { 0 };
            by_limit.entry(key).or_insert((limit, Vec::new())).1.push(i);
        }
        for (key, (limit, teachers)) in by_limit {
            let at = match key.checked_sub(1) {
                Some(teacher) => place(TEACHERS, tables.teachers[teacher].line),
                None => RULES.to_owned(),
            };
            let mut courses: Vec<&Course> = teachers.iter().flat_map(|&t| longest[t].1.iter().copied()).collect();
            courses.sort_by_key(|c| (c.line, &c.id));
            courses.dedup_by_key(|c| (c.line, &c.id));
            let (short, length) = courses.iter().fold((u16::MAX, 0), |(a, z), c| (a.min(c.length), z.max(c.length)));
            let takes = if short < length { format!("{short} to {length}") } else { length.to_string() };
            let what = some_of(courses.iter().map(|c| format!("{} ({})", clean(&c.id), place(COURSES, c.line))));
            let who = some_of(teachers.iter().map(|&t| clean(&tables.teachers[t].id)));
            let slots = if limit == 1 { "1 slot" } else { &format!("{limit} slots") };
            let where_to = if rule == "max_daily_load" { "a day" } else { "in a row" };
            let mut places = vec![at.clone()];
            places.extend(courses.iter().take(5).map(|c| place(COURSES, c.line)));
            found.push(Finding {
                severity,
                check: Check::Limit,
                rule: rule.to_owned(),
                classes: Vec::new(),
                places,
                text: format!("`{rule}` of {who} is {slots} {where_to} ({at}), and a session of {what} takes {takes}"),
                remedy: format!(
                    "Maybe raise `{rule}` to {length} for them, shorten the sessions, or let somebody else teach them"
                ),
            });
        }
    }
}

/// A lunch that is longer than the hours in which it must lie.
fn lunch(tables: &Tables, found: &mut Vec<Finding>) {
    let Some(severity) = severity(tables.rules.lunch) else { return };
    let defaults = &tables.rules.teachers;
    let wanted = defaults.lunch_slots.unwrap_or(1).max(1);
    let mut tell = |(from, to): (u16, u16), who: Option<usize>| {
        let there = u32::from(to.saturating_sub(from));
        if there >= wanted {
            return;
        }
        let (at, whose) = match who {
            Some(t) => (place(TEACHERS, tables.teachers[t].line), format!(" of {}", clean(&tables.teachers[t].id))),
            None => (RULES.to_owned(), String::new()),
        };
        let hours = tables.calendar.hours_name(from, to);
        let slots = if there == 1 { "1 slot" } else { &format!("{there} slots") };
        found.push(Finding {
            severity,
            check: Check::Lunch,
            rule: "lunch".to_owned(),
            classes: Vec::new(),
            text: format!(
                "`lunch`{whose} ({at}) is to be {wanted} free slots in a row (`lunch_slots`, {RULES}) within {hours}, which are {slots}"
            ),
            remedy: format!("Maybe lower `lunch_slots` to {there}, or make the hours of `lunch` longer"),
            places: vec![at],
        });
    };
    let mut is_taught = vec![false; tables.teachers.len()];
    for &teacher in tables.courses.iter().flat_map(|c| &c.teachers).flatten() {
        is_taught[teacher as usize] = true;
    }
    let teach = |t: &usize| is_taught[*t];
    if let Some(hours) = defaults.lunch
        && (0..tables.teachers.len()).filter(teach).any(|t| tables.teachers[t].lunch.is_none())
    {
        tell(hours, None);
    }
    for t in (0..tables.teachers.len()).filter(teach) {
        if let Some(hours) = tables.teachers[t].lunch {
            tell(hours, Some(t));
        }
    }
}

/// Rooms that somebody fixed and that lack seats or features.
fn fixed_rooms(tables: &Tables, found: &mut Vec<Finding>) {
    let Some(severity) = severity(tables.rules.fixed) else { return };
    let kept = if severity == Severity::Error { "" } else { "; `fixed` cannot be kept, and costs" };
    let enrolled = tables.enrolled();
    for fixed in &tables.fixed {
        let Some(room) = fixed.room.map(|room| &tables.rooms[room as usize]) else { continue };
        let course = &tables.courses[fixed.course as usize];
        let Some(lacks) = course.lacks(room, enrolled[fixed.course as usize]) else { continue };
        let at = place(FIXED, fixed.line);
        let (id, section, session) = (clean(&course.id), fixed.section, fixed.session);
        let (room_id, room_at, course_at) = (clean(&room.id), place(ROOMS, room.line), place(COURSES, course.line));
        found.push(Finding {
            severity,
            check: Check::WrongRoom,
            rule: "fixed".to_owned(),
            classes: Vec::new(),
            text: format!(
                "{id}-{section}.{session} ({course_at}) is fixed ({at}) in room {room_id} ({room_at}), which has {lacks}{kept}"
            ),
            remedy: format!(
                "Maybe fix it in a room that has what {id} needs, leave the room open in {FIXED}, or ask for less in {COURSES}"
            ),
            places: vec![at, room_at, course_at],
        });
    }
}

/// Rooms that a course lists and that all have fewer seats than it needs.
fn listed_rooms(tables: &Tables, found: &mut Vec<Finding>) {
    for (course, enrolled) in tables.courses.iter().zip(tables.enrolled()) {
        let RoomsWanted::Listed(list) = &course.rooms else { continue };
        let rooms = list.iter().map(|&room| &tables.rooms[room as usize]);
        let (Some(largest), seats) = (rooms.max_by_key(|room| room.capacity), course.seats_for(enrolled)) else {
            continue;
        };
        if largest.capacity >= seats {
            continue;
        }
        let (at, room_at) = (place(COURSES, course.line), place(ROOMS, largest.line));
        let (id, room) = (clean(&course.id), clean(&largest.id));
        let seat = if largest.capacity == 1 { "seat" } else { "seats" };
        found.push(Finding {
            severity: Severity::Warning,
            check: Check::WrongRoom,
            rule: "rooms".to_owned(),
            classes: Vec::new(),
            text: format!(
                "{id} needs {seats} seats, and of the rooms that it lists (`rooms`, {at}) the largest, {room} ({room_at}), has {} {seat}; it is held there as it is said",
                largest.capacity
            ),
            remedy: format!("Maybe list a larger room for {id}, or ask for smaller sections (`section_size`)"),
            places: vec![at, room_at],
        });
    }
}

/// More sessions than days: they cannot all be on different days, and only do not overlap.
fn different_days(tables: &Tables, found: &mut Vec<Finding>) {
    let days = tables.calendar.days.len();
    if tables.rules.different_days != Hold::Hard {
        return;
    }
    let more: Vec<&Course> = tables.courses.iter().filter(|c| c.sessions as usize > days).collect();
    if more.is_empty() {
        return;
    }
    let named =
        some_of(more.iter().map(|c| format!("{} ({}) has {}", clean(&c.id), place(COURSES, c.line), c.sessions)));
    found.push(Finding {
        severity: Severity::Warning,
        check: Check::Weakened,
        rule: "different_days".to_owned(),
        classes: Vec::new(),
        places: more.iter().take(5).map(|c| place(COURSES, c.line)).collect(),
        text: format!(
            "the week has {days} days, and more sessions cannot be on different days: {named}; `different_days` is not asked of them, only that they do not overlap"
        ),
        remedy: "Maybe ask for fewer and longer sessions (`sessions`, `length`)".to_owned(),
    });
}
