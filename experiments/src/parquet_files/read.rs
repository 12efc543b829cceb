//! Reads single columns of files, a row group at a time. Files are untrusted: whatever is wrong
//! with one is an error with its name.

use crate::error::Error;
use parquet::{
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, DataType},
    errors::ParquetError,
    file::{reader::FileReader, serialized_reader::SerializedFileReader},
};
use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// No row group that is read as a whole has more rows.
const MOST_ROWS: i64 = 16 << 20;

/// A file that was opened: its footer is sound.
pub struct Reader {
    path: PathBuf,
    file: SerializedFileReader<File>,
}

impl Reader {
    /// Opens a file and reads its footer.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(path: &Path) -> Result<Reader, Error> {
        let file = File::open(path).map_err(Error::io(path))?;
        let file = guarded(path, || SerializedFileReader::new(file))?;
        Ok(Reader { path: path.to_owned(), file })
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.file.metadata().file_metadata().num_rows().max(0) as u64
    }

    /// How many row groups.
    pub fn groups(&self) -> usize {
        self.file.num_row_groups()
    }

    /// The names of its columns.
    pub fn columns(&self) -> Vec<String> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|column| column.name().to_owned()).collect()
    }

    /// What its footer says under a key.
    pub fn metadata(&self, key: &str) -> Option<String> {
        let pairs = self.file.metadata().file_metadata().key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == key)?.value.clone()
    }

    /// A column of integers of a row group.
    ///
    /// # Errors
    /// Where there is no such column, or what is wrong with it.
    pub fn integers(&self, group: usize, column: &str) -> Result<Vec<Option<i64>>, Error> {
        self.values(group, column, |reader, rows| match reader {
            ColumnReader::Int64ColumnReader(mut reader) => read(&mut reader, rows),
            _ => Err(ParquetError::General(format!("the column {column} does not hold integers"))),
        })
    }

    /// A column of floats of a row group.
    ///
    /// # Errors
    /// As [`Reader::integers`].
    pub fn floats(&self, group: usize, column: &str) -> Result<Vec<Option<f64>>, Error> {
        self.values(group, column, |reader, rows| match reader {
            ColumnReader::DoubleColumnReader(mut reader) => read(&mut reader, rows),
            _ => Err(ParquetError::General(format!("the column {column} does not hold floats"))),
        })
    }

    /// A column of text of a row group.
    ///
    /// # Errors
    /// As [`Reader::integers`].
    pub fn texts(&self, group: usize, column: &str) -> Result<Vec<Option<String>>, Error> {
        let bytes: Vec<Option<ByteArray>> = self.values(group, column, |reader, rows| match reader {
            ColumnReader::ByteArrayColumnReader(mut reader) => read(&mut reader, rows),
            _ => Err(ParquetError::General(format!("the column {column} does not hold text"))),
        })?;
        let text = |bytes: ByteArray| {
            let text = bytes.as_utf8().map(str::to_owned);
            text.map_err(|e| Error::damaged(&self.path, format!("the column {column}: {e}")))
        };
        bytes.into_iter().map(|bytes| bytes.map(text).transpose()).collect()
    }

    fn values<T>(
        &self,
        group: usize,
        column: &str,
        take: impl FnOnce(ColumnReader, usize) -> Result<Vec<T>, ParquetError>,
    ) -> Result<Vec<T>, Error> {
        let at = self.columns().iter().position(|name| name == column);
        let at = at.ok_or_else(|| Error::damaged(&self.path, format!("it has no column {column}")))?;
        let rows = self.file.metadata().row_groups().get(group).map_or(0, |group| group.num_rows());
        if !(0..=MOST_ROWS).contains(&rows) {
            return Err(Error::damaged(
                &self.path,
                format!("a row group of {rows} rows, expected at most {MOST_ROWS}"),
            ));
        }
        guarded(&self.path, || {
            let group = self.file.get_row_group(group)?;
            take(group.get_column_reader(at)?, rows as usize)
        })
    }
}

/// Reads all values of a flat column.
fn read<T: DataType>(reader: &mut ColumnReaderImpl<T>, rows: usize) -> Result<Vec<Option<T::T>>, ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    loop {
        let (records, ..) = reader.read_records(rows.max(1), Some(&mut levels), None, &mut values)?;
        if records == 0 {
            break;
        }
    }
    let mut values = values.into_iter();
    // A column in which nothing can be missing has no levels.
    let all: Vec<Option<T::T>> = if levels.is_empty() {
        values.map(Some).collect()
    } else {
        levels.iter().map(|&level| if level > 0 { values.next() } else { None }).collect()
    };
    if all.len() != rows {
        return Err(ParquetError::General(format!("{} values in a row group of {rows} rows", all.len())));
    }
    Ok(all)
}

/// A damaged file may trip over the crate's own checks.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(|e| Error::damaged(path, e)),
        Err(_) => Err(Error::damaged(path, "its content makes no sense")),
    }
}
