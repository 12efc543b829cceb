//! Whether a stage's plan may take the place of the one it was given.

use crate::folder::{clusters_fit, problem_hash};
use crate::plan::Plan;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};
use timetable::{FitError, Problem, Score, Timetable};

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

/// The checker as a judge.
pub fn checker() -> Arc<dyn Judge> {
    Arc::new(|problem: &Problem, timetable: &Timetable| timetable::check(problem, timetable).score)
}

/// Why a stage's plan is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmError {
    /// It is for another problem.
    #[error("it is for another problem")]
    OtherProblem,
    /// Its clusters are not clusters of the problem's classes.
    #[error("{0}")]
    Clusters(String),
    /// Its lower bound is negative.
    #[error("it claims that nothing costs less than {0}, expected 0 or more")]
    NegativeBound(i64),
    /// It has no timetable, and the plan given had one.
    #[error("it has lost the timetable")]
    LostTimetable,
    /// It has a score and no timetable.
    #[error("it claims a score ({0}) without a timetable")]
    ScoreOfNothing(Score),
    /// Its timetable is not one of the problem.
    #[error("its timetable does not fit the problem: {0}")]
    Misfit(#[from] FitError),
    /// It has a timetable and no score.
    #[error("it has a timetable without a score")]
    NoScore,
    /// The checker finds another score.
    #[error("it claims {claimed}, the checker finds {found}")]
    OtherScore {
        /// What the stage says.
        claimed: Score,
        /// What the checker says.
        found: Score,
    },
    /// Its own timetable contradicts its lower bound.
    #[error("it claims that no valid timetable costs less than {bound}, and there is one with {penalty}")]
    Contradiction {
        /// The lower bound.
        bound: i64,
        /// The penalty of a valid timetable.
        penalty: i64,
    },
    /// It is worse than the plan given.
    #[error("it is worse: {claimed}, before {before}")]
    Worse {
        /// Its score.
        claimed: Score,
        /// The score of the plan given.
        before: Score,
    },
    /// The checker panicked on it.
    #[error("the checker failed on it")]
    Checker,
}

/// Confirms what a stage claims of its plan.
///
/// # Errors
/// Why the plan is refused.
pub fn confirm(given: &Plan, made: &Plan, judge: &dyn Judge) -> Result<(), ConfirmError> {
    if !Arc::ptr_eq(&given.problem, &made.problem) && problem_hash(&given.problem) != problem_hash(&made.problem) {
        return Err(ConfirmError::OtherProblem);
    }
    if let Some(clusters) = &made.clusters {
        clusters_fit(clusters, &given.problem).map_err(ConfirmError::Clusters)?;
    }
    if let Some(bound) = made.bound.filter(|&bound| bound < 0) {
        return Err(ConfirmError::NegativeBound(bound));
    }
    let Some(timetable) = &made.timetable else {
        return match (&given.timetable, made.score) {
            (Some(_), _) => Err(ConfirmError::LostTimetable),
            (None, Some(claimed)) => Err(ConfirmError::ScoreOfNothing(claimed)),
            (None, None) => Ok(()),
        };
    };
    timetable.fits(&given.problem)?;
    let Some(claimed) = made.score else { return Err(ConfirmError::NoScore) };
    // The same timetable as before was confirmed before.
    let unchanged = given.score == Some(claimed) && given.timetable.as_ref() == Some(timetable);
    let found = if unchanged { claimed } else { judge.score(&given.problem, timetable) };
    if found != claimed {
        return Err(ConfirmError::OtherScore { claimed, found });
    }
    if let Some(bound) =
        made.bound.filter(|&bound| made.bound > given.bound && found.is_valid() && found.penalty < bound)
    {
        return Err(ConfirmError::Contradiction { bound, penalty: found.penalty });
    }
    match given.score {
        Some(before) if claimed > before => Err(ConfirmError::Worse { claimed, before }),
        _ => Ok(()),
    }
}

/// The same; a panic of the checker is an error, too.
pub(crate) fn confirm_safely(given: &Plan, made: &Plan, judge: &dyn Judge) -> Result<(), ConfirmError> {
    catch_unwind(AssertUnwindSafe(|| confirm(given, made, judge))).unwrap_or(Err(ConfirmError::Checker))
}
