//! What is wrong with an input: every fault of a file, with its line, what was found and what was
//! expected.

use crate::fault_kinds::write_kinds;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// One thing wrong in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1, where one can be named; in a workbook the row.
    pub line: Option<u64>,
    /// In a workbook, the sheet, and the cell or row in it where one can be named: `courses!C14`,
    /// `courses!14`, `courses`.
    pub cell: Option<String>,
    /// What was found, with its value: `room "R9" of class "c3" is not defined`.
    pub found: String,
    /// What was expected instead: `the id of a room`.
    pub expected: String,
}

impl Fault {
    /// A fault of a file, or of a line of it.
    pub fn new(file: &Path, line: Option<u64>, found: impl Into<String>, expected: impl Into<String>) -> Fault {
        Fault { file: file.to_owned(), line, cell: None, found: found.into(), expected: expected.into() }
    }

    /// The sheet, in a workbook.
    pub(crate) fn sheet(&self) -> Option<&str> {
        self.cell.as_deref().map(|cell| cell.rsplit_once('!').map_or(cell, |(sheet, _)| sheet))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        match (&self.cell, self.line) {
            (Some(cell), _) => write!(f, ": {cell}")?,
            (None, Some(line)) => write!(f, ":{line}")?,
            (None, None) => {}
        }
        write!(f, ": {}, expected {}", self.found, self.expected)
    }
}

/// Lines in words: `line 3`, `lines 3, 5 and 9`.
pub(crate) fn lines_in_words(lines: &[u64]) -> String {
    let names: Vec<String> = lines.iter().map(u64::to_string).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("line {one}"),
        [first @ .., last] => format!("lines {} and {last}", first.join(", ")),
    }
}

/// All faults of an input, in the order of files and lines; never empty. As text, faults of one
/// kind are one line, with their count and the first places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    list: Vec<Fault>,
    /// How many more there were than are kept.
    pub dropped: usize,
}

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_kinds(&self.list, self.dropped, f)
    }
}

impl Faults {
    /// The faults.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// A single fault that has no line.
    pub fn one(file: &Path, found: impl Into<String>, expected: impl Into<String>) -> Faults {
        Faults { list: vec![Fault::new(file, None, found, expected)], dropped: 0 }
    }
}

/// Collects faults while a file is read, so that all are reported together.
#[derive(Debug, Default)]
pub struct FaultLog {
    list: Vec<Fault>,
    dropped: usize,
}

impl FaultLog {
    /// More than these are counted, not kept: a hostile file shall not fill the memory.
    pub const KEPT: usize = 1000;

    /// Notes a fault.
    pub fn add(&mut self, file: &Path, line: Option<u64>, found: impl Into<String>, expected: impl Into<String>) {
        if self.list.len() < Self::KEPT {
            self.list.push(Fault::new(file, line, found, expected));
        } else {
            self.dropped += 1;
        }
    }

    /// Notes a fault that is made.
    pub fn push(&mut self, fault: Fault) {
        if self.list.len() < Self::KEPT {
            self.list.push(fault);
        } else {
            self.dropped += 1;
        }
    }

    /// Adds the faults of another file.
    pub fn merge(&mut self, faults: &Faults) {
        faults.list.iter().for_each(|fault| self.push(fault.clone()));
        self.dropped += faults.dropped;
    }

    /// Nothing wrong so far.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// `value` if nothing was wrong.
    ///
    /// # Errors
    /// All faults noted.
    pub fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.list.is_empty() { Ok(value) } else { Err(self.into_faults()) }
    }

    /// The faults noted, sorted by file, sheet and line.
    ///
    /// # Panics
    /// Where none was noted.
    pub fn into_faults(mut self) -> Faults {
        assert!(!self.list.is_empty(), "an error without a fault");
        self.list.sort_by(|a, b| (&a.file, a.sheet(), a.line).cmp(&(&b.file, b.sheet(), b.line)));
        Faults { list: self.list, dropped: self.dropped }
    }
}
