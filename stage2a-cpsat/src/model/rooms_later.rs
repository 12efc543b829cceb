//! Times first, rooms afterwards, where the two do not depend on each other: no room is dearer than
//! another, none is bound to others, and of any two classes' lists of rooms one holds the other or
//! they have nothing in common. Then it is enough to count: at each time no more classes that want
//! one of these rooms than there are, and rooms are found for any times that the solver chooses.

use super::FreeClass;
use super::domains::UnaryCosts;
use super::subproblem::Subproblem;
use super::writer::{Writer, sum};
use cp_sat::builder::BoolVar;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use timetable::{ClassId, Kind, Placement, group_kinds, pair_kinds, student_kinds};

/// Rooms of the free classes, to be given when their times are known.
#[derive(Debug)]
pub(super) struct RoomsLater {
    /// By class: rooms, ascending, each with its position in the class's list.
    lists: Vec<Vec<(u32, u16)>>,
    /// Rooms that cannot be had, with the time at which.
    shut: FxHashSet<(u32, u32)>,
}

/// Whether rooms depend on nothing but who else is there, as far as can be said before anything is
/// worked out.
pub(super) fn may_be(subproblem: &Subproblem<'_, '_>) -> bool {
    let problem = subproblem.problem;
    let is_of_rooms = |kind: Kind| matches!(kind, Kind::SameRoom | Kind::DifferentRoom | Kind::RoomStability);
    let may_name_a_room = |kind: Kind| match kind {
        Kind::FixedPlacement => true,
        Kind::Availability => false,
        pair_kinds!() | group_kinds!() | student_kinds!() => false,
    };
    let binds = |id: &_| {
        let (kind, row) = (problem.kind_of(*id), &problem.constraints()[(*id).index()]);
        let wants_room = may_name_a_room(kind) && row.params[1] != timetable::NONE;
        is_of_rooms(kind) || wants_room
    };
    let costs_the_same = |&class: &ClassId| {
        let rooms = problem.rooms_of(class);
        rooms.iter().all(|room| room.penalty == rooms[0].penalty)
    };
    subproblem.links.times_are_apart
        && subproblem.links.longest_walk == 0
        && subproblem.classes.iter().all(costs_the_same)
        && !subproblem.constraints.iter().any(binds)
}

impl RoomsLater {
    /// Takes the rooms out of what classes choose; `None` where their lists are not such that
    /// counting is enough.
    pub(super) fn of(subproblem: &Subproblem<'_, '_>, costs: &mut [UnaryCosts]) -> Option<RoomsLater> {
        let problem = subproblem.problem;
        let list = |&class: &ClassId| {
            let rooms = (0_u16..).zip(problem.rooms_of(class));
            let mut list: Vec<(u32, u16)> = rooms.map(|(position, room)| (room.room, position)).collect();
            list.sort_unstable();
            list.dedup_by_key(|(room, _)| *room);
            list
        };
        let lists: Vec<Vec<(u32, u16)>> = subproblem.classes.iter().map(list).collect();
        let mut families: Vec<Vec<u32>> =
            lists.iter().map(|list| list.iter().map(|(room, _)| *room).collect()).collect();
        families.sort_unstable();
        families.dedup();
        let nested = |a: &[u32], b: &[u32]| {
            let common = a.iter().filter(|room| b.binary_search(room).is_ok()).count();
            common == 0 || common == a.len() || common == b.len()
        };
        let are_nested = (1..families.len()).all(|i| families[..i].iter().all(|other| nested(&families[i], other)));
        if !are_nested || costs.iter().any(|costs| !costs.together.is_empty()) {
            return None;
        }
        let mut shut = FxHashSet::default();
        for ((class, costs), list) in subproblem.classes.iter().zip(costs.iter_mut()).zip(&lists) {
            for &(room, position) in list {
                let times = costs.blocked[usize::from(position)].iter();
                shut.extend(times.map(|&time| (room, problem.times_of(*class)[usize::from(time)].time)));
            }
            // What all of them cost is part of every time.
            let cost = costs.rooms.iter().flatten().next().copied().unwrap_or(0);
            costs.times.iter_mut().flatten().for_each(|time| *time += cost);
            costs.rooms.clear();
            costs.blocked.clear();
        }
        Some(RoomsLater { lists, shut })
    }

    /// At each time as many rooms as there are.
    pub(super) fn count(&self, free: &[FreeClass], writer: &mut Writer) {
        let rooms = |k: usize| self.lists[k].iter().map(|(room, _)| *room);
        let is_within =
            |a: usize, b: usize| rooms(a).all(|room| self.lists[b].binary_search_by_key(&room, |r| r.0).is_ok());
        // The first class of each list of rooms.
        let mut firsts: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        for k in (0..free.len()).filter(|&k| !self.lists[k].is_empty()) {
            firsts.entry(rooms(k).collect()).or_insert(k);
        }
        for (family, first) in firsts {
            let mut at: BTreeMap<u32, (Vec<BoolVar>, bool)> = BTreeMap::new();
            for k in (0..free.len()).filter(|&k| !self.lists[k].is_empty() && is_within(k, first)) {
                // Where nobody wants all of them, smaller lists say all that is to be said.
                let wants_all = self.lists[k].len() == family.len();
                for time in &free[k].times {
                    let (takers, by_all) = at.entry(time.id).or_default();
                    takers.push(time.var);
                    *by_all |= wants_all;
                }
            }
            for (time, (takers, by_all)) in at {
                let open = family.iter().filter(|&&room| !self.shut.contains(&(room, time))).count();
                match open {
                    _ if !by_all || takers.len() <= open => {}
                    1 => writer.at_most_one(takers),
                    _ => writer.at_most(sum(takers), open as i64),
                }
            }
        }
    }

    /// Rooms for classes at these times: whoever has the fewest to choose from first, in the room
    /// that it has where that is open.
    pub(super) fn give(&self, free: &[FreeClass], places: &mut [Placement]) {
        let mut order: Vec<usize> =
            (0..free.len()).filter(|&k| places[k].is_placed() && !self.lists[k].is_empty()).collect();
        order.sort_by_key(|&k| self.lists[k].len());
        let mut taken: FxHashSet<(u32, u32)> = FxHashSet::default();
        for k in order {
            let Some(time) = free[k].times.iter().find(|time| time.position == places[k].time) else { continue };
            let open =
                |&&(room, _): &&(u32, u16)| !self.shut.contains(&(room, time.id)) && !taken.contains(&(room, time.id));
            let list = || self.lists[k].iter().filter(open);
            let stays = list().find(|(_, position)| *position == free[k].at.room);
            match stays.or_else(|| list().next()).copied() {
                Some((room, position)) => {
                    taken.insert((room, time.id));
                    places[k].room = position;
                }
                None => places[k] = Placement::NOWHERE,
            }
        }
    }
}
