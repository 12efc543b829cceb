//! Why a run, or a part of it, is not possible.

use crate::config::ConfigError;
use crate::host::BudgetTooSmall;
use crate::impossible::Impossible;
use crate::output_folder::OutputError;
use crate::stages::StageNameError;
use pipeline::{FolderError, RunError};
use stage0_load::{Faults, WriteError};
use std::{io, path::PathBuf};
use timetable::BlockError;

/// Why a run, or a part of it, is not possible.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A stage is configured that does not exist or cannot be made.
    #[error(transparent)]
    StageName(#[from] StageNameError),
    /// Results cannot go where they should.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The memory budget is too small.
    #[error(transparent)]
    Memory(#[from] BudgetTooSmall),
    /// The input is wrong.
    #[error(transparent)]
    Input(#[from] Faults),
    /// The input asks for what cannot be.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// A problem block cannot be opened.
    #[error("{}: {source}", path.display())]
    Block {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: BlockError,
    },
    /// A plan folder cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A folder was expected to hold a timetable.
    #[error("{}: there is no plan in it, nor a timetable as CSV", .0.display())]
    NoTimetable(PathBuf),
    /// A folder was expected to hold a run that can be continued.
    #[error("{}: it holds no run to go on with", .0.display())]
    NoRun(PathBuf),
    /// The run to be continued is for another problem.
    #[error("{}: the run is for another problem than the input", .0.display())]
    OtherProblem(PathBuf),
    /// The run cannot begin.
    #[error(transparent)]
    Run(RunError),
    /// The solution cannot be written, neither in its folder nor anywhere else.
    #[error(transparent)]
    Solution(#[from] SolutionError),
    /// The checker failed on the timetable.
    #[error("the checker could not evaluate the timetable")]
    Checker,
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
}

/// Why a solution was not written.
#[derive(Debug, thiserror::Error)]
pub enum SolutionError {
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The list of own files cannot be extended.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another folder has taken the place of the run's own.
    #[error("{}: it is no longer the folder in which the run began", .0.display())]
    Replaced(PathBuf),
}

impl Error {
    /// Whether more memory would have helped.
    pub fn is_memory(&self) -> bool {
        matches!(self, Error::Memory(_))
    }

    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Error {
        Error::Io { path: path.into(), source }
    }
}

/// A run by steps that lacks memory ends like one that never began for want of it.
impl From<RunError> for Error {
    fn from(error: RunError) -> Error {
        match error {
            RunError::Memory { .. } => {
                Error::Memory(BudgetTooSmall(format!("the memory budget is too small: {error}")))
            }
            error => Error::Run(error),
        }
    }
}
