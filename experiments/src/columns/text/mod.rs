//! CSV and JSON lines: records one after the other, of which only the columns that are asked for
//! are cut out.

mod ahead;
mod csv;
mod extract;
mod json;
mod number;
mod records;
mod unpack;

pub use extract::Extractor;
pub(crate) use number::number as parse_number;
pub use records::{Record, Records};
pub(super) use unpack::{unpack, unreadable};

use super::{Bounds, Fault, Value};
use std::path::{Path, PathBuf};

/// How the records of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON, an object a line.
    JsonLines,
    /// Cells set apart by this byte, names in the first line.
    Csv(u8),
}

/// A text file with results.
#[derive(Debug)]
pub struct TextTable {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    /// Names of its columns; of JSON lines those of the first line.
    pub(super) columns: Vec<String>,
    pub(super) bounds: Bounds,
    /// Bytes of the file as it lies there.
    pub size: u64,
    /// Whether it is compressed.
    pub compressed: bool,
}

impl TextTable {
    /// Opens a file and reads its first line.
    ///
    /// # Errors
    /// It cannot be read, is empty, or begins neither with names of columns nor with a JSON object.
    pub fn open(path: &Path, bounds: Bounds) -> Result<TextTable, Fault> {
        let size = std::fs::metadata(path).map_or(0, |meta| meta.len());
        let compressed = unpack::is_compressed(path)?;
        let mut table = TextTable {
            path: path.to_owned(),
            format: Format::JsonLines,
            columns: Vec::new(),
            bounds,
            size,
            compressed,
        };
        let mut records = Records::new(path, unpack(path, bounds)?, Format::JsonLines, bounds.line);
        let Some(first) = records.next_record()? else {
            return Err(Fault::of(path, "an empty file", "Parquet, CSV with names in its first line, or JSON lines"));
        };
        let line = first.text.to_vec();
        match line.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => {
                table.columns = json::names(&line).map_err(|e| Fault::line(path, 1, e, "a JSON object a line"))?
            }
            Some(b'[') => {
                let expected = "JSON lines: one object a line\nMaybe convert it: jq -c '.[]' FILE";
                return Err(Fault::line(path, 1, "a JSON list", expected));
            }
            _ => {
                table.format = Format::Csv(csv::delimiter(&line));
                table.columns = csv::names(path, &line, csv::delimiter(&line))?;
            }
        }
        Ok(table)
    }

    /// Its records from the first on, unpacked on a thread of its own where that is asked for.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn records(&self, ahead: bool) -> Result<Records, Fault> {
        let mut reader = unpack(&self.path, self.bounds)?;
        if ahead {
            let path = &self.path;
            reader = Box::new(ahead::Ahead::new(reader).map_err(|e| Fault::of(path, e, "a thread to unpack it on"))?);
        }
        let mut records = Records::new(&self.path, reader, self.format, self.bounds.line);
        if matches!(self.format, Format::Csv(_)) {
            records.next_record()?; // the names
            records.restart();
        }
        Ok(records)
    }

    /// Whether it is JSON lines, which may name more columns later on.
    pub fn is_json(&self) -> bool {
        self.format == Format::JsonLines
    }

    /// What cuts these columns out of a record.
    pub fn extractor(&self, columns: &[String]) -> Extractor {
        Extractor::new(self.format, &self.columns, columns)
    }

    /// Whether a column holds text in the first row.
    pub(super) fn is_text(&self, column: &str) -> bool {
        let first = || {
            let mut records = self.records(false).ok()?;
            let record = records.next_record().ok()??;
            let mut extractor = self.extractor(&[column.to_owned()]);
            extractor.look(record.text).ok()?;
            Some(extractor.number(0, record.text).is_err())
        };
        first().unwrap_or(false)
    }

    /// Its name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A whole record: names and values, in its order.
    ///
    /// # Errors
    /// It is not one.
    pub fn row(&self, record: &[u8], line: u64) -> Result<Vec<(String, Value)>, Fault> {
        match self.format {
            Format::JsonLines => json::row(record).map_err(|e| Fault::line(&self.path, line, e, "a JSON object")),
            Format::Csv(delimiter) => {
                let cells = csv::cells(record, delimiter);
                if cells.len() != self.columns.len() {
                    let (found, expected) = (cells.len(), self.columns.len());
                    let found = format!("{found} cells");
                    return Err(Fault::line(&self.path, line, found, format!("{expected}, as in the first line")));
                }
                let value = |cell: &[u8]| Value::Csv(String::from_utf8_lossy(cell).into());
                Ok(self.columns.iter().cloned().zip(cells.iter().map(|cell| value(cell))).collect())
            }
        }
    }
}
