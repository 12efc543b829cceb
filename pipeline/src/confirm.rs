//! Whether a stage's plan may take the place of the one it was given.

use crate::folder::{clusters_fit, problem_hash};
use crate::plan::Plan;
use std::sync::Arc;
use timetable::{Problem, Score, Timetable};

/// Says what a timetable is worth; shares no code with the stages.
pub trait Judge: Send + Sync {
    /// The score of a timetable that fits the problem.
    fn score(&self, problem: &Problem, timetable: &Timetable) -> Score;
}

impl<F: Fn(&Problem, &Timetable) -> Score + Send + Sync> Judge for F {
    fn score(&self, problem: &Problem, timetable: &Timetable) -> Score {
        self(problem, timetable)
    }
}

/// Confirms what a stage claims of its plan.
///
/// # Errors
/// Why the plan is refused, for people.
pub fn confirm(given: &Plan, made: &Plan, judge: &dyn Judge) -> Result<(), String> {
    if !Arc::ptr_eq(&given.problem, &made.problem) && problem_hash(&given.problem) != problem_hash(&made.problem) {
        return Err("it is for another problem".into());
    }
    if let Some(clusters) = &made.clusters {
        clusters_fit(clusters, &given.problem)?;
    }
    if let Some(bound) = made.bound.filter(|&bound| bound < 0) {
        return Err(format!("it claims that nothing costs less than {bound}, expected 0 or more"));
    }
    let Some(timetable) = &made.timetable else {
        return match (&given.timetable, made.score) {
            (Some(_), _) => Err("it has lost the timetable".into()),
            (None, Some(claimed)) => Err(format!("it claims a score ({claimed}) without a timetable")),
            (None, None) => Ok(()),
        };
    };
    timetable.fits(&given.problem).map_err(|why| format!("its timetable does not fit the problem: {why}"))?;
    let Some(claimed) = made.score else { return Err("it has a timetable without a score".into()) };
    // The same timetable as before was confirmed before.
    let unchanged = given.score == Some(claimed) && given.timetable.as_ref() == Some(timetable);
    let found = if unchanged { claimed } else { judge.score(&given.problem, timetable) };
    if found != claimed {
        return Err(format!("it claims {claimed}, the checker finds {found}"));
    }
    if let Some(bound) =
        made.bound.filter(|&bound| made.bound > given.bound && found.is_valid() && found.penalty < bound)
    {
        return Err(format!(
            "it claims that no valid timetable costs less than {bound}, and there is one with {}",
            found.penalty
        ));
    }
    match given.score {
        Some(before) if claimed > before => Err(format!("it is worse: {claimed}, before {before}")),
        _ => Ok(()),
    }
}
