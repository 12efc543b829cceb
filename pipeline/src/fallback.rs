//! A stage for the case that the one before it gives nothing.

use crate::context::Context;
use crate::plan::{Outcome, Plan};
use crate::stage::{MemoryRequirement, Stage, StageError};
use std::time::Duration;

/// With less time than this nothing is begun.
const LEAST: Duration = Duration::from_millis(100);

/// Runs a stage where the step before it has failed or its plan was refused, on what that left of
/// the budget; otherwise does nothing.
///
/// It is a step of its own with share 0 (see [`Shares`](crate::Shares)), so that it takes nothing
/// from the step that it stands in for.
pub struct Fallback {
    stage: Box<dyn Stage>,
    part: f64,
}

impl Fallback {
    /// `part` is what it may use, as a fraction of all that is left: the steps after it are to have
    /// the rest.
    pub fn new(stage: Box<dyn Stage>, part: f64) -> Fallback {
        Fallback { stage, part }
    }
}

/// The name of the step before, where it gave nothing, and how that came.
fn vain(plan: &Plan) -> Option<(&str, &'static str)> {
    let last = plan.history.last()?;
    let how = match last.outcome {
        Outcome::Taken => return None,
        Outcome::Failed(_) => "failed",
        Outcome::Refused(_) => "was refused",
    };
    Some((&last.implementation, how))
}

impl Stage for Fallback {
    fn name(&self) -> &'static str {
        self.stage.name()
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        if vain(plan).is_some() { self.stage.memory(plan) } else { MemoryRequirement::default() }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let stop = ctx.stop.part(self.part);
        let is_over = stop.time_left().is_some_and(|left| left < LEAST) || stop.steps() == Some(0);
        let idle = match vain(&plan) {
            None => "not needed: the stage before it did not fail".to_owned(),
            Some((before, _)) if is_over => format!("nothing of the budget is left after `{before}`"),
            Some((before, how)) => {
                let note = format!("in the place of `{before}`, which {how}");
                tracing::warn!("`{}` runs in the place of `{before}`, with what is left of its budget", self.name());
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
