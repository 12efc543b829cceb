//! Tallies of groups whose classes take one slot each: a week of a group is one word.

use super::resolved::ResolvedPlacement;

/// Lectures of each group in each slot. A slot is a bit, with a bit left free after each day, so
/// that the last slot of a day and the first of the next are not neighbours.
#[derive(Clone, Debug)]
pub(crate) struct WeekTallies {
    slots: u32,
    weeks: Vec<Week>,
    /// By group and bit.
    counts: Vec<u16>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Week {
    /// Slots with any lecture.
    held: u64,
    /// Slots with two or more.
    shared: u64,
}

/// Those whose neighbours are both empty.
#[inline(always)]
fn alone(held: u64) -> u64 {
    held & !(held << 1) & !(held >> 1)
}

impl WeekTallies {
    pub(crate) fn fits(days: usize, slots: usize) -> bool {
        days * (slots + 1) <= 64
    }

    pub(crate) fn new(n: usize, slots: usize) -> WeekTallies {
        WeekTallies { slots: slots as u32, weeks: vec![Week::default(); n], counts: vec![0; n * 64] }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.weeks.capacity() * size_of::<Week>() + self.counts.capacity() * 2
    }

    /// The slot of a class, none where it is not placed.
    #[inline(always)]
    pub(crate) fn bit(&self, resolved: &ResolvedPlacement) -> u64 {
        if resolved.placed() {
            1 << (u32::from(resolved.days).trailing_zeros() * (self.slots + 1) + u32::from(resolved.start))
        } else {
            0
        }
    }

    /// A class leaves one slot for another.
    #[inline]
    pub(crate) fn replace(&mut self, tally: u32, out: u64, into: u64) {
        let week = &mut self.weeks[tally as usize];
        let counts = &mut self.counts[tally as usize * 64..][..64];
        if out != 0 {
            let n = &mut counts[out.trailing_zeros() as usize];
            *n -= 1;
            if *n == 0 {
                week.held &= !out;
            } else if *n == 1 {
                week.shared &= !out;
            }
        }
        if into != 0 {
            let n = &mut counts[into.trailing_zeros() as usize];
            *n += 1;
            week.held |= into;
            if *n == 2 {
                week.shared |= into;
            }
        }
    }

    /// Change of the number of isolated lectures when a class leaves one slot for another.
    #[inline(always)]
    pub(crate) fn change(&self, tally: u32, out: u64, into: u64) -> i64 {
        let Week { held, shared } = self.weeks[tally as usize];
        let left = held & !(out & !shared);
        let (before, after) = (alone(held), alone(left | into));
        let slots = i64::from(after.count_ones()) - i64::from(before.count_ones());
        let shares = shared | (left & into) != 0;
        if shares { slots + self.extra_change(tally, before, after, out, into) } else { slots }
    }

    /// Change of the isolated lectures beyond the first of their slot.
    fn extra_change(&self, tally: u32, before: u64, after: u64, out: u64, into: u64) -> i64 {
        let Week { held, shared } = self.weeks[tally as usize];
        let left = held & !(out & !shared);
        let counts = &self.counts[tally as usize * 64..][..64];
        let extra = |mut slots: u64| {
            let mut n = 0;
            while slots != 0 {
                n += i64::from(counts[slots.trailing_zeros() as usize]) - 1;
                slots &= slots - 1;
            }
            n
        };
        extra(after & shared) - extra(before & shared) - i64::from(after & shared & out != 0)
            + i64::from(after & left & into != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tallies::DayTallies;
    use super::*;
    use proptest::prelude::*;

    const SLOTS: usize = 9;

    fn resolved(cell: usize) -> ResolvedPlacement {
        let start = (cell % SLOTS) as u16;
        ResolvedPlacement { weeks: 1, days: 1 << (cell / SLOTS), start, end: start + 1, ..ResolvedPlacement::NOWHERE }
    }

    proptest! {
        #[test]
        fn weeks_count_as_days_do(moves in prop::collection::vec((0..8usize, 0..6 * SLOTS + 9), 1..120)) {
            prop_assert!(WeekTallies::fits(6, SLOTS) && !WeekTallies::fits(7, SLOTS));
            let (mut weeks, mut days) = (WeekTallies::new(1, SLOTS), DayTallies::new(1, 6, SLOTS));
            let mut now = [ResolvedPlacement::NOWHERE; 8];
            for (class, cell) in moves {
                let old = now[class];
                let new = if cell < 6 * SLOTS { resolved(cell) } else { ResolvedPlacement::NOWHERE };
                let (out, into) = (weeks.bit(&old), weeks.bit(&new));
                if out != into {
                    prop_assert_eq!(weeks.change(0, out, into), days.change(0, &old, &new));
                }
                weeks.replace(0, out, into);
                days.replace(0, &old, &new);
                now[class] = new;
            }
        }
    }
}
