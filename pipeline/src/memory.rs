//! Who watches memory while a stage runs: `memguard`, or nobody.

use memguard::{Bytes, Gauge, Guard, Level, Scope, Thresholds, Usage};
use std::{collections::BTreeMap, time::Duration};

/// Watches memory for the runner.
pub trait Memory: Send + Sync {
    /// What a stage may take now.
    fn headroom(&self) -> Headroom;

    /// What is in use, and of which limit, in words.
    fn in_use(&self) -> String {
        "memory is not watched".into()
    }

    /// Opens the memory scope of a stage, which reads and logs the memory before it.
    fn enter(&self, slot: &str) -> Box<dyn MemoryScope>;
}

/// Bytes that a stage may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headroom {
    /// What it should plan with.
    pub planned: u64,
    /// What it may have if it cannot do with less.
    pub most: u64,
}

/// A stage at work.
pub trait MemoryScope: Send {
    /// Reads the gauges, cleans up where that is called for, and says how serious it is. Called a
    /// few times a second.
    fn check(&mut self) -> Level;

    /// When to check again.
    fn next_check(&self) -> Duration {
        Duration::from_millis(50)
    }

    /// Cleans up, reads and logs the memory after the stage, of which `promised` was the most that
    /// it had reserved at once.
    fn leave(self: Box<Self>, promised: u64) -> MemoryUse;
}

/// Bytes in use around a stage; `None` where they cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MemoryUse {
    /// Before the stage.
    pub before: Option<u64>,
    /// After the stage and the cleanup.
    pub after: Option<u64>,
    /// The most that was resident while it ran; this process alone.
    pub peak: Option<u64>,
    /// What cleanups gave back; negative where memory grew meanwhile.
    pub freed: Option<i64>,
    /// The most that the stage had reserved at once.
    #[serde(default)]
    pub promised: Option<u64>,
}

/// Watches nothing; every stage may take this many bytes.
#[derive(Clone, Copy, Debug)]
pub struct UnwatchedMemory(pub u64);

impl Memory for UnwatchedMemory {
    fn headroom(&self) -> Headroom {
        Headroom { planned: self.0, most: self.0 }
    }

    fn enter(&self, _slot: &str) -> Box<dyn MemoryScope> {
        Box::new(UnwatchedMemory(self.0))
    }
}

impl MemoryScope for UnwatchedMemory {
    fn check(&mut self) -> Level {
        Level::Calm
    }

    fn leave(self: Box<Self>, _promised: u64) -> MemoryUse {
        MemoryUse::default()
    }
}

/// Watches with a [`Guard`]; each slot may have thresholds of its own.
#[derive(Clone, Debug)]
pub struct GuardedMemory {
    guard: Guard,
    /// How many may be allocating at once.
    threads: usize,
    thresholds: BTreeMap<String, Thresholds>,
}

impl GuardedMemory {
    /// With the guard's thresholds for every slot; `threads` is how many may be allocating at once.
    pub fn new(guard: Guard, threads: usize) -> GuardedMemory {
        GuardedMemory { guard, threads, thresholds: BTreeMap::new() }
    }

    /// With other thresholds for one slot (`stage2a`).
    pub fn with(mut self, slot: &str, thresholds: Thresholds) -> GuardedMemory {
        self.thresholds.insert(slot.into(), thresholds);
        self
    }

    /// Bytes until the guard's threshold of this level is reached.
    fn until(&self, level: Level) -> u64 {
        let share = self.guard.thresholds().begins(level);
        match self.guard.usage() {
            Some(usage) => usage.limit.scaled(share).saturating_sub(usage.used).get(),
            None => self.guard.limit().scaled(share).get(),
        }
    }
}

impl Memory for GuardedMemory {
    fn headroom(&self) -> Headroom {
        Headroom { planned: self.until(Level::Elevated), most: self.until(Level::Critical) }
    }

    fn in_use(&self) -> String {
        in_use(&self.guard)
    }

    fn enter(&self, slot: &str) -> Box<dyn MemoryScope> {
        let thresholds = self.thresholds.get(slot).copied().unwrap_or(self.guard.thresholds());
        let scope = self.guard.scope(&slot.to_uppercase(), thresholds);
        Box::new(GuardedScope { scope, threads: self.threads })
    }
}

/// What is in use, and of which limit, in words:
/// `30.1 MB in use of 38.0 MB, RLIMIT_AS 44.7 MB less the stacks of threads`.
pub fn in_use(guard: &Guard) -> String {
    let limits = guard.limits();
    let Some(usage) = guard.usage() else {
        return format!("the limit is {}, {}", guard.limit(), limits.holding().source);
    };
    let of = format!("{} in use of {}", usage.used, usage.limit);
    match usage.gauge {
        Gauge::Process => format!("{of}, {}", limits.holding().source),
        Gauge::Cgroup => match guard.group() {
            Some((folder, _)) => format!("{of} of the control group {}", folder.display()),
            None => format!("{of} of the control group"),
        },
        Gauge::AddressSpace => format!("{of}, RLIMIT_AS {} less the stacks of threads", usage.whole(usage.limit)),
        Gauge::Data => format!("{of}, RLIMIT_DATA {} less the stacks of threads", usage.whole(usage.limit)),
        _ => format!("{of} that this machine could give"),
    }
}

struct GuardedScope {
    scope: Scope,
    threads: usize,
}

impl MemoryScope for GuardedScope {
    fn check(&mut self) -> Level {
        self.scope.check()
    }

    fn next_check(&self) -> Duration {
        self.scope.next_check(self.threads)
    }

    fn leave(self: Box<Self>, promised: u64) -> MemoryUse {
        let name = self.scope.name().to_owned();
        let report = self.scope.finish(true);
        let bytes = |usage: Option<Usage>| usage.map(|usage| usage.used.get());
        let (before, after, peak) = (bytes(report.before), bytes(report.after), report.peak.map(|peak| peak.bytes));
        // Ledger and gauge do not trust each other: what they say is put side by side.
        if let (Some(peak), Some(start)) = (peak, report.start) {
            let grew = peak.saturating_sub(start);
            tracing::info!("[{name}] reserved at most {}, grew by at most {grew}", Bytes::new(promised));
        }
        let (peak, freed, promised) = (peak.map(Bytes::get), Some(report.freed.get()), Some(promised));
        MemoryUse { before, after, peak, freed, promised }
    }
}
