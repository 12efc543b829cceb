//! Whether each of some items gets as many cells of its own as it needs, and which items stand in
//! each other's way where not (Hall's theorem).

use fixedbitset::FixedBitSet;
use std::collections::VecDeque;

/// Items that need more cells than they can have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Crowd {
    /// The items, as positions in ascending order: all whose cells are among these.
    pub(super) items: Vec<usize>,
    /// Cells that they need.
    pub(super) needed: u64,
    /// All cells that they can have.
    pub(super) cells: FixedBitSet,
}

const NOBODY: u32 = u32::MAX;

/// Looks for items that cannot all have what they need. An item is how many cells it needs, and
/// which it can have. `None` where all can, or where it would take more than `most` steps, which are
/// added to `work`.
pub(super) fn crowd(items: &[(u32, FixedBitSet)], work: &mut u64, most: u64) -> Option<Crowd> {
    let cells = items.first()?.1.len();
    let mut owner = vec![NOBODY; cells];
    for (i, (need, _)) in items.iter().enumerate() {
        for _ in 0..*need {
            if let Err(reached) = give(i, items, &mut owner, work) {
                return Some(all_within(items, &reached));
            }
            if *work > most {
                return None;
            }
        }
    }
    None
}

/// Gives an item one cell more, others changing theirs where that helps; otherwise all cells that
/// could be reached so.
fn give(item: usize, items: &[(u32, FixedBitSet)], owner: &mut [u32], work: &mut u64) -> Result<(), FixedBitSet> {
    let mut reached = FixedBitSet::with_capacity(owner.len());
    // Of a cell: who wants it. Of an item: the cell that it would give away.
    let mut wanted_by = vec![NOBODY; owner.len()];
    let mut gives: Vec<Option<usize>> = vec![None; items.len()];
    let mut waiting = VecDeque::from([item]);
    let mut is_waiting = vec![false; items.len()];
    is_waiting[item] = true;
    while let Some(i) = waiting.pop_front() {
        for cell in items[i].1.difference(&reached.clone()) {
            *work += 1;
            reached.insert(cell);
            wanted_by[cell] = i as u32;
            let holder = owner[cell];
            if holder == NOBODY {
                let mut cell = cell;
                loop {
                    let taker = wanted_by[cell] as usize;
                    owner[cell] = taker as u32;
                    match gives[taker] {
                        Some(given) if taker != item => cell = given,
                        _ => return Ok(()),
                    }
                }
            }
            if !std::mem::replace(&mut is_waiting[holder as usize], true) {
                gives[holder as usize] = Some(cell);
                waiting.push_back(holder as usize);
            }
        }
        *work += (reached.len() / 64 + 1) as u64;
    }
    Err(reached)
}

/// All items that can only have these cells.
fn all_within(items: &[(u32, FixedBitSet)], cells: &FixedBitSet) -> Crowd {
    let inside = |(need, can): &(u32, FixedBitSet)| *need > 0 && can.is_subset(cells);
    let items: Vec<(usize, u64)> =
        items.iter().enumerate().filter(|(_, item)| inside(item)).map(|(i, item)| (i, u64::from(item.0))).collect();
    let needed = items.iter().map(|(_, need)| need).sum();
    Crowd { items: items.into_iter().map(|(i, _)| i).collect(), needed, cells: cells.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(list: &[(u32, &[usize])]) -> Vec<(u32, FixedBitSet)> {
        let set = |cells: &[usize]| {
            let mut set = FixedBitSet::with_capacity(6);
            set.extend(cells.iter().copied());
            set
        };
        list.iter().map(|&(need, cells)| (need, set(cells))).collect()
    }

    /// Whether some way to give each item its cells exists, tried one after the other.
    fn is_possible(items: &[(u32, FixedBitSet)], taken: &mut FixedBitSet) -> bool {
        let Some(first) = items.iter().position(|item| item.0 > 0) else { return true };
        let mut rest = items.to_vec();
        rest[first].0 -= 1;
        let cells: Vec<usize> = items[first].1.difference(taken).collect();
        cells.into_iter().any(|cell| {
            taken.insert(cell);
            let possible = is_possible(&rest, taken);
            taken.set(cell, false);
            possible
        })
    }

    #[test]
    fn who_stands_in_whose_way_is_found() {
        assert_eq!(crowd(&items(&[(1, &[0, 1]), (1, &[0]), (2, &[1, 2, 3])]), &mut 0, 1000), None);
        let found = crowd(&items(&[(1, &[0, 1]), (1, &[4]), (1, &[0]), (1, &[1]), (1, &[2, 0])]), &mut 0, 1000);
        let found = found.expect("three items on two cells");
        assert_eq!((found.items, found.needed, found.cells.ones().collect()), (vec![0, 2, 3], 3, vec![0, 1]));
        assert_eq!(
            crowd(&items(&[(2, &[0]), (1, &[1])]), &mut 0, 1000).map(|c| (c.items, c.needed)),
            Some((vec![0], 2))
        );
    }

    #[test]
    fn it_is_found_exactly_where_no_way_exists() {
        let mut state = 7u32;
        let mut draw = |n: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % n
        };
        let (mut crowded, mut free) = (0, 0);
        for _ in 0..2000 {
            let mut list = Vec::new();
            for _ in 0..1 + draw(5) {
                let mut set = FixedBitSet::with_capacity(6);
                (0..6).filter(|_| draw(3) == 0).for_each(|cell| set.insert(cell));
                list.push((draw(3), set));
            }
            let possible = is_possible(&list, &mut FixedBitSet::with_capacity(6));
            match crowd(&list, &mut 0, u64::MAX) {
                None => assert!(possible, "{list:?}"),
                Some(crowd) => {
                    assert!(!possible && crowd.needed > crowd.cells.count_ones(..) as u64, "{list:?}");
                    assert!(crowd.items.iter().all(|&i| list[i].1.is_subset(&crowd.cells)), "{list:?}");
                }
            }
            if possible { free += 1 } else { crowded += 1 }
        }
        assert!(crowded > 300 && free > 300, "{crowded} crowded, {free} not: too few of one");
    }
}
