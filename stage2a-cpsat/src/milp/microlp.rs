//! microlp: modelled through good_lp; solved in short turns, so that it can be told to stop.

use super::model::model;
use super::rows::Rows;
use super::{Found, Limits};
use good_lp::solvers::microlp::{MicroLpProblem, microlp as engine};
use microlp::{Error, ResumeOptions, SolveOptions, SolveOutcome, TerminationReason};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

pub(super) const NAME: &str = "microlp";

/// It is asked to pause this often.
const TURN: Duration = Duration::from_millis(50);
const NODES_A_TURN: u64 = 20;
/// Nodes for the values that a hint leaves open.
const NODES_OF_HINT: u64 = 20;

pub(super) fn solve(rows: &Rows, limits: Limits, stopped: &AtomicBool) -> Found {
    let warm = hinted(rows, limits, stopped);
    match run(&model(rows, &[], engine).0, warm, limits, stopped) {
        Ok(outcome) => found(outcome),
        Err(Error::Infeasible) => Found::Infeasible,
        Err(_) => Found::Failed,
    }
}

/// The hint made whole: values of all variables, where there are such.
fn hinted(rows: &Rows, limits: Limits, stopped: &AtomicBool) -> Option<Vec<(microlp::Variable, f64)>> {
    if rows.hint.is_empty() {
        return None;
    }
    let limits = Limits { nodes: Some(NODES_OF_HINT), ..limits };
    let outcome = run(&model(rows, &rows.hint, engine).0, None, limits, stopped).ok()?;
    Some(outcome.solution()?.iter().collect())
}

/// Solves in turns until it has ended, or a limit is reached.
fn run(
    problem: &MicroLpProblem,
    warm: Option<Vec<(microlp::Variable, f64)>>,
    limits: Limits,
    stopped: &AtomicBool,
) -> Result<SolveOutcome, Error> {
    // Where the clock may decide nothing, turns are counted in nodes.
    let (time, nodes) = match limits.nodes {
        Some(most) => (None, Some(NODES_A_TURN.min(most))),
        None => (Some(TURN), None),
    };
    let (mut options, mut more) = (SolveOptions::default(), ResumeOptions::default());
    (options.time_limit, options.node_limit, options.warm_start) = (time, nodes, warm);
    (more.time_limit, more.node_limit) = (time, nodes);
    let mut outcome = problem.as_inner().solve_with(options)?;
    loop {
        let may_go_on =
            matches!(outcome.termination_reason(), TerminationReason::TimeLimit | TerminationReason::NodeLimit);
        let is_over = stopped.load(Ordering::Relaxed)
            || limits.until.is_some_and(|until| Instant::now() >= until)
            || limits.nodes.is_some_and(|most| outcome.stats().nodes_solved >= most);
        if !may_go_on || is_over {
            return Ok(outcome);
        }
        outcome = outcome.resume_with(more.clone())?;
    }
}

fn found(outcome: SolveOutcome) -> Found {
    let stats = outcome.stats();
    let nodes = stats.nodes_solved;
    let is_best = outcome.is_optimal();
    match outcome.into_solution() {
        Ok(solution) => {
            let values = solution.iter().map(|(variable, _)| solution.var_value(variable).round() as i64).collect();
            let bound = if is_best { solution.objective() } else { stats.best_bound.unwrap_or(f64::NEG_INFINITY) };
            Found::Solution { values, bound, is_best, nodes }
        }
        Err(_) => Found::Nothing { nodes },
    }
}
