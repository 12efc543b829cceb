//! A stretch of the calendar, as people write it: `Mon`, `Mon-Fri 3-5`,
//! `weeks 2-4,7 Tue Thu 08:00-10:00`.

use super::change_request::Fault;
use scheduler::names::{day_name, slot_name};
use stage0_load::csv_folder::Calendar;
use timetable::{Problem, TimeRow};

/// What days and slots are called.
pub(super) struct Week {
    weeks: u32,
    days: Vec<String>,
    /// From and to a minute of the day, where slots have clock times.
    clock: Option<Vec<(u16, u16)>>,
    always: TimeRow,
}

impl Week {
    /// As the calendar of a problem that came as a folder has them; otherwise as they are shown
    /// everywhere.
    pub(super) fn new(problem: &Problem, calendar: Option<&Calendar>) -> Week {
        let meta = problem.meta();
        let (days, clock) = match calendar {
            Some(calendar) => {
                let has_clock = calendar.slots.iter().any(|slot| slot.1 > 0);
                (calendar.days.clone(), has_clock.then(|| calendar.slots.clone()))
            }
            None => {
                let each = (1440 / meta.slots.max(1)) as u16;
                let clock = (0..meta.slots as u16).map(|slot| (slot * each, (slot + 1) * each));
                let days = (0..meta.days).map(|day| day_name(problem, day)).collect();
                (days, slot_name(problem, 0).contains(':').then(|| clock.collect()))
            }
        };
        Week { weeks: meta.weeks, days, clock, always: TimeRow::always(meta) }
    }

    /// Reads a stretch: weeks (`week 3`, `weeks 2-4,7`), days (`Mon`, `Tue-Thu`), slots (`3-5`,
    /// both included; or `08:00-10:00`, or `08:00` for one slot, where slots have clock times);
    /// what is left out is all of them.
    ///
    /// # Errors
    /// What was found and what was expected.
    pub(super) fn parse(&self, text: &str) -> Result<TimeRow, Fault> {
        let mut row = TimeRow { weeks: 0, days: 0, ..self.always };
        let mut slots = None;
        let mut weeks_next = false;
        for word in text.split([' ', ';']).filter(|word| !word.is_empty()) {
            if ["week", "weeks"].contains(&word.to_lowercase().as_str()) {
                weeks_next = true;
                continue;
            }
            for part in word.split(',').filter(|part| !part.is_empty()) {
                let expected = || self.expected(part);
                if weeks_next {
                    let (from, to) = numbers(part, self.weeks).ok_or_else(expected)?;
                    (from..=to).for_each(|week| row.weeks |= 1 << (week - 1));
                } else if let Some((from, to)) = self.days(part) {
                    (from..=to).for_each(|day| row.days |= 1 << day);
                } else if let (None, Some(found)) = (slots, self.slots(part)) {
                    slots = Some(found);
                } else {
                    return Err(expected());
                }
            }
            // `weeks 2-4, 7`: the list goes on after a comma.
            weeks_next &= word.ends_with(',');
        }
        if weeks_next {
            return Err(self.expected(text));
        }
        row.weeks = if row.weeks == 0 { self.always.weeks } else { row.weeks };
        row.days = if row.days == 0 { self.always.days } else { row.days };
        (row.start, row.end) = slots.unwrap_or((row.start, row.end));
        Ok(row)
    }

    fn expected(&self, found: &str) -> Fault {
        let name = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let slots = match &self.clock {
            Some(slots) => format!("{}-{}", name(slots[0].0), name(slots[slots.len() - 1].1)),
            None => format!("1-{}", self.always.end),
        };
        let days = format!("days from {} to {}", self.days[0], self.days[self.days.len() - 1]);
        (format!("{found:?}"), format!("{days}, slots as {slots}, or weeks as weeks 1-{}", self.weeks))
    }

    fn days(&self, word: &str) -> Option<(usize, usize)> {
        let find = |name: &str| self.days.iter().position(|day| day.eq_ignore_ascii_case(name));
        if let Some(day) = find(word) {
            return Some((day, day));
        }
        let (from, to) = word.split_once('-')?;
        let (from, to) = (find(from)?, find(to)?);
        (from <= to).then_some((from, to))
    }

    /// The first slot and the one after the last.
    fn slots(&self, word: &str) -> Option<(u16, u16)> {
        let Some(clock) = &self.clock else {
            let (from, to) = numbers(word, u32::from(self.always.end))?;
            return Some((from as u16 - 1, to as u16));
        };
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour <= 24 && minute < 60).then_some(60 * hour + minute)
        };
        let (from, to) = match word.split_once('-') {
            Some((from, to)) => (minute(from)?, minute(to)?),
            None => (minute(word)?, minute(word)? + 1),
        };
        let mut hit = (0..).zip(clock).filter(|(_, slot)| slot.0 < to && from < slot.1).map(|(k, _)| k);
        let first: u16 = hit.next()?;
        Some((first, hit.last().unwrap_or(first) + 1))
    }
}

/// `3` or `2-4`, of `1..=most`.
fn numbers(word: &str, most: u32) -> Option<(u32, u32)> {
    let (from, to) = word.split_once('-').unwrap_or((word, word));
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (1 <= from && from <= to && to <= most).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use timetable::{Format, Meta, ProblemBuilder};

    fn calendar(weeks: u32, days: u32, slots: u32) -> Problem {
        let meta = Meta {
            name: String::new(),
            weeks,
            days,
            slots,
            time_weight: 0,
            room_weight: 0,
            distribution_weight: 0,
            student_weight: 0,
            student_conflicts_hard: false,
            format: Format::Itc2019,
        };
        ProblemBuilder::new(meta).build().expect("an empty problem")
    }

    #[test]
    fn what_is_left_out_is_all() {
        let problem = calendar(13, 5, 6);
        let week = Week::new(&problem, None);
        let read = |text| week.parse(text).unwrap();
        assert_eq!(read(""), TimeRow { weeks: 0x1fff, days: 0x1f, start: 0, end: 6, pad: 0 });
        assert_eq!(read("Mon, wed"), TimeRow { weeks: 0x1fff, days: 0b101, start: 0, end: 6, pad: 0 });
        assert_eq!(read("Tue-Thu 2-3"), TimeRow { weeks: 0x1fff, days: 0b1110, start: 1, end: 3, pad: 0 });
        assert_eq!(read("weeks 2-3 Fri 6"), TimeRow { weeks: 0b110, days: 0b10000, start: 5, end: 6, pad: 0 });
        for text in ["week 1 week 13", "weeks 1,13", "weeks 1, 13 2-3"] {
            assert_eq!(read(text).weeks, 0b1_0000_0000_0001);
        }
        assert_eq!(read("weeks 1, 13 2-3").end, 3);
    }

    #[test]
    fn clock_times_where_slots_are_minutes() {
        let problem = calendar(1, 7, 288);
        let week = Week::new(&problem, None);
        let read = |text| week.parse(text).map(|row| (row.start, row.end));
        assert_eq!(read("08:00-09:30"), Ok((96, 114)));
        assert_eq!(read("8:00-24:00"), Ok((96, 288)));
        assert_eq!(read("08:01-08:59"), Ok((96, 108)), "every slot of which a minute is meant");
        assert_eq!(read("08:05"), Ok((97, 98)), "one slot");
        for text in ["2-4", "09:00-08:00", "08:60-09:00", "25:00-26:00"] {
            let error = week.parse(text).unwrap_err();
            assert_eq!(error.1, "days from Mon to Sun, slots as 00:00-24:00, or weeks as weeks 1-1");
        }
    }

    #[test]
    fn a_calendar_has_names_of_its_own() {
        let problem = calendar(2, 2, 2);
        let slots = vec![(540, 590), (600, 650)];
        let days = ["Sun", "Mon"].map(str::to_owned).to_vec();
        let week = Week::new(&problem, Some(&Calendar { name: String::new(), weeks: 2, days, slots, term: None }));
        let row = week.parse("Mon 10:00-10:30").unwrap();
        assert_eq!((row.days, row.start, row.end), (0b10, 1, 2));
        assert!(week.parse("09:50-10:00").is_err(), "a break is no slot");
    }

    #[test]
    fn what_cannot_be_read_is_named_with_what_was_expected() {
        let problem = calendar(13, 5, 6);
        for text in ["Sun", "7", "3-2", "weeks", "weeks 14", "Mon 2-3 4-5", "0", "Fri-Mon"] {
            let error = Week::new(&problem, None).parse(text).unwrap_err();
            assert_eq!(error.1, "days from Mon to Fri, slots as 1-6, or weeks as weeks 1-13");
        }
    }
}
