//! One CSV file: found plain or compressed, its columns by name, its rows with their lines.

use super::files::Files;
use super::records::{Next, Records};
use crate::fault::{FaultLog, Faults};
use crate::log::{Log, Memory, quoted};
use crate::source::explain;
use std::ops::RangeInclusive;

/// Most bytes of a file with few rows, decompressed.
const MAX_BYTES: u64 = 64 << 20;
/// Most bytes of a file with many rows.
const MAX_BYTES_OF_MANY: u64 = 1 << 30;
/// More rows than these are many.
const MANY: u64 = 2_000_000;

/// What a file is called and which columns it has.
pub(crate) struct Layout {
    /// Name of the file.
    pub(crate) file: &'static str,
    /// Columns that must be there.
    pub(crate) required: &'static [&'static str],
    /// Columns that may be there.
    pub(crate) optional: &'static [&'static str],
    /// Most rows.
    pub(crate) rows: u64,
}

/// Adds faults to those of other files.
pub(crate) fn merge(all: &mut FaultLog, faults: &Faults) {
    for f in faults.list() {
        all.add(&f.file, f.line, f.found.clone(), f.expected.clone());
    }
}

/// The rows of a file; every fault goes to [`Sheet::log`].
pub(crate) struct Sheet {
    layout: &'static Layout,
    records: Records,
    /// Cells of the present row, trimmed, in the order of required, then optional columns; empty
    /// where there is no such column.
    cells: Vec<String>,
    /// Where each column of the layout stands in the file.
    places: Vec<Option<usize>>,
    width: usize,
    rows: u64,
    /// The line of the present row.
    pub(crate) line: u64,
    /// Whether everything so far could be read: set back where the file breaks off or lines are
    /// passed over.
    pub(crate) whole: bool,
    /// The faults of the file.
    pub(crate) log: Log,
}

impl Sheet {
    /// Opens the file and reads its header.
    pub(crate) fn open(files: Files<'_>, layout: &'static Layout) -> Result<Sheet, Faults> {
        Sheet::open_after(files, layout, Memory::default())
    }

    /// Opens a file of a folder of which others were read.
    pub(crate) fn open_after(files: Files<'_>, layout: &'static Layout, memory: Memory) -> Result<Sheet, Faults> {
        let bytes = if layout.rows > MANY { MAX_BYTES_OF_MANY } else { MAX_BYTES };
        let mut source = files.open(layout.file, bytes)?;
        let log = Log::after(source.file(), memory);
        let head = source.peek()?;
        let head = head.split(|&b| b == b'\n').next().unwrap_or_default();
        // Spreadsheets of countries with a decimal comma write semicolons, copied cells have tabs.
        let delimiter = [b',', b';', b'\t'].into_iter().find(|d| head.contains(d)).unwrap_or(b',');
        let records = Records::new(source, delimiter);
        let mut sheet = Sheet {
            layout,
            records,
            cells: Vec::new(),
            places: Vec::new(),
            width: 0,
            rows: 0,
            line: 1,
            whole: true,
            log,
        };
        sheet.header();
        if sheet.log.is_empty() { Ok(sheet) } else { Err(sheet.log.into_faults()) }
    }

    fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.layout.required.iter().chain(self.layout.optional).copied()
    }

    fn header(&mut self) {
        self.read();
        let names: Vec<String> =
            self.records.cells().map(|cell| String::from_utf8_lossy(cell).trim().to_ascii_lowercase()).collect();
        self.width = names.len();
        for (i, name) in names.iter().enumerate() {
            if name.starts_with('#') {
                continue;
            }
            if !self.columns().any(|c| c == name) {
                let expected = format!("one of {}, or a name that begins with #", join(self.columns()));
                self.log.fault(1, format!("column {}", quoted(name)), expected);
            } else if names[..i].contains(name) {
                self.log.fault(1, format!("column {} again", quoted(name)), "each column once");
            }
        }
        self.places = self.columns().map(|c| names.iter().position(|n| n == c)).collect();
        for (column, _) in self.layout.required.iter().zip(&self.places).filter(|(_, place)| place.is_none()) {
            self.log.fault(1, format!("column {column:?} is missing"), join(self.layout.required.iter().copied()));
        }
    }

    /// Reads a record; `false` at the end or where the file cannot be read further.
    fn read(&mut self) -> bool {
        if self.log.holds(self.line, self.records.size()).is_err() {
            self.whole = false;
            return false;
        }
        let next = self.records.next();
        self.line = self.records.line;
        match next {
            Ok(Next::Record) => return true,
            Ok(Next::End) => return false,
            Ok(Next::Unclosed) => self.log.fault(self.line, "a quote that is not closed", "another quote"),
            Err(e) => {
                let (found, expected) = explain(&e);
                self.log.fault(self.line, found, expected);
            }
        }
        self.whole = false;
        false
    }

    /// Goes to the next row; `false` at the end. Rows with the wrong number of cells are noted and
    /// passed over.
    pub(crate) fn next(&mut self) -> bool {
        loop {
            if !self.read() {
                return false;
            }
            self.rows += 1;
            if self.rows > self.layout.rows {
                self.whole = false;
                self.log.fault(self.line, "a line more", format!("at most {} lines", self.layout.rows));
                return false;
            }
            if self.records.cells().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            if self.records.len() != self.width {
                self.whole = false;
                self.log.fault(self.line, format!("{} cells", self.records.len()), format!("{} cells", self.width));
                continue;
            }
            if self.records.cells().any(|cell| std::str::from_utf8(cell).is_err()) {
                self.log.fault(self.line, "a line that is not UTF-8", "text in UTF-8");
            }
            self.log.keep(self.records.kept());
            self.cells.resize_with(self.places.len(), String::new);
            for (cell, place) in self.cells.iter_mut().zip(&self.places) {
                cell.clear();
                if let Some(place) = *place {
                    cell.push_str(String::from_utf8_lossy(self.records.cell(place)).trim());
                }
            }
            return true;
        }
    }

    /// A cell of the present row; empty where the column is missing.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.columns().position(|c| c == column).map_or("", |i| self.cells[i].as_str())
    }

    /// A whole number; `None` where the cell is empty, or wrong and noted.
    pub(crate) fn number(&mut self, column: &str, range: RangeInclusive<u64>) -> Option<u32> {
        let i = self.columns().position(|c| c == column)?;
        let Sheet { cells, log, line, .. } = self;
        if cells[i].is_empty() {
            return None;
        }
        log.number(*line, column, &cells[i], range).map(|v| v as u32)
    }

    /// A whole number that must be there; 0 where it is not, and noted.
    pub(crate) fn needed(&mut self, column: &str, range: RangeInclusive<u64>) -> u32 {
        if self.text(column).is_empty() {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.log.fault(self.line, format!("{column} is empty"), expected);
            return 0;
        }
        self.number(column, range).unwrap_or(0)
    }

    /// Notes a fault of a cell of the present row.
    pub(crate) fn wrong(&mut self, column: &str, value: &str, expected: impl Into<String>) {
        self.log.fault(self.line, format!("{column} {}", quoted(value)), expected);
    }
}

/// The parts of a list: `a; b`.
pub(crate) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

pub(crate) fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
