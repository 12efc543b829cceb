//! Days, slots and weeks, and the words for times: `Mon 09:00-11:00; Fri`.

use super::term::Term;
use crate::log::without_decimals;
use std::collections::BTreeMap;

/// The week that a timetable fills, as `calendar.toml` has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// The problem's name.
    pub name: String,
    /// Weeks, 1 to 64.
    pub weeks: u32,
    /// Names of the days.
    pub days: Vec<String>,
    /// Slots a day, each from and to a minute of the day; `(0, 0)` in all where slots have numbers
    /// only.
    pub slots: Vec<(u16, u16)>,
    /// Dates for the weeks, where there are any.
    pub term: Option<Term>,
}

/// Days (bit 0 the first) and the slots `from..to` on each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// Day bits.
    pub days: u16,
    /// First slot.
    pub from: u16,
    /// The slot after the last.
    pub to: u16,
}

impl Window {
    /// Whether slots `start..end` of a day have one in common with it.
    pub fn overlaps(&self, day: u16, start: u16, end: u16) -> bool {
        self.days >> day & 1 == 1 && self.from < end && start < self.to
    }
}

/// The same slots of the week in the fewest windows, in a fixed order: runs of a day joined, equal
/// runs of several days together.
pub(crate) fn canonical(windows: &[Window], days: usize, slots: usize) -> Vec<Window> {
    let mut runs: BTreeMap<(u16, u16), u16> = BTreeMap::new();
    for day in (0..days).filter(|d| windows.iter().any(|w| w.days >> d & 1 == 1)) {
        let mut blocked = vec![false; slots];
        for w in windows.iter().filter(|w| w.days >> day & 1 == 1) {
            blocked[usize::from(w.from)..usize::from(w.to)].fill(true);
        }
        let mut from = 0;
        for run in blocked.chunk_by(|a, b| a == b) {
            if run[0] {
                *runs.entry((from as u16, (from + run.len()) as u16)).or_default() |= 1 << day;
            }
            from += run.len();
        }
    }
    runs.into_iter().map(|((from, to), days)| Window { days, from, to }).collect()
}

/// `09:00` as a minute of the day; also as spreadsheets and people write it: `9:00:00`, `1:00 PM`,
/// `01:00:00 p.m.`, `9.00`, `9h00`, `9h`.
pub(crate) fn parse_clock(text: &str) -> Option<u16> {
    let lower = text.trim().to_ascii_lowercase();
    let plain = lower.replace('.', "");
    let (digits_of, half) = match (plain.strip_suffix("am"), plain.strip_suffix("pm")) {
        (Some(rest), _) => (rest.trim_end(), Some(0)),
        (_, Some(rest)) => (rest.trim_end(), Some(12)),
        _ => (lower.as_str(), None),
    };
    let digits = |s: &str| (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    let in_german = half.is_none() && digits_of.split('.').nth(1).is_some_and(|minutes| minutes.len() == 2);
    let digits_of = match digits_of.split_once('h') {
        Some((hour, "")) => &format!("{hour}:00"),
        Some((hour, minutes)) => &format!("{hour}:{minutes}"),
        None if in_german => &digits_of.replace('.', ":"),
        None => digits_of,
    };
    let mut parts = digits_of.split(':');
    let (h, m, s) = (parts.next()?, parts.next()?, parts.next());
    if !digits(h) || m.len() != 2 || !digits(m) || s.is_some_and(|s| s != "00") || parts.next().is_some() {
        return None;
    }
    let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
    let h = match half {
        // Twelve at noon is 12 PM, twelve at night 12 AM.
        Some(half) => (1..=12).contains(&h).then_some(h % 12 + half)?,
        None => h,
    };
    (m < 60 && h * 60 + m <= 24 * 60).then_some(h * 60 + m)
}

/// Dashes of any length are hyphens: word processors make them.
fn hyphens(text: &str) -> String {
    text.replace(['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'], "-")
}

/// A minute of the day as `09:00`.
pub(crate) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

impl Calendar {
    /// Longest calendar: slots a day (one every five minutes).
    pub const MAX_SLOTS: usize = 288;

    /// For a problem that has no names for its days and slots: `Mon` to `Sun` (`D1`, ... in a week
    /// of more days), and numbers.
    pub fn plain(name: &str, weeks: u32, days: u32, slots: u32) -> Calendar {
        let week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let name_of = |d: u32| if days <= 7 { week[d as usize].to_owned() } else { format!("D{}", d + 1) };
        let days = (0..days).map(name_of).collect();
        Calendar { name: name.to_owned(), weeks, days, slots: vec![(0, 0); slots as usize], term: None }
    }

    /// Slots one after the other from `start` (a minute of the day), each of `minutes` with `pause`
    /// after it.
    pub fn hourly(start: u16, minutes: u16, pause: u16, slots: u16) -> Vec<(u16, u16)> {
        (0..slots).map(|i| start + i * (minutes + pause)).map(|from| (from, from + minutes)).collect()
    }

    /// Whether slots have clock times.
    pub fn has_clock(&self) -> bool {
        self.slots.iter().any(|&s| s != (0, 0))
    }

    /// A day by its name, case aside.
    pub fn day(&self, name: &str) -> Option<u16> {
        self.days.iter().position(|d| d.eq_ignore_ascii_case(name.trim())).map(|d| d as u16)
    }

    /// The slot that begins then (`09:00`), or the slot with that number from 1.
    pub fn start_slot(&self, text: &str) -> Option<u16> {
        if self.has_clock() {
            let minute = parse_clock(text)?;
            return self.slots.iter().position(|s| s.0 == minute).map(|s| s as u16);
        }
        let number: u16 = without_decimals(text.trim()).parse().ok()?;
        (1..=self.slots.len()).contains(&usize::from(number)).then(|| number - 1)
    }

    /// The slot after the last, as [`Calendar::end_name`] writes it.
    pub fn end_slot(&self, text: &str) -> Option<u16> {
        if self.has_clock() {
            let minute = parse_clock(text)?;
            return self.slots.iter().position(|s| s.1 == minute).map(|s| s as u16 + 1);
        }
        self.start_slot(text).map(|s| s + 1)
    }

    /// When a slot begins: `09:00`, or its number from 1.
    pub fn start_name(&self, slot: u16) -> String {
        if self.has_clock() { clock(self.slots[usize::from(slot)].0) } else { (slot + 1).to_string() }
    }

    /// When the slots before `end` are over: `10:30`, or the last one's number from 1.
    pub fn end_name(&self, end: u16) -> String {
        if self.has_clock() { clock(self.slots[usize::from(end) - 1].1) } else { end.to_string() }
    }

    /// Slots of the day: `09:00-11:00` (all slots of which a minute lies in it) or `2-3` (numbers
    /// from 1).
    pub fn hours(&self, text: &str) -> Option<(u16, u16)> {
        self.any_hours(text).filter(|(from, to)| from < to)
    }

    /// The same; no slots, `(0, 0)`, where the hours are before the first, after the last, or in a
    /// break.
    fn any_hours(&self, text: &str) -> Option<(u16, u16)> {
        let text = &hyphens(text);
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        if !self.has_clock() {
            let (from, to) = (self.start_slot(from)?, self.start_slot(to)? + 1);
            return (from < to).then_some((from, to));
        }
        if !text.contains('-') {
            return self.start_slot(text).map(|s| (s, s + 1));
        }
        let (from, to) = (parse_clock(from)?, parse_clock(to)?);
        let touched = |s: &(u16, u16)| s.0 < to && from < s.1;
        let first = self.slots.iter().position(touched);
        let last = self.slots.iter().rposition(touched);
        let slots = first.zip(last).map_or((0, 0), |(first, last)| (first as u16, last as u16 + 1));
        (from < to).then_some(slots)
    }

    /// Days and hours: `Mon 09:00-11:00`, `Mon-Wed`, `Mon+Thu 14:00-16:00`, `daily 12:00-13:00`.
    pub fn window(&self, text: &str) -> Option<Window> {
        self.any_window(text).filter(|window| window.from < window.to)
    }

    /// The same; one without slots where its hours touch none.
    pub fn any_window(&self, text: &str) -> Option<Window> {
        let text = hyphens(text.trim());
        let text = text.as_str();
        let (days, hours) = text.split_once(char::is_whitespace).map_or((text, None), |(d, h)| (d, Some(h.trim())));
        let mut bits = 0u16;
        for part in days.split('+') {
            if part.eq_ignore_ascii_case("daily") {
                bits |= u16::MAX >> (16 - self.days.len());
            } else if let Some(day) = self.day(part) {
                bits |= 1 << day;
            } else {
                let (a, b) = part.split_once('-')?;
                let (a, b) = (self.day(a)?, self.day(b)?);
                bits |= (a..=b).fold(0, |bits, d| bits | 1 << d);
            }
        }
        let (from, to) = hours.map_or(Some((0, self.slots.len() as u16)), |h| self.any_hours(h))?;
        (bits != 0).then_some(Window { days: bits, from, to })
    }

    /// What should stand instead of a text that is no window.
    pub(crate) fn expected_window(&self, text: &str) -> String {
        let example = self.window_name(&Window { days: 1, from: 0, to: 1 });
        let what = match self.any_window(text) {
            Some(_) => "days and hours in which slots lie",
            None if self.is_backward(text) => "days, and hours that begin before they end",
            None => "days and hours",
        };
        format!("{what}, as {example:?}, of {}", self.days.join(", "))
    }

    /// Whether hours end before they begin: `Mon 13:00-11:00`.
    pub fn is_backward(&self, text: &str) -> bool {
        let text = hyphens(text);
        let hours = text.split_whitespace().last().and_then(|hours| hours.split_once('-'));
        hours.and_then(|(from, to)| parse_clock(from).zip(parse_clock(to))).is_some_and(|(from, to)| from >= to)
    }

    /// Names of day bits: `Mon+Wed`.
    pub fn day_names(&self, days: u16) -> String {
        let named = self.days.iter().enumerate().filter(|(d, _)| days >> d & 1 == 1);
        named.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("+")
    }

    /// A window in the words that [`Calendar::window`] reads.
    pub fn window_name(&self, w: &Window) -> String {
        let days = if w.days == u16::MAX >> (16 - self.days.len()) { "daily".into() } else { self.day_names(w.days) };
        if w.from == 0 && usize::from(w.to) == self.slots.len() {
            return days;
        }
        format!("{days} {}", self.hours_name(w.from, w.to))
    }

    /// Slots of the day in the words that [`Calendar::hours`] reads.
    pub fn hours_name(&self, from: u16, to: u16) -> String {
        format!("{}-{}", self.start_name(from), self.end_name(to))
    }

    /// Weeks: `all`, `1-7`, `1+3+5-8`; bit 0 is the first.
    pub fn week_bits(&self, text: &str) -> Option<u64> {
        let number = |s: &str| {
            without_decimals(s.trim()).parse::<u32>().ok().filter(|n| (1..=self.weeks).contains(n)).map(|n| n - 1)
        };
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Some(u64::MAX >> (64 - self.weeks));
        }
        let mut bits = 0u64;
        for part in text.split('+') {
            let (a, b) = part.split_once('-').unwrap_or((part, part));
            let (a, b) = (number(a)?, number(b)?);
            bits |= (a..=b).fold(0, |bits, w| bits | 1 << w);
        }
        (bits != 0).then_some(bits)
    }

    /// Weeks in the words that [`Calendar::week_bits`] reads.
    pub fn week_names(&self, weeks: u64) -> String {
        if weeks == u64::MAX >> (64 - self.weeks) {
            return "all".into();
        }
        let mut parts = Vec::new();
        let mut w = 0;
        while w < self.weeks {
            if weeks >> w & 1 == 1 {
                let first = w;
                while w + 1 < self.weeks && weeks >> (w + 1) & 1 == 1 {
                    w += 1;
                }
                parts.push(if first == w { (w + 1).to_string() } else { format!("{}-{}", first + 1, w + 1) });
            }
            w += 1;
        }
        parts.join("+")
    }
}
