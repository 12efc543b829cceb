//! The implementation `bound`: what no valid timetable can cost less than, so that people know how
//! much there is left to gain.
//!
//! The problem is cut into parts that share no class; each is solved by itself, with all that
//! others could only make dearer, and what the solver proves of the parts adds up. A small problem
//! whose times are single slots is then taken as a whole, and what is proven is pushed up unit by
//! unit.

mod parts;
mod prover;

use crate::exact::find_ortools;
use crate::model::{Links, bundles};
use crate::solve_requests::SolveError;
use crate::worker::{Engine, WorkerPool, WorkerProgram};
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use prover::Prover;
pub(crate) use prover::proven;
use std::{ffi::OsString, path::PathBuf, sync::Arc};
use timetable::{Board, BoardIndex, Problem, Timetable};

/// A lower bound of the penalty of valid timetables, by CP-SAT; as sound as that solver's proofs.
///
/// With a step budget, a step is a millionth of the solver's deterministic time.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The program that workers are, and its arguments before the engine's: it has to call
    /// [`worker::serve`](crate::worker::serve).
    pub worker: (PathBuf, Vec<OsString>),
    /// OR-Tools' library; looked for where this is `None`.
    pub ortools: Option<PathBuf>,
}

impl Bound {
    /// With workers of this program, and the library that is found.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Bound {
        Bound { worker: (program, arguments), ortools: None }
    }
}

impl Stage for Bound {
    fn name(&self) -> &'static str {
        "bound"
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        let (board, engine) = (board_bytes(&plan.problem), Engine::CpSat(PathBuf::new()));
        MemoryRequirement { least: board, preferred: board + 2 * engine.first_guess().get() }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        ctx.stop.report_steps(0);
        let path = match find_ortools(self.ortools.as_deref()) {
            Ok(path) => path,
            Err(why) => {
                tracing::warn!("{why}: nothing is proven");
                plan.notes.push(format!("{why}: nothing is proven"));
                return Ok(plan);
            }
        };
        let problem = Arc::clone(&plan.problem);
        let _promised = ctx.ledger.reserve("board", Bytes::new(board_bytes(&problem)))?;
        let board = Board::with(&problem, Arc::new(BoardIndex::new(&problem)), &Timetable::empty(&problem));
        let links = Links::new(&problem);
        let (program, arguments) = self.worker.clone();
        let program = WorkerProgram { program, arguments, engine: Engine::CpSat(path) };
        let pool = WorkerPool::new(program, ctx.threads, ctx.ledger.clone());
        let reached = plan.score.filter(|score| score.is_valid()).map(|score| score.penalty);
        let mut prover = Prover::new(&board, &links, bundles(&problem, &links), pool, ctx, reached);
        let ended = prover.run();
        ctx.stop.report_workers(0);
        ctx.stop.report_steps(prover.steps_used());
        plan.notes.extend(prover.lines());
        match ended {
            Ok(()) => {}
            Err(SolveError::Refused(refused)) if ctx.stop.steps().is_some() => return Err(refused.into()),
            Err(SolveError::Memory(cap)) => {
                return Err(StageError::Memory { needed: 2 * cap.get(), available: cap.get() });
            }
            Err(SolveError::Refused(refused)) => plan.notes.push(format!("no memory for a solver: {refused}")),
            Err(SolveError::Other(why)) => plan.notes.push(format!("the solver was not used any more: {why}")),
        }
        if prover.bound() > plan.bound.unwrap_or(0) {
            plan.bound = Some(prover.bound());
        }
        Ok(plan)
    }
}

fn board_bytes(problem: &Problem) -> u64 {
    BoardIndex::max_bytes(problem) + Board::max_bytes(problem) + Links::max_bytes(problem)
}
