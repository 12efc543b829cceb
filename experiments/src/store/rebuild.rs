//! The index made again from the files.

use crate::error::Error;
use crate::id::TrialId;
use crate::lines::Start;
use crate::parquet_files::Reader;
use crate::store::{Folder, Index, Lock, Row, State, recover};
use atomic_files::{remove_part, rename_own};
use std::{path::Path, time::Duration};
use timetable::Score;

/// Makes the index again from parts and segments, and puts it in the place of the one that is
/// there. Returns how many trials are lost: at work when their sweep ended.
///
/// # Errors
/// What the system says; a damaged part or segment. The old index is as it was then.
pub fn rebuild(folder: &Folder, _lock: &Lock) -> Result<u64, Error> {
    let path = folder.index();
    let fresh = path.with_extension("sqlite.new");
    let remove = |path: &Path| remove_part(path).map_err(Error::io(path));
    let beside = |path: &Path| {
        ["-wal", "-shm", "-journal"].map(|end| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            name
        })
    };
    let clear = || {
        remove(&fresh)?;
        beside(&fresh).iter().try_for_each(|path| remove(Path::new(path)))
    };
    clear()?;
    let made = fill(folder, &fresh);
    if made.is_err() {
        clear()?;
    }
    let lost = made?;
    // Closed, the new index is one file. What lies beside the old one belongs to that.
    for path in beside(&path) {
        remove(Path::new(&path))?;
    }
    rename_own(&fresh, &path).map_err(Error::io(&path))?;
    Ok(lost)
}

fn fill(folder: &Folder, path: &Path) -> Result<u64, Error> {
    // To an empty index every part and every segment is news.
    recover(folder, &mut Index::open(path, Duration::from_secs(5))?)
}

/// Calls `each` with the rows of a file of results, a row group at a time.
pub(crate) fn read_part(path: &Path, mut each: impl FnMut(&[Row]) -> Result<(), Error>) -> Result<(), Error> {
    let reader = Reader::open(path)?;
    for group in 0..reader.groups() {
        let trials = reader.texts(group, "trial")?;
        let states = reader.texts(group, "state")?;
        let names = ["grid", "cell", "seed", "attempt", "ooms", "cap", "ms", "peak", "cpu_ms", "at"];
        let columns = names.map(|name| reader.integers(group, name));
        let scores = ["unplaced", "hard", "penalty", "steps"].map(|name| reader.integers(group, name));
        let [grid, cell, seed, attempt, ooms, cap, ms, peak, cpu, at] = columns;
        let (grid, cell, seed, attempt, ooms) = (grid?, cell?, seed?, attempt?, ooms?);
        let (cap, ms, peak, cpu, at) = (cap?, ms?, peak?, cpu?, at?);
        let [unplaced, hard, penalty, steps] = scores;
        let (unplaced, hard, penalty, steps) = (unplaced?, hard?, penalty?, steps?);
        let mut rows = Vec::with_capacity(trials.len());
        for (i, (trial, state)) in trials.iter().zip(&states).enumerate() {
            let wrong = || Error::damaged(path, format!("row {i} of row group {group} is no trial"));
            let id: TrialId = trial.as_deref().and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
            let state: State = state.as_deref().and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
            let number = |column: &[Option<i64>]| column[i].map(|n| n as u64).ok_or_else(wrong);
            let start = Start {
                id,
                grid: number(&grid)? as u32,
                cell: number(&cell)?,
                seed: number(&seed)?,
                attempt: number(&attempt)? as u32,
                ooms: number(&ooms)? as u32,
                cap: number(&cap)?,
            };
            let score = match (unplaced[i], hard[i], penalty[i]) {
                (Some(unplaced), Some(hard), Some(penalty)) => Some(Score { unplaced: unplaced as u32, hard, penalty }),
                _ => None,
            };
            let steps = steps[i].map(|steps| steps as u64);
            rows.push(Row {
                start,
                state,
                score,
                ms: number(&ms)?,
                steps,
                peak: number(&peak)?,
                cpu: number(&cpu)?,
                at: number(&at)?,
            });
        }
        each(&rows)?;
    }
    Ok(())
}
