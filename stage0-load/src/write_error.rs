//! Why something cannot be written.

use crate::fault::Faults;
use std::{io, path::PathBuf};
use timetable::{FitError, Format};

/// Why something cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Writing failed; what was there before is still there.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed.
    #[error("cannot write: {0}")]
    Stream(io::Error),
    /// The format has no way to say something that the problem says.
    #[error("{format} cannot hold this problem: {}", what.join("; "))]
    CannotHold {
        /// The format.
        format: Format,
        /// What it cannot hold.
        what: Vec<String>,
    },
    /// The timetable is not one of this problem.
    #[error("the timetable does not fit the problem: {0}")]
    Misfit(#[from] FitError),
    /// The calendar is another than the problem's.
    #[error("the calendar has other weeks, days or slots than the problem")]
    Calendar,
}

impl WriteError {
    /// Refuses what a format cannot hold; `what` is empty where it can hold everything.
    pub(crate) fn refuse(format: Format, what: Vec<String>) -> Result<(), WriteError> {
        if what.is_empty() { Ok(()) } else { Err(WriteError::CannotHold { format, what }) }
    }

    /// What is wrong with a text of our own, as something that its format cannot hold.
    pub(crate) fn of_own_text(faults: &Faults) -> Vec<String> {
        faults.list().iter().take(5).map(ToString::to_string).collect()
    }
}
