//! How fast the genetic algorithm is: on the processor beside the board itself, and on a device.

use super::evolve::{Common, Evolution, GenerationBudget, Monitor, Worker};
use super::parts::Parts;
use super::population::Shape;
use crate::device::{self, Driver, Engine, Footprint, ManagedDevice, Model, NoEngine, TooLarge};
use moves::fixed::{Share, share};
use moves::walk::{Chain, Domains, Settings, Weights};
use moves::{Draws, Temperature};
use pipeline::Clusters;
use std::sync::Arc;
use std::time::Instant;
use timetable::{Board, BoardIndex, Problem, Timetable};

/// What was measured of one problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Full evaluations a second of one thread: a timetable onto an empty board.
    pub board_evaluations: f64,
    /// Steps a second of one chain that walks on.
    pub board_moves: f64,
    /// Full evaluations a second of all threads, from rows of a population.
    pub evaluations: f64,
    /// Steps a second of all threads, in generations.
    pub moves: f64,
    /// Bytes of a row, and of the state that a warp of a device works on.
    pub row: u64,
    /// See `row`.
    pub state: u64,
    /// The same on a device, or on several.
    pub device: Option<DeviceFigures>,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The problem is too large for a device.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The devices failed.
    #[error("{names}: {source}")]
    Device {
        /// Their names.
        names: String,
        /// How.
        source: Box<NoEngine>,
    },
}

/// What was measured on a device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceFigures {
    /// Individuals, one a warp.
    pub individuals: usize,
    /// Warps on a multiprocessor, and multiprocessors, of the first device.
    pub warps: u32,
    /// See `warps`.
    pub multiprocessors: u32,
    /// Whether states lie in shared memory.
    pub shared: bool,
    /// Full evaluations a second.
    pub evaluations: f64,
    /// Steps a second.
    pub moves: f64,
    /// Bytes copied to and from it in each generation.
    pub copied: u64,
}

/// Never stops, and knows no time.
pub(crate) struct NeverStops;

impl Monitor for NeverStops {
    fn stop(&self) -> bool {
        false
    }

    fn used(&self) -> Share {
        0
    }

    fn evaluated(&self, _moves: u64) {}
}

/// Steps of each measured walk.
const STEPS: u64 = 200_000;
/// Steps of a device's individual.
const DEVICE_STEPS: u64 = 20_000;
/// Where on its schedule a walk is measured: neither hot nor cold.
const AT: f64 = 0.5;

/// Measures, from this timetable, with so many threads, on the device if there is one.
///
/// # Errors
/// How the device failed.
///
/// # Panics
/// Where there cannot be so many threads.
pub fn measure(
    problem: &Problem,
    clusters: Option<&Clusters>,
    start: &Timetable,
    threads: usize,
    gpu: super::Gpu,
) -> Result<Figures, MeasureError> {
    let settings = Settings::default();
    let domains = Domains::new(problem);
    let mix = settings.mix(&domains);
    let index = Arc::new(BoardIndex::new(problem));
    let parts = Parts::new(problem, clusters);
    let shape = Shape::new(problem, !domains.choosable.is_empty());
    let empty = Board::new(problem, index);
    let model = Model::new(problem, &empty, &domains, (&mix, &parts, &shape), start)?;
    let state = 4 * u64::from(model.layout()?.words);

    let mut board = empty.clone();
    board.load(start);
    let mut chain = Chain::new(board, &domains, Draws::new(1, [0, 0]), Weights::DESCENT, mix);
    chain.run(STEPS as u32, Temperature::ZERO);
    chain.settle();
    let (weights, schedule) = settings.tempers(&mut chain);
    chain.weights = weights;
    let best = chain.incumbent.best().clone();
    let temperature = schedule.at(share(AT));
    chain.run(STEPS as u32, temperature);
    let board_moves = rate(STEPS, || chain.run(STEPS as u32, temperature));
    let loads = (20_000_000 / (problem.classes().len() + 4 * problem.enrolment_slots()).max(1)).clamp(2, 20_000) as u64;
    let mut boards = empty.clone();
    let board_evaluations = rate(loads, || {
        for _ in 0..loads {
            boards.clone_from(&empty);
            boards.load(&best);
        }
    });
    drop(boards);

    let pool = pipeline::pool(threads).expect("threads");
    let mut workers: Vec<Worker<'_>> =
        (0..threads).map(|_| Worker { chain: chain.fork(), scratch: best.clone() }).collect();
    let common = Common { shape: shape.clone(), parts: &parts, schedule, seed: 1 };
    let mut evolution = Evolution::new(common, threads, &best, chain.incumbent.score(), weights.hard);
    let budget = |generation| budget(generation, STEPS);
    pool.install(|| evolution.walk(&mut workers, budget(0), &NeverStops));
    let moves = rate(STEPS * threads as u64, || pool.install(|| evolution.walk(&mut workers, budget(1), &NeverStops)));
    let mut row = vec![0; shape.row()];
    shape.put(&mut row, &best);
    let evaluations = rate(loads * threads as u64, || {
        pool.install(|| {
            use rayon::prelude::*;
            workers.par_iter_mut().for_each(|worker| {
                for _ in 0..loads {
                    shape.get(&row, &mut worker.scratch);
                    worker.chain.board.clone_from(&empty);
                    worker.chain.board.load(&worker.scratch);
                }
            });
        });
    });
    let devices = device::open(gpu);
    let drivers: Vec<&dyn Driver> = devices.iter().map(|device| device as &dyn Driver).collect();
    let figures = on_devices(&drivers, &model, state, evolution, &best, &mut workers[0]);
    let failed = |source| MeasureError::Device { names: device::names(drivers.iter()), source: Box::new(source) };
    let device = figures.map_err(failed)?;
    Ok(Figures { board_evaluations, board_moves, evaluations, moves, row: row.len() as u64, state, device })
}

/// A generation in which nothing gets colder.
fn budget(generation: u32, steps: u64) -> GenerationBudget {
    GenerationBudget { generation, from: share(AT), until: share(AT) + 1, steps: Some(steps), heavier: false }
}

/// So many a second, the median of three times.
fn rate(n: u64, mut work: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..3)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    n as f64 / seconds[1]
}

fn on_devices(
    drivers: &[&dyn Driver],
    model: &Model,
    state: u64,
    evolution: Evolution<'_>,
    best: &Timetable,
    worker: &mut Worker<'_>,
) -> Result<Option<DeviceFigures>, device::NoEngine> {
    let Some(first) = drivers.first() else { return Ok(None) };
    let room = first.room()?;
    let shape = evolution.common.shape.clone();
    let footprint = Footprint::new(model, state, shape.row(), room, drivers.len());
    let places = drivers.iter().map(|&driver| ManagedDevice::new(driver)).collect::<Result<Vec<_>, _>>()?;
    let (fit, resident) = device::capacity(&places, model, shape.row())?;
    let n = drivers.len() * resident.min(fit);
    let (score, hard) = (evolution.best().1, evolution.individuals[0].hard);
    let mut evolution = Evolution::new(evolution.common, n, best, score, hard);
    let mut engine = Engine::new(&places, model, shape.row(), n)?;
    evolution.try_device(&mut engine)?;
    let evaluations = n as f64 / (engine.took / 1e3);
    let budget = |generation| budget(generation, DEVICE_STEPS);
    evolution.walk_on(&mut engine, budget(0), worker)?;
    let before = engine.copied;
    evolution.walk_on(&mut engine, budget(1), worker)?;
    let moves = (DEVICE_STEPS * n as u64) as f64 / (engine.took / 1e3);
    evolution.breed_on(&mut engine, budget(1), true)?;
    Ok(Some(DeviceFigures {
        individuals: n,
        warps: room.warps,
        multiprocessors: room.multiprocessors,
        shared: footprint.shared,
        evaluations,
        moves,
        copied: engine.copied - before,
    }))
}
