//! Writes rows, a row group at a time.

use crate::error::Error;
use parquet::{
    basic::{Compression, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::{parser::parse_message_type, types::ColumnPath},
};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Rows of a row group, which is what a writer holds in memory.
pub const ROW_GROUP: usize = 131_072;
/// Rows of a page: a reader that wants one row decodes so many.
const PAGE: usize = 2_048;
/// Values that are encoded at once; pages end only between these.
const BATCH: usize = 512;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// INT64.
    Integer,
    /// DOUBLE.
    Float,
    /// UTF-8 with few distinct values: a dictionary.
    Name,
    /// UTF-8 with many distinct values.
    Text,
}

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    kind: Kind,
    is_nullable: bool,
}

impl Column {
    /// A column without missing values.
    pub fn new(name: impl Into<String>, kind: Kind) -> Column {
        Column { name: name.into(), kind, is_nullable: false }
    }

    /// The same, in which values may be missing.
    pub fn nullable(self) -> Column {
        Column { is_nullable: true, ..self }
    }

    /// What it holds.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its line in a schema. Parquet's names are of words; what else there is in ours becomes `_`.
    fn declared(&self) -> String {
        let how = if self.is_nullable { "OPTIONAL" } else { "REQUIRED" };
        let kind = match self.kind {
            Kind::Integer => "INT64",
            Kind::Float => "DOUBLE",
            Kind::Name | Kind::Text => "BYTE_ARRAY",
        };
        let note = if matches!(self.kind, Kind::Name | Kind::Text) { " (UTF8)" } else { "" };
        format!("{how} {kind} {}{note};", self.column_name())
    }

    /// Its name in the file.
    pub fn column_name(&self) -> String {
        self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    }
}

/// Values of a column that are not written yet.
#[derive(Default)]
struct Buffer {
    /// 1 where there is a value.
    levels: Vec<i16>,
    integers: Vec<i64>,
    floats: Vec<f64>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// Writes a file. Values are given in the order of the columns, row by row; dropping it leaves the
/// file without its end.
pub struct Writer {
    path: PathBuf,
    columns: Vec<Column>,
    buffers: Vec<Buffer>,
    /// The column whose value comes next.
    next: usize,
    /// Whether a value did not fit its column.
    mistake: Option<String>,
    rows: usize,
    written: u64,
    file: SerializedFileWriter<BufWriter<File>>,
}

impl Writer {
    /// A new file, which must not be there yet. `metadata`: pairs that the footer holds.
    ///
    /// # Errors
    /// What the system says, or a schema that makes no sense.
    pub fn create(path: &Path, columns: &[Column], metadata: &[(&str, String)]) -> Result<Writer, Error> {
        let lines: String = columns.iter().map(Column::declared).collect();
        let schema = parse_message_type(&format!("message rows {{ {lines} }}")).map_err(|e| Error::damaged(path, e))?;
        let level = ZstdLevel::try_new(1).map_err(|e| Error::damaged(path, e))?;
        let pairs = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone()));
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_dictionary_enabled(false)
            .set_data_page_row_count_limit(PAGE)
            .set_write_batch_size(BATCH)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_created_by(format!("stagecoach {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(pairs.collect()));
        for column in columns.iter().filter(|column| column.kind == Kind::Name) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::new(vec![column.column_name()]), true);
        }
        let file = File::create_new(path).map_err(Error::io(path))?;
        let file = SerializedFileWriter::new(BufWriter::new(file), Arc::new(schema), Arc::new(properties.build()));
        Ok(Writer {
            path: path.to_owned(),
            columns: columns.to_vec(),
            buffers: columns.iter().map(|_| Buffer::default()).collect(),
            next: 0,
            mistake: None,
            rows: 0,
            written: 0,
            file: file.map_err(failed(path))?,
        })
    }

    /// An integer for the next column, or none where it is nullable.
    pub fn integer(&mut self, value: impl Into<Option<i64>>) -> &mut Writer {
        let value = value.into();
        self.push(&[Kind::Integer], value.is_some(), |buffer| buffer.integers.extend(value))
    }

    /// A float for the next column, or none where it is nullable.
    pub fn float(&mut self, value: impl Into<Option<f64>>) -> &mut Writer {
        let value = value.into();
        self.push(&[Kind::Float], value.is_some(), |buffer| buffer.floats.extend(value))
    }

    /// A name or a text for the next column, or none where it is nullable.
    pub fn text<'t>(&mut self, value: impl Into<Option<&'t str>>) -> &mut Writer {
        let value = value.into();
        self.push(&[Kind::Name, Kind::Text], value.is_some(), |buffer| {
            if let Some(text) = value {
                buffer.bytes.extend_from_slice(text.as_bytes());
                buffer.ends.push(buffer.bytes.len());
            }
        })
    }

    fn push(&mut self, kinds: &[Kind], is_there: bool, put: impl FnOnce(&mut Buffer)) -> &mut Writer {
        match self.columns.get(self.next) {
            Some(column) if kinds.contains(&column.kind) && (is_there || column.is_nullable) => {
                let buffer = &mut self.buffers[self.next];
                buffer.levels.push(i16::from(is_there));
                put(buffer);
            }
            Some(column) => {
                self.mistake.get_or_insert_with(|| format!("a value that does not fit the column {}", column.name));
            }
            None => {
                self.mistake.get_or_insert_with(|| format!("a row of more than {} values", self.columns.len()));
            }
        }
        self.next += 1;
        self
    }

    /// Ends a row.
    ///
    /// # Errors
    /// What the system says; a row whose values do not fit the columns.
    pub fn end_row(&mut self) -> Result<(), Error> {
        if self.next != self.columns.len() {
            let (next, count) = (self.next, self.columns.len());
            self.mistake.get_or_insert_with(|| format!("a row of {next} values, expected {count}"));
        }
        if let Some(mistake) = &self.mistake {
            return Err(Error::damaged(&self.path, format!("cannot be written: {mistake}")));
        }
        self.next = 0;
        self.rows += 1;
        if self.rows == ROW_GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut write = || -> Result<(), ParquetError> {
            let mut group = self.file.next_row_group()?;
            let mut at = 0;
            while let Some(writer) = group.next_column()? {
                self.buffers[at].write(&self.columns[at], writer)?;
                at += 1;
            }
            group.close()?;
            Ok(())
        };
        write().map_err(failed(&self.path))?;
        self.written += self.rows as u64;
        self.rows = 0;
        Ok(())
    }

    /// Writes the footer, syncs the file, and reads the footer back. Returns the number of rows.
    ///
    /// # Errors
    /// What the system says, or a footer that is not what was written.
    pub fn finish(mut self) -> Result<u64, Error> {
        self.flush()?;
        let mut buffered = self.file.into_inner().map_err(failed(&self.path))?;
        let synced = buffered.flush().and_then(|()| buffered.get_ref().sync_all());
        synced.map_err(Error::io(&self.path))?;
        let read = super::Reader::open(&self.path)?.rows();
        if read != self.written {
            return Err(Error::damaged(
                &self.path,
                format!("its footer says {read} rows, {} were written", self.written),
            ));
        }
        Ok(read)
    }
}

impl Buffer {
    /// Writes and clears it.
    fn write(&mut self, column: &Column, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = column.is_nullable.then_some(&self.levels[..]);
        match column.kind {
            Kind::Integer => writer.typed::<Int64Type>().write_batch(&self.integers, levels, None)?,
            Kind::Float => writer.typed::<DoubleType>().write_batch(&self.floats, levels, None)?,
            Kind::Name | Kind::Text => {
                let bytes = std::mem::take(&mut self.bytes);
                let starts = std::iter::once(0).chain(self.ends.iter().copied());
                let texts: Vec<ByteArray> =
                    starts.zip(&self.ends).map(|(from, &to)| ByteArray::from(&bytes[from..to])).collect();
                writer.typed::<ByteArrayType>().write_batch(&texts, levels, None)?
            }
        };
        *self = Buffer::default();
        writer.close()
    }
}

/// An error of the crate as one of ours: what the system said stays what it is.
fn failed(path: &Path) -> impl FnOnce(ParquetError) -> Error {
    let path = path.to_owned();
    move |e| match e {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(source) => Error::Io { path, source: *source },
            Err(inner) => Error::Damaged { path, why: inner.to_string() },
        },
        other => Error::Damaged { path, why: other.to_string() },
    }
}
