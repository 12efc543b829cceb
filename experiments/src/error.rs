//! What can go wrong with a sweep as a whole. What goes wrong with one trial is that trial's state.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a sweep, or a question to its results, cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The grid, a filter or another thing that was written by a person; the text names file, line,
    /// value and what was expected.
    #[error("{0}")]
    Input(String),
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of the store is not what was written.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// SQLite.
    #[error("{}: {source}", path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// Another sweep has the folder.
    #[error("{}: another sweep is at work in this folder{who}", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// ` (process 42)`, where that is known.
        who: String,
    },
    /// The memory does not suffice for the largest kind of trials.
    #[error("{0}")]
    TooSmall(String),
}

impl Error {
    /// An error of a file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    }

    /// A file that is not what was written.
    pub(crate) fn damaged(path: &Path, why: impl ToString) -> Error {
        Error::Damaged { path: path.to_owned(), why: why.to_string() }
    }

    /// Whether somebody else holds the index just now.
    pub(crate) fn is_busy(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        matches!(self, Error::Index { source: rusqlite::Error::SqliteFailure(why, _), .. } if matches!(why.code, DatabaseBusy | DatabaseLocked))
    }

    /// Whether a disk is full, or a folder cannot be written to: nothing is wrong with what is
    /// there.
    pub fn is_full(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
        match self {
            Error::Io { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge
                    | io::ErrorKind::ReadOnlyFilesystem
                    | io::ErrorKind::PermissionDenied
                    | io::ErrorKind::WriteZero
            ),
            Error::Index { source: rusqlite::Error::SqliteFailure(why, _), .. } => {
                matches!(why.code, DiskFull | ReadOnly | SystemIoFailure | CannotOpen | PermissionDenied)
            }
            _ => false,
        }
    }
}
