//! The one trait that every stage implements.

use crate::context::Context;
use crate::plan::Plan;
use memguard::Bytes;

/// How much memory a stage would like, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryRequirement {
    /// With less than this it cannot work.
    pub least: u64,
    /// With this it works as well as it can.
    pub preferred: u64,
}

/// Why a stage gave no plan. The plan that it was given is kept by the runner.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The plan lacks what the stage needs (a timetable to improve, clusters).
    #[error("the plan lacks {0}")]
    Lacks(&'static str),
    /// There is less memory than the stage's least ask.
    #[error("needs {} of memory, and {} are free for it", Bytes::new(*needed), Bytes::new(*available))]
    Memory {
        /// Bytes needed.
        needed: u64,
        /// Bytes there are.
        available: u64,
    },
    /// There is no room for the stack of a thread.
    #[error("cannot start a thread, which takes {stack} of address space: {why}")]
    Thread {
        /// The stack.
        stack: Bytes,
        /// What the system says.
        why: std::io::Error,
    },
    /// The ledger refused what the stage cannot do without.
    #[error(transparent)]
    Refused(#[from] memguard::Refused),
    /// Anything else, in words.
    #[error("{0}")]
    Failed(String),
}

impl StageError {
    /// Whether more memory would have helped.
    pub fn is_memory(&self) -> bool {
        matches!(self, StageError::Memory { .. } | StageError::Refused(_) | StageError::Thread { .. })
    }
}

/// A step of the pipeline: takes a plan, gives a plan.
///
/// To add one: implement `name` and `run` in the crate of its stage; poll [`Context::stop`] at
/// least every few milliseconds and return the best so far when it says so; draw random numbers
/// from [`Context::seed`] alone; report work done through [`Context::progress`]; add a row to the
/// registry of the crate `scheduler`. The runner confirms the score with the checker and refuses a
/// plan that is worse than the one given. `docs/architecture.md` has this as numbered steps.
pub trait Stage: Send + Sync {
    /// The implementation's name, as in the configuration (`annealing`).
    fn name(&self) -> &'static str;

    /// Does the work.
    ///
    /// # Errors
    /// Why no plan could be made; the plan given is not lost.
    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError>;

    /// What it needs for this plan; the default asks for nothing.
    fn memory(&self, _plan: &Plan) -> MemoryRequirement {
        MemoryRequirement::default()
    }

    /// Whether there is anything to do for a plan like this one. A part of the budget is kept back
    /// for a later stage only if so; the stage runs either way, on what is left by then.
    fn has_work(&self, _plan: &Plan) -> bool {
        true
    }
}
