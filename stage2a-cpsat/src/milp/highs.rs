//! HiGHS, modelled and solved through good_lp.

use super::rows::Rows;
use super::{Found, Limits};
use good_lp::solvers::highs::highs;
use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution, SolutionStatus, SolverModel, Variable, WithTimeLimit,
    constraint, variable,
};
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
    let mut variables = ProblemVariables::new();
    let added: Vec<Variable> = rows
        .bounds
        .iter()
        .map(|&(least, most)| variables.add(variable().integer().min(least as f64).max(most as f64)))
        .collect();
    let sum = |terms: &[(i64, usize)]| {
        let mut sum = Expression::with_capacity(terms.len());
        terms.iter().for_each(|&(coeff, v)| sum.add_mul(coeff as f64, added[v]));
        sum
    };
    let mut problem = variables.minimise(sum(&rows.costs)).using(highs).set_threads(1);
    problem.set_verbose(false);
    // Nothing but the best is called so.
    let mut problem = problem.set_option("mip_rel_gap", 0.0);
    for row in &rows.rows {
        if let Some(least) = row.least {
            problem.add_constraint(constraint!(sum(&row.terms) >= least as f64));
        }
        if let Some(most) = row.most {
            problem.add_constraint(constraint!(sum(&row.terms) <= most as f64));
        }
    }
    if let Some(until) = limits.until {
        problem = problem.with_time_limit(until.saturating_duration_since(Instant::now()).as_secs_f64());
    }
    if let Some(nodes) = limits.nodes {
        problem = problem.set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX));
    }
    let nodes = limits.nodes.unwrap_or(0);
    match problem.solve() {
        Ok(solution) => {
            let values: Vec<i64> = added.iter().map(|&v| solution.value(v).round() as i64).collect();
            let is_best = matches!(solution.status(), SolutionStatus::Optimal);
            let bound = if is_best { (rows.cost(&values) - rows.offset) as f64 } else { f64::NEG_INFINITY };
            Found::Solution { values, bound, is_best, nodes }
        }
        Err(ResolutionError::Infeasible) => Found::Infeasible,
        Err(ResolutionError::Other(_)) => Found::Nothing { nodes },
        Err(_) => Found::Failed,
    }
}
