//! Days, slots and times in words.

use scheduler::names::{day_name, slot_name, time_name};
use stage0_load::csv_folder::{Calendar, Labels};
use timetable::{Problem, TimeId, TimeRow};

/// A time with all there is to it: `Mon Wed 3-4, weeks 1-7`.
pub fn time_in_full(problem: &Problem, time: TimeId) -> String {
    let (row, meta) = (problem.times()[time.index()], problem.meta());
    let mut text = time_name(problem, time);
    if row.length() > 1 {
        // Slots with clock times end where the next one begins.
        let last = if slot_name(problem, 0).contains(':') { row.end } else { row.end - 1 };
        let end = if u32::from(last) == meta.slots { "24:00".to_owned() } else { slot_name(problem, u32::from(last)) };
        text += &format!("-{end}");
    }
    if row.weeks != u64::MAX >> (64 - meta.weeks) {
        text += &format!(", weeks {}", runs(row.weeks));
    }
    text
}

/// Numbers from 1 of the bits that are set: `1-3,5`.
fn runs(bits: u64) -> String {
    let numbers: Vec<u32> = (0..64).filter(|bit| bits >> bit & 1 == 1).collect();
    let runs = numbers.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
        [one] => format!("{}", one + 1),
        run => format!("{}-{}", run[0] + 1, run[run.len() - 1] + 1),
    });
    runs.collect::<Vec<_>>().join(",")
}

/// What the days and slots of a problem are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Weeks in the calendar.
    pub weeks: u32,
    /// The days.
    pub days: Vec<String>,
    /// When each slot begins and ends: `09:00` and `09:50`; both its number from 1 where slots have
    /// no clock times.
    pub slots: Vec<(String, String)>,
    /// Whether slots have clock times.
    pub has_clock: bool,
}

impl Words {
    /// Those of the calendar, else plain ones.
    pub fn of(problem: &Problem, labels: Option<&Labels>) -> Words {
        let meta = problem.meta();
        if let Some(Labels { calendar, .. }) = labels
            && fits(calendar, problem)
        {
            let slot = |slot: u16| (calendar.start_name(slot), calendar.end_name(slot + 1));
            let slots = (0..calendar.slots.len() as u16).map(slot).collect();
            return Words { weeks: meta.weeks, days: calendar.days.clone(), slots, has_clock: calendar.has_clock() };
        }
        let has_clock = slot_name(problem, 0).contains(':');
        let name = |slot: u32| if slot == meta.slots { "24:00".to_owned() } else { slot_name(problem, slot) };
        let slot = |slot: u32| (name(slot), if has_clock { name(slot + 1) } else { name(slot) });
        let days = (0..meta.days).map(|day| day_name(problem, day)).collect();
        Words { weeks: meta.weeks, days, slots: (0..meta.slots).map(slot).collect(), has_clock }
    }

    /// `09:00-10:50`, or `2-3`; one slot without a clock is `2`.
    pub fn hours(&self, start: u16, end: u16) -> String {
        let (from, until) = (&self.slots[usize::from(start)].0, &self.slots[usize::from(end) - 1].1);
        if from == until { from.clone() } else { format!("{from}-{until}") }
    }

    /// Names of the days of a time: `Mon Wed`.
    pub fn days_of(&self, time: &TimeRow) -> String {
        let held = self.days.iter().enumerate().filter(|(day, _)| time.days >> day & 1 == 1);
        held.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// `all`, or the weeks of a time: `1-7,9`.
    pub fn weeks_of(&self, time: &TimeRow) -> String {
        if time.weeks == u64::MAX >> (64 - self.weeks) { "all".to_owned() } else { runs(time.weeks) }
    }

    /// A time in full: `Mon Wed 09:00-10:50, weeks 1-7`.
    pub fn time(&self, time: &TimeRow) -> String {
        let text = format!("{} {}", self.days_of(time), self.hours(time.start, time.end));
        match self.weeks_of(time).as_str() {
            "all" => text,
            weeks => format!("{text}, weeks {weeks}"),
        }
    }
}

/// Whether a calendar is one for the problem.
pub(crate) fn fits(calendar: &Calendar, problem: &Problem) -> bool {
    let meta = problem.meta();
    (calendar.weeks, calendar.days.len(), calendar.slots.len()) == (meta.weeks, meta.days as usize, meta.slots as usize)
}

/// When each slot begins and ends, in minutes of the day; `None` where slots are only numbered.
pub(crate) fn minutes(problem: &Problem, labels: Option<&Labels>) -> Option<Vec<(u16, u16)>> {
    if let Some(Labels { calendar, .. }) = labels
        && fits(calendar, problem)
        && calendar.has_clock()
    {
        return Some(calendar.slots.clone());
    }
    let slots = problem.meta().slots;
    let minute = |slot: u32| (slot * (1440 / slots)) as u16;
    slot_name(problem, 0).contains(':').then(|| (0..slots).map(|slot| (minute(slot), minute(slot + 1))).collect())
}
