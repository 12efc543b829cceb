//! Limit detection: every candidate is read, the smallest holds.
//!
//! Sources: `man 7 cgroups`, the kernel's `cgroup-v2.rst` (memory interface files) and
//! `cgroup-v1/memory.rst` (`hierarchical_memory_limit`), `man 2 getrlimit`, `man 5 proc` (`limits`,
//! `meminfo`).

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::candidate::{Candidate, Source, Verdict};
use crate::cgroup::{self, CgroupAncestry, CgroupVersion};
use crate::{Bytes, Roots, procfs};

/// Version 1 says "unlimited" with 2⁶³ rounded down to a page; nothing real comes near.
const UNLIMITED: Bytes = Bytes::new(1 << 62);

/// Every limit that may apply to this process, and the one that does: the smallest.
///
/// ```
/// use memguard::{Bytes, Limits, Roots, Source};
///
/// let limits = Limits::detect(&Roots::default(), Some(Bytes::mb(50)));
/// for candidate in limits.candidates() {
///     eprintln!("{candidate}");
/// }
/// assert!(limits.bytes() <= Bytes::mb(50));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    candidates: Vec<Candidate>,
    holding: usize,
    groups: Vec<LimitedGroup>,
}

/// A control group with a limit: the kernel kills when its usage reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LimitedGroup {
    pub(crate) version: CgroupVersion,
    pub(crate) folder: PathBuf,
    pub(crate) limit: Bytes,
}

/// What a source says.
enum Found {
    Limit(Bytes),
    Unlimited,
    Absent,
    Unreadable(String),
}

impl Limits {
    /// Reads every candidate below `roots`; `explicit` is the limit that the user asked for, if
    /// any.
    ///
    /// Never fails: what can't be read is among the candidates with the reason why.
    pub fn detect(roots: &Roots, explicit: Option<Bytes>) -> Limits {
        let mut candidates = Vec::new();
        let mut groups = Vec::new();
        if let Some(bytes) = explicit {
            candidates.push(candidate(Source::Explicit, Found::Limit(bytes)));
        }
        match cgroup::ancestries(roots) {
            Ok(ancestries) => ancestries.iter().for_each(|ancestry| climb(ancestry, &mut candidates, &mut groups)),
            Err(unreadable) => {
                let found = failure(&unreadable.error);
                candidates.push(candidate(Source::CgroupList(unreadable.file), found));
            }
        }
        let limits = read(&roots.own("limits"));
        candidates.push(candidate(Source::RlimitAs, rlimit(&limits, "Max address space")));
        candidates.push(candidate(Source::RlimitData, rlimit(&limits, "Max data size")));
        candidates.push(candidate(Source::MemTotal, mem_total(&roots.proc)));
        // No Rust allocation can be larger than isize::MAX.
        candidates.push(candidate(Source::Addressable, Found::Limit(Bytes::new(isize::MAX as u64))));

        let holding = smallest(&candidates);
        for (index, candidate) in candidates.iter_mut().enumerate() {
            if candidate.value.is_some() {
                candidate.verdict = if index == holding { Verdict::Holds } else { Verdict::NotSmallest };
            }
        }
        Limits { candidates, holding, groups }
    }

    /// The limit that holds, with its source.
    pub fn holding(&self) -> &Candidate {
        &self.candidates[self.holding]
    }

    /// The limit that holds, in bytes.
    pub fn bytes(&self) -> Bytes {
        self.holding().value.unwrap_or(Bytes::MAX)
    }

    /// Every candidate: `--memory`, control groups from our own upwards, resource limits, the
    /// machine.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// What one source says, where it says a number.
    pub(crate) fn value_of(&self, source: &Source) -> Option<Bytes> {
        self.candidates.iter().find(|candidate| candidate.source == *source)?.value
    }

    /// The control groups that have a limit, our own first.
    pub(crate) fn groups(&self) -> &[LimitedGroup] {
        &self.groups
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.candidates.iter();
        if let Some(first) = lines.next() {
            write!(f, "{first}")?;
        }
        lines.try_for_each(|candidate| write!(f, "\n{candidate}"))
    }
}

/// A candidate whose verdict is final unless it has a value, which is compared when all are known.
fn candidate(source: Source, found: Found) -> Candidate {
    let (value, verdict) = match found {
        Found::Limit(bytes) => (Some(bytes), Verdict::NotSmallest),
        Found::Unlimited => (None, Verdict::Unlimited),
        Found::Absent => (None, Verdict::Absent),
        Found::Unreadable(reason) => (None, Verdict::Unreadable(reason)),
    };
    Candidate { source, value, verdict }
}

/// The first of the smallest. The last candidate always has a value.
fn smallest(candidates: &[Candidate]) -> usize {
    let key = |&index: &usize| candidates[index].value.map_or((1, Bytes::MAX), |bytes| (0, bytes));
    (0..candidates.len()).min_by_key(key).unwrap_or(0)
}

/// Reads the limits of a group and all groups above it.
fn climb(ancestry: &CgroupAncestry, candidates: &mut Vec<Candidate>, groups: &mut Vec<LimitedGroup>) {
    let version = ancestry.version;
    let mut visible: Option<Bytes> = None;
    for folder in &ancestry.groups {
        let mut lowest: Option<Bytes> = None;
        for name in limit_files(version) {
            let file = folder.join(name);
            let found = amount(&read(&file));
            // The kernel does not kill at memory.high, but slows a process there until it hardly
            // moves.
            if *name == "memory.high" && matches!(found, Found::Absent) {
                continue;
            }
            if let Found::Limit(bytes) = found {
                lowest = Some(lowest.map_or(bytes, |other| other.min(bytes)));
            }
            candidates.push(candidate(Source::Cgroup { version, file }, found));
        }
        if let Some(limit) = lowest {
            visible = Some(visible.map_or(limit, |other| other.min(limit)));
            groups.push(LimitedGroup { version, folder: folder.clone(), limit });
        }
    }
    if version == CgroupVersion::V1 {
        hidden_limit(ancestry, visible, candidates, groups);
    }
}

/// The files of a group that say a limit.
fn limit_files(version: CgroupVersion) -> &'static [&'static str] {
    match version {
        CgroupVersion::V1 => &["memory.limit_in_bytes"],
        CgroupVersion::V2 => &["memory.max", "memory.high"],
    }
}

/// Version 1 tells in `memory.stat` the smallest limit of all levels, also of those that a
/// container hides.
fn hidden_limit(
    ancestry: &CgroupAncestry,
    visible: Option<Bytes>,
    candidates: &mut Vec<Candidate>,
    groups: &mut Vec<LimitedGroup>,
) {
    let (Some(own), Some(top)) = (ancestry.groups.first(), ancestry.groups.last()) else { return };
    let file = own.join("memory.stat");
    let Ok(text) = fs::read(&file) else { return };
    let Some(limit) = procfs::stat_line(&text, "hierarchical_memory_limit") else { return };
    let found = if limit >= UNLIMITED { Found::Unlimited } else { Found::Limit(limit) };
    candidates.push(candidate(Source::Cgroup { version: CgroupVersion::V1, file }, found));
    if limit < UNLIMITED && visible.is_none_or(|visible| limit < visible) {
        // The usage of the highest group that can be seen comes closest to what counts against the
        // hidden limit.
        groups.push(LimitedGroup { version: CgroupVersion::V1, folder: top.clone(), limit });
    }
}

/// A file's text; kernel files are ASCII.
fn read(file: &Path) -> io::Result<String> {
    fs::read(file).map(|text| String::from_utf8_lossy(&text).into_owned())
}

/// Why a file could not be read.
fn failure(error: &io::Error) -> Found {
    match error.kind() {
        io::ErrorKind::NotFound => Found::Absent,
        _ => Found::Unreadable(error.to_string()),
    }
}

/// A file of a control group that holds one amount or `max`.
fn amount(text: &io::Result<String>) -> Found {
    match text {
        Ok(text) => limit_value(text.trim(), "max"),
        Err(error) => failure(error),
    }
}

/// A number of bytes, or the word for no limit.
fn limit_value(text: &str, unlimited: &str) -> Found {
    if text == unlimited {
        return Found::Unlimited;
    }
    match text.parse().map(Bytes::new) {
        Ok(bytes) if bytes >= UNLIMITED => Found::Unlimited,
        Ok(bytes) => Found::Limit(bytes),
        Err(_) => Found::Unreadable(format!("`{text}` is not a number of bytes")),
    }
}

/// The soft limit, which is the one that is enforced, of a line such as
/// `Max data size             unlimited            unlimited            bytes`.
fn rlimit(text: &io::Result<String>, name: &str) -> Found {
    let text = match text {
        Ok(text) => text,
        Err(error) => return failure(error),
    };
    let soft = text.lines().find_map(|line| line.strip_prefix(name)).and_then(|rest| rest.split_whitespace().next());
    soft.map_or(Found::Absent, |soft| limit_value(soft, "unlimited"))
}

/// The memory of the machine, from `meminfo`.
fn mem_total(proc: &Path) -> Found {
    match fs::read(proc.join("meminfo")) {
        Ok(text) => procfs::kib_line(&text, "MemTotal")
            .map_or_else(|| Found::Unreadable("there is no line `MemTotal`".to_owned()), Found::Limit),
        Err(error) => failure(&error),
    }
}
