//! A grid: instances × configurations × seeds × budgets. Its cells are numbered, and each is worked
//! out from its number.
//!
//! Seeds are the outermost digit and budgets the innermost, so that a sweep that is stopped half
//! way has every configuration with the first seeds.

pub(crate) mod written;

use crate::error::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fmt, path::PathBuf, time::Duration};

pub use written::Written;

/// A problem that trials run on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its name in results.
    pub name: String,
    /// Where it was read from.
    pub path: PathBuf,
    /// The hash of its block, in hexadecimal; the block is `problems/HASH.block`.
    pub hash: String,
    /// Bytes of its block.
    pub bytes: u64,
}

/// The seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seeds {
    /// From the first to the last.
    Range(u64, u64),
    /// These.
    List(Vec<u64>),
}

impl Seeds {
    fn count(&self) -> u64 {
        match self {
            Seeds::Range(first, last) => (last - first).saturating_add(1),
            Seeds::List(seeds) => seeds.len() as u64,
        }
    }

    fn get(&self, at: u64) -> u64 {
        match self {
            Seeds::Range(first, _) => first + at,
            Seeds::List(seeds) => seeds[at as usize],
        }
    }
}

/// What a trial may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// Evaluated moves.
    Steps(u64),
    /// Milliseconds.
    Time(u64),
}

impl Budget {
    /// As it is in a trial's name; never to be changed.
    pub(crate) fn canonical(self) -> String {
        match self {
            Budget::Steps(steps) => format!("steps {steps}"),
            Budget::Time(ms) => format!("time {ms}"),
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::Steps(steps) => write!(f, "{steps} steps"),
            Budget::Time(ms) => write!(f, "{} s", Duration::from_millis(*ms).as_secs_f64()),
        }
    }
}

/// One thing that is varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// A key of `stagecoach.toml`, `stage2b.share`.
    pub key: String,
    /// Its values.
    pub values: Vec<Value>,
}

impl Axis {
    /// Its name as a column: `stage2b_share`.
    pub fn column(&self) -> String {
        column(&self.key)
    }
}

/// Everything that a sweep runs, with its instances loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// The problems.
    pub instances: Vec<Instance>,
    /// The seeds.
    pub seeds: Seeds,
    /// What each trial may spend.
    pub budgets: Vec<Budget>,
    /// What all trials have in common: a configuration as in `stagecoach.toml`.
    pub base: Value,
    /// Configurations that differ in more than one key, by name; they are laid over `base`. Empty:
    /// one without a name.
    pub configurations: Vec<(String, Value)>,
    /// Keys in which these differ that are columns of their own in results, `-` where a
    /// configuration leaves them open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<String>,
    /// What is varied beside, laid over that.
    pub axes: Vec<Axis>,
    /// Milliseconds after which a trial is stopped, whatever its budget.
    pub deadline: Option<u64>,
    /// Whether the plan of each trial is kept.
    pub keep_solution: bool,
}

/// One cell: positions in the lists of its grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its seed.
    pub seed: u64,
    /// Its instance.
    pub instance: usize,
    /// Its configuration, 0 where none has a name.
    pub configuration: usize,
    /// Its value of each axis.
    pub values: Vec<usize>,
    /// What it may spend.
    pub budget: Budget,
    /// Which combination of configuration and axes this is.
    pub setting: u64,
}

impl Grid {
    /// How many settings (combinations of configurations and axes) there are.
    pub fn settings(&self) -> u64 {
        let axes = self.axes.iter().map(|axis| axis.values.len() as u64);
        axes.fold(self.configurations.len().max(1) as u64, u64::saturating_mul)
    }

    /// How many cells there are.
    ///
    /// # Errors
    /// Where that is more than can be counted.
    pub fn cells(&self) -> Result<u64, Error> {
        let factors = [self.seeds.count(), self.instances.len() as u64, self.settings(), self.budgets.len() as u64];
        let product = factors.into_iter().try_fold(1_u64, |product, factor| product.checked_mul(factor));
        let most = 1 << 48;
        product.filter(|&product| product <= most).ok_or_else(|| {
            Error::Input(format!("the grid has more than {most} trials: give it fewer seeds, values or instances"))
        })
    }

    /// The cell of a number below [`Grid::cells`]; `None` beyond.
    pub fn cell(&self, number: u64) -> Option<Cell> {
        let mut rest = number;
        let mut digit = |base: u64| {
            let digit = rest.checked_rem(base)?;
            rest /= base;
            Some(digit)
        };
        let budget = *self.budgets.get(digit(self.budgets.len() as u64)? as usize)?;
        let setting = digit(self.settings())?;
        let instance = digit(self.instances.len() as u64)? as usize;
        let seed = digit(self.seeds.count())?;
        if rest > 0 {
            return None;
        }
        let (configuration, values) = self.setting(setting);
        Some(Cell { seed: self.seeds.get(seed), instance, configuration, values, budget, setting })
    }

    /// The position of the configuration, and of each axis's value, of a setting.
    fn setting(&self, setting: u64) -> (usize, Vec<usize>) {
        let mut rest = setting;
        let mut values: Vec<usize> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let count = axis.values.len() as u64;
                let digit = rest % count;
                rest /= count;
                digit as usize
            })
            .collect();
        values.reverse();
        (rest as usize, values)
    }

    /// The number of a cell by its digits; the inverse of [`Grid::cell`].
    pub(crate) fn number(
        &self,
        seed: u64,
        instance: usize,
        configuration: usize,
        values: &[usize],
        budget: usize,
    ) -> u64 {
        let setting = self
            .axes
            .iter()
            .zip(values)
            .fold(configuration as u64, |number, (axis, &value)| number * axis.values.len() as u64 + value as u64);
        let outer = (seed * self.instances.len() as u64 + instance as u64) * self.settings() + setting;
        outer * self.budgets.len() as u64 + budget as u64
    }

    /// One cell for each value of everything that is varied, the others at their first; each once,
    /// in ascending order.
    pub fn minimal(&self) -> Vec<u64> {
        let first = vec![0; self.axes.len()];
        let mut cells = vec![self.number(0, 0, 0, &first, 0)];
        cells.extend((1..self.instances.len()).map(|instance| self.number(0, instance, 0, &first, 0)));
        cells.extend((1..self.configurations.len()).map(|name| self.number(0, 0, name, &first, 0)));
        cells.extend((1..self.budgets.len()).map(|budget| self.number(0, 0, 0, &first, budget)));
        for (at, axis) in self.axes.iter().enumerate() {
            for value in 1..axis.values.len() {
                let mut values = first.clone();
                values[at] = value;
                cells.push(self.number(0, 0, 0, &values, 0));
            }
        }
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    /// The names of the columns that tell cells apart: instance, then configuration (where some
    /// have names), what is shown of those, axes and budget.
    pub fn columns(&self) -> Vec<String> {
        let named = (!self.configurations.is_empty()).then(|| "configuration".to_owned());
        let shown = self.shown.iter().map(|key| column(key));
        let axes = self.axes.iter().map(Axis::column);
        ["instance".to_owned()].into_iter().chain(named).chain(shown).chain(axes).chain(["budget".to_owned()]).collect()
    }

    /// What a cell has in these columns.
    pub fn texts(&self, cell: &Cell) -> Vec<String> {
        let configuration = self.configurations.get(cell.configuration);
        let named = configuration.map(|(name, _)| name.clone());
        let at = |key: &String| configuration.and_then(|(_, layer)| get(layer, key)).map_or("-".to_owned(), text);
        let shown = self.shown.iter().map(at);
        let axes = self.axes.iter().zip(&cell.values).map(|(axis, &value)| text(&axis.values[value]));
        let instance = self.instances.get(cell.instance).map_or_else(String::new, |instance| instance.name.clone());
        [instance].into_iter().chain(named).chain(shown).chain(axes).chain([cell.budget.to_string()]).collect()
    }

    /// What a trial of this cell is set to, beside seed and budget: a configuration as in
    /// `stagecoach.toml`.
    pub fn layer(&self, cell: &Cell) -> Value {
        let mut layer = self.base.clone();
        if let Some((_, over)) = self.configurations.get(cell.configuration) {
            lay(&mut layer, over);
        }
        for (axis, &value) in self.axes.iter().zip(&cell.values) {
            put(&mut layer, &axis.key, axis.values[value].clone());
        }
        layer
    }
}

/// A value of an axis as text: without quotes.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The name of a key as a column: `stage2b_share`.
fn column(key: &str) -> String {
    key.replace('.', "_")
}

/// The value of a key such as `stage2b.share`.
pub(crate) fn get<'v>(layer: &'v Value, key: &str) -> Option<&'v Value> {
    key.split('.').try_fold(layer, |below, name| below.get(name))
}

/// Lays one table over another.
pub(crate) fn lay(below: &mut Value, over: &Value) {
    match (below, over) {
        (Value::Object(below), Value::Object(over)) => {
            for (key, value) in over {
                lay(below.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (below, over) => *below = over.clone(),
    }
}

/// Sets the value of a key such as `stage2b.share`.
pub(crate) fn put(layer: &mut Value, key: &str, value: Value) {
    let nested =
        key.rsplit('.').fold(value, |value, name| Value::Object([(name.to_owned(), value)].into_iter().collect()));
    lay(layer, &nested);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    pub(crate) fn grid() -> Grid {
        let instance = |name: &str| Instance { name: name.into(), path: name.into(), hash: name.into(), bytes: 1 };
        Grid {
            instances: vec![instance("a"), instance("b")],
            seeds: Seeds::Range(5, 7),
            budgets: vec![Budget::Steps(10), Budget::Time(2500)],
            base: json!({"threads": 1, "stage2b": {"use": "annealing"}}),
            configurations: vec![("plain".into(), json!({})), ("small".into(), json!({"population": 4}))],
            shown: Vec::new(),
            axes: vec![
                Axis { key: "stage2b.share".into(), values: vec![json!(1), json!(2), json!(3)] },
                Axis { key: "stage2a.use".into(), values: vec![json!("greedy")] },
            ],
            deadline: None,
            keep_solution: false,
        }
    }

    #[test]
    fn every_number_is_one_cell_and_every_cell_one_number() {
        let grid = grid();
        let cells = grid.cells().unwrap();
        assert_eq!(cells, 3 * 2 * (2 * 3) * 2);
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..cells {
            let cell = grid.cell(number).unwrap();
            let budget = grid.budgets.iter().position(|budget| *budget == cell.budget).unwrap();
            assert_eq!(grid.number(cell.seed - 5, cell.instance, cell.configuration, &cell.values, budget), number);
            assert!(seen.insert((cell.seed, grid.texts(&cell))));
        }
        assert_eq!(grid.cell(cells), None);
        assert_eq!(grid.cell(0).unwrap().seed, 5);
        assert_eq!(grid.cell(cells - 1).unwrap().seed, 7);
    }

    #[test]
    fn a_cell_is_set_to_the_base_then_its_configuration_then_its_values() {
        let grid = grid();
        let number = grid.number(0, 1, 1, &[2, 0], 1);
        let cell = grid.cell(number).unwrap();
        assert_eq!(grid.columns(), ["instance", "configuration", "stage2b_share", "stage2a_use", "budget"]);
        assert_eq!(grid.texts(&cell), ["b", "small", "3", "greedy", "2.5 s"]);
        let expected = json!({
            "threads": 1, "population": 4, "stage2a": {"use": "greedy"}, "stage2b": {"use": "annealing", "share": 3}
        });
        assert_eq!(grid.layer(&cell), expected);
    }

    #[test]
    fn the_minimal_cells_hold_every_value_of_everything_that_is_varied() {
        let grid = grid();
        let cells: Vec<Cell> = grid.minimal().into_iter().map(|number| grid.cell(number).unwrap()).collect();
        assert_eq!(cells.len(), 1 + 1 + 1 + 1 + 2);
        for column in 0..grid.columns().len() {
            let texts: std::collections::BTreeSet<String> =
                cells.iter().map(|cell| grid.texts(cell)[column].clone()).collect();
            let all: std::collections::BTreeSet<String> = (0..grid.cells().unwrap())
                .map(|number| grid.texts(&grid.cell(number).unwrap())[column].clone())
                .collect();
            assert_eq!(texts, all);
        }
    }

    #[test]
    fn keys_of_configurations_that_are_shown_are_columns() {
        let grid = Grid { shown: vec!["population".into()], ..grid() };
        assert_eq!(grid.columns()[..3], ["instance", "configuration", "population"]);
        assert_eq!(grid.texts(&grid.cell(0).unwrap())[1..3], ["plain", "-"]);
        assert_eq!(grid.texts(&grid.cell(grid.number(0, 0, 1, &[0, 0], 0)).unwrap())[1..3], ["small", "4"]);
    }

    #[test]
    fn a_grid_beyond_all_counting_is_refused() {
        let grid = Grid { seeds: Seeds::Range(0, u64::MAX), ..grid() };
        assert!(grid.cells().unwrap_err().to_string().contains("more than"));
    }
}
