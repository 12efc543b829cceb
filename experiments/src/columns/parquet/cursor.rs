//! Reads a column from row to row.

use super::{Column, ParquetTable, column::Means, shielded};
use crate::columns::{Cell, Cells, Fault, Rank};
use ::parquet::{
    column::reader::ColumnReader,
    data_type::{ByteArray, Int96},
};

/// A column of one row group: what was read last, and where it goes on.
pub struct Cursor<'a> {
    table: &'a ParquetTable,
    group: usize,
    /// What it reads.
    pub column: &'a Column,
    reader: ColumnReader,
    rows: usize,
    next: usize,
    levels: Vec<i16>,
    /// Whether a value is there, for each row read last; empty where all are.
    present: Vec<bool>,
    cells: Cells,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(
        table: &'a ParquetTable,
        group: usize,
        column: &'a Column,
        reader: ColumnReader,
        rows: usize,
    ) -> Cursor<'a> {
        let cells = match (&reader, column.means) {
            (_, Means::Decimal(_)) => Cells::Float(Vec::new()),
            (ColumnReader::BoolColumnReader(_), _) => Cells::Bool(Vec::new()),
            (ColumnReader::Int32ColumnReader(_) | ColumnReader::Int64ColumnReader(_), Means::Unsigned) => {
                Cells::UInt(Vec::new())
            }
            (
                ColumnReader::Int32ColumnReader(_)
                | ColumnReader::Int64ColumnReader(_)
                | ColumnReader::Int96ColumnReader(_),
                _,
            ) => Cells::Int(Vec::new()),
            (ColumnReader::FloatColumnReader(_) | ColumnReader::DoubleColumnReader(_), _) => Cells::Float(Vec::new()),
            (ColumnReader::ByteArrayColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_), _) => {
                Cells::Text(Vec::new())
            }
        };
        Cursor { table, group, column, reader, rows, next: 0, levels: Vec::new(), present: Vec::new(), cells }
    }

    /// The row of the row group that is read next.
    pub fn next_row(&self) -> usize {
        self.next
    }

    /// Leaves out all rows before this one.
    ///
    /// # Errors
    /// A page cannot be read.
    pub fn seek(&mut self, row: usize) -> Result<(), Fault> {
        let skip = row.saturating_sub(self.next);
        if skip == 0 {
            return Ok(());
        }
        let skipped = shielded(|| match &mut self.reader {
            ColumnReader::BoolColumnReader(r) => r.skip_records(skip),
            ColumnReader::Int32ColumnReader(r) => r.skip_records(skip),
            ColumnReader::Int64ColumnReader(r) => r.skip_records(skip),
            ColumnReader::Int96ColumnReader(r) => r.skip_records(skip),
            ColumnReader::FloatColumnReader(r) => r.skip_records(skip),
            ColumnReader::DoubleColumnReader(r) => r.skip_records(skip),
            ColumnReader::ByteArrayColumnReader(r) => r.skip_records(skip),
            ColumnReader::FixedLenByteArrayColumnReader(r) => r.skip_records(skip),
        });
        match skipped {
            Ok(n) if n == skip => {
                self.next = row;
                Ok(())
            }
            Ok(_) => Err(self.too_few()),
            Err(why) => Err(self.table.fault(self.group, self.column, &why)),
        }
    }

    /// Reads the next rows, so many or those that are left; how many.
    ///
    /// # Errors
    /// A page cannot be read, or there are fewer values than rows.
    pub fn read(&mut self, rows: usize) -> Result<usize, Fault> {
        let rows = rows.min(self.rows - self.next);
        self.levels.clear();
        let levels = &mut self.levels;
        let nullable = self.column.defined > 0;
        /// Reads values of one type, and makes of each of them what the column holds.
        macro_rules! read {
            ($reader:expr, $values:expr) => {{
                $values.clear();
                let levels = nullable.then_some(&mut *levels);
                $reader.read_records(rows, levels, None, $values).map(|(records, values, _)| (records, values))
            }};
            ($reader:expr, $values:expr, $convert:expr) => {{
                let mut raw = Vec::new();
                let read = read!($reader, &mut raw);
                $values.clear();
                $values.extend(raw.into_iter().map($convert));
                read
            }};
        }
        let means = self.column.means;
        let scale = if let Means::Decimal(scale) = means { scale } else { 1.0 };
        let unsigned = means == Means::Unsigned;
        let read = shielded(|| match (&mut self.reader, &mut self.cells) {
            (ColumnReader::BoolColumnReader(r), Cells::Bool(values)) => read!(r, values),
            (ColumnReader::Int32ColumnReader(r), Cells::Int(values) | Cells::UInt(values)) => {
                read!(r, values, |x| if unsigned { i64::from(x as u32) } else { i64::from(x) })
            }
            (ColumnReader::Int32ColumnReader(r), Cells::Float(values)) => read!(r, values, |x| f64::from(x) / scale),
            (ColumnReader::Int64ColumnReader(r), Cells::Int(values) | Cells::UInt(values)) => read!(r, values),
            (ColumnReader::Int64ColumnReader(r), Cells::Float(values)) => read!(r, values, |x| x as f64 / scale),
            (ColumnReader::Int96ColumnReader(r), Cells::Int(values)) => read!(r, values, |x: Int96| x.to_nanos()),
            (ColumnReader::FloatColumnReader(r), Cells::Float(values)) => read!(r, values, f64::from),
            (ColumnReader::DoubleColumnReader(r), Cells::Float(values)) => read!(r, values),
            (ColumnReader::ByteArrayColumnReader(r), Cells::Text(values)) => read!(r, values),
            (ColumnReader::ByteArrayColumnReader(r), Cells::Float(values)) => {
                read!(r, values, |x: ByteArray| whole(x.data()) / scale)
            }
            (ColumnReader::FixedLenByteArrayColumnReader(r), Cells::Text(values)) => {
                read!(r, values, |x: ::parquet::data_type::FixedLenByteArray| ByteArray::from(x))
            }
            (ColumnReader::FixedLenByteArrayColumnReader(r), Cells::Float(values)) => {
                read!(r, values, |x: ::parquet::data_type::FixedLenByteArray| whole(x.data()) / scale)
            }
            _ => Ok((0, 0)),
        });
        let (records, values) = read.map_err(|why| self.table.fault(self.group, self.column, &why))?;
        if records != rows || (nullable && self.levels.len() != rows) {
            return Err(self.too_few());
        }
        self.next += rows;
        self.present.clear();
        if values < rows {
            self.present.extend(self.levels.iter().map(|&level| level == self.column.defined));
            if self.present.iter().filter(|&&is| is).count() != values {
                return Err(self.too_few());
            }
            match &mut self.cells {
                Cells::Bool(v) => spread(v, &self.present),
                Cells::Int(v) | Cells::UInt(v) => spread(v, &self.present),
                Cells::Float(v) => spread(v, &self.present),
                Cells::Text(v) => spread(v, &self.present),
            }
        }
        Ok(rows)
    }

    /// The value in one of the rows that were read last.
    #[inline]
    pub fn cell(&self, i: usize) -> Cell<'_> {
        if self.present.get(i).is_some_and(|is| !is) { Cell::Null } else { self.cells.at(i) }
    }

    /// The ranks of the rows that were read last; text has none.
    pub fn ranks(&self, rows: usize, descending: bool, ranks: &mut Vec<Rank>) {
        ranks.clear();
        match &self.cells {
            Cells::Int(values) if self.present.is_empty() => {
                ranks.extend(values[..rows].iter().map(|&x| Rank::of_i64(x, descending)));
            }
            Cells::Float(values) if self.present.is_empty() => {
                ranks.extend(values[..rows].iter().map(|&x| Rank::of_f64(x, descending)));
            }
            _ => ranks.extend((0..rows).map(|i| Rank::of(self.cell(i), descending).unwrap_or(crate::columns::MISSING))),
        }
    }

    fn too_few(&self) -> Fault {
        self.table.fault(self.group, self.column, "fewer values than rows")
    }
}

/// Puts values that stand one after the other where they belong.
fn spread<T: Clone + Default>(values: &mut Vec<T>, present: &[bool]) {
    let mut from = values.len();
    values.resize(present.len(), T::default());
    for (to, _) in present.iter().enumerate().rev().filter(|(_, is)| **is) {
        from -= 1;
        values.swap(from, to);
    }
}

/// An integer of any length, most significant byte first, two's complement.
fn whole(bytes: &[u8]) -> f64 {
    let negative = bytes.first().is_some_and(|&byte| byte >= 0x80);
    if let Ok(short) = bytes.try_into() as Result<[u8; 16], _> {
        return i128::from_be_bytes(short) as f64;
    }
    if bytes.len() < 16 {
        let mut wide = [if negative { 0xff } else { 0 }; 16];
        wide[16 - bytes.len()..].copy_from_slice(bytes);
        return i128::from_be_bytes(wide) as f64;
    }
    bytes.iter().fold(if negative { -1.0 } else { 0.0 }, |n, &byte| n * 256.0 + f64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spread_over_the_rows_that_have_one() {
        let mut values = vec![1, 2, 3];
        spread(&mut values, &[false, true, false, true, true, false]);
        assert_eq!([values[1], values[3], values[4]], [1, 2, 3]);
    }

    #[test]
    fn decimals_may_have_any_number_of_bytes() {
        assert_eq!(whole(&[0x01, 0x00]), 256.0);
        assert_eq!(whole(&[0xff]), -1.0);
        assert_eq!(whole(&[0xff; 20]), -1.0);
        assert_eq!(whole(&[]), 0.0);
    }
}
