//! Closed segments become Parquet files.
//!
//! Order: the files are written under other names, synced, renamed; then one transaction adds the
//! part and marks the segments; then the segments go. Whoever is killed in between leaves either
//! the segments, or the part, as the truth: a part says in its footer of which segments it was
//! made.

use crate::error::Error;
use crate::grid::Grid;
use crate::id::TrialId;
use crate::lines::{End, Line, Point};
use crate::parquet_files::{Column, Kind, Writer};
use crate::store::{Folder, Index, Part, Place, scan};
use atomic_files::sync_folder;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The folder of finished attempts.
pub const RESULTS: &str = "results";
/// The folder of time series.
pub const SERIES: &str = "series";
/// What a file's footer has the list of its segments under.
pub(crate) const SEGMENTS: &str = "segments";

/// A part that was written, and the segments that it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compacted {
    /// Its number.
    pub number: u32,
    /// Rows of results, and blake3 of that file in hexadecimal.
    pub results: (u64, String),
    /// Rows of series, and blake3 of that file.
    pub series: (u64, String),
}

impl Compacted {
    pub(crate) fn part(&self) -> Option<Part> {
        let hash = |text: &str| blake3::Hash::from_hex(text).ok().map(|hash| *hash.as_bytes());
        Some(Part {
            number: self.number,
            results: self.results.0,
            results_hash: hash(&self.results.1)?,
            series: self.series.0,
            series_hash: hash(&self.series.1)?,
        })
    }
}

/// The columns of `results`, for trials of these grids.
pub fn results_columns(grids: &BTreeMap<u32, Grid>) -> Vec<Column> {
    let mut columns = vec![
        Column::new("trial", Kind::Text),
        Column::new("grid", Kind::Integer),
        Column::new("cell", Kind::Integer),
        Column::new("seed", Kind::Integer),
        Column::new("attempt", Kind::Integer),
    ];
    columns.extend(axes_of(grids).into_iter().map(|name| Column::new(name, Kind::Name).nullable()));
    columns.extend([
        Column::new("state", Kind::Name),
        Column::new("unplaced", Kind::Integer).nullable(),
        Column::new("hard", Kind::Integer).nullable(),
        Column::new("penalty", Kind::Integer).nullable(),
        Column::new("ms", Kind::Integer),
        Column::new("steps", Kind::Integer).nullable(),
        Column::new("peak", Kind::Integer),
        Column::new("needed", Kind::Integer),
        Column::new("cpu_ms", Kind::Integer),
        Column::new("cap", Kind::Integer),
        Column::new("ooms", Kind::Integer),
        Column::new("at", Kind::Integer),
        Column::new("version", Kind::Name),
        Column::new("why", Kind::Text).nullable(),
    ]);
    columns
}

/// The columns of `series`.
pub fn series_columns() -> Vec<Column> {
    vec![
        Column::new("trial", Kind::Text),
        Column::new("attempt", Kind::Integer),
        Column::new("t_ms", Kind::Integer),
        Column::new("unplaced", Kind::Integer).nullable(),
        Column::new("hard", Kind::Integer).nullable(),
        Column::new("penalty", Kind::Integer).nullable(),
        Column::new("rss_kb", Kind::Integer),
    ]
}

/// The columns that tell cells apart, of all grids: those of the first, then what others have
/// besides.
fn axes_of(grids: &BTreeMap<u32, Grid>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in grids.values().flat_map(Grid::columns) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Everything that is in these segments.
#[derive(Default)]
struct Content {
    ends: Vec<End>,
    /// Trial and attempt of each point.
    points: Vec<(TrialId, u32, Point)>,
}

/// Writes segments (`SLOT-SEQ.jsonl` in `wal/`) as the part of this number. Changes nothing else:
/// the segments are still there.
///
/// # Errors
/// What the system says, with nothing left behind; a damaged segment.
pub fn compact(folder: &Folder, number: u32, segments: &[String]) -> Result<Compacted, Error> {
    let grids = folder.grids()?;
    let mut content = Content::default();
    let mut seen = std::collections::BTreeSet::new();
    for name in segments {
        let mut at_work: Option<(TrialId, u32)> = None;
        scan(&folder.wal().join(name), 0, |line, _| {
            match line {
                Line::Start(start) => at_work = Some((start.id, start.attempt)),
                Line::Point(point) => {
                    let attempt = at_work.filter(|(id, _)| *id == point.id).map_or(0, |(_, attempt)| attempt);
                    content.points.push((point.id, attempt, point));
                }
                Line::Stop(_) => {}
                // An end counts once.
                Line::End(end) => {
                    if seen.insert((end.start.id, end.start.attempt)) {
                        content.ends.push(end);
                    }
                }
            }
            Ok(())
        })?;
    }
    sort(&mut content.ends, &grids);
    let place: BTreeMap<(TrialId, u32), usize> =
        content.ends.iter().enumerate().map(|(at, end)| ((end.start.id, end.start.attempt), at)).collect();
    content.points.sort_by_key(|&(id, attempt, point)| (place.get(&(id, attempt)).copied(), id, attempt, point.t));
    let from = segments.join(" ");
    let results = write(&folder.results(), number, |path| write_results(path, &grids, &content.ends, &from))?;
    let series = write(&folder.series(), number, |path| write_series(path, &content.points, &from))?;
    Ok(Compacted { number, results, series })
}

/// By grid, instance, cell and attempt.
fn sort(ends: &mut [End], grids: &BTreeMap<u32, Grid>) {
    ends.sort_by_cached_key(|end| {
        let instance = grids.get(&end.start.grid).and_then(|grid| grid.cell(end.start.cell)).map(|cell| cell.instance);
        (end.start.grid, instance, end.start.cell, end.start.attempt)
    });
}

/// Writes attempts that have ended as a file like those of parts.
pub(crate) fn write_ends(path: &Path, grids: &BTreeMap<u32, Grid>, mut ends: Vec<End>) -> Result<u64, Error> {
    sort(&mut ends, grids);
    write_results(path, grids, &ends, "")
}

/// The file of a part.
pub(crate) fn part_file(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("part-{number}.parquet"))
}

/// What it is called while it is written.
pub(crate) fn unfinished(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("part-{number}.parquet.tmp"))
}

/// Writes a file under another name and gives it its own; its rows and its hash.
pub(crate) fn write(
    folder: &Path,
    number: u32,
    rows: impl FnOnce(&Path) -> Result<u64, Error>,
) -> Result<(u64, String), Error> {
    let (temporary, path) = (unfinished(folder, number), part_file(folder, number));
    let work = || {
        let rows = rows(&temporary)?;
        let hash = hash_of(&temporary)?;
        if path.exists() {
            return Err(Error::damaged(&path, "it is there already, and no part has this number"));
        }
        atomic_files::rename_own(&temporary, &path).map_err(Error::io(&path))?;
        Ok((rows, blake3::Hash::from(hash).to_hex().to_string()))
    };
    let done = work();
    if done.is_err() {
        // Made by us a moment ago.
        let _ = fs::remove_file(&temporary);
    }
    done
}

fn write_results(path: &Path, grids: &BTreeMap<u32, Grid>, ends: &[End], from: &str) -> Result<u64, Error> {
    let mut writer = Writer::create(path, &results_columns(grids), &[(SEGMENTS, from.to_owned())])?;
    let names = axes_of(grids);
    for end in ends {
        let start = &end.start;
        let id = start.id.to_string();
        writer.text(id.as_str()).integer(i64::from(start.grid)).integer(start.cell as i64);
        writer.integer(start.seed as i64).integer(i64::from(start.attempt));
        let texts = grids.get(&start.grid).and_then(|grid| {
            let cell = grid.cell(start.cell)?;
            Some(grid.columns().into_iter().zip(grid.texts(&cell)).collect::<BTreeMap<_, _>>())
        });
        for name in &names {
            writer.text(texts.as_ref().and_then(|texts| texts.get(name)).map(String::as_str));
        }
        writer.text(end.state.name());
        let score = end.score;
        writer.integer(score.map(|score| i64::from(score.unplaced)));
        writer.integer(score.map(|score| score.hard)).integer(score.map(|score| score.penalty));
        writer.integer(end.ms as i64).integer(end.steps.map(|steps| steps as i64));
        writer.integer(end.peak as i64).integer(end.needed as i64).integer(end.cpu as i64);
        writer.integer(start.cap as i64).integer(i64::from(start.ooms)).integer(end.at as i64);
        writer.text(end.version.as_str()).text(end.why.as_deref());
        writer.end_row()?;
    }
    writer.finish()
}

fn write_series(path: &Path, points: &[(TrialId, u32, Point)], from: &str) -> Result<u64, Error> {
    let mut writer = Writer::create(path, &series_columns(), &[(SEGMENTS, from.to_owned())])?;
    for (id, attempt, point) in points {
        let id = id.to_string();
        writer.text(id.as_str()).integer(i64::from(*attempt)).integer(point.t as i64);
        writer.integer(point.u.map(i64::from)).integer(point.h).integer(point.p).integer(point.rss as i64);
        writer.end_row()?;
    }
    writer.finish()
}

/// The part counts from now on, and its segments go.
pub(crate) fn take_over(folder: &Folder, index: &mut Index, part: &Part, from: &[Place]) -> Result<(), Error> {
    index.add_part(part, from)?;
    for place in from {
        remove_segment(folder, *place)?;
    }
    sync_folder(&folder.wal()).map_err(Error::io(&folder.wal()))?;
    index.forget_segments(from)
}

/// Removes a segment that is in a part.
pub(crate) fn remove_segment(folder: &Folder, place: Place) -> Result<(), Error> {
    let path = place.file(&folder.wal());
    match fs::remove_file(&path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(&path)(e)),
        _ => Ok(()),
    }
}

/// blake3 of a file.
pub(crate) fn hash_of(path: &Path) -> Result<[u8; 32], Error> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).map_err(Error::io(path))?;
    io::copy(&mut file, &mut hasher).map_err(Error::io(path))?;
    Ok(*hasher.finalize().as_bytes())
}
