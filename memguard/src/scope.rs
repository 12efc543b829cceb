//! The memory scope of a stage: what was used before, at most and after, and cleanup where it is needed.

use crate::level::decide;
use crate::{ByteDelta, Cleaned, Guard, Level, Peak, Readings, Thresholds, Usage};

/// What a scope says in the log, as lines that people can grep.
macro_rules! say {
    ($scope:expr, $($message:tt)+) => {
        tracing::info!("[{}] {}", $scope.name, format_args!($($message)+))
    };
}

/// The memory scope of a stage, from [`Guard::scope`]. Ends with [`finish`](Scope::finish), or when dropped (with
/// cleanup only where memory is high).
#[derive(Debug)]
#[must_use = "a scope ends when it is dropped"]
pub struct Scope {
    guard: Guard,
    name: String,
    thresholds: Thresholds,
    level: Level,
    before: Option<Usage>,
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
    /// The most that was resident meanwhile.
    pub peak: Option<Peak>,
    /// What the cleanups of this scope freed together.
    pub freed: ByteDelta,
}

impl Scope {
    pub(crate) fn open(guard: Guard, name: &str, thresholds: Thresholds) -> Scope {
        let peak = guard.peaks().begin(guard.gauges());
        let readings = guard.readings();
        let before = readings.closest(guard.limits());
        let level = decide(&readings, guard.limits(), &thresholds, Level::Calm);
        let freed = ByteDelta::default();
        let scope = Scope { guard, name: name.to_owned(), thresholds, level, before, freed, peak, open: true };
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

    /// Reads the gauges; in an emergency or worse, cleans up and reads again. What is then left is the level.
    ///
    /// Costs about as much as [`Gauges::read`](crate::Gauges::read): meant for every few steps, not for every move.
    pub fn check(&mut self) -> Level {
        let readings = self.guard.readings();
        self.react(readings);
        self.level
    }

    /// Ends the scope: cleans up where memory is high, or in any case with `always_cleanup`, and reports.
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
        say!(self, "memory after: {}", text(after));
        ScopeReport { name: self.name.clone(), before: self.before, after, peak, freed: self.freed }
    }

    /// Decides the level; in an emergency cleans up and decides again. Returns whether it has cleaned up.
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
    }

    fn clean_up(&mut self) {
        match self.guard.clean_up() {
            Cleaned::Freed(Some(freed)) => {
                self.freed = self.freed.saturating_add(freed);
                say!(self, "freed {freed}");
            }
            Cleaned::Freed(None) => say!(self, "freed an unknown amount: what is resident can't be read"),
            Cleaned::InVain => tracing::debug!("[{}] no cleanup: the last ones freed nothing", self.name),
            Cleaned::AlreadyRunning => tracing::debug!("[{}] no cleanup: another thread is at it", self.name),
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
