//! What the stages of trials took: each trial leaves a small file, and after a race these become a
//! Parquet file and two pictures.

use crate::error::Error;
use crate::grid::Grid;
use crate::id::TrialId;
use crate::lines::Start;
use crate::parquet_files::{Column, Kind, Writer};
use crate::report::intervals;
use crate::statistics::median;
use crate::store::Folder;
use atomic_files::{PART, remove_part, rename_own, write_whole};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The folder of profiles, in that of a tournament.
pub const PROFILES: &str = "profiles";
/// Where trials write; renamed when a race is over.
const TRIALS: &str = "trials";
/// What the renamed folder ends with.
const OVER: &str = "trials";
/// No trial writes more.
const MOST_BYTES: u64 = 1 << 20;

/// What a trial says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) start: Start,
    pub(crate) stages: Vec<Spent>,
}

/// What one stage took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spent {
    pub(crate) stage: String,
    pub(crate) implementation: String,
    pub(crate) seconds: f64,
    pub(crate) steps: Option<u64>,
    /// Bytes of the whole process, as the runner measured them.
    pub(crate) memory: pipeline::MemoryUse,
}

impl Profile {
    /// Writes it into the folder, for the trial's attempt.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let path = folder.join(TRIALS).join(format!("{}-{}.json", self.start.id, self.start.attempt));
        File::create_new(path)?.write_all(&serde_json::to_vec(self)?)
    }
}

/// Makes the folder; what a tournament that was killed has left half done is done again.
pub(super) fn begin(sweep: &Folder) -> Result<(), Error> {
    let folder = sweep.path().join(PROFILES);
    for path in [&folder, &folder.join(TRIALS)] {
        match fs::create_dir(path) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(Error::io(path)(e)),
            _ => {}
        }
    }
    for entry in fs::read_dir(&folder).map_err(Error::io(&folder))?.flatten() {
        let name = entry.file_name();
        if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(OVER)?.strip_suffix('.')) {
            convert(sweep, name)?;
        }
    }
    Ok(())
}

/// A race (`race-3`) or a proof is over.
pub(super) fn settle(sweep: &Folder, what: &str) -> Result<(), Error> {
    let folder = sweep.path().join(PROFILES);
    let trials = folder.join(TRIALS);
    let is_empty = fs::read_dir(&trials).map_err(Error::io(&trials))?.next().is_none();
    if is_empty {
        return Ok(());
    }
    // The same race of another arena may have been here.
    let mut names = std::iter::once(what.to_owned()).chain((2..).map(|n| format!("{what}-{n}")));
    let is_there = |name: &str, end| fs::symlink_metadata(folder.join(format!("{name}.{end}"))).is_ok();
    let is_free = |name: &String| !is_there(name, "parquet") && !is_there(name, OVER);
    let Some(name) = names.find(is_free) else { return Ok(()) };
    let over = folder.join(format!("{name}.{OVER}"));
    rename_own(&trials, &over).map_err(Error::io(&over))?;
    fs::create_dir(&trials).map_err(Error::io(&trials))?;
    convert(sweep, &name)
}

/// Makes what trials wrote into pictures and `NAME.parquet`, and removes it when all of it is there.
fn convert(sweep: &Folder, name: &str) -> Result<(), Error> {
    let folder = sweep.path().join(PROFILES);
    let from = folder.join(format!("{name}.{OVER}"));
    let mut files: Vec<PathBuf> = fs::read_dir(&from)
        .map_err(Error::io(&from))?
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_of_trial))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    // Where it is there already, only removing was interrupted.
    if !files.is_empty() && !folder.join(format!("{name}.parquet")).exists() {
        write(sweep, &folder, name, &files)?;
    }
    for file in &files {
        fs::remove_file(file).map_err(Error::io(file))?;
    }
    // What somebody else has put there stays, and the folder with it.
    match fs::remove_dir(&from) {
        Err(e) if e.kind() != io::ErrorKind::DirectoryNotEmpty => Err(Error::io(&from)(e)),
        _ => Ok(()),
    }
}

/// Whether a file has the name of what a trial writes.
fn is_of_trial(name: &str) -> bool {
    let parts = name.strip_suffix(".json").and_then(|stem| stem.rsplit_once('-'));
    parts.is_some_and(|(id, attempt)| id.parse::<TrialId>().is_ok() && attempt.parse::<u32>().is_ok())
}

/// The Parquet file last: it says that everything is there.
fn write(sweep: &Folder, folder: &Path, name: &str, files: &[PathBuf]) -> Result<(), Error> {
    let grids = sweep.grids()?;
    let part = folder.join(format!("{name}.parquet{PART}"));
    remove_part(&part).map_err(Error::io(&part))?;
    let mut writer = Writer::create(&part, &columns(), &[])?;
    let mut by_stage: BTreeMap<String, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for file in files {
        // One that was killed while it wrote has left half of it.
        let Some(profile) = read(file)? else { continue };
        for spent in &profile.stages {
            row(&mut writer, &profile.start, spent, &grids)?;
            let (seconds, peaks) = by_stage.entry(format!("{} {}", spent.stage, spent.implementation)).or_default();
            seconds.push(spent.seconds);
            peaks.extend(spent.memory.peak.map(|peak| peak as f64 / 1e6));
        }
    }
    writer.finish()?;
    for (what, label, of) in [
        ("seconds", "seconds: median, least and most", (|of| of.0) as fn((Vec<f64>, Vec<f64>)) -> Vec<f64>),
        ("memory", "MB that were resident at most: median, least and most", |of| of.1),
    ] {
        let rows: Vec<(String, f64, f64, f64)> = by_stage
            .iter()
            .map(|(stage, values)| (stage, of(values.clone())))
            .filter(|(_, values)| !values.is_empty())
            .map(|(stage, mut values)| {
                let middle = median(&mut values);
                (stage.clone(), middle, values[0], values[values.len() - 1])
            })
            .collect();
        let file = format!("{name}-{what}.svg");
        write_whole(folder, &file, intervals(&rows, label, None).as_bytes()).map_err(Error::io(&folder.join(&file)))?;
    }
    let path = folder.join(format!("{name}.parquet"));
    rename_own(&part, &path).map_err(Error::io(&path))
}

fn read(path: &Path) -> Result<Option<Profile>, Error> {
    let metadata = fs::metadata(path).map_err(Error::io(path))?;
    if metadata.len() > MOST_BYTES {
        return Ok(None);
    }
    Ok(serde_json::from_slice(&fs::read(path).map_err(Error::io(path))?).ok())
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("trial", Kind::Text),
        Column::new("attempt", Kind::Integer),
        Column::new("instance", Kind::Name),
        Column::new("configuration", Kind::Name),
        Column::new("seed", Kind::Integer),
        Column::new("stage", Kind::Name),
        Column::new("implementation", Kind::Name),
        Column::new("seconds", Kind::Float),
        Column::new("steps", Kind::Integer).nullable(),
        Column::new("memory_before", Kind::Integer).nullable(),
        Column::new("memory_after", Kind::Integer).nullable(),
        Column::new("memory_peak", Kind::Integer).nullable(),
        Column::new("memory_reserved", Kind::Integer).nullable(),
    ]
}

fn row(writer: &mut Writer, start: &Start, spent: &Spent, grids: &BTreeMap<u32, Grid>) -> Result<(), Error> {
    let grid = grids.get(&start.grid);
    let cell = grid.and_then(|grid| Some((grid, grid.cell(start.cell)?)));
    let texts = cell.map(|(grid, cell)| grid.texts(&cell)).unwrap_or_default();
    let text = |at: usize| texts.get(at).map_or("", String::as_str);
    let bytes = |bytes: Option<u64>| bytes.map(|bytes| bytes as i64);
    let id = start.id.to_string();
    writer.text(id.as_str()).integer(i64::from(start.attempt)).text(text(0)).text(text(1)).integer(start.seed as i64);
    writer.text(spent.stage.as_str()).text(spent.implementation.as_str()).float(spent.seconds);
    writer.integer(bytes(spent.steps)).integer(bytes(spent.memory.before)).integer(bytes(spent.memory.after));
    writer.integer(bytes(spent.memory.peak)).integer(bytes(spent.memory.promised));
    writer.end_row()
}
