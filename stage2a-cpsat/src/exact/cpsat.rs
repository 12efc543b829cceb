//! The implementation `cpsat`.

use crate::greedy::Greedy;
use crate::ortools::{self, Finding};
use crate::worker::{Engine, WorkerProgram};
use pipeline::{Context, MemoryRequirement, Plan, Stage, StageError};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// OR-Tools' CP-SAT on clusters and neighbourhoods.
///
/// With a step budget, a step is a millionth of the solver's deterministic time.
#[derive(Clone, Debug)]
pub struct CpSat {
    /// The program that workers are, and its arguments before the engine's: it has to call
    /// [`worker::serve`](crate::worker::serve).
    pub worker: (PathBuf, Vec<OsString>),
    /// OR-Tools' library; looked for where this is `None`.
    pub ortools: Option<PathBuf>,
}

impl CpSat {
    /// With workers of this program, and the library that is found.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> CpSat {
        CpSat { worker: (program, arguments), ortools: None }
    }
}

/// The library at `named`, or the one that is found; otherwise a line that says that there is none.
pub(crate) fn find_ortools(named: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(path) = named {
        return Ok(path.into());
    }
    match ortools::find() {
        Finding::Found(path) => Ok(path),
        Finding::NotWhereNamed(path) => {
            Err(format!("no OR-Tools at {}, which {} names", path.display(), ortools::VARIABLE))
        }
        Finding::Nowhere => Err("no OR-Tools on this machine (`stagecoach setup` fetches it)".into()),
    }
}

impl Stage for CpSat {
    fn name(&self) -> &'static str {
        "cpsat"
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        super::memory(plan, &Engine::CpSat(PathBuf::new()))
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        match find_ortools(self.ortools.as_deref()) {
            Ok(path) => {
                let (program, arguments) = self.worker.clone();
                super::solve(WorkerProgram { program, arguments, engine: Engine::CpSat(path) }, plan, ctx)
            }
            Err(why) => {
                let what = if super::is_sound(&plan) { "nothing is polished" } else { "the timetable is greedy's" };
                let mut plan = Greedy.run(plan, ctx)?;
                tracing::warn!("{why}: {what}");
                plan.notes.push(format!("{why}: {what}"));
                Ok(plan)
            }
        }
    }
}
