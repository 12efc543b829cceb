//! A control group for one worker, where this process may make one.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Bytes, CgroupVersion, Roots, cgroup, procfs};

/// What the names of all such groups begin with; the number of the process that made them follows.
const PREFIX: &str = "memguard-worker-";

/// The group; removed on drop.
#[derive(Debug)]
pub(crate) struct WorkerCgroup {
    folder: PathBuf,
    version: CgroupVersion,
}

impl WorkerCgroup {
    /// Makes a group with this limit below our own; `None` where that is not possible.
    pub(crate) fn make(roots: &Roots, limit: Bytes) -> Option<WorkerCgroup> {
        cgroup::ancestries(roots).ok()?.iter().find_map(|ancestry| {
            let own = ancestry.groups.first()?;
            sweep(own, roots);
            WorkerCgroup::below(own, ancestry.version, limit)
        })
    }

    fn below(own: &Path, version: CgroupVersion, limit: Bytes) -> Option<WorkerCgroup> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let name = format!("{PREFIX}{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let folder = own.join(name);
        fs::create_dir(&folder).ok()?;
        let group = WorkerCgroup { folder, version };
        // Without the memory controller the file is not there; the folder of a fake tree must not
        // grow one.
        let file = group.folder.join(match version {
            CgroupVersion::V1 => "memory.limit_in_bytes",
            CgroupVersion::V2 => "memory.max",
        });
        (file.exists() && fs::write(&file, limit.get().to_string()).is_ok()).then_some(group)
    }

    /// The file to which a process writes `0` to enter.
    pub(crate) fn procs_file(&self) -> Option<CString> {
        CString::new(self.folder.join("cgroup.procs").as_os_str().as_bytes()).ok()
    }

    /// The most that its processes had together.
    pub(crate) fn peak(&self) -> Option<Bytes> {
        let name = match self.version {
            CgroupVersion::V1 => "memory.max_usage_in_bytes",
            CgroupVersion::V2 => "memory.peak",
        };
        procfs::read_into(&self.folder.join(name), &mut Vec::new()).and_then(procfs::single)
    }

    /// Whether the kernel has killed at this group's limit.
    pub(crate) fn has_killed(&self) -> bool {
        let name = match self.version {
            CgroupVersion::V1 => "memory.oom_control",
            CgroupVersion::V2 => "memory.events",
        };
        let mut buffer = Vec::new();
        procfs::read_into(&self.folder.join(name), &mut buffer)
            .and_then(|text| procfs::stat_line(text, "oom_kill"))
            .is_some_and(|kills| kills > Bytes::ZERO)
    }
}

impl WorkerCgroup {
    /// Kills whatever is in the group, in whichever session or group of processes.
    fn clear(&self) {
        // Version 2 since Linux 5.14: all at once, so that nothing can fork meanwhile. (A file that
        // is not there must not be made.)
        let at_once = self.folder.join("cgroup.kill");
        if at_once.exists() && fs::write(&at_once, "1").is_ok() {
            return;
        }
        let mut buffer = Vec::new();
        let text = procfs::read_into(&self.folder.join("cgroup.procs"), &mut buffer).unwrap_or_default();
        let words = text.split(u8::is_ascii_whitespace).filter_map(|word| str::from_utf8(word).ok());
        // A process that cannot be seen from here is listed as 0, which for `kill` means ourselves.
        for pid in words.filter_map(|word| word.parse::<libc::pid_t>().ok()).filter(|&pid| pid > 1) {
            // SAFETY: a plain system call on a process in a group that only a worker has entered.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
    }
}

/// Removes what a process that was killed has left behind.
fn sweep(own: &Path, roots: &Roots) {
    for entry in fs::read_dir(own).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse::<u32>().ok());
        if maker.is_some_and(|pid| !roots.proc.join(pid.to_string()).exists()) {
            // A group in which something still runs cannot be removed.
            let _ = fs::remove_dir(entry.path());
        }
    }
}

impl Drop for WorkerCgroup {
    fn drop(&mut self) {
        // A group can be removed once its last process is gone, which the kernel may notice a
        // moment after us.
        for _ in 0..100 {
            if fs::remove_dir(&self.folder).is_ok() || !self.folder.exists() {
                return;
            }
            self.clear();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}
