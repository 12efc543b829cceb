//! A stage for the case that the one before it fails.

use crate::context::Context;
use crate::plan::{Outcome, Plan};
use crate::stage::{MemoryAsk, Stage, StageError};
use std::time::Duration;

/// With less time than this nothing is begun.
const LEAST: Duration = Duration::from_millis(100);

/// Runs a stage where the step before it has failed, on what that left of the budget; otherwise does nothing.
///
/// It is a step of its own with share 0 (see [`Shares`](crate::Shares)), so that it takes nothing from the step that it stands in for.
pub struct Fallback {
    stage: Box<dyn Stage>,
    part: f64,
}

impl Fallback {
    /// `part` is what it may use, as a fraction of all that is left: the steps after it are to have the rest.
    pub fn new(stage: Box<dyn Stage>, part: f64) -> Fallback {
        Fallback { stage, part }
    }
}

/// The name of the step before, where it has failed.
fn failed(plan: &Plan) -> Option<&str> {
    let last = plan.history.last().filter(|record| matches!(record.outcome, Outcome::Failed(_)))?;
    Some(&last.implementation)
}

impl Stage for Fallback {
    fn name(&self) -> &'static str {
        self.stage.name()
    }

    fn memory(&self, plan: &Plan) -> MemoryAsk {
        if failed(plan).is_some() { self.stage.memory(plan) } else { MemoryAsk::default() }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let stop = ctx.stop.part(self.part);
        let is_over = stop.time_left().is_some_and(|left| left < LEAST) || stop.steps() == Some(0);
        let idle = match failed(&plan) {
            None => "not needed: the stage before it did not fail".to_owned(),
            Some(failed) if is_over => format!("nothing of the budget is left after `{failed}`"),
            Some(failed) => {
                let name = self.name();
                let note = format!("in the place of `{failed}`, which failed");
                tracing::warn!("`{failed}` failed: what it left goes to `{name}`");
                let mut made = self.stage.run(plan, &Context { stop, ..ctx.clone() })?;
                made.notes.insert(0, note);
                return Ok(made);
            }
        };
        ctx.stop.report_steps(0);
        plan.notes = vec![idle];
        Ok(plan)
    }
}
