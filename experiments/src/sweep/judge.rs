//! The end of a trial that has written none itself: how its process ended, and what it said before.

use super::slot::AtWork;
use crate::lines::End;
use crate::store::{State, now};
use memguard::{Exit, WorkerOutcome};

/// The end of a trial that has written none itself.
pub(super) fn judged(
    work: &AtWork,
    ended: WorkerOutcome,
    stop: Option<End>,
    words: Option<String>,
    is_short: bool,
    is_ending: bool,
) -> End {
    let lacked_memory = stop.as_ref().is_some_and(|stop| stop.state == State::Oom);
    let state = match (ended.exit, work.ended_for_memory) {
        (_, Some(true)) | (Exit::OverCap | Exit::OutOfMemory, None) => State::Oom,
        (_, Some(false)) => State::Lost,
        // It was refused memory under its own cap; or under that of the container, which others had
        // filled.
        (Exit::Failed(_) | Exit::Done, None) if lacked_memory && is_short => State::Lost,
        (Exit::Failed(_) | Exit::Done, None) if lacked_memory => State::Oom,
        // It was told to end, and did in time.
        (Exit::Done, None)
            if stop.is_some() && work.deadline.is_some_and(|deadline| work.began.elapsed() >= deadline) =>
        {
            State::Deadline
        }
        (Exit::Done, None) if stop.is_some() && is_ending => State::Stopped,
        // By somebody else: it is run again.
        (Exit::Done, None) if stop.is_some() => State::Lost,
        (Exit::Deadline, None) => State::Deadline,
        (Exit::Stopped, None) => State::Stopped,
        (Exit::Crashed(_), None) => State::Crashed,
        _ => State::Failed,
    };
    // One that was told to end has nothing to explain.
    let words = words.filter(|_| !matches!(state, State::Deadline | State::Stopped));
    let said = stop.as_ref().and_then(|stop| stop.why.clone()).or(words);
    let exit = match state {
        State::Deadline => Exit::Deadline.to_string(),
        State::Stopped => Exit::Stopped.to_string(),
        _ => ended.exit.to_string(),
    };
    let why = said.map_or_else(|| format!("it {exit}"), |said| format!("it {exit}: {said}"));
    let peak = ended.peak.unwrap_or_default().get();
    let base = stop.unwrap_or_else(|| End {
        start: work.candidate.start,
        state,
        score: None,
        ms: work.began.elapsed().as_millis() as u64,
        steps: None,
        peak,
        needed: 0,
        cpu: 0,
        why: None,
        version: crate::version().into(),
        at: now(),
    });
    End { state, why: Some(why), peak: base.peak.max(peak), at: now(), ..base }
}
