//! The guard of a process: its limits, gauges, thresholds, cleanup and peak in one place.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::peak::{Peak, Peaks};
use crate::{
    Bytes, CgroupUsage, Cleanup, CleanupOutcome, Gauges, Limits, Readings, Registered, Roots, Scope, Thresholds, Usage,
};

/// Watches the memory of this process. Clones are the same guard. One guard for a process: a second
/// one would set back the kernel's peak that the first one counts on.
#[derive(Debug, Clone)]
pub struct Guard {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: Limits,
    gauges: Gauges,
    thresholds: Thresholds,
    cleanup: Cleanup,
    peaks: Mutex<Peaks>,
}

impl Guard {
    /// A guard over these limits and gauges. The thresholds are those of scopes that bring none of
    /// their own.
    pub fn new(limits: Limits, gauges: Gauges, thresholds: Thresholds) -> Guard {
        let peaks = Mutex::new(Peaks::new());
        Guard { shared: Arc::new(Shared { limits, gauges, thresholds, cleanup: Cleanup::new(), peaks }) }
    }

    /// A guard over the running system, with the limit that the user asked for, if any, and default
    /// thresholds.
    pub fn of_this_process(explicit: Option<Bytes>) -> Guard {
        let roots = Roots::default();
        let limits = Limits::detect(&roots, explicit);
        let gauges = Gauges::new(&roots, &limits);
        Guard::new(limits, gauges, Thresholds::default())
    }

    /// Every limit that was found, and the one that holds.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// The limit that holds.
    pub fn limit(&self) -> Bytes {
        self.shared.limits.bytes()
    }

    /// The thresholds of scopes that bring none of their own.
    pub fn thresholds(&self) -> Thresholds {
        self.shared.thresholds
    }

    /// All gauges, now. Also a sample for the peaks of all open scopes.
    pub fn readings(&self) -> Readings {
        // Under the lock of the peaks: no scope may set the kernel's mark back between reading and
        // counting it.
        let mut peaks = self.peaks();
        let readings = self.shared.gauges.read();
        peaks.note(&readings);
        readings
    }

    /// The gauge that is closest to killing us, now. `None` where nothing can be read.
    pub fn usage(&self) -> Option<Usage> {
        self.readings().closest(self.limits())
    }

    /// The folder of the control group that is closest to its limit, and what it uses.
    pub fn group(&self) -> Option<(&Path, CgroupUsage)> {
        self.shared.gauges.closest()
    }

    /// The most that was resident in the whole run so far; this process alone.
    pub fn peak(&self) -> Option<Peak> {
        self.peaks().run(&self.shared.gauges)
    }

    /// Registers a function that drops a cache ([`Cleanup::register`]).
    pub fn register_cache(&self, name: &str, drop_cache: impl Fn() + Send + Sync + 'static) -> Registered {
        self.shared.cleanup.register(name, drop_cache)
    }

    /// The cleanup that scopes use.
    pub fn cleanup(&self) -> &Cleanup {
        &self.shared.cleanup
    }

    /// Cleans up aggressively now ([`Cleanup::run`]), without a line in the log.
    pub fn clean_up(&self) -> CleanupOutcome {
        // What was resident before counts for the peaks where the kernel does not measure them.
        self.peaks().run(&self.shared.gauges);
        self.shared.cleanup.run(&self.shared.gauges)
    }

    /// Opens the memory scope of a stage and logs what is used before it.
    pub fn scope(&self, name: &str, thresholds: Thresholds) -> Scope {
        Scope::open(self.clone(), name, thresholds)
    }

    pub(crate) fn gauges(&self) -> &Gauges {
        &self.shared.gauges
    }

    pub(crate) fn peaks(&self) -> MutexGuard<'_, Peaks> {
        self.shared.peaks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
