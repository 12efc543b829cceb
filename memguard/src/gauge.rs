//! Gauges: what this process, its children, its control groups and the machine use right now.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::children::{self, Scratch};
use crate::limit::LimitedGroup;
use crate::{Bytes, CgroupVersion, LimitHits, Limits, Pressure, Roots, Source, procfs};

/// What the gauges showed at one moment. What can't be read is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Readings {
    /// What this process has in memory (`VmRSS`).
    pub resident: Option<Bytes>,
    /// The most that it had since its start or the last reset of the peak (`VmHWM`).
    pub peak: Option<Bytes>,
    /// Its address space (`VmSize`): what `RLIMIT_AS` counts.
    pub address_space: Option<Bytes>,
    /// Its heap and private writable maps (`VmData`): what `RLIMIT_DATA` counts.
    pub data: Option<Bytes>,
    /// What of these two is the stacks of threads; a part of their limits is set aside for it.
    pub stacks: Bytes,
    /// What the program has allocated and not freed (jemalloc's `stats.allocated`): `None` where
    /// jemalloc is not the program's allocator. Memory of C and C++ libraries is not in it.
    pub allocated: Option<Bytes>,
    /// What its children and theirs have in memory together; shared pages count once for each
    /// process.
    pub children: Option<Bytes>,
    /// The control group that is closest to its limit, of those that have one.
    pub cgroup: Option<CgroupUsage>,
    /// What the machine could still give without swapping (`MemAvailable`).
    pub available: Option<Bytes>,
    /// Time lost for want of memory: of the own control group, or else of the machine.
    pub pressure: Option<Pressure>,
    /// How often the control groups with a limit have run into it, together.
    pub hits: Option<LimitHits>,
}

/// What a control group uses, against its own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CgroupUsage {
    /// Usage less the page cache of files, which the kernel reclaims before it kills anybody
    /// (`inactive_file` and `active_file`; memory that is shared by mapping, `shmem`, is in neither
    /// and counts).
    pub used: Bytes,
    /// The limit of this group.
    pub limit: Bytes,
}

impl CgroupUsage {
    fn fraction(&self) -> f64 {
        self.used.fraction_of(self.limit)
    }
}

/// Reads all gauges. Reading needs no memory beyond buffers that are kept from one reading to the
/// next (and, while children are counted, a few short-lived paths), never fails and never panics.
#[derive(Debug)]
pub struct Gauges {
    proc: PathBuf,
    status: PathBuf,
    meminfo: PathBuf,
    clear_refs: PathBuf,
    /// The first that can be read counts.
    pressure: Vec<PathBuf>,
    groups: Vec<GroupGauge>,
    allocator: Option<AllocatorGauge>,
    scratch: Mutex<Scratch>,
}

#[cfg(feature = "jemalloc")]
use crate::jemalloc::AllocatorGauge;

/// Without the feature there is no gauge of the allocator, and none can be made.
#[cfg(not(feature = "jemalloc"))]
#[derive(Debug)]
enum AllocatorGauge {}

#[cfg(not(feature = "jemalloc"))]
impl AllocatorGauge {
    fn new() -> Option<AllocatorGauge> {
        None
    }

    fn allocated(&self) -> Option<Bytes> {
        match *self {}
    }
}

impl Gauges {
    /// Gauges below `roots`, with the control groups that `limits` found.
    pub fn new(roots: &Roots, limits: &Limits) -> Gauges {
        Gauges {
            proc: roots.proc.clone(),
            status: roots.own("status"),
            meminfo: roots.proc.join("meminfo"),
            clear_refs: roots.own("clear_refs"),
            pressure: pressure_files(roots, limits),
            groups: limits.groups().iter().map(GroupGauge::new).collect(),
            allocator: AllocatorGauge::new(),
            scratch: Mutex::new(Scratch::default()),
        }
    }

    /// Reads every gauge once: about 0.1 ms, more with many threads or children.
    pub fn read(&self) -> Readings {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut readings = self.read_own(&mut scratch.text);
        readings.allocated = self.allocator.as_ref().and_then(AllocatorGauge::allocated);
        readings.children = children::resident(&self.proc, &mut scratch);
        readings.cgroup = self.closest_group(&mut scratch.text);
        readings.pressure =
            self.pressure.iter().find_map(|file| procfs::read_into(file, &mut scratch.text).and_then(Pressure::parse));
        readings.hits = self.hits(&mut scratch.text);
        readings.available =
            procfs::read_into(&self.meminfo, &mut scratch.text).and_then(|text| procfs::kib_line(text, "MemAvailable"));
        readings
    }

    /// The gauges of this process alone, for where only its peak matters.
    pub(crate) fn read_process(&self) -> Readings {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        self.read_own(&mut scratch.text)
    }

    fn read_own(&self, buffer: &mut Vec<u8>) -> Readings {
        let text = procfs::read_into(&self.status, buffer);
        let line = |key| text.and_then(|text| procfs::kib_line(text, key));
        Readings {
            resident: line("VmRSS"),
            peak: line("VmHWM"),
            address_space: line("VmSize"),
            data: line("VmData"),
            stacks: crate::space::stacks(),
            ..Readings::default()
        }
    }

    fn closest_group(&self, buffer: &mut Vec<u8>) -> Option<CgroupUsage> {
        let usages = self.groups.iter().filter_map(|group| group.read(buffer));
        usages.max_by(|a, b| a.fraction().total_cmp(&b.fraction()))
    }

    /// The folder of the control group that is closest to its limit, and what it uses.
    pub fn closest(&self) -> Option<(&Path, CgroupUsage)> {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let usages = self.groups.iter().filter_map(|group| Some((group.folder(), group.read(&mut scratch.text)?)));
        usages.max_by(|(_, a), (_, b)| a.fraction().total_cmp(&b.fraction()))
    }

    fn hits(&self, buffer: &mut Vec<u8>) -> Option<LimitHits> {
        let each = self.groups.iter().filter_map(|group| group.hits(buffer));
        each.reduce(|a, b| LimitHits { limit: a.limit.saturating_add(b.limit), kills: a.kills.saturating_add(b.kills) })
    }

    /// Sets `VmHWM` back to what is resident now (`man 5 proc`: 5 written to `clear_refs`). False
    /// where that is not permitted.
    pub(crate) fn reset_peak(&self) -> bool {
        let file = OpenOptions::new().write(true).open(&self.clear_refs);
        file.and_then(|mut file| file.write_all(b"5")).is_ok()
    }
}

/// Where pressure may be read: the own group's file of version 2, then the machine's.
fn pressure_files(roots: &Roots, limits: &Limits) -> Vec<PathBuf> {
    let own = limits.candidates().iter().find_map(|candidate| match &candidate.source {
        Source::Cgroup { version: CgroupVersion::V2, file } => file.parent(),
        _ => None,
    });
    own.map(|own| own.join("memory.pressure")).into_iter().chain([roots.proc.join("pressure/memory")]).collect()
}

/// The files of one control group that has a limit.
#[derive(Debug)]
struct GroupGauge {
    version: CgroupVersion,
    usage: PathBuf,
    stat: PathBuf,
    /// `memory.events`, or version 1's `memory.failcnt` and `memory.oom_control`.
    events: [PathBuf; 2],
    /// The lines of `memory.stat` that count reclaimable page cache.
    reclaimable: [&'static str; 2],
    limit: Bytes,
}

impl GroupGauge {
    fn new(group: &LimitedGroup) -> GroupGauge {
        let (usage, reclaimable) = match group.version {
            CgroupVersion::V1 => ("memory.usage_in_bytes", ["total_inactive_file", "total_active_file"]),
            CgroupVersion::V2 => ("memory.current", ["inactive_file", "active_file"]),
        };
        let file = |name: &str| Path::new(&group.folder).join(name);
        let events = match group.version {
            CgroupVersion::V1 => [file("memory.failcnt"), file("memory.oom_control")],
            CgroupVersion::V2 => [file("memory.events"), PathBuf::new()],
        };
        let (usage, stat) = (file(usage), file("memory.stat"));
        GroupGauge { version: group.version, usage, stat, events, reclaimable, limit: group.limit }
    }

    fn read(&self, buffer: &mut Vec<u8>) -> Option<CgroupUsage> {
        let usage = procfs::read_into(&self.usage, buffer).and_then(procfs::single)?;
        // Where the cache can't be told apart, all of the usage counts.
        let stat = procfs::read_into(&self.stat, buffer);
        let line = |key| stat.and_then(|text| procfs::stat_line(text, key)).unwrap_or_default();
        let cache = self.reclaimable.map(line).into_iter().fold(Bytes::default(), Bytes::saturating_add);
        Some(CgroupUsage { used: usage.saturating_sub(cache), limit: self.limit })
    }

    fn folder(&self) -> &Path {
        self.usage.parent().unwrap_or(&self.usage)
    }

    fn hits(&self, buffer: &mut Vec<u8>) -> Option<LimitHits> {
        let [first, second] = &self.events;
        if self.version == CgroupVersion::V2 {
            return procfs::read_into(first, buffer).and_then(LimitHits::of_events);
        }
        let limit = procfs::read_into(first, buffer).and_then(procfs::single)?.get();
        let kills = procfs::read_into(second, buffer).and_then(|text| procfs::stat_line(text, "oom_kill"));
        Some(LimitHits { limit, kills: kills.unwrap_or_default().get() })
    }
}
