//! Segments: files that lines are appended to, by the driver and by the one worker of a slot. They
//! are never rewritten.

use crate::error::Error;
use crate::lines::Line;
use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Which segment: number `seq` of slot `slot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) slot: u32,
    pub(crate) seq: u32,
}

impl Place {
    pub(crate) fn file(self, wal: &Path) -> PathBuf {
        wal.join(format!("{}-{}.jsonl", self.slot, self.seq))
    }

    fn of_name(name: &str) -> Option<Place> {
        let (slot, seq) = name.strip_suffix(".jsonl")?.split_once('-')?;
        Some(Place { slot: slot.parse().ok()?, seq: seq.parse().ok()? })
    }

    /// All segments of a folder, in order.
    pub(crate) fn all(wal: &Path) -> Result<Vec<Place>, Error> {
        let entries = fs::read_dir(wal).map_err(Error::io(wal))?.flatten();
        let mut places: Vec<Place> = entries.filter_map(|entry| Place::of_name(entry.file_name().to_str()?)).collect();
        places.sort_unstable();
        Ok(places)
    }
}

/// A segment that is written to.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) place: Place,
    pub(crate) path: PathBuf,
    pub(crate) file: File,
}

impl Segment {
    /// A new one.
    pub(crate) fn create(wal: &Path, place: Place) -> Result<Segment, Error> {
        let path = place.file(wal);
        let mut open = File::options();
        let file = open.read(true).append(true).create_new(true).custom_flags(libc::O_NOFOLLOW).open(&path);
        Ok(Segment { place, file: file.map_err(Error::io(&path))?, path })
    }

    /// Its length.
    pub(crate) fn len(&self) -> Result<u64, Error> {
        Ok(self.file.metadata().map_err(Error::io(&self.path))?.len())
    }

    /// Appends a line. What a write that failed half way has left is ended by the next one.
    pub(crate) fn append(&mut self, line: &Line) -> Result<(), Error> {
        self.end_torn()?;
        self.file.write_all(&line.encode()).map_err(Error::io(&self.path))
    }

    /// Ends a line that was begun and not ended.
    fn end_torn(&mut self) -> Result<(), Error> {
        let len = self.len()?;
        let mut last = [b'\n'];
        if len > 0 {
            self.file.read_exact_at(&mut last, len - 1).map_err(Error::io(&self.path))?;
        }
        if last != [b'\n'] {
            self.file.write_all(b"\n").map_err(Error::io(&self.path))?;
        }
        Ok(())
    }

    /// What is in it from a position on, on the disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        self.file.sync_data().map_err(Error::io(&self.path))
    }
}
