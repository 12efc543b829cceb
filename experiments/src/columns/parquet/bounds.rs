//! What the statistics of a file say about values that were not read.

use super::{Column, ParquetTable, column::Means, shielded};
use crate::columns::{Cell, Fault, Rank};
use ::parquet::file::{
    page_index::{column_index::ColumnIndexMetaData, index_reader::decode_column_index},
    statistics::Statistics,
};

/// The smallest and the largest value of a stretch, text cut or not: bounds, not values. Nulls and
/// NaN are not among them.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    min: Bound,
    max: Bound,
}

#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(Vec<u8>),
}

impl Bound {
    fn cell(&self) -> Cell<'_> {
        match self {
            Bound::Int(x) => Cell::Int(*x),
            Bound::UInt(x) => Cell::UInt(*x),
            Bound::Float(x) => Cell::Float(*x),
            Bound::Text(x) => Cell::Text(x),
        }
    }
}

impl Range {
    /// Nothing is smaller.
    pub fn min(&self) -> Cell<'_> {
        self.min.cell()
    }

    /// Nothing is larger.
    pub fn max(&self) -> Cell<'_> {
        self.max.cell()
    }

    /// No rank is better.
    pub fn best(&self, descending: bool) -> Rank {
        let best = if descending { self.max() } else { self.min() };
        match Rank::of(best, descending) {
            Some(rank) if rank != crate::columns::MISSING => rank,
            _ => Rank::BEST,
        }
    }
}

/// The pages of a column of a row group: where each begins, and the best rank that it may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Pages {
    /// The first row of each, counted from that of the row group.
    pub first_rows: Vec<usize>,
    /// The best rank that it may hold, [`MISSING`](crate::columns::MISSING) where it holds no
    /// number.
    pub best: Vec<Rank>,
}

impl Column {
    fn int(&self, x: i64) -> Bound {
        match self.means {
            Means::Unsigned if self.physical == ::parquet::basic::Type::INT32 => Bound::UInt(u64::from(x as u32)),
            Means::Unsigned => Bound::UInt(x as u64),
            Means::Decimal(scale) => Bound::Float(x as f64 / scale),
            _ => Bound::Int(x),
        }
    }

    fn range<T>(&self, min: Option<T>, max: Option<T>, bound: impl Fn(T) -> Bound) -> Option<Range> {
        let range = Range { min: bound(min?), max: bound(max?) };
        // Who writes NaN as a bound says nothing about the other values.
        let nan = |bound: &Bound| matches!(bound, Bound::Float(x) if x.is_nan());
        (!nan(&range.min) && !nan(&range.max)).then_some(range)
    }
}

impl ParquetTable {
    /// What the values of a column of a row group lie between; `None` where that is not known.
    pub fn range(&self, group: usize, column: &Column) -> Option<Range> {
        let stats = self.meta.row_group(group).column(column.leaf).statistics()?;
        if stats.is_min_max_deprecated() {
            return None;
        }
        match stats {
            Statistics::Int32(s) => column.range(s.min_opt(), s.max_opt(), |&x| column.int(i64::from(x))),
            Statistics::Int64(s) => column.range(s.min_opt(), s.max_opt(), |&x| column.int(x)),
            Statistics::Float(s) => column.range(s.min_opt(), s.max_opt(), |&x| Bound::Float(f64::from(x))),
            Statistics::Double(s) => column.range(s.min_opt(), s.max_opt(), |&x| Bound::Float(x)),
            Statistics::ByteArray(s) if column.means == Means::Text => {
                column.range(s.min_opt(), s.max_opt(), |x| Bound::Text(x.data().to_vec()))
            }
            _ => None,
        }
    }

    /// The best ranks of the pages of a column of a row group; `None` where the file does not say.
    ///
    /// # Errors
    /// What it says makes no sense.
    pub fn page_ranks(&self, group: usize, column: &Column, descending: bool) -> Result<Option<Pages>, Fault> {
        let chunk = self.meta.row_group(group).column(column.leaf);
        let Some(range) = chunk.column_index_range() else { return Ok(None) };
        let Some(locations) = self.pages(group, column)? else { return Ok(None) };
        let fault = |found: String| self.fault(group, column, &found);
        let bytes = self.source.range(range).map_err(|e| fault(e.to_string()))?;
        let index = shielded(|| decode_column_index(&bytes, chunk.column_type())).map_err(&fault)?;
        if index.num_pages() != locations.len() as u64 {
            return Err(fault("two indices with different numbers of pages".into()));
        }
        let best = |range: Option<Range>| range.map_or(Rank::BEST, |range| range.best(descending));
        let of_page = |i: usize| -> Option<Rank> {
            if index.is_null_page(i) {
                return Some(crate::columns::MISSING);
            }
            let range = match &index {
                ColumnIndexMetaData::INT32(x) => {
                    column.range(x.min_value(i), x.max_value(i), |&x| column.int(i64::from(x)))
                }
                ColumnIndexMetaData::INT64(x) => column.range(x.min_value(i), x.max_value(i), |&x| column.int(x)),
                ColumnIndexMetaData::FLOAT(x) => {
                    column.range(x.min_value(i), x.max_value(i), |&x| Bound::Float(f64::from(x)))
                }
                ColumnIndexMetaData::DOUBLE(x) => column.range(x.min_value(i), x.max_value(i), |&x| Bound::Float(x)),
                _ => return None,
            };
            Some(best(range))
        };
        let best: Option<Vec<Rank>> = (0..locations.len()).map(of_page).collect();
        let first_rows = locations.iter().map(|page| page.first_row_index as usize).collect();
        Ok(best.map(|best| Pages { first_rows, best }))
    }
}
