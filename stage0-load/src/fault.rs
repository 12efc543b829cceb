//! What is wrong with an input: every fault of a file, with its line, what was found and what was
//! expected.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// One thing wrong in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from 1, where one can be named.
    pub line: Option<u64>,
    /// What was found, with its value: `room "R9" of class "c3" is not defined`.
    pub found: String,
    /// What was expected instead: `the id of a room`.
    pub expected: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}, expected {}", self.found, self.expected)
    }
}

/// All faults of an input, in the order of files and lines; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    list: Vec<Fault>,
    /// How many more there were than are kept.
    pub dropped: usize,
}

impl std::error::Error for Faults {}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.list.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        if self.dropped > 0 {
            write!(f, "\n... and {} more", self.dropped)?;
        }
        Ok(())
    }
}

impl Faults {
    /// The faults.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// A single fault that has no line.
    pub fn one(file: &Path, found: impl Into<String>, expected: impl Into<String>) -> Faults {
        let fault = Fault { file: file.to_owned(), line: None, found: found.into(), expected: expected.into() };
        Faults { list: vec![fault], dropped: 0 }
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
            self.list.push(Fault { file: file.to_owned(), line, found: found.into(), expected: expected.into() });
        } else {
            self.dropped += 1;
        }
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

    /// The faults noted, sorted by file and line.
    ///
    /// # Panics
    /// Where none was noted.
    pub fn into_faults(mut self) -> Faults {
        assert!(!self.list.is_empty(), "an error without a fault");
        self.list.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        Faults { list: self.list, dropped: self.dropped }
    }
}
