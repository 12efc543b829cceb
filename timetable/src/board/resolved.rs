//! Where a class is, unpacked for comparing.

use super::relations::OVERLAP;
use crate::ids::NONE;

/// A placement with everything that comparing it needs. Not placed: no weeks, so that it overlaps
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResolvedPlacement {
    pub(crate) weeks: u64,
    pub(crate) days: u16,
    pub(crate) start: u16,
    pub(crate) end: u16,
    /// Position in the class's times.
    pub(crate) time: u16,
    /// Room id, or `NONE`.
    pub(crate) room: u32,
    /// Position in the class's rooms.
    pub(crate) option: u16,
    /// Slot of the week, where every time is one slot (see [`super::index::Units`]); otherwise the
    /// number of the time, as far as it fits.
    pub(crate) cell: u16,
}

impl ResolvedPlacement {
    pub(crate) const NOWHERE: ResolvedPlacement = ResolvedPlacement {
        weeks: 0,
        days: 0,
        start: 0,
        end: 0,
        time: u16::MAX,
        room: NONE,
        option: u16::MAX,
        cell: u16::MAX,
    };

    #[inline(always)]
    pub(crate) fn placed(&self) -> bool {
        self.weeks != 0
    }

    #[inline(always)]
    pub(crate) fn shares_day(&self, o: &ResolvedPlacement) -> bool {
        (self.weeks & o.weeks != 0) & (self.days & o.days != 0)
    }

    #[inline(always)]
    pub(crate) fn overlaps(&self, o: &ResolvedPlacement) -> bool {
        (self.weeks & o.weeks != 0) & (self.days & o.days != 0) & (self.start < o.end) & (o.start < self.end)
    }
}

/// Slots of travel between rooms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Travel<'p> {
    slots: &'p [u16],
    rooms: usize,
    longest: u16,
}

impl<'p> Travel<'p> {
    pub(crate) fn new(slots: &'p [u16], rooms: usize) -> Self {
        Travel { slots, rooms, longest: slots.iter().copied().max().unwrap_or(0) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.longest == 0
    }

    /// The longest way.
    pub(crate) fn longest(&self) -> i32 {
        i32::from(self.longest)
    }

    /// Whether one person cannot attend both, by the code of their times (see
    /// [`super::relations::Relations`]) and their rooms.
    #[inline(always)]
    pub(crate) fn parts(&self, code: u8, a: u32, b: u32) -> bool {
        code == OVERLAP || (code > OVERLAP && self.is_longer(a, b, code))
    }

    /// Whether the way between two rooms is longer than the gap of such a code.
    #[inline(always)]
    pub(crate) fn is_longer(&self, a: u32, b: u32, code: u8) -> bool {
        a != NONE && b != NONE && self.slots[a as usize * self.rooms + b as usize] > u16::from(code) - 2
    }

    /// Whether one person cannot attend both: they overlap, or the way between the rooms is too
    /// long on a day in common.
    #[inline(always)]
    pub(crate) fn apart(&self, a: &ResolvedPlacement, b: &ResolvedPlacement) -> bool {
        if !a.shares_day(b) {
            return false;
        }
        // Slots between the end of the one and the start of the other; negative where they overlap.
        let gap = (i32::from(b.start) - i32::from(a.end)).max(i32::from(a.start) - i32::from(b.end));
        if gap >= i32::from(self.longest) {
            return false;
        }
        if gap < 0 {
            return true;
        }
        if a.room == NONE || b.room == NONE {
            return false;
        }
        gap < i32::from(self.slots[a.room as usize * self.rooms + b.room as usize])
    }
}
