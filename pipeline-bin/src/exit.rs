//! Exit codes: what a script can rely on.

use std::process::ExitCode;
use timetable::Score;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A valid timetable, or the command did what it was asked.
    Done = 0,
    /// Best effort: classes are unplaced or hard rules violated.
    BestEffort = 1,
    /// Bad input, bad usage, or a file that cannot be written.
    BadInput = 2,
    /// The memory budget is too small.
    TooSmall = 3,
    /// A sweep that was stopped in time, or whose disk is full: the same command goes on.
    #[cfg(feature = "experiments")]
    Again = 75,
    /// A sweep has trials left that need more memory than there is: the same command with more
    /// memory goes on.
    #[cfg(feature = "experiments")]
    MoreMemory = 86,
    /// Interrupted; the best so far is written.
    Interrupted = 130,
}

impl Exit {
    /// Whether a timetable is valid.
    pub(crate) fn of(score: Score) -> Exit {
        if score.is_valid() { Exit::Done } else { Exit::BestEffort }
    }

    /// Ends the program at once.
    pub(crate) fn now(self) -> ! {
        std::process::exit(self as i32)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
