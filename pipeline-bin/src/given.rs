//! The timetable that a command is given.

use anyhow::{Context, Result};
use pipeline::Plan;
use scheduler::solutions::{self, AnyTimetable};
use std::path::Path;

/// That of a solution, whose classes may be at places that are none of their own (the problem may
/// have changed since), else the plan's. `or` is what else the user could have named.
pub(crate) fn timetable(plan: Plan, solution: Option<&Path>, input: &Path, or: &str) -> Result<AnyTimetable> {
    if let Some(path) = solution {
        return Ok(solutions::load_any(&plan.problem, path, input)?);
    }
    let timetable = plan
        .timetable
        .with_context(|| format!("{}: no timetable in it, expected a plan with one, or {or}", input.display()))?;
    Ok(AnyTimetable::of(&plan.problem, &timetable))
}
