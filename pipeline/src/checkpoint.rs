//! A run on disk: after a SIGKILL at any moment it goes on from the last step that ended.
//!
//! Its folder holds `run.json` (what is run, so that another run is not mistaken for it), the plan after the last finished step,
//! `best.json` (the best so far of the step at work), `events.jsonl`, and a lock.

use crate::best::{BEST_FILE, FileBest, read_best, write_best};
use crate::confirm::Judge;
use crate::context::BestSink;
use crate::disk::Disk;
use crate::events::{EVENTS_FILE, Event, EventLog};
use crate::files::PART;
use crate::folder::{FolderError, PLAN_FILE, PROBLEM_FILE, load_saved, problem_hash, save_with};
use crate::owned::remove_own;
use crate::plan::Plan;
use crate::run_file::{RUN_FILE, RunFile, RunInfo};
use crate::stop::Budget;
use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use timetable::{Problem, Score, Timetable};

const LOCK_FILE: &str = "run.lock";

/// A run's folder. Where it can no longer be written (a full disk, a folder that has gone) that is said once, and the run goes on in
/// memory.
#[derive(Debug)]
pub struct Checkpoint {
    folder: PathBuf,
    disk: Arc<Disk>,
    events: Mutex<EventLog>,
    warned: Arc<AtomicBool>,
    /// Held until the run ends.
    _lock: File,
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
    /// The plan to go on with. In a run by time that is the best so far of the step that was at work, where the checker confirms that
    /// it is better; in a run by steps the step is done again from its start, so that the result is the same as without a break.
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
        whole.map(str::to_owned).into_iter().chain(parts).chain([EVENTS_FILE, LOCK_FILE].map(str::to_owned))
    }

    /// Whether a run is at work in a folder.
    pub fn is_at_work(folder: &Path) -> bool {
        let file = File::open(folder.join(LOCK_FILE));
        file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Begins a run in a folder in which [`files`](Checkpoint::files) are the program's own ([`Owned`](crate::Owned)); what an earlier
    /// run left there is replaced.
    ///
    /// # Errors
    /// Where the folder cannot be written, or another run is at work in it.
    pub fn create(folder: &Path, info: &RunInfo, plan: &Plan) -> Result<Checkpoint, FolderError> {
        fs::create_dir_all(folder).map_err(|e| FolderError::io(folder, e))?;
        let lock = lock(folder)?;
        // Without run.json nothing here is a run; it is written last.
        for name in [RUN_FILE, BEST_FILE, EVENTS_FILE] {
            remove_own(&folder.join(name))?;
        }
        let disk = Disk::new(folder, &plan.problem);
        save_with(folder, plan, &|name, bytes| disk.write(name, bytes))?;
        RunFile::new(info, plan).write(&disk)?;
        Self::with_lock(folder, lock, disk)
    }

    /// Goes on with the run of a folder.
    ///
    /// # Errors
    /// Where there is none, its files are damaged, another run is at work in it, or it is not the run that `info` describes.
    pub fn resume(folder: &Path, info: &RunInfo) -> Result<Resumed, FolderError> {
        let run = RunFile::read(folder)?;
        let lock = lock(folder)?;
        let plan = load_saved(folder)?;
        run.matches(info, &plan.problem).map_err(|why| FolderError::content(&folder.join(RUN_FILE), why))?;
        let finished = plan.history.len().checked_sub(run.history).filter(|&n| n <= run.steps.len());
        let Some(finished) = finished else {
            let (found, from, to) = (plan.history.len(), run.history, run.history + run.steps.len());
            let problem = format!("{found} stages in its history, expected {from} to {to}");
            return Err(FolderError::content(&folder.join(PLAN_FILE), problem));
        };
        let best = read_best(folder, &plan.problem, finished).unwrap_or_else(|why| {
            tracing::warn!("{why}; going on without it");
            None
        });
        let disk = Disk::new(folder, &plan.problem);
        let checkpoint = Self::with_lock(folder, lock, disk)?;
        Ok(Resumed { checkpoint, plan, finished, best })
    }

    fn with_lock(folder: &Path, lock: File, disk: Disk) -> Result<Checkpoint, FolderError> {
        let events = EventLog::open(folder).map_err(|e| FolderError::io(&folder.join(EVENTS_FILE), e))?;
        let (disk, events) = (Arc::new(disk), Mutex::new(events));
        Ok(Checkpoint { folder: folder.into(), disk, events, warned: Arc::default(), _lock: lock })
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
        Arc::new(FileBest::new(self.disk.clone(), step, problem.clone(), self.warned.clone()))
    }

    /// A step has ended: the plan after it is what a resumed run begins with.
    pub(crate) fn keep_finished(&self, plan: &Plan) {
        let saved = save_with(&self.folder, plan, &|name, bytes| self.disk.write(name, bytes));
        self.warn(saved.and_then(|()| remove_own(&self.folder.join(BEST_FILE))).map(|()| self.disk.forget(BEST_FILE)));
    }

    /// The run was cancelled in the middle of a step, which a resumed run does again.
    pub(crate) fn keep_interrupted(&self, step: usize, plan: &Plan) {
        if let (Some(timetable), Some(score)) = (&plan.timetable, plan.score) {
            self.warn(write_best(&self.disk, step, &problem_hash(&plan.problem), timetable, score));
        }
    }

    pub(crate) fn append(&self, event: &Event) {
        let mut log = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        self.warn(log.append(event).map_err(|e| FolderError::io(&self.folder.join(EVENTS_FILE), e)));
    }

    fn warn(&self, result: Result<(), FolderError>) {
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
