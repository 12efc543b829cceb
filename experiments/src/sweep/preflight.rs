//! Before the first trial: what there is to do, how much memory each kind needs, how long it may
//! take, and whether it fits at all.

use super::kinds::{Guesser, Kinds};
use super::planner::{Look, Planner};
use super::room::{Room, limit_alone, limit_together};
use crate::error::Error;
use crate::store::Index;
use memguard::Bytes;
use std::collections::BTreeMap;

/// Kinds that are shown.
const SHOWN: usize = 1_000;
/// A trial's lines, before they are compacted, and its rows after that.
const BYTES_A_TRIAL: u64 = 2_500;

/// A kind of trials that are to be run.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct KindAhead {
    /// Instance, stages, population and threads.
    pub name: String,
    /// How many trials.
    pub trials: u64,
    /// What one is expected to need, in bytes.
    pub expected: u64,
    /// What one may take, in bytes.
    pub cap: u64,
    /// How many of them fit into memory at once; 0: none.
    pub at_once: usize,
    /// Seconds of one, where that is known.
    pub seconds: Option<f64>,
}

/// What a sweep is about to do.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Preflight {
    /// Trials of the grid, or of the shard.
    pub trials: u64,
    /// Those that have a result.
    pub done: u64,
    /// Those that ended in another way, and stay so.
    pub failed: u64,
    /// Those that are to be run.
    pub open: u64,
    /// Their kinds; the first thousand.
    pub kinds: Vec<KindAhead>,
    /// Kinds beyond those.
    pub more_kinds: usize,
    /// Trials at once at most, as asked for.
    pub jobs: usize,
    /// Memory for all trials together, in bytes.
    pub room: u64,
    /// Hours, where every kind's time is known or all trials have a budget in time.
    pub hours: Option<f64>,
    /// Bytes on the disk, about.
    pub disk: u64,
    /// Bytes free there.
    pub disk_free: Option<u64>,
}

impl Preflight {
    /// Goes through the grid once.
    pub(crate) fn make(
        planner: &mut Planner<'_>,
        index: &Index,
        kinds: &mut Kinds,
        mut kind_of: impl FnMut(&mut Kinds, &mut Guesser, &super::planner::Candidate) -> Option<usize>,
        guesser: &mut Guesser,
        room: Room,
        jobs: usize,
    ) -> Result<Preflight, Error> {
        let (mut done, mut failed, mut open, mut seconds, mut unknown) = (0, 0, 0, 0.0, false);
        let mut ahead: BTreeMap<usize, u64> = BTreeMap::new();
        planner.again();
        while let Some(look) = planner.next(index)? {
            match look {
                Look::NotOurs => {}
                Look::Done => done += 1,
                Look::AtWork => open += 1,
                Look::Over => failed += 1,
                Look::Open(candidate) => {
                    open += 1;
                    if let Some(kind) = kind_of(kinds, guesser, &candidate) {
                        *ahead.entry(kind).or_default() += 1;
                        let known = kinds.get(kind).ms;
                        match candidate.cell.budget {
                            _ if known > 0.0 => seconds += known / 1e3,
                            crate::Budget::Time(ms) => seconds += ms as f64 / 1e3,
                            crate::Budget::Steps(_) => unknown = true,
                        }
                    }
                }
            }
        }
        planner.again();
        guesser.clear();
        let of = |(&at, &trials): (&usize, &u64)| {
            let kind = kinds.get(at);
            let (expected, cap) = (kind.expected(), kind.cap_within(room.most));
            let fit = room.planned.get() / expected.get().max(1);
            let at_once = if fit == 0 && cap <= room.most { 1 } else { fit.min(jobs as u64) as usize };
            KindAhead {
                name: kind.name.clone(),
                trials,
                expected: expected.get(),
                cap: cap.get(),
                at_once,
                seconds: (kind.ms > 0.0).then_some(kind.ms / 1e3),
            }
        };
        let least = ahead.iter().map(of).map(|kind| kind.at_once).min().unwrap_or(jobs).max(1);
        Ok(Preflight {
            trials: done + failed + open,
            done,
            failed,
            open,
            kinds: ahead.iter().take(SHOWN).map(of).collect(),
            more_kinds: ahead.len().saturating_sub(SHOWN),
            jobs,
            room: room.planned.get(),
            hours: (!unknown).then_some(seconds / 3600.0 / least as f64),
            disk: open * BYTES_A_TRIAL,
            disk_free: None,
        })
    }

    /// Why none of the largest kind fits, even alone.
    pub(crate) fn refusal(&self, room: Room) -> Option<String> {
        let largest = self.kinds.iter().filter(|kind| kind.at_once == 0).max_by_key(|kind| kind.cap)?;
        let cap = Bytes::new(largest.cap);
        Some(format!(
            "the memory budget is too small for trials of {}: one may take {cap}, and there are {} for one that runs alone\n\
             It takes a limit of at least {}",
            largest.name,
            room.most,
            limit_alone(cap)
        ))
    }

    /// The smallest limit with which `jobs` trials of the largest kind run at once.
    pub fn limit_for(&self, jobs: usize) -> Bytes {
        let most = |of: fn(&KindAhead) -> u64| Bytes::new(self.kinds.iter().map(of).max().unwrap_or(0));
        limit_together(most(|kind| kind.expected).times(jobs)).max(limit_alone(most(|kind| kind.cap)))
    }
}
