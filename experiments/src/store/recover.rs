//! What a sweep that goes on does first: whatever the one before it left, killed or not, is brought
//! to an end.

use crate::error::Error;
use crate::lines::{End, Line, Start};
use crate::parquet_files::Reader;
use crate::store::compact::{SEGMENTS, hash_of, part_file, remove_segment, unfinished};
use crate::store::rebuild::read_part;
use crate::store::{Folder, Index, Part, Pending, Place, Row, Segment, State, scan};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, TryLockError},
    path::Path,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How long a worker whose driver has died may take to die.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rows that are added to the index at once.
const BATCH: usize = 4096;

/// Brings the index up to what the files say, and ends what was at work: `lost`. Every segment that
/// is there is closed then. Returns how many trials are lost.
///
/// # Errors
/// What the system says; a damaged segment or part.
pub fn recover(folder: &Folder, index: &mut Index) -> Result<u64, Error> {
    settle_parts(folder, index)?;
    let known: BTreeMap<Place, (u64, Option<u32>)> =
        index.segments()?.into_iter().map(|known| (known.place, (known.seen, known.part))).collect();
    let all = Place::all(&folder.wal())?;
    let (in_parts, left): (Vec<Place>, Vec<Place>) =
        all.iter().partition(|place| known.get(place).is_some_and(|(_, part)| part.is_some()));
    for place in in_parts {
        remove_segment(folder, place)?;
    }
    let gone: Vec<Place> = known.keys().filter(|place| !left.contains(place)).copied().collect();
    index.forget_segments(&gone)?;

    let mut open: BTreeMap<(crate::TrialId, u32), Start> = BTreeMap::new();
    let mut pending = Pending::default();
    for &place in &left {
        let path = place.file(&folder.wal());
        wait_for_worker(&path)?;
        let from = known.get(&place).map_or(0, |(seen, _)| *seen);
        let mut ends = Vec::new();
        let end = scan(&path, from, |line, _| {
            match line {
                Line::Start(start) => drop(open.insert((start.id, start.attempt), start)),
                Line::End(end) => {
                    open.remove(&(end.start.id, end.start.attempt));
                    ends.push(Row::from(&end));
                }
                Line::Point(_) | Line::Stop(_) => {}
            }
            if ends.len() >= BATCH {
                index.merge(&ends)?;
                ends.clear();
            }
            Ok(())
        })?;
        index.merge(&ends)?;
        pending.seen.push((place, end));
        pending.closed.push(place);
    }
    // Trials that the index has at work: their start may be gone with a power cut.
    for start in index.running()? {
        open.entry((start.id, start.attempt)).or_insert(start);
    }
    index.none_is_running()?;
    // A start whose trial has come to its end elsewhere is no news.
    let mut lost = Vec::new();
    for start in open.into_values() {
        let there = index.trial(start.id)?;
        if there.is_none_or(|row| row.start.attempt < start.attempt) {
            lost.push(start);
        }
    }
    if !lost.is_empty() {
        let mut segment = Segment::create(&folder.wal(), Place { slot: 0, seq: next_seq(&all) })?;
        for &start in &lost {
            let end = lost_end(start);
            segment.append(&Line::End(end.clone()))?;
            pending.ends.push(Row::from(&end));
        }
        segment.sync()?;
        pending.seen.push((segment.place, segment.len()?));
        pending.closed.push(segment.place);
    }
    index.record(&pending)?;
    Ok(lost.len() as u64)
}

/// The number of the next segments.
pub(crate) fn next_seq(all: &[Place]) -> u32 {
    all.iter().map(|place| place.seq).max().map_or(1, |seq| seq + 1)
}

fn lost_end(start: Start) -> End {
    End {
        start,
        state: State::Lost,
        score: None,
        ms: 0,
        steps: None,
        peak: 0,
        needed: 0,
        cpu: 0,
        why: Some("the sweep ended before it".into()),
        version: crate::version().into(),
        at: now(),
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

/// A segment is locked for as long as its driver or its worker lives.
fn wait_for_worker(path: &Path) -> Result<(), Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(10)),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Busy {
                    path: path.to_owned(),
                    who: ": a worker of an earlier sweep does not end".into(),
                });
            }
            // A file system without locks has no workers of others either, as far as can be told.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
        }
    }
}

/// Files of parts without a row in the index: half written, or finished just before the end.
fn settle_parts(folder: &Folder, index: &mut Index) -> Result<(), Error> {
    let known: BTreeSet<u32> = index.parts()?.iter().map(|part| part.number).collect();
    let number_of = |name: &str, end: &str| name.strip_prefix("part-")?.strip_suffix(end)?.parse::<u32>().ok();
    let mut unknown = BTreeSet::new();
    for below in [folder.results(), folder.series()] {
        for entry in fs::read_dir(&below).map_err(Error::io(&below))?.flatten() {
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            if let Some(number) = number_of(&name, ".parquet.tmp") {
                let path = unfinished(&below, number);
                fs::remove_file(&path).map_err(Error::io(&path))?;
            } else if let Some(number) = number_of(&name, ".parquet").filter(|number| !known.contains(number)) {
                unknown.insert(number);
            }
        }
    }
    for number in unknown {
        settle_part(folder, index, number)?;
    }
    Ok(())
}

/// A part without a row: where its segments are still there, they are the truth and it goes;
/// otherwise it is.
fn settle_part(folder: &Folder, index: &mut Index, number: u32) -> Result<(), Error> {
    let (results, series) = (part_file(&folder.results(), number), part_file(&folder.series(), number));
    let of = |path: &Path| Reader::open(path).ok().and_then(|reader| reader.metadata(SEGMENTS));
    let named = of(&results).or_else(|| of(&series));
    let wal = folder.wal();
    let has_all = |named: &str| named.split_whitespace().all(|name| wal.join(name).is_file());
    if named.as_deref().is_some_and(|named| !named.is_empty() && has_all(named)) {
        for path in [results, series].into_iter().filter(|path| path.exists()) {
            fs::remove_file(&path).map_err(Error::io(&path))?;
        }
        return Ok(());
    }
    let part = Part {
        number,
        results: Reader::open(&results)?.rows(),
        results_hash: hash_of(&results)?,
        series: Reader::open(&series)?.rows(),
        series_hash: hash_of(&series)?,
    };
    read_part(&results, |rows| index.merge(rows))?;
    index.add_part(&part, &[])
}
