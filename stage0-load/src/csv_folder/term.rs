//! Dates for the weeks of a calendar: when the term begins, holidays, the time zone.

use super::calendar::Calendar;
use super::toml_file::{Item, TomlFile};
use jiff::{
    civil::{Date, Weekday},
    tz::TimeZone,
};
use toml::de::DeTable;

/// Most holidays.
const MOST: usize = 1_000;
/// The keys in `calendar.toml`.
pub(crate) const KEYS: [&str; 3] = ["term_starts", "holidays", "time_zone"];

/// Dates for the weeks of a calendar.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The first day of the first week.
    pub starts: Date,
    /// First and last day of times without classes.
    pub holidays: Vec<(Date, Date)>,
    /// The name of the time zone in which the slots are (`Europe/London`); `None`: wherever the
    /// reader is.
    pub time_zone: Option<String>,
}

impl Term {
    /// Whether nothing is held on a day.
    pub fn is_holiday(&self, date: Date) -> bool {
        self.holidays.iter().any(|&(first, last)| (first..=last).contains(&date))
    }
}

impl Calendar {
    /// Days from the first day of a week to each of its days: by the weekdays that they are named
    /// after in English, else one after the other.
    pub fn day_offsets(&self) -> Vec<i64> {
        let weekdays: Option<Vec<Weekday>> = self.days.iter().map(|day| weekday(day)).collect();
        let offsets = weekdays.map(|all| all.iter().map(|day| i64::from(all[0].until(*day))).collect::<Vec<_>>());
        let in_order = offsets.filter(|offsets| offsets.is_sorted_by(|a, b| a < b));
        in_order.unwrap_or_else(|| (0..self.days.len() as i64).collect())
    }
}

/// `Mon`, `monday`: of three letters and more.
fn weekday(name: &str) -> Option<Weekday> {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let name = name.to_ascii_lowercase();
    let found = NAMES.iter().position(|day| name.len() >= 3 && day.starts_with(&name));
    found.and_then(|day| Weekday::from_monday_zero_offset(day as i8).ok())
}

/// Reads the term of a calendar, where it has one.
pub(crate) fn read(toml: &mut TomlFile<'_>, table: &DeTable<'_>, calendar: &Calendar) -> Option<Term> {
    let Some(item) = table.get("term_starts") else {
        for key in KEYS {
            if let Some(item) = table.get(key) {
                toml.wrong(key, item, "term_starts = ..., too: the date of the first day of week 1");
            }
        }
        return None;
    };
    let mut term = Term { starts: Date::ZERO, holidays: Vec::new(), time_zone: None };
    match date_of(item) {
        _ if calendar.days.len() > 7 => toml.wrong("term_starts", item, "no dates for a week of more than 7 days"),
        Some(date) => {
            let first = calendar.days.first().map_or("", String::as_str);
            match weekday(first).filter(|&day| day != date.weekday()) {
                Some(_) => toml.wrong("term_starts", item, format!("the date of a {first}, the first of the days")),
                None => term.starts = date,
            }
        }
        None => toml.wrong("term_starts", item, "a date, as 2026-09-07"),
    }
    if let Some(item) = table.get("holidays") {
        match item.get_ref().as_array().filter(|list| list.len() <= MOST) {
            Some(list) => {
                for item in list {
                    match holiday(item) {
                        Some(days) => term.holidays.push(days),
                        None => toml.wrong("holidays", item, "a date, or \"2026-12-21 to 2027-01-03\""),
                    }
                }
            }
            None => toml.wrong("holidays", item, format!("up to {MOST} dates: [\"2026-12-21 to 2027-01-03\", ...]")),
        }
    }
    if let Some(item) = table.get("time_zone") {
        // Names are found whatever their case; they are written as the IANA does.
        let name = item.get_ref().as_str();
        let zone = name.and_then(|name| TimeZone::get(name).ok());
        match zone.as_ref().and_then(|zone| zone.iana_name()) {
            Some(name) => term.time_zone = Some(name.to_owned()),
            None => toml.wrong("time_zone", item, "a time zone of the IANA, as \"Europe/London\""),
        }
    }
    Some(term)
}

/// A date by itself or in quotes.
fn date_of(item: &Item<'_>) -> Option<Date> {
    let value = item.get_ref();
    match value.as_datetime() {
        Some(date) => date_in(&date.to_string()),
        None => date_in(value.as_str()?.trim()),
    }
}

fn date_in(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok().filter(|_| text.len() == 10)?;
    (1970..=9000).contains(&date.year()).then_some(date)
}

fn holiday(item: &Item<'_>) -> Option<(Date, Date)> {
    if let Some(date) = date_of(item) {
        return Some((date, date));
    }
    let (first, last) = item.get_ref().as_str()?.split_once(" to ")?;
    let (first, last) = (date_in(first.trim())?, date_in(last.trim())?);
    (first <= last).then_some((first, last))
}

/// The words of `calendar.toml`.
pub(crate) fn words(term: &Term) -> String {
    let mut text = format!("term_starts = {}\n", term.starts);
    if !term.holidays.is_empty() {
        let days = term.holidays.iter().map(|(first, last)| match first == last {
            true => format!("\"{first}\""),
            false => format!("\"{first} to {last}\""),
        });
        text += &format!("holidays = [{}]\n", days.collect::<Vec<_>>().join(", "));
    }
    if let Some(zone) = &term.time_zone {
        text += &format!("time_zone = {}\n", toml::Value::from(zone.as_str()));
    }
    text
}
