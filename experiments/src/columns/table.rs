//! A file with results, opened as what it is.

use super::{Fault, ParquetTable, TextTable, parquet, text};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// What may be held in memory of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most bytes of a page of a Parquet file, packed or unpacked.
    pub page: usize,
    /// Most bytes of a line.
    pub line: usize,
    /// Largest window of Zstandard, as a power of two.
    pub window: u32,
    /// Most bytes that a compressed Parquet file may become on the disk.
    pub unpacked: u64,
}

/// A file with results.
#[derive(Debug)]
pub enum Table {
    /// Parquet.
    Parquet(ParquetTable),
    /// CSV or JSON lines.
    Text(TextTable),
}

impl Table {
    /// Its name.
    pub fn path(&self) -> &Path {
        match self {
            Table::Parquet(table) => table.path(),
            Table::Text(table) => &table.path,
        }
    }

    /// The names of its columns; of JSON lines those of the first line.
    pub fn column_names(&self) -> Vec<&str> {
        match self {
            Table::Parquet(table) => table.columns().iter().map(|column| column.name.as_str()).collect(),
            Table::Text(table) => table.columns.iter().map(String::as_str).collect(),
        }
    }
}

impl Table {
    /// Whether a column holds text; of CSV and JSON lines, whether it does in the first row.
    pub fn is_text(&self, column: &str) -> bool {
        match self {
            Table::Parquet(table) => table.columns().iter().any(|known| known.name == column && !known.is_number()),
            Table::Text(table) => table.is_text(column),
        }
    }
}

/// Opens a file; what is in it is told by its content. A compressed Parquet file, which has to be
/// read back and forth, is unpacked into an unnamed temporary file first.
///
/// # Errors It cannot be read, or is neither Parquet nor CSV nor JSON lines.
pub fn open(path: &Path, bounds: Bounds) -> Result<Table, Fault> {
    let unreadable = |e: io::Error| Fault::of(path, format!("the file cannot be read: {e}"), "a readable file");
    let file = File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if meta.is_dir() {
        return Err(Fault::of(path, "a folder", "a file"));
    }
    if !meta.is_file() {
        return Err(Fault::of(path, "a pipe or a device", "a file, as it may be read more than once"));
    }
    let mut head = [0; 4];
    let n = read_full(&mut (&file), &mut head).map_err(unreadable)?;
    if &head[..n] == parquet::MAGIC {
        return Ok(Table::Parquet(ParquetTable::open(path, file, bounds.page)?));
    }
    let mut unpacked = text::unpack(path, bounds)?;
    let mut head = [0; 4];
    let n = read_full(&mut unpacked, &mut head).map_err(|e| text::unreadable(path, &e))?;
    if &head[..n] == parquet::MAGIC {
        let file = whole(path, &head, &mut unpacked, bounds.unpacked)?;
        return Ok(Table::Parquet(ParquetTable::open(path, file, bounds.page)?));
    }
    Ok(Table::Text(TextTable::open(path, bounds)?))
}

/// An unnamed file with all that a reader gives.
fn whole(path: &Path, head: &[u8], rest: &mut dyn Read, most: u64) -> Result<File, Fault> {
    let mut file = tempfile::tempfile().map_err(|e| Fault::of(path, e, "room to unpack it in"))?;
    let copied = io::copy(&mut head.chain(rest.take(most)), &mut file).map_err(|e| text::unreadable(path, &e))?;
    if copied > most {
        return Err(Fault::of(
            path,
            format!("more than {most} bytes when unpacked"),
            "as many as the disk has room for",
        ));
    }
    Ok(file)
}

/// Reads until the buffer is full or nothing is left.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}
