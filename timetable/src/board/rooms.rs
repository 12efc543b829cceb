//! Who is in which room when.

use super::index::BoardIndex;
use super::relations::{OVERLAP, Relations};
use super::spot::Spot;
use crate::ids::NONE;

/// A class in a room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    weeks: u64,
    days: u16,
    start: u16,
    end: u16,
    class: u32,
}

/// The classes in every room: by room and slot of the week where all times are single slots, otherwise by room.
#[derive(Clone, Debug)]
pub(crate) enum RoomBook {
    /// First class of each room and cell, then chained.
    Cells { cells: usize, head: Vec<u32>, next: Vec<u32> },
    /// Unordered; and by room and time, where there is a table of [`Relations`], how many of the room's classes overlap it.
    Rooms { lists: Vec<Vec<Entry>>, at: Vec<u32>, counts: Vec<u16> },
}

impl RoomBook {
    pub(crate) fn new(rooms: usize, classes: usize, index: &BoardIndex) -> RoomBook {
        let width = index.relations.as_ref().map_or(0, Relations::width);
        match &index.units {
            Some(u) => RoomBook::Cells { cells: u.cells, head: vec![NONE; rooms * u.cells], next: vec![NONE; classes] },
            None => RoomBook::Rooms {
                lists: vec![Vec::new(); rooms],
                at: vec![NONE; classes],
                counts: vec![0; rooms * width],
            },
        }
    }

    pub(crate) fn add(&mut self, class: u32, spot: &Spot, relations: Option<&Relations>) {
        if spot.room == NONE {
            return;
        }
        match self {
            RoomBook::Cells { cells, head, next } => {
                let h = &mut head[spot.room as usize * *cells + spot.cell as usize];
                next[class as usize] = *h;
                *h = class;
            }
            RoomBook::Rooms { lists, at, counts } => {
                if let Some(relations) = relations {
                    relations.shift(row_of(counts, spot, relations), spot, true, |code| code == OVERLAP);
                }
                let list = &mut lists[spot.room as usize];
                at[class as usize] = list.len() as u32;
                let Spot { weeks, days, start, end, .. } = *spot;
                list.push(Entry { weeks, days, start, end, class });
            }
        }
    }

    pub(crate) fn remove(&mut self, class: u32, spot: &Spot, relations: Option<&Relations>) {
        if spot.room == NONE {
            return;
        }
        match self {
            RoomBook::Cells { cells, head, next } => {
                let first = &mut head[spot.room as usize * *cells + spot.cell as usize];
                if *first == class {
                    *first = next[class as usize];
                } else {
                    let mut before = *first as usize;
                    while next[before] != class {
                        before = next[before] as usize;
                    }
                    next[before] = next[class as usize];
                }
            }
            RoomBook::Rooms { lists, at, counts } => {
                if let Some(relations) = relations {
                    relations.shift(row_of(counts, spot, relations), spot, false, |code| code == OVERLAP);
                }
                let list = &mut lists[spot.room as usize];
                let i = at[class as usize] as usize;
                list.swap_remove(i);
                if let Some(moved) = list.get(i) {
                    at[moved.class as usize] = i as u32;
                }
            }
        }
    }

    /// How many classes other than `class`, which is at `own`, overlap with the spot in its room.
    #[inline]
    pub(crate) fn overlapping(&self, class: u32, own: &Spot, spot: &Spot, relations: Option<&Relations>) -> i32 {
        if spot.room == NONE {
            return 0;
        }
        match self {
            RoomBook::Cells { cells, head, next } => {
                let mut n = 0;
                let mut at = head[spot.room as usize * cells + spot.cell as usize];
                while at != NONE {
                    n += i32::from(at != class);
                    at = next[at as usize];
                }
                n
            }
            RoomBook::Rooms { lists, counts, .. } => {
                if let Some(relations) = relations {
                    let n = counts[spot.room as usize * relations.width() + relations.number(spot)];
                    return i32::from(n) - i32::from(own.room == spot.room && relations.overlap(own, spot));
                }
                let mut n = 0;
                for e in &lists[spot.room as usize] {
                    n += i32::from(
                        (e.weeks & spot.weeks != 0)
                            & (e.days & spot.days != 0)
                            & (e.start < spot.end)
                            & (spot.start < e.end)
                            & (e.class != class),
                    );
                }
                n
            }
        }
    }

    /// Calls `f` for every class other than `class`, which is at `own`, that overlaps with the spot in its room.
    pub(crate) fn for_each_overlapping(
        &self,
        class: u32,
        own: &Spot,
        spot: &Spot,
        relations: Option<&Relations>,
        mut f: impl FnMut(u32),
    ) {
        if spot.room == NONE || (relations.is_some() && self.overlapping(class, own, spot, relations) == 0) {
            return;
        }
        match self {
            RoomBook::Cells { cells, head, next } => {
                let mut at = head[spot.room as usize * cells + spot.cell as usize];
                while at != NONE {
                    if at != class {
                        f(at);
                    }
                    at = next[at as usize];
                }
            }
            RoomBook::Rooms { lists, .. } => {
                for e in &lists[spot.room as usize] {
                    let hit = (e.weeks & spot.weeks != 0)
                        & (e.days & spot.days != 0)
                        & (e.start < spot.end)
                        & (spot.start < e.end)
                        & (e.class != class);
                    if hit {
                        f(e.class);
                    }
                }
            }
        }
    }
}

/// The counts of a spot's room.
fn row_of<'c>(counts: &'c mut [u16], spot: &Spot, relations: &Relations) -> &'c mut [u16] {
    &mut counts[spot.room as usize * relations.width()..][..relations.width()]
}
