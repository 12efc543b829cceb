//! The slots of the whole calendar as bits: week after week, day after day.

use fixedbitset::FixedBitSet;
use timetable::{ClassId, Problem, TimeRow};

/// A calendar larger than this is not drawn.
const CELLS_MAX: u64 = 1 << 22;

/// How a problem's calendar is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    days: usize,
    slots: usize,
    cells: usize,
}

impl Grid {
    /// `None` where the calendar is too large.
    pub(super) fn new(problem: &Problem) -> Option<Grid> {
        let m = problem.meta();
        let cells = u64::from(m.weeks) * u64::from(m.days) * u64::from(m.slots);
        let grid = Grid { days: m.days as usize, slots: m.slots as usize, cells: cells as usize };
        (cells <= CELLS_MAX).then_some(grid)
    }

    pub(super) fn empty(&self) -> FixedBitSet {
        FixedBitSet::with_capacity(self.cells)
    }

    /// Marks (or clears) the slots of a time.
    pub(super) fn set(&self, cells: &mut FixedBitSet, t: &TimeRow, on: bool) {
        for w in (0..64).filter(|w| t.weeks >> w & 1 == 1) {
            for d in (0..16).filter(|d| t.days >> d & 1 == 1) {
                let day = (w * self.days + d) * self.slots;
                cells.set_range(day + usize::from(t.start)..day + usize::from(t.end), on);
            }
        }
    }
}

/// Meetings of a time.
pub(super) fn meetings(t: &TimeRow) -> u64 {
    u64::from(t.weeks.count_ones()) * u64::from(t.days.count_ones())
}

/// The fewest slots of the calendar that a class takes, whichever of its times it gets.
pub(super) fn least_slots(problem: &Problem, class: ClassId) -> u64 {
    let times = problem.times_of(class).iter().map(|o| &problem.times()[o.time as usize]);
    times.map(|t| meetings(t) * u64::from(t.length())).min().unwrap_or(0)
}
