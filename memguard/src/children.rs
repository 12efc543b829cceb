//! The processes that this one has started, and those that they have started.

use std::fs;
use std::path::Path;

use crate::{Bytes, procfs};

/// More descendants than this are not counted.
const MOST: usize = 4096;

/// Buffers that are used again at every reading.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) text: Vec<u8>,
    pids: Vec<u32>,
}

/// What all descendants have resident together, or `None` where the kernel does not list children
/// (`/proc/PID/task/TID/children`, kernels with `CONFIG_PROC_CHILDREN`).
///
/// Pages that several processes share are counted once for each of them: too much rather than too little. A child
/// that ends meanwhile counts nothing.
pub(crate) fn resident(proc: &Path, scratch: &mut Scratch) -> Option<Bytes> {
    scratch.pids.clear();
    list_children(&proc.join("self"), scratch)?;
    Some(sum(proc, scratch))
}

/// What a process and its descendants have resident together; `None` where it is gone.
pub(crate) fn resident_of(proc: &Path, pid: u32, scratch: &mut Scratch) -> Option<Bytes> {
    scratch.pids.clear();
    scratch.pids.push(pid);
    Some(sum(proc, scratch)).filter(|&sum| sum > Bytes::ZERO)
}

/// Sums up the listed processes, and lists and sums up their descendants.
fn sum(proc: &Path, scratch: &mut Scratch) -> Bytes {
    let mut total = Bytes::ZERO;
    let mut next = 0;
    while next < scratch.pids.len().min(MOST) {
        let folder = proc.join(scratch.pids[next].to_string());
        next += 1;
        if let Some(text) = procfs::read_into(&folder.join("status"), &mut scratch.text) {
            total = total.saturating_add(procfs::kib_line(text, "VmRSS").unwrap_or_default());
        }
        // A child that has just ended has no children any more.
        let _ = list_children(&folder, scratch);
    }
    total
}

/// Appends the children of every thread of a process; `None` where not one thread's list can be read.
fn list_children(process: &Path, scratch: &mut Scratch) -> Option<()> {
    let mut any = None;
    for thread in fs::read_dir(process.join("task")).ok()?.flatten() {
        if let Some(text) = procfs::read_into(&thread.path().join("children"), &mut scratch.text) {
            any = Some(());
            let words = text.split(u8::is_ascii_whitespace).filter_map(|word| str::from_utf8(word).ok());
            scratch.pids.extend(words.filter_map(|word| word.parse::<u32>().ok()));
        }
    }
    any
}
