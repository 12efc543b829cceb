//! The time of a class as a solution writes it.

use super::bits;
use crate::log::quoted;
use std::fmt;
use timetable::{ClassId, Problem, TimeRow};

/// Days, start and weeks, and the length where it is written, too.
pub(super) struct WrittenTime<'a> {
    pub(super) days: &'a str,
    pub(super) start: u16,
    pub(super) weeks: &'a str,
    pub(super) length: Option<u16>,
}

/// Which of a class's times it is.
pub(super) enum Match {
    None,
    /// By its position.
    One(u16),
    /// Of times that begin together, the length tells which it is, and is not written.
    More,
}

impl WrittenTime<'_> {
    pub(super) fn find(&self, problem: &Problem, class: ClassId) -> Match {
        let Some((days, weeks)) = self.bits(problem) else { return Match::None };
        let mut fits = problem.times_of(class).iter().zip(0u16..).filter(|(option, _)| {
            let t = problem.times()[option.time as usize];
            (t.days, t.weeks, t.start) == (days, weeks, self.start) && self.length.is_none_or(|l| l == t.length())
        });
        match (fits.next(), fits.next()) {
            (None, _) => Match::None,
            (Some((_, position)), None) => Match::One(position),
            _ => Match::More,
        }
    }

    /// The same as a time of any class; without a length, it has that of the class's own times.
    ///
    /// # Errors
    /// What is expected instead.
    pub(super) fn row(&self, problem: &Problem, class: ClassId) -> Result<TimeRow, String> {
        let meta = problem.meta();
        let Some((days, weeks)) = self.bits(problem) else {
            return Err(format!("{} days and {} weeks of 0 and 1, one of them 1 at least", meta.days, meta.weeks));
        };
        let mut own: Vec<u16> =
            problem.times_of(class).iter().map(|o| problem.times()[o.time as usize].length()).collect();
        own.sort_unstable();
        own.dedup();
        let length = match (self.length, own.as_slice()) {
            (Some(length), _) | (None, &[length]) => length,
            _ => return Err("one of its times, or a time with its length".to_owned()),
        };
        match self.start.checked_add(length) {
            Some(end) if length > 0 && u32::from(end) <= meta.slots => {
                Ok(TimeRow { weeks, days, start: self.start, end, pad: 0 })
            }
            _ => Err(format!("a time within the {} slots of a day", meta.slots)),
        }
    }

    fn bits(&self, problem: &Problem) -> Option<(u16, u64)> {
        let days = bits::parse(self.days, problem.meta().days)?;
        Some((u16::try_from(days).ok()?, bits::parse(self.weeks, problem.meta().weeks)?))
    }
}

impl fmt::Display for WrittenTime<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "days {} start {}", quoted(self.days), self.start)?;
        if let Some(length) = self.length {
            write!(f, " length {length}")?;
        }
        write!(f, " weeks {}", quoted(self.weeks))
    }
}
