//! What a chain costs, by the slots alone. Whoever has a class that goes one way and another that
//! goes the other has the same two slots as before; everybody else exchanges one for the other.

use super::board::{NOWHERE, SlotBoard};
use super::chain::Chain;
use super::problem::Follower;

/// Marks followers, for as long as one difference takes.
#[derive(Clone, Debug)]
pub(super) struct Odd(Vec<u8>);

impl Odd {
    pub(super) fn new(followers: usize) -> Odd {
        Odd(vec![0; followers])
    }
}

/// The slots' part of the difference.
#[inline]
pub(super) fn of_slots(board: &SlotBoard<'_>, chain: &Chain, odd: &mut Odd) -> i64 {
    let p = board.problem;
    let [a, b] = chain.slots;
    let mut cost = 0;
    if !p.time_cost.is_empty() {
        for &(class, out_of) in &chain.members {
            let (from, to) = (chain.slots[usize::from(out_of)], chain.slots[usize::from(1 - out_of)]);
            cost += p.time_cost(usize::from(class), to) - p.time_cost(usize::from(class), from);
        }
    }
    let per_day = p.grid.per_day();
    // Two members share a slot after the chain where they shared one before it, so only who stays
    // matters.
    if !p.in_slot.is_empty() {
        for &(class, out_of) in &chain.members {
            let (from, to) = (chain.slots[usize::from(out_of)], chain.slots[usize::from(1 - out_of)]);
            for (other, of_pair) in p.in_slot.get(usize::from(class)) {
                let at = usize::from(board.slot[other]);
                if (at == from || at == to) && !chain.has(other) {
                    cost += if at == to { of_pair } else { -of_pair };
                }
            }
        }
    }
    if !p.in_day.is_empty() && a / per_day != b / per_day {
        for &(class, out_of) in &chain.members {
            let (from, to) = (chain.slots[usize::from(out_of)], chain.slots[usize::from(1 - out_of)]);
            for (other, of_pair) in p.in_day.get(usize::from(class)) {
                let day = usize::from(board.slot[other]) / per_day;
                if !chain.has(other) && board.slot[other] != NOWHERE {
                    cost += of_pair * (i64::from(day == to / per_day) - i64::from(day == from / per_day));
                }
            }
        }
    }
    let (flip, day_a, day_b) = (1u64 << a | 1u64 << b, a / per_day, b / per_day);
    let (shift_a, shift_b, set) = (day_a * per_day, day_b * per_day, (1u64 << per_day) - 1);
    let mut add = |f: usize| {
        let follower = p.followers[f];
        let (before, after) = (board.busy[f], board.busy[f] ^ flip);
        let table = &p.day_tables[follower.table as usize..][..set as usize + 1];
        let day = |busy: u64, shift: usize| table[(busy >> shift & set) as usize];
        cost += day(after, shift_a) - day(before, shift_a);
        if day_a != day_b {
            cost += day(after, shift_b) - day(before, shift_b);
            if follower.used != Follower::NONE {
                let is_used = |busy: u64, shift: usize| usize::from(busy >> shift & set != 0);
                let two = |busy: u64| is_used(busy, shift_a) + is_used(busy, shift_b);
                let (two_before, two_after) = (two(before), two(after));
                if two_before != two_after {
                    let used = (0..p.grid.days).map(|d| is_used(before, d * per_day)).sum::<usize>();
                    let of = |n: usize| p.used_tables[follower.used as usize + n];
                    cost += of(used - two_before + two_after) - of(used);
                }
            }
        }
    };
    if let &[(class, _)] = chain.members.as_slice() {
        p.followers_of.get(usize::from(class)).iter().for_each(|&f| add(f as usize));
        return cost;
    }
    for &(class, _) in &chain.members {
        p.followers_of.get(usize::from(class)).iter().for_each(|&f| odd.0[f as usize] ^= 1);
    }
    for &(class, _) in &chain.members {
        for &f in p.followers_of.get(usize::from(class)) {
            if std::mem::take(&mut odd.0[f as usize]) == 1 {
                add(f as usize);
            }
        }
    }
    cost
}
