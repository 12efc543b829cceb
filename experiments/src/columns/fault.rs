//! What is wrong with a file, and what cannot be done at all.

use std::path::{Path, PathBuf};

/// A file that cannot be read as results. The others still can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{place}: {found}, expected {expected}", file.display())]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// Where in it, such as `:12` or `, row group 3, column penalty`; may be empty.
    pub place: String,
    /// What was found there.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl Fault {
    /// A fault of a file as a whole.
    pub fn of(file: &Path, found: impl ToString, expected: impl ToString) -> Fault {
        Fault { file: file.to_owned(), place: String::new(), found: found.to_string(), expected: expected.to_string() }
    }

    /// A fault of a line, counted from 1.
    pub fn line(file: &Path, line: u64, found: impl ToString, expected: impl ToString) -> Fault {
        Fault { place: format!(":{line}"), ..Fault::of(file, found, expected) }
    }

    /// The same fault, at this place of the file.
    pub fn at(self, place: impl ToString) -> Fault {
        Fault { place: place.to_string(), ..self }
    }
}

/// What is wrong with a record, whose place the reader knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found}, expected {expected}")]
pub struct Wrong {
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// Why a question cannot be answered, whatever is in the files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing is there to be read.
    #[error("{}: {found}, expected {expected}", path.display())]
    Path {
        /// The file or folder.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A column that no file has.
    #[error("no file has a column {column}, expected one of {known}")]
    Column {
        /// Its name.
        column: String,
        /// The columns that there are.
        known: String,
    },
    /// An expression that cannot be read.
    #[error("--where {text:?}, character {at}: found {found}, expected {expected}")]
    Expression {
        /// The expression.
        text: String,
        /// The position of the character, counted from 1.
        at: usize,
        /// What is there.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A column that is not made for what it is asked for.
    #[error("{}: the column {column} holds {found}, expected {expected}", file.display())]
    Kind {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// What it holds.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// The memory bound is too small.
    #[error("{needed} needed for {what}, expected to do with {bound}\nMaybe raise --memory")]
    Memory {
        /// What for.
        what: String,
        /// How much.
        needed: memguard::Bytes,
        /// The bound.
        bound: memguard::Bytes,
    },
    /// Every file is damaged.
    #[error("none of the files can be read; the first: {0}")]
    Damaged(Fault),
    /// Something that is asked for makes no sense.
    #[error("{0}")]
    Usage(String),
}
