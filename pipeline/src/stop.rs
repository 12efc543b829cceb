//! When to stop: cancelled, deadline passed, or steps used up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Set once, by Ctrl-C, SIGTERM or an emergency; seen by every [`Stop`] that was made with it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks everything that runs to return its best so far.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a stage may spend. With steps, a result depends on seed and input alone; with a deadline, on the machine, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Until this moment.
    Until(Instant),
    /// This many steps (evaluated moves), summed over all chains and threads.
    Steps(u64),
}

/// The stop condition of one stage; cheap to poll.
#[derive(Clone, Debug)]
pub struct Stop {
    cancel: Cancel,
    budget: Budget,
    started: Instant,
}

impl Stop {
    /// Starts now.
    pub fn new(cancel: Cancel, budget: Budget) -> Stop {
        Stop { cancel, budget, started: Instant::now() }
    }

    /// Whether to return the best so far: cancelled, or past the deadline. Steps are counted by the stage itself.
    #[inline]
    pub fn now(&self) -> bool {
        self.cancel.is_cancelled() || matches!(self.budget, Budget::Until(end) if Instant::now() >= end)
    }

    /// Whether it was cancelled, whatever the budget.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// The budget.
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// The step budget, if that is what there is.
    pub fn steps(&self) -> Option<u64> {
        match self.budget {
            Budget::Steps(n) => Some(n),
            Budget::Until(_) => None,
        }
    }

    /// Time left until the deadline, `None` with a step budget.
    pub fn time_left(&self) -> Option<Duration> {
        match self.budget {
            Budget::Until(end) => Some(end.saturating_duration_since(Instant::now())),
            Budget::Steps(_) => None,
        }
    }

    /// Share of the time that is gone, 0 to 1; `None` with a step budget.
    pub fn time_used(&self) -> Option<f64> {
        let Budget::Until(end) = self.budget else { return None };
        let whole = end.saturating_duration_since(self.started).as_secs_f64();
        let gone = self.started.elapsed().as_secs_f64();
        Some(if whole > 0.0 { (gone / whole).min(1.0) } else { 1.0 })
    }
}
