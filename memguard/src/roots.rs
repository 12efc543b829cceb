//! Where the kernel's files are: the real ones, or a tree that a test has made.

use std::path::{Path, PathBuf};

/// The folders below which everything is read. [`Roots::default`] is the running system.
///
/// A fake tree for tests holds `self/cgroup`, `self/mountinfo`, `self/limits`, `self/status`,
/// `meminfo` and the like below [`proc`](Roots::proc), and the control groups at their mount points
/// below [`system`](Roots::system).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// What stands for `/proc`.
    pub proc: PathBuf,
    /// What stands for `/`: the mount points that `self/mountinfo` names are looked up below it.
    pub system: PathBuf,
}

impl Default for Roots {
    fn default() -> Roots {
        Roots { proc: PathBuf::from("/proc"), system: PathBuf::from("/") }
    }
}

impl Roots {
    /// A file of this process, such as `status`.
    pub(crate) fn own(&self, file: &str) -> PathBuf {
        self.proc.join("self").join(file)
    }

    /// An absolute path of the system, looked up below [`system`](Roots::system).
    pub(crate) fn below_system(&self, absolute: &str) -> PathBuf {
        self.system.join(Path::new(absolute).strip_prefix("/").unwrap_or(Path::new(absolute)))
    }
}
