//! Rooms by augmenting paths: a class gets a room at a time because whoever is there goes to
//! another one at its own time, and so on, until somebody finds a room free.

use super::chain::Chain;
use timetable::{ClassId, Placement};

/// Classes whose rooms are looked through, at most, and how many rooms of each.
const CLASSES: usize = 12;
const ROOMS: usize = 12;

/// A class on a path, and the class before it, by number, that wants the room in which this one is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    class: ClassId,
    /// Where it wants to be, but for the room.
    at: Placement,
    before: usize,
}

impl Chain<'_> {
    /// Lists who goes to which room so that the class has one at that time: the shortest path that
    /// a look from random rooms on finds. False where none of the rooms that are looked at can be
    /// freed.
    pub(super) fn find_room_path(&mut self, class: ClassId, at: Placement) -> bool {
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        path.push(Link { class, at, before: 0 });
        let mut next = 0;
        let mut found = None;
        while found.is_none()
            && let Some(&link) = path.get(next)
        {
            found = self.free_or_more(link, next, &mut path);
            next += 1;
        }
        self.chain.clear();
        if let Some(room) = found {
            // Back from the one that finds a room free: each other gets the room of the next.
            let (mut k, mut room) = (next - 1, room);
            loop {
                let Link { class, at, before } = path[k];
                self.chain.push((class, Placement { room, ..at }));
                if k == 0 {
                    break;
                }
                let left = self.board.problem().rooms_of(class)[at.room as usize].room;
                room = self.domains.room(path[before].class, left).expect("the room that it wanted");
                k = before;
            }
            self.chain.reverse();
        }
        self.path = path;
        found.is_some()
    }

    /// A room that is free for a class of the path; where there is none, whoever is alone in one of
    /// its rooms joins.
    fn free_or_more(&mut self, link: Link, number: usize, path: &mut Vec<Link>) -> Option<u16> {
        let rooms = self.board.problem().classes()[link.class.index()].rooms.len as usize;
        if rooms == 0 {
            return None;
        }
        let first = self.draws.below(rooms);
        for k in 0..rooms.min(ROOMS) {
            let room = ((first + k) % rooms) as u16;
            let there = Placement { room, ..link.at };
            if number > 0 && room == link.at.room {
                continue;
            }
            let (mut occupant, mut occupants) = (link.class, 0);
            self.evaluated += u64::from(k % 4 == 0);
            self.board.for_each_in_room(link.class, there, |other| {
                occupant = other;
                occupants += 1;
            });
            if occupants > 1 || self.board.is_forbidden(link.class, there) {
                continue;
            }
            if occupants == 0 {
                return Some(room);
            }
            if path.len() < CLASSES && !path.iter().any(|other| other.class == occupant) {
                path.push(Link { class: occupant, at: self.board.placement(occupant), before: number });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Domains, Settings, Weights};
    use super::*;
    use crate::Draws;
    use proptest::prelude::*;
    use std::sync::Arc;
    use timetable::{Board, BoardIndex, ClassSpec, Format, Meta, Problem, ProblemBuilder, RoomId, Timetable};

    /// Classes of one hour, each at its first time and in its first room.
    fn problem(classes: &[(Vec<u16>, Vec<u32>)], rooms: u32) -> Problem {
        let mut b = ProblemBuilder::new(Meta {
            name: "rooms".into(),
            weeks: 1,
            days: 1,
            slots: 4,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Csv,
        });
        for k in 0..rooms {
            b.room(&format!("r{k}"), 30, &[], &[]);
        }
        b.course("c");
        b.config("g");
        b.subpart("s");
        for (k, (times, rooms)) in classes.iter().enumerate() {
            let times: Vec<_> = times.iter().map(|&start| (b.time(1, 1, start, 1), 0)).collect();
            let rooms: Vec<_> = rooms.iter().map(|&room| (RoomId(room), 0)).collect();
            b.class(ClassSpec { name: &format!("k{k}"), limit: None, times: &times, rooms: &rooms });
        }
        b.build().expect("a problem")
    }

    /// Whether the classes can each have a room of their own: every way is tried.
    fn fits(wants: &[Vec<u32>], taken: &mut Vec<u32>) -> bool {
        let Some(wanted) = wants.get(taken.len()) else { return true };
        wanted.iter().any(|&room| {
            if taken.contains(&room) {
                return false;
            }
            taken.push(room);
            let fits = fits(wants, taken);
            taken.pop();
            fits
        })
    }

    proptest! {
        /// Up to six rooms: whoever has one at hour 1 goes to another where that, and only that,
        /// makes room for one more class.
        #[test]
        fn a_room_is_found_where_the_classes_of_the_hour_fit(wants in prop::collection::vec(prop::collection::btree_set(0u32..6, 1..4), 1..7)) {
            let mut wants: Vec<Vec<u32>> = wants.into_iter().map(|rooms| rooms.into_iter().collect()).collect();
            // All but the first are at hour 1; those that find their first room taken are left out.
            let mut first = Vec::new();
            wants = wants.into_iter().enumerate().filter(|(k, rooms)| {
                let is_free = *k == 0 || !first.contains(&rooms[0]);
                if *k > 0 && is_free { first.push(rooms[0]); }
                is_free
            }).map(|(_, rooms)| rooms).collect();
            let classes: Vec<_> = (0..).zip(&wants).map(|(k, rooms)| (if k == 0 { vec![0, 1] } else { vec![1] }, rooms.clone())).collect();
            let problem = problem(&classes, 6);
            let mut start = Timetable::empty(&problem);
            start.placements.iter_mut().for_each(|at| *at = Placement { time: 0, room: 0 });
            let domains = Domains::new(&problem);
            let board = Board::with(&problem, Arc::new(BoardIndex::new(&problem)), &start);
            let mix = Settings::default().mix(&domains).with_chains();
            let mut chain = Chain::new(board, &domains, Draws::new(7, [0, 0]), Weights::FIRM, mix);
            prop_assert!(chain.board.score().is_valid());
            let found = chain.find_room_path(ClassId(0), Placement { time: 1, room: 0 });
            prop_assert_eq!(found, fits(&wants, &mut Vec::new()));
            if found {
                let before = chain.board.timetable();
                let links = chain.chain.clone();
                prop_assert_eq!(chain.eject(0), Some(0));
                prop_assert!(chain.board.score().is_valid());
                let after = chain.board.timetable();
                for (k, (was, is)) in before.placements.iter().zip(&after.placements).enumerate() {
                    let link = links.iter().find(|link| link.0.index() == k);
                    prop_assert_eq!(*is, link.map_or(*was, |link| link.1), "no other class has moved");
                    prop_assert_eq!(is.time, if k == 0 { 1 } else { was.time }, "only the first has changed its time");
                }
            }
        }
    }
}
