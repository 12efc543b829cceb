//! Runs a grid: as many trials at once as memory allows, each a process of its own, everything
//! recorded before and after.

mod begin;
mod compacting;
mod driver;
mod judge;
mod kinds;
mod launch;
mod planner;
mod preflight;
mod prepare;
mod processes;
mod recorder;
mod room;
mod slot;
mod watch_memory;

use crate::error::Error;
use crate::grid::Grid;
use crate::store::{Folder, Index, Lock, Row, State, recover};
use memguard::{Bytes, Guard, Level};
use pipeline::Cancel;
use std::{path::PathBuf, time::Duration};

pub use launch::{Job, Launch, Running};
pub(crate) use planner::name_of;
pub use preflight::{KindAhead, Preflight};
pub(crate) use prepare::blocks;
pub use prepare::prepare;
pub use processes::Processes;

/// How a sweep is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// At most so many trials at once; memory may allow fewer.
    pub jobs: usize,
    /// One cell for each value of each axis comes first.
    pub minimal: bool,
    /// Only these cells, in ascending order.
    pub cells: Option<Vec<u64>>,
    /// Segments are left as they are; the next sweep in the folder makes them into Parquet.
    pub leave_segments: bool,
    /// The folder in which trials say what their stages took.
    pub profile: Option<PathBuf>,
    /// Trials whose number modulo the second is the first.
    pub shard: Option<(u32, u32)>,
    /// The index of the whole sweep, where this is a shard of it: what is done there is done.
    pub above: Option<PathBuf>,
    /// Results of these versions of the program count as done, too.
    pub accept: Vec<String>,
    /// Trials that ended in one of these states before are run once more.
    pub retry: Vec<State>,
    /// Show what would be run, and run nothing.
    pub only_plan: bool,
}

/// Is shown what a sweep does.
pub trait Watch {
    /// Before the first trial.
    fn preflight(&mut self, _preflight: &Preflight) {}
    /// A trial has ended: what it is (the cell's texts), how, and why where it failed.
    fn ended(&mut self, _row: &Row, _texts: &[String], _why: Option<&str>) {}
    /// A few times a second.
    fn progress(&mut self, _progress: &Progress) {}
    /// A line for people.
    fn tells(&mut self, line: &str) {
        tracing::info!("{line}");
    }
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Progress {
    /// Trials of the grid, or of the shard.
    pub trials: u64,
    /// Those with a result.
    pub done: u64,
    /// Those that ended in another way, and are not run again.
    pub failed: u64,
    /// Those at work.
    pub running: u64,
    /// Memory of the sweep and its trials, and of everything else that counts against the limit, in
    /// bytes.
    pub memory: u64,
    /// The limit.
    pub limit: u64,
    /// How serious it is.
    pub level: Level,
    /// Seconds until the end, as far as can be told.
    pub seconds_left: Option<f64>,
}

/// How a sweep has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every trial has a result.
    Done,
    /// Every trial was run, and some failed.
    SomeFailed,
    /// It was stopped; started again it goes on.
    Stopped,
    /// The disk is full, or cannot be written to; started again it goes on.
    NoRoom,
    /// Trials are left that need more memory than there is here.
    NeedsMemory(Bytes),
}

/// How a sweep has ended, with figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// The last of its progress.
    pub progress: Progress,
    /// Trials that were run this time.
    pub ran: u64,
    /// How long that took.
    pub took: Duration,
}

/// A sweep that may begin, or go on: the same thing.
pub struct Sweep<'s> {
    /// Its folder.
    pub folder: &'s Folder,
    /// Held as long as it runs.
    pub lock: &'s Lock,
    /// What is to be run.
    pub grid: &'s Grid,
    /// The grid's number in the folder.
    pub number: u32,
    /// How.
    pub options: Options,
    /// Watches the memory of this process and of everything beside it.
    pub guard: Guard,
    /// Stops it.
    pub cancel: Cancel,
}

impl Sweep<'_> {
    /// Runs whatever of the grid has no result yet. One trial that fails never ends it.
    ///
    /// # Errors
    /// Where the memory does not suffice for the largest kind of trials; where the store is
    /// damaged. What was recorded stays.
    pub fn run(&self, launch: &mut dyn Launch, watch: &mut dyn Watch) -> Result<Ending, Error> {
        let mut index = Index::open(&self.folder.index(), Duration::from_secs(5))?;
        let lost = recover(self.folder, &mut index)?;
        if lost > 0 {
            watch.tells(&format!("{lost} trials were at work when the sweep ended the last time; they are run again"));
        }
        driver::Driver::new(self, index, launch, watch)?.run()
    }
}
