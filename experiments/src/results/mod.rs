//! What is known of trials: lists, filters, one trial with its series. Reads only, and works while
//! the sweep runs.

mod filter;
mod history;
mod picture;

use crate::columns::filter::Filter;
use crate::error::Error;
use crate::grid::Grid;
use crate::store::{Folder, Index, Row};
use filter::Fitted;
use std::collections::BTreeMap;

pub use history::{Attempt, attempts, series};
pub use picture::picture;

/// The results of a sweep.
pub struct Results {
    index: Index,
    grids: BTreeMap<u32, Grid>,
}

/// A trial with what its cell has in each column ([`Results::columns`]); empty where its grid has
/// no such column.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What the index says.
    pub row: Row,
    /// The texts of its cell.
    pub texts: Vec<String>,
}

impl Results {
    /// The results of a folder.
    ///
    /// # Errors
    /// Where there is no index.
    pub fn open(folder: &Folder) -> Result<Results, Error> {
        Ok(Results { index: Index::read(&folder.index())?, grids: folder.grids()? })
    }

    /// The columns that tell cells apart, of all grids that were run here.
    pub fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.grids.values().flat_map(Grid::columns) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Calls `each` with every trial that the filter lets pass, in the order of the grid; `false`
    /// ends it. Nothing is held in memory.
    ///
    /// # Errors
    /// What SQLite says; a filter on a column that there is not; whatever `each` says.
    pub fn each(&self, filter: &Filter, mut each: impl FnMut(&Trial) -> Result<bool, Error>) -> Result<(), Error> {
        let columns = self.columns();
        let filter = Fitted::new(filter, &columns)?;
        self.index.trials(|row| {
            let trial = Trial { texts: self.texts(&row, &columns), row };
            if filter.passes(&trial) { each(&trial) } else { Ok(true) }
        })
    }

    fn texts(&self, row: &Row, columns: &[String]) -> Vec<String> {
        let Some(grid) = self.grids.get(&row.start.grid) else { return vec![String::new(); columns.len()] };
        let Some(cell) = grid.cell(row.start.cell) else { return vec![String::new(); columns.len()] };
        let known: BTreeMap<String, String> = grid.columns().into_iter().zip(grid.texts(&cell)).collect();
        columns.iter().map(|name| known.get(name).cloned().unwrap_or_default()).collect()
    }

    /// The one trial whose name begins like this.
    ///
    /// # Errors
    /// Where there is none, or more than one.
    pub fn one(&self, begin: &str) -> Result<Trial, Error> {
        let bounds = if begin.is_empty() || begin.len() > 26 { None } else { Some((pad(begin, '0'), pad(begin, 'z'))) };
        let parsed = bounds.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
        let Some((first, last)) = parsed else {
            return Err(Error::Input(format!(
                "`{begin}` is no trial, expected the beginning of one as `results` shows them"
            )));
        };
        let found = self.index.between(first, last)?;
        match found.as_slice() {
            [row] => Ok(Trial { texts: self.texts(row, &self.columns()), row: *row }),
            [] => Err(Error::Input(format!("no trial begins with `{begin}`"))),
            _ => Err(Error::Input(format!("more than one trial begins with `{begin}`; give more of its name"))),
        }
    }

    /// How many trials are in which state.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn counts(&self) -> Result<crate::Counts, Error> {
        self.index.counts()
    }
}

/// A name's beginning, made whole.
fn pad(begin: &str, fill: char) -> String {
    let rest = 26 - begin.len().min(26);
    begin.chars().chain(std::iter::repeat_n(fill, rest)).collect()
}
