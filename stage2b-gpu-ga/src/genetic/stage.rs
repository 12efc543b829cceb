//! The stage: how large the population is, how the budget is spent.

use super::evolve::{Common, Evolution, Stretch, Watch, Worker};
use super::parts::Parts;
use super::population::Shape;
use crate::walk::{Chain, Domains, Draws, Settings, Share, Temperature, Weights, share};
use pipeline::{Bytes, Context, MemoryAsk, OnRefusal, Plan, Progress, Refused, Reservation, Stage, StageError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use timetable::{Board, BoardIndex, Problem, Score, Timetable};

/// A genetic algorithm whose individuals are improved by walks between generations.
#[derive(Clone, Copy, Debug)]
pub struct Genetic {
    /// Individuals; 0 for as many as the threads can improve in the time there is (with a step budget: four). Fewer where memory is
    /// short.
    pub population: usize,
    /// Generations.
    pub generations: u32,
    /// In one of so many generations the better of two rivals takes the place of the other.
    pub replace: u32,
    /// How they walk.
    pub settings: Settings,
}

impl Default for Genetic {
    fn default() -> Genetic {
        Genetic { population: 0, generations: 100, replace: 10, settings: Settings::default() }
    }
}

/// Part of the budget for the descent that comes first.
const DESCENT: f64 = 0.03;
/// Before this share of the budget, violations do not get heavier: while it is hot, they come and go.
const HEAVIER_FROM: f64 = 0.25;
/// Shares of the budget at which an individual that is in violation goes back to the best.
const TURN_BACK: [f64; 2] = [0.49, 0.81];
/// The walk that comes first.
const FIRST: [u32; 2] = [0, 0x6000_0000];

/// What one thread takes: a board, the best that its walk has seen with what has changed since, and a timetable.
fn worker_bytes(problem: &Problem) -> u64 {
    let (classes, requests) = (problem.classes().len() as u64, problem.requests().len() as u64);
    Board::ask(problem) + 8 * (classes + problem.enrolment_slots() as u64) + 8 * (classes + requests) + 4096
}

/// What one individual takes: its row, the one that follows it, its best.
fn individual_bytes(shape: &Shape) -> u64 {
    3 * shape.row() as u64 + 2 * size_of::<super::evolve::Individual>() as u64
}

/// What all share, and what is returned.
fn shared_bytes(problem: &Problem) -> u64 {
    let timetable = 4 * (problem.classes().len() + problem.enrolment_slots()) as u64;
    BoardIndex::ask(problem) + Domains::ask(problem) + Parts::ask(problem) + 3 * timetable
}

/// Counts, and tells how much of the budget is used.
struct Clock<'a> {
    ctx: &'a Context,
    evaluated: AtomicU64,
}

impl Watch for Clock<'_> {
    fn stop(&self) -> bool {
        self.ctx.stop.now()
    }

    fn used(&self) -> Share {
        share(self.ctx.stop.time_used().unwrap_or(0.0))
    }

    fn evaluated(&self, moves: u64) {
        self.evaluated.fetch_add(moves, Ordering::Relaxed);
    }
}

impl Genetic {
    /// How many individuals there is memory for, and the promise of it. With a step budget all that are wanted or none: there the result
    /// must not depend on free memory.
    fn individuals(&self, shape: &Shape, threads: usize, ctx: &Context) -> Result<(usize, Reservation), Refused> {
        let one = Bytes::new(individual_bytes(shape));
        let wanted = match (self.population, ctx.stop.steps()) {
            (0, Some(_)) => 4,
            (0, None) => 4.max(threads),
            (n, _) => n,
        };
        let population = ctx.ledger.consumer("population", OnRefusal::Shrink);
        let mut promised = population.reserve(if ctx.stop.steps().is_some() { one.times(wanted) } else { one })?;
        if ctx.stop.steps().is_some() {
            return Ok((wanted, promised));
        }
        let (more, rest) = population.reserve_up_to(wanted - 1, one);
        promised.join(rest);
        Ok((1 + more, promised))
    }

    fn evolve(&self, plan: &Plan, start: &Timetable, ctx: &Context) -> Result<(Timetable, Score, u64), StageError> {
        let problem: &Problem = &plan.problem;
        let _shared = ctx.ledger.reserve("genetic", Bytes::new(shared_bytes(problem)))?;
        let boards = ctx.ledger.consumer("boards", OnRefusal::Shrink);
        let one_board = Bytes::new(worker_bytes(problem));
        let mut boards_promised = boards.reserve(one_board)?;
        let domains = Domains::new(problem);
        let shape = Shape::new(problem, !domains.choosable.is_empty());
        let (n, mut promised) = self.individuals(&shape, ctx.threads, ctx)?;
        let (more, rest) = boards.reserve_up_to(ctx.threads.clamp(1, n) - 1, one_board);
        boards_promised.join(rest);
        let index = Arc::new(BoardIndex::new(problem));
        let parts = Parts::new(problem, plan.clusters.as_deref());
        let clock = Clock { ctx, evaluated: AtomicU64::new(0) };

        // Down to where only small steps are left; what changes cost there sets the temperatures.
        let board = Board::with(problem, index, start);
        let draws = Draws::new(ctx.seed, FIRST);
        let mut chain = Chain::new(board, &domains, draws, Weights::DESCENT, self.settings.mix(&domains));
        descend(&mut chain, &clock);
        let (weights, schedule) = self.settings.tempers(&mut chain);
        let spent = chain.evaluated;
        let common = Common { shape, parts: &parts, schedule, seed: ctx.seed };
        let mut evolution = Evolution::new(common, n, &chain.keep.best, chain.keep.score, weights.hard);
        let mut best = chain.keep.best.clone();
        let others: Vec<Chain<'_>> = (0..more).map(|_| chain.fork()).collect();
        let chains = std::iter::once(chain).chain(others);
        let mut workers: Vec<Worker<'_>> = chains.map(|chain| Worker { chain, scratch: best.clone() }).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(workers.len()).build();
        let pool = pool.map_err(|e| StageError::Failed(format!("no threads: {e}")))?;

        let mut done = 0;
        for generation in 1..=self.generations {
            let at =
                |generation| share(DESCENT + (1.0 - DESCENT) * f64::from(generation) / f64::from(self.generations));
            let until = at(generation);
            let from = ctx.stop.time_used().map_or(at(generation - 1), share);
            let steps = ctx.stop.steps().map(|all| {
                let each = all.saturating_sub(spent) / n as u64;
                let until = (u128::from(each) * u128::from(generation) / u128::from(self.generations)) as u64;
                until - std::mem::replace(&mut done, until)
            });
            let stretch = Stretch { generation, from, until, steps };
            pool.install(|| evolution.walk(&mut workers, stretch, &clock));
            if until > share(HEAVIER_FROM) {
                evolution.make_violations_heavier();
            }
            if TURN_BACK.iter().any(|&at| stretch.from < share(at) && share(at) <= until) {
                evolution.turn_back(until);
            }
            let (_, score) = evolution.best();
            ctx.progress.report(Progress {
                done: clock.evaluated.load(Ordering::Relaxed),
                total: ctx.stop.steps(),
                best: Some(score),
            });
            if ctx.best.wants() {
                evolution.store_best(&mut best);
                ctx.best.offer(&best, score);
            }
            if ctx.stop.now() || score == Score::default() || generation == self.generations {
                break;
            }
            pool.install(|| evolution.breed(&mut workers, stretch, generation % self.replace == 0));
            if n > 1 && ctx.stop.steps().is_none() && ctx.stop.should_shrink() {
                let left = evolution.shrink();
                tracing::info!("memory is short: going on with {left} individuals");
                let needed = Bytes::new(individual_bytes(&evolution.common.shape)).times(left);
                promised.shrink(promised.bytes().saturating_sub(needed));
            }
        }
        evolution.store_best(&mut best);
        Ok((best, evolution.best().1, clock.evaluated.load(Ordering::Relaxed)))
    }
}

/// Walks down only, for a small part of the budget.
fn descend(chain: &mut Chain<'_>, clock: &Clock<'_>) {
    const SLICE: u32 = 512;
    let steps = clock.ctx.stop.steps();
    while !clock.stop() && clock.used() < share(DESCENT) {
        let left = steps.map_or(SLICE.into(), |n| ((n as f64 * DESCENT) as u64).saturating_sub(chain.evaluated));
        if left == 0 {
            break;
        }
        let slice = left.min(SLICE.into()) as u32;
        chain.run(slice, Temperature::ZERO);
        clock.evaluated(slice.into());
    }
    chain.settle();
}

impl Stage for Genetic {
    fn name(&self) -> &'static str {
        "ga"
    }

    fn memory(&self, plan: &Plan) -> MemoryAsk {
        let domains_choose = !plan.problem.requests().is_empty();
        let one = individual_bytes(&Shape::new(&plan.problem, domains_choose));
        let least = shared_bytes(&plan.problem) + worker_bytes(&plan.problem) + one;
        MemoryAsk { least, preferred: least + 3 * (one + worker_bytes(&plan.problem)) }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let Some(start) = plan.timetable.take() else {
            return Err(StageError::Lacks("a timetable to improve"));
        };
        let (best, score, evaluated) = self.evolve(&plan, &start, ctx)?;
        ctx.stop.report_steps(evaluated);
        if ctx.stop.steps().is_some() {
            plan.notes.push(format!("{evaluated} moves evaluated"));
        }
        tracing::info!(evaluated, "genetic algorithm");
        Ok(plan.with_timetable(best, score))
    }
}
