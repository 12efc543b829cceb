//! A run on disk: after a SIGKILL at any moment it goes on from the last step that ended.
//!
//! Its folder holds `run.json` (what is run, so that another run is not mistaken for it), the plan
//! after the last finished step, `best.json` (the best so far of the step at work), `events.jsonl`,
//! and a lock.

use crate::best::{BEST_FILE, FileBest, SavedScore, read_best, warn_once, write_best};
use crate::confirm::Judge;
use crate::context::BestSink;
use crate::disk::Disk;
use crate::events::{EVENTS_FILE, Event, EventLog};
use crate::folder::{FolderError, PLAN_FILE, PROBLEM_FILE, load_saved, new_bytes, problem_hash, save_with};
use crate::owned::remove_own;
use crate::plan::Plan;
use crate::run_file::{RUN_FILE, RunFile, RunInfo};
use crate::stop::Budget;
use atomic_files::PART;
use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use timetable::{Problem, Score, Timetable};

const LOCK_FILE: &str = "run.lock";

/// A run's folder. Where it can no longer be written (a full disk, a folder that has gone) that is
/// said once, and the run goes on in memory.
#[derive(Debug)]
pub struct Checkpoint {
    folder: PathBuf,
    disk: Arc<Disk>,
    events: Mutex<EventLog>,
    warned: Arc<AtomicBool>,
    kept: SavedScore,
    /// Held until the run ends.
    lock: File,
}

/// A run that was found on disk.
#[derive(Debug)]
pub struct Resumed {
    /// Where it goes on.
    pub checkpoint: Checkpoint,
    /// The plan after the last finished step.
    pub plan: Plan,
    /// How many steps have ended.
    pub finished: usize,
    /// The best so far of the step that was at work.
    pub best: Option<(Timetable, Score)>,
}

impl Resumed {
    /// The plan to go on with. In a run by time that is the best so far of the step that was at
    /// work, where the checker confirms that it is better; in a run by steps the step is done again
    /// from its start, so that the result is the same as without a break.
    pub fn start(&self, budget: Budget, judge: &dyn Judge) -> Plan {
        let mut plan = self.plan.clone();
        if let (Budget::Until(_), Some((best, _))) = (budget, &self.best) {
            let score = judge.score(&plan.problem, best);
            if plan.score.is_none_or(|saved| score < saved) {
                plan = plan.with_timetable(best.clone(), score);
            }
        }
        plan
    }
}

impl Checkpoint {
    /// The names of all files that a run may write in its folder.
    pub fn files() -> impl Iterator<Item = String> {
        let whole = [PROBLEM_FILE, PLAN_FILE, RUN_FILE, BEST_FILE];
        let parts = whole.map(|name| format!("{name}{PART}"));
        let others = [EVENTS_FILE.to_owned(), format!("{EVENTS_FILE}{PART}"), LOCK_FILE.to_owned()];
        whole.map(str::to_owned).into_iter().chain(parts).chain(others)
    }

    /// Whether a run is at work in a folder.
    pub fn is_at_work(folder: &Path) -> bool {
        let path = folder.join(LOCK_FILE);
        // A pipe would never open.
        if !fs::symlink_metadata(&path).is_ok_and(|there| there.is_file()) {
            return false;
        }
        File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Begins a run in a folder in which [`files`](Checkpoint::files) are the program's own
    /// ([`Owned`](crate::Owned)); what an earlier run left there is replaced.
    ///
    /// # Errors
    /// Where the folder cannot be written, or another run is at work in it.
    pub fn create(folder: &Path, info: &RunInfo, plan: &Plan) -> Result<Checkpoint, FolderError> {
        fs::create_dir_all(folder).map_err(|e| FolderError::io(folder, e))?;
        let lock = lock(folder)?;
        // Where there is no room for the new run, the old one stays.
        let disk = own_disk(folder, &plan.problem, &lock)?;
        disk.has_room(new_bytes(folder, plan))?;
        // Without run.json nothing here is a run; it is written last.
        for name in [RUN_FILE, BEST_FILE, EVENTS_FILE] {
            remove_own(&folder.join(name))?;
        }
        save_with(folder, plan, &|name, bytes| disk.write(name, bytes))?;
        RunFile::new(info, plan).write(&disk)?;
        Self::with_lock(folder, lock, disk, SavedScore::default())
    }

    /// Goes on with the run of a folder.
    ///
    /// # Errors
    /// Where there is none, its files are damaged, another run is at work in it, or it is not the
    /// run that `info` describes.
    pub fn resume(folder: &Path, info: &RunInfo) -> Result<Resumed, FolderError> {
        let run = RunFile::read(folder)?;
        let lock = lock(folder)?;
        let plan = load_saved(folder)?;
        run.matches(info, &plan.problem).map_err(|why| FolderError::content(&folder.join(RUN_FILE), why))?;
        let finished = plan.history.len().checked_sub(run.history).filter(|&n| n <= run.steps.len());
        let Some(finished) = finished else {
            let (found, from, to) = (plan.history.len(), run.history, run.history.saturating_add(run.steps.len()));
            let problem = format!("{found} stages in its history, expected {from} to {to}");
            return Err(FolderError::content(&folder.join(PLAN_FILE), problem));
        };
        let best = read_best(folder, &plan.problem, finished).unwrap_or_else(|why| {
            tracing::warn!("{why}; continuing without it");
            None
        });
        let disk = own_disk(folder, &plan.problem, &lock)?;
        let kept = SavedScore::default();
        if let Some((best, _)) = &best {
            // What the file claims is not trusted.
            kept.put(finished, timetable::check(&plan.problem, best).score);
        }
        let checkpoint = Self::with_lock(folder, lock, disk, kept)?;
        Ok(Resumed { checkpoint, plan, finished, best })
    }

    fn with_lock(folder: &Path, lock: File, disk: Disk, kept: SavedScore) -> Result<Checkpoint, FolderError> {
        let events = EventLog::open(folder).map_err(|e| FolderError::io(&folder.join(EVENTS_FILE), e))?;
        let (disk, events) = (Arc::new(disk), Mutex::new(events));
        Ok(Checkpoint { folder: folder.into(), disk, events, warned: Arc::default(), kept, lock })
    }

    /// Whether the run's folder is still the one in which it began: not moved away, and no other in
    /// its place.
    pub fn is_own(&self) -> bool {
        is_at(&self.lock, &self.folder.join(LOCK_FILE))
    }

    /// Whether another run has begun in the place of the folder, which was moved away.
    pub fn is_taken(&self) -> bool {
        !self.is_own() && fs::symlink_metadata(self.folder.join(LOCK_FILE)).is_ok()
    }

    /// The run's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether everything was saved so far.
    pub fn is_sound(&self) -> bool {
        !self.warned.load(Ordering::Relaxed)
    }

    /// Keeps a stage's best so far safe while it works.
    pub fn best_sink(&self, step: usize, problem: &Arc<Problem>) -> Arc<dyn BestSink> {
        Arc::new(FileBest::new(self.disk.clone(), step, problem.clone(), self.warned.clone(), self.kept.clone()))
    }

    /// A step has ended: the plan after it is what a resumed run begins with.
    pub(crate) fn keep_finished(&self, plan: &Plan) {
        if !self.still_own() {
            return;
        }
        let saved = save_with(&self.folder, plan, &|name, bytes| self.disk.write(name, bytes));
        self.warn(saved.and_then(|()| remove_own(&self.folder.join(BEST_FILE))).map(|()| self.disk.forget(BEST_FILE)));
    }

    /// The run was cancelled in the middle of a step, which a resumed run does again.
    pub(crate) fn keep_interrupted(&self, step: usize, plan: &Plan) {
        if let (Some(timetable), Some(score)) = (&plan.timetable, plan.score)
            && self.kept.lacks(step, score)
        {
            self.warn(write_best(&self.disk, step, &problem_hash(&plan.problem), timetable, score));
        }
    }

    pub(crate) fn append(&self, event: &Event) {
        if !self.still_own() {
            return;
        }
        let mut log = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        self.warn(log.append(event).map_err(|e| FolderError::io(&self.folder.join(EVENTS_FILE), e)));
    }

    /// The same as [`is_own`](Checkpoint::is_own), said once where it is not.
    fn still_own(&self) -> bool {
        let own = self.is_own();
        if !own {
            self.warn(Err(FolderError::content(&self.folder, "it is no longer the folder in which the run began")));
        }
        own
    }

    fn warn(&self, result: Result<(), FolderError>) {
        warn_once(&self.warned, result);
    }
}

/// The disk of a run's folder, for as long as its lock is the one that is held.
fn own_disk(folder: &Path, problem: &Problem, lock: &File) -> Result<Disk, FolderError> {
    let path = folder.join(LOCK_FILE);
    let lock = lock.try_clone().map_err(|e| FolderError::io(&path, e))?;
    Ok(Disk::new(folder, problem).while_own(move || is_at(&lock, &path)))
}

/// Whether an open file is the one of this name.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

fn lock(folder: &Path) -> Result<File, FolderError> {
    let path = folder.join(LOCK_FILE);
    let mut open = File::options();
    open.write(true).create(true).truncate(false).custom_flags(libc::O_NOFOLLOW);
    let file = open.open(&path);
    let file = file.map_err(|e| FolderError::io(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FolderError::content(&path, "another run is at work in this folder")),
        // A file system without locks: better no lock than no run.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}
