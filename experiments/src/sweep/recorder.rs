//! Ends on their way into the index: in groups, after the segments that hold them are on the disk.

use crate::error::Error;
use crate::store::{Index, Pending, Place, Row};
use std::time::{Duration, Instant};

/// A group is written when it is this old, or this large.
const AGE: Duration = Duration::from_millis(200);
const ROWS: usize = 1024;
/// So many rows may wait for somebody else who holds the index; then no further trial begins.
const MOST: usize = 4096;

#[derive(Default)]
pub(crate) struct Recorder {
    pending: Pending,
    since: Option<Instant>,
    is_waiting: bool,
}

impl Recorder {
    /// The end of a trial, which is in this segment up to here.
    pub(crate) fn end(&mut self, row: Row, place: Place, seen: u64) {
        self.pending.ends.push(row);
        match self.pending.seen.iter_mut().find(|(there, _)| *there == place) {
            Some((_, at)) => *at = seen,
            None => self.pending.seen.push((place, seen)),
        }
        self.since.get_or_insert_with(Instant::now);
    }

    /// A segment gets no further line.
    pub(crate) fn close(&mut self, place: Place) {
        self.pending.closed.push(place);
        self.since.get_or_insert_with(Instant::now);
    }

    pub(crate) fn is_due(&self) -> bool {
        self.pending.ends.len() >= ROWS || self.since.is_some_and(|since| since.elapsed() >= AGE)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.pending.ends.len() >= MOST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.since.is_none()
    }

    /// The segments that hold what is pending.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.pending.seen.iter().map(|(place, _)| *place)
    }

    /// Writes the group. While somebody else holds the index it waits: `false`.
    pub(crate) fn flush(&mut self, index: &mut Index) -> Result<bool, Error> {
        if self.is_empty() {
            return Ok(true);
        }
        match index.record(&self.pending) {
            Ok(()) => {
                // Its buffers are used again.
                self.pending.ends.clear();
                self.pending.seen.clear();
                self.pending.closed.clear();
                (self.since, self.is_waiting) = (None, false);
                Ok(true)
            }
            Err(why) if why.is_busy() => {
                if !self.is_waiting {
                    tracing::warn!("somebody else holds the index: what has ended waits ({why})");
                }
                self.is_waiting = true;
                self.since = Some(Instant::now());
                Ok(false)
            }
            Err(why) => Err(why),
        }
    }
}
