//! Several classes move at once: Kempe chains, and classes that shall be alike.

use super::chain::Chain;
use super::linked::linked;
use timetable::{ClassId, ConstraintId, Delta, Kind, Placement};

/// No more classes move at once.
const LONGEST: usize = 12;

impl Chain<'_> {
    /// The class goes to another time; whoever is in its way there goes to the time that it leaves,
    /// and so on, a few classes deep.
    pub(super) fn kempe(&mut self, class: ClassId, from: Placement, to: Placement, threshold: i64) -> Option<i64> {
        self.find_kempe_chain(class, from, to).then(|| self.all_go(false, threshold))
    }

    /// The class goes to another time, and those that shall be like it follow.
    pub(super) fn follow(&mut self, class: ClassId, to: Placement, threshold: i64) -> Option<i64> {
        self.find_followers(class, to).then(|| self.all_go(true, threshold))
    }

    /// All links of the chain go where they are listed to go, one after the other, if they cost no
    /// more than that together. With `rooms`, each looks for another room where its own is taken.
    fn all_go(&mut self, rooms: bool, threshold: i64) -> i64 {
        self.incumbent.store(&self.board);
        self.journal.clear();
        let mut sum = Delta::default();
        for i in 0..self.chain.len() {
            let (class, mut to) = self.chain[i];
            if rooms
                && self.is_taken(class, to)
                && let Some(room) = self.free_room(class, to)
            {
                to.room = room;
            }
            sum += self.journal.put(&mut self.board, class, to);
        }
        let cost = self.weights.cost(&sum);
        self.judge(cost, threshold);
        cost
    }

    /// Lists who goes where in a Kempe chain; false where it gets too long, or somebody cannot go
    /// where the chain would have it.
    fn find_kempe_chain(&mut self, class: ClassId, from: Placement, to: Placement) -> bool {
        let problem = self.board.problem();
        let a = problem.times_of(class)[from.time as usize].time;
        let b = problem.times_of(class)[to.time as usize].time;
        self.chain.clear();
        self.chain.push((class, to));
        let mut next = 0;
        while let Some(&(c, p)) = self.chain.get(next) {
            next += 1;
            self.board.rivals(c, p, &mut self.way);
            for &o in &self.way {
                if self.chain.iter().any(|link| link.0 == o) {
                    continue;
                }
                let at = self.board.placement(o);
                let now = problem.times_of(o)[at.time as usize].time;
                if self.chain.len() == LONGEST || (now != a && now != b) {
                    return false;
                }
                let Some(time) = self.domains.time(o, if now == a { b } else { a }) else { return false };
                self.chain.push((o, Placement { time, room: at.room }));
            }
        }
        true
    }

    /// Lists who goes where when the class goes there and those that shall be like it follow; false
    /// where nobody does, or too many.
    fn find_followers(&mut self, class: ClassId, to: Placement) -> bool {
        let (problem, domains) = (self.board.problem(), self.domains);
        self.chain.clear();
        self.chain.push((class, to));
        let mut next = 0;
        while let Some(&(c, p)) = self.chain.get(next) {
            next += 1;
            let time = &problem.times()[problem.times_of(c)[p.time as usize].time as usize];
            for &(other, common) in domains.linked.partners(c) {
                let at = self.board.placement(other);
                if !at.is_placed() || self.chain.iter().any(|link| link.0 == other) {
                    continue;
                }
                let times = problem.times_of(other);
                let row = |t: u16| &problem.times()[times[t as usize].time as usize];
                if linked(common, time, row(at.time)) {
                    continue;
                }
                if self.chain.len() == LONGEST {
                    return false;
                }
                // The first that fits from a random one on; better one that begins when it did.
                let first = self.draws.below(times.len());
                let fits = |t: &u16| linked(common, time, row(*t));
                let round = (0..times.len()).map(|k| ((first + k) % times.len()) as u16).filter(fits);
                let began = row(at.time).start;
                let Some(time) = round.clone().find(|&t| row(t).start == began).or_else(|| round.clone().next()) else {
                    continue;
                };
                self.chain.push((other, Placement { time, room: at.room }));
            }
        }
        self.chain.len() > 1
    }

    /// Lists who goes where when all, or some, of those that the class is to have something in
    /// common with go to times of the days and the start of that one, or to its room; false where
    /// nobody else does.
    pub(super) fn find_group(&mut self, class: ClassId, to: Placement) -> bool {
        let (problem, domains) = (self.board.problem(), self.domains);
        let groups = domains.groups_of(class);
        if groups.is_empty() {
            return false;
        }
        let group = ConstraintId(groups[self.draws.below(groups.len())]);
        let row = |c: ClassId, p: Placement| &problem.times()[problem.times_of(c)[p.time as usize].time as usize];
        let way = self.draws.word();
        let (some, in_room, at_time) =
            (way & 1 == 0, way & 2 == 0, problem.kind_of(group) != Kind::SameRoom || way & 4 == 0);
        let time = row(class, to);
        let room = problem.rooms_of(class).get(to.room as usize).map(|option| option.room);
        self.chain.clear();
        self.chain.push((class, to));
        for &other in problem.classes_of(group) {
            let other = ClassId(other);
            let at = self.board.placement(other);
            if other == class || !at.is_placed() || (some && self.draws.word() & 1 == 0) {
                continue;
            }
            let mut there = at;
            let times = problem.times_of(other);
            if at_time && !times.is_empty() {
                let first = self.draws.below(times.len());
                let fits = |&k: &usize| {
                    let t = &problem.times()[times[k].time as usize];
                    t.days == time.days && t.start == time.start
                };
                if let Some(k) = (first..times.len()).chain(0..first).find(fits) {
                    there.time = k as u16;
                }
            }
            if in_room && let Some(k) = room.and_then(|room| domains.room(other, room)) {
                there.room = k;
            }
            if there != at {
                self.chain.push((other, there));
            }
        }
        self.chain.len() > 1
    }
}
