//! How serious it is: a pure function of readings, limits, thresholds and the level before.

use std::fmt;

use crate::{Limits, Readings};

/// How serious the use of memory is; each level is worse than the one before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Level {
    /// Nothing to do.
    #[default]
    Calm,
    /// Caches are dropped, new work is admitted one at a time.
    Elevated,
    /// The stage shrinks, aggressive cleanup.
    Emergency,
    /// The largest worker is stopped, or the stage stops with its best.
    Critical,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Calm => "calm",
            Level::Elevated => "elevated",
            Level::Emergency => "emergency",
            Level::Critical => "critical",
        })
    }
}

/// A level is left only when usage has fallen this far below its threshold (2 % of the limit), so
/// that usage which swings around a threshold does not start an action at every swing.
pub const MARGIN: f64 = 0.02;

/// From which fraction of the limit each level begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    elevated: f64,
    emergency: f64,
    critical: f64,
}

/// Thresholds that make no sense.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "memory thresholds must rise and lie above 0 and at most at 1, but elevated is {elevated}, emergency {emergency}, \
     critical {critical}"
)]
pub struct BadThresholds {
    /// Where elevated would begin.
    pub elevated: f64,
    /// Where emergency would begin.
    pub emergency: f64,
    /// Where critical would begin.
    pub critical: f64,
}

impl Default for Thresholds {
    /// 70 %, 80 %, 90 %.
    fn default() -> Thresholds {
        Thresholds { elevated: 0.70, emergency: 0.80, critical: 0.90 }
    }
}

impl Thresholds {
    /// Thresholds as fractions of the limit.
    ///
    /// # Errors
    ///
    /// Where `0 < elevated <= emergency <= critical <= 1` is not so.
    pub fn new(elevated: f64, emergency: f64, critical: f64) -> Result<Thresholds, BadThresholds> {
        let rising = 0.0 < elevated && elevated <= emergency && emergency <= critical && critical <= 1.0;
        if !rising {
            return Err(BadThresholds { elevated, emergency, critical });
        }
        Ok(Thresholds { elevated, emergency, critical })
    }

    /// The same with another beginning of the emergency.
    ///
    /// # Errors
    ///
    /// Where it does not lie between elevated and critical.
    pub fn with_emergency(self, emergency: f64) -> Result<Thresholds, BadThresholds> {
        Thresholds::new(self.elevated, emergency, self.critical)
    }

    /// Where a level begins; calm begins at nothing.
    pub fn begins(&self, level: Level) -> f64 {
        match level {
            Level::Calm => 0.0,
            Level::Elevated => self.elevated,
            Level::Emergency => self.emergency,
            Level::Critical => self.critical,
        }
    }
}

/// Where everything stands still for want of memory for this share of ten seconds (in hundredths of
/// a percent), usage that is elevated is an emergency.
pub const STALLED: u16 = 2_000;

/// The level that these readings mean, given the level `before` them.
///
/// The gauge closest to its limit decides ([`Readings::closest`]). A level is entered at its
/// threshold and left [`MARGIN`] below it. An elevated level is an emergency while the kernel says
/// that nothing gets done for want of memory ([`STALLED`]): it reclaims what we need, below any
/// threshold. Where nothing could be read, nothing is known to have changed, and the level stays.
pub fn decide(readings: &Readings, limits: &Limits, thresholds: &Thresholds, before: Level) -> Level {
    let Some(usage) = readings.closest(limits) else { return before };
    let fraction = usage.fraction();
    let reached = |level: Level| {
        let margin = if level <= before { MARGIN } else { 0.0 };
        fraction >= thresholds.begins(level) - margin
    };
    let level = [Level::Critical, Level::Emergency, Level::Elevated].into_iter().find(|&level| reached(level));
    let stalled = readings.pressure.is_some_and(|pressure| pressure.full >= STALLED);
    match level {
        Some(Level::Elevated) if stalled => Level::Emergency,
        level => level.unwrap_or(Level::Calm),
    }
}
