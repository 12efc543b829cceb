//! How an input is read: the same for every command that reads one.

use clap::Args;
use scheduler::Reading;

/// How an input is read.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct ReadingFlags {
    /// Leave out what cannot be used (a class without a time, a request for a course that is not
    /// there), and list it.
    #[arg(long)]
    lenient: bool,
}

impl ReadingFlags {
    /// As these flags say.
    pub(crate) fn reading(self) -> Reading {
        Reading::lenient(self.lenient)
    }
}
