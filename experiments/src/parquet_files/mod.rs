//! Parquet files, written so that taking a few rows out of many pays: zstd at level 1, row groups
//! of 131,072 rows, pages of 2,048 rows with an offset index and statistics, dictionaries only for
//! names.
//!
//! The one place that knows the crate `parquet`, which it uses without arrow.
//!
//! ```
//! use experiments::parquet_files::{Column, Kind, Reader, Writer};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("runs.parquet");
//! let columns = [Column::new("instance", Kind::Name), Column::new("penalty", Kind::Integer).nullable()];
//! let mut writer = Writer::create(&path, &columns, &[])?;
//! for (name, penalty) in [("comp01", Some(5)), ("comp02", None)] {
//!     writer.text(name).integer(penalty).end_row()?;
//! }
//! assert_eq!(writer.finish()?, 2);
//!
//! let reader = Reader::open(&path)?;
//! assert_eq!(reader.integers(0, "penalty")?, [Some(5), None]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod read;
mod write;

pub use read::Reader;
pub use write::{Column, Kind, ROW_GROUP, Writer};
