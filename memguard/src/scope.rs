//! The memory scope of a stage: what was used before, at most and after, and cleanup where it is
//! needed.

use std::time::{Duration, Instant};

use crate::level::decide;
use crate::{ByteDelta, Bytes, CleanupOutcome, Guard, Level, LimitHits, Peak, Readings, Thresholds, Usage, pace};

/// What a scope says in the log, as lines that people can grep.
macro_rules! say {
    ($scope:expr, $($message:tt)+) => {
        tracing::info!("[{}] {}", $scope.name, format_args!($($message)+))
    };
}

/// The memory scope of a stage, from [`Guard::scope`]. Ends with [`finish`](Scope::finish), or when
/// dropped (with cleanup only where memory is high).
#[derive(Debug)]
#[must_use = "a scope ends when it is dropped"]
pub struct Scope {
    guard: Guard,
    name: String,
    thresholds: Thresholds,
    level: Level,
    before: Option<Usage>,
    start: Option<Bytes>,
    hits: Option<LimitHits>,
    /// What may come on top until the next level begins, as far as known.
    free: Option<Bytes>,
    /// What a look at the gauges takes: the last ones, smoothed.
    cost: Duration,
    freed: ByteDelta,
    peak: u64,
    open: bool,
}

/// What a scope measured.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ScopeReport {
    /// The name of the scope, such as `STAGE2A`.
    pub name: String,
    /// What was used when it began; `None` where nothing can be read.
    pub before: Option<Usage>,
    /// What was used at its end, after any cleanup.
    pub after: Option<Usage>,
    /// What this process alone had when it began.
    pub start: Option<Bytes>,
    /// The most that was resident meanwhile; this process alone.
    pub peak: Option<Peak>,
    /// What the cleanups of this scope freed together.
    pub freed: ByteDelta,
    /// How often the limits of control groups were hit meanwhile.
    pub hits: Option<LimitHits>,
}

impl Scope {
    pub(crate) fn open(guard: Guard, name: &str, thresholds: Thresholds) -> Scope {
        let peak = guard.peaks().begin(guard.gauges());
        let readings = guard.readings();
        let before = readings.closest(guard.limits());
        let mut scope = Scope {
            guard,
            name: name.to_owned(),
            thresholds,
            level: Level::Calm,
            before,
            start: readings.resident,
            hits: readings.hits,
            free: None,
            cost: Duration::ZERO,
            freed: ByteDelta::default(),
            peak,
            open: true,
        };
        scope.decide(&readings);
        say!(scope, "memory before: {}", text(before));
        scope
    }

    /// The name of the scope.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The level that the last check found.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Reads the gauges; in an emergency or worse, cleans up and reads again. What is then left is
    /// the level.
    ///
    /// Costs about as much as [`Gauges::read`](crate::Gauges::read): meant for every few steps, not
    /// for every move; how often is for [`next_check`](Scope::next_check) to say.
    pub fn check(&mut self) -> Level {
        let began = Instant::now();
        let readings = self.guard.readings();
        self.cost = (self.cost * 3 + began.elapsed()) / 4;
        self.react(readings);
        self.level
    }

    /// When to check again, from now on, while `threads` may be allocating: sooner the less is free
    /// until the next level, so seldom that checking takes no more than a hundredth of a core
    /// ([`pace`]).
    pub fn next_check(&self, threads: usize) -> Duration {
        pace(self.free, threads, self.cost)
    }

    /// Ends the scope: cleans up where memory is high, or in any case with `always_cleanup`, and
    /// reports.
    pub fn finish(mut self, always_cleanup: bool) -> ScopeReport {
        self.close(always_cleanup)
    }

    fn close(&mut self, always_cleanup: bool) -> ScopeReport {
        self.open = false;
        let readings = self.guard.readings();
        let cleaned = self.react(readings);
        if always_cleanup && !cleaned {
            self.clean_up();
        }
        let after = self.guard.usage();
        let peak = self.guard.peaks().end(self.peak, self.guard.gauges());
        let hits = self.hits.zip(readings.hits).map(|(before, now)| now.since(before));
        if let Some(hits) = hits.filter(|hits| hits.limit > 0) {
            say!(self, "the limit was hit {} times", hits.limit);
        }
        say!(self, "memory after: {}", text(after));
        let (name, before, start) = (self.name.clone(), self.before, self.start);
        ScopeReport { name, before, after, start, peak, freed: self.freed, hits }
    }

    /// Decides the level; in an emergency cleans up and decides again. Returns whether it has
    /// cleaned up.
    fn react(&mut self, readings: Readings) -> bool {
        self.decide(&readings);
        let Some(usage) = readings.closest(self.guard.limits()).filter(|_| self.level >= Level::Emergency) else {
            return false;
        };
        if !self.guard.cleanup().is_worthwhile(readings.resident) {
            tracing::debug!("[{}] high memory ({}), the last cleanups freed nothing", self.name, usage.percent());
            return false;
        }
        say!(self, "high memory ({}), forcing cleanup", usage.percent());
        self.clean_up();
        let readings = self.guard.readings();
        self.decide(&readings);
        true
    }

    fn decide(&mut self, readings: &Readings) {
        self.level = decide(readings, self.guard.limits(), &self.thresholds, self.level);
        let next = [Level::Elevated, Level::Emergency, Level::Critical].into_iter().find(|&level| level > self.level);
        self.free = readings.closest(self.guard.limits()).map(|usage| {
            usage.limit.scaled(next.map_or(1.0, |next| self.thresholds.begins(next))).saturating_sub(usage.used)
        });
    }

    fn clean_up(&mut self) {
        match self.guard.clean_up() {
            CleanupOutcome::Freed(Some(freed)) => {
                self.freed = self.freed.saturating_add(freed);
                say!(self, "freed {freed}");
            }
            CleanupOutcome::Freed(None) => say!(self, "freed an unknown amount: what is resident can't be read"),
            CleanupOutcome::InVain => tracing::debug!("[{}] no cleanup: the last ones freed nothing", self.name),
            CleanupOutcome::AlreadyRunning => tracing::debug!("[{}] no cleanup: another thread is at it", self.name),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if self.open {
            self.close(false);
        }
    }
}

/// A usage, or that it is not known.
fn text(usage: Option<Usage>) -> String {
    usage.map_or_else(|| "unknown".to_owned(), |usage| usage.to_string())
}
