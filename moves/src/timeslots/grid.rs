//! The common grid of slots, where there is one.

use super::problem::Unfit;
use timetable::{Problem, TimeRow};

/// Most slots of a week: a bit each in a word.
const MOST_SLOTS: usize = 64;
/// Most slots of a day: rules about days are tables with an entry for each set of them.
const MOST_A_DAY: usize = 12;

/// The slots of a week, numbered day by day, in the order of time.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) days: usize,
    /// First slot and end of each position in a day, in the calendar's own slots.
    pub(super) positions: Vec<(u16, u16)>,
    /// The weeks in which all is held.
    pub(super) weeks: u64,
}

impl Grid {
    /// The grid of a problem's possible times.
    pub(super) fn of(problem: &Problem) -> Result<Grid, Unfit> {
        let held = problem.held_times();
        let Some(first) = held.first() else { return Err(Unfit::new("no class has a time")) };
        let weeks = first.weeks;
        let mut positions: Vec<(u16, u16)> = held.iter().map(|t| (t.start, t.end)).collect();
        positions.sort_unstable();
        positions.dedup();
        if held.iter().any(|t| t.weeks != weeks) {
            return Err(Unfit::new("times are held in different weeks"));
        }
        if held.iter().any(|t| t.days.count_ones() != 1) {
            return Err(Unfit::new("times are held on several days"));
        }
        if positions.windows(2).any(|w| w[1].0 < w[0].1) {
            return Err(Unfit::new("times overlap without being the same"));
        }
        let days = problem.meta().days as usize;
        if positions.len() > MOST_A_DAY || days * positions.len() > MOST_SLOTS {
            return Err(Unfit::new("too many slots"));
        }
        Ok(Grid { days, positions, weeks })
    }

    pub(super) fn per_day(&self) -> usize {
        self.positions.len()
    }

    pub(super) fn slots(&self) -> usize {
        self.days * self.positions.len()
    }

    /// The slot that a possible time is.
    pub(super) fn slot_of(&self, time: &TimeRow) -> usize {
        let position = self.positions.binary_search(&(time.start, time.end)).expect("a possible time");
        time.days.trailing_zeros() as usize * self.per_day() + position
    }

    /// A slot as a time.
    pub(super) fn time(&self, slot: usize) -> TimeRow {
        let (start, end) = self.positions[slot % self.per_day()];
        TimeRow { weeks: self.weeks, days: 1 << (slot / self.per_day()), start, end, pad: 0 }
    }
}
