//! Whether the solver works: a small question whose answer is known.

use super::{Solver, Status, WorkerError, WorkerProgram};
use cp_sat::builder::{CpModelBuilder, LinearExpr};
use cp_sat::prost::Message;
use cp_sat::proto::SatParameters;
use memguard::Bytes;
use std::time::{Duration, Instant};

/// Memory for the worker.
const MEMORY: Bytes = Bytes::mb(512);
/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Why the solver cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// The worker cannot be started.
    #[error("the worker cannot be started: {0}")]
    Start(#[from] std::io::Error),
    /// It was lost.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// It answered what is wrong.
    #[error("the solver answers {status:?} with a cost of {objective}, expected Optimal with {expected}")]
    Wrong {
        /// What it says.
        status: Status,
        /// The cost that it says.
        objective: f64,
        /// The right one.
        expected: i64,
    },
}

/// Starts a worker, has it solve a question of which the answer is known, and tells OR-Tools'
/// version and how long that took.
///
/// # Errors
/// Why the solver cannot be used.
pub fn self_test(program: &WorkerProgram) -> Result<(String, Duration), SelfTestError> {
    let began = Instant::now();
    let mut solver = Solver::start(program, MEMORY)?;
    let version = solver.ready(began + LIMIT)?;
    // Eight classes at eight times, each once; class `c` at time `t` costs (c · t) mod 8, or 9 more
    // on the diagonal.
    const N: usize = 8;
    let cost = |c: usize, t: usize| (c * t % N + if c == t { 9 } else { 0 }) as i64;
    let mut model = CpModelBuilder::default();
    let at: Vec<Vec<_>> = (0..N).map(|_| (0..N).map(|_| model.new_bool_var()).collect()).collect();
    let mut sum = LinearExpr::default();
    for c in 0..N {
        model.add_exactly_one(at[c].iter().copied());
        model.add_exactly_one((0..N).map(|t| at[t][c]));
        (0..N).for_each(|t| sum += (cost(c, t), at[c][t]));
    }
    model.minimize(sum);
    let parameters = SatParameters {
        num_workers: Some(1),
        catch_sigint_signal: Some(false),
        max_time_in_seconds: Some(LIMIT.as_secs_f64()),
        ..SatParameters::default()
    };
    solver.submit(&model.proto().encode_to_vec(), &parameters, began + LIMIT)?;
    let answer = solver.wait()?;
    let expected = cheapest(&mut [0; N].map(|_| false), 0, &cost);
    if answer.status == Status::Optimal && answer.objective.round() as i64 == expected {
        return Ok((version, began.elapsed()));
    }
    Err(SelfTestError::Wrong { status: answer.status, objective: answer.objective, expected })
}

/// The least cost of all assignments, by trying them.
fn cheapest(taken: &mut [bool], class: usize, cost: &impl Fn(usize, usize) -> i64) -> i64 {
    if class == taken.len() {
        return 0;
    }
    let mut best = i64::MAX;
    for time in 0..taken.len() {
        if !taken[time] {
            taken[time] = true;
            best = best.min(cost(class, time) + cheapest(taken, class + 1, cost));
            taken[time] = false;
        }
    }
    best
}
