//! The stage: its settings, and what it needs.

use super::evolve::Individual;
use super::parts::Parts;
use super::population::Shape;
use super::run::{EvolutionOutcome, evolve};
use crate::device;
use crate::{how_many, without};
use moves::timeslots::{SlotBoard, SlotProblem, SlotWalk};
use moves::walk::{Domains, Settings};
use moves::{Draws, Incumbent};
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use std::fmt;
use std::str::FromStr;
use timetable::{Board, BoardIndex, Problem, Timetable};

/// A genetic algorithm whose individuals are improved by walks between generations.
#[derive(Clone, Copy, Debug)]
pub struct Genetic {
    /// Individuals; 0 for as many as pay: one to four, or one a thread. By time fewer where memory
    /// is short.
    pub population: usize,
    /// Generations; on a device, where a population is larger, there are as many as the time
    /// allows.
    pub generations: u32,
    /// In one of so many generations the better of two rivals takes the place of the other.
    pub replace: u32,
    /// Where it runs.
    pub gpu: Gpu,
    /// How individuals walk.
    pub settings: Settings,
}

impl Default for Genetic {
    fn default() -> Genetic {
        Genetic { population: 0, generations: 100, replace: 10, gpu: Gpu::Auto, settings: Settings::default() }
    }
}

/// Which device the genetic algorithm runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gpu {
    /// The one with the most memory free, where there is one and the population is worth it; else
    /// the processor.
    #[default]
    Auto,
    /// All of them, an equal part of the population on each.
    All,
    /// None: the processor.
    Off,
    /// The one of this number.
    Number(usize),
}

impl fmt::Display for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gpu::Auto => f.write_str("auto"),
            Gpu::All => f.write_str("all"),
            Gpu::Off => f.write_str("off"),
            Gpu::Number(n) => write!(f, "{n}"),
        }
    }
}

/// A text that names no device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}`, expected auto, all, off or a device's number")]
pub struct GpuError(pub String);

impl FromStr for Gpu {
    type Err = GpuError;

    fn from_str(text: &str) -> Result<Gpu, GpuError> {
        match text {
            "auto" => Ok(Gpu::Auto),
            "all" => Ok(Gpu::All),
            "off" => Ok(Gpu::Off),
            _ => text.parse().map(Gpu::Number).map_err(|_| GpuError(text.to_owned())),
        }
    }
}

/// What one thread takes at most: a board and what is beside it.
pub(super) fn worker_bytes(problem: &Problem) -> u64 {
    Board::max_bytes(problem) + beside_board(problem)
}

/// The best that a walk has seen, and a timetable.
pub(super) fn beside_board(problem: &Problem) -> u64 {
    Incumbent::max_bytes(problem) + returned_bytes(problem) + 4096
}

/// What one individual takes: its row, the one that follows it, its best.
pub(super) fn individual_bytes(shape: &Shape) -> u64 {
    3 * shape.row() as u64 + 2 * size_of::<Individual>() as u64
}

/// What all share at most, while it is made, and what is returned.
pub(super) fn shared_bytes(problem: &Problem) -> u64 {
    BoardIndex::max_bytes(problem) + Domains::max_bytes(problem) + Parts::max_bytes(problem) + returned_bytes(problem)
}

/// The timetable that is returned.
pub(super) fn returned_bytes(problem: &Problem) -> u64 {
    4 * (problem.classes().len() + problem.enrolment_slots()) as u64
}

/// Part of the budget, at most, for a whole timetable to begin with.
const START: f64 = 0.25;
/// The second half of the name of the walk that looks for one.
const STREAM: u32 = 0x2b02;

/// Of a timeslot problem, a timetable in which everything hard holds, in the place of one in which
/// it does not, where one is found; and the proposals that took.
fn whole(plan: &Plan, start: Timetable, ctx: &Context) -> Result<(Timetable, u64), StageError> {
    let problem = &plan.problem;
    if plan.score.is_some_and(|score| score.is_valid()) {
        return Ok((start, 0));
    }
    let _promised = ctx.ledger.reserve("timeslots", Bytes::new(SlotProblem::max_bytes(problem)))?;
    let slots = match SlotProblem::of(problem) {
        Ok(slots) => slots,
        Err(why) => {
            tracing::debug!("begins with what it was given: no timeslot problem: {why}");
            return Ok((start, 0));
        }
    };
    let _promised_walk = ctx.ledger.reserve("whole timetable", Bytes::new(SlotWalk::max_bytes(&slots)))?;
    let mut walk = SlotWalk::new(SlotBoard::with(&slots, problem, &start), Draws::new(ctx.seed, [0, STREAM]));
    let most = ctx.stop.steps().map_or(u64::MAX, |n| (n as f64 * START) as u64);
    let is_late = || ctx.stop.now() || ctx.stop.time_used().is_some_and(|used| used > START);
    let found = walk.fill(most, &is_late).then(|| walk.best_timetable(problem));
    Ok((found.unwrap_or(start), walk.proposals()))
}

impl Stage for Genetic {
    fn name(&self) -> &'static str {
        "ga"
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        let one = individual_bytes(&Shape::new(&plan.problem, !plan.problem.requests().is_empty()));
        let asked = SlotProblem::max_bytes(&plan.problem);
        let least = shared_bytes(&plan.problem) + worker_bytes(&plan.problem) + one + asked;
        MemoryRequirement { least, preferred: least + 3 * (one + worker_bytes(&plan.problem)) }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let Some(start) = plan.timetable.take() else {
            return Err(StageError::Lacks("a timetable to improve"));
        };
        if plan.problem.classes().is_empty() {
            // Nothing to move, whatever students ask for.
            ctx.stop.report_steps(0);
            let score = timetable::check(&plan.problem, &start).score;
            return Ok(plan.with_timetable(start, score));
        }
        let (start, used) = whole(&plan, start, ctx)?;
        let ctx = &without(ctx, used);
        let devices = device::open(self.gpu);
        let drivers: Vec<&dyn device::Driver> = devices.iter().map(|device| device as &dyn device::Driver).collect();
        let EvolutionOutcome { best, score, evaluated, individuals } = evolve(self, &plan, &start, ctx, &drivers)?;
        let evaluated = used + evaluated;
        ctx.stop.report_steps(evaluated);
        plan.notes.extend(how_many("individual", individuals as u64, evaluated, ctx));
        tracing::info!(individuals, evaluated, "genetic algorithm");
        Ok(plan.with_timetable(best, score))
    }
}
