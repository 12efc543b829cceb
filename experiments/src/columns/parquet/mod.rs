//! Parquet: the footer, columns one by one, statistics. The only module that knows the crate
//! `parquet`.

mod bounds;
mod bytes;
mod column;
mod cursor;
mod shield;

pub use self::bounds::{Pages, Range};
pub use column::Column;
pub use cursor::Cursor;

use self::bytes::{Source, View};
use super::Fault;
use ::parquet::{
    column::reader::get_column_reader,
    file::{
        metadata::{ParquetMetaData, ParquetMetaDataReader},
        page_index::{index_reader::decode_offset_index, offset_index::PageLocation},
        serialized_reader::SerializedPageReader,
    },
};
use shield::shielded;
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Most bytes of a footer: some ten thousand row groups of twenty columns.
const FOOTER: u64 = 32 << 20;
/// What stands at both ends of a file.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// Where the pages of a column of a row group lie.
pub type Locations = Vec<PageLocation>;

/// An opened file: its footer, no data.
#[derive(Debug)]
pub struct ParquetTable {
    path: PathBuf,
    source: Arc<Source>,
    meta: ParquetMetaData,
    columns: Vec<Column>,
    /// Columns that hold lists, which rows cannot show.
    pub left_out: Vec<String>,
    /// The first row of each row group, and after the last one how many there are.
    first_rows: Vec<u64>,
}

impl ParquetTable {
    /// Reads the footer of a file. Pages that take more than `most` bytes will be refused.
    ///
    /// # Errors
    /// It is no Parquet file, a damaged one, or one whose columns cannot be told apart.
    pub fn open(path: &Path, file: File, most: usize) -> Result<ParquetTable, Fault> {
        let fault = |found: String| Fault::of(path, found, "an undamaged Parquet file");
        let source = Source::new(file, most).map_err(|e| fault(format!("the file cannot be read: {e}")))?;
        let length = source.footer_length(MAGIC).map_err(|e| fault(e.to_string()))?;
        if length > FOOTER {
            return Err(Fault::of(path, format!("a footer of {length} bytes"), format_args!("at most {FOOTER}")));
        }
        let footer = source.read(source.len - 8 - length, length as usize).map_err(|e| fault(e.to_string()))?;
        let meta = shielded(|| ParquetMetaDataReader::decode_metadata(&footer)).map_err(&fault)?;
        drop(footer);
        let source = Arc::new(source);
        let mut first_rows = vec![0_u64];
        for group in meta.row_groups() {
            let rows = u64::try_from(group.num_rows()).map_err(|_| fault("a row group of less than no rows".into()))?;
            first_rows.push(first_rows[first_rows.len() - 1].saturating_add(rows));
            for column in group.columns() {
                let ends =
                    [column.data_page_offset(), column.compressed_size(), column.dictionary_page_offset().unwrap_or(0)];
                let fits = ends.iter().all(|&x| x >= 0) && {
                    let (start, length) = column.byte_range();
                    start.checked_add(length).is_some_and(|end| end <= source.len)
                };
                if !fits || column.num_values() < 0 {
                    let place = format!(", column {}", column.column_path());
                    return Err(fault("a column chunk outside the file".into()).at(place));
                }
            }
        }
        let (columns, left_out) = Column::all(meta.file_metadata().schema_descr());
        let mut names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let found = format!("two columns named {}", twice[0]);
            return Err(Fault::of(path, found, "columns with names of their own"));
        }
        Ok(ParquetTable { path: path.to_owned(), source, meta, columns, left_out, first_rows })
    }

    /// Its name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its columns, in their order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many row groups it has.
    pub fn groups(&self) -> usize {
        self.meta.num_row_groups()
    }

    /// The first row of a row group; of the one after the last, the number of rows.
    pub fn first_row(&self, group: usize) -> u64 {
        self.first_rows[group]
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.first_rows[self.groups()]
    }

    /// The row group of a row.
    pub fn group_of(&self, row: u64) -> usize {
        self.first_rows.partition_point(|&first| first <= row) - 1
    }

    /// About how much memory the footer takes.
    pub fn bytes(&self) -> usize {
        self.meta.memory_size() + self.first_rows.len() * 8
    }

    /// Asks the system to read a column of a row group soon, or, with their positions, some of its
    /// pages.
    pub fn prefetch(&self, group: usize, column: &Column) {
        let (start, length) = self.meta.row_group(group).column(column.leaf).byte_range();
        self.source.prefetch(start, length);
    }

    /// Asks the system to read the pages of a column that hold one of these rows of a row group
    /// (ascending) soon.
    pub fn prefetch_pages(&self, pages: &Locations, rows: &[u64]) {
        let mut next = 0;
        for (i, page) in pages.iter().enumerate() {
            let end = pages.get(i + 1).map_or(u64::MAX, |after| after.first_row_index as u64);
            let first = next;
            while rows.get(next).is_some_and(|&row| row < end) {
                next += 1;
            }
            if next > first {
                self.source.prefetch(page.offset as u64, page.compressed_page_size as u64);
            }
        }
    }

    /// Where the pages of a column of a row group lie; `None` where the file does not say.
    ///
    /// # Errors
    /// What it says makes no sense.
    pub fn pages(&self, group: usize, column: &Column) -> Result<Option<Locations>, Fault> {
        let chunk = self.meta.row_group(group).column(column.leaf);
        let Some(range) = chunk.offset_index_range() else { return Ok(None) };
        let fault = |found: &str| self.fault(group, column, found);
        let bytes = self.source.range(range).map_err(|e| fault(&e.to_string()))?;
        let index = shielded(|| decode_offset_index(&bytes)).map_err(|e| fault(&e))?;
        let pages = index.page_locations;
        let (start, length) = chunk.byte_range();
        let rows = self.first_rows[group + 1] - self.first_rows[group];
        let inside = |page: &PageLocation| {
            let offset = u64::try_from(page.offset).unwrap_or(0);
            page.compressed_page_size > 0
                && offset >= start
                && offset + page.compressed_page_size as u64 <= start + length
        };
        let rising = pages
            .windows(2)
            .all(|two| two[0].first_row_index < two[1].first_row_index && two[0].offset < two[1].offset);
        let begins = pages.first().map_or(rows == 0, |page| page.first_row_index == 0);
        let ends = pages.last().is_none_or(|page| (page.first_row_index as u64) < rows);
        if !(pages.iter().all(inside) && rising && begins && ends) {
            return Err(fault("an index of pages that do not follow each other"));
        }
        Ok(Some(pages))
    }

    /// Reads a column of a row group from its first row on.
    ///
    /// # Errors
    /// Its first page cannot be read.
    pub fn cursor<'a>(
        &'a self,
        group: usize,
        column: &'a Column,
        pages: Option<Locations>,
    ) -> Result<Cursor<'a>, Fault> {
        let rows = (self.first_rows[group + 1] - self.first_rows[group]) as usize;
        let chunk = self.meta.row_group(group).column(column.leaf);
        let pages = pages.filter(|pages| !pages.is_empty());
        let view = Arc::new(View::new(self.source.clone(), pages.is_some()));
        let reader = shielded(|| {
            let pages = SerializedPageReader::new(view, chunk, rows, pages)?;
            Ok(get_column_reader(chunk.column_descr_ptr(), Box::new(pages)))
        });
        let reader = reader.map_err(|e| self.fault(group, column, &e))?;
        Ok(Cursor::new(self, group, column, reader, rows))
    }

    fn fault(&self, group: usize, column: &Column, found: &str) -> Fault {
        let place = format!(", row group {}, column {}", group + 1, column.name);
        Fault::of(&self.path, found, "undamaged data").at(place)
    }
}
