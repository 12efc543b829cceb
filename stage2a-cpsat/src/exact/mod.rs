//! The implementation `cpsat`: OR-Tools' CP-SAT solves the clusters, each given what all others have, then neighbourhoods of any
//! kind as long as there is time.
//!
//! Greedy's timetable comes first: it is what the solver is given as a hint, what stays where the solver finds nothing, and all there is
//! where there is no solver. An answer is put on the board, and taken back where the board says that it is worse: nothing that the
//! solver claims is believed.

mod job;
mod neighbourhoods;
mod recipe;
mod search;
mod tally;
mod team;

use crate::greedy::Greedy;
use crate::model::Links;
use crate::ortools::{self, Finding};
use crate::worker::WorkerProgram;
use pipeline::{Bytes, Context, MemoryAsk, Plan, Stage, StageError};
use search::Search;
use std::{ffi::OsString, path::PathBuf, sync::Arc};
use timetable::{Board, BoardIndex, Problem};

/// CP-SAT on clusters and neighbourhoods.
///
/// With a step budget, a step is a millionth of the solver's deterministic time.
#[derive(Clone, Debug)]
pub struct CpSat {
    /// The program that workers are, and its arguments before the path of the library: it has to call
    /// [`worker::serve`](crate::worker::serve).
    pub worker: (PathBuf, Vec<OsString>),
    /// OR-Tools' library; looked for where this is `None`.
    pub ortools: Option<PathBuf>,
}

/// What greedy may take of the budget.
const GREEDY: f64 = 0.3;

impl CpSat {
    /// With workers of this program, and the library that is found.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> CpSat {
        CpSat { worker: (program, arguments), ortools: None }
    }

    fn find_ortools(&self) -> Result<PathBuf, String> {
        if let Some(path) = &self.ortools {
            return Ok(path.clone());
        }
        match ortools::find() {
            Finding::Found(path) => Ok(path),
            Finding::NotWhereNamed(path) => {
                Err(format!("no OR-Tools at {}, which {} names", path.display(), ortools::VARIABLE))
            }
            Finding::Nowhere => Err("no OR-Tools on this machine (`stagecoach setup` fetches it)".into()),
        }
    }
}

impl Stage for CpSat {
    fn name(&self) -> &'static str {
        "cpsat"
    }

    fn memory(&self, plan: &Plan) -> MemoryAsk {
        let greedy = Greedy.memory(plan);
        // Without room for a solver it is greedy.
        MemoryAsk { least: greedy.least, preferred: greedy.preferred + 2 * team::PREFERRED.get() }
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let ortools = self.find_ortools();
        let part = if ortools.is_ok() { GREEDY } else { 1.0 };
        let mut first = ctx.clone();
        first.stop = ctx.stop.part(part);
        let mut plan = Greedy.run(plan, &first)?;
        let used = ctx.stop.steps_used().unwrap_or(0);
        let ortools = match ortools {
            Ok(path) => path,
            Err(why) => {
                tracing::warn!("{why}: the timetable is greedy's");
                plan.notes.push(format!("{why}: the timetable is greedy's"));
                return Ok(plan);
            }
        };
        let Some(start) = plan.timetable.take() else { return Err(StageError::Lacks("a timetable")) };
        let problem = Arc::clone(&plan.problem);
        let _promised = ctx.ledger.reserve("board", Bytes::new(board_bytes(&problem)))?;
        let index = Arc::new(BoardIndex::new(&problem));
        let board = Board::with(&problem, index, &start);
        let links = Links::new(&problem);
        let (program, arguments) = self.worker.clone();
        let program = WorkerProgram { program, arguments, ortools };
        let mut search = Search::new(board, &links, plan.clusters.as_deref(), program, ctx);
        search.run();
        if let Some(refused) = search.refused() {
            return Err(refused.into());
        }
        ctx.stop.report_steps(used + search.steps_used());
        ctx.stop.report_workers(0);
        plan.notes.extend(search.lines());
        let (timetable, score) = search.into_best();
        Ok(plan.with_timetable(timetable, score))
    }
}

fn board_bytes(problem: &Problem) -> u64 {
    let timetable = 4 * (problem.classes().len() + problem.enrolment_slots()) as u64;
    BoardIndex::ask(problem) + Board::ask(problem) + Links::ask(problem) + timetable
}
