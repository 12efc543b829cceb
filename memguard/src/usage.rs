//! Which gauge is closest to killing us.

use std::fmt;

use crate::{Bytes, Limits, Readings, Source, space};

/// What a usage was measured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Gauge {
    /// What this process and its children have in memory, against the limit that holds.
    Process,
    /// What a control group uses, against its own limit.
    Cgroup,
    /// The address space, against `RLIMIT_AS`: both without what is for the stacks of threads.
    AddressSpace,
    /// Heap and private maps, against `RLIMIT_DATA`, likewise.
    Data,
    /// What we have, against that and what the machine could still give: other programs leave us no
    /// more.
    Machine,
}

/// How much of what may be used is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Usage {
    /// The gauge that this was read from.
    pub gauge: Gauge,
    /// What is used.
    pub used: Bytes,
    /// What may be used.
    pub limit: Bytes,
}

impl Usage {
    /// Used as a fraction of what may be used: 1.0 is all of it.
    pub fn fraction(&self) -> f64 {
        self.used.fraction_of(self.limit)
    }

    /// The fraction as text, such as `20.1 %`.
    pub fn percent(&self) -> String {
        format!("{:.1} %", self.fraction() * 100.0)
    }

    /// The limit that there would have to be for this one to be `bytes`: more, where a part is for
    /// the stacks of threads.
    pub fn whole(&self, bytes: Bytes) -> Bytes {
        match self.gauge {
            Gauge::AddressSpace | Gauge::Data => space::with_stacks(bytes),
            _ => bytes,
        }
    }

    /// What may still be used.
    pub fn free(&self) -> Bytes {
        self.limit.saturating_sub(self.used)
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.used, self.percent())
    }
}

impl Readings {
    /// What this process and its children have in memory together.
    pub fn ours(&self) -> Option<Bytes> {
        self.resident.map(|resident| resident.saturating_add(self.children.unwrap_or_default()))
    }

    /// The usage with the largest fraction over all gauges; the first of equals. `None` where
    /// nothing could be read.
    pub fn closest(&self, limits: &Limits) -> Option<Usage> {
        let usage =
            |gauge, used: Option<Bytes>, limit: Option<Bytes>| Some(Usage { gauge, used: used?, limit: limit? });
        let reachable = self.ours().zip(self.available).map(|(ours, available)| ours.saturating_add(available));
        let but_stacks = |source| limits.value_of(source).map(|limit| limit.saturating_sub(space::for_stacks(limit)));
        let apart = |used: Option<Bytes>| used.map(|used| used.saturating_sub(self.stacks));
        let all = [
            usage(Gauge::Process, self.ours(), Some(limits.bytes())),
            usage(Gauge::Cgroup, self.cgroup.map(|group| group.used), self.cgroup.map(|group| group.limit)),
            usage(Gauge::AddressSpace, apart(self.address_space), but_stacks(&Source::RlimitAs)),
            usage(Gauge::Data, apart(self.data), but_stacks(&Source::RlimitData)),
            usage(Gauge::Machine, self.ours(), reachable),
        ];
        // `max_by` takes the last of equals.
        all.into_iter().rev().flatten().max_by(|a, b| a.fraction().total_cmp(&b.fraction()))
    }
}
