//! A class fits a time, but no room is free then: others change rooms for it, along a shortest
//! chain to a free room (an augmenting path of the matching of classes and rooms at that time).
//!
//! This search is complete: where there is such a path, it is found. The walk has one of its own
//! (`moves::walk`, `room_paths`), which looks at a dozen classes and rooms at most, also where
//! times overlap, since it is tried by the thousand.

use super::construction_state::ConstructionState;
use moves::Journal;
use timetable::{ClassId, NONE, Placement};

/// A class on the way to a free room: who sits where it would go comes after it.
#[derive(Clone, Copy)]
struct Link {
    class: ClassId,
    /// The link before it, and the room that it would take, in the list of the class of that link.
    before: u32,
    room: u16,
}

impl ConstructionState<'_, '_> {
    /// Places a class at a time at which it conflicts with nobody but for rooms, if others can
    /// change rooms so that it finds one. Only where no two times overlap.
    pub(super) fn make_room(&mut self, class: ClassId) -> bool {
        if !self.search.conflicts.times_are_apart() || self.search.problem.rooms_of(class).is_empty() {
            return false;
        }
        let n = self.search.problem.times_of(class).len();
        let from = self.search.rng.below(n);
        for k in (from..n).chain(0..from) {
            self.clock.count(1);
            if self.search.conflicts.is_free(class, k) && self.change_rooms(class, k as u16) {
                return true;
            }
        }
        false
    }

    fn change_rooms(&mut self, class: ClassId, time: u16) -> bool {
        let mut seen = vec![false; self.search.problem.rooms().len()];
        let mut links = vec![Link { class, before: NONE, room: 0 }];
        let mut next = 0;
        while let Some(&Link { class: who, .. }) = links.get(next) {
            let at = if next == 0 { time } else { self.search.board.placement(who).time };
            for (i, option) in self.search.problem.rooms_of(who).iter().enumerate() {
                let to = Placement { time: at, room: i as u16 };
                if std::mem::replace(&mut seen[option.room as usize], true) {
                    continue;
                }
                if self.search.board.is_forbidden(who, to) {
                    seen[option.room as usize] = false;
                    continue;
                }
                let mut sitting = None;
                self.search.board.for_each_in_room(who, to, |c| sitting = Some(c));
                match sitting {
                    Some(c) => links.push(Link { class: c, before: next as u32, room: i as u16 }),
                    None => return self.shift(&links, next, to, time),
                }
            }
            self.clock.count(1);
            next += 1;
        }
        false
    }

    /// Moves everyone along the chain that ends in a free room; takes all of it back where that
    /// breaks a hard rule.
    fn shift(&mut self, links: &[Link], last: usize, free: Placement, time: u16) -> bool {
        let hard = self.search.board.score().hard;
        let (mut k, mut to, mut journal) = (last, free, Journal::default());
        loop {
            let link = links[k];
            journal.put(&mut self.search, link.class, to);
            if link.before == NONE {
                break;
            }
            k = link.before as usize;
            let at = if k == 0 { time } else { self.search.board.placement(links[k].class).time };
            to = Placement { time: at, room: link.room };
        }
        if self.search.board.score().hard <= hard {
            return true;
        }
        journal.take_back(&mut self.search);
        false
    }
}
