//! HiGHS, modelled and solved through good_lp.

use super::model::model;
use super::rows::Rows;
use super::{Found, Limits};
use good_lp::solvers::highs::highs;
use good_lp::{ResolutionError, Solution, SolutionStatus, SolverModel, WithTimeLimit};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

pub(super) const NAME: &str = "HiGHS";

/// HiGHS is not told to stop in mid-solve: its time limit is what ends it.
pub(super) fn solve(rows: &Rows, limits: Limits, stopped: &AtomicBool) -> Found {
    if stopped.load(Ordering::Relaxed) {
        return Found::Nothing { nodes: 0 };
    }
    let (problem, variables) = model(rows, &[], highs);
    // Nothing but the best is called so.
    let mut problem = problem.set_threads(1).set_option("mip_rel_gap", 0.0);
    problem.set_verbose(false);
    if let Some(until) = limits.until {
        problem = problem.with_time_limit(until.saturating_duration_since(Instant::now()).as_secs_f64());
    }
    if let Some(nodes) = limits.nodes {
        problem = problem.set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX));
    }
    let nodes = limits.nodes.unwrap_or(0);
    match problem.solve() {
        Ok(solution) => {
            let values: Vec<i64> = variables.iter().map(|&v| solution.value(v).round() as i64).collect();
            let is_best = matches!(solution.status(), SolutionStatus::Optimal);
            let bound = if is_best { (rows.cost(&values) - rows.offset) as f64 } else { f64::NEG_INFINITY };
            Found::Solution { values, bound, is_best, nodes }
        }
        Err(ResolutionError::Infeasible) => Found::Infeasible,
        Err(ResolutionError::Other(_)) => Found::Nothing { nodes },
        Err(_) => Found::Failed,
    }
}
