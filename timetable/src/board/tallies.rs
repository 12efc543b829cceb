//! How many lectures of a group are in each slot, for the kind that looks at neighbouring slots.

use super::resolved::ResolvedPlacement;
use super::weeks::WeekTallies;

/// Tallies of all groups that need them.
#[derive(Clone, Debug)]
pub(crate) enum Tallies {
    /// Where every time is one slot and a week of them fits into a word.
    Weeks(WeekTallies),
    /// Everywhere else.
    Days(DayTallies),
}

impl Tallies {
    pub(crate) fn new(n: usize, days: usize, slots: usize, weeks: bool) -> Tallies {
        if weeks { Tallies::Weeks(WeekTallies::new(n, slots)) } else { Tallies::Days(DayTallies::new(n, days, slots)) }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Tallies::Weeks(t) => t.bytes(),
            Tallies::Days(t) => t.counts.capacity() * 2 + t.occupied.capacity() * 8 + t.doubled.capacity() * 4,
        }
    }

    /// Change of the number of isolated lectures when a class of the group moves.
    pub(crate) fn change(&mut self, tally: u32, old: &ResolvedPlacement, new: &ResolvedPlacement) -> i64 {
        match self {
            Tallies::Weeks(t) => t.change(tally, t.bit(old), t.bit(new)),
            Tallies::Days(t) => t.change(tally, old, new),
        }
    }
}

/// By group, day and slot.
#[derive(Clone, Debug)]
pub(crate) struct DayTallies {
    days: usize,
    slots: usize,
    counts: Vec<u16>,
    /// By tally and day: slots with any lecture.
    occupied: Vec<u64>,
    /// By tally and day: lectures in slots beyond the first in the same slot.
    doubled: Vec<u32>,
}

impl DayTallies {
    /// A class leaves one place for another.
    pub(super) fn replace(&mut self, tally: u32, old: &ResolvedPlacement, new: &ResolvedPlacement) {
        self.remove(tally, old);
        self.add(tally, new);
    }

    pub(super) fn new(n: usize, days: usize, slots: usize) -> DayTallies {
        DayTallies {
            days,
            slots,
            counts: vec![0; n * days * slots],
            occupied: vec![0; n * days],
            doubled: vec![0; n * days],
        }
    }

    #[inline]
    fn add(&mut self, tally: u32, resolved: &ResolvedPlacement) {
        let t = tally as usize * self.days;
        let mut days = resolved.days;
        while days != 0 {
            let day = t + days.trailing_zeros() as usize;
            days &= days - 1;
            for slot in resolved.start as usize..resolved.end as usize {
                let n = &mut self.counts[day * self.slots + slot];
                self.doubled[day] += u32::from(*n > 0);
                *n += 1;
                self.occupied[day] |= 1 << slot;
            }
        }
    }

    #[inline]
    fn remove(&mut self, tally: u32, resolved: &ResolvedPlacement) {
        let t = tally as usize * self.days;
        let mut days = resolved.days;
        while days != 0 {
            let day = t + days.trailing_zeros() as usize;
            days &= days - 1;
            for slot in resolved.start as usize..resolved.end as usize {
                let n = &mut self.counts[day * self.slots + slot];
                *n -= 1;
                if *n == 0 {
                    self.occupied[day] &= !(1 << slot);
                } else {
                    self.doubled[day] -= 1;
                }
            }
        }
    }

    /// Lectures on a day whose neighbouring slots are both empty.
    #[inline]
    fn isolated(&self, tally: u32, day: usize) -> i64 {
        let day = tally as usize * self.days + day;
        let m = self.occupied[day];
        let mut alone = m & !(m << 1) & !(m >> 1);
        let mut n = i64::from(alone.count_ones());
        if self.doubled[day] > 0 {
            n = 0;
            while alone != 0 {
                n += i64::from(self.counts[day * self.slots + alone.trailing_zeros() as usize]);
                alone &= alone - 1;
            }
        }
        n
    }

    /// Change of the number of isolated lectures when a class moves.
    #[inline]
    pub(super) fn change(&mut self, tally: u32, old: &ResolvedPlacement, new: &ResolvedPlacement) -> i64 {
        if old.days == new.days && old.start == new.start && old.end == new.end {
            return 0;
        }
        let sum = |t: &DayTallies| {
            let mut days = old.days | new.days;
            let mut n = 0;
            while days != 0 {
                n += t.isolated(tally, days.trailing_zeros() as usize);
                days &= days - 1;
            }
            n
        };
        let before = sum(self);
        self.remove(tally, old);
        self.add(tally, new);
        let after = sum(self);
        self.remove(tally, new);
        self.add(tally, old);
        after - before
    }
}
