//! The implementation `milp`.

use crate::worker::{Engine, WorkerProgram};
use pipeline::{Context, MemoryRequirement, Plan, Stage, StageError};
use std::{ffi::OsString, path::PathBuf};

/// Mixed-integer programming on small clusters and neighbourhoods, by an engine that is part of the
/// program.
///
/// With a step budget, a step is a 2,500th of a node of its search.
#[derive(Clone, Debug)]
pub struct Milp {
    /// The program that workers are, and its arguments before the engine's: it has to call
    /// [`worker::serve`](crate::worker::serve).
    pub worker: (PathBuf, Vec<OsString>),
}

impl Milp {
    /// With workers of this program.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Milp {
        Milp { worker: (program, arguments) }
    }
}

impl Stage for Milp {
    fn name(&self) -> &'static str {
        "milp"
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        super::memory(plan, &Engine::Milp)
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let (program, arguments) = self.worker.clone();
        super::solve(WorkerProgram { program, arguments, engine: Engine::Milp }, plan, ctx)
    }
}
