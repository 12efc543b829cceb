//! What there is to say of the work so far, and how often.

use memguard::{Bytes, Guard};
use pipeline::{Budget, Progress};
use scheduler::names::short;
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The work of one stage.
pub(super) struct Work {
    started: Instant,
    budget: Budget,
    guard: Guard,
    said: Mutex<Option<Instant>>,
}

/// Figures at one moment.
pub(super) struct Figures {
    /// Units of work a second, since the stage began.
    pub(super) rate: f64,
    /// What is in use now.
    pub(super) memory: Option<Bytes>,
    /// Until it ends: by the rate where it is known how much there is to do, at the latest at the
    /// deadline.
    pub(super) left: Option<Duration>,
}

impl Work {
    pub(super) fn new(budget: Budget, guard: Guard) -> Work {
        Work { started: Instant::now(), budget, guard, said: Mutex::new(None) }
    }

    /// Whether it is time to say something again.
    pub(super) fn is_due(&self, first: Duration, every: Duration) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let due = match *said {
            None => self.started.elapsed() >= first,
            Some(at) => at.elapsed() >= every,
        };
        if due {
            *said = Some(Instant::now());
        }
        due
    }

    pub(super) fn figures(&self, progress: &Progress) -> Figures {
        let gone = self.started.elapsed().as_secs_f64();
        let rate = if gone > 0.0 { progress.done as f64 / gone } else { 0.0 };
        let by_rate = progress
            .total
            .filter(|_| rate > 0.0)
            .map(|total| Duration::from_secs_f64((total.saturating_sub(progress.done) as f64 / rate).min(1e9)));
        let by_deadline = match self.budget {
            Budget::Until(end) => Some(end.saturating_duration_since(Instant::now())),
            Budget::Steps(_) => None,
        };
        let left = match (by_rate, by_deadline) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Figures { rate, memory: self.guard.readings().ours(), left }
    }

    /// `12.3M done, 1.2M/s, penalty 412, 83.1 MB, at most 12 s left`.
    pub(super) fn words(&self, progress: &Progress) -> String {
        let figures = self.figures(progress);
        let mut words = match progress.total {
            Some(total) => format!("{} of {}", count(progress.done), count(total)),
            None => format!("{} done", count(progress.done)),
        };
        words += &format!(", {}/s", count(figures.rate as u64));
        if let Some(best) = progress.best {
            words += &format!(", {best}");
        }
        if let Some(memory) = figures.memory {
            words += &format!(", {memory}");
        }
        match figures.left {
            Some(left) if progress.total.is_some() => words + &format!(", {} left", short(left)),
            Some(left) => words + &format!(", at most {} left", short(left)),
            None => words,
        }
    }
}

/// `950`, `12.3k`, `4.5M`, `1.2G`.
pub(super) fn count(n: u64) -> String {
    match n {
        0..10_000 => n.to_string(),
        10_000..1_000_000 => format!("{:.1}k", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1}M", n as f64 / 1e6),
        _ => format!("{:.1}G", n as f64 / 1e9),
    }
}
