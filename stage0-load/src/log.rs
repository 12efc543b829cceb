//! What the loaders share: noting faults of one file, quoting values, numbers.

use crate::fault::{Fault, FaultLog, Faults};
use crate::notes::Notes;
use crate::source::{Limits, Source, explain};
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
    /// In a workbook: the sheet, and the column of which something is said.
    sheet: Option<String>,
    column: Option<usize>,
    faults: FaultLog,
    notes: Notes,
    /// What cannot be used is left out, and said.
    lenient: bool,
    /// Something could not be read, and that was said: what refers to it is not told.
    damaged: bool,
    memory: Memory,
}

/// The memory that is counted while reading, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// What was read takes.
    pub(crate) kept: u64,
    /// The most that it may take.
    pub(crate) most: u64,
}

impl Memory {
    /// What is wrong where more is kept than may be, and what is expected.
    pub(crate) fn fault(self) -> Option<(String, String)> {
        let mb = |bytes: u64| bytes.div_ceil(1_000_000);
        let found = || format!("something so large that it takes {} MB of memory", mb(self.kept));
        (self.kept > self.most).then(|| (found(), format!("at most {} MB for files so small", mb(self.most))))
    }
}

impl Default for Memory {
    /// Nothing was read, of files of which no size is known.
    fn default() -> Memory {
        Memory { kept: 0, most: Limits::KEPT }
    }
}

impl Log {
    pub(crate) fn new(file: &Path) -> Log {
        Log {
            file: file.to_owned(),
            sheet: None,
            column: None,
            faults: FaultLog::default(),
            notes: Notes::default(),
            lenient: false,
            damaged: false,
            memory: Memory::default(),
        }
    }

    /// The same, of a sheet of a workbook.
    pub(crate) fn of_sheet(self, sheet: Option<&str>) -> Log {
        Log { sheet: sheet.map(str::to_owned), ..self }
    }

    /// From now on faults are those of a column, where this is a sheet of a workbook.
    pub(crate) fn at_column(&mut self, column: Option<usize>) {
        self.column = column;
    }

    /// The name of the file.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Of an opened input.
    pub(crate) fn of(source: &Source) -> Log {
        Log::new(source.file()).lenient(source.is_lenient())
    }

    /// The same; whether what cannot be used is left out.
    pub(crate) fn lenient(self, lenient: bool) -> Log {
        Log { lenient, ..self }
    }

    /// Goes on counting memory where another file of a folder ended.
    pub(crate) fn after(file: &Path, memory: Memory) -> Log {
        Log { memory, ..Log::new(file) }
    }

    /// Counts memory that what was read takes, with what the problem will take for it.
    pub(crate) fn keep(&mut self, bytes: u64) {
        self.memory.kept = self.memory.kept.saturating_add(bytes);
    }

    /// The memory counted so far.
    pub(crate) fn memory(&self) -> Memory {
        self.memory
    }

    /// Whether the memory counted so far is what a file of that size may take; otherwise a fault,
    /// after which nothing more is read.
    pub(crate) fn holds(&mut self, line: u64, size: u64) -> Result<(), Stop> {
        self.memory.most = self.memory.most.max(Limits::kept(size));
        match self.memory.fault() {
            None => Ok(()),
            Some((found, expected)) => {
                self.fault(line, found, expected);
                Err(Stop)
            }
        }
    }

    /// Notes a fault of a line; line 0 stands for the whole file.
    pub(crate) fn fault(&mut self, line: u64, found: impl Into<String>, expected: impl Into<String>) {
        let mut fault = Fault::new(&self.file, (line > 0).then_some(line), found, expected);
        if let Some(sheet) = &self.sheet {
            let column = self.column.map(column_name).unwrap_or_default();
            fault.cell = Some(if line > 0 { format!("{sheet}!{column}{line}") } else { sheet.clone() });
        }
        self.faults.push(fault);
    }

    /// Notes something that cannot be used: a fault, or, where the input is read leniently, left
    /// out and said.
    pub(crate) fn unusable(&mut self, line: u64, found: impl Into<String>, expected: impl Into<String>) {
        if self.lenient {
            self.note(line, &format!("left out: {}", found.into()));
        } else {
            self.fault(line, found, expected);
        }
    }

    /// Whether what cannot be used is left out.
    pub(crate) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// From now on what is missing is not told: it may be what could not be read.
    pub(crate) fn now_damaged(&mut self) {
        self.damaged = true;
    }

    /// Whether what is missing may be what could not be read.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Notes something that is no fault; it is said once, with its count and first lines.
    pub(crate) fn note(&mut self, line: u64, what: &str) {
        self.notes.add(line, what);
    }

    /// Notes how a file is encoded, where that is worth a word.
    pub(crate) fn note_encoding(&mut self, encoding: Option<&str>) {
        if let Some(encoding) = encoding {
            self.note(0, &format!("read as {encoding}, for it is not UTF-8"));
        }
    }

    /// Says what was noted and is no fault.
    fn say_notes(&mut self) {
        self.notes.say(&self.file);
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
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, Faults> {
        self.say_notes();
        self.faults.finish(value)
    }

    /// Builds the problem where nothing was wrong.
    pub(crate) fn build(mut self, builder: ProblemBuilder) -> Result<Problem, Faults> {
        self.say_notes();
        if self.is_empty() {
            match builder.build() {
                Ok(problem) => return Ok(problem),
                Err(e) => self.fault(0, e.to_string(), "a problem that fits the model"),
            }
        }
        Err(self.faults.into_faults())
    }

    /// The faults after a [`Stop`].
    pub(crate) fn into_faults(mut self) -> Faults {
        self.say_notes();
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

    /// Whether a name is not empty, not too long, and can be written in every format; otherwise a
    /// fault.
    pub(crate) fn name(&mut self, line: u64, what: &str, text: &str) -> bool {
        let good = is_name(text);
        if !good {
            let expected = format!("1 to {NAME_MAX} bytes without control characters");
            self.fault(line, format!("{what} {}", quoted(text)), expected);
        }
        good
    }

    /// Whether a text that may be empty can be written in every format; otherwise a fault.
    pub(crate) fn text(&mut self, line: u64, what: &str, text: &str) {
        if !text.chars().all(is_written) {
            self.fault(line, format!("{what} {}", quoted(text)), "a text without control characters");
        }
    }
}

/// A column as spreadsheets name it: `A`, `Z`, `AA`.
pub(crate) fn column_name(column: usize) -> String {
    let mut name = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        name.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    name.reverse();
    String::from_utf8(name).unwrap_or_default()
}

/// Whether XML can hold a character.
pub(crate) fn is_written(c: char) -> bool {
    c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n' | '\r')
}

/// Whether a text can be a name in every format: a mark of byte order would be lost where it begins
/// a file.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_MAX && text.chars().all(|c| is_written(c) && c != '\u{feff}')
}

/// A whole number as spreadsheets write it where they take it for a decimal one: `120.0`, `120,00`.
/// What could be thousands (`120.000`) stays as it is.
pub(crate) fn without_decimals(text: &str) -> &str {
    let whole = [".0", ".00", ",0", ",00"].iter().find_map(|end| text.strip_suffix(end));
    whole.filter(|whole| !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit())).unwrap_or(text)
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

    /// Bytes of the file as it lies there.
    pub(crate) fn size(&self) -> u64 {
        self.source.size()
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
        log.holds(number, self.source.size())?;
        match self.source.read_until(b'\n', &mut self.raw) {
            Ok(0) => {
                log.note_encoding(self.source.encoding());
                Ok(None)
            }
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
