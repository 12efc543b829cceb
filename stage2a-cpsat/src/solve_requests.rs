//! Questions to workers, many at a time, and what became of them.

use crate::worker::{Answer, PoolError, WorkerError, WorkerPool};
use cp_sat::proto::SatParameters;
use memguard::{Bytes, Exit, Level};
use pipeline::{Context, Refused};
use std::time::{Duration, Instant};

/// Something to be solved.
#[derive(Debug)]
pub(crate) struct SolveRequest {
    pub(crate) model: Vec<u8>,
    pub(crate) parameters: SatParameters,
    /// Seconds that it may take, where time is what the run may spend.
    pub(crate) seconds: f64,
}

/// Why there is nobody to ask.
#[derive(Debug)]
pub(crate) enum SolveError {
    Refused(Refused),
    /// A worker needs more than this.
    Memory(Bytes),
    Other(String),
}

impl From<PoolError> for SolveError {
    fn from(why: PoolError) -> SolveError {
        match why {
            PoolError::Refused(refused) => SolveError::Refused(refused),
            why => SolveError::Other(why.to_string()),
        }
    }
}

/// A question that a worker is at.
struct Pending {
    worker: usize,
    number: usize,
    request: SolveRequest,
}

fn submit(pool: &mut WorkerPool, worker: usize, number: usize, request: SolveRequest) -> Pending {
    let until = Instant::now() + Duration::from_secs_f64(request.seconds + 0.2);
    // A worker that cannot be written to has ended; `poll` says how.
    let _ = pool.submit(worker, &request.model, &request.parameters, until);
    Pending { worker, number, request }
}

/// Memory, halts and deadlines are looked at so often.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// So many workers in a row may be lost.
const LOSSES: usize = 4;

/// Asks the questions that `next` gives, by number, and hands over the answers; `None` where a
/// worker was lost. Ends with the last answer, when time is up, or when `on_answer` says that it is
/// enough.
pub(crate) fn solve_all(
    pool: &mut WorkerPool,
    ctx: &Context,
    next: &mut dyn FnMut() -> Option<(usize, SolveRequest)>,
    on_answer: &mut dyn FnMut(usize, Option<Answer>) -> bool,
) -> Result<(), SolveError> {
    let mut pending: Vec<Pending> = Vec::new();
    let mut again: Vec<(usize, SolveRequest, Bytes)> = Vec::new();
    let mut next_request = next();
    let mut lost_in_a_row = 0;
    loop {
        let mut moved = false;
        if pending.is_empty()
            && let Some((number, request, memory)) = again.pop()
        {
            let worker = pool.alone(memory).map_err(SolveError::from)?;
            pending.push(submit(pool, worker, number, request));
            moved = true;
        }
        while let Some((number, request)) = next_request.take() {
            if !again.is_empty() {
                next_request = Some((number, request));
                break;
            }
            let level = if ctx.stop.should_shrink() { Level::Emergency } else { Level::Calm };
            let worker = match pool.idle(level) {
                Ok(Some(worker)) => worker,
                Ok(None) => {
                    next_request = Some((number, request));
                    break;
                }
                Err(why) => return Err(why.into()),
            };
            pending.push(submit(pool, worker, number, request));
            next_request = next();
            moved = true;
        }
        if ctx.stop.should_give_up_worker() {
            tracing::info!("memory is short: stopping one solver");
            if let Some(gone) = pool.give_up_largest()
                && let Some(k) = pending.iter().position(|pending| pending.worker == gone)
            {
                on_answer(pending.swap_remove(k).number, None);
            }
        }
        let mut k = 0;
        while k < pending.len() {
            let Pending { worker, number, .. } = pending[k];
            let answer = match pool.poll(worker) {
                None => {
                    k += 1;
                    continue;
                }
                Some(Ok(answer)) => {
                    lost_in_a_row = 0;
                    Some(answer)
                }
                Some(Err((why, cap))) => {
                    // What is proven by steps must not depend on memory: with more of it once more,
                    // as long as there is more.
                    if let WorkerError::Exited { outcome: ended, .. } = &why
                        && matches!(ended.exit, Exit::OverCap | Exit::OutOfMemory)
                        && ctx.stop.steps().is_some()
                    {
                        let most = ctx.ledger.free().saturating_add(cap);
                        let memguard::Next::Alone(memory) = memguard::next(ended, cap, 0, most) else {
                            return Err(SolveError::Memory(cap));
                        };
                        again.push((number, pending.swap_remove(k).request, memory));
                        moved = true;
                        continue;
                    }
                    lost_in_a_row += 1;
                    if let WorkerError::Library(why) = why {
                        return Err(SolveError::Other(why));
                    }
                    if lost_in_a_row >= LOSSES {
                        return Err(SolveError::Other(format!(
                            "{LOSSES} solvers failed in a row, the last one: {why}"
                        )));
                    }
                    None
                }
            };
            pending.swap_remove(k);
            moved = true;
            if !on_answer(number, answer) {
                pool.stop_all();
                return drain(pool, pending, on_answer);
            }
        }
        ctx.stop.report_workers(pool.size());
        if pending.is_empty() && again.is_empty() && next_request.is_none() {
            return Ok(());
        }
        if ctx.stop.now() {
            pool.stop_all();
            return drain(pool, pending, on_answer);
        }
        if !moved {
            pool.wait(ctx.stop.cancelled(), LOOK);
        }
    }
}

/// Takes what comes in when all were told to stop.
fn drain(
    pool: &mut WorkerPool,
    mut pending: Vec<Pending>,
    on_answer: &mut dyn FnMut(usize, Option<Answer>) -> bool,
) -> Result<(), SolveError> {
    const LAST: Duration = Duration::from_millis(400);
    let until = Instant::now() + LAST;
    while !pending.is_empty() && Instant::now() < until {
        pending.retain(|pending| match pool.poll(pending.worker) {
            None => true,
            Some(answer) => {
                on_answer(pending.number, answer.ok());
                false
            }
        });
        pool.wait(&crossbeam_channel::never(), until.saturating_duration_since(Instant::now()));
    }
    // Whoever has not stopped by now is of no use for another question.
    pending.iter().for_each(|pending| pool.end(pending.worker));
    Ok(())
}
