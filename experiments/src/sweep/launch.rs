//! What starts a trial, and what a trial at work is.

use crate::grid::Budget;
use crate::lines::Start;
use memguard::{Bytes, WorkerOutcome};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fs::File, io, path::PathBuf, process::Command};

/// Everything that a trial needs to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Which trial and attempt; its cap is the memory limit that it is told.
    pub start: Start,
    /// The block of its problem, which is mapped, never read into memory.
    pub block: PathBuf,
    /// Its configuration, as in `stagecoach.toml`.
    pub layer: Value,
    /// What it may spend.
    pub budget: Budget,
    /// Milliseconds after which it is stopped, whatever its budget.
    pub deadline: Option<u64>,
    /// Where its plan is kept.
    pub keep: Option<PathBuf>,
    /// The folder in which it says what its stages took.
    #[serde(default)]
    pub profile: Option<PathBuf>,
}

/// Starts trials. [`Processes`](crate::Processes) starts real ones; tests and benchmarks have
/// others.
pub trait Launch {
    /// Starts one. It appends its lines to `lines`, and says on `errors` what went wrong.
    ///
    /// # Errors
    /// What the system says.
    fn launch(&mut self, job: &Job, lines: &File, errors: &File) -> io::Result<Box<dyn Running>>;

    /// The program that turns segments into Parquet: it reads what [`crate::trial::Compaction`]
    /// says from standard input, and writes a [`crate::Compacted`] to standard output. `None`: it
    /// is done in this process.
    fn compactor(&self) -> Option<Command> {
        None
    }
}

/// A trial at work. Dropping it kills it.
pub trait Running {
    /// How it ended, once it has.
    ///
    /// # Errors
    /// What the system says.
    fn poll(&mut self) -> io::Result<Option<WorkerOutcome>>;

    /// Asks it to end with its best.
    fn stop(&mut self);

    /// Ends it now.
    ///
    /// # Errors
    /// What the system says.
    fn kill(&mut self) -> io::Result<WorkerOutcome>;

    /// The memory that it has for itself alone, now.
    fn private(&mut self) -> Bytes;
}
