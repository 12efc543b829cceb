//! Many runs: sweeps, their results, the best of them, reports.
//!
//! Sweeps: grids of instances, configurations, seeds and budgets as isolated trials in bounded
//! memory, and the store of their results.
//!
//! * [`Grid`]: what is to be run; a cell of it is worked out from its number, so a million trials take no memory.
//! * [`Sweep`]: runs what is not done yet. A [`Launch`] starts trials; [`Processes`] starts them as workers of this program.
//! * [`Folder`], [`Index`]: the folder of a sweep. Trials are lines with checksums in segments ([`lines`]); the index (SQLite)
//!   can be rebuilt from them; segments become Parquet files ([`parquet_files`], [`compact`]).
//! * [`results`]: what is known of trials, also while the sweep runs.
//! * [`trial`]: the worker's side.
//!
//! Results, this program's own and others':
//!
//! * [`columns`] reads them by columns: Parquet, CSV, JSON lines, plain or compressed.
//! * [`top`] finds the best rows of any number of files in a bounded amount of memory.
//! * [`report`] says which choices pay, by streaming over all rows.

mod checksum;
pub mod columns;
mod error;
mod grid;
mod id;
pub mod lines;
pub mod parquet_files;
pub mod report;
pub mod results;
mod settings;
pub mod slurm;
mod statistics;
mod store;
mod sweep;
pub mod top;
pub mod tournament;
pub mod trial;
mod version;

pub use error::Error;
pub use grid::{Axis, Budget, Cell, Grid, Instance, Seeds, Written};
pub use id::TrialId;
pub use settings::Settings;
pub use store::{
    Collected, Compacted, Counts, Fault, Folder, Index, LAYOUT, Lock, Part, RESULTS, Row, SERIES, State, Verified,
    collect, compact, rebuild, recover, results_columns, results_files, series_columns, verify,
};
pub use sweep::{
    Ending, Job, KindAhead, Launch, Options, Outcome, Preflight, Processes, Progress, Running, Sweep, Watch, prepare,
};
pub use version::version;
