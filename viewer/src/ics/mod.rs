//! Calendars (iCalendar, RFC 5545): an event for each weekday of a class, repeated every week or
//! every few weeks, without holidays and weeks in which it is not held.
//!
//! An event keeps its UID from one export to the next, whatever its time and room, and its sequence
//! number grows: an import of a later file changes the events of an earlier one.

mod recurrence;
mod text;
mod zone;

use crate::view::View;
use crate::whose::{Kind, Weeks, Whose};
use crate::words::{Words, fits, minutes};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use recurrence::Recurrence;
use scheduler::names::clean;
use stage0_load::csv_folder::Term;
use std::{collections::BTreeSet, path::PathBuf};
use text::Lines;
use timetable::{ClassId, TimeRow};

/// Longest file name before its end.
const LONGEST: usize = 100;

/// Why there is no calendar.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CalendarError {
    /// The weeks have no dates.
    #[error(
        "calendars need dates, and calendar.toml has none\nMaybe add the first day of the first week to it: term_starts = 2026-09-07"
    )]
    NoTerm,
    /// The slots have no clock times.
    #[error(
        "calendars need clock times, and slots are only numbered\nMaybe name them in calendar.toml: slots = [\"09:00-09:50\", ...]"
    )]
    NoClock,
    /// Nobody of this name.
    #[error("there is no {kind} {name:?} in the timetable")]
    NoSuch {
        /// Of which kind.
        kind: &'static str,
        /// The name that was given.
        name: String,
    },
}

/// The calendars of a timetable.
pub struct Calendars<'a> {
    weeks: Weeks<'a>,
    words: Words,
    /// When each slot begins and ends, in minutes of the day.
    slots: Vec<(u16, u16)>,
    term: &'a Term,
    /// Days from the first day of a week to each of its days.
    offsets: Vec<i64>,
    zone: Option<(TimeZone, &'a str)>,
    now: Timestamp,
}

impl<'a> Calendars<'a> {
    /// The calendars as of `now`.
    ///
    /// # Errors
    /// What the timetable lacks for them.
    pub fn of(view: &View<'a>, now: Timestamp) -> Result<Calendars<'a>, CalendarError> {
        let calendar = view.labels.map(|labels| &labels.calendar).filter(|calendar| fits(calendar, view.problem));
        let (calendar, term) =
            calendar.and_then(|calendar| Some((calendar, calendar.term.as_ref()?))).ok_or(CalendarError::NoTerm)?;
        let slots = minutes(view.problem, view.labels).ok_or(CalendarError::NoClock)?;
        let zone = term.time_zone.as_deref().and_then(|name| Some((TimeZone::get(name).ok()?, name)));
        let words = Words::of(view.problem, view.labels);
        Ok(Calendars { weeks: Weeks::of(view), words, slots, term, offsets: calendar.day_offsets(), zone, now })
    }

    /// The calendars of all of a kind that have anything in them: file name and text.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = (PathBuf, String)> + use<'a, '_> {
        let mut names = BTreeSet::new();
        self.weeks.all(kind).filter_map(move |whose| {
            let text = self.calendar(whose)?;
            let name = (1..).map(|n| file_name(self.weeks.id(whose), n)).find(|name| !names.contains(name))?;
            names.insert(name.clone());
            Some((PathBuf::from(kind.plural()).join(name), text))
        })
    }

    /// One calendar, by the name of whose it is; it may be empty.
    ///
    /// # Errors
    /// Nobody has this name.
    pub fn one(&self, kind: Kind, name: &str) -> Result<String, CalendarError> {
        let whose = self.weeks.all(kind).find(|&whose| self.weeks.id(whose) == name);
        let whose = whose.ok_or_else(|| CalendarError::NoSuch { kind: kind.name(), name: name.to_owned() })?;
        Ok(self.calendar(whose).unwrap_or_else(|| self.wrapped(whose, "")))
    }

    /// `None` where nothing is in it.
    fn calendar(&self, whose: Whose) -> Option<String> {
        let mut events = Lines::default();
        self.weeks.classes(whose).into_iter().for_each(|class| self.class(class, &mut events));
        (!events.0.is_empty()).then(|| self.wrapped(whose, &events.0))
    }

    fn wrapped(&self, whose: Whose, events: &str) -> String {
        let mut lines = Lines::default();
        lines.line("BEGIN:VCALENDAR");
        lines.line("VERSION:2.0");
        lines.line("PRODID:-//Stagecoach//Timetable//EN");
        lines.line("CALSCALE:GREGORIAN");
        lines.line("METHOD:PUBLISH");
        let (name, kind) = (self.weeks.label(whose), whose.kind.name());
        lines.text("X-WR-CALNAME", &format!("{}: {kind} {name}", clean(self.title())));
        if let Some((zone, name)) = &self.zone {
            lines.text("X-WR-TIMEZONE", name);
            let weeks = i64::from(self.words.weeks);
            zone::write(zone, name, self.term.starts, self.term.starts.saturating_add((weeks * 7).days()), &mut lines);
        }
        lines.0 + events + "END:VCALENDAR\r\n"
    }

    fn title(&self) -> &'a str {
        let problem = self.weeks.view.problem;
        problem.name(problem.meta().name)
    }

    /// The events of a class, one for each of its weekdays.
    fn class(&self, class: ClassId, lines: &mut Lines) {
        let View { problem, timetable, .. } = self.weeks.view;
        let Some(time) = timetable.time(problem, class) else { return };
        let time = problem.times()[time.index()];
        let days = (0..self.words.days.len()).filter(|day| time.days >> day & 1 == 1);
        for (k, day) in days.enumerate() {
            if let Some(dates) = Recurrence::of(&self.dates(&time, day)) {
                self.event(class, &time, k, &dates, lines);
            }
        }
    }

    /// The dates on which a time's meetings on a day are held.
    fn dates(&self, time: &TimeRow, day: usize) -> Vec<Date> {
        let weeks = (0..i64::from(self.words.weeks)).filter(|week| time.weeks >> week & 1 == 1);
        let dates = weeks.map(|week| self.term.starts.saturating_add((week * 7 + self.offsets[day]).days()));
        dates.filter(|&date| !self.term.is_holiday(date)).collect()
    }

    fn event(&self, class: ClassId, time: &TimeRow, k: usize, rule: &Recurrence, lines: &mut Lines) {
        let (weeks, View { problem, timetable, .. }) = (&self.weeks, self.weeks.view);
        let course = Whose { kind: Kind::Course, index: problem.course_of(class).index() };
        let name = clean(problem.class_name(class));
        let (section, session) = weeks.directory.numbers[class.index()];
        let taught = &weeks.directory.taught_by[class.index()];
        let teachers: Vec<String> =
            taught.iter().map(|&t| weeks.label(Whose { kind: Kind::Teacher, index: t as usize })).collect();
        let mut about = vec![format!("{}, section {section}, session {session}", weeks.label(course))];
        about.extend((!teachers.is_empty()).then(|| teachers.join(", ")));
        about.push(self.words.time(time));

        lines.line("BEGIN:VEVENT");
        lines.line(&format!("UID:{}", self.uid(class, k)));
        lines.line(&format!("DTSTAMP:{}", self.now.strftime("%Y%m%dT%H%M%SZ")));
        // Minutes since 2020: grows with every export, and fits into 31 bits.
        lines.line(&format!("SEQUENCE:{}", (self.now.as_second() - 1_577_836_800).max(0) / 60));
        let (start, end) = (self.slots[usize::from(time.start)].0, self.slots[usize::from(time.end) - 1].1);
        lines.line(&self.at("DTSTART", rule.first, start));
        lines.line(&self.at("DTEND", rule.first, end));
        if rule.count > 1 {
            let interval = if rule.interval > 1 { format!("INTERVAL={};", rule.interval) } else { String::new() };
            lines.line(&format!("RRULE:FREQ=WEEKLY;{interval}COUNT={}", rule.count));
        }
        rule.except.iter().for_each(|&date| lines.line(&self.at("EXDATE", date, start)));
        lines.text("SUMMARY", &weeks.name(course).map_or(name.clone(), |called| format!("{} ({name})", clean(called))));
        if let Some(room) = timetable.room(problem, class) {
            lines.text("LOCATION", problem.room_name(room));
        }
        lines.text("DESCRIPTION", &about.join("\n"));
        lines.line("END:VEVENT");
    }

    /// A date and a minute of its day; midnight at its end is the next day's beginning.
    fn at(&self, property: &str, date: Date, minute: u16) -> String {
        let date = date.saturating_add(i64::from(minute / 1440).days());
        let text = format!("{}T{:02}{:02}00", date.strftime("%Y%m%d"), minute % 1440 / 60, minute % 60);
        match &self.zone {
            Some((_, name)) => format!("{property};TZID={name}:{text}"),
            None => format!("{property}:{text}"),
        }
    }

    /// The same for a class's `k`-th weekday in every timetable of the problem.
    fn uid(&self, class: ClassId, k: usize) -> String {
        let mut hash = blake3::Hasher::new();
        for text in [self.title(), self.weeks.view.problem.class_name(class)] {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(&(k as u64).to_le_bytes());
        format!("{}@stagecoach", &hash.finalize().to_hex()[..32])
    }
}

/// A file name for an id: whatever could lead elsewhere is left out; the `n`-th for the same name.
fn file_name(id: &str, n: u32) -> String {
    let mut name: String = id.chars().map(|c| if c.is_alphanumeric() || "-_+".contains(c) { c } else { '_' }).collect();
    while name.len() > LONGEST {
        name.pop();
    }
    if n > 1 { format!("{name}-{n}.ics") } else { format!("{name}.ics") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_lead_nowhere_else_and_are_short() {
        assert_eq!(file_name("ann", 1), "ann.ics");
        assert_eq!(file_name("ann", 3), "ann-3.ics");
        assert_eq!(file_name("../../etc/passwd", 1), "______etc_passwd.ics");
        assert_eq!(file_name("..", 1), "__.ics");
        assert_eq!(file_name("a\0b\nc", 1), "a_b_c.ics");
        assert_eq!(file_name("M\u{fc}ller-L\u{fc}d\u{200f}", 1), "M\u{fc}ller-L\u{fc}d_.ics");
        assert!(file_name(&"\u{fc}".repeat(300), 12).len() <= LONGEST + 8);
    }
}
