//! The configuration in force: defaults < `stagecoach.toml` < environment < flags.

use crate::annealing::{AnnealingConfig, When};
use crate::clock::Time;
use crate::features::Condition;
use crate::layer::{Layer, StageLayer};
use crate::stages::StageSettings;
use memguard::{Bytes, Thresholds};
use stage2b_gpu_ga::{Genetic, Gpu};
use stage3_rl::{Order, Rl};
use std::{
    fmt::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use timetable::Problem;

/// The file that is read where no other is named.
pub const CONFIG_FILE: &str = "stagecoach.toml";

/// The name of an implementation that is left to the program.
pub const AUTO: &str = "auto";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything else.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Environment,
    /// Whoever started the run.
    Flag,
    /// It was left open, and this settles it.
    Rule(&'static str),
    /// It was left open, and the problem has this feature.
    Feature(Condition),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path) => write!(f, "{}", path.display()),
            Origin::Environment => f.write_str("environment"),
            Origin::Flag => f.write_str("flag"),
            Origin::Rule(why) => write!(f, "auto: {why}"),
            Origin::Feature(condition) => write!(f, "as {condition}"),
        }
    }
}

/// A value and its origin.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Setting<T> {
    pub(crate) fn default(value: T) -> Setting<T> {
        Setting { value, origin: Origin::Default }
    }

    pub(crate) fn put(&mut self, value: Option<T>, origin: &Origin) {
        if let Some(value) = value {
            *self = Setting { value, origin: origin.clone() };
        }
    }
}

/// What a run may spend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RunBudget {
    /// Time from the start of the program.
    Time(Time),
    /// Evaluated moves.
    Steps(u64),
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is larger than any configuration.
    #[error("{}: {found} bytes, expected at most {most}", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Bytes found.
        found: u64,
        /// Bytes allowed.
        most: u64,
    },
    /// The file is not what was expected.
    #[error("{}:{line}: {problem}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What was found and what was expected.
        problem: String,
    },
    /// A file has two budgets.
    #[error("{}: both `time` and `steps`, expected one of them", .0.display())]
    FileBudget(PathBuf),
    /// The environment has two budgets.
    #[error("both STAGECOACH_TIME and STAGECOACH_STEPS are set, expected one of them")]
    EnvironmentBudget,
    /// A variable of the environment cannot be read.
    #[error("environment variable {name}=`{text}`: {problem}")]
    Environment {
        /// Its name.
        name: String,
        /// What it holds.
        text: String,
        /// What is wrong with that.
        problem: String,
    },
    /// Memory thresholds of a stage that make no sense.
    #[error("{slot} ({origin}): {source}")]
    Thresholds {
        /// The stage's slot.
        slot: &'static str,
        /// Where the last value comes from.
        origin: Origin,
        /// What is wrong.
        source: memguard::BadThresholds,
    },
    /// No threads.
    #[error("threads is 0 ({0}), expected 1 or more")]
    NoThreads(Origin),
}

/// A stage's settings.
#[derive(Clone, Debug)]
pub struct StageConfig {
    /// Its place in the pipeline, `stage2a`.
    pub slot: &'static str,
    /// The implementation's name.
    pub name: Setting<String>,
    /// Its share of the budget; 0: quick, may use all that is left.
    pub share: Setting<u32>,
    /// The fraction of the memory limit from which caches are dropped and workers admitted one at a
    /// time.
    pub elevated: Setting<f64>,
    /// From which the stage is told to shrink.
    pub emergency: Setting<f64>,
    /// From which its largest worker is ended, or it ends with its best.
    pub critical: Setting<f64>,
}

/// Everything that a run is set to.
#[derive(Clone, Debug)]
pub struct Config {
    /// Seed of all random numbers.
    pub seed: Setting<u64>,
    /// What the run may take.
    pub spend: Setting<RunBudget>,
    /// How many threads a stage may use.
    pub threads: Setting<usize>,
    /// A memory limit below those of the machine.
    pub memory: Setting<Option<Bytes>>,
    /// Individuals of the genetic algorithm; 0: as many as pay.
    pub population: Setting<usize>,
    /// Where it runs.
    pub gpu: Setting<Gpu>,
    /// Weights of the policy of stage 3's `rl`; those that it comes with where this is `None`.
    pub weights: Setting<Option<PathBuf>>,
    /// Annealing's walks, in stage 2B and in polishing.
    pub annealing: AnnealingConfig,
    /// What annealing is set to by a problem's features, where nobody says anything else; the first
    /// that holds counts.
    pub when: Setting<Vec<When>>,
    /// The stages, in the order of the pipeline.
    pub stages: [StageConfig; 6],
}

impl Config {
    /// What holds where nobody says anything.
    pub fn defaults() -> Config {
        let stage = |slot, name: &str, share, emergency| StageConfig {
            slot,
            name: Setting::default(name.to_owned()),
            share: Setting::default(share),
            elevated: Setting::default(0.70),
            emergency: Setting::default(emergency),
            critical: Setting::default(0.90),
        };
        Config {
            seed: Setting::default(1),
            spend: Setting::default(RunBudget::Time(Time(Duration::from_secs(60)))),
            threads: Setting::default(thread::available_parallelism().map_or(1, Into::into)),
            memory: Setting::default(None),
            population: Setting::default(0),
            gpu: Setting::default(Gpu::Auto),
            weights: Setting::default(None),
            annealing: AnnealingConfig::defaults(),
            when: Setting::default(shipped()),
            // Half of the budget for a first timetable, of which it seldom needs much: what a stage
            // leaves goes to those after it. Of the rest polishing has a quarter. Stage 3 leaves
            // nothing to any but a proof, so its share is small.
            stages: [
                stage("stage1", "louvain", 0, 0.80),
                stage("stage2a", "greedy", 85, 0.75),
                stage("stage2b", AUTO, 60, 0.80),
                stage("polish", AUTO, 20, 0.75),
                stage("stage3", "min-conflicts", 1, 0.80),
                stage("proof", "none", 15, 0.75),
            ],
        }
    }

    /// All layers: `file` (or `stagecoach.toml` of the current folder, where there is one), the
    /// environment, the flags.
    ///
    /// # Errors
    /// What is wrong, and where it stands.
    pub fn gather(file: Option<&Path>, flags: Layer) -> Result<Config, ConfigError> {
        let mut config = Config::defaults();
        let found = file.or_else(|| Some(Path::new(CONFIG_FILE)).filter(|path| path.is_file()));
        if let Some(path) = found {
            config.apply(Layer::from_file(path)?, Origin::File(path.into()))?;
        }
        let variable = |name: &str| std::env::var(name).ok();
        config.apply(Layer::from_environment(variable)?, Origin::Environment)?;
        config.apply(flags, Origin::Flag)?;
        config.settle_stage2b();
        Ok(config)
    }

    /// One layer over the defaults, whatever file and environment say: what a trial of a sweep is
    /// set to.
    ///
    /// # Errors
    /// A value that makes no sense.
    pub fn of_layer(layer: Layer, origin: Origin) -> Result<Config, ConfigError> {
        let mut config = Config::defaults();
        config.apply(layer, origin)?;
        config.settle_stage2b();
        Ok(config)
    }

    /// Stage 2B, where it is left open: annealing, which is mostly ahead at equal steps and seldom
    /// behind (docs/benchmarks.md), unless something is asked for that only the genetic algorithm
    /// has.
    fn settle_stage2b(&mut self) {
        let is_asked = self.population.value > 0;
        let has_device = matches!(self.gpu.value, Gpu::All | Gpu::Number(_));
        let (name, why) = match (is_asked, has_device, self.spend.value) {
            (true, ..) => ("ga", "a population is asked for"),
            (_, true, _) => ("ga", "a device is asked for"),
            (.., RunBudget::Time(_)) => ("annealing", "one walk a thread"),
            (.., RunBudget::Steps(_)) => ("annealing", "one walk, whatever the threads"),
        };
        if let Some(stage) = self.stages.iter_mut().find(|stage| stage.slot == "stage2b" && stage.name.value == AUTO) {
            stage.name = Setting { value: name.to_owned(), origin: Origin::Rule(why) };
        }
    }

    /// Lays a layer over what there is.
    ///
    /// # Errors
    /// Where values do not go together, or make no sense.
    pub fn apply(&mut self, layer: Layer, origin: Origin) -> Result<(), ConfigError> {
        for (stage, said) in self.stages.iter_mut().zip(layer.stages()) {
            let StageLayer { name, share, elevated, emergency, critical } = said.clone();
            stage.name.put(name, &origin);
            stage.share.put(share, &origin);
            stage.elevated.put(elevated, &origin);
            stage.emergency.put(emergency, &origin);
            stage.critical.put(critical, &origin);
            let wrong = |source| ConfigError::Thresholds { slot: stage.slot, origin: origin.clone(), source };
            stage.thresholds().map_err(wrong)?;
        }
        if layer.threads == Some(0) {
            return Err(ConfigError::NoThreads(origin));
        }
        self.seed.put(layer.seed, &origin);
        self.spend.put(layer.time.map(RunBudget::Time), &origin);
        self.spend.put(layer.steps.map(RunBudget::Steps), &origin);
        self.threads.put(layer.threads, &origin);
        self.memory.put(layer.memory.map(Some), &origin);
        self.population.put(layer.population, &origin);
        self.gpu.put(layer.gpu, &origin);
        self.weights.put(layer.weights.map(Some), &origin);
        self.annealing.apply(layer.annealing, &origin);
        self.when.put(layer.when, &origin);
        Ok(())
    }

    /// Settles by a problem's features what nobody has said anything of; what was set, and why, in
    /// a line.
    pub fn settle_by_features(&mut self, problem: &Problem) -> Option<String> {
        self.annealing.settle(&self.when.value, problem)
    }

    /// Implementations that have settings of their own, as they are set.
    pub fn stage_settings(&self) -> StageSettings {
        StageSettings {
            annealing: self.annealing.settings(),
            genetic: Genetic { population: self.population.value, gpu: self.gpu.value, ..Genetic::default() },
            rl: self.weights.value.as_deref().map_or_else(Rl::default, Rl::with_weights),
            order: Order::default(),
        }
    }

    /// All that a result depends on, beside seed and input; compared when a run is resumed.
    pub fn identity(&self) -> String {
        let mut text = match self.spend.value {
            // By time no two results are the same, so another time is no other run.
            RunBudget::Time(_) => "time".to_owned(),
            RunBudget::Steps(n) => format!("steps {n}"),
        };
        let _ = write!(text, ", population {}", self.population.value);
        if let Some(path) = &self.weights.value {
            let _ = write!(text, ", weights {}", path.display());
        }
        for (key, setting) in self.annealing.iter() {
            let _ = write!(text, ", {} {}", key.name, setting.value);
        }
        for stage in &self.stages {
            let _ = write!(text, ", {} {} share {}", stage.slot, stage.name.value, stage.share.value);
        }
        text
    }

    /// As a configuration file, each value with its origin.
    pub fn to_toml(&self) -> String {
        let row =
            |key: &str, value: String, origin: &Origin| format!("{:<32} # {origin}\n", format!("{key} = {value}"));
        let mut text = row("seed", self.seed.value.to_string(), &self.seed.origin);
        text += &match self.spend.value {
            RunBudget::Time(time) => row("time", time.to_string(), &self.spend.origin),
            RunBudget::Steps(steps) => row("steps", steps.to_string(), &self.spend.origin),
        };
        text += &row("threads", self.threads.value.to_string(), &self.threads.origin);
        text += &match self.memory.value {
            Some(bytes) => row("memory", bytes.get().to_string(), &self.memory.origin),
            None => "# memory: the smallest limit that `stagecoach doctor` shows\n".to_owned(),
        };
        text += &row("population", self.population.value.to_string(), &self.population.origin);
        text += &row("gpu", format!("\"{}\"", self.gpu.value), &self.gpu.origin);
        text += &match &self.weights.value {
            Some(path) => {
                row("weights", toml::Value::String(path.display().to_string()).to_string(), &self.weights.origin)
            }
            None => "# weights: those that stage 3's rl comes with\n".to_owned(),
        };
        text + &self.tables()
    }

    /// What a resumed run must have in common with the run begun; threads and memory are the
    /// machine's.
    pub fn to_resume(&self) -> String {
        let spend = match self.spend.value {
            RunBudget::Time(time) => format!("time = {time}"),
            RunBudget::Steps(steps) => format!("steps = {steps}"),
        };
        let (seed, population) = (self.seed.value, self.population.value);
        format!(
            "# The run in this folder, read by `stagecoach solve --resume`.\nseed = {seed}\n{spend}\npopulation = {population}\n"
        ) + &self.tables()
    }

    /// `[annealing]`, and a table for each stage.
    fn tables(&self) -> String {
        let mut text = "\n[annealing]\n".to_owned();
        for (key, setting) in self.annealing.iter() {
            // What the problem may settle is left open in a file, too.
            let is_open = setting.origin == Origin::Default && self.when.value.iter().any(|when| when.sets(key));
            let value = toml::Value::Float(setting.value);
            let line = format!("{}{} = {value}", if is_open { "# " } else { "" }, key.name);
            let _ = writeln!(text, "{line:<32} # {}", setting.origin);
        }
        for stage in &self.stages {
            let _ = writeln!(text, "\n[{}]", stage.slot);
            let name = toml::Value::String(stage.name.value.clone());
            let _ = writeln!(text, "{:<32} # {}", format!("use = {name}"), stage.name.origin);
            let _ = writeln!(text, "{:<32} # {}", format!("share = {}", stage.share.value), stage.share.origin);
            let thresholds =
                [("elevated", &stage.elevated), ("emergency", &stage.emergency), ("critical", &stage.critical)];
            for (key, threshold) in thresholds {
                let value = toml::Value::Float(threshold.value);
                let _ = writeln!(text, "{:<32} # {}", format!("{key} = {value}"), threshold.origin);
            }
        }
        if self.when.value.is_empty() {
            return text;
        }
        let _ =
            writeln!(text, "\n# Where the problem is such, as far as nobody says anything else: {}", self.when.origin);
        for when in &self.when.value {
            let _ = write!(text, "{when}");
        }
        text
    }
}

/// What was found by tournaments to be better for problems with some feature (docs/tuning.md).
const SHIPPED: &str = include_str!("by_features.toml");

fn shipped() -> Vec<When> {
    let layer: Layer = toml::from_str(SHIPPED).expect("the program's own table");
    layer.when.unwrap_or_default()
}

impl StageConfig {
    /// When memory is high for this stage.
    pub fn thresholds(&self) -> Result<Thresholds, memguard::BadThresholds> {
        Thresholds::new(self.elevated.value, self.emergency.value, self.critical.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(text: &str) -> Layer {
        toml::from_str(text).expect("a layer")
    }

    #[test]
    fn a_later_layer_wins_and_says_where_its_value_comes_from() {
        let mut config = Config::defaults();
        config.apply(layer("seed = 5\ntime = '90s'\n[stage2b]\nuse = 'none'"), Origin::File("x.toml".into())).unwrap();
        config.apply(layer("seed = 7"), Origin::Flag).unwrap();
        assert_eq!((config.seed.value, &config.seed.origin), (7, &Origin::Flag));
        assert_eq!(config.spend.value, RunBudget::Time(Time(Duration::from_secs(90))));
        assert_eq!(config.stages[2].name.value, "none");
        assert_eq!(config.stages[2].share.origin, Origin::Default);
    }

    #[test]
    fn names_that_are_hard_to_write_are_read_back() {
        for name in ["w\u{b}\"x\\", "a\nb", "it's", "\u{1f}\u{7f}é"] {
            let mut config = Config::defaults();
            let text = format!("weights = {}", toml::Value::String(name.into()));
            config.apply(layer(&text), Origin::Flag).unwrap();
            let mut again = Config::defaults();
            again.apply(layer(&config.to_toml()), Origin::Flag).unwrap();
            assert_eq!(again.weights.value, Some(name.into()), "{}", config.to_toml());
        }
    }

    #[test]
    fn steps_take_the_place_of_a_time_from_below() {
        let mut config = Config::defaults();
        config.apply(layer("time = 10"), Origin::Environment).unwrap();
        config.apply(layer("steps = 1000"), Origin::Flag).unwrap();
        assert_eq!(config.spend.value, RunBudget::Steps(1000));
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same_configuration() {
        let mut config = Config::defaults();
        config
            .apply(
                layer("memory = '2GiB'\nsteps = 9\npopulation = 12\ngpu = 1\n[stage3]\nshare = 4\nuse = \"exec:'a b' \\\"c\\\"\""),
                Origin::Flag,
            )
            .unwrap();
        let mut again = Config::defaults();
        again.apply(layer(&config.to_toml()), Origin::Flag).unwrap();
        assert_eq!(again.identity(), config.identity());
        assert_eq!(again.memory.value, Some(Bytes::gib(2)));
        assert_eq!(again.gpu.value, Gpu::Number(1));
        let mut resumed = Config::defaults();
        resumed.apply(layer(&config.to_resume()), Origin::Flag).unwrap();
        assert_eq!(resumed.identity(), config.identity());
    }

    #[test]
    fn thresholds_that_make_no_sense_are_refused_by_name() {
        let refused = Config::defaults().apply(layer("[stage2a]\nemergency = 0.99"), Origin::Flag);
        assert!(refused.unwrap_err().to_string().contains("stage2a (flag): memory thresholds must rise"));
        let refused = Config::defaults().apply(layer("[proof]\nelevated = 0.85"), Origin::Flag);
        assert!(refused.unwrap_err().to_string().contains("elevated is 0.85, emergency 0.75"));
        let mut config = Config::defaults();
        config.apply(layer("[stage2b]\nelevated = 0.3\nemergency = 0.4\ncritical = 0.5"), Origin::Flag).unwrap();
        assert_eq!(config.stages[2].thresholds().unwrap(), Thresholds::new(0.3, 0.4, 0.5).unwrap());
    }
}
