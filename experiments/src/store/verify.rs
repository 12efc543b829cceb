//! Whether everything in a folder is what was written.

use crate::error::Error;
use crate::lines::Line;
use crate::store::compact::{hash_of, part_file};
use crate::store::rebuild::read_part;
use crate::store::{Folder, Index, Place, Row, State, scan};
use std::{path::PathBuf, time::Duration};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Parquet files.
    pub files: u64,
    /// Rows of results in them.
    pub rows: u64,
    /// Segments.
    pub segments: u64,
    /// Trials in the index.
    pub trials: u64,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
}

/// Checks every file against its checksum, every problem, and the index row by row against one that
/// is made again from the files. While a sweep is `running` the index is ahead of the files in
/// turn, and rows are not compared.
///
/// # Errors
/// Where there is no index, or no temporary file can be made.
pub fn verify(folder: &Folder, running: bool) -> Result<Verified, Error> {
    let index = Index::read(&folder.index())?;
    let mut verified = Verified::default();
    let mut faults = Vec::new();
    let mut fault = |path: PathBuf, why: String| faults.push(Fault { path, why });
    if let Some(why) = index.integrity()? {
        fault(folder.index(), why);
    }
    let scratch = tempfile::tempdir().map_err(Error::io(&std::env::temp_dir()))?;
    let mut again = Index::open(&scratch.path().join("index.sqlite"), Duration::from_secs(1))?;
    for part in index.parts()? {
        let (results, series) = (part_file(&folder.results(), part.number), part_file(&folder.series(), part.number));
        for (path, hash) in [(&results, part.results_hash), (&series, part.series_hash)] {
            verified.files += 1;
            match hash_of(path) {
                Ok(found) if found == hash => {}
                Ok(_) => fault(path.clone(), "it is not what was written: its checksum differs".into()),
                Err(why) => fault(path.clone(), why.to_string()),
            }
        }
        verified.rows += part.results;
        if let Err(why) = read_part(&results, |rows| again.merge(rows)) {
            fault(results, why.to_string());
        }
    }
    for place in Place::all(&folder.wal())? {
        verified.segments += 1;
        let path = place.file(&folder.wal());
        let mut rows = Vec::new();
        let done = scan(&path, 0, |line, _| {
            if let Line::End(end) = line {
                rows.push(Row::from(&end));
            }
            if rows.len() >= 4096 {
                again.merge(&rows)?;
                rows.clear();
            }
            Ok(())
        });
        if let Err(why) = done.and_then(|_| again.merge(&rows)) {
            fault(path, why.to_string());
        }
    }
    for grid in folder.grids()?.into_values() {
        for instance in &grid.instances {
            let path = folder.block(&instance.hash);
            match timetable::Problem::open(&path) {
                Ok(problem) if blake3::Hash::from(problem.block().hash()).to_hex().as_str() == instance.hash => {}
                Ok(_) => fault(path, "it is not the problem that its name says".into()),
                Err(why) => fault(path, why.to_string()),
            }
        }
    }
    verified.trials = index.counts()?.iter().map(|(_, n)| n).sum();
    if !running {
        compare(folder, &index, &again, &mut fault)?;
    }
    verified.faults = faults;
    Ok(verified)
}

/// Every trial must be in both, and be the same. (One that was at work when its sweep was killed is
/// lost only when the next begins.)
fn compare(
    folder: &Folder,
    index: &Index,
    again: &Index,
    fault: &mut impl FnMut(PathBuf, String),
) -> Result<(), Error> {
    index.trials(|row| {
        let there = again.trial(row.id())?;
        if row.state != State::Running && there != Some(row) {
            let found = there.map_or("it is in no file".to_owned(), |there| format!("the files say {there:?}"));
            fault(folder.index(), format!("trial {}: the index says {row:?}, {found}", row.id()));
        }
        Ok(true)
    })?;
    again.trials(|row| {
        if index.trial(row.id())?.is_none() {
            fault(folder.index(), format!("trial {} is in a file and not in the index", row.id()));
        }
        Ok(true)
    })
}
