//! Writes tables as a folder: every file whole or not at all.

use super::calendar::{Calendar, Window, clock};
use super::files::{Written, put, put_rows, write_all};
use super::rules::{Hold, Rules};
use super::tables::*;
use super::{CALENDAR, COURSES, ENROLMENTS, FIXED, ROOMS, RULES, STUDENTS, TEACHERS, term};
use crate::write_error::WriteError;
use std::{fmt::Display, path::Path};
use toml::Value;

fn text<T: Display>(value: Option<T>) -> String {
    value.map_or(String::new(), |v| v.to_string())
}

fn windows(calendar: &Calendar, list: &[Window]) -> String {
    list.iter().map(|w| calendar.window_name(w)).collect::<Vec<_>>().join("; ")
}

/// The words of `calendar.toml`.
pub(crate) fn calendar_toml(calendar: &Calendar) -> String {
    let quoted = |s: &str| Value::from(s).to_string();
    let days: Vec<String> = calendar.days.iter().map(|d| quoted(d)).collect();
    let slots = if calendar.has_clock() {
        let slots = calendar.slots.iter().map(|s| format!("    \"{}-{}\",\n", clock(s.0), clock(s.1)));
        format!("[\n{}]", slots.collect::<String>())
    } else {
        calendar.slots.len().to_string()
    };
    let Calendar { name, weeks, .. } = calendar;
    let term = calendar.term.as_ref().map_or(String::new(), term::words);
    format!("name = {}\nweeks = {weeks}\ndays = [{}]\nslots = {slots}\n{term}", quoted(name), days.join(", "))
}

fn rules_toml(rules: &Rules, calendar: &Calendar) -> String {
    let mut out = String::from("[rules]\n");
    for name in Rules::NAMES {
        let hold = match rules.get(name) {
            Some(Hold::Hard) => "\"hard\"".into(),
            Some(Hold::Costs(penalty)) => penalty.to_string(),
            _ => "\"off\"".into(),
        };
        out += &format!("{name} = {hold}\n");
    }
    let all = &rules.teachers;
    out += "\n[teachers]\n";
    let numbers = [
        ("max_daily_load", all.max_daily_load),
        ("max_consecutive", all.max_consecutive),
        ("max_gaps", all.max_gaps),
        ("lunch_slots", all.lunch_slots),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            out += &format!("{name} = {number}\n");
        }
    }
    if let Some((from, to)) = all.lunch {
        out += &format!("lunch = \"{}\"\n", calendar.hours_name(from, to));
    }
    out += &format!("\n[rooms]\nchoices = {}\n", rules.room_choices);
    out += &format!("\n[weights]\nrules = {}\ntimes = {}\n", rules.rule_weight, rules.time_weight);
    for (window, penalty) in &rules.avoid {
        out += &format!("\n[[avoid]]\nwhen = \"{}\"\npenalty = {penalty}\n", calendar.window_name(window));
    }
    out
}

impl Tables {
    /// Writes the tables as a folder of files, which is made where it is missing.
    ///
    /// # Errors
    /// What could not be written; then none of them is.
    pub fn write(&self, folder: &Path) -> Result<(), WriteError> {
        let mut files = Written::new();
        self.write_into(&mut files)?;
        write_all(&files, folder)
    }

    /// Writes the files one after the other.
    pub(crate) fn write_into(&self, files: &mut Written) -> Result<(), WriteError> {
        let cal = &self.calendar;
        put(files, CALENDAR, |out| out.write_all(calendar_toml(cal).as_bytes()))?;
        put(files, RULES, |out| out.write_all(rules_toml(&self.rules, cal).as_bytes()))?;
        let room =
            |r: &Room| [r.id.clone(), r.capacity.to_string(), r.features.join(";"), windows(cal, &r.unavailable)];
        put_rows(files, ROOMS, ["id", "capacity", "features", "unavailable"], self.rooms.iter().map(room))?;
        let header = ["id", "name", "unavailable", "max_daily_load", "max_consecutive", "max_gaps", "lunch"];
        let teacher = |t: &Teacher| {
            [
                t.id.clone(),
                t.name.clone(),
                windows(cal, &t.unavailable),
                text(t.max_daily_load),
                text(t.max_consecutive),
                text(t.max_gaps),
                text(t.lunch.map(|(from, to)| cal.hours_name(from, to))),
            ]
        };
        put_rows(files, TEACHERS, header, self.teachers.iter().map(teacher))?;
        let student = |s: &Student| [s.id.clone(), s.name.clone(), s.group.clone()];
        put_rows(files, STUDENTS, ["id", "name", "group"], self.students.iter().map(student))?;
        self.write_courses(files)?;
        let pair = |&(s, c): &(u32, u32)| [self.students[s as usize].id.clone(), self.courses[c as usize].id.clone()];
        put_rows(files, ENROLMENTS, ["student", "course"], self.enrolments.iter().map(pair))?;
        let fixed = |f: &Fixed| {
            [
                self.courses[f.course as usize].id.clone(),
                f.section.to_string(),
                f.session.to_string(),
                text(f.time.map(|(day, _)| &cal.days[usize::from(day)])),
                text(f.time.map(|(_, slot)| cal.start_name(slot))),
                text(f.room.map(|r| &self.rooms[r as usize].id)),
            ]
        };
        let header = ["course", "section", "session", "days", "start", "room"];
        put_rows(files, FIXED, header, self.fixed.iter().map(fixed))
    }

    fn write_courses(&self, files: &mut Written) -> Result<(), WriteError> {
        let header = [
            "id",
            "name",
            "department",
            "teachers",
            "sections",
            "section_size",
            "sessions",
            "length",
            "features",
            "rooms",
            "times",
            "weeks",
        ];
        let team = |team: &Vec<u32>| match team.as_slice() {
            [] => "-".to_owned(),
            team => team.iter().map(|&t| self.teachers[t as usize].id.as_str()).collect::<Vec<_>>().join("+"),
        };
        let course = |c: &Course| {
            let rooms = match &c.rooms {
                RoomsWanted::Suitable => String::new(),
                RoomsWanted::NoRoom => "none".into(),
                RoomsWanted::Listed(list) => {
                    list.iter().map(|&r| self.rooms[r as usize].id.as_str()).collect::<Vec<_>>().join(";")
                }
            };
            [
                c.id.clone(),
                c.name.clone(),
                c.department.clone(),
                c.teachers.iter().map(team).collect::<Vec<_>>().join(";"),
                text(c.sections),
                text(c.section_size),
                c.sessions.to_string(),
                c.length.to_string(),
                c.features.join(";"),
                rooms,
                windows(&self.calendar, &c.times),
                if c.weeks == 0 { String::new() } else { self.calendar.week_names(c.weeks) },
            ]
        };
        put_rows(files, COURSES, header, self.courses.iter().map(course))
    }
}
