//! A fake `/proc` with control groups, in a temporary folder.
#![allow(dead_code, unreachable_pub, reason = "each test file takes what it needs")]

use std::fs;
use std::path::PathBuf;

use memguard::{Bytes, Gauges, Guard, Limits, Roots, Thresholds};
use tempfile::TempDir;

/// The mount of version 2, as in `/proc/self/mountinfo`.
pub const V2_MOUNT: &str = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
/// The mounts of version 1: another controller, then memory.
pub const V1_MOUNTS: &str = "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n\
                             35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n";
/// What version 1 says where there is no limit.
pub const V1_UNLIMITED: &str = "9223372036854771712\n";

/// A fake system.
pub struct Tree {
    folder: TempDir,
}

impl Tree {
    /// A machine of 16,000,000 KiB without control groups or resource limits.
    pub fn new() -> Tree {
        let tree = Tree { folder: tempfile::tempdir().expect("a temporary folder") };
        tree.file("proc/meminfo", "MemTotal:       16000000 kB\nMemFree:         1 kB\nMemAvailable:   12000000 kB\n");
        tree.rlimits("unlimited", "unlimited");
        tree.file("proc/self/cgroup", "");
        tree.file("proc/self/mountinfo", "");
        tree
    }

    /// Writes a file, with the folders above it; the path is below the fake `/`.
    pub fn file(&self, path: &str, text: &str) -> &Tree {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
        self
    }

    /// What lies below the fake `/`.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn rlimits(&self, address_space: &str, data: &str) -> &Tree {
        self.file(
            "proc/self/limits",
            &format!(
                "Limit                     Soft Limit           Hard Limit           Units     \n\
                 Max cpu time              unlimited            unlimited            seconds   \n\
                 Max data size             {data}            unlimited            bytes     \n\
                 Max address space         {address_space}            unlimited            bytes     \n"
            ),
        )
    }

    /// The status of this process: resident, peak, address space, data, in KiB.
    pub fn status(&self, resident: u64, peak: u64, address_space: u64, data: u64) -> &Tree {
        self.file(
            "proc/self/status",
            &format!(
                "Name:\tx\nVmPeak:\t 999999999 kB\nVmSize:\t{address_space:>9} kB\nVmHWM:\t{peak:>9} kB\n\
                 VmRSS:\t{resident:>9} kB\nRssAnon:\t 1 kB\nVmData:\t{data:>9} kB\n"
            ),
        )
    }

    /// Control groups of version 2; this process is in `own`.
    pub fn v2(&self, own: &str) -> &Tree {
        self.file("proc/self/cgroup", &format!("0::{own}\n")).file("proc/self/mountinfo", V2_MOUNT)
    }

    /// Control groups of version 1; this process is in `own`.
    pub fn v1(&self, own: &str) -> &Tree {
        self.file("proc/self/cgroup", &format!("5:cpuset:/elsewhere\n4:memory:{own}\n"))
            .file("proc/self/mountinfo", V1_MOUNTS)
    }

    pub fn roots(&self) -> Roots {
        Roots { proc: self.path("proc"), system: self.path("") }
    }

    pub fn limits(&self, explicit: Option<Bytes>) -> Limits {
        Limits::detect(&self.roots(), explicit)
    }

    pub fn gauges(&self, limits: &Limits) -> Gauges {
        Gauges::new(&self.roots(), limits)
    }

    pub fn guard(&self, explicit: Option<Bytes>) -> Guard {
        let limits = self.limits(explicit);
        let gauges = self.gauges(&limits);
        Guard::new(limits, gauges, Thresholds::default())
    }
}
