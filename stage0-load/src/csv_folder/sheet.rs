//! One CSV file: found plain or compressed, its columns by name, its rows with their lines.

use super::files::Files;
use super::records::{Next, Records};
use super::rows::Rows;
use crate::fault::Faults;
use crate::log::{Log, Memory, quoted, without_decimals};
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

/// The rows of a file; every fault goes to [`Sheet::log`].
pub(crate) struct Sheet {
    layout: &'static Layout,
    records: Rows,
    /// Cells of the present row, trimmed, in the order of required, then optional columns; empty
    /// where there is no such column.
    cells: Vec<String>,
    /// Where each column of the layout stands in the file.
    places: Vec<Option<usize>>,
    width: usize,
    /// Columns without a name: their cells must be empty.
    unnamed: Vec<usize>,
    rows: u64,
    /// What separates its cells; a comma where it is a sheet.
    pub(crate) separator: u8,
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
        Sheet::open_after(files, layout, Memory::default(), false)
    }

    /// Opens a file of a folder of which others were read.
    pub(crate) fn open_after(
        files: Files<'_>,
        layout: &'static Layout,
        memory: Memory,
        lenient: bool,
    ) -> Result<Sheet, Faults> {
        let (records, log, separator) = match files.sheet(layout.file) {
            Some(table) => {
                let log = Log::after(&files.path(layout.file), memory).of_sheet(Some(&table.name));
                (Rows::of(table, files.size(&[])), log, b',')
            }
            None => {
                let bytes = if layout.rows > MANY { MAX_BYTES_OF_MANY } else { MAX_BYTES };
                let mut source = files.open(layout.file, bytes)?;
                let log = Log::after(source.file(), memory);
                let (delimiter, is_said) = delimiter(source.peek()?);
                (Rows::Text(Box::new(Records::new(source, delimiter, is_said))), log, delimiter)
            }
        };
        let mut sheet = Sheet {
            layout,
            records,
            cells: Vec::new(),
            places: Vec::new(),
            width: 0,
            unnamed: Vec::new(),
            rows: 0,
            separator,
            line: 1,
            whole: true,
            log: log.lenient(lenient),
        };
        sheet.header();
        if sheet.log.is_empty() { Ok(sheet) } else { Err(sheet.log.into_faults()) }
    }

    fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.layout.required.iter().chain(self.layout.optional).copied()
    }

    fn header(&mut self) {
        if !self.read() && !self.log.is_empty() {
            return;
        }
        let names: Vec<String> =
            self.records.cells().map(|cell| String::from_utf8_lossy(cell).trim().to_ascii_lowercase()).collect();
        self.width = names.len();
        let line = self.line;
        // Another separator, or a title above the names of the columns.
        if !names.iter().any(|name| self.columns().any(|c| c == name)) {
            let required = join(self.layout.required.iter().copied());
            let Some(first) = names.iter().find(|name| !name.is_empty()) else {
                return self.log.fault(line, "no names of columns", required);
            };
            let found = format!("{}, which is the name of no column", quoted(first));
            let apart = match self.records {
                Rows::Text(_) => ", with commas, semicolons or tabs between them",
                Rows::Table(_) => "",
            };
            let expected = format!("the names of columns ({required}){apart}");
            return self.log.fault(line, found, expected);
        }
        for (i, name) in names.iter().enumerate() {
            if name.starts_with('#') {
                continue;
            }
            self.log.at_column(Some(i));
            if name.is_empty() {
                self.unnamed.push(i);
            } else if !self.columns().any(|c| c == name) {
                let expected = format!("one of {}, or a name that begins with #", join(self.columns()));
                self.log.fault(line, format!("column {}", quoted(name)), expected);
            } else if names[..i].contains(name) {
                self.log.fault(line, format!("column {} again", quoted(name)), "each column once");
            }
        }
        self.log.at_column(None);
        self.places = self.columns().map(|c| names.iter().position(|n| n == c)).collect();
        for (column, _) in self.layout.required.iter().zip(&self.places).filter(|(_, place)| place.is_none()) {
            self.log.fault(line, format!("column {column:?} is missing"), join(self.layout.required.iter().copied()));
        }
    }

    /// Reads a record; `false` at the end or where the file cannot be read further.
    fn read(&mut self) -> bool {
        if self.log.holds(self.line, self.records.size()).is_err() {
            self.whole = false;
            return false;
        }
        let next = self.records.next();
        self.line = self.records.line();
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
            if !self.has_its_width() {
                self.whole = false;
                let line = self.line;
                let cells = self.records.len();
                let found = if cells == 1 { "a line of 1 cell".to_owned() } else { format!("a line of {cells} cells") };
                self.log.unusable(line, found, format!("{} cells", self.width));
                continue;
            }
            self.look_at_unnamed();
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

    /// Whether a row has a cell for each column: cells beyond them must be empty, cells of columns
    /// without a name may be missing.
    fn has_its_width(&self) -> bool {
        let (cells, width) = (self.records.len(), self.width);
        (width..cells).all(|i| self.records.cell(i).trim_ascii().is_empty())
            && (cells..width).all(|i| self.unnamed.contains(&i))
    }

    /// Notes cells of columns that have no name.
    fn look_at_unnamed(&mut self) {
        for &i in &self.unnamed {
            if i >= self.records.len() || self.records.cell(i).trim_ascii().is_empty() {
                continue;
            }
            let text = String::from_utf8_lossy(self.records.cell(i)).trim().to_owned();
            self.log.at_column(Some(i));
            let found = format!("a cell {} in column {}, which has no name", quoted(&text), i + 1);
            self.log.fault(self.line, found, "a name in the first line, or empty cells");
            self.log.at_column(None);
        }
    }

    /// From now on faults are those of a cell of the present row, where this is a sheet.
    pub(crate) fn at(&mut self, column: &str) {
        let place = self.columns().position(|c| c == column).and_then(|i| self.places[i]);
        self.log.at_column(place);
    }

    /// How the file is encoded, where that is worth a word.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.records.encoding()
    }

    /// A cell of the present row; empty where the column is missing.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.columns().position(|c| c == column).map_or("", |i| self.cells[i].as_str())
    }

    /// A whole number; `None` where the cell is empty, or wrong and noted.
    pub(crate) fn number(&mut self, column: &str, range: RangeInclusive<u64>) -> Option<u32> {
        let i = self.columns().position(|c| c == column)?;
        if self.cells[i].is_empty() {
            return None;
        }
        self.at(column);
        let Sheet { cells, log, line, .. } = self;
        let number = log.number(*line, column, without_decimals(&cells[i]), range).map(|v| v as u32);
        log.at_column(None);
        number
    }

    /// A whole number that must be there; 0 where it is not, and noted.
    pub(crate) fn needed(&mut self, column: &str, range: RangeInclusive<u64>) -> u32 {
        if self.text(column).is_empty() {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.at(column);
            self.log.fault(self.line, format!("{column} is empty"), expected);
            self.log.at_column(None);
            return 0;
        }
        self.number(column, range).unwrap_or(0)
    }

    /// Notes a fault of a cell of the present row.
    pub(crate) fn wrong(&mut self, column: &str, value: &str, expected: impl Into<String>) {
        self.at(column);
        self.log.fault(self.line, format!("{column} {}", quoted(value)), expected);
        self.log.at_column(None);
    }
}

/// What separates the cells of a text, by its first line that is not blank; and whether that line
/// says nothing else: `sep=;`.
fn delimiter(head: &[u8]) -> (u8, bool) {
    let mut lines = head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let bare = first.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(first);
    if bare.len() >= 4 && bare[..4].eq_ignore_ascii_case(b"sep=") {
        // Trimming takes a tab off the end.
        return (bare.get(4).copied().unwrap_or(b'\t'), true);
    }
    // Spreadsheets of countries with a decimal comma write semicolons, copied cells have tabs.
    ([b',', b';', b'\t'].into_iter().find(|d| first.contains(d)).unwrap_or(b','), false)
}

/// The parts of a list: `a; b`.
pub(crate) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

pub(crate) fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
