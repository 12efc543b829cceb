//! `best.json`: the best timetable so far of the step at work.

use crate::context::BestSink;
use crate::disk::Disk;
use crate::files::{ReadError, read_bounded};
use crate::folder::{FolderError, most_bytes, problem_hash};
use crate::text::{self, TimetableText};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use timetable::{Problem, Score, Timetable};

/// The file's name in a run's folder.
pub const BEST_FILE: &str = "best.json";
const FORMAT: &str = "stagecoach-best";
/// Offers are wanted this often, so that with a stage that offers a few times a second no more than
/// ten seconds are lost.
const EVERY: Duration = Duration::from_secs(5);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BestText {
    format: String,
    version: u32,
    problem: String,
    /// The step that was at work, counted from 0.
    step: usize,
    score: Score,
    timetable: TimetableText,
}

pub(crate) fn write_best(
    disk: &Disk,
    step: usize,
    problem: &str,
    best: &Timetable,
    score: Score,
) -> Result<(), FolderError> {
    let timetable = TimetableText::of(best);
    let text = BestText { format: FORMAT.into(), version: 1, problem: problem.into(), step, score, timetable };
    disk.write(BEST_FILE, &text::write(&text))
}

/// The best so far of this step; `None` where there is none, or it is of another step (one that has
/// ended since).
pub(crate) fn read_best(
    folder: &Path,
    problem: &Problem,
    step: usize,
) -> Result<Option<(Timetable, Score)>, FolderError> {
    let file = folder.join(BEST_FILE);
    let most = most_bytes(problem);
    let bytes = match read_bounded(&file, most) {
        Err(ReadError::Io(e)) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|why| FolderError::unread(&file, most, why))?,
    };
    let best: BestText =
        serde_json::from_slice(&bytes).map_err(|source| FolderError::Json { file: file.clone(), source })?;
    if best.format != FORMAT || best.version != 1 || best.problem != problem_hash(problem) {
        return Err(FolderError::content(&file, format!("is not a `{FORMAT}` version 1 for this problem")));
    }
    if best.step != step {
        return Ok(None);
    }
    let timetable = best.timetable.timetable(problem).map_err(|why| FolderError::content(&file, why))?;
    Ok(Some((timetable, best.score)))
}

/// The score of `best.json` and the step that it is of, so that nothing worse of that step takes
/// its place, whoever writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct SavedScore(Arc<Mutex<Option<(usize, Score)>>>);

impl SavedScore {
    pub(crate) fn put(&self, step: usize, score: Score) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((step, score));
    }

    /// Whether a score is better than what is kept of the step.
    pub(crate) fn lacks(&self, step: usize, score: Score) -> bool {
        let kept = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_none_or(|(of, there)| of != step || score < there)
    }
}

/// Saves what a stage offers, every few seconds.
pub(crate) struct FileBest {
    disk: Arc<Disk>,
    step: usize,
    problem: Arc<Problem>,
    warned: Arc<AtomicBool>,
    kept: SavedScore,
    /// When it was last looked at.
    at: Mutex<Instant>,
    every: Duration,
}

impl FileBest {
    pub(crate) fn new(
        disk: Arc<Disk>,
        step: usize,
        problem: Arc<Problem>,
        warned: Arc<AtomicBool>,
        kept: SavedScore,
    ) -> FileBest {
        FileBest { disk, step, problem, warned, kept, at: Mutex::new(Instant::now()), every: EVERY }
    }
}

impl BestSink for FileBest {
    fn wants(&self) -> bool {
        // While another thread saves, nobody else has to.
        self.at.try_lock().is_ok_and(|at| at.elapsed() >= self.every)
    }

    fn offer(&self, best: &Timetable, score: Score) {
        let mut at = match self.at.try_lock() {
            Ok(at) => at,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if !self.kept.lacks(self.step, score) {
            *at = Instant::now();
            return;
        }
        let result = write_best(&self.disk, self.step, &problem_hash(&self.problem), best, score);
        // Kept only where it is on disk: the next offer tries again.
        if result.is_ok() {
            self.kept.put(self.step, score);
        }
        *at = Instant::now();
        warn_once(&self.warned, result);
    }
}

/// Says the first time that something could not be saved.
pub(crate) fn warn_once(warned: &AtomicBool, result: Result<(), FolderError>) {
    if let Err(why) = result
        && !warned.swap(true, Ordering::Relaxed)
    {
        tracing::warn!("cannot save the run ({why}): going on in memory, it cannot be resumed from here");
    }
}
