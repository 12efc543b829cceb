//! Many runs: their results, the best of them, reports.
//!
//! * [`columns`] reads results by columns: Parquet, CSV, JSON lines, plain or compressed, this
//!   program's own and others'.
//! * [`report`] says which choices pay, by streaming over all rows.
//! * [`top`] finds the best rows of any number of files in a bounded amount of memory.

pub mod columns;
pub mod report;
pub mod top;
