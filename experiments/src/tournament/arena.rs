//! `arena.toml` as people write it.

use super::driver::entrants;
use super::parameters::{Point, Space};
use super::written_parameters;
use crate::error::Error;
use crate::grid::written::{distinct, instances, json, line_of, read_text};
use crate::grid::{Budget, Instance};
use crate::settings::Settings;
use scheduler::{Reading, Time};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Fewer instances are no basis for a choice.
const LEAST_INSTANCES: usize = 2;

/// An arena before its instances are loaded; what is wrong with it is said with its line.
#[derive(Clone, Debug)]
pub struct WrittenArena {
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// Instances that are raced on, each with its name in results.
    pub instances: Vec<(String, PathBuf)>,
    /// Instances that are never raced on: the proof.
    pub held_out: Vec<(String, PathBuf)>,
    /// How both are read.
    pub reading: Reading,
    /// Everything else.
    pub rules: Rules,
}

/// Everything that a tournament goes by, but its instances.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// What is varied.
    pub space: Space,
    /// Configurations of the first race, beside the defaults and those that are drawn.
    pub starts: Vec<Point>,
    /// What each trial may spend.
    pub budget: Budget,
    /// Trials of all races together.
    pub trials: usize,
    /// Everything random comes from this.
    pub seed: u64,
    /// Seeds of each held-out instance.
    pub held_out_seeds: u64,
    /// Whether settings by features are looked for, too.
    pub by_features: bool,
    /// What the winner and the defaults may spend when they are compared once more.
    pub confirm: Option<Budget>,
    /// Milliseconds after which a trial is stopped, whatever its budget.
    pub deadline: Option<u64>,
    /// How races go.
    pub race: RaceRules,
}

/// How races go; the names in the literature are irace's.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RaceRules {
    /// Blocks before the first test (`firstTest`).
    pub first_test: usize,
    /// Blocks between tests (`eachTest`).
    pub each_test: usize,
    /// Who is worse by more than this leaves nothing to chance goes.
    pub confidence: f64,
    /// A race has as many configurations as its trials allow for so many blocks and one each race
    /// (`mu`).
    pub mu: usize,
    /// Tests in a row that drop nobody, after which a race ends (`elitistLimit`).
    pub elitist_limit: usize,
    /// So many are left at least (`minNbSurvival`); by default by the number of parameters.
    pub survivors: Option<usize>,
    /// Races (`nbIterations`); by default by the number of parameters. More follow while there is
    /// budget.
    pub races: Option<usize>,
}

impl Default for RaceRules {
    fn default() -> RaceRules {
        RaceRules {
            first_test: 5,
            each_test: 1,
            confidence: 0.95,
            mu: 5,
            elitist_limit: 2,
            survivors: None,
            races: None,
        }
    }
}

/// The arena with its instances.
#[derive(Clone, Debug, PartialEq)]
pub struct Arena {
    /// Everything else.
    pub rules: Rules,
    /// Raced on.
    pub instances: Vec<Instance>,
    /// The family of each: the kind of its file.
    pub families: Vec<String>,
    /// Never raced on.
    pub held_out: Vec<Instance>,
}

impl Rules {
    /// Races that are planned: ⌊2 + log₂ P⌋ for P parameters.
    pub fn races(&self) -> usize {
        self.race.races.unwrap_or_else(|| two_and_log(self.space.parameters.len()))
    }

    /// Configurations that are left of a race at least: as many.
    pub fn survivors(&self) -> usize {
        self.race.survivors.unwrap_or_else(|| two_and_log(self.space.parameters.len()))
    }

    /// The least number of trials with which the first race can drop somebody.
    pub fn least_trials(&self) -> usize {
        self.races() * (self.survivors() + 1) * (self.race.mu.max(self.race.first_test) + 1)
    }
}

/// ⌊2 + log₂ n⌋.
fn two_and_log(n: usize) -> usize {
    2 + n.max(1).ilog2() as usize
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    instances: Vec<String>,
    held_out: Vec<String>,
    #[serde(default)]
    lenient: bool,
    steps: u64,
    trials: usize,
    #[serde(default = "one")]
    seed: u64,
    #[serde(default = "three")]
    held_out_seeds: u64,
    #[serde(default)]
    by_features: bool,
    confirm: Option<Time>,
    deadline: Option<Time>,
    #[serde(default)]
    race: RaceRules,
    #[serde(default)]
    config: toml::Table,
    parameters: toml::Table,
    #[serde(default)]
    configurations: Vec<toml::Table>,
}

fn one() -> u64 {
    1
}

fn three() -> u64 {
    3
}

impl WrittenArena {
    /// Reads and checks an arena.
    ///
    /// # Errors
    /// What is wrong with it: file, line, what was found, what was expected.
    pub fn read(path: &Path) -> Result<WrittenArena, Error> {
        let text = read_text(path, "an arena")?;
        WrittenArena::parse(path, text)
    }

    /// The same from a text; relative paths in it are meant from the folder of `path`.
    ///
    /// # Errors
    /// As [`WrittenArena::read`].
    pub fn parse(path: &Path, text: String) -> Result<WrittenArena, Error> {
        let at = |line: usize, why: String| Error::Input(format!("{}:{line}: {why}", path.display()));
        let fields: Fields = toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            at(line, e.message().to_owned())
        })?;
        let key = |name: &str, why: String| at(line_of(&text, name), why);
        let named = |name: &str, list: &[String]| instances(path, list).map_err(|why| key(name, why));
        let (raced, held_out) = (named("instances", &fields.instances)?, named("held_out", &fields.held_out)?);
        if raced.len() < LEAST_INSTANCES {
            let why = format!(
                "only one instance, `{}`, expected at least {LEAST_INSTANCES}: what is best on one may be best on no other",
                raced[0].0
            );
            return Err(key("instances", why));
        }
        if let Some(twice) = distinct(raced.iter().chain(&held_out).map(|(_, path)| path)) {
            let why = format!("`{}` is raced on and held out, expected it in one of the two lists", twice.display());
            return Err(key("held_out", why));
        }
        for (name, value) in [("steps", fields.steps), ("held_out_seeds", fields.held_out_seeds)] {
            if value == 0 {
                return Err(key(name, format!("`{name}` is 0, expected 1 or more")));
            }
        }
        checked(&fields.race).map_err(|(name, why)| key(name, why))?;
        let base = json(toml::Value::Table(fields.config)).map_err(|why| key("[config]", why))?;
        if let Some(name) = ["seed", "time", "steps"].into_iter().find(|name| base.get(name).is_some()) {
            let why = format!("[config]: `{name}` is not set here: it is a key of the arena itself");
            return Err(key("[config]", why));
        }
        let parameters =
            written_parameters::parameters(&text, fields.parameters).map_err(|(line, why)| at(line, why))?;
        let space = Space::new(base, parameters).map_err(|why| key("[config]", format!("[config]: {why}")))?;
        written_parameters::try_all(&text, &space).map_err(|(line, why)| at(line, why))?;
        let is_other = |key: &&str| !key.starts_with("annealing.");
        if let Some(other) = space.parameters.iter().map(|one| one.key.as_str()).find(is_other)
            && fields.by_features
        {
            let why = format!(
                "`by_features` with the parameter `{other}`, expected keys of [annealing] alone: no other follows from features"
            );
            return Err(key("by_features", why));
        }
        let starts = starts(&space, fields.configurations).map_err(|why| key("[[configurations]]", why))?;
        let rules = Rules {
            space,
            starts,
            budget: Budget::Steps(fields.steps),
            trials: fields.trials,
            seed: fields.seed,
            held_out_seeds: fields.held_out_seeds,
            by_features: fields.by_features,
            confirm: fields.confirm.map(|time| Budget::Time(time.0.as_millis().max(1) as u64)),
            deadline: fields.deadline.map(|time| time.0.as_millis().max(1) as u64),
            race: fields.race,
        };
        if rules.trials < rules.least_trials() {
            let why = format!(
                "{} trials, expected at least {}: {} races, in each of which {} configurations run on {} blocks",
                rules.trials,
                rules.least_trials(),
                rules.races(),
                rules.survivors() + 1,
                rules.race.mu.max(rules.race.first_test) + 1
            );
            return Err(key("trials", why));
        }
        let first = entrants(&rules, rules.trials / rules.races(), 1);
        if rules.starts.len() + 2 > first {
            let why = format!(
                "{} configurations, expected at most {}: with {} trials the first race has {first}, the defaults and one that is drawn among them",
                rules.starts.len(),
                first - 2,
                rules.trials
            );
            return Err(key("[[configurations]]", why));
        }
        let reading = Reading::lenient(fields.lenient);
        Ok(WrittenArena { path: path.to_owned(), text, instances: raced, held_out, reading, rules })
    }
}

fn checked(race: &RaceRules) -> Result<(), (&'static str, String)> {
    let positive = [
        ("first_test", Some(race.first_test), 2),
        ("each_test", Some(race.each_test), 1),
        ("mu", Some(race.mu), 1),
        ("elitist_limit", Some(race.elitist_limit), 1),
        ("survivors", race.survivors, 1),
        ("races", race.races, 1),
    ];
    for (name, value, least) in positive {
        if let Some(value) = value.filter(|value| !(least..=1_000).contains(value)) {
            return Err((name, format!("`{name}` is {value}, expected {least} to 1000")));
        }
    }
    if !(0.5..1.0).contains(&race.confidence) {
        return Err(("confidence", format!("`confidence` is {}, expected 0.5 to less than 1", race.confidence)));
    }
    Ok(())
}

/// Configurations to begin with.
fn starts(space: &Space, tables: Vec<toml::Table>) -> Result<Vec<Point>, String> {
    let mut starts = Vec::new();
    for (n, table) in tables.into_iter().enumerate() {
        let layer = json(toml::Value::Table(table))?;
        let point = space.point(&layer).map_err(|(_, why)| format!("configuration {}: {why}", n + 1))?;
        Settings::of(&space.layer(&point)).map_err(|why| format!("configuration {}: {why}", n + 1))?;
        starts.push(point);
    }
    Ok(starts)
}

/// The family of an instance: the ending of its name without compression, or a folder.
pub(super) fn family(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    match name.rsplit_once('.') {
        Some((_, ending)) if !path.is_dir() => ending.to_owned(),
        _ => "folder".to_owned(),
    }
}
