//! A run: how large the population is, where it lives, how the budget is spent.

use super::evolve::{Common, Evolution, GenerationBudget, Monitor, Worker};
use super::parts::Parts;
use super::population::Shape;
use super::stage::{Genetic, Gpu, beside_board, individual_bytes, returned_bytes, shared_bytes, worker_bytes};
use crate::device::{Driver, Engine, ManagedDevice, Model, capacity, names};
use moves::fixed::{ONE, Share, share};
use moves::walk::{Chain, Domains, Weights};
use moves::{Draws, Temperature};
use pipeline::{Bytes, Context, OnRefusal, Plan, Progress, Reservation, StageError};
use rayon::ThreadPool;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use timetable::{Board, BoardIndex, Problem, Score, Timetable};

/// Part of the budget for the descent that comes first.
const DESCENT: f64 = 0.03;
/// How often violations get heavier, in shares of the budget, and before which share they do not:
/// while it is hot, they come and go.
const HEAVIER: u64 = 100;
const HEAVIER_FROM: f64 = 0.25;
/// Shares of the budget at which an individual that is in violation goes back to the best.
const TURN_BACK: [f64; 2] = [0.49, 0.81];
/// The walk that comes first.
const FIRST: [u32; 2] = [0, 0x6000_0000];
/// With fewer moves for each class than this an individual has too few, and one that has all of
/// them is as good or better (docs/benchmarks.md, "Which stage 2B"); and how many individuals at
/// most, where nobody says how many.
const NEEDED: u64 = 50_000;
const MOST: usize = 4;
/// Individuals that are worth a device's while, with a step budget.
const WORTH: usize = 64;
/// Milliseconds that one walk on a device shall take: it cannot be stopped meanwhile.
const DEVICE_WALK: f64 = 250.0;

/// Counts, and tells how much of the budget is used.
struct Clock<'a> {
    ctx: &'a Context,
    evaluated: AtomicU64,
}

impl Monitor for Clock<'_> {
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

/// The population's size for the processor, where a thread does so many moves a second: a
/// population is only as large as leaves each the moves that it needs, but no thread is left
/// without an individual.
fn wanted(genetic: &Genetic, ctx: &Context, classes: usize, rate: f64) -> usize {
    if genetic.population > 0 {
        return genetic.population;
    }
    let needed = NEEDED * classes.max(1) as u64;
    let fit = |moves: u64, most: usize| (moves / needed).clamp(1, most as u64) as usize;
    match (ctx.stop.steps(), ctx.stop.time_left()) {
        (Some(steps), _) => fit(steps, MOST),
        (None, left) => {
            let threads = ctx.threads.max(1);
            threads * fit((rate * left.map_or(0.0, |left| left.as_secs_f64())) as u64, MOST.div_ceil(threads))
        }
    }
}

/// What a run comes to: the best, how many moves were evaluated, and the population's size at
/// first.
pub(crate) struct EvolutionOutcome {
    pub(crate) best: Timetable,
    pub(crate) score: Score,
    pub(crate) evaluated: u64,
    pub(crate) individuals: usize,
}

/// Evolves.
///
/// # Errors
/// Where there is not enough memory for one individual, or (with a step budget) for all that are
/// wanted.
pub(crate) fn evolve(
    genetic: &Genetic,
    plan: &Plan,
    start: &Timetable,
    ctx: &Context,
    drivers: &[&dyn Driver],
) -> Result<EvolutionOutcome, StageError> {
    let problem: &Problem = &plan.problem;
    let mut shared = ctx.ledger.reserve("genetic", Bytes::new(shared_bytes(problem)))?;
    let boards = ctx.ledger.consumer("boards", OnRefusal::Shrink);
    let one_board = Bytes::new(worker_bytes(problem));
    let mut boards_promised = boards.reserve(one_board)?;
    let domains = Domains::new(problem);
    let mix = genetic.settings.mix(&domains);
    let shape = Shape::new(problem, !domains.choosable.is_empty());
    let index = Arc::new(BoardIndex::new(problem));
    let parts = Parts::new(problem, plan.clusters.as_deref());
    let held = index.bytes() + domains.bytes() + parts.bytes() + returned_bytes(problem);
    shared.shrink(shared.bytes().saturating_sub(Bytes::new(held)));
    let clock = Clock { ctx, evaluated: AtomicU64::new(0) };

    // Down to where only small steps are left; what changes cost there sets the temperatures.
    let mut board = Board::new(problem, index);
    let model = || Model::new(problem, &board, &domains, (&mix, &parts, &shape), start);
    let at_most = wanted(genetic, ctx, problem.classes().len(), f64::MAX);
    let devices = DevicePool::new(drivers, genetic, (ctx, at_most), &shape, model);
    board.load(start);
    let mut chain = Chain::new(board, &domains, Draws::new(ctx.seed, FIRST), Weights::DESCENT, mix);
    let begun = Instant::now();
    descend(&mut chain, &clock);
    // What a move costs, on this problem and this machine.
    let rate = chain.evaluated as f64 / begun.elapsed().as_secs_f64().max(1e-6);
    let (weights, schedule) = genetic.settings.tempers(&mut chain);

    // The board is full now. Its lists of students may still grow a little.
    let one_board = one_board.min(Bytes::new(chain.board.bytes() / 10 * 11 + beside_board(problem)));
    boards_promised.shrink(boards_promised.bytes().saturating_sub(one_board));
    let one = Bytes::new(individual_bytes(&shape));
    let population = ctx.ledger.consumer("population", OnRefusal::Shrink);
    let mut promised = population.reserve(one)?;
    let on_processor = || wanted(genetic, ctx, problem.classes().len(), rate);
    let n = devices.as_ref().map_or_else(on_processor, |devices| devices.individuals);
    let n = if ctx.stop.steps().is_some() {
        promised.try_grow(one.times(n - 1))?;
        n
    } else {
        // On a device's account the processor keeps a copy of what comes back.
        let one = devices.as_ref().map_or(one, |_| Bytes::new(individual_bytes(&shape) + shape.row() as u64));
        let (more, rest) = population.reserve_up_to(n - 1, one);
        promised.join(rest);
        1 + more
    };
    let (more, rest) = boards.reserve_up_to(ctx.threads.clamp(1, n) - 1, one_board);
    boards_promised.join(rest);
    let spent = chain.evaluated;
    let common = Common { shape, parts: &parts, schedule, seed: ctx.seed };
    let mut evolution = Evolution::new(common, n, chain.incumbent.best(), chain.incumbent.score(), weights.hard);
    let engine = devices.as_ref().and_then(|devices| devices.engine(&mut evolution));
    let best = chain.incumbent.best().clone();
    let others: Vec<Chain<'_>> = (0..more).map(|_| chain.fork()).collect();
    let chains = std::iter::once(chain).chain(others);
    let workers: Vec<Worker<'_>> = chains.map(|chain| Worker { chain, scratch: best.clone() }).collect();
    let pool = pipeline::pool(workers.len())?;
    let mut run =
        Run { genetic, ctx, clock, evolution, workers, pool, engine, promised, best, done: 0, spent, rate: 0.0 };
    run.all();
    run.evolution.store_best(&mut run.best);
    let (score, evaluated) = (run.evolution.best().1, run.clock.evaluated.load(Ordering::Relaxed));
    let result = EvolutionOutcome { best: run.best, score, evaluated, individuals: n };
    if let Some(devices) = &devices {
        drop(run.engine);
        devices.places.iter().for_each(ManagedDevice::clean_up);
    }
    Ok(result)
}

/// Devices, and how many individuals they have room for.
struct DevicePool<'d> {
    places: Vec<ManagedDevice<'d>>,
    model: Model,
    individuals: usize,
}

impl<'d> DevicePool<'d> {
    /// `None`, with a line that says why, where the devices are of no use for this run, or there is
    /// none.
    fn new(
        drivers: &[&'d dyn Driver],
        genetic: &Genetic,
        (ctx, wanted): (&Context, usize),
        shape: &Shape,
        model: impl FnOnce() -> Result<Model, crate::device::TooLarge>,
    ) -> Option<DevicePool<'d>> {
        if drivers.is_empty() {
            return None;
        }
        let names = names(drivers.iter());
        if genetic.gpu == Gpu::Auto && ctx.stop.steps().is_some() && wanted < WORTH {
            tracing::info!("a population of {wanted} is too small for {names}: it runs on the CPU");
            return None;
        }
        let devices = || -> Result<DevicePool<'d>, crate::device::NoEngine> {
            let model = model()?;
            let places = drivers.iter().map(|&driver| ManagedDevice::new(driver)).collect::<Result<Vec<_>, _>>()?;
            let (fit, resident) = capacity(&places, &model, shape.row())?;
            // As many as they can do at once, the same number on each; no more than there is memory
            // for.
            let individuals = match (genetic.population, ctx.stop.steps()) {
                (0, Some(_)) => wanted,
                (0, None) => places.len() * resident.min(fit),
                (n, Some(_)) => n,
                (n, None) => n.min(places.len() * fit),
            };
            Ok(DevicePool { places, model, individuals })
        };
        match devices() {
            Ok(devices) if devices.individuals > 0 => Some(devices),
            Ok(_) => {
                tracing::warn!("{names} has no memory for one individual: the genetic algorithm runs on the CPU");
                None
            }
            Err(e) => {
                tracing::warn!("{names}: {e}: the genetic algorithm runs on the CPU");
                None
            }
        }
    }

    fn engine(&self, evolution: &mut Evolution<'_>) -> Option<Engine<'d>> {
        let n = evolution.individuals.len();
        let engine = Engine::new(&self.places, &self.model, evolution.common.shape.row(), n);
        let tried = engine.and_then(|mut engine| {
            evolution.try_device(&mut engine)?;
            Ok(engine)
        });
        let names = names(self.places.iter().map(|place| &place.driver));
        match tried {
            Ok(engine) => {
                let held = Bytes::new(self.places.iter().map(|place| place.ledger.held().get()).sum());
                tracing::info!("{n} individuals on {names} ({held} of it)");
                Some(engine)
            }
            Err(e) => {
                tracing::warn!("{names}: {e}: the genetic algorithm runs on the CPU");
                None
            }
        }
    }
}

/// What changes from generation to generation.
struct Run<'a, 'd> {
    genetic: &'a Genetic,
    ctx: &'a Context,
    clock: Clock<'a>,
    evolution: Evolution<'a>,
    workers: Vec<Worker<'a>>,
    pool: ThreadPool,
    engine: Option<Engine<'d>>,
    promised: Reservation,
    best: Timetable,
    /// Steps of each individual so far, and what the descent took of all steps.
    done: u64,
    spent: u64,
    /// Steps of each individual in a millisecond of the device's.
    rate: f64,
}

/// Whether one of `n` equal shares of the budget ends within the stretch.
fn passes(budget: &GenerationBudget, n: u64) -> bool {
    let mark = |at: Share| (u128::from(at) * u128::from(n)) >> 32;
    mark(budget.from) < mark(budget.until)
}

impl Run<'_, '_> {
    fn all(&mut self) {
        let mut generation = 0;
        loop {
            generation += 1;
            let budget = self.budget(generation);
            if !self.walk(budget) {
                continue;
            }
            if TURN_BACK.iter().any(|&at| budget.from < share(at) && share(at) <= budget.until) {
                self.evolution.turn_back(budget.until);
            }
            let score = self.report(generation);
            if self.ctx.stop.now() || score == Score::default() || budget.until >= ONE {
                return;
            }
            self.restart(budget);
            self.breed(budget);
            self.shrink();
        }
    }

    /// Who has come to a standstill begins anew.
    fn restart(&mut self, budget: GenerationBudget) {
        let restarted = self.evolution.restart(budget.until);
        if restarted > 0 {
            tracing::debug!("{restarted} individuals begin anew, at generation {}", budget.generation);
        }
    }

    /// What comes next.
    fn budget(&mut self, generation: u32) -> GenerationBudget {
        let generations = self.genetic.generations.max(1);
        let at = move |g: u32| share(DESCENT + (1.0 - DESCENT) * f64::from(g) / f64::from(generations));
        let mut budget = match self.ctx.stop.steps() {
            Some(all) => self.stretch_by_steps(generation, all, at),
            None => self.stretch_by_time(generation, at),
        };
        budget.heavier = passes(&budget, HEAVIER) && budget.until > share(HEAVIER_FROM);
        budget
    }

    fn stretch_by_steps(&mut self, generation: u32, all: u64, at: impl Fn(u32) -> Share) -> GenerationBudget {
        let generations = self.genetic.generations.max(1);
        let each = all.saturating_sub(self.spent) / self.evolution.individuals.len() as u64;
        let until = (u128::from(each) * u128::from(generation) / u128::from(generations)) as u64;
        let steps = until - std::mem::replace(&mut self.done, until);
        GenerationBudget {
            generation,
            from: at(generation - 1),
            until: at(generation),
            steps: Some(steps),
            heavier: false,
        }
    }

    fn stretch_by_time(&self, generation: u32, at: impl Fn(u32) -> Share) -> GenerationBudget {
        let from = self.clock.used();
        let next = (1..=self.genetic.generations.max(1)).map(at).find(|&until| until > from).unwrap_or(ONE);
        if self.engine.is_none() {
            return GenerationBudget { generation, from, until: next, steps: None, heavier: false };
        }
        // As long as one walk on the device may take, but no longer than there is time.
        let left = self.ctx.stop.time_left().map_or(0.0, |left| left.as_secs_f64() * 1e3);
        let milliseconds = if self.rate == 0.0 { 0.0 } else { DEVICE_WALK.min(left) };
        let steps = ((self.rate * milliseconds) as u64).clamp(1_000, 1 << 30);
        let share_of = if left > 0.0 { share(milliseconds / left) } else { ONE };
        let until = from + ((u128::from(ONE - from.min(ONE)) * u128::from(share_of)) >> 32) as u64;
        GenerationBudget { generation, from, until: until.max(from + 1), steps: Some(steps), heavier: false }
    }

    /// Everyone walks. False where the device failed and, by time, the processor has to begin this
    /// generation anew.
    fn walk(&mut self, budget: GenerationBudget) -> bool {
        if let Some(engine) = &mut self.engine {
            match self.evolution.walk_on(engine, budget, &mut self.workers[0]) {
                Ok(()) => {
                    let steps = budget.steps.unwrap_or(0);
                    self.rate = steps as f64 / engine.took.max(0.01);
                    self.clock.evaluated(steps * self.evolution.individuals.len() as u64);
                    return true;
                }
                Err(e) => self.leave_device(&e),
            }
            if self.ctx.stop.steps().is_none() {
                return false;
            }
        }
        self.pool.install(|| self.evolution.walk(&mut self.workers, budget, &self.clock));
        true
    }

    fn breed(&mut self, budget: GenerationBudget) {
        let replace = passes(&budget, u64::from(self.genetic.generations / self.genetic.replace.max(1)).max(1));
        if let Some(engine) = &mut self.engine {
            match self.evolution.breed_on(engine, budget, replace) {
                Ok(()) => return,
                Err(e) => self.leave_device(&e),
            }
        }
        self.pool.install(|| self.evolution.breed(&mut self.workers, budget, replace));
    }

    /// The device failed: the processor goes on from the last generation, by time with as many of
    /// the best as it can improve.
    fn leave_device(&mut self, why: &crate::device::DeviceError) {
        tracing::warn!("the device failed ({why}): going on on the CPU from the last generation");
        self.engine = None;
        if self.ctx.stop.steps().is_none() {
            self.keep(self.ctx.threads.max(1).min(self.evolution.individuals.len()));
        }
    }

    fn report(&mut self, generation: u32) -> Score {
        let (_, score) = self.evolution.best();
        let first = self.evolution.individuals[0].score;
        tracing::trace!(generation, first = %first, best = %score);
        let (done, total) = (self.clock.evaluated.load(Ordering::Relaxed), self.ctx.stop.steps());
        self.ctx.progress.report(Progress { done, total, best: Some(score) });
        if self.ctx.best.wants() {
            self.evolution.store_best(&mut self.best);
            self.ctx.best.offer(&self.best, score);
        }
        score
    }

    /// Where memory is short, the better half goes on. With a step budget the result must not
    /// depend on it.
    fn shrink(&mut self) {
        let n = self.evolution.individuals.len();
        if n < 2 || self.ctx.stop.steps().is_some() || !self.ctx.stop.should_shrink() || self.engine.is_some() {
            return;
        }
        self.keep(n.div_ceil(2));
        tracing::info!("memory is short: going on with {} individuals", n.div_ceil(2));
    }

    fn keep(&mut self, n: usize) {
        self.evolution.keep(n);
        let needed = Bytes::new(individual_bytes(&self.evolution.common.shape)).times(n);
        self.promised.shrink(self.promised.bytes().saturating_sub(needed));
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
