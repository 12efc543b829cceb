//! Who is in which room when.

use super::index::BoardIndex;
use super::relations::{OVERLAP, Relations};
use super::resolved::ResolvedPlacement;
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

/// The classes in every room: by room and slot of the week where all times are single slots,
/// otherwise by room.
#[derive(Clone, Debug)]
pub(crate) enum RoomOccupancy {
    /// First class of each room and cell, then chained.
    Cells { cells: usize, head: Vec<u32>, next: Vec<u32> },
    /// Unordered; and by room and time, where there is a table of [`Relations`], how many of the
    /// room's classes overlap it.
    Rooms { lists: Vec<Vec<Entry>>, at: Vec<u32>, counts: Vec<u16> },
}

impl RoomOccupancy {
    pub(crate) fn new(rooms: usize, classes: usize, index: &BoardIndex) -> RoomOccupancy {
        let width = index.relations.as_ref().map_or(0, Relations::width);
        match &index.units {
            Some(u) => {
                RoomOccupancy::Cells { cells: u.cells, head: vec![NONE; rooms * u.cells], next: vec![NONE; classes] }
            }
            None => RoomOccupancy::Rooms {
                lists: vec![Vec::new(); rooms],
                at: vec![NONE; classes],
                counts: vec![0; rooms * width],
            },
        }
    }

    pub(crate) fn add(&mut self, class: u32, resolved: &ResolvedPlacement, relations: Option<&Relations>) {
        if resolved.room == NONE {
            return;
        }
        match self {
            RoomOccupancy::Cells { cells, head, next } => {
                let h = &mut head[resolved.room as usize * *cells + resolved.cell as usize];
                next[class as usize] = *h;
                *h = class;
            }
            RoomOccupancy::Rooms { lists, at, counts } => {
                if let Some(relations) = relations {
                    relations.shift(row_of(counts, resolved, relations), resolved, true, |code| code == OVERLAP);
                }
                let list = &mut lists[resolved.room as usize];
                at[class as usize] = list.len() as u32;
                let ResolvedPlacement { weeks, days, start, end, .. } = *resolved;
                list.push(Entry { weeks, days, start, end, class });
            }
        }
    }

    pub(crate) fn remove(&mut self, class: u32, resolved: &ResolvedPlacement, relations: Option<&Relations>) {
        if resolved.room == NONE {
            return;
        }
        match self {
            RoomOccupancy::Cells { cells, head, next } => {
                let first = &mut head[resolved.room as usize * *cells + resolved.cell as usize];
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
            RoomOccupancy::Rooms { lists, at, counts } => {
                if let Some(relations) = relations {
                    relations.shift(row_of(counts, resolved, relations), resolved, false, |code| code == OVERLAP);
                }
                let list = &mut lists[resolved.room as usize];
                let i = at[class as usize] as usize;
                list.swap_remove(i);
                if let Some(moved) = list.get(i) {
                    at[moved.class as usize] = i as u32;
                }
            }
        }
    }

    /// How many classes other than `class`, which is at `own`, overlap with the placement in its
    /// room.
    #[inline]
    pub(crate) fn overlapping(
        &self,
        class: u32,
        own: &ResolvedPlacement,
        resolved: &ResolvedPlacement,
        relations: Option<&Relations>,
    ) -> i32 {
        if resolved.room == NONE {
            return 0;
        }
        match self {
            RoomOccupancy::Cells { cells, head, next } => {
                let mut n = 0;
                let mut at = head[resolved.room as usize * cells + resolved.cell as usize];
                while at != NONE {
                    n += i32::from(at != class);
                    at = next[at as usize];
                }
                n
            }
            RoomOccupancy::Rooms { lists, counts, .. } => {
                if let Some(relations) = relations {
                    let n = counts[resolved.room as usize * relations.width() + relations.number(resolved)];
                    return i32::from(n) - i32::from(own.room == resolved.room && relations.overlap(own, resolved));
                }
                let mut n = 0;
                for e in &lists[resolved.room as usize] {
                    n += i32::from(
                        (e.weeks & resolved.weeks != 0)
                            & (e.days & resolved.days != 0)
                            & (e.start < resolved.end)
                            & (resolved.start < e.end)
                            & (e.class != class),
                    );
                }
                n
            }
        }
    }

    /// Calls `f` for every class other than `class`, which is at `own`, that overlaps with the
    /// placement in its room.
    pub(crate) fn for_each_overlapping(
        &self,
        class: u32,
        own: &ResolvedPlacement,
        resolved: &ResolvedPlacement,
        relations: Option<&Relations>,
        mut f: impl FnMut(u32),
    ) {
        if resolved.room == NONE || (relations.is_some() && self.overlapping(class, own, resolved, relations) == 0) {
            return;
        }
        match self {
            RoomOccupancy::Cells { cells, head, next } => {
                let mut at = head[resolved.room as usize * cells + resolved.cell as usize];
                while at != NONE {
                    if at != class {
                        f(at);
                    }
                    at = next[at as usize];
                }
            }
            RoomOccupancy::Rooms { lists, .. } => {
                for e in &lists[resolved.room as usize] {
                    let hit = (e.weeks & resolved.weeks != 0)
                        & (e.days & resolved.days != 0)
                        & (e.start < resolved.end)
                        & (resolved.start < e.end)
                        & (e.class != class);
                    if hit {
                        f(e.class);
                    }
                }
            }
        }
    }
}

/// The counts of a placement's room.
fn row_of<'c>(counts: &'c mut [u16], resolved: &ResolvedPlacement, relations: &Relations) -> &'c mut [u16] {
    &mut counts[resolved.room as usize * relations.width()..][..relations.width()]
}
