//! The environment: a conflict is drawn, what can be done about it is listed, somebody chooses, and
//! what was chosen is done.
//!
//! Trouble (hard violations and unplaced classes) rises above the least so far only by so much, and
//! only for so many steps: then all is undone until the least is reached again. Each time that this
//! happens the next excursion may go a little further ([`Reach`]).

use super::candidates::{Act, Candidate, Worth, finish};
use super::chooser::Choose;
use super::history::History;
use crate::tracked_repair::TrackedRepair;
use moves::{Changed, Journal};
use pipeline::Progress;
use timetable::{ClassId, Placement};

/// Trouble above the least so far, at most, and steps there: at first, and after many excursions in
/// vain. A tenth of the least is added.
const HIGHEST: (i64, i64) = (3, 20);
const LONGEST: (u32, u32) = (30, 2_000);
/// After so many excursions in vain others shall try.
const VAIN: u32 = 6;
/// How much candidates are taken as equals (1: as the policy says), at first, and after many
/// excursions in vain.
const HEAT: (f32, f32) = (0.5, 4.0);
/// A placement that a class left counts as one that it would go back to for this many steps.
const TENURE: u64 = 16;

/// Classes left in conflict whose next step is looked at.
const MOST_AHEAD: usize = 4;

/// How far an excursion may go.
#[derive(Clone, Copy, Debug)]
struct Reach {
    height: i64,
    length: u32,
    /// How much candidates are taken as equals.
    heat: f32,
    /// Excursions in vain so far.
    vain: u32,
}

impl Reach {
    const FIRST: Reach = Reach { height: HIGHEST.0, length: LONGEST.0, heat: HEAT.0, vain: 0 };

    fn further(self) -> Reach {
        Reach {
            height: (self.height + 1).min(HIGHEST.1),
            length: (2 * self.length).min(LONGEST.1),
            heat: (self.heat + 0.25).min(HEAT.1),
            vain: self.vain + 1,
        }
    }
}

/// A repair, step by step.
pub(crate) struct Walk<'p, 'a> {
    pub(crate) repair: TrackedRepair<'p, 'a>,
    pub(crate) history: History,
    /// Whether the timetable is in use, so that changes count.
    in_use: bool,
    journal: Journal,
    /// The least trouble so far, and that at the beginning.
    pub(crate) least: i64,
    pub(crate) first: i64,
    /// Steps since trouble was last as little as it ever was.
    away: u32,
    reach: Reach,
    pub(crate) candidates: Vec<Candidate>,
    /// Candidates that were done.
    pub(crate) steps: u64,
    /// Classes that were moved.
    pub(crate) moves: u64,
}

impl<'p, 'a> Walk<'p, 'a> {
    pub(crate) fn new(repair: TrackedRepair<'p, 'a>, in_use: bool) -> Walk<'p, 'a> {
        let classes = repair.state.search.problem.classes().len();
        let score = repair.state.search.board.score();
        let mut history = History::new(classes);
        history.state.scale = (score.penalty as f32 / classes.max(1) as f32).max(1.0);
        let least = score.hard + i64::from(score.unplaced);
        Walk {
            repair,
            history,
            in_use,
            journal: Journal::default(),
            least,
            first: least.max(1),
            away: 0,
            reach: Reach::FIRST,
            candidates: Vec::new(),
            steps: 0,
            moves: 0,
        }
    }

    /// Hard violations and unplaced classes.
    pub(crate) fn trouble(&self) -> i64 {
        let score = self.repair.state.search.board.score();
        score.hard + i64::from(score.unplaced)
    }

    /// Goes on until nothing is in conflict, nothing can be done about it, it leads nowhere, or the
    /// budget is spent; what is on the board then has the least trouble that was reached.
    pub(crate) fn run(&mut self, chooser: &mut dyn Choose) {
        while self.reach.vain < VAIN && self.offer() {
            let i = match chooser.to_look_at(&self.candidates) {
                some if some.len() > 1 => self.look_ahead(&some),
                _ => chooser.choose(&self.candidates, self.reach.heat, &mut self.repair.state.search.rng),
            };
            self.take(i);
        }
        self.roll_back();
    }

    /// Which of these candidates is best, with the best that could be done next about each class
    /// that it leaves in conflict.
    fn look_ahead(&mut self, some: &[usize]) -> usize {
        let mut best: Option<(Worth, usize, usize)> = None;
        for &i in some {
            let key = (self.worth_ahead(i), self.repair.state.search.rng.below(1 << 16), i);
            if best.is_none_or(|best| key < best) {
                best = Some(key);
            }
        }
        best.expect("some candidates").2
    }

    /// What a candidate is worth, with the best that could be done next about each class that it
    /// leaves in conflict.
    pub(crate) fn worth_ahead(&mut self, i: usize) -> Worth {
        let worth = self.candidates[i].worth();
        let (Act::Move(chain), true) = (&self.candidates[i].act, self.candidates[i].facts.left > 0) else {
            return worth;
        };
        let next = self.next(&chain.clone());
        (worth.0 + next.0, worth.1 + next.1, worth.2 + next.2, worth.3 + next.3)
    }

    /// The sum of the best that could be done about those who are in the way of a chain, one by
    /// one.
    fn next(&mut self, chain: &[(ClassId, Placement)]) -> Worth {
        let mut way = Vec::new();
        self.repair.state.search.board.conflicting_classes(chain[0].0, chain[0].1, &mut way);
        way.retain(|&c| chain.iter().all(|link| link.0 != c));
        let was: Vec<(ClassId, Placement)> =
            chain.iter().map(|&(c, _)| (c, self.repair.state.search.board.placement(c))).collect();
        self.repair.put_all(chain.to_vec());
        let mut sum = (0, 0, 0, 0);
        let mut found = Vec::new();
        for other in way.into_iter().take(MOST_AHEAD) {
            found.clear();
            if self.repair.state.is_in_conflict(other) {
                self.repair.candidates(other, self.in_use, &self.history, &mut found);
            }
            if let Some(best) = found.iter().map(Candidate::worth).filter(|worth| worth.0 < 0).min() {
                sum = (sum.0 + best.0, sum.1 + best.1, sum.2 + best.2, sum.3 + best.3);
            }
        }
        self.repair.put_all(was.into_iter().rev().collect());
        sum
    }

    /// Draws a conflict and lists what can be done about it; `false` where it is over.
    pub(crate) fn offer(&mut self) -> bool {
        let mut fruitful = true;
        while !self.repair.state.clock.is_over() {
            if self.least == 0 {
                return false;
            }
            let state = &mut self.repair.state;
            let (classes, requests) = (state.in_conflict.classes().len(), state.in_conflict.requests.len());
            if classes + requests == 0 {
                if !fruitful {
                    // Nothing can be done within reach.
                    if self.reach.height == HIGHEST.1 {
                        return false;
                    }
                    self.reach = self.reach.further();
                }
                fruitful = false;
                state.find_conflicts();
                continue;
            }
            state.clock.count(1);
            let k = state.search.rng.below(classes + requests);
            let facts = &mut self.history.state;
            facts.conflicts = (classes + requests) as u32;
            facts.share_left = (self.least as f32 / self.first as f32).min(1.0);
            self.candidates.clear();
            if k < classes {
                let class = state.in_conflict.classes()[k];
                if state.is_in_conflict(class) {
                    self.repair.candidates(class, self.in_use, &self.history, &mut self.candidates);
                }
                self.leave_out_the_worst();
                if self.candidates.is_empty() {
                    self.repair.state.in_conflict.remove(class);
                }
            } else {
                let request = state.in_conflict.requests[k - classes];
                if state.is_in_trouble(request) {
                    self.repair.seats(request, &self.history, &mut self.candidates);
                }
                self.leave_out_the_worst();
                if self.candidates.is_empty() {
                    self.repair.state.in_conflict.requests.swap_remove(k - classes);
                }
            }
            if !self.candidates.is_empty() {
                finish(&mut self.candidates);
                return true;
            }
        }
        false
    }

    /// Candidates that would lead too far above the least trouble are none; nor, while there are
    /// others, those that go back without helping.
    fn leave_out_the_worst(&mut self) {
        let most = self.least + self.reach.height + self.least / 10 - self.trouble();
        self.candidates.retain(|c| c.trouble() <= most);
        let goes_round = |c: &Candidate| c.facts.back && c.trouble() >= 0;
        if !self.candidates.iter().all(goes_round) {
            self.candidates.retain(|c| !goes_round(c));
        }
    }

    /// Does one of the candidates; whether nothing is in conflict any more.
    pub(crate) fn take(&mut self, i: usize) -> bool {
        let chosen = self.candidates.swap_remove(i);
        self.steps += 1;
        self.history.state.stale += 1;
        match &chosen.act {
            Act::Move(chain) => self.shift(chain, &chosen),
            Act::Reseat(request, way) => {
                let request = *request;
                self.journal.note_request(&self.repair.state.search.board, request, chosen.delta);
                let requests = &mut self.repair.state.in_conflict.requests;
                if let Some(k) = requests.iter().position(|&r| r == request) {
                    requests.swap_remove(k);
                }
                self.repair.reseat(request, way, chosen.delta);
            }
        }
        self.settle()
    }

    /// Moves the classes of a chain, in which the first is the one in conflict.
    pub(super) fn shift(&mut self, chain: &[(ClassId, Placement)], chosen: &Candidate) {
        let class = chain[0].0;
        let mut way = Vec::new();
        if chosen.facts.way > 0 {
            self.repair.state.search.board.conflicting_classes(class, chain[0].1, &mut way);
        }
        for &(c, to) in chain {
            let from = self.repair.state.search.board.placement(c);
            self.history.note(c);
            self.moves += 1;
            let state = &mut self.repair.state;
            state.round += 1;
            if from.is_placed() {
                state.tabu.bar(c, from, state.round + TENURE);
            }
            self.journal.put(&mut self.repair, c, to);
        }
        let state = &mut self.repair.state;
        for c in way {
            if chosen.trouble() >= 0 {
                // That did not help: another time they are to be avoided more.
                state.search.make_heavier(c);
            }
            state.in_conflict.add(c);
        }
        for &(c, _) in chain {
            let is_in_conflict = self.repair.state.is_in_conflict(c);
            let in_conflict = &mut self.repair.state.in_conflict;
            if is_in_conflict { in_conflict.add(c) } else { in_conflict.remove(c) }
        }
    }

    /// Where trouble is no more than the least so far, there is no way back; otherwise it is undone
    /// when it lasts too long.
    fn settle(&mut self) -> bool {
        let now = self.trouble();
        if now > self.least {
            self.away += 1;
            if self.away <= self.reach.length {
                return false;
            }
            self.roll_back();
            self.reach = self.reach.further();
            return false;
        }
        self.stay();
        if now < self.least {
            self.least = now;
            self.reach = Reach::FIRST;
            self.history.state.stale = 0;
            self.tell();
        }
        now == 0
    }

    /// There is no way back from here.
    pub(super) fn stay(&mut self) {
        self.journal.clear();
        self.away = 0;
    }

    /// Undoes what was done since trouble was least.
    pub(crate) fn roll_back(&mut self) {
        self.away = 0;
        while let Some(changed) = self.journal.take_back_one(&mut self.repair) {
            let in_conflict = &mut self.repair.state.in_conflict;
            match changed {
                Changed::Class(class, _) => in_conflict.add(class),
                Changed::Request(request) => in_conflict.requests.push(request),
            }
        }
    }

    /// What is left is left to min-conflicts, which goes wherever it likes.
    pub(crate) fn leave_to_min_conflicts(&mut self) {
        let state = &mut self.repair.state;
        let (here, given) = (state.search.board.score(), state.given_hard);
        state.search.incumbent.begin(&state.search.board, here);
        state.given_hard = here.hard.min(given);
        state.repair();
        let found = state.search.incumbent.best().clone();
        state.given_hard = given;
        let moved = state.moved;
        self.repair.go_to(&found);
        self.stay();
        self.steps += moved;
        self.moves += moved;
    }

    /// Reports what was reached.
    pub(crate) fn tell(&self) {
        let state = &self.repair.state;
        let (ctx, score) = (state.clock.ctx(), state.search.board.score());
        ctx.progress.report(Progress { done: state.clock.used(), total: ctx.stop.steps(), best: Some(score) });
        if ctx.best.wants() && score.hard <= state.given_hard {
            ctx.best.offer(&state.search.board.timetable(), score);
        }
    }
}
