//! The best rows of any number of files, in a bounded amount of memory.
//!
//! 1. Footers and first lines of all files. One that cannot be read is named and left out.
//! 2. The key alone (`scan`), with the columns of the filter where a row may be among the best: row
//!    groups with the best statistics first, each thread with a heap of N rows (`best`), and what
//!    the threads' heaps already rule out is skipped by the statistics of row groups and pages.
//! 3. The other columns (`fetch`), of the winners only.
//!
//! The same rows come out for any number of threads: where keys are equal the row that stands first
//! counts, files in the order in which they were given. Null and NaN come last, either way. A
//! damaged file is left out as a whole, and the others are searched again without it; damage where
//! nothing is read, as no winner can be there, is not noticed.

mod best;
mod fetch;
mod group;
mod lines;
mod plan;
mod scan;

pub(crate) use best::KEYS;
pub use plan::{Plan, Query};

use crate::columns::{self, Fault, Rank, Refused, Table, Value};
use best::Winner;
use std::path::PathBuf;

/// Whoever watches a search, and may end it.
pub trait Watch: Sync {
    /// Whether to stop with what was found so far.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// What will be done, told before it begins.
    fn begins(&self, _plan: &Plan) {}

    /// How far it is, about every second.
    fn progress(&self, _progress: &Progress) {}
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// How far a search is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Rows that were looked at, or skipped, as they cannot be among the best.
    pub rows: u64,
    /// Bytes of text so far, as they lie on the disk or unpacked.
    pub text_bytes: u64,
    /// The best key so far; several where there are several columns. `None` for what is missing.
    pub best: Option<Vec<Option<f64>>>,
}

/// A row that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its file, by its place in [`Found::files`].
    pub file: usize,
    /// Its place in the file, counted from 0.
    pub row: u64,
    /// Its values, in the order of [`Found::columns`].
    pub values: Vec<Value>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The names of the columns, those of the first file first.
    pub columns: Vec<String>,
    /// The rows, the best first.
    pub rows: Vec<Row>,
    /// The files that were searched.
    pub files: Vec<PathBuf>,
    /// The files that were left out.
    pub faults: Vec<Fault>,
    /// What else there is to be said, such as columns that cannot be shown.
    pub notes: Vec<String>,
    /// Rows that were looked at, or skipped, as they cannot be among the best.
    pub scanned: u64,
    /// Whether it was ended before all was searched.
    pub interrupted: bool,
}

/// Finds the best rows of files.
///
/// # Errors A column that no file has, or that holds text; a memory bound that is too small; no
/// file that can be read.
pub fn find(query: &Query, files: &[PathBuf], watch: &dyn Watch) -> Result<Found, Refused> {
    let query = &query.fitted()?;
    let bounds = query.bounds()?;
    let mut faults = Vec::new();
    let mut tables: Vec<Table> = Vec::new();
    for file in files {
        match columns::open(file, bounds) {
            Ok(table) => tables.push(table),
            Err(fault) => faults.push(fault),
        }
    }
    let mut trusts = true;
    let mut announced = false;
    loop {
        if tables.is_empty() {
            return Err(faults.into_iter().next().map_or(Refused::Usage("no files".into()), Refused::Damaged));
        }
        let plan = Plan::new(query, &tables)?;
        if !std::mem::replace(&mut announced, true) {
            watch.begins(&plan);
        }
        let scanned = scan::scan(query, &tables, watch, trusts)?;
        if !scanned.damaged.is_empty() && !scanned.interrupted {
            leave_out(&mut tables, scanned.damaged, &mut faults);
            continue;
        }
        if scanned.deceived {
            trusts = false;
            continue;
        }
        let fetched = fetch::fetch(query, &tables, &scanned.winners)?;
        if !fetched.damaged.is_empty() && !scanned.interrupted {
            leave_out(&mut tables, fetched.damaged, &mut faults);
            continue;
        }
        if !query.finds_keys(&tables, &scanned.winners) {
            return Err(plan::unknown(&query.by[0], &tables));
        }
        faults.extend(scanned.damaged);
        faults.extend(fetched.damaged);
        let mut notes = plan.notes;
        notes.extend(scanned.notes);
        return Ok(Found {
            columns: fetched.columns,
            rows: fetched.rows,
            files: tables.iter().map(|table| table.path().to_owned()).collect(),
            faults,
            notes,
            scanned: scanned.rows,
            interrupted: scanned.interrupted,
        });
    }
}

/// Takes damaged files out.
fn leave_out(tables: &mut Vec<Table>, damaged: Vec<Fault>, faults: &mut Vec<Fault>) {
    tables.retain(|table| damaged.iter().all(|fault| fault.file != table.path()));
    faults.extend(damaged);
}

/// A key, as numbers.
fn numbers(key: &[Rank], descending: bool) -> Vec<Option<f64>> {
    key.iter().map(|rank| rank.number(descending)).collect()
}

impl Query {
    /// Whether some winner has a key, or some file says that it has such a column: JSON lines name
    /// their columns only as they come.
    fn finds_keys(&self, tables: &[Table], winners: &[Winner]) -> bool {
        let named = |table: &Table| table.column_names().contains(&self.by[0].as_str());
        let found = winners.iter().any(|winner| winner.key[0] != columns::MISSING);
        winners.is_empty() || found || tables.iter().any(named)
    }
}
