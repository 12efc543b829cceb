//! The search: what is asked when, and what is made of the answers.
//!
//! One thread builds models, looks after the workers and keeps the board; the workers do the rest.
//! With a budget in steps the answers are taken in the order in which they were asked for, so that
//! nothing depends on who was faster.

mod answers;
mod submit;

use super::engine_limits::EngineLimits;
use super::job::{Job, JobTarget, State};
use super::neighbourhoods::{Choice, Neighbourhoods};
use super::seats::Seats;
use super::tally::{Outcome, Tally};
use crate::model::{Cut, Links, Solution};
use crate::solve_requests::LOOK;
use crate::worker::{WorkerPool, WorkerProgram};
use memguard::Bytes;
use moves::Rng;
use pipeline::{Clusters, Context, Progress, StageError};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use timetable::{Board, ClassId, RequestId, Score, Timetable};

/// The stage's own stream of the run's seed.
const STREAM: u64 = 0x2ac9;
/// Questions under way with a budget in steps, whatever the number of workers.
const UNDER_WAY: usize = 4;
/// Deterministic seconds for a question, with a budget in steps.
const STEPS_EACH: f64 = 0.5;
/// What a question is charged at least.
const LEAST_STEPS: f64 = 1e-3;
/// Seconds for a cluster at least and at most, and for a neighbourhood.
const SECONDS: (f64, f64) = (0.3, 3.0);
const SECONDS_EACH: f64 = 1.0;
/// After so many neighbourhoods without a gain the next have twice the time, up to this share of
/// all time.
const STALE: u32 = 30;
const LONGEST: f64 = 0.1;
/// So many workers in a row may be lost before the solver is given up.
const LOSSES: u64 = 4;
/// So often a cluster is tried again whose answer no longer fits.
const AGAIN: u32 = 2;
/// Answers that are waited for when time is up.
const LAST: Duration = Duration::from_millis(400);
/// Share of what is left that goes to clusters before neighbourhoods; those that have to be asked
/// for again have it from the rest, too.
const CLUSTERS: f64 = 0.7;
/// Polishing ends when for this share of its budget nothing has got better.
const MAX_STALE_SHARE: f64 = 0.4;

pub(super) struct Search<'a, 'p> {
    board: Board<'p>,
    links: &'a Links,
    ctx: &'a Context,
    pool: WorkerPool,
    rng: Rng,
    /// Clusters, or parts, that have not been asked for yet: the next is the last.
    todo: Vec<(usize, Vec<ClassId>)>,
    /// Clusters to be asked for once more.
    again: Vec<Job>,
    /// Answers that something else came before, and that would be worth having: neighbourhoods to
    /// be asked for from there.
    overtaken: VecDeque<(Choice, Vec<ClassId>, Vec<RequestId>, Solution)>,
    neighbourhoods: Neighbourhoods,
    seats: Seats,
    /// How much of what the classes of a neighbourhood can choose is asked for.
    cut: Cut,
    jobs: VecDeque<Job>,
    tally: Tally,
    /// By steps: there was nothing to be asked for beside what is under way. Until one of those is
    /// answered it is not tried again, which would draw random numbers as often as time allows.
    has_nothing_to_ask: bool,
    /// Steps of answers that were taken.
    used: f64,
    /// Steps that questions under way may take.
    promised: f64,
    lost_in_a_row: u64,
    given_up: Option<String>,
    /// There was no memory for a single worker, or by steps too little for a question.
    lacks_memory: Option<StageError>,
    reported: Instant,
    /// Whether only neighbourhoods are asked for, as long as that pays.
    polishes: bool,
    /// When something last got better: a share of the budget.
    last_gain: f64,
    started: Instant,
    /// Seconds for a neighbourhood, and how many there were since anything was gained.
    seconds_each: f64,
    stale: u32,
}

impl<'a, 'p> Search<'a, 'p> {
    pub(super) fn new(
        board: Board<'p>,
        links: &'a Links,
        clusters: Option<&Clusters>,
        program: WorkerProgram,
        polishes: bool,
        ctx: &'a Context,
    ) -> Search<'a, 'p> {
        let problem = board.problem();
        let all = || vec![(0..problem.classes().len() as u32).collect::<Vec<u32>>()];
        let members = clusters.map_or_else(all, Clusters::members);
        let mut order: Vec<usize> = (0..members.len()).collect();
        if let Some(clusters) = clusters {
            order.sort_by_key(|&cluster| (clusters.colour[cluster], cluster));
        }
        order.reverse();
        let of = |cluster: usize| members[cluster].iter().map(|&class| ClassId(class)).collect::<Vec<ClassId>>();
        // What is too much for the engine at once is cut.
        let limits = EngineLimits::of(&program.engine);
        let parts = |cluster: usize| {
            of(cluster).chunks(limits.cluster).map(|part| (cluster, part.to_vec())).collect::<Vec<_>>()
        };
        let todo: Vec<(usize, Vec<ClassId>)> =
            if polishes { Vec::new() } else { order.into_iter().flat_map(parts).collect() };
        let seats = Seats::new(problem, limits.requests);
        Search {
            pool: WorkerPool::new(program, ctx.threads, ctx.ledger.clone()),
            rng: Rng::new(ctx.seed, STREAM),
            tally: Tally::new(if polishes { 0 } else { members.len() }),
            neighbourhoods: Neighbourhoods::new(members, problem, (limits.first, limits.most), seats.any()),
            cut: limits.cut,
            seats,
            todo,
            again: Vec::new(),
            overtaken: VecDeque::new(),
            jobs: VecDeque::new(),
            has_nothing_to_ask: false,
            used: 0.0,
            promised: 0.0,
            lost_in_a_row: 0,
            given_up: None,
            lacks_memory: None,
            reported: Instant::now(),
            polishes,
            last_gain: 0.0,
            started: Instant::now(),
            seconds_each: SECONDS_EACH,
            stale: 0,
            board,
            links,
            ctx,
        }
    }

    pub(super) fn run(&mut self) {
        while self.given_up.is_none() && !self.is_over() {
            self.shrink_if_asked();
            let moved = self.submit_more() | self.receive() | self.apply();
            self.ctx.stop.report_workers(self.pool.size());
            self.report();
            if !moved {
                // By steps nothing changes by waiting.
                if self.jobs.is_empty() && (self.ctx.stop.steps().is_some() || !self.may_submit()) {
                    break;
                }
                self.pool.wait(self.ctx.stop.cancelled(), LOOK);
            }
        }
        self.finish();
    }

    /// That memory was too little, where that decides the result: with a budget in steps it must
    /// not depend on memory.
    pub(super) fn lacks_memory(&mut self) -> Option<StageError> {
        self.lacks_memory.take().filter(|_| self.ctx.stop.steps().is_some())
    }

    /// Steps, of those that a stage is charged for.
    pub(super) fn steps_used(&self) -> u64 {
        (self.used * 1e6) as u64
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = self.tally.lines();
        lines.extend(self.given_up.clone());
        if self.does_not_pay() {
            lines.push("no improvement for a while: the next stages get the rest of its time".into());
        }
        lines
    }

    pub(super) fn into_best(self) -> (Timetable, Score) {
        (self.board.timetable(), self.board.score())
    }

    /// Whether time is up, or what is under way will use up the steps and has been taken.
    fn is_over(&self) -> bool {
        self.ctx.stop.now() || self.board.score() == Score::default() || self.does_not_pay()
    }

    /// The share of the budget that has been used.
    fn spent(&self) -> f64 {
        match self.ctx.stop.steps() {
            Some(steps) => self.used * 1e6 / steps.max(1) as f64,
            None => self.ctx.stop.time_used().unwrap_or(1.0),
        }
    }

    fn does_not_pay(&self) -> bool {
        self.polishes && self.spent() - self.last_gain > MAX_STALE_SHARE
    }

    /// Whether another question fits into the budget.
    fn may_submit(&self) -> bool {
        match self.ctx.stop.steps() {
            Some(0) => false,
            Some(steps) => (self.used + self.promised + steps_each(steps)) * 1e6 <= steps as f64 + 0.5,
            None => true,
        }
    }

    fn shrink_if_asked(&mut self) {
        let stop = &self.ctx.stop;
        let give_up = stop.should_give_up_worker() || (stop.should_shrink() && self.pool.size() > 1);
        if give_up && stop.steps().is_none() {
            tracing::info!("memory is short: stopping one solver");
            if let Some(place) = self.pool.give_up_largest() {
                for job in self.jobs.iter_mut().filter(|job| matches!(job.state, State::Submitted(p, _) if p == place))
                {
                    job.state = State::Waiting;
                    job.alone = Some(Bytes::ZERO);
                }
            }
        }
    }

    fn give_up(&mut self, why: &str) {
        tracing::warn!("the solver is not used any more: {why}");
        self.given_up = Some(format!("the solver was not used any more: {why}"));
    }

    /// Time is up: takes what comes in a moment.
    fn finish(&mut self) {
        if self.ctx.stop.steps().is_none() && self.given_up.is_none() {
            self.pool.stop_all();
            let until = Instant::now() + LAST;
            while Instant::now() < until && self.jobs.iter().any(|job| matches!(job.state, State::Submitted(..))) {
                if !(self.receive() | self.apply()) {
                    self.pool.wait(&crossbeam_channel::never(), until.saturating_duration_since(Instant::now()));
                }
            }
        }
        for job in &self.jobs {
            if let (JobTarget::Cluster(cluster), State::Submitted(..)) = (job.target, &job.state) {
                self.tally.cluster(cluster, Outcome::Timeout);
            }
        }
        for job in &self.again {
            if let JobTarget::Cluster(cluster) = job.target {
                self.tally.cluster(cluster, Outcome::Refused);
            }
        }
        if self.ctx.stop.steps().is_none() {
            tracing::info!(peak = %self.pool.peak, lost = self.pool.lost, neighbourhoods = self.neighbourhoods.summary(), "solvers");
        }
    }

    fn report(&mut self) {
        if self.reported.elapsed() < Duration::from_millis(200) {
            return;
        }
        self.reported = Instant::now();
        let (score, done) = (self.board.score(), self.tally.done());
        let total = self.ctx.stop.steps();
        let done = if total.is_some() { self.steps_used() } else { done };
        self.ctx.progress.report(Progress { done, total, best: Some(score) });
        if self.ctx.best.wants() {
            self.ctx.best.offer(&self.board.timetable(), score);
        }
    }
}

/// Deterministic seconds for a question: of few steps there is one.
fn steps_each(steps: u64) -> f64 {
    STEPS_EACH.min(steps as f64 * 1e-6)
}
