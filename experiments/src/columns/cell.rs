//! One value, and a stretch of a column.

use parquet::data_type::ByteArray;

/// One value, borrowed from where it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing is there.
    Null,
    /// Yes or no.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer beyond those.
    UInt(u64),
    /// A double, NaN included.
    Float(f64),
    /// Text, or bytes that may be none.
    Text(&'a [u8]),
}

impl Cell<'_> {
    /// As a double, where it is a number. NaN is none.
    pub fn number(self) -> Option<f64> {
        match self {
            Cell::Bool(x) => Some(f64::from(u8::from(x))),
            Cell::Int(x) => Some(x as f64),
            Cell::UInt(x) => Some(x as f64),
            Cell::Float(x) if !x.is_nan() => Some(x),
            _ => None,
        }
    }
}

/// Consecutive values of a column.
#[derive(Debug)]
pub enum Cells {
    /// Yes or no.
    Bool(Vec<bool>),
    /// Integers.
    Int(Vec<i64>),
    /// Integers without a sign.
    UInt(Vec<i64>),
    /// Doubles.
    Float(Vec<f64>),
    /// Text.
    Text(Vec<ByteArray>),
}

impl Cells {
    /// The value at a position, as if none were missing.
    #[inline]
    pub fn at(&self, i: usize) -> Cell<'_> {
        match self {
            Cells::Bool(values) => Cell::Bool(values[i]),
            Cells::Int(values) => Cell::Int(values[i]),
            Cells::UInt(values) => Cell::UInt(values[i] as u64),
            Cells::Float(values) => Cell::Float(values[i]),
            Cells::Text(values) => Cell::Text(values[i].data()),
        }
    }
}
