//! Everything that was ever recorded of one trial: its attempts and its series, from segments and
//! Parquet files.

use crate::error::Error;
use crate::id::TrialId;
use crate::lines::{Line, Point};
use crate::parquet_files::Reader;
use crate::store::{Folder, Index, Place, part_file, scan};

/// One attempt at a trial that has ended.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Attempt {
    /// From 1.
    pub attempt: u32,
    /// How it ended.
    pub state: String,
    /// What it might take, in bytes.
    pub cap: u64,
    /// The most that it took.
    pub peak: u64,
    /// Milliseconds.
    pub ms: u64,
    /// The program that ran it.
    pub version: String,
    /// What went wrong.
    pub why: Option<String>,
}

/// Every attempt at a trial that has ended, in order.
///
/// # Errors
/// A file that cannot be read.
pub fn attempts(folder: &Folder, id: TrialId) -> Result<Vec<Attempt>, Error> {
    let mut all: Vec<Attempt> = Vec::new();
    for part in Index::read(&folder.index())?.parts()? {
        let reader = Reader::open(&part_file(&folder.results(), part.number))?;
        for group in 0..reader.groups() {
            let rows = rows_of(&reader, group, id)?;
            if rows.is_empty() {
                continue;
            }
            let text = |name: &str| reader.texts(group, name);
            let number = |name: &str| reader.integers(group, name);
            let (states, versions, whys) = (text("state")?, text("version")?, text("why")?);
            let (attempts, caps, peaks, times) = (number("attempt")?, number("cap")?, number("peak")?, number("ms")?);
            all.extend(rows.into_iter().map(|at| Attempt {
                attempt: attempts[at].unwrap_or_default() as u32,
                state: states[at].clone().unwrap_or_default(),
                cap: caps[at].unwrap_or_default() as u64,
                peak: peaks[at].unwrap_or_default() as u64,
                ms: times[at].unwrap_or_default() as u64,
                version: versions[at].clone().unwrap_or_default(),
                why: whys[at].clone(),
            }));
        }
    }
    each_line(folder, |line| {
        if let Line::End(end) = line
            && end.start.id == id
        {
            all.push(Attempt {
                attempt: end.start.attempt,
                state: end.state.to_string(),
                cap: end.start.cap,
                peak: end.peak,
                ms: end.ms,
                version: end.version,
                why: end.why,
            });
        }
    })?;
    all.sort_by_key(|attempt| attempt.attempt);
    all.dedup_by_key(|attempt| attempt.attempt);
    Ok(all)
}

/// The series of an attempt at a trial, by time.
///
/// # Errors
/// A file that cannot be read.
pub fn series(folder: &Folder, id: TrialId, attempt: u32) -> Result<Vec<Point>, Error> {
    let mut points = Vec::new();
    for part in Index::read(&folder.index())?.parts()? {
        let reader = Reader::open(&part_file(&folder.series(), part.number))?;
        for group in 0..reader.groups() {
            let rows = rows_of(&reader, group, id)?;
            if rows.is_empty() {
                continue;
            }
            let number = |name: &str| reader.integers(group, name);
            let (attempts, times, memory) = (number("attempt")?, number("t_ms")?, number("rss_kb")?);
            let (unplaced, hard, penalty) = (number("unplaced")?, number("hard")?, number("penalty")?);
            let of = rows.into_iter().filter(|&at| attempts[at] == Some(i64::from(attempt)));
            points.extend(of.map(|at| Point {
                id,
                t: times[at].unwrap_or_default() as u64,
                u: unplaced[at].map(|n| n as u32),
                h: hard[at],
                p: penalty[at],
                rss: memory[at].unwrap_or_default() as u64,
            }));
        }
    }
    let mut at_work = None;
    each_line(folder, |line| match line {
        Line::Start(start) => at_work = Some((start.id, start.attempt)),
        Line::Point(point) if at_work == Some((id, attempt)) && point.id == id => points.push(point),
        _ => {}
    })?;
    points.sort_by_key(|point| point.t);
    points.dedup();
    Ok(points)
}

/// The rows of a trial in a row group.
fn rows_of(reader: &Reader, group: usize, id: TrialId) -> Result<Vec<usize>, Error> {
    let name = id.to_string();
    let trials = reader.texts(group, "trial")?;
    Ok(trials.iter().enumerate().filter(|(_, trial)| trial.as_deref() == Some(&name)).map(|(at, _)| at).collect())
}

/// Every whole line of every segment. One that has become Parquet meanwhile is not missed: parts
/// are read after this is called again.
fn each_line(folder: &Folder, mut each: impl FnMut(Line)) -> Result<(), Error> {
    for place in Place::all(&folder.wal())? {
        let path = place.file(&folder.wal());
        let done = scan(&path, 0, |line, _| {
            each(line);
            Ok(())
        });
        match done {
            // The sweep that runs has just made it part of a Parquet file.
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(why) => return Err(why),
            Ok(_) => {}
        }
    }
    Ok(())
}
