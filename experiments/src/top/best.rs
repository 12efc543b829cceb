//! The best rows so far.

use crate::columns::Rank;
use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

/// Most columns of a key.
pub(crate) const KEYS: usize = 4;

/// Where a row stands: its file, and its place in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) file: u32,
    pub(super) row: u64,
}

/// A row that may be among the best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Winner {
    /// Its key; of columns that are not asked for the missing rank.
    pub(super) key: [Rank; KEYS],
    pub(super) place: Place,
    /// The record, where it is a line of text and there was room to keep it.
    pub(super) line: Option<(u64, Box<[u8]>)>,
}

impl Ord for Winner {
    /// The better the larger: by key, then by place, the first of equals being the better.
    fn cmp(&self, other: &Winner) -> Ordering {
        self.key.cmp(&other.key).then_with(|| other.place.cmp(&self.place))
    }
}

impl PartialOrd for Winner {
    fn partial_cmp(&self, other: &Winner) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The best N rows of those that were offered.
#[derive(Debug)]
pub(super) struct Best {
    most: usize,
    heap: BinaryHeap<Reverse<Winner>>,
    /// Bytes of lines that may be kept, and those that are.
    room: usize,
    kept: usize,
}

impl Best {
    pub(super) fn new(most: usize, room: usize) -> Best {
        Best { most, heap: BinaryHeap::new(), room, kept: 0 }
    }

    /// The worst key that can still win, as far as comparing coarsely tells: whatever is less
    /// cannot.
    pub(super) fn floor(&self) -> u64 {
        match self.heap.peek() {
            Some(Reverse(worst)) if self.heap.len() == self.most => worst.key[0].coarse(),
            _ => 0,
        }
    }

    /// Takes a row if it is among the best; whether it did.
    pub(super) fn offer(&mut self, key: [Rank; KEYS], place: Place, line: Option<(u64, &[u8])>) -> bool {
        if self.heap.len() == self.most {
            match self.heap.peek() {
                Some(Reverse(worst)) if (key, Reverse(place)) > (worst.key, Reverse(worst.place)) => {
                    let Some(Reverse(worst)) = self.heap.pop() else { return false };
                    self.kept -= worst.line.map_or(0, |(_, line)| line.len());
                }
                _ => return false,
            }
        }
        let line = line.filter(|(_, line)| self.kept + line.len() <= self.room);
        self.kept += line.map_or(0, |(_, line)| line.len());
        self.heap.push(Reverse(Winner { key, place, line: line.map(|(number, line)| (number, line.into())) }));
        true
    }

    pub(super) fn into_winners(self) -> impl Iterator<Item = Winner> {
        self.heap.into_iter().map(|Reverse(winner)| winner)
    }
}

/// The best N of what several found, the best first.
pub(super) fn merged(all: impl Iterator<Item = Winner>, most: usize) -> Vec<Winner> {
    let mut winners: Vec<Winner> = all.collect();
    winners.sort_unstable_by(|a, b| b.cmp(a));
    winners.truncate(most);
    winners
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::MISSING;

    #[test]
    fn equal_keys_are_won_by_the_first_place_in_whatever_order_they_come() {
        let key = |x: i64| [Rank::of_i64(x, true), MISSING, MISSING, MISSING];
        let rows = [(5, 0, 3), (5, 1, 0), (5, 0, 1), (4, 0, 0), (6, 2, 2), (5, 0, 2)];
        for rotation in 0..rows.len() {
            let mut best = Best::new(3, 0);
            for i in 0..rows.len() {
                let (x, file, row) = rows[(i + rotation) % rows.len()];
                best.offer(key(x), Place { file, row }, None);
            }
            let won: Vec<_> = merged(best.into_winners(), 3).iter().map(|w| (w.place.file, w.place.row)).collect();
            assert_eq!(won, [(2, 2), (0, 1), (0, 2)]);
        }
    }

    #[test]
    fn lines_are_kept_as_long_as_there_is_room() {
        let mut best = Best::new(2, 10);
        let key = |x: i64| [Rank::of_i64(x, true), MISSING, MISSING, MISSING];
        best.offer(key(1), Place { file: 0, row: 0 }, Some((1, b"12345678")));
        best.offer(key(2), Place { file: 0, row: 1 }, Some((2, b"1234")));
        assert_eq!(best.kept, 8);
        best.offer(key(3), Place { file: 0, row: 2 }, Some((3, b"1234567890")));
        assert_eq!(best.kept, 10, "the room of who was pushed out is free again");
    }
}
