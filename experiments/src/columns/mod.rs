//! Reads results by columns: Parquet, CSV and JSON lines, each plain or compressed with gzip or
//! Zstandard.
//!
//! All of it is untrusted: sizes are bounded before anything is allocated, and what is wrong is a
//! [`Fault`] that names the file, the place in it, what was found and what was expected.

mod cell;
mod fault;
pub mod filter;
mod inputs;
mod parquet;
mod rank;
mod table;
mod text;
mod value;

pub(crate) use text::parse_number;

pub use cell::{Cell, Cells};
pub use fault::{Fault, Refused, Wrong};
pub use inputs::{Inputs, find, is_sweep};
pub use parquet::{Column, Cursor, Locations, Pages, ParquetTable, Range as ColumnRange};
pub use rank::{MISSING, Rank};
pub use table::{Bounds, Table, open};
pub use text::{Extractor, Record, Records, TextTable};
pub use value::Value;
