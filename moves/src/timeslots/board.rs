//! A timetable of a timeslot problem, valid as far as it goes: no two classes that must not meet
//! share a slot, and every class has a room of its own where it needs one.

use super::problem::{Follower, NOTHING, RoomGroup, SlotProblem};
use timetable::{Placement, Problem, Timetable};

/// Not placed.
pub(super) const NOWHERE: u8 = u8::MAX;

/// Where every class is, from both sides, and what that costs.
#[derive(Clone, Debug)]
pub struct SlotBoard<'p> {
    pub(super) problem: &'p SlotProblem,
    /// By class: its slot, or [`NOWHERE`].
    pub(super) slot: Vec<u8>,
    /// By class: its room, or [`NOWHERE`].
    pub(super) room: Vec<u8>,
    /// By slot: a bit row of its classes.
    pub(super) held: Vec<u64>,
    /// By slot and room: the class that is there, or [`NOTHING`].
    pub(super) there: Vec<u16>,
    /// By slot: the rooms that are taken.
    pub(super) taken: Vec<u64>,
    /// By follower: the slots in which they have a class.
    pub(super) busy: Vec<u64>,
    /// By group and room: how many of the group's classes are there.
    pub(super) counts: Vec<u16>,
    /// By group: how many rooms it uses.
    pub(super) rooms_used: Vec<u16>,
    /// Classes that are placed.
    pub(super) placed: usize,
    pub(super) penalty: i64,
}

impl<'p> SlotBoard<'p> {
    /// With nothing placed.
    pub fn empty(problem: &'p SlotProblem) -> SlotBoard<'p> {
        let slots = problem.grid.slots();
        let mut board = SlotBoard {
            problem,
            slot: vec![NOWHERE; problem.classes],
            room: vec![NOWHERE; problem.classes],
            held: vec![0; slots * problem.words],
            there: vec![NOTHING; slots * problem.rooms],
            taken: vec![0; slots],
            busy: vec![0; problem.followers.len()],
            counts: vec![0; problem.groups.len() * problem.rooms],
            rooms_used: vec![0; problem.groups.len()],
            placed: 0,
            penalty: 0,
        };
        board.refresh();
        board
    }

    /// With those classes of a timetable placed that stay valid together, in their order. The rooms
    /// are those of the timetable where they are free.
    pub fn with(problem: &'p SlotProblem, of: &Problem, timetable: &Timetable) -> SlotBoard<'p> {
        let mut board = SlotBoard::empty(problem);
        for class in 0..problem.classes {
            if let Some((slot, room)) = problem.place_of(of, timetable, class)
                && board.can_go(class, slot)
                && room.is_none_or(|room| {
                    (problem.open[slot] & !board.taken[slot] & problem.suitable[class]) >> room & 1 == 1
                })
            {
                board.put(class, slot, room.map_or(NOWHERE, |room| room as u8));
            }
        }
        board.refresh();
        board
    }

    /// Counts and evaluates anew, after classes were placed or taken out.
    pub(super) fn refresh(&mut self) {
        self.counts.fill(0);
        self.rooms_used.fill(0);
        for class in 0..self.problem.classes {
            if self.room[class] != NOWHERE {
                self.count(class, self.room[class]);
            }
        }
        self.penalty = self.evaluate();
    }

    /// Whether every class is placed, and so everything hard holds.
    pub fn is_whole(&self) -> bool {
        self.placed == self.problem.classes
    }

    /// What it costs (the same as the checker says where every class is placed).
    pub fn penalty(&self) -> i64 {
        self.penalty
    }

    /// As a timetable of the problem.
    pub fn timetable(&self, of: &Problem) -> Timetable {
        let mut timetable = Timetable::empty(of);
        self.store(&self.slot, &self.room, &mut timetable);
        timetable
    }

    /// Slots and rooms, as of this board at some time, into a timetable.
    pub(super) fn store(&self, slot: &[u8], room: &[u8], timetable: &mut Timetable) {
        let p = self.problem;
        for class in 0..p.classes {
            timetable.placements[class] = match (slot[class], room[class]) {
                (NOWHERE, _) => Placement::NOWHERE,
                (slot, room) => {
                    let time = p.time_at[class * p.grid.slots() + usize::from(slot)];
                    let at = |room: u8| p.room_at[class * p.rooms + usize::from(room)];
                    Placement { time, room: if room == NOWHERE { Placement::NO_ROOM } else { at(room) } }
                }
            };
        }
        timetable.enrolment.copy_from_slice(&p.enrolment);
    }

    /// Whether a class can go to a slot as far as everything but rooms is concerned.
    pub(super) fn can_go(&self, class: usize, slot: usize) -> bool {
        let p = self.problem;
        let is_there = |row: &[u64]| p.clashes(class).iter().zip(row).any(|(clash, held)| clash & held != 0);
        p.slots[class] >> slot & 1 == 1
            && !is_there(self.row(slot))
            && self.is_in_order(class, slot)
            && self.days_allow(class, slot)
    }

    #[inline(always)]
    pub(super) fn row(&self, slot: usize) -> &[u64] {
        &self.held[slot * self.problem.words..(slot + 1) * self.problem.words]
    }

    /// Whether those that have to come before, after, or on other days do, as far as they are
    /// placed.
    pub(super) fn is_in_order(&self, class: usize, slot: usize) -> bool {
        let (p, day) = (self.problem, slot / self.problem.grid.per_day());
        let at = |other: u32| match self.slot[other as usize] {
            NOWHERE => None,
            slot => Some(usize::from(slot)),
        };
        p.before.get(class).iter().all(|&other| at(other).is_none_or(|other| other < slot))
            && p.after.get(class).iter().all(|&other| at(other).is_none_or(|other| other > slot))
            && p.apart.get(class).iter().all(|&other| at(other).is_none_or(|other| other / p.grid.per_day() != day))
    }

    /// Whether no hard rule about days is broken by a class more in a slot.
    fn days_allow(&self, class: usize, slot: usize) -> bool {
        let p = self.problem;
        !p.hard_days
            || p.followers_of.get(class).iter().all(|&f| {
                let (follower, busy) = (p.followers[f as usize], self.busy[f as usize]);
                // Where too few days are used, one more class makes it no worse.
                p.cost_of(follower, busy | 1 << slot) - p.cost_of(follower, busy) < super::problem::HARD / 2
            })
    }

    /// Places a class; it can go there, and the room is free. Nothing is counted or evaluated
    /// ([`refresh`](SlotBoard::refresh)).
    pub(super) fn put(&mut self, class: usize, slot: usize, room: u8) {
        let p = self.problem;
        self.slot[class] = slot as u8;
        self.held[slot * p.words + class / 64] |= 1 << (class % 64);
        p.followers_of.get(class).iter().for_each(|&f| self.busy[f as usize] |= 1 << slot);
        self.placed += 1;
        self.enter(class, slot, room);
    }

    /// Takes a class out.
    pub(super) fn take(&mut self, class: usize) {
        let (p, slot) = (self.problem, usize::from(self.slot[class]));
        self.leave(class);
        self.slot[class] = NOWHERE;
        self.held[slot * p.words + class / 64] &= !(1 << (class % 64));
        p.followers_of.get(class).iter().for_each(|&f| self.busy[f as usize] &= !(1 << slot));
        self.placed -= 1;
    }

    /// A class enters a room of its slot.
    pub(super) fn enter(&mut self, class: usize, slot: usize, room: u8) {
        let p = self.problem;
        self.room[class] = room;
        if room != NOWHERE {
            self.there[slot * p.rooms + usize::from(room)] = class as u16;
            self.taken[slot] |= 1 << room;
        }
    }

    /// A class leaves its room.
    pub(super) fn leave(&mut self, class: usize) {
        let (slot, room) = (usize::from(self.slot[class]), self.room[class]);
        if room != NOWHERE {
            self.there[slot * self.problem.rooms + usize::from(room)] = NOTHING;
            self.taken[slot] &= !(1 << room);
            self.room[class] = NOWHERE;
        }
    }

    /// A class more in a room, for its groups; what that costs.
    #[inline]
    pub(super) fn count(&mut self, class: usize, room: u8) -> i64 {
        let p = self.problem;
        let mut cost = p.room_cost(class, usize::from(room));
        for &g in p.groups_of.get(class) {
            let g = g as usize;
            let at = g * p.rooms + usize::from(room);
            cost += match p.groups[g] {
                RoomGroup::Beyond(cost) => {
                    if self.counts[at] == 0 && self.rooms_used[g] > 0 {
                        cost
                    } else {
                        0
                    }
                }
                RoomGroup::Pairs(cost) => cost * i64::from(self.members(g) - self.counts[at]),
            };
            self.rooms_used[g] += u16::from(self.counts[at] == 0);
            self.counts[at] += 1;
        }
        cost
    }

    /// A class less in a room, for its groups; what that saves, as a negative cost.
    #[inline]
    pub(super) fn uncount(&mut self, class: usize, room: u8) -> i64 {
        let p = self.problem;
        let mut cost = -p.room_cost(class, usize::from(room));
        for &g in p.groups_of.get(class) {
            let g = g as usize;
            let at = g * p.rooms + usize::from(room);
            self.counts[at] -= 1;
            self.rooms_used[g] -= u16::from(self.counts[at] == 0);
            cost -= match p.groups[g] {
                RoomGroup::Beyond(cost) => {
                    if self.counts[at] == 0 && self.rooms_used[g] > 0 {
                        cost
                    } else {
                        0
                    }
                }
                RoomGroup::Pairs(cost) => cost * i64::from(self.members(g) - self.counts[at]),
            };
        }
        cost
    }

    /// How many classes of a group have a room now.
    pub(super) fn members(&self, g: usize) -> u16 {
        self.counts[g * self.problem.rooms..(g + 1) * self.problem.rooms].iter().sum()
    }

    /// What it costs, from scratch.
    pub(super) fn evaluate(&self) -> i64 {
        let p = self.problem;
        let placed = (0..p.classes).filter(|&class| self.slot[class] != NOWHERE);
        let times: i64 = placed.clone().map(|class| p.time_cost(class, usize::from(self.slot[class]))).sum();
        let rooms = placed.clone().filter(|&class| self.room[class] != NOWHERE);
        let rooms: i64 = rooms.map(|class| p.room_cost(class, usize::from(self.room[class]))).sum();
        let days: i64 = p.followers.iter().zip(&self.busy).map(|(&follower, &busy)| p.cost_of(follower, busy)).sum();
        let groups = (0..p.groups.len()).map(|g| {
            let counts = &self.counts[g * p.rooms..(g + 1) * p.rooms];
            match p.groups[g] {
                RoomGroup::Beyond(cost) => cost * (counts.iter().filter(|&&n| n > 0).count() as i64 - 1).max(0),
                RoomGroup::Pairs(cost) => {
                    let all: i64 = counts.iter().map(|&n| i64::from(n)).sum();
                    let same: i64 = counts.iter().map(|&n| i64::from(n) * i64::from(n)).sum();
                    cost * (all * all - same) / 2
                }
            }
        });
        let per_day = p.grid.per_day();
        let pairs = placed.map(|class| {
            let slot = usize::from(self.slot[class]);
            let later = |&(other, _): &(usize, i64)| other > class && self.slot[other] != NOWHERE;
            let at = |other: usize| usize::from(self.slot[other]);
            let in_slot = p.in_slot.get(class).filter(later).filter(|&(other, _)| at(other) == slot);
            let in_day = p.in_day.get(class).filter(later).filter(|&(other, _)| at(other) / per_day == slot / per_day);
            in_slot.chain(in_day).map(|(_, cost)| cost).sum::<i64>()
        });
        times + rooms + days + groups.sum::<i64>() + pairs.sum::<i64>()
    }
}

impl SlotProblem {
    /// What the week of a follower costs.
    pub(super) fn cost_of(&self, follower: Follower, busy: u64) -> i64 {
        let per_day = self.grid.per_day();
        let day = |d: usize| busy >> (d * per_day) & ((1 << per_day) - 1);
        let days: i64 = (0..self.grid.days).map(|d| self.day_tables[follower.table as usize + day(d) as usize]).sum();
        if follower.used == Follower::NONE {
            return days;
        }
        let used = (0..self.grid.days).filter(|&d| day(d) != 0).count();
        days + self.used_tables[follower.used as usize + used]
    }
}
