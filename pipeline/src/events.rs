//! `events.jsonl`: a line for each stage that ended, with what depends on time and machine.

use crate::files::{ReadError, read_bounded};
use crate::folder::FolderError;
use crate::memory::MemoryUse;
use crate::plan::Outcome;
use atomic_files::write_whole;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};
use timetable::Score;

/// The file's name in a run's folder.
pub const EVENTS_FILE: &str = "events.jsonl";
const MOST: u64 = 64 << 20;

/// A stage has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The stage's place in the pipeline (`stage2b`).
    pub stage: String,
    /// The implementation (`annealing`).
    pub implementation: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the run was asked to stop while it ran, so that a resumed run does it again.
    pub interrupted: bool,
    /// Score before, where there was a timetable.
    pub before: Option<Score>,
    /// Score after, where there is a timetable.
    pub after: Option<Score>,
    /// Seconds that it ran.
    pub seconds: f64,
    /// Steps that it was charged, in a run by steps.
    pub steps: Option<u64>,
    /// Bytes of memory around it.
    pub memory: MemoryUse,
    /// When it ended: seconds since 1970, UTC.
    pub at: u64,
}

/// Appends events; each is on disk when [`EventLog::append`] returns.
#[derive(Debug)]
pub struct EventLog {
    file: File,
}

impl EventLog {
    /// Opens the log of a folder; a torn last line, left by a killed run, is cut off.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(folder: &Path) -> io::Result<EventLog> {
        let path = folder.join(EVENTS_FILE);
        // A copy of the folder may share the file (a hard link): it keeps it as it is.
        if fs::symlink_metadata(&path).is_ok_and(|there| there.is_file() && there.nlink() > 1) {
            write_whole(folder, EVENTS_FILE, &read(&path)?)?;
        }
        let mut open = OpenOptions::new();
        let file = open.read(true).append(true).create(true).custom_flags(libc::O_NOFOLLOW).open(&path)?;
        let whole = read(&path)?.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1) as u64;
        if whole < file.metadata()?.len() {
            file.set_len(whole)?;
        }
        Ok(EventLog { file })
    }

    /// Writes one line and syncs it.
    ///
    /// # Errors
    /// What the system says.
    pub fn append(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_bounded(path, MOST).map_err(|why| match why {
        ReadError::Io(e) => e,
        ReadError::TooLarge(n) => io::Error::other(format!("{n} bytes, expected at most {MOST}")),
    })
}

/// The events of a folder, and whether the last line is torn (and left out).
///
/// # Errors
/// A file that cannot be read, or a whole line that is no event.
pub fn read_events(folder: &Path) -> Result<(Vec<Event>, bool), FolderError> {
    let path = folder.join(EVENTS_FILE);
    let bytes = read_bounded(&path, MOST).map_err(|why| FolderError::unread(&path, MOST, why))?;
    let mut events = Vec::new();
    for (i, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        let Some(line) = line.strip_suffix(b"\n") else { return Ok((events, true)) };
        let event = serde_json::from_slice(line)
            .map_err(|e| FolderError::content(&path, format!("line {}: {e}, expected an event", i + 1)))?;
        events.push(event);
    }
    Ok((events, false))
}
