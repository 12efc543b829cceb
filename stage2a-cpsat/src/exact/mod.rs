//! The implementations `cpsat` and `milp`: a solver solves the clusters, each given what all others
//! have, then neighbourhoods of any kind as long as there is time.
//!
//! Greedy's timetable comes first: it is what the solver is given as a hint, what stays where the
//! solver finds nothing, and all there is where there is no solver. An answer is put on the board,
//! and taken back where the board says that it is worse: nothing that the solver claims is
//! believed.

mod cpsat;
mod engine_limits;
mod job;
mod milp;
mod neighbourhoods;
mod search;
mod search_strategy;
mod seats;
mod tally;

pub use cpsat::CpSat;
pub(crate) use cpsat::find_ortools;
pub use milp::Milp;

use crate::greedy::Greedy;
use crate::model::Links;
use crate::worker::{Engine, WorkerProgram};
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use search::Search;
use std::sync::Arc;
use timetable::{Board, BoardIndex, Problem};

/// What greedy may take of the budget.
const GREEDY: f64 = 0.3;

/// What a stage with workers of an engine needs.
fn memory(plan: &Plan, engine: &Engine) -> MemoryRequirement {
    let greedy = Greedy.memory(plan);
    // Without room for a solver it is greedy.
    MemoryRequirement { least: greedy.least, preferred: greedy.preferred + 2 * engine.first_guess().get() }
}

/// Greedy's timetable, made better by workers.
fn solve(program: WorkerProgram, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
    let polishes = is_sound(&plan);
    let mut first = ctx.clone();
    first.stop = ctx.stop.part(GREEDY);
    let mut plan = Greedy.run(plan, &first)?;
    let used = ctx.stop.steps_used().unwrap_or(0);
    let Some(start) = plan.timetable.take() else { return Err(StageError::Lacks("a timetable")) };
    let problem = Arc::clone(&plan.problem);
    let _promised = ctx.ledger.reserve("board", Bytes::new(board_bytes(&problem)))?;
    let index = Arc::new(BoardIndex::new(&problem));
    let board = Board::with(&problem, index, &start);
    let links = Links::new(&problem);
    let mut search = Search::new(board, &links, plan.clusters.as_deref(), program, polishes, ctx);
    search.run();
    if let Some(why) = search.lacks_memory() {
        return Err(why);
    }
    ctx.stop.report_steps(used + search.steps_used());
    ctx.stop.report_workers(0);
    plan.notes.extend(search.lines());
    let (timetable, score) = search.into_best();
    Ok(plan.with_timetable(timetable, score))
}

/// Whether there is a timetable already that breaks no hard rule: that one is polished.
fn is_sound(plan: &Plan) -> bool {
    plan.timetable.is_some() && plan.score.is_some_and(|score| score.is_valid())
}

fn board_bytes(problem: &Problem) -> u64 {
    let timetable = 4 * (problem.classes().len() + problem.enrolment_slots()) as u64;
    BoardIndex::max_bytes(problem) + Board::max_bytes(problem) + Links::max_bytes(problem) + timetable
}
