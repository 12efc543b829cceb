//! The most that was resident during each scope.
//!
//! Source: `man 5 proc`. The kernel keeps one high-water mark for the process (`VmHWM`) and lets us
//! set it back (`/proc/self/clear_refs`). Scopes can overlap, so the mark is read for all open
//! scopes before it is set back for a new one: each then has its own exact peak. Where it may not
//! be set back, a scope's peak is exact only if the process reached a new mark during it; otherwise
//! the largest of the samples stands, which is a lower bound, and says so.
//!
//! Setting the mark back also lowers what `getrusage` and with it `/usr/bin/time` report for the
//! whole process; the peak of the whole run is [`Guard::peak`](crate::Guard::peak).

use std::fmt;

use crate::{Bytes, Gauges, Readings};

/// The most that was resident during a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Peak {
    /// What was resident at most; this process alone, without children.
    pub bytes: Bytes,
    /// True where the kernel measured it, false where it is the largest of some samples: it may
    /// have been more.
    pub exact: bool,
}

impl fmt::Display for Peak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at_least = if self.exact { "" } else { "at least " };
        write!(f, "{at_least}{}", self.bytes)
    }
}

/// The peak of something that began at one moment and is still open.
#[derive(Debug, Clone, Copy)]
struct Open {
    id: u64,
    peak: Option<Bytes>,
    exact: bool,
    /// The mark when this began, where it could not be set back: only a higher mark is from this
    /// scope.
    mark: Option<Bytes>,
}

impl Open {
    fn note(&mut self, readings: &Readings) {
        self.peak = self.peak.max(readings.resident);
        let Some(mark) = readings.peak else { return };
        if self.mark.is_none_or(|old| mark > old) {
            self.peak = self.peak.max(Some(mark));
            self.exact = true;
        }
    }

    fn result(&self) -> Option<Peak> {
        self.peak.map(|bytes| Peak { bytes, exact: self.exact })
    }
}

/// The peaks of all open scopes, and of the whole run.
#[derive(Debug)]
pub(crate) struct Peaks {
    run: Open,
    open: Vec<Open>,
    next_id: u64,
}

impl Peaks {
    pub(crate) fn new() -> Peaks {
        // What the process reached before belongs to the run as well.
        Peaks { run: Open { id: 0, peak: None, exact: false, mark: None }, open: Vec::new(), next_id: 1 }
    }

    /// Begins a scope: the mark counts for those that are open, then is set back for the new one.
    pub(crate) fn begin(&mut self, gauges: &Gauges) -> u64 {
        let before = gauges.read_process();
        self.note(&before);
        let permitted = gauges.reset_peak();
        let now = gauges.read_process();
        // Sandboxes may accept the write and do nothing: only a mark that has moved, or had nowhere
        // to move, is ours.
        let set_back = permitted && (now.peak < before.peak || now.peak <= now.resident);
        let mark = if set_back { None } else { now.peak };
        let id = self.next_id;
        self.next_id += 1;
        self.open.push(Open { id, peak: now.resident, exact: false, mark });
        id
    }

    /// Counts readings for the run and every open scope.
    pub(crate) fn note(&mut self, readings: &Readings) {
        self.run.note(readings);
        self.open.iter_mut().for_each(|open| open.note(readings));
    }

    /// Ends a scope.
    pub(crate) fn end(&mut self, id: u64, gauges: &Gauges) -> Option<Peak> {
        self.note(&gauges.read_process());
        let index = self.open.iter().position(|open| open.id == id)?;
        self.open.swap_remove(index).result()
    }

    /// The peak of the run so far.
    pub(crate) fn run(&mut self, gauges: &Gauges) -> Option<Peak> {
        self.note(&gauges.read_process());
        self.run.result()
    }
}
