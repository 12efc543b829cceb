//! What shards have found becomes part of their sweep: each trial once, also while they run.

use crate::error::Error;
use crate::grid::Grid;
use crate::id::TrialId;
use crate::parquet_files::{Column, Kind, Reader, Writer};
use crate::store::compact::{Compacted, part_file, results_columns, series_columns, write};
use crate::store::rebuild::read_part;
use crate::store::{Folder, Index, Place, Row, State, compact, recover, take_over};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Shards that there are.
    pub shards: u64,
    /// Those that are at work: of them only what has become Parquet is taken.
    pub running: u64,
    /// Attempts that were new.
    pub new: u64,
}

/// Takes over what the shards of a sweep have found. The sweep's own lock is held by the caller;
/// shards may be at work.
///
/// # Errors
/// What the system says; a damaged file of a shard.
pub fn collect(folder: &Folder) -> Result<Collected, Error> {
    let mut index = Index::open(&folder.index(), Duration::from_secs(5))?;
    recover(folder, &mut index)?;
    let mut collected = Collected::default();
    for shard in folder.shards()? {
        collected.shards += 1;
        for grid in shard.grids()?.values() {
            folder.keep_grid(grid)?;
        }
        match shard.lock() {
            Ok(_lock) => settle(&shard)?,
            Err(Error::Busy { .. }) => collected.running += 1,
            Err(why) => return Err(why),
        }
        if !shard.index().is_file() {
            continue;
        }
        let name = shard.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        for part in Index::read(&shard.index())?.parts()? {
            if !index.is_collected(&name, part.number)? {
                collected.new += take(folder, &mut index, &shard, &name, part.number)?;
            }
        }
    }
    Ok(collected)
}

/// A shard that is not at work: whatever it left becomes Parquet.
fn settle(shard: &Folder) -> Result<(), Error> {
    let mut index = Index::open(&shard.index(), Duration::from_secs(5))?;
    recover(shard, &mut index)?;
    let places = Place::all(&shard.wal())?;
    if places.is_empty() {
        return Ok(());
    }
    let number = index.parts()?.iter().map(|part| part.number).max().map_or(1, |last| last + 1);
    let names: Vec<String> = places.iter().map(|place| place.file(Path::new("")).display().to_string()).collect();
    let compacted = compact(shard, number, &names)?;
    let part = compacted.part().ok_or_else(|| Error::damaged(shard.path(), "a hash that is none"))?;
    take_over(shard, &mut index, &part, &places)
}

/// Takes over one part of a shard: the attempts that are not here yet.
fn take(folder: &Folder, index: &mut Index, shard: &Folder, name: &str, number: u32) -> Result<u64, Error> {
    let (results, series) = (part_file(&shard.results(), number), part_file(&shard.series(), number));
    let mut new: BTreeSet<(TrialId, u32)> = BTreeSet::new();
    let mut rows: Vec<Row> = Vec::new();
    read_part(&results, |all| {
        for row in all {
            let there = index.trial(row.id())?;
            if there.is_none_or(|there| row.replaces(there.start.attempt, there.state == State::Done)) {
                new.insert((row.id(), row.start.attempt));
                rows.push(*row);
            }
        }
        Ok(())
    })?;
    if new.is_empty() {
        index.add_collected(name, number, None)?;
        return Ok(0);
    }
    let grids: BTreeMap<u32, Grid> = folder.grids()?;
    let ours = index.parts()?.iter().map(|part| part.number).max().map_or(1, |last| last + 1);
    let is_new = |trial: &str, attempt: i64| trial.parse().is_ok_and(|id: TrialId| new.contains(&(id, attempt as u32)));
    let columns = results_columns(&grids);
    let results = write(&folder.results(), ours, |path| copy(&results, path, &columns, &is_new))?;
    let series = write(&folder.series(), ours, |path| copy(&series, path, &series_columns(), &is_new))?;
    let compacted = Compacted { number: ours, results, series };
    let part = compacted.part().ok_or_else(|| Error::damaged(folder.path(), "a hash that is none"))?;
    index.merge(&rows)?;
    index.add_collected(name, number, Some(&part))?;
    Ok(rows.len() as u64)
}

/// Copies the rows of some attempts; a column that the file does not have is empty.
fn copy(from: &Path, to: &Path, columns: &[Column], wanted: &dyn Fn(&str, i64) -> bool) -> Result<u64, Error> {
    enum Values {
        Integers(Vec<Option<i64>>),
        Texts(Vec<Option<String>>),
        Missing,
    }
    let reader = Reader::open(from)?;
    let there = reader.columns();
    let mut writer = Writer::create(to, columns, &[])?;
    for group in 0..reader.groups() {
        let trials = reader.texts(group, "trial")?;
        let attempts = reader.integers(group, "attempt")?;
        let read = |column: &Column| {
            let name = column.column_name();
            Ok(match column.kind() {
                _ if !there.contains(&name) => Values::Missing,
                Kind::Integer | Kind::Float => Values::Integers(reader.integers(group, &name)?),
                Kind::Name | Kind::Text => Values::Texts(reader.texts(group, &name)?),
            })
        };
        let values = columns.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
        for (at, (trial, attempt)) in trials.iter().zip(&attempts).enumerate() {
            if !wanted(trial.as_deref().unwrap_or_default(), attempt.unwrap_or_default()) {
                continue;
            }
            for (column, values) in columns.iter().zip(&values) {
                match values {
                    Values::Integers(values) => writer.integer(values[at]),
                    Values::Texts(values) => writer.text(values[at].as_deref()),
                    Values::Missing if column.kind() == Kind::Integer => writer.integer(None),
                    Values::Missing => writer.text(None),
                };
            }
            writer.end_row()?;
        }
    }
    writer.finish()
}
