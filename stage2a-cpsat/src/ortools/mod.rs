//! OR-Tools at run time: found or fetched as one shared library, opened by worker processes only.

mod find;
mod library;
mod setup;

pub use find::{Candidate, Finding, candidates, find};
pub use library::{Library, LibraryError, Search};
pub use setup::{SetupError, setup};

/// The version that the messages and the C interface are those of.
pub const VERSION: &str = "9.15.6755";
/// The library's file name.
pub const FILE: &str = "libortools.so.9";
/// The environment variable that names the library, or a folder that it is in.
pub const VARIABLE: &str = "STAGECOACH_ORTOOLS";
