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
/// Pages that several processes share are counted once for each of them: too much rather than too
/// little. A child that ends meanwhile counts nothing.
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

/// What a process and its descendants have for themselves alone (`RssAnon`): pages of files, which
/// many may share, do not count.
#[cfg(unix)]
pub(crate) fn private_of(proc: &Path, pid: u32, scratch: &mut Scratch) -> Bytes {
    scratch.pids.clear();
    scratch.pids.push(pid);
    sum_of("RssAnon", proc, scratch)
}

/// What the descendants of a process have resident together, without the process itself; `None`
/// where there are none.
#[cfg(unix)]
pub(crate) fn resident_below(proc: &Path, pid: u32, scratch: &mut Scratch) -> Option<Bytes> {
    scratch.pids.clear();
    list_children(&proc.join(pid.to_string()), scratch);
    Some(sum(proc, scratch)).filter(|&sum| sum > Bytes::ZERO)
}

/// The descendants of a process, nearest first. Where the kernel does not list children, every
/// process is asked for its parent.
#[cfg(unix)]
pub(crate) fn below<'s>(proc: &Path, pid: u32, scratch: &'s mut Scratch) -> &'s [u32] {
    scratch.pids.clear();
    if list_children(&proc.join(pid.to_string()), scratch).is_some() {
        let mut next = 0;
        while next < scratch.pids.len().min(MOST) {
            let folder = proc.join(scratch.pids[next].to_string());
            next += 1;
            let _ = list_children(&folder, scratch);
        }
        return &scratch.pids;
    }
    let parents = parents(proc, scratch);
    let children = |of: u32| parents.iter().filter(move |&&(_, parent)| parent == of).map(|&(pid, _)| pid);
    scratch.pids.extend(children(pid));
    let mut next = 0;
    while next < scratch.pids.len().min(MOST) {
        let of = scratch.pids[next];
        next += 1;
        scratch.pids.extend(children(of));
    }
    &scratch.pids
}

/// Every process with its parent: the fourth field of `/proc/PID/stat`, after a name in brackets
/// that may hold anything.
#[cfg(unix)]
fn parents(proc: &Path, scratch: &mut Scratch) -> Vec<(u32, u32)> {
    let processes = fs::read_dir(proc).into_iter().flatten().flatten();
    let pairs = processes.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let text = procfs::read_into(&entry.path().join("stat"), &mut scratch.text)?;
        let after = text.rsplit(|&byte| byte == b')').next()?;
        let parent = after.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).nth(1)?;
        Some((pid, str::from_utf8(parent).ok()?.parse().ok()?))
    });
    pairs.collect()
}

/// Sums up the listed processes, and lists and sums up their descendants.
fn sum(proc: &Path, scratch: &mut Scratch) -> Bytes {
    sum_of("VmRSS", proc, scratch)
}

fn sum_of(line: &str, proc: &Path, scratch: &mut Scratch) -> Bytes {
    let mut total = Bytes::ZERO;
    let mut next = 0;
    while next < scratch.pids.len().min(MOST) {
        let folder = proc.join(scratch.pids[next].to_string());
        next += 1;
        if let Some(text) = procfs::read_into(&folder.join("status"), &mut scratch.text) {
            total = total.saturating_add(procfs::kib_line(text, line).unwrap_or_default());
        }
        // A child that has just ended has no children any more.
        let _ = list_children(&folder, scratch);
    }
    total
}

/// Appends the children of every thread of a process; `None` where not one thread's list can be
/// read.
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A `/proc` of these processes: number, parent; 10 → 11 → 12, and 20 by itself.
    fn fake(lists_children: bool) -> tempfile::TempDir {
        let proc = tempfile::tempdir().expect("a folder");
        for (pid, parent, children) in [(10, 1, "11 "), (11, 10, "12 "), (12, 11, ""), (20, 1, "")] {
            let task = proc.path().join(format!("{pid}/task/{pid}"));
            fs::create_dir_all(&task).expect("a folder");
            let stat = format!("{pid} (a) b) (c) S {parent} {pid} {pid} 0\n");
            fs::write(proc.path().join(format!("{pid}/stat")), stat).expect("a file");
            fs::write(proc.path().join(format!("{pid}/status")), "VmRSS:\t 100 kB\n").expect("a file");
            if lists_children {
                fs::write(task.join("children"), children).expect("a file");
            }
        }
        proc
    }

    #[test]
    fn descendants_are_found_with_and_without_lists_of_children() {
        for lists_children in [true, false] {
            let proc = fake(lists_children);
            let mut scratch = Scratch::default();
            assert_eq!(below(proc.path(), 10, &mut scratch), [11, 12], "{lists_children}");
            assert_eq!(below(proc.path(), 20, &mut scratch), [0; 0], "{lists_children}");
        }
    }

    #[test]
    fn a_process_is_counted_with_its_descendants_or_without_itself() {
        let (proc, mut scratch) = (fake(true), Scratch::default());
        assert_eq!(resident_of(proc.path(), 10, &mut scratch), Some(Bytes::kib(300)));
        assert_eq!(resident_below(proc.path(), 10, &mut scratch), Some(Bytes::kib(200)));
        assert_eq!(resident_below(proc.path(), 12, &mut scratch), None);
    }
}
