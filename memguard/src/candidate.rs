//! One possible limit: where it comes from, what it says, and why it holds or not.

use std::fmt;
use std::path::PathBuf;

use crate::{Bytes, CgroupVersion};

/// Where a limit comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The user's own word (`--memory`).
    Explicit,
    /// A file of a control group: `memory.max`, `memory.high`, `memory.limit_in_bytes` or
    /// `memory.stat`.
    Cgroup {
        /// Which of the kernel's two interfaces the file belongs to.
        version: CgroupVersion,
        /// The file that was read.
        file: PathBuf,
    },
    /// The file that says which control groups there are; it only appears when it can't be read.
    CgroupList(PathBuf),
    /// `RLIMIT_AS`: the address space of this process. What is mapped counts, used or not.
    RlimitAs,
    /// `RLIMIT_DATA`: the heap and the private writable maps of this process.
    RlimitData,
    /// The memory of the machine (`MemTotal`).
    MemTotal,
    /// The largest object that a pointer can address: what is left where nothing else can be read.
    Addressable,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Explicit => f.write_str("--memory"),
            Source::Cgroup { version, file } => write!(f, "cgroup {version} {}", file.display()),
            Source::CgroupList(file) => write!(f, "cgroups of {}", file.display()),
            Source::RlimitAs => f.write_str("RLIMIT_AS"),
            Source::RlimitData => f.write_str("RLIMIT_DATA"),
            Source::MemTotal => f.write_str("MemTotal"),
            Source::Addressable => f.write_str("addressable memory"),
        }
    }
}

/// Why a candidate holds or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It is the smallest: this is the limit.
    Holds,
    /// There is a smaller one, or one as small that is named before it.
    NotSmallest,
    /// It says that there is no limit (`max`, `unlimited`, or version 1's number near 2⁶³).
    Unlimited,
    /// The file is not there, as in the root group or where another hierarchy has the memory
    /// controller.
    Absent,
    /// The file can't be read or does not hold what it should.
    Unreadable(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Holds => f.write_str("holds: it is the smallest"),
            Verdict::NotSmallest => f.write_str("does not hold: another is smaller"),
            Verdict::Unlimited => f.write_str("sets no limit"),
            Verdict::Absent => f.write_str("is not there"),
            Verdict::Unreadable(reason) => write!(f, "can't be read: {reason}"),
        }
    }
}

/// One possible limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it comes from.
    pub source: Source,
    /// What it says; `None` where it sets no limit or can't be read.
    pub value: Option<Bytes>,
    /// Why it holds or does not.
    pub verdict: Verdict,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(value) => write!(f, "{}: {value}, {}", self.source, self.verdict),
            None => write!(f, "{}: {}", self.source, self.verdict),
        }
    }
}
