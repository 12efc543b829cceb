//! The same models for an engine of another kind: mixed-integer programming through `good_lp`.
//!
//! A model comes as the message that CP-SAT gets, and the answer goes back as the message that
//! CP-SAT gives, so that whoever asks need not know which engine is at work. The engine is microlp,
//! which is part of the program; with the feature `highs` it is HiGHS.

#[cfg(feature = "highs")]
mod highs;
#[cfg(not(feature = "highs"))]
mod microlp;
mod model;
mod rows;

#[cfg(feature = "highs")]
use self::highs as engine;
#[cfg(not(feature = "highs"))]
use self::microlp as engine;

use cp_sat::prost::Message;
use cp_sat::proto::{CpModelProto, CpSolverResponse, CpSolverStatus, SatParameters};
use rows::Rows;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// The engine's name.
pub(crate) const ENGINE: &str = engine::NAME;

/// One solve, which another thread may stop.
#[derive(Debug, Default)]
pub(crate) struct Search {
    stopped: AtomicBool,
}

/// How long an engine may work.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Until then.
    until: Option<Instant>,
    /// So many nodes of its search, whatever the time.
    nodes: Option<u64>,
}

/// What an engine found.
#[derive(Debug)]
enum Found {
    /// Values of the variables, nothing costs less than the bound, whether it is proven best, and
    /// nodes that the search took.
    Solution { values: Vec<i64>, bound: f64, is_best: bool, nodes: u64 },
    /// Nothing in time.
    Nothing { nodes: u64 },
    /// There is nothing.
    Infeasible,
    /// The engine's own trouble.
    Failed,
}

/// A deterministic second of CP-SAT is so many nodes. It is for budgets in steps, where the clock
/// may decide nothing.
const NODES_A_SECOND: f64 = 400.0;

impl Search {
    /// Solves a serialised `CpModelProto` with the limits of serialised `SatParameters`; gives a
    /// serialised `CpSolverResponse`.
    pub(crate) fn solve(&self, model: &[u8], parameters: &[u8]) -> Vec<u8> {
        let started = Instant::now();
        let answer = match (CpModelProto::decode(model), SatParameters::decode(parameters)) {
            // An engine that trips over a model has no answer, and the worker lives.
            (Ok(model), Ok(parameters)) => catch_unwind(AssertUnwindSafe(|| self.answer(&model, &parameters, started)))
                .unwrap_or_else(|_| invalid("the engine panicked")),
            _ => invalid("no model"),
        };
        answer.encode_to_vec()
    }

    /// Asks the search to end with the best found so far.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn answer(&self, model: &CpModelProto, parameters: &SatParameters, started: Instant) -> CpSolverResponse {
        let rows = match Rows::of(model) {
            Ok(rows) => rows,
            Err(why) => return invalid(&why),
        };
        let time = parameters.max_time_in_seconds.filter(|seconds| seconds.is_finite());
        let limits = Limits {
            until: time.map(|seconds| started + Duration::from_secs_f64(seconds.clamp(0.0, 1e6))),
            nodes: parameters.max_deterministic_time.filter(|t| t.is_finite()).map(|t| (t * NODES_A_SECOND) as u64),
        };
        let mut response = CpSolverResponse { solution_info: ENGINE.into(), ..CpSolverResponse::default() };
        response.set_status(CpSolverStatus::Unknown);
        let nodes = match engine::solve(&rows, limits, &self.stopped) {
            Found::Solution { values, bound, is_best, nodes } if rows.holds(&values) => {
                response.set_status(if is_best { CpSolverStatus::Optimal } else { CpSolverStatus::Feasible });
                response.objective_value = rows.cost(&values) as f64;
                response.best_objective_bound = bound + rows.offset as f64;
                response.solution = values;
                nodes
            }
            Found::Solution { nodes, .. } | Found::Nothing { nodes } => nodes,
            Found::Infeasible => {
                response.set_status(CpSolverStatus::Infeasible);
                0
            }
            Found::Failed => 0,
        };
        response.wall_time = started.elapsed().as_secs_f64();
        response.deterministic_time = (nodes + 1) as f64 / NODES_A_SECOND;
        response
    }
}

fn invalid(why: &str) -> CpSolverResponse {
    let mut response = CpSolverResponse { solution_info: why.into(), ..CpSolverResponse::default() };
    response.set_status(CpSolverStatus::ModelInvalid);
    response
}

#[cfg(test)]
mod tests;
