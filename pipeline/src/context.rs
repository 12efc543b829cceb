//! What a stage may use.

use crate::confirm::Judge;
use crate::stop::Stop;
use memguard::Ledger;
use std::{path::PathBuf, sync::Arc};
use timetable::{Score, Timetable};

/// Work done so far by the stage that runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Units of work done (evaluated moves, classes placed).
    pub done: u64,
    /// Units there are in all, where that is known.
    pub total: Option<u64>,
    /// Best score so far, where there is one.
    pub best: Option<Score>,
}

/// Receives progress; called from any thread, a few times a second.
pub trait ProgressSink: Send + Sync {
    /// Shows or notes it.
    fn report(&self, progress: Progress);
}

/// Ignores progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl ProgressSink for NoProgress {
    fn report(&self, _progress: Progress) {}
}

/// Receives the best timetable so far, so that it outlives a crash; called from any thread.
pub trait BestSink: Send + Sync {
    /// Whether enough time has passed since the last one for another to be wanted (so that a stage
    /// copies only then).
    fn wants(&self) -> bool;
    /// Saves it.
    fn offer(&self, best: &Timetable, score: Score);
}

impl BestSink for NoProgress {
    fn wants(&self) -> bool {
        false
    }

    fn offer(&self, _best: &Timetable, _score: Score) {}
}

/// What a stage may use: this and the plan are all there is.
#[derive(Clone)]
pub struct Context {
    /// Seed of all random numbers; each stage draws its own stream.
    pub seed: u64,
    /// When to stop.
    pub stop: Stop,
    /// What the stage may take of the memory: it reserves here what grows with the input, before it
    /// allocates it.
    pub ledger: Ledger,
    /// How many threads may work at once; never changes a result when the budget is in steps.
    pub threads: usize,
    /// Where work done is reported.
    pub progress: Arc<dyn ProgressSink>,
    /// Where the best so far is kept safe.
    pub best: Arc<dyn BestSink>,
    /// A folder for what does not fit into memory.
    pub work_folder: PathBuf,
    /// Evaluates timetables independently of the stage: a stage of several methods confirms with it
    /// what each of them claims.
    pub judge: Arc<dyn Judge>,
}
