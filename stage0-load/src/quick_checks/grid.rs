//! The slots of a week as bits, day after day; weeks that all times treat alike are looked at once.

use fixedbitset::FixedBitSet;
use timetable::{ClassId, Problem, TimeRow};

/// How a problem's week is laid out.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    days: usize,
    slots: usize,
    /// One week of each kind.
    pub(super) weeks: Vec<Week>,
}

/// Weeks that are alike: every time is held in all of them, or in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Week {
    /// The weeks, as bits.
    pub(super) bits: u64,
    /// One of them.
    pub(super) one: u32,
}

impl Week {
    fn of(bits: u64) -> Week {
        Week { bits, one: bits.trailing_zeros() }
    }

    /// Whether a time is held in it.
    pub(super) fn has(self, time: &TimeRow) -> bool {
        time.weeks >> self.one & 1 == 1
    }
}

impl Grid {
    pub(super) fn new(problem: &Problem) -> Grid {
        let m = problem.meta();
        let mut kinds = vec![u64::MAX >> (64 - m.weeks)];
        let mut masks: Vec<u64> = problem.times().iter().map(|t| t.weeks).collect();
        masks.sort_unstable();
        masks.dedup();
        for mask in masks {
            kinds = kinds.iter().flat_map(|&k| [k & mask, k & !mask]).filter(|&k| k != 0).collect();
        }
        kinds.sort_unstable_by_key(|k| k.trailing_zeros());
        Grid { days: m.days as usize, slots: m.slots as usize, weeks: kinds.into_iter().map(Week::of).collect() }
    }

    /// Slots of a week.
    pub(super) fn cells(&self) -> usize {
        self.days * self.slots
    }

    pub(super) fn empty(&self) -> FixedBitSet {
        FixedBitSet::with_capacity(self.cells())
    }

    /// Day and slot of a cell.
    pub(super) fn day_and_slot(&self, cell: usize) -> (usize, usize) {
        (cell / self.slots, cell % self.slots)
    }

    /// The cells of a day.
    fn day(&self, day: usize) -> std::ops::Range<usize> {
        day * self.slots..(day + 1) * self.slots
    }

    /// Marks (or clears) the slots of a time.
    pub(super) fn set(&self, cells: &mut FixedBitSet, t: &TimeRow, on: bool) {
        for day in (0..self.days).filter(|day| t.days >> day & 1 == 1) {
            let first = day * self.slots;
            cells.set_range(first + usize::from(t.start)..first + usize::from(t.end), on);
        }
    }

    /// How many meetings of at least so many slots fit into the free cells, one after the other.
    pub(super) fn fitting(&self, free: &FixedBitSet, length: u64) -> u64 {
        let mut fitting = 0;
        for day in 0..self.days {
            let mut run = 0;
            for cell in self.day(day) {
                run = if free.contains(cell) { run + 1 } else { 0 };
                if run == length {
                    (fitting, run) = (fitting + 1, 0);
                }
            }
        }
        fitting
    }
}

/// The times of a class that are held in a week.
pub(super) fn held_in(problem: &Problem, class: ClassId, week: Week) -> impl Iterator<Item = &TimeRow> {
    let times = problem.times_of(class).iter().map(|o| &problem.times()[o.time as usize]);
    times.filter(move |t| week.has(t))
}

/// The fewest of something that a class takes in a week, whichever of its times it gets: none where
/// it may be held in other weeks only.
pub(super) fn least(problem: &Problem, class: ClassId, week: Week, of: impl Fn(&TimeRow) -> u64) -> u64 {
    let times = problem.times_of(class).iter().map(|o| &problem.times()[o.time as usize]);
    times.map(|t| if week.has(t) { of(t) } else { 0 }).min().unwrap_or(0)
}

/// Slots of a week that a time takes.
pub(super) fn slots(t: &TimeRow) -> u64 {
    u64::from(t.days.count_ones()) * u64::from(t.length())
}
