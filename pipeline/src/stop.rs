//! When to stop: cancelled, deadline passed, memory critical, or steps used up.

use crossbeam_channel::{Receiver, Sender};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Set once, by Ctrl-C, SIGTERM or an emergency; seen by every [`Stop`] that was made with it.
#[derive(Clone, Debug)]
pub struct Cancel {
    is_set: Arc<AtomicBool>,
    /// Dropped when it is set.
    open: Arc<Mutex<Option<Sender<()>>>>,
    set: Receiver<()>,
}

impl Default for Cancel {
    fn default() -> Cancel {
        let (open, set) = crossbeam_channel::bounded(0);
        Cancel { is_set: Arc::default(), open: Arc::new(Mutex::new(Some(open))), set }
    }
}

impl Cancel {
    /// Asks everything that runs to return its best so far.
    pub fn cancel(&self) {
        self.is_set.store(true, Ordering::Release);
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether it was asked.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    /// Disconnected when it is set, to be waited for beside other things. Nothing is ever sent.
    pub fn receiver(&self) -> &Receiver<()> {
        &self.set
    }
}

/// What a stage may spend. With steps, a result depends on seed and input alone; with a deadline,
/// on the machine, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Until this moment.
    Until(Instant),
    /// This many steps (evaluated moves), summed over all chains and threads.
    Steps(u64),
}

/// Steps were not reported.
const UNREPORTED: u64 = u64::MAX;

/// What runner and stage tell each other while the stage runs.
#[derive(Debug)]
struct Signals {
    halt: AtomicBool,
    shrink: AtomicBool,
    /// Processes that the stage could do without.
    workers: AtomicUsize,
    /// One of them is to go.
    give_up_worker: AtomicBool,
    steps_used: AtomicU64,
}

/// The stop condition of one stage; cheap to poll. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Stop {
    cancel: Cancel,
    budget: Budget,
    started: Instant,
    signals: Arc<Signals>,
}

impl Stop {
    /// Starts now.
    pub fn new(cancel: Cancel, budget: Budget) -> Stop {
        let signals = Signals {
            halt: AtomicBool::new(false),
            shrink: AtomicBool::new(false),
            workers: AtomicUsize::new(0),
            give_up_worker: AtomicBool::new(false),
            steps_used: AtomicU64::new(UNREPORTED),
        };
        Stop { cancel, budget, started: Instant::now(), signals: Arc::new(signals) }
    }

    /// A part of this: the same signals, and a share of what is left of the time, or of all the
    /// steps. Steps reported to either are reported to both.
    pub fn part(&self, share: f64) -> Stop {
        let budget = match self.budget {
            Budget::Until(end) => {
                let now = Instant::now();
                Budget::Until(now + end.saturating_duration_since(now).mul_f64(share.clamp(0.0, 1.0)))
            }
            Budget::Steps(n) => Budget::Steps((n as f64 * share.clamp(0.0, 1.0)) as u64),
        };
        Stop { cancel: self.cancel.clone(), budget, started: Instant::now(), signals: self.signals.clone() }
    }

    /// The same signals, with a budget of its own.
    pub fn with_budget(&self, budget: Budget) -> Stop {
        Stop { cancel: self.cancel.clone(), budget, started: Instant::now(), signals: self.signals.clone() }
    }

    /// Whether to return the best so far: cancelled, halted, or past the deadline. Steps are
    /// counted by the stage itself.
    #[inline]
    pub fn now(&self) -> bool {
        self.is_cancelled() || matches!(self.budget, Budget::Until(end) if Instant::now() >= end)
    }

    /// Whether it was cancelled or halted, whatever the budget.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled() || self.is_halted()
    }

    /// Disconnected when the run is cancelled, to be waited for beside other things; that the stage
    /// is halted, or its time is up, is not seen by it.
    pub fn cancelled(&self) -> &Receiver<()> {
        self.cancel.receiver()
    }

    /// Asks this stage alone to return its best so far (memory is critical).
    pub fn halt(&self) {
        self.signals.halt.store(true, Ordering::Relaxed);
    }

    /// Whether this stage alone was asked to stop.
    #[inline]
    pub fn is_halted(&self) -> bool {
        self.signals.halt.load(Ordering::Relaxed)
    }

    /// Says whether memory is so short that the stage should take less.
    pub fn set_shrink(&self, shrink: bool) {
        self.signals.shrink.store(shrink, Ordering::Relaxed);
    }

    /// Whether the stage should take less memory now: fewer workers, a smaller population. A stage
    /// that has nothing to give back may go on; it is halted before memory runs out.
    #[inline]
    pub fn should_shrink(&self) -> bool {
        self.signals.shrink.load(Ordering::Relaxed)
    }

    /// Memory is critical: the largest of the stage's workers shall go, or, where it has none, or
    /// no answer may depend on memory, the stage itself comes to its end.
    pub fn relieve(&self) {
        if self.signals.workers.load(Ordering::Relaxed) > 0 && self.steps().is_none() {
            self.signals.give_up_worker.store(true, Ordering::Relaxed);
        } else {
            self.halt();
        }
    }

    /// Says how many worker processes the stage has now.
    pub fn report_workers(&self, workers: usize) {
        self.signals.workers.store(workers, Ordering::Relaxed);
    }

    /// Whether the stage should end its largest worker now; says so once.
    pub fn should_give_up_worker(&self) -> bool {
        self.signals.give_up_worker.swap(false, Ordering::Relaxed)
    }

    /// Reports how many steps of its budget the stage has used, so that what it leaves goes to
    /// those after it. The number must depend on seed and input alone. A stage that reports nothing
    /// has used all; one that fails and reports nothing, none.
    pub fn report_steps(&self, used: u64) {
        self.signals.steps_used.store(used.min(UNREPORTED - 1), Ordering::Relaxed);
    }

    /// As if no steps had been reported.
    pub(crate) fn forget_steps(&self) {
        self.signals.steps_used.store(UNREPORTED, Ordering::Relaxed);
    }

    /// What [`Stop::report_steps`] was told.
    pub fn steps_used(&self) -> Option<u64> {
        Some(self.signals.steps_used.load(Ordering::Relaxed)).filter(|&n| n != UNREPORTED)
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
