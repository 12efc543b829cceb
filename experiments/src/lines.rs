//! A trial is lines: JSON objects that end with their own checksum, one a line, appended to a
//! segment.
//!
//! A line that ends without its newline, or whose checksum does not hold, is *torn* where nothing
//! of its trial follows it: who wrote it was killed, or the disk was full. Anywhere else it is
//! damage.

use crate::checksum::crc32c;
use crate::id::TrialId;
use crate::store::State;
use serde::{Deserialize, Serialize};
use timetable::Score;

/// One line of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "k", rename_all = "lowercase")]
pub enum Line {
    /// A trial begins.
    Start(Start),
    /// Where it is, now and then.
    Point(Point),
    /// It was told to stop, and this was its best.
    Stop(End),
    /// It has ended; counts once for each trial and attempt.
    End(End),
}

/// Which trial, and the how manieth attempt at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The trial.
    pub id: TrialId,
    /// The grid that its cell belongs to: `grids/GRID.json`.
    pub grid: u32,
    /// Its cell.
    pub cell: u64,
    /// Its seed.
    pub seed: u64,
    /// From 1.
    pub attempt: u32,
    /// How many attempts before this one ran out of memory, as was proven.
    pub ooms: u32,
    /// What memory it may have, in bytes.
    pub cap: u64,
}

/// A trial at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The trial.
    pub id: TrialId,
    /// Milliseconds since it began.
    pub t: u64,
    /// The best so far: classes that are not placed; `None` where there is no timetable yet.
    pub u: Option<u32>,
    /// Hard violations.
    pub h: Option<i64>,
    /// Penalty.
    pub p: Option<i64>,
    /// Resident memory in kB (1,024 bytes).
    pub rss: u64,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Which trial and attempt.
    #[serde(flatten)]
    pub start: Start,
    /// How.
    pub state: State,
    /// The score of its timetable, where there is one.
    pub score: Option<Score>,
    /// Milliseconds from its start to its end.
    pub ms: u64,
    /// Steps that it was charged, where its budget is in steps.
    pub steps: Option<u64>,
    /// The most memory that was resident, in bytes; 0 where nobody knows.
    pub peak: u64,
    /// The most memory that it had or had been promised by its ledger, in bytes: what the next of
    /// its kind is expected to need.
    #[serde(default)]
    pub needed: u64,
    /// Milliseconds of processor time.
    pub cpu: u64,
    /// What went wrong, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The program that ran it.
    pub version: String,
    /// When it ended: seconds since 1970, UTC.
    pub at: u64,
}

impl Line {
    /// The trial that a line is about.
    pub fn id(&self) -> TrialId {
        match self {
            Line::Start(start) => start.id,
            Line::Point(point) => point.id,
            Line::Stop(end) | Line::End(end) => end.start.id,
        }
    }

    /// As it is written, newline included.
    pub fn encode(&self) -> Vec<u8> {
        // Plain structures of numbers and text cannot fail to be written.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.pop();
        let sum = crc32c(&bytes);
        bytes.extend_from_slice(format!("{BEFORE}{sum:08x}{AFTER}\n").as_bytes());
        bytes
    }

    /// Reads a line without its newline; `None` where its checksum does not hold.
    pub fn decode(line: &[u8]) -> Option<Line> {
        let at = line.len().checked_sub(BEFORE.len() + 8 + AFTER.len())?;
        let (body, sum) = line.split_at(at);
        let sum = sum.strip_prefix(BEFORE.as_bytes())?.strip_suffix(AFTER.as_bytes())?;
        if format!("{:08x}", crc32c(body)).as_bytes() != sum {
            return None;
        }
        serde_json::from_slice(&[body, b"}"].concat()).ok()
    }
}

const BEFORE: &str = ",\"c\":\"";
const AFTER: &str = "\"}";

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Start {
        Start { id: TrialId([7; 16]), grid: 1, cell: 9, seed: 3, attempt: 1, ooms: 0, cap: 1 << 26 }
    }

    fn end() -> End {
        let score = Some(Score { unplaced: 1, hard: 2, penalty: -3 });
        let why = Some("a \"reason\"\nof two lines".to_owned());
        End {
            start: start(),
            state: State::Failed,
            score,
            ms: 5,
            steps: Some(6),
            peak: 7,
            needed: 7,
            cpu: 8,
            why,
            version: "v".into(),
            at: 9,
        }
    }

    #[test]
    fn every_kind_of_line_is_read_as_it_was_written() {
        let point = Point { id: TrialId([7; 16]), t: 1, u: None, h: Some(0), p: Some(-1), rss: 2 };
        for line in [Line::Start(start()), Line::Point(point), Line::Stop(end()), Line::End(end())] {
            let bytes = line.encode();
            assert_eq!(bytes.iter().filter(|&&b| b == b'\n').count(), 1);
            assert_eq!(Line::decode(&bytes[..bytes.len() - 1]), Some(line));
        }
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let bytes = Line::End(end()).encode();
        let line = &bytes[..bytes.len() - 1];
        for at in 0..line.len() {
            assert_eq!(Line::decode(&line[..at]), None, "cut at {at}");
            let mut changed = line.to_vec();
            changed[at] ^= 1;
            assert_eq!(Line::decode(&changed), None, "changed at {at}");
        }
    }
}
