//! What a report is about, and what is found by itself where nobody says it.

use crate::columns::{Refused, Table, filter::Filter};
use memguard::Bytes;

/// What a report is about.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its title.
    pub title: String,
    /// The columns that rows are judged by, the first most; empty: those of a sweep.
    pub by: Vec<String>,
    /// Whether the largest is the best.
    pub descending: bool,
    /// The columns whose values were chosen: parameters. `None`: those of a sweep, or columns of
    /// text.
    pub axes: Option<Vec<String>>,
    /// Rows are compared with those that have the same value here. `None`: `instance`, where there
    /// is one; empty: with all.
    pub within: Option<String>,
    /// Together with [`Question::within`] this makes a block: `seed`, where there is one and
    /// nothing else is said.
    pub seed: Option<String>,
    /// What rows cost. `None`: time and memory, where there are columns with such names.
    pub costs: Option<Vec<String>>,
    /// Which rows count.
    pub filter: Filter,
    /// Threads at most: fewer where the memory bound allows no more.
    pub threads: usize,
    /// Most memory of the whole program.
    pub memory: Bytes,
}

/// A question whose columns are settled.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) by: Vec<String>,
    pub(super) descending: bool,
    pub(super) within: Option<String>,
    pub(super) seed: Option<String>,
    pub(super) axes: Vec<String>,
    pub(super) costs: Vec<String>,
    pub(super) filter: Filter,
    /// What the filter was given as, and columns that are missing.
    pub(super) notes: Vec<String>,
}

/// Names of columns that say what a row cost.
const COSTS: [&str; 8] = ["ms", "seconds", "time", "runtime", "cpu_ms", "peak", "memory", "peak_bytes"];
/// Most axes: pairs of them are looked at, too.
const AXES: usize = 24;

impl Question {
    pub(super) fn settle(&self, tables: &[Table]) -> Result<Asked, Refused> {
        let mut known: Vec<&str> = Vec::new();
        for name in tables.iter().flat_map(Table::column_names) {
            if !known.contains(&name) {
                known.push(name);
            }
        }
        let has = |name: &str| known.contains(&name);
        let is_sweep = ["trial", "cell", "seed", "attempt", "state"].iter().all(|name| has(name));
        let mut notes = Vec::new();
        let by = match self.by.as_slice() {
            [] if is_sweep => ["unplaced", "hard", "penalty"].map(String::from).to_vec(),
            [] => return Err(Refused::Usage("no column to judge rows by, expected --by COLUMN".into())),
            by => by.to_vec(),
        };
        let mut filter = self.filter.clone();
        if is_sweep && filter.is_empty() {
            filter = Filter::parse(&["state = done".to_owned()])?;
            notes.push("Only trials that are done count (state = done).".to_owned());
        }
        let optional = |given: &Option<String>, usual: &str| match given {
            Some(name) if name.is_empty() => None,
            Some(name) => Some(name.clone()),
            None => has(usual).then(|| usual.to_owned()),
        };
        let (within, seed) = (optional(&self.within, "instance"), optional(&self.seed, "seed"));
        let costs = match &self.costs {
            Some(costs) => costs.clone(),
            None => COSTS.iter().filter(|name| has(name)).map(|name| (*name).to_owned()).collect(),
        };
        let taken = |name: &str| {
            let named = [&within, &seed].into_iter().flatten().any(|taken| taken == name);
            named || by.iter().chain(&costs).any(|taken| taken == name)
        };
        let axes: Vec<String> = match &self.axes {
            Some(axes) => axes.clone(),
            None if is_sweep => {
                let place = |name: &str| known.iter().position(|known| *known == name).unwrap_or(0);
                let between = known.get(place("attempt") + 1..place("state")).unwrap_or_default();
                between.iter().filter(|name| !taken(name)).map(|name| (*name).to_owned()).collect()
            }
            None => {
                let text = |name: &&&str| !taken(name) && tables.iter().any(|table| table.is_text(name));
                known.iter().filter(text).take(AXES).map(|name| (*name).to_owned()).collect()
            }
        };
        if axes.len() > AXES {
            return Err(Refused::Usage(format!(
                "{} axes, expected {AXES} at most: name those that matter by --axes",
                axes.len()
            )));
        }
        let json = tables.iter().any(|table| matches!(table, Table::Text(table) if table.is_json()));
        let asked = by.iter().chain(&axes).chain(&costs).chain(&within).chain(&seed).chain(&filter.columns);
        for name in asked {
            if !has(name) && !json {
                return Err(Refused::Column { column: name.clone(), known: known.join(", ") });
            }
        }
        Ok(Asked { by, descending: self.descending, within, seed, axes, costs, filter, notes })
    }
}

/// Where each column stands among those that are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub(super) within: Option<usize>,
    pub(super) seed: Option<usize>,
    pub(super) axes: usize,
    pub(super) costs: usize,
}

impl Asked {
    /// The columns that are read: keys, group, seed, axes, costs.
    pub(super) fn columns(&self) -> (Vec<String>, Places) {
        let mut columns = self.by.clone();
        let mut one = |name: &Option<String>| {
            name.as_ref().map(|name| {
                columns.push(name.clone());
                columns.len() - 1
            })
        };
        let (within, seed) = (one(&self.within), one(&self.seed));
        let axes = columns.len();
        columns.extend(self.axes.iter().cloned());
        let costs = columns.len();
        columns.extend(self.costs.iter().cloned());
        (columns, Places { within, seed, axes, costs })
    }
}
