//! One chain: proposes a change, accepts or rejects it, keeps the best.

use super::brought::Brought;
use super::domains::Domains;
use super::enrol;
use super::incumbent::Incumbent;
use super::room_paths::Link;
use moves::fixed::Share;
use moves::{Draws, Step, Temperature, below, below16};
use timetable::{Board, ClassId, Delta, NONE, Placement, RequestId, RoomId, Timetable};

/// What the chain compares: everything weighed into one number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    /// Of an unplaced class.
    pub(crate) unplaced: i64,
    /// Of a hard violation.
    pub(crate) hard: i64,
    /// More than a change of the penalty is expected to make up for: new clashes that cost more
    /// than this on top of the patience are rejected unseen.
    pub(crate) slack: i64,
}

impl Weights {
    /// For going down from anywhere: what is hard comes first.
    pub(crate) const DESCENT: Weights = Weights { unplaced: 1 << 40, hard: 1 << 30, slack: 1 << 40 };
    /// For staying where everything hard holds: no penalty makes up for anything hard.
    pub(crate) const FIRM: Weights = Weights { unplaced: 1 << 44, hard: 1 << 44, slack: 1 << 43 };

    /// With this weight of a hard violation.
    pub(crate) fn of_hard(hard: i64) -> Weights {
        Weights { unplaced: hard * 4, hard, slack: hard / 2 }
    }

    #[inline(always)]
    pub(crate) fn cost(&self, d: &Delta) -> i64 {
        let hard = d.weighted.saturating_mul(self.hard);
        (i64::from(d.unplaced) * self.unplaced).saturating_add(hard).saturating_add(d.penalty)
    }
}

/// How often which neighbourhood is tried, in 65,536ths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    /// Below this, a student moves,
    pub(crate) students: u32,
    /// below this, only the room changes,
    pub(crate) room: u32,
    /// below this, only the time changes; both from there on.
    pub(crate) time: u32,
    /// Below this, those follow that a class shall be like, where there are any;
    pub(crate) follow: u32,
    /// from this on, it is a Kempe chain.
    pub(crate) kempe: u32,
    /// Of 256 whose room is taken at the new time, so many look for a room that is free then.
    pub(crate) free: u32,
    /// Of 65,536 changes that something hard stands against, so many take along what does.
    pub(crate) eject: u32,
    /// Of 65,536 changes of a class that is to have something in common with others, so many are of
    /// them all.
    pub(crate) group: u32,
    /// Of 65,536 changes to a time at which no room is free, so many have others go to other rooms.
    pub(crate) paths: u32,
}

/// Of 65,536 changes that something hard stands against, and that do not make the class itself
/// cheaper, so many get an ejection chain: more would take the time from the cheap ones.
const EJECT: u32 = 197;
/// Of 65,536 changes of a class with a group, so many are of the whole group, until it is known what
/// that brings.
const GROUP: u32 = 3277;
/// Of 65,536 changes to a time at which no room is free, so many have others go to other rooms.
const PATHS: u32 = 8192;

impl Mix {
    /// The same with ejection chains, for walks among the valid timetables.
    pub(crate) fn with_chains(self) -> Mix {
        Mix { eject: EJECT, group: GROUP, paths: PATHS, ..self }
    }
}

/// How much heavier hard violations get when there shall be no more of them.
pub(crate) const FIRM: i64 = 50;

/// One chain.
#[derive(Debug)]
pub(crate) struct Chain<'p> {
    pub(crate) board: Board<'p>,
    pub(crate) incumbent: Incumbent,
    pub(crate) draws: Draws,
    pub(crate) weights: Weights,
    pub(crate) mix: Mix,
    /// Placements looked at.
    pub(crate) evaluated: u64,
    /// Changes accepted.
    pub(crate) accepted: u64,
    /// What moves of groups and other changes have brought.
    pub(crate) brought: Brought,
    /// Whether the present change is of a group.
    of_group: bool,
    /// The share of the budget after which the chain went back to its best.
    pub(crate) warmed: Option<Share>,
    pub(crate) domains: &'p Domains,
    pub(crate) unplaced: Vec<u32>,
    pub(crate) places: Vec<u32>,
    pub(crate) way: Vec<ClassId>,
    pub(crate) chain: Vec<(ClassId, Placement)>,
    pub(crate) undo: Vec<(ClassId, Placement, Delta)>,
    /// Classes that a move has taken out.
    pub(crate) out: Vec<ClassId>,
    /// Who wants whose room.
    pub(crate) path: Vec<Link>,
    pub(crate) temperature: Temperature,
}

impl<'p> Chain<'p> {
    pub(crate) fn new(board: Board<'p>, domains: &'p Domains, draws: Draws, weights: Weights, mix: Mix) -> Chain<'p> {
        let incumbent = Incumbent::new(&board);
        let mut chain = Chain {
            board,
            incumbent,
            draws,
            weights,
            mix,
            evaluated: 0,
            accepted: 0,
            brought: Brought::default(),
            of_group: false,
            warmed: None,
            domains,
            unplaced: Vec::new(),
            places: Vec::new(),
            way: Vec::new(),
            chain: Vec::new(),
            undo: Vec::new(),
            out: Vec::new(),
            path: Vec::new(),
            temperature: Temperature::ZERO,
        };
        chain.list_unplaced();
        chain
    }

    pub(crate) fn list_unplaced(&mut self) {
        let board = &self.board;
        let ids = board.problem().class_ids();
        self.unplaced.clear();
        self.unplaced.extend(ids.filter(|&c| !board.placement(c).is_placed()).map(|c| c.0));
    }

    /// Goes on from another chain's board; keeps its own best until it finds a better one.
    pub(crate) fn go_on_from(&mut self, board: Board<'p>) {
        self.incumbent.store(&self.board);
        self.board = board;
        self.incumbent.start_over(&self.board);
        self.list_unplaced();
    }

    /// Goes on from this timetable; keeps its own best until it finds a better one.
    pub(crate) fn go_on_at(&mut self, timetable: &Timetable) {
        self.incumbent.store(&self.board);
        self.board.load(timetable);
        self.incumbent.start_over(&self.board);
        self.list_unplaced();
    }

    /// Another chain on a board of its own.
    pub(crate) fn fork(&self) -> Chain<'p> {
        Chain::new(self.board.clone(), self.domains, self.draws.clone(), self.weights, self.mix)
    }

    /// Begins anew, from another timetable, with draws of its own.
    pub(crate) fn begin(&mut self, timetable: &Timetable, weights: Weights, draws: Draws) {
        self.board.load(timetable);
        self.incumbent.begin(&self.board);
        self.weights = weights;
        self.draws = draws;
        self.list_unplaced();
    }

    /// Makes what is violated now weigh so much more, so that it is not violated for good.
    pub(crate) fn make_violations_heavier(&mut self, by: u32) {
        if self.board.score().hard > 0 {
            self.board.weigh_violations(by);
            // Clashes in tables, class limits and enrolment have no weights of their own: all get a
            // little heavier.
            self.weights.hard += self.weights.hard * i64::from(by) / 64 + 1;
        }
    }

    /// If the board is in violation and the best is not: back to the best, and from now on
    /// violations cost so much that it stays there.
    pub(crate) fn turn_back(&mut self, used: Share) {
        if self.board.score().hard == 0 || !self.incumbent.score.is_valid() {
            return;
        }
        self.go_to_best();
        self.weights = Weights::of_hard(self.weights.hard * FIRM);
        self.warmed = Some(used);
    }

    /// Back to the best.
    pub(crate) fn go_to_best(&mut self) {
        self.incumbent.store(&self.board);
        self.board.load(&self.incumbent.best);
        self.incumbent.at_best();
        self.list_unplaced();
    }

    /// Proposes changes at one temperature until it has looked at `moves` placements: one a
    /// proposal, more where an ejection chain looks for places. The best is known only after
    /// [`Chain::settle`].
    pub(crate) fn run(&mut self, moves: u32, temperature: Temperature) {
        self.temperature = temperature;
        let end = self.evaluated + u64::from(moves);
        while self.evaluated < end {
            let step = self.draws.next_step();
            let (looked, before) = (self.evaluated, self.board.score().penalty);
            self.of_group = false;
            self.step(step, temperature.threshold(step.threshold));
            self.brought.add(self.of_group, before - self.board.score().penalty, self.evaluated - looked);
        }
    }

    /// Has the best stored, to be read.
    pub(crate) fn settle(&mut self) {
        self.incumbent.store(&self.board);
    }

    /// What worsening changes cost here, of so many proposals of which only improving ones are
    /// accepted.
    pub(crate) fn worsening(&mut self, proposals: usize) -> Vec<i64> {
        let mut seen = Vec::with_capacity(proposals);
        for _ in 0..proposals {
            let step = self.draws.next_step();
            if let Some(cost) = self.step(step, -1)
                && cost > 0
                // One that adds something hard takes no penalty near to half of its weight away.
                && cost < self.weights.hard / 2
            {
                seen.push(cost);
            }
        }
        self.settle();
        seen
    }

    /// Proposes one change; accepts it if the cost rises by no more than `threshold`.
    #[inline]
    fn step(&mut self, step: Step, threshold: i64) -> Option<i64> {
        self.evaluated += 1;
        if u32::from(step.what) < self.mix.students {
            let request = RequestId(self.domains.choosable[below(step.which, self.domains.choosable.len())]);
            return self.student(request, threshold);
        }
        // Walks among the valid timetables have nothing better to do.
        let seldom = if self.mix.eject > 0 { 1 } else { 15 };
        if !self.unplaced.is_empty() && step.which & seldom == 0 {
            let i = self.draws.below(self.unplaced.len());
            return self.place_unplaced(i, threshold);
        }
        if self.domains.movable.is_empty() {
            return None;
        }
        let class = ClassId(self.domains.movable[below(step.which, self.domains.movable.len())]);
        let from = self.board.placement(class);
        if !from.is_placed() {
            return None;
        }
        let mut to = self.target(class, from, &step);
        if to == from {
            return None;
        }
        let how = u32::from(step.how);
        if to.time != from.time {
            if how < self.mix.follow && !self.domains.linked.partners(class).is_empty() {
                return self.follow(class, to, threshold);
            }
            if how >= self.mix.kempe {
                return self.kempe(class, from, to, threshold);
            }
        }
        if self.mix.group > 0 && self.draws.word() & 0xffff < self.mix.group && self.find_group(class, to) {
            self.of_group = true;
            return self.eject(threshold);
        }
        let mut occupant = None;
        let mut occupants = 0;
        if to.room != Placement::NO_ROOM {
            self.board.for_each_in_room(class, to, |c| {
                occupant = Some(c);
                occupants += 1;
            });
        }
        let looks = occupants > 0 && to.time != from.time && how & 255 < self.mix.free;
        if looks {
            if let Some(room) = self.free_room(class, to) {
                to.room = room;
                occupants = 0;
            } else if self.mix.paths > 0
                && self.draws.word() & 0xffff < self.mix.paths
                && self.find_room_path(class, to)
            {
                return self.eject(threshold);
            }
        }
        let cost = match occupant {
            Some(other) if occupants == 1 => self.swap(class, from, to, other, threshold),
            _ => self.single(class, to, threshold),
        };
        let is_blocked = cost.is_none_or(|cost| cost > Weights::FIRM.slack);
        if is_blocked && self.takes_along(class, from, to) {
            self.chain.clear();
            self.chain.push((class, to));
            return self.eject(threshold);
        }
        cost
    }

    /// Whether a change that something hard stands against shall take along what does: always where
    /// the class itself costs less there, else now and then.
    fn takes_along(&mut self, class: ClassId, from: Placement, to: Placement) -> bool {
        self.mix.eject > 0
            && (self.board.unary_cost(class, to) < self.board.unary_cost(class, from)
                || self.draws.word() & 0xffff < self.mix.eject)
    }

    /// A random other placement: another time, another room, or both.
    #[inline]
    fn target(&self, class: ClassId, from: Placement, step: &Step) -> Placement {
        let row = &self.board.problem().classes()[class.index()];
        let (times, rooms) = (row.times.len as usize, row.rooms.len as usize);
        let mut to = from;
        let what = u32::from(step.what);
        let only_room = rooms > 1 && (times == 1 || what < self.mix.room);
        if !only_room {
            to.time = below16(step.time, times) as u16;
        }
        if rooms > 1 && (only_room || what >= self.mix.time) {
            to.room = below16(step.room, rooms) as u16;
        }
        to
    }

    /// A room of the class in which nobody is at that time, looked for from a random one on.
    pub(crate) fn free_room(&mut self, class: ClassId, at: Placement) -> Option<u16> {
        const LOOKS: usize = 16;
        let n = self.board.problem().classes()[class.index()].rooms.len as usize;
        let first = self.draws.below(n);
        (0..n.min(LOOKS))
            .map(|k| ((first + k) % n) as u16)
            .find(|&room| !self.is_taken(class, Placement { room, ..at }))
    }

    /// Whether somebody else is in the room at that time.
    pub(crate) fn is_taken(&self, class: ClassId, at: Placement) -> bool {
        let mut taken = false;
        if at.room != Placement::NO_ROOM {
            self.board.for_each_in_room(class, at, |_| taken = true);
        }
        taken
    }

    fn single(&mut self, class: ClassId, to: Placement, threshold: i64) -> Option<i64> {
        let (weights, limit) = (self.weights, threshold + self.weights.slack);
        let delta = self.board.delta_unless(class, to, |d| weights.cost(d) > limit)?;
        let cost = self.weights.cost(&delta);
        if cost > threshold {
            return Some(cost);
        }
        if delta.worsens() {
            self.incumbent.store(&self.board);
        }
        self.board.commit(class, to, delta);
        self.incumbent.class_changed(class);
        self.accept();
        Some(cost)
    }

    pub(crate) fn accept(&mut self) {
        self.accepted += 1;
        self.incumbent.look(self.board.score());
    }

    /// The class goes where another is, and that one to where the class was, as far as its own
    /// times and rooms allow.
    fn swap(&mut self, class: ClassId, from: Placement, to: Placement, other: ClassId, threshold: i64) -> Option<i64> {
        let problem = self.board.problem();
        let old = self.board.placement(other);
        let time = problem.times_of(class)[from.time as usize].time;
        let mut there = old;
        let time_fits = self.domains.time(other, time);
        if let Some(t) = time_fits {
            there.time = t;
        }
        let mut room_fits = None;
        if from.room != Placement::NO_ROOM && old.room != Placement::NO_ROOM {
            let room = problem.rooms_of(class)[from.room as usize].room;
            room_fits = self.domains.room(other, room);
            if let Some(r) = room_fits {
                there.room = r;
            }
        }
        if time_fits.is_none() || room_fits.is_none() {
            // It cannot go there: anywhere else.
            let wanted = there;
            let step = self.draws.further();
            there = self.target(other, old, &step);
            if time_fits.is_some() && step.how & 1 == 0 {
                there.time = wanted.time;
            } else if room_fits.is_some() && step.how & 2 == 0 {
                there.room = wanted.room;
            }
            if there == old {
                return None;
            }
        }
        if let Some(mine) = self.board.clash_delta(class, to, Some(other))
            && let Some(theirs) = self.board.clash_delta(other, there, Some(class))
            && i64::from(mine + theirs) * self.weights.hard > threshold + self.weights.slack
        {
            return None;
        }
        // The other's place in the room is all that may be violated at first.
        let weights = self.weights;
        let room = RoomId(problem.rooms_of(class)[to.room as usize].room);
        let limit = threshold + weights.slack + weights.hard * i64::from(self.board.room_weight(room));
        let first = self.board.delta_unless(class, to, |d| weights.cost(d) > limit)?;
        self.incumbent.store(&self.board);
        self.board.commit(class, to, first);
        let second = self.board.delta(other, there);
        let cost = self.weights.cost(&(first + second));
        if cost > threshold {
            self.board.commit(class, from, -first);
            return Some(cost);
        }
        self.board.commit(other, there, second);
        self.incumbent.class_changed(class);
        self.incumbent.class_changed(other);
        self.accept();
        Some(cost)
    }

    /// Tries a place for an unplaced class.
    fn place_unplaced(&mut self, i: usize, threshold: i64) -> Option<i64> {
        let class = ClassId(self.unplaced[i]);
        let best = if self.mix.eject > 0 { self.best_place(class) } else { None };
        let row = &self.board.problem().classes()[class.index()];
        let rooms = row.rooms.len as usize;
        let to = best.unwrap_or_else(|| Placement {
            time: self.draws.below(row.times.len as usize) as u16,
            room: if rooms == 0 { Placement::NO_ROOM } else { self.draws.below(rooms) as u16 },
        });
        let mut cost = self.single(class, to, threshold);
        if self.mix.eject > 0 && !self.board.placement(class).is_placed() {
            self.chain.clear();
            self.chain.push((class, to));
            cost = self.eject(threshold);
        }
        if self.board.placement(class).is_placed() {
            self.unplaced.swap_remove(i);
        }
        cost
    }

    /// A student takes other classes of a course; where one is full, another student takes theirs
    /// in exchange.
    fn student(&mut self, request: RequestId, threshold: i64) -> Option<i64> {
        let problem = self.board.problem();
        let mut to = std::mem::take(&mut self.places);
        let found = enrol::another_way(&self.board, request, &mut self.draws, &mut to);
        let cost = if found {
            let full = to.iter().zip(self.board.taken(request)).find_map(|(&new, &old)| {
                let class = ClassId(new);
                let is_full = new != old
                    && new != NONE
                    && problem.classes()[new as usize]
                        .limit()
                        .is_some_and(|l| self.board.students_of(class).len() >= l as usize);
                is_full.then_some(class)
            });
            match full {
                None => self.enrol_single(request, &to, threshold),
                Some(class) => self.enrol_swap(request, class, threshold),
            }
        } else {
            None
        };
        self.places = to;
        cost
    }

    fn enrol_single(&mut self, request: RequestId, to: &[u32], threshold: i64) -> Option<i64> {
        let delta = self.board.enrol_delta(request, to);
        let cost = self.weights.cost(&delta);
        if cost > threshold {
            return Some(cost);
        }
        if delta.worsens() {
            self.incumbent.store(&self.board);
        }
        self.board.commit_enrol(request, to, delta);
        self.incumbent.request_changed(request);
        self.accept();
        Some(cost)
    }

    /// Two students of a course exchange what they take of it: the other is the next, in the
    /// course's list from a random one on, who takes the full class.
    fn enrol_swap(&mut self, request: RequestId, full: ClassId, threshold: i64) -> Option<i64> {
        const LOOKS: usize = 64;
        let requests = self.board.problem().requests();
        let row = &requests[request.index()];
        let takers = self.domains.takers(row.course);
        let first = self.draws.below(takers.len());
        let partner = (0..takers.len().min(LOOKS))
            .map(|k| RequestId(takers[(first + k) % takers.len()]))
            .find(|&r| self.board.taken(r).contains(&full.0))?;
        if requests[partner.index()].student == row.student || self.board.taken(partner) == self.board.taken(request) {
            return None;
        }
        let delta = self.board.exchange_delta(request, partner);
        let cost = self.weights.cost(&delta);
        if cost > threshold {
            return Some(cost);
        }
        if delta.worsens() {
            self.incumbent.store(&self.board);
        }
        self.board.commit_exchange(request, partner, delta);
        self.incumbent.request_changed(request);
        self.incumbent.request_changed(partner);
        self.accept();
        Some(cost)
    }
}
