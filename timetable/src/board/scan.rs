//! Looking over all placements of a class.

use super::Board;
use super::conflict_table::ConflictTable;
use super::groups;
use super::resolved::ResolvedPlacement;
use crate::ids::*;
use crate::kind::Kind;
use crate::placement::Placement;
use crate::rows::RoomOption;

impl ConflictTable {
    /// Looks over the placements of a class, as if it were not placed: calls `f` with each for
    /// which the weights of what is in the way add up to `most` or less, and with that sum; what
    /// `f` returns is the new `most`. Placements that can never be, because of the time, or because
    /// the room is unavailable, are left out. Returns how many placements were looked at.
    pub fn scan(
        &mut self,
        board: &mut Board<'_>,
        class: ClassId,
        mut most: u32,
        mut f: impl FnMut(Placement, u32) -> u32,
    ) -> u64 {
        let problem = board.problem;
        most = most.min(Self::IMPOSSIBLE - 1);
        self.start(board, class);
        let row = problem.classes()[class.index()];
        let own = board.resolved[class.index()];
        let n = problem.rooms().len();
        let mut looked = 0;
        for k in 0..row.times.len {
            let forbidden = board.index.time_costs.forbids((row.times.first + k) as usize);
            let mut base = self.busy[self.first[class.index()] as usize + k as usize];
            looked += 1;
            if forbidden || base > most {
                continue;
            }
            let time = k as u16;
            let room = if row.needs_room() { 0 } else { Placement::NO_ROOM };
            let resolved = board.resolve(class, Placement { time, room });
            if self.grouped[class.index()] || self.by_students {
                base += self.groups_cost(board, class, &resolved);
                base += self.students_cost(board, &resolved);
                if base > most {
                    continue;
                }
            }
            if !row.needs_room() {
                let cost = base + self.room_costs[0];
                if cost <= most {
                    most = f(Placement { time, room }, cost).min(Self::IMPOSSIBLE - 1);
                }
                continue;
            }
            self.find_far(board, class, &resolved);
            let mine = if own.overlaps(&resolved) { self.weights[class.index()] } else { 0 };
            let tid = problem.times_of(class)[k as usize].time as usize;
            let options = problem.rooms_of(class);
            looked += options.len() as u64;
            for (i, option) in options.iter().enumerate() {
                let mut cost = base + self.room_costs[i];
                cost = cost.wrapping_add(match self.rooms.get(tid * n + option.room as usize) {
                    Some(&c) => c.wrapping_sub(if own.room == option.room { mine } else { 0 }),
                    None => self.count_room(board, class, Placement { time, room: i as u16 }),
                });
                if cost > most {
                    continue;
                }
                for &(gap, there, weight) in &self.far {
                    let way = board.problem.travel_between(RoomId(option.room), RoomId(there));
                    cost += if gap < i32::from(way) { weight } else { 0 };
                }
                if cost <= most {
                    most = f(Placement { time, room: i as u16 }, cost).min(Self::IMPOSSIBLE - 1);
                }
            }
        }
        looked
    }

    /// What does not depend on the time: rooms forbidden, rooms of classes that shall share them or
    /// not; students' other classes.
    fn start(&mut self, board: &Board<'_>, class: ClassId) {
        let row = &board.problem.classes()[class.index()];
        let options = &board.class_rooms[row.rooms.range()];
        self.room_costs.clear();
        let forbids = |k| board.index.room_costs.forbids(k);
        self.room_costs.extend(row.rooms.range().map(|k| if forbids(k) { Self::IMPOSSIBLE } else { 0 }));
        if options.is_empty() {
            self.room_costs.push(0);
        }
        for run in self.by_room[class.index()].iter().filter(|r| r.kind != Kind::SameAttendees) {
            for p in &board.index.pairs[run.from as usize..run.to as usize] {
                let other = &board.resolved[p.other as usize];
                if !other.placed() {
                    continue;
                }
                add_room_cost(
                    &mut self.room_costs,
                    options,
                    other.room,
                    run.kind == Kind::DifferentRoom,
                    self.weights[p.other as usize],
                );
            }
        }
        if self.grouped[class.index()] {
            self.add_room_groups(board, class);
        }
        self.near.clear();
        if self.by_students {
            board.meet(class, &mut self.near);
        }
    }

    /// Rooms of the members of hard groups that look at rooms.
    fn add_room_groups(&mut self, board: &Board<'_>, class: ClassId) {
        let options = &board.class_rooms[board.classes[class.index()].rooms.range()];
        for &g in board.index.groups_of.of(class.index()) {
            let g = &board.index.groups[g as usize];
            if !g.hard || !matches!(g.kind, Kind::SameRoom | Kind::DifferentRoom | Kind::RoomStability) {
                continue;
            }
            for &m in &board.problem.constraint_classes()[g.from as usize..g.to as usize] {
                let other = &board.resolved[m as usize];
                if m == class.0 || !other.placed() || (g.kind == Kind::RoomStability && other.room == NONE) {
                    continue;
                }
                add_room_cost(
                    &mut self.room_costs,
                    options,
                    other.room,
                    g.kind == Kind::DifferentRoom,
                    self.weights[m as usize],
                );
            }
        }
    }

    /// The classes that one cannot walk to from everywhere in time: slots between, their room,
    /// their weight.
    fn find_far(&mut self, board: &Board<'_>, class: ClassId, resolved: &ResolvedPlacement) {
        self.far.clear();
        if board.travel.is_empty() {
            return;
        }
        let (weights, far) = (&self.weights, &mut self.far);
        let mut add = |other: u32| {
            let o = &board.resolved[other as usize];
            if o.room != NONE && o.shares_day(resolved) && other != class.0 {
                let gap =
                    (i32::from(o.start) - i32::from(resolved.end)).max(i32::from(resolved.start) - i32::from(o.end));
                if gap >= 0 && gap < board.travel.longest() {
                    far.push((gap, o.room, weights[other as usize]));
                }
            }
        };
        for run in self.by_room[class.index()].iter().filter(|r| r.kind == Kind::SameAttendees) {
            board.index.pairs[run.from as usize..run.to as usize].iter().for_each(|p| add(p.other));
        }
        self.near.iter().for_each(|&o| add(o));
        if self.grouped[class.index()] {
            for &g in board.index.groups_of.of(class.index()) {
                let g = &board.index.groups[g as usize];
                if g.hard && g.kind == Kind::SameAttendees {
                    board.problem.constraint_classes()[g.from as usize..g.to as usize].iter().for_each(|&o| add(o));
                }
            }
        }
    }

    /// Weights of those that would have to go for hard groups of the class, as
    /// [`Board::conflicting_classes_by_weight`] has it.
    fn groups_cost(&mut self, board: &mut Board<'_>, class: ClassId, resolved: &ResolvedPlacement) -> u32 {
        let mut sum = 0;
        for k in 0..board.index.groups_of.of(class.index()).len() {
            let g = board.index.groups[board.index.groups_of.of(class.index())[k] as usize];
            if g.hard && (groups::is_by_day(g.kind) || g.kind == Kind::MaxDays) {
                let weights = &self.weights;
                let weight = |c: u32| weights[c as usize];
                if !board.conflicts_in_group(&g, class, resolved, &weight, &mut |c| sum += weights[c as usize]) {
                    return Self::IMPOSSIBLE;
                }
            }
        }
        sum
    }

    fn students_cost(&self, board: &Board<'_>, resolved: &ResolvedPlacement) -> u32 {
        let hit = |&&o: &&u32| board.resolved[o as usize].overlaps(resolved);
        self.near.iter().filter(hit).map(|&o| self.weights[o as usize]).sum()
    }

    /// Without a table of rooms: who is in the room.
    fn count_room(&self, board: &Board<'_>, class: ClassId, at: Placement) -> u32 {
        if board.is_blocked(class, at) {
            return Self::IMPOSSIBLE;
        }
        let mut sum = 0;
        board.for_each_in_room(class, at, |c| sum += self.weights[c.index()]);
        sum
    }
}

/// A class in that room asks for the same room, or for a different one.
fn add_room_cost(costs: &mut [u32], options: &[RoomOption], room: u32, different: bool, weight: u32) {
    let rooms = options.iter().map(|o| o.room).chain(options.is_empty().then_some(NONE));
    for (cost, option) in costs.iter_mut().zip(rooms) {
        *cost += if (room == option) == different { weight } else { 0 };
    }
}
