//! `grid.toml` as people write it.

use super::{Axis, Budget, Grid, Instance, Seeds, text};
use crate::error::Error;
use crate::settings::Settings;
use scheduler::{Reading, Time};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Larger than any honest grid.
const MOST_BYTES: u64 = 4 << 20;
/// More values than anybody compares on one axis.
const MOST_VALUES: usize = 100_000;

/// A grid before its instances are loaded; what is wrong with it is said with its line.
#[derive(Clone, Debug)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// The files and folders that it names as instances, each with its name in results.
    pub instances: Vec<(String, PathBuf)>,
    /// How they are read.
    pub reading: Reading,
    /// Everything else; without instances.
    rest: Grid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    instances: Vec<String>,
    #[serde(default)]
    lenient: bool,
    #[serde(default = "one")]
    seeds: SomeSeeds,
    steps: Option<OneOrMore<u64>>,
    time: Option<OneOrMore<Time>>,
    #[serde(default)]
    config: toml::Table,
    #[serde(default)]
    configurations: Vec<toml::Table>,
    #[serde(default)]
    axes: toml::Table,
    deadline: Option<Time>,
    #[serde(default)]
    keep: Vec<Keep>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Keep {
    Solution,
}

fn one() -> SomeSeeds {
    SomeSeeds::One(1)
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a seed, a list of seeds, or a range such as \"1-20\"")]
enum SomeSeeds {
    One(u64),
    List(Vec<u64>),
    Range(String),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a value or a list of values")]
enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    fn all(self) -> Vec<T> {
        match self {
            OneOrMore::One(value) => vec![value],
            OneOrMore::More(values) => values,
        }
    }
}

impl Written {
    /// Reads and checks a grid. Every value of every axis is tried on its own as a configuration.
    ///
    /// # Errors
    /// What is wrong with it: file, line, what was found, what was expected.
    pub fn read(path: &Path) -> Result<Written, Error> {
        let text = read_text(path, "a grid")?;
        Written::parse(path, text)
    }

    /// The same from a text; relative paths in it are meant from the folder of `path`.
    ///
    /// # Errors
    /// As [`Written::read`].
    pub fn parse(path: &Path, text: String) -> Result<Written, Error> {
        let at = |line: usize, why: String| Error::Input(format!("{}:{line}: {why}", path.display()));
        let fields: Fields = toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            at(line, e.message().to_owned())
        })?;
        let key = |name: &str, why: String| at(line_of(&text, name), why);
        let seeds = seeds(fields.seeds).map_err(|why| key("seeds", why))?;
        let budgets = match (fields.steps, fields.time) {
            (Some(_), Some(_)) => return Err(key("time", "both `steps` and `time`, expected one of them".into())),
            (None, None) => {
                return Err(at(1, "neither `steps` nor `time`, expected one of them: what a trial may spend".into()));
            }
            (Some(steps), None) => steps.all().into_iter().map(Budget::Steps).collect::<Vec<_>>(),
            (None, Some(time)) => time.all().into_iter().map(|t| Budget::Time(t.0.as_millis().max(1) as u64)).collect(),
        };
        if budgets.is_empty() || distinct(budgets.iter().map(ToString::to_string)).is_some() {
            return Err(key("steps", "the list of budgets is empty or names one twice".into()));
        }
        let instances = instances(path, &fields.instances).map_err(|why| key("instances", why))?;
        let configurations = configurations(fields.configurations).map_err(|why| key("[[configurations]]", why))?;
        let mut axes = Vec::new();
        flatten("", fields.axes, &mut axes).map_err(|(name, why)| key(&name, why))?;
        let rest = Grid {
            instances: Vec::new(),
            seeds,
            budgets,
            base: json(toml::Value::Table(fields.config)).map_err(|why| key("[config]", why))?,
            configurations,
            shown: Vec::new(),
            axes,
            deadline: fields.deadline.map(|time| time.0.as_millis().max(1) as u64),
            keep_solution: fields.keep.contains(&Keep::Solution),
        };
        try_all(&rest).map_err(|(name, why)| key(&name, why))?;
        let reading = Reading::lenient(fields.lenient);
        Ok(Written { path: path.to_owned(), text, instances, reading, rest })
    }

    /// The grid with its instances, in the order of [`Written::instances`].
    pub fn with(&self, instances: Vec<Instance>) -> Grid {
        Grid { instances, ..self.rest.clone() }
    }
}

/// The text of a grid or an arena, which is what `what` says.
pub(crate) fn read_text(path: &Path, what: &str) -> Result<String, Error> {
    let metadata = fs::metadata(path).map_err(Error::io(path))?;
    if !metadata.is_file() || metadata.len() > MOST_BYTES {
        let found = if metadata.is_file() { format!("{} bytes", metadata.len()) } else { "no plain file".into() };
        let path = path.display();
        return Err(Error::Input(format!("{path}: {found}, expected {what} of at most {MOST_BYTES} bytes")));
    }
    fs::read_to_string(path).map_err(Error::io(path))
}

/// The line on which a key stands, 1 where it cannot be found.
pub(crate) fn line_of(text: &str, key: &str) -> usize {
    let last = key.rsplit('.').next().unwrap_or(key);
    let stands = |line: &str, key: &str| {
        let line = line.trim_start().trim_start_matches('"');
        line.strip_prefix(key)
            .is_some_and(|rest| key.starts_with('[') || rest.trim_start_matches('"').trim_start().starts_with('='))
    };
    let find = |key: &str| text.lines().position(|line| stands(line, key));
    find(key).or_else(|| find(last)).map_or(1, |at| at + 1)
}

fn seeds(seeds: SomeSeeds) -> Result<Seeds, String> {
    match seeds {
        SomeSeeds::One(seed) => Ok(Seeds::List(vec![seed])),
        SomeSeeds::List(list) if list.is_empty() => Err("no seed, expected at least one".into()),
        SomeSeeds::List(list) => match distinct(list.iter().copied()) {
            Some(twice) => Err(format!("seed {twice} twice, expected each once")),
            None => Ok(Seeds::List(list)),
        },
        SomeSeeds::Range(text) => {
            let parts = text.split_once('-').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
            match parts {
                Some((first, last)) if first <= last => Ok(Seeds::Range(first, last)),
                _ => Err(format!("`{text}` is no range of seeds, expected one such as \"1-20\"")),
            }
        }
    }
}

/// The first that is there twice.
pub(crate) fn distinct<T: Ord + Clone>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = std::collections::BTreeSet::new();
    values.into_iter().find(|value| !seen.insert(value.clone()))
}

/// The files that are named, `*` in the last part of a path for any characters; with names that
/// tell them apart.
pub(crate) fn instances(grid: &Path, named: &[String]) -> Result<Vec<(String, PathBuf)>, String> {
    let folder = grid.parent().unwrap_or(Path::new(""));
    let mut paths = Vec::new();
    for name in named {
        let path = folder.join(name);
        let pattern = path.file_name().and_then(|file| file.to_str()).filter(|file| file.contains('*'));
        let Some(pattern) = pattern else {
            if !path.exists() {
                return Err(format!("`{name}`: {} does not exist", path.display()));
            }
            paths.push(path);
            continue;
        };
        let beside = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let entries = fs::read_dir(beside).map_err(|e| format!("`{name}`: {}: {e}", beside.display()))?.flatten();
        let mut found: Vec<PathBuf> = entries
            .filter(|entry| entry.file_name().to_str().is_some_and(|file| matches(pattern.as_bytes(), file.as_bytes())))
            .map(|entry| entry.path())
            .collect();
        if found.is_empty() {
            return Err(format!("`{name}`: nothing matches it"));
        }
        found.sort();
        paths.extend(found);
    }
    if paths.is_empty() {
        return Err("no instance, expected at least one".into());
    }
    if let Some(twice) = distinct(paths.iter()) {
        return Err(format!("`{}` twice, expected each once", twice.display()));
    }
    let stem = |path: &Path| scheduler::stem(path).to_string_lossy().into_owned();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    paths.iter().for_each(|path| *times.entry(stem(path)).or_default() += 1);
    let name = |path: PathBuf| match times[&stem(&path)] {
        1 => (stem(&path), path),
        _ => (path.display().to_string(), path),
    };
    Ok(paths.into_iter().map(name).collect())
}

/// Whether a name matches a pattern in which `*` stands for any characters.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|at| matches(rest, &name[at..])),
        Some((c, rest)) => name.split_first().is_some_and(|(first, after)| first == c && matches(rest, after)),
    }
}

fn configurations(tables: Vec<toml::Table>) -> Result<Vec<(String, Value)>, String> {
    let mut all = Vec::new();
    for mut table in tables {
        let Some(toml::Value::String(name)) = table.remove("name") else {
            return Err("a configuration without a name, expected `name = \"...\"`".into());
        };
        all.push((name, json(toml::Value::Table(table))?));
    }
    match distinct(all.iter().map(|(name, _)| name)) {
        Some(twice) => Err(format!("two configurations are called `{twice}`")),
        None => Ok(all),
    }
}

/// Nested tables of lists as axes with dotted keys.
fn flatten(above: &str, table: toml::Table, axes: &mut Vec<Axis>) -> Result<(), (String, String)> {
    for (name, value) in table {
        let key = if above.is_empty() { name } else { format!("{above}.{name}") };
        match value {
            toml::Value::Table(below) => flatten(&key, below, axes)?,
            toml::Value::Array(values) => {
                let refused = |why: String| (key.clone(), format!("axis `{key}`: {why}"));
                if ["seed", "time", "steps"].contains(&key.as_str()) {
                    return Err(refused("it is a list of its own, outside of [axes]: `seeds`, `time`, `steps`".into()));
                }
                if values.is_empty() || values.len() > MOST_VALUES {
                    return Err(refused(format!("{} values, expected 1 to {MOST_VALUES}", values.len())));
                }
                let values = values.into_iter().map(json).collect::<Result<Vec<_>, _>>().map_err(refused)?;
                if let Some(twice) = distinct(values.iter().map(text)) {
                    return Err((key.clone(), format!("axis `{key}`: `{twice}` twice, expected each once")));
                }
                axes.push(Axis { key, values });
            }
            other => {
                return Err((
                    key.clone(),
                    format!(
                        "axis `{key}` is {other}, expected a list of values (what all trials share is in [config])"
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// Every configuration, and every value of every axis, is a configuration by itself.
fn try_all(grid: &Grid) -> Result<(), (String, String)> {
    let forbidden = |layer: &Value| ["seed", "time", "steps"].into_iter().find(|name| layer.get(name).is_some());
    let attempt = |layer: &Value| match forbidden(layer) {
        Some(name) => Err(format!("`{name}` is not set here: it is a list of its own, `seeds`, `time` or `steps`")),
        None => Settings::of(layer).map(|_| ()),
    };
    attempt(&grid.base).map_err(|why| ("[config]".to_owned(), format!("[config]: {why}")))?;
    for axis in &grid.axes {
        for value in &axis.values {
            // By itself, or beside the first values of the others: two axes may make sense only
            // together.
            let beside = |below: &Value| {
                let mut layer = below.clone();
                super::put(&mut layer, &axis.key, value.clone());
                layer
            };
            let alone = attempt(&beside(&grid.base));
            alone
                .or_else(|why| attempt(&beside(&grid.layer(&grid_cell(grid, 0)))).map_err(|_| why))
                .map_err(|why| (axis.key.clone(), format!("axis `{}`, value `{}`: {why}", axis.key, text(value))))?;
        }
    }
    let count = grid.configurations.len().max(1);
    let settings = grid.axes.iter().map(|axis| axis.values.len() as u64).fold(1, u64::saturating_mul);
    for configuration in 0..count {
        let cell = grid_cell(grid, configuration as u64 * settings);
        attempt(&grid.layer(&cell)).map_err(|why| match grid.configurations.get(configuration) {
            Some((name, _)) => (
                "[[configurations]]".to_owned(),
                format!("configuration `{name}` (and the first value of each axis): {why}"),
            ),
            None => (
                grid.axes.first().map_or("[config]".to_owned(), |axis| axis.key.clone()),
                format!("the first value of each axis: {why}"),
            ),
        })?;
    }
    Ok(())
}

fn grid_cell(grid: &Grid, setting: u64) -> super::Cell {
    let (configuration, values) = grid.setting(setting);
    super::Cell { seed: 0, instance: 0, configuration, values, budget: grid.budgets[0], setting }
}

/// The same value in JSON.
pub(crate) fn json(value: toml::Value) -> Result<Value, String> {
    serde_json::to_value(value).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Written, String> {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.ctt", "b.ctt", "c.tim"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let path = folder.path().join("grid.toml");
        Written::parse(&path, text.to_owned())
            .map_err(|e| e.to_string().replace(&path.display().to_string(), "grid.toml"))
    }

    #[test]
    fn a_grid_is_read_with_stars_ranges_and_dotted_keys() {
        let written = parse(
            "instances = ['*.ctt', 'c.tim']\nseeds = '1-3'\ntime = ['1s', 2.5]\n[config]\nthreads = 1\n\
             [axes]\nstage2b.use = ['annealing', 'none']\n\"stage2b.share\" = [40, 60]\npopulation = [0]\n",
        )
        .unwrap();
        let names: Vec<&str> = written.instances.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let grid = written.with(vec![]);
        assert_eq!(grid.seeds, Seeds::Range(1, 3));
        assert_eq!(grid.budgets, [Budget::Time(1000), Budget::Time(2500)]);
        let keys: Vec<&str> = grid.axes.iter().map(|axis| axis.key.as_str()).collect();
        assert_eq!(keys, ["population", "stage2b.use", "stage2b.share"]);
        assert_eq!(grid.settings(), 4);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_its_value_and_what_was_expected() {
        let cases = [
            ("instances = ['a.ctt']\n", "grid.toml:1: neither `steps` nor `time`"),
            ("instances = ['a.ctt']\nsteps = 1\ntime = 1\n", "grid.toml:3: both"),
            ("steps = 1\ninstances = ['nowhere.ctt']\n", "grid.toml:2: `nowhere.ctt`"),
            ("steps = 1\ninstances = ['*.xml']\n", "grid.toml:2: `*.xml`: nothing matches"),
            ("steps = 1\ninstances = ['a.ctt', '*.ctt']\n", "twice"),
            ("steps = 1\ninstances = ['a.ctt']\nseeds = '9-1'\n", "grid.toml:3: `9-1` is no range"),
            ("steps = 1\ninstances = ['a.ctt']\nseeds = [1, 1]\n", "grid.toml:3: seed 1 twice"),
            ("steps = 1\ninstances = ['a.ctt']\nsede = 1\n", "grid.toml:3: unknown field `sede`"),
            (
                "steps = 1\ninstances = ['a.ctt']\n[axes]\npopulation = [1, 'x']\n",
                "grid.toml:4: axis `population`, value `x`",
            ),
            (
                "steps = 1\ninstances = ['a.ctt']\n[axes]\nstage2b.use = ['gaa']\n",
                "grid.toml:4: axis `stage2b.use`, value `gaa`: stage2b has no implementation",
            ),
            ("steps = 1\ninstances = ['a.ctt']\n[axes]\nseed = [1]\n", "grid.toml:4: axis `seed`"),
            (
                "steps = 1\ninstances = ['a.ctt']\n[axes]\npopulation = 4\n",
                "grid.toml:4: axis `population` is 4, expected a list",
            ),
            ("steps = 1\ninstances = ['a.ctt']\n[config]\nseed = 4\n", "grid.toml:3: [config]: `seed` is not set here"),
            (
                "steps = 1\ninstances = ['a.ctt']\n[[configurations]]\npopulation = 4\n",
                "grid.toml:3: a configuration without a name",
            ),
        ];
        for (text, expected) in cases {
            let why = parse(text).unwrap_err();
            assert!(why.contains(expected), "{why}\nexpected {expected}");
        }
    }
}
