//! Signs that memory is short before it is gone: time lost waiting for it, and limits that were
//! hit.

use std::fmt;

use crate::procfs;

/// Pressure stall information: the share of the last ten seconds in which processes stood still for
/// want of memory (`man 5 proc`, the kernel's `accounting/psi.rst`), in hundredths of a percent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Pressure {
    /// At least one of them did.
    pub some: u16,
    /// All of them did at once: nothing got done.
    pub full: u16,
}

impl Pressure {
    /// From lines such as `full avg10=0.12 avg60=0.00 avg300=0.00 total=123`.
    pub(crate) fn parse(text: &[u8]) -> Option<Pressure> {
        let text = str::from_utf8(text).ok()?;
        let share = |kind: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(' '))?;
            let value = line.split_whitespace().find_map(|word| word.strip_prefix("avg10="))?;
            let (whole, hundredths) = value.split_once('.')?;
            let hundredths: u16 = hundredths.get(..2)?.parse().ok()?;
            whole.parse::<u16>().ok()?.checked_mul(100)?.checked_add(hundredths)
        };
        Some(Pressure { some: share("some")?, full: share("full")? })
    }
}

impl fmt::Display for Pressure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: u16| f64::from(share) / 100.0;
        write!(f, "some {:.1} %, full {:.1} %", percent(self.some), percent(self.full))
    }
}

/// How often a control group with a limit has run into it, since the group was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LimitHits {
    /// Usage was at the limit and something had to be reclaimed (`max` of `memory.events`,
    /// `memory.failcnt`).
    pub limit: u64,
    /// The kernel has killed a process there (`oom_kill`).
    pub kills: u64,
}

impl LimitHits {
    /// From `memory.events` of version 2.
    pub(crate) fn of_events(text: &[u8]) -> Option<LimitHits> {
        let count = |key| procfs::stat_line(text, key).map(|count| count.get());
        Some(LimitHits { limit: count("max")?, kills: count("oom_kill")? })
    }

    /// What came on top since `before`.
    pub fn since(&self, before: LimitHits) -> LimitHits {
        LimitHits { limit: self.limit.saturating_sub(before.limit), kills: self.kills.saturating_sub(before.kills) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pressure_is_read_from_the_kernels_lines() {
        let text =
            b"some avg10=12.34 avg60=1.00 avg300=0.10 total=99\nfull avg10=0.05 avg60=0.00 avg300=0.00 total=7\n";
        assert_eq!(Pressure::parse(text), Some(Pressure { some: 1234, full: 5 }));
        assert_eq!(Pressure::parse(b"some avg10=100.00 x\nfull avg10=100.00\n").map(|p| p.full), Some(10_000));
        for broken in
            ["", "some avg10=1.00\n", "full avg10=1.00\n", "some avg10=\nfull avg10=x\n", "some avg10=1\nfull avg10=1"]
        {
            assert_eq!(Pressure::parse(broken.as_bytes()), None, "{broken}");
        }
        assert_eq!(Pressure { some: 1234, full: 5 }.to_string(), "some 12.3 %, full 0.1 %");
    }

    #[test]
    fn hits_are_counted_from_a_beginning() {
        let hits = LimitHits::of_events(b"low 0\nhigh 3\nmax 17\noom 2\noom_kill 1\n").expect("two numbers");
        assert_eq!(hits, LimitHits { limit: 17, kills: 1 });
        assert_eq!(hits.since(LimitHits { limit: 10, kills: 1 }), LimitHits { limit: 7, kills: 0 });
        assert_eq!(LimitHits::of_events(b"low 0\n"), None);
    }
}
