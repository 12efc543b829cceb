//! Who starts a run: what it is shown, and what it is asked.

use pipeline::{Budget, Event, NoProgress, Observer, Plan, ProgressSink};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};
use timetable::Problem;

/// Who starts a run. Every method may be called from any thread.
pub trait Host: Send + Sync {
    /// What is shown of the stages of a run that begins.
    fn observer(&self) -> Arc<dyn Observer> {
        Arc::new(NoProgress)
    }

    /// A line for people, such as that something is fetched.
    fn tells(&self, line: &str) {
        tracing::info!("{line}");
    }

    /// The input has been read; what is to be solved is known.
    fn has_loaded(&self, _problem: &Problem) {}

    /// From now on there is something to save when the run is cancelled.
    fn begins(&self) {}

    /// Memory does not suffice for reading the input. Reading cannot be given up: who must not go
    /// beyond the limit ends the process.
    fn lacks_memory(&self, why: &BudgetTooSmall) {
        tracing::warn!("{why}");
    }
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentHost;

impl Host for SilentHost {}

/// The memory budget is too small; the text has the figures.
#[derive(Debug)]
pub struct BudgetTooSmall(pub String);

impl fmt::Display for BudgetTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BudgetTooSmall {}

/// Remembers how the stages ended, and shows everything to another.
pub(crate) struct Recorder {
    shown: Arc<dyn Observer>,
    ended: Mutex<Vec<Event>>,
}

impl Recorder {
    pub(crate) fn new(shown: Arc<dyn Observer>) -> Recorder {
        Recorder { shown, ended: Mutex::default() }
    }

    /// How the stages ended so far.
    pub(crate) fn ended(&self) -> Vec<Event> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Recorder {
    fn starts(&self, slot: &str, implementation: &str, budget: Budget) -> Arc<dyn ProgressSink> {
        self.shown.starts(slot, implementation, budget)
    }

    fn ends(&self, event: &Event, plan: &Plan) {
        self.shown.ends(event, plan);
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}
