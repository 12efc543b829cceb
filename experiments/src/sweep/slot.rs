//! A slot: one segment, and at most one trial at work that appends to it.

use super::launch::Running;
use super::planner::Candidate;
use crate::error::Error;
use crate::lines::{End, Line};
use crate::store::{Place, Segment, scan};
use memguard::Bytes;
use std::{
    fs::File,
    io::{self, Seek},
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

/// A segment that is longer gets no further trial.
const ROLL: u64 = 16 << 20;
/// So much of what a trial says on standard error is kept.
const WORDS: u64 = 1_000;

pub(crate) struct Slot {
    pub(crate) segment: Segment,
    /// What the trial says on standard error: a file without a name.
    pub(crate) errors: File,
    pub(crate) trial: Option<AtWork>,
}

/// A trial at work.
pub(crate) struct AtWork {
    pub(crate) candidate: Candidate,
    pub(crate) kind: usize,
    /// What it is expected to need.
    pub(crate) expected: Bytes,
    pub(crate) process: Box<dyn Running>,
    /// Where its lines begin in the segment.
    pub(crate) from: u64,
    pub(crate) began: Instant,
    /// When it is told to end.
    pub(crate) deadline: Option<Duration>,
    /// It was ended because memory was critical: whether it was over its own cap.
    pub(crate) ended_for_memory: Option<bool>,
}

/// What a trial wrote.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) end: Option<End>,
    pub(crate) stop: Option<End>,
}

impl Slot {
    pub(crate) fn new(wal: &Path, place: Place) -> Result<Slot, Error> {
        let segment = Segment::create(wal, place)?;
        // Held for as long as this process or a worker that has inherited it lives: who goes on
        // later sees that nobody writes.
        let _ = segment.file.try_lock_shared();
        let errors = tempfile::tempfile().map_err(Error::io(&std::env::temp_dir()))?;
        Ok(Slot { segment, errors, trial: None })
    }

    /// What the trial at work has written since it began.
    pub(crate) fn said(&self, work: &AtWork) -> Result<Said, Error> {
        let start = work.candidate.start;
        let mut said = Said::default();
        scan(&self.segment.path, work.from, |line, _| {
            match line {
                Line::End(end) if end.start == start => drop(said.end.get_or_insert(end)),
                Line::Stop(stop) if stop.start == start => said.stop = Some(stop),
                _ => {}
            }
            Ok(())
        })?;
        Ok(said)
    }

    /// The last of what it said on standard error; forgotten then.
    pub(crate) fn last_words(&mut self) -> Option<String> {
        let mut words = || -> io::Result<String> {
            let len = self.errors.metadata()?.len();
            let mut bytes = vec![0; len.min(WORDS) as usize];
            let from = len - bytes.len() as u64;
            self.errors.read_exact_at(&mut bytes, from)?;
            self.errors.set_len(0)?;
            self.errors.rewind()?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        words().ok().filter(|words| !words.is_empty())
    }

    /// Whether the segment is long enough.
    pub(crate) fn is_full(&self) -> Result<bool, Error> {
        Ok(self.segment.len()? >= ROLL)
    }
}
