//! What the loaders share: noting faults of one file, quoting values, numbers.

use crate::fault::{FaultLog, Faults};
use crate::source::{Source, explain};
use std::{
    io::{self, BufRead},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};
use timetable::{Problem, ProblemBuilder};

/// A fault was noted after which the rest of the file says nothing.
#[derive(Debug)]
pub(crate) struct Stop;

/// Longest name of a room, course, class or student, in bytes.
pub(crate) const NAME_MAX: usize = 255;

/// The faults of one file.
pub(crate) struct Log {
    file: PathBuf,
    faults: FaultLog,
}

impl Log {
    pub(crate) fn new(file: &Path) -> Log {
        Log { file: file.to_owned(), faults: FaultLog::default() }
    }

    /// Notes a fault of a line; line 0 stands for the whole file.
    pub(crate) fn fault(&mut self, line: u64, found: impl Into<String>, expected: impl Into<String>) {
        self.faults.add(&self.file, (line > 0).then_some(line), found, expected);
    }

    /// Notes that reading failed.
    pub(crate) fn unreadable(&mut self, line: u64, e: &io::Error) -> Stop {
        let (found, expected) = explain(e);
        self.fault(line, found, expected);
        Stop
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// The outcome: `value` where nothing was wrong.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Faults> {
        self.faults.finish(value)
    }

    /// Builds the problem where nothing was wrong.
    pub(crate) fn build(mut self, builder: ProblemBuilder) -> Result<Problem, Faults> {
        if self.is_empty() {
            match builder.build() {
                Ok(problem) => return Ok(problem),
                Err(e) => self.fault(0, e.to_string(), "a problem that fits the model"),
            }
        }
        Err(self.faults.into_faults())
    }

    /// The faults after a [`Stop`].
    pub(crate) fn into_faults(self) -> Faults {
        self.faults.into_faults()
    }

    /// A whole number in a range, or a fault.
    pub(crate) fn number(&mut self, line: u64, what: &str, text: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = digits(text);
        if let Some(v) = value
            && range.contains(&v)
        {
            return value;
        }
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.fault(line, format!("{what} {}", quoted(text)), expected);
        None
    }

    /// A `u32` in `0..=max`, or a fault.
    pub(crate) fn number32(&mut self, line: u64, what: &str, text: &str, max: u32) -> Option<u32> {
        self.number(line, what, text, 0..=u64::from(max)).map(|v| v as u32)
    }

    /// Whether a name is not empty and not too long; otherwise a fault.
    pub(crate) fn name(&mut self, line: u64, what: &str, text: &str) -> bool {
        let good = !text.is_empty() && text.len() <= NAME_MAX;
        if !good {
            self.fault(line, format!("{what} {}", quoted(text)), format!("1 to {NAME_MAX} bytes"));
        }
        good
    }
}

/// Decimal digits only: no sign, no point, no spaces.
fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    text.bytes().try_fold(0u64, |v, b| b.is_ascii_digit().then(|| v * 10 + u64::from(b - b'0')))
}

/// A value in quotes, cut where it is long, control characters shown.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut out = String::from("\"");
    for (i, c) in text.chars().enumerate() {
        if i == SHOWN {
            out.push('…');
            break;
        }
        if c == '\'' { out.push(c) } else { out.extend(c.escape_debug()) }
    }
    out.push('"');
    out
}

/// The lines of a text file.
pub(crate) struct Lines {
    source: Source,
    raw: Vec<u8>,
}

impl Lines {
    pub(crate) fn new(source: Source) -> Lines {
        Lines { source, raw: Vec::new() }
    }

    /// The number of the line that comes next.
    pub(crate) fn number(&self) -> u64 {
        self.source.line()
    }

    /// The next line with its number, trimmed; `None` at the end.
    pub(crate) fn next(&mut self, log: &mut Log) -> Result<Option<(u64, &str)>, Stop> {
        self.source.begin_item();
        self.raw.clear();
        let number = self.source.line();
        match self.source.read_until(b'\n', &mut self.raw) {
            Ok(0) => Ok(None),
            Ok(_) => {
                if std::str::from_utf8(&self.raw).is_err() {
                    log.fault(number, "a line that is not UTF-8", "text");
                    self.raw = String::from_utf8_lossy(&self.raw).into_owned().into_bytes();
                }
                Ok(Some((number, std::str::from_utf8(&self.raw).unwrap_or_default().trim())))
            }
            Err(e) => Err(log.unreadable(number, &e)),
        }
    }
}
