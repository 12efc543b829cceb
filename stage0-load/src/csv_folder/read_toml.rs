//! Reads `calendar.toml` and `rules.toml`.

use super::calendar::{Calendar, Window, parse_clock};
use super::files::Files;
use super::rules::{Hold, MAX_AVOID, Rules};
use super::toml_file::{TomlFile, read_text, whole};
use super::{CALENDAR, RULES, term};
use crate::fault::Faults;
use crate::log::is_name;
use crate::source::{Limits, Source};
use crate::workbook;
use std::path::Path;
use timetable::{MAX_PENALTY, MAX_WEIGHT};
use toml::de::DeTable;

const KEYS: [&str; 7] = ["name", "weeks", "days", "slots", term::KEYS[0], term::KEYS[1], term::KEYS[2]];

/// Reads the calendar of a folder, or of a workbook.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_calendar(folder: &Path) -> Result<Calendar, Faults> {
    if folder.is_file() {
        let book = workbook::read(Source::open(folder, Limits::default())?)?;
        return calendar_of(Files::Workbook(&book));
    }
    calendar_of(Files::Folder(folder))
}

/// Reads the calendar among files.
pub(crate) fn calendar_of(files: Files<'_>) -> Result<Calendar, Faults> {
    let text = read_text(files, CALENDAR)?;
    let (mut toml, table) = TomlFile::new(&text);
    toml.known(&table, "key", &KEYS);
    for key in ["days", "slots"] {
        if !table.contains_key(key) {
            toml.log.fault(0, format!("{key:?} is missing"), format!("{key} = ..."));
        }
    }
    let mut calendar = Calendar { name: "timetable".into(), weeks: 1, days: Vec::new(), slots: Vec::new(), term: None };
    if let Some(item) = table.get("name") {
        match item.get_ref().as_str().filter(|s| s.is_empty() || is_name(s)) {
            Some(name) => calendar.name = name.to_owned(),
            None => toml.wrong("name", item, "a short text without control characters"),
        }
    }
    if let Some(weeks) = toml.number(&table, "weeks", 1, 64) {
        calendar.weeks = weeks;
    }
    if let Some(item) = table.get("days") {
        let names: Option<Vec<&str>> =
            item.get_ref().as_array().and_then(|days| days.iter().map(|d| d.get_ref().as_str()).collect());
        let names = names.unwrap_or_default();
        let is_word = |d: &&str| {
            !d.is_empty() && d.chars().all(char::is_alphanumeric) && !d.eq_ignore_ascii_case("daily") && d.len() <= 40
        };
        let once = (1..names.len()).all(|i| !names[..i].iter().any(|d| d.eq_ignore_ascii_case(names[i])));
        if (1..=16).contains(&names.len()) && names.iter().all(is_word) && once {
            calendar.days = names.into_iter().map(str::to_owned).collect();
        } else {
            toml.wrong("days", item, "1 to 16 different words: [\"Mon\", \"Tue\", ...]");
        }
    }
    if let Some(item) = table.get("slots") {
        if let Some(n) = whole(item).filter(|&n| n >= 1 && n as usize <= Calendar::MAX_SLOTS) {
            calendar.slots = vec![(0, 0); n as usize];
        } else if let Some(slots) = item.get_ref().as_array().filter(|s| (1..=Calendar::MAX_SLOTS).contains(&s.len())) {
            for slot in slots {
                let after = calendar.slots.last().map_or(0, |s| s.1);
                let times = slot.get_ref().as_str().and_then(|s| s.split_once('-'));
                let times = times.and_then(|(a, b)| Some((parse_clock(a)?, parse_clock(b)?)));
                match times.filter(|(from, to)| from < to && *from >= after) {
                    Some(times) => calendar.slots.push(times),
                    None => toml.wrong("slot", slot, "\"09:00-09:50\", after the slot before it"),
                }
            }
        } else {
            let expected = format!("1 to {} slots: [\"09:00-09:50\", ...], or their number", Calendar::MAX_SLOTS);
            toml.wrong("slots", item, expected);
        }
    }
    calendar.term = term::read(&mut toml, &table, &calendar);
    toml.log.finish(calendar)
}

/// Reads the rules of a folder; the default ones where it has none.
pub(crate) fn read_rules(files: Files<'_>, calendar: &Calendar) -> Result<Rules, Faults> {
    if files.find(RULES)?.is_none() {
        return Ok(Rules::default());
    }
    let text = read_text(files, RULES)?;
    let (mut toml, table) = TomlFile::new(&text);
    toml.known(&table, "table", &["rules", "teachers", "rooms", "weights", "avoid"]);
    let mut rules = Rules::default();
    if let Some(list) = toml.table(&table, "rules") {
        toml.known(list, "rule", Rules::NAMES);
        for name in Rules::NAMES {
            let (Some(item), Some(rule)) = (list.get(*name), rules.get_mut(name)) else { continue };
            let most = if *name == "student_conflicts" { MAX_WEIGHT } else { MAX_PENALTY };
            match (item.get_ref().as_str(), whole(item)) {
                (Some("hard"), _) => *rule = Hold::Hard,
                (Some("off"), _) => *rule = Hold::Off,
                (_, Some(penalty)) if penalty <= most => *rule = Hold::Costs(penalty),
                _ => toml.wrong(name, item, format!("\"hard\", \"off\" or a penalty of 0 to {most}")),
            }
        }
    }
    teachers(&mut toml, &table, calendar, &mut rules);
    if let Some(rooms) = toml.table(&table, "rooms") {
        toml.known(rooms, "key", &["choices"]);
        rules.room_choices = toml.number(rooms, "choices", 1, 10_000).unwrap_or(rules.room_choices);
    }
    if let Some(weights) = toml.table(&table, "weights") {
        toml.known(weights, "weight", &["rules", "times"]);
        rules.rule_weight = toml.number(weights, "rules", 0, MAX_WEIGHT).unwrap_or(rules.rule_weight);
        rules.time_weight = toml.number(weights, "times", 0, MAX_WEIGHT).unwrap_or(rules.time_weight);
    }
    avoid(&mut toml, &table, calendar, &mut rules);
    toml.log.finish(rules)
}

fn teachers(toml: &mut TomlFile<'_>, table: &DeTable<'_>, calendar: &Calendar, rules: &mut Rules) {
    const KEYS: [&str; 5] = ["max_daily_load", "max_consecutive", "max_gaps", "lunch", "lunch_slots"];
    let Some(item) = table.get("teachers") else { return };
    let Some(teachers) = item.get_ref().as_table() else {
        toml.wrong("teachers", item, "a table: [teachers]");
        return;
    };
    toml.known(teachers, "key", &KEYS);
    let all = &mut rules.teachers;
    all.max_daily_load = toml.number(teachers, "max_daily_load", 0, 10_000);
    all.max_consecutive = toml.number(teachers, "max_consecutive", 0, 10_000);
    all.max_gaps = toml.number(teachers, "max_gaps", 0, 10_000);
    all.lunch_slots = toml.number(teachers, "lunch_slots", 1, 288);
    if let Some(item) = teachers.get("lunch") {
        all.lunch = item.get_ref().as_str().and_then(|text| calendar.hours(text));
        if all.lunch.is_none() {
            toml.wrong("lunch", item, lunch_hours(item.get_ref().as_str().unwrap_or_default(), calendar));
        }
    }
}

/// What hours of lunch should be instead of these.
pub(super) fn lunch_hours(text: &str, calendar: &Calendar) -> String {
    let example = calendar.hours_name(0, 1);
    let day = calendar.hours_name(0, calendar.slots.len() as u16);
    if calendar.is_backward(text) {
        return format!("hours that begin before they end, as {example:?}");
    }
    format!("hours in which slots of the day ({day}) lie, as {example:?}")
}

fn avoid(toml: &mut TomlFile<'_>, table: &DeTable<'_>, calendar: &Calendar, rules: &mut Rules) {
    let Some(item) = table.get("avoid") else { return };
    let Some(list) = item.get_ref().as_array().filter(|list| list.len() <= 100) else {
        toml.wrong("avoid", item, "up to 100 tables: [[avoid]]");
        return;
    };
    for item in list {
        let Some(entry) = item.get_ref().as_table() else {
            toml.wrong("avoid", item, "a table: [[avoid]]");
            continue;
        };
        toml.known(entry, "key", &["when", "penalty"]);
        let window: Option<Window> =
            entry.get("when").and_then(|w| w.get_ref().as_str()).and_then(|text| calendar.window(text));
        let penalty = toml.number(entry, "penalty", 0, MAX_AVOID);
        match (window, penalty) {
            (Some(window), Some(penalty)) => rules.avoid.push((window, penalty)),
            (None, _) => {
                let written = entry.get("when").and_then(|when| when.get_ref().as_str());
                let expected = written.map_or_else(
                    || format!("when = {:?}", calendar.window_name(&Window { days: 1, from: 0, to: 1 })),
                    |text| calendar.expected_window(text),
                );
                toml.wrong("avoid", entry.get("when").unwrap_or(item), expected);
            }
            (_, None) if entry.contains_key("penalty") => {}
            (_, None) => toml.wrong("avoid", item, "a penalty, too"),
        }
    }
}
