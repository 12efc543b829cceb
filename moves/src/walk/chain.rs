//! One chain: proposes a change, accepts or rejects it, keeps the best.

use super::brought::Brought;
use super::domains::Domains;
use super::room_paths::Link;
use super::weights::{FIRM, Mix, Weights};
use crate::fixed::Share;
use crate::{Draws, Incumbent, Journal, Step, Temperature, below};
use timetable::{Board, ClassId, Placement, RequestId, Timetable};

/// One chain.
#[derive(Debug)]
pub struct Chain<'p> {
    /// The timetable as it is now.
    pub board: Board<'p>,
    /// The best so far.
    pub incumbent: Incumbent,
    /// How different costs are weighed into one.
    pub weights: Weights,
    /// How often which neighbourhood is tried.
    pub mix: Mix,
    /// Placements looked at.
    pub evaluated: u64,
    /// Changes accepted.
    pub accepted: u64,
    /// What moves of groups and other changes have brought.
    pub brought: Brought,
    /// Whether the present change is of a group.
    of_group: bool,
    /// The share of the budget after which the chain went back to its best.
    pub warmed: Option<Share>,
    /// Classes without a placement, as far as this chain was to place them.
    pub unplaced: Vec<u32>,
    pub(super) draws: Draws,
    pub(super) domains: &'p Domains,
    pub(super) places: Vec<u32>,
    pub(super) way: Vec<ClassId>,
    /// Who goes where in a move of several classes.
    pub(super) chain: Vec<(ClassId, Placement)>,
    /// What a move of several classes has changed so far.
    pub(super) journal: Journal,
    /// Classes that a move has taken out.
    pub(super) out: Vec<ClassId>,
    /// Who wants whose room.
    pub(super) path: Vec<Link>,
    pub(super) temperature: Temperature,
}

impl<'p> Chain<'p> {
    /// A chain that begins with what is on the board.
    pub fn new(board: Board<'p>, domains: &'p Domains, draws: Draws, weights: Weights, mix: Mix) -> Chain<'p> {
        let incumbent = Incumbent::new(&board, board.score());
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
            journal: Journal::default(),
            out: Vec::new(),
            path: Vec::new(),
            temperature: Temperature::ZERO,
        };
        chain.list_unplaced();
        chain
    }

    pub(super) fn list_unplaced(&mut self) {
        let board = &self.board;
        let ids = board.problem().class_ids();
        self.unplaced.clear();
        self.unplaced.extend(ids.filter(|&c| !board.placement(c).is_placed()).map(|c| c.0));
    }

    /// Goes on from another chain's board; keeps its own best until it finds a better one.
    pub fn go_on_from(&mut self, board: Board<'p>) {
        self.incumbent.store(&self.board);
        self.board = board;
        self.incumbent.start_over(&self.board, self.board.score());
        self.list_unplaced();
    }

    /// Goes on from this timetable; keeps its own best until it finds a better one.
    pub fn go_on_at(&mut self, timetable: &Timetable) {
        self.incumbent.store(&self.board);
        self.board.load(timetable);
        self.incumbent.start_over(&self.board, self.board.score());
        self.list_unplaced();
    }

    /// Another chain on a board of its own.
    pub fn fork(&self) -> Chain<'p> {
        Chain::new(self.board.clone(), self.domains, self.draws.clone(), self.weights, self.mix)
    }

    /// Begins anew, from another timetable, with draws of its own.
    pub fn begin(&mut self, timetable: &Timetable, weights: Weights, draws: Draws) {
        self.board.load(timetable);
        self.incumbent.begin(&self.board, self.board.score());
        self.weights = weights;
        self.draws = draws;
        self.list_unplaced();
    }

    /// Makes what is violated now weigh so much more, so that it is not violated for good.
    pub fn make_violations_heavier(&mut self, by: u32) {
        if self.board.score().hard > 0 {
            self.board.weigh_violations(by);
            // Clashes in tables, class limits and enrolment have no weights of their own: all get a
            // little heavier.
            self.weights.hard += self.weights.hard * i64::from(by) / 64 + 1;
        }
    }

    /// If the board is in violation and the best is not: back to the best, and from now on
    /// violations cost so much that it stays there.
    pub fn turn_back(&mut self, used: Share) {
        if self.board.score().hard == 0 || !self.incumbent.score().is_valid() {
            return;
        }
        self.go_to_best();
        self.weights = Weights::of_hard(self.weights.hard * FIRM);
        self.warmed = Some(used);
    }

    /// Back to the best.
    pub fn go_to_best(&mut self) {
        self.incumbent.restore(&mut self.board);
        self.list_unplaced();
    }

    /// Proposes changes at one temperature until it has looked at `moves` placements: one a
    /// proposal, more where an ejection chain looks for places. The best is known only after
    /// [`Chain::settle`].
    pub fn run(&mut self, moves: u32, temperature: Temperature) {
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
    pub fn settle(&mut self) {
        self.incumbent.store(&self.board);
    }

    /// What worsening changes cost here, of so many proposals of which only improving ones are
    /// accepted.
    pub fn worsening(&mut self, proposals: usize) -> Vec<i64> {
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

    /// A change was made.
    pub(super) fn accept(&mut self) {
        self.accepted += 1;
        self.incumbent.look(self.board.score());
    }

    /// The changes in the journal are made: accepted where they cost no more than `threshold`
    /// together, else taken back.
    pub(super) fn judge(&mut self, cost: i64, threshold: i64) {
        if cost > threshold {
            self.journal.take_back(&mut self.board);
            return;
        }
        self.journal.changes().for_each(|change| self.incumbent.note(change));
        self.accept();
    }
}
