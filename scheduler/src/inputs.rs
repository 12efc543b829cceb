//! What a path holds: a plan folder, a block, a folder of CSV files, or a file of a known format.

use crate::error::Error;
use crate::host::{BudgetTooSmall, Host};
use memguard::Guard;
use pipeline::{PLAN_FILE, PROBLEM_FILE, Plan, load_plan};
use stage0_load::Loaded;
use stage0_load::csv_folder::{self, COURSES, Origin};
use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use timetable::Problem;

/// The plan folder in the output folder of a run.
pub const PLAN_FOLDER: &str = "plan";

/// The plan folder that a path means: itself, or the one in the output folder of a run.
pub fn plan_folder(path: &Path) -> Option<PathBuf> {
    [path.to_owned(), path.join(PLAN_FOLDER)].into_iter().find(|folder| folder.join(PLAN_FILE).is_file())
}

/// The same, for a problem: a folder's own tables come before the plan of an earlier run that lies
/// in it.
fn plan_of_problem(path: &Path) -> Option<PathBuf> {
    let folder = plan_folder(path)?;
    if folder != path && path.join(COURSES).is_file() {
        tracing::warn!(
            "{}: its tables are read, not the plan of an earlier run in {}",
            path.display(),
            folder.display()
        );
        return None;
    }
    Some(folder)
}

/// Loads whatever a path holds, as a plan.
///
/// # Errors
/// What is wrong with it.
pub fn load(path: &Path) -> Result<Plan, Error> {
    load_as(path, Reading::Strict).map(|input| input.plan)
}

/// A plan, and where it comes from.
#[derive(Clone, Debug)]
pub struct Input {
    /// The plan.
    pub plan: Plan,
    /// Where everything stands in the tables that the problem was read from.
    pub origin: Option<Origin>,
}

impl From<Plan> for Input {
    fn from(plan: Plan) -> Input {
        Input { plan, origin: None }
    }
}

/// How an input is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Whatever is wrong with it is an error.
    #[default]
    Strict,
    /// What cannot be used is left out, and said.
    Lenient,
}

impl Reading {
    /// Lenient, where that is asked for.
    pub fn lenient(is_asked_for: bool) -> Reading {
        if is_asked_for { Reading::Lenient } else { Reading::Strict }
    }
}

/// The same, read in some way.
///
/// # Errors
/// What is wrong with it.
pub fn load_as(path: &Path, reading: Reading) -> Result<Input, Error> {
    let path = meant(path);
    if let Some(folder) = plan_of_problem(path) {
        return Ok(load_plan(&folder)?.into());
    }
    let is_block =
        path.file_name().is_some_and(|name| name == PROBLEM_FILE) || path.extension().is_some_and(|e| e == "block");
    if is_block {
        let problem = Problem::open(path).map_err(|source| Error::Block { path: path.into(), source })?;
        return Ok(Plan::new(Arc::new(problem)).into());
    }
    let Loaded { problem, origin } = stage0_load::load_with_origin(path, reading == Reading::Lenient)?;
    Ok(Input { plan: Plan::new(Arc::new(problem)), origin })
}

/// The same; where memory does not suffice for reading it, the host is told, for reading cannot be
/// given up.
///
/// # Errors
/// What is wrong with it.
pub fn load_watched(path: &Path, reading: Reading, guard: &Guard, host: &dyn Host) -> Result<Input, Error> {
    let done = AtomicBool::new(false);
    thread::scope(|threads| {
        let watcher = thread::Builder::new().name("watcher".into()).stack_size(memguard::stack_size());
        let watcher = watcher.spawn_scoped(threads, || {
            while !done.load(Ordering::Acquire) {
                if let Some(usage) = guard.usage().filter(|usage| usage.fraction() >= 1.0) {
                    let limit = guard.limits().holding().source.to_string();
                    let why = BudgetTooSmall(format!(
                        "the memory budget is too small for reading {}: {} in use, the limit is {} ({limit})",
                        path.display(),
                        usage.used,
                        usage.limit
                    ));
                    host.lacks_memory(&why);
                    return;
                }
                thread::park_timeout(Duration::from_millis(20));
            }
        });
        let watcher = watcher.map_err(Error::Thread)?;
        let input = load_as(path, reading);
        done.store(true, Ordering::Release);
        watcher.thread().unpark();
        // What loading took and no longer needs is the run's.
        guard.clean_up();
        input
    })
}

/// What a path means: the folder, where it names a file of a folder of CSV files.
pub fn meant(path: &Path) -> &Path {
    csv_folder::folder_of(path).unwrap_or(path)
}

/// A path's name without what tells its format: `mary-spr17` of `instances/mary-spr17.xml.gz`.
pub fn stem(path: &Path) -> OsString {
    let path = meant(path);
    let here = path.canonicalize();
    let path = if path.file_name().is_none() { here.as_deref().unwrap_or(path) } else { path };
    let name = path.file_name().unwrap_or(OsStr::new("run"));
    if path.is_dir() {
        return name.to_owned();
    }
    let mut bytes = name.as_bytes();
    for end in [".gz", ".zst", ".xml", ".ctt", ".ectt", ".tim", ".xlsx", ".ods", ".block"] {
        bytes = bytes.strip_suffix(end.as_bytes()).unwrap_or(bytes);
    }
    OsStr::from_bytes(bytes).to_owned()
}
