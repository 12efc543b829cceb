//! A second opinion: what the `sysinfo` crate believes, beside what this crate found.

use std::fmt;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::{Bytes, Limits, Source};

/// One figure from both sides; `None` where a side says that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// What is compared.
    pub what: &'static str,
    /// What this crate found.
    pub ours: Option<Bytes>,
    /// What `sysinfo` believes.
    pub sysinfo: Option<Bytes>,
}

impl Comparison {
    /// Whether both say the same.
    pub fn agrees(&self) -> bool {
        self.ours == self.sysinfo
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes: Option<Bytes>| bytes.map_or_else(|| "none".to_owned(), |bytes| bytes.to_string());
        let verdict = if self.agrees() { "agree" } else { "differ" };
        write!(f, "{}: ours {}, sysinfo {}: they {verdict}", self.what, text(self.ours), text(self.sysinfo))
    }
}

/// Asks `sysinfo` about the running system and puts its answers beside `limits`.
///
/// The machine's memory should agree. The control group need not: `sysinfo` looks at the root of a
/// container only, and takes the machine's memory where it finds no limit.
pub fn cross_check(limits: &Limits) -> [Comparison; 2] {
    let memory = MemoryRefreshKind::nothing().with_ram();
    let system = System::new_with_specifics(RefreshKind::nothing().with_memory(memory)).ok();
    let total = system.as_ref().map(|system| Bytes::new(system.total_memory())).filter(|&total| total > Bytes::ZERO);
    let believed = system.and_then(|system| system.cgroup_limits()).map(|limits| Bytes::new(limits.total_memory));
    let ours = limits.groups().iter().map(|group| group.limit).min();
    [
        Comparison { what: "memory of the machine", ours: limits.value_of(&Source::MemTotal), sysinfo: total },
        Comparison {
            what: "limit of the control group",
            ours,
            sysinfo: believed.filter(|&believed| Some(believed) < total),
        },
    ]
}
