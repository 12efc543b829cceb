//! One layer of the configuration: a file, the environment, or the flags. What it does not say is
//! left to those below it.

use crate::annealing::{AnnealingLayer, When};
use crate::clock::Time;
use crate::config::ConfigError;
use memguard::Bytes;
use serde::{Deserialize, Deserializer, de::Error};
use stage2b_gpu_ga::Gpu;
use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// What one layer says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// See [`Config::seed`](crate::Config::seed), and so for the others.
    pub seed: Option<u64>,
    /// The time from the start to the last file.
    pub time: Option<Time>,
    /// Steps instead of a time.
    pub steps: Option<u64>,
    /// Threads.
    pub threads: Option<usize>,
    /// The memory limit.
    pub memory: Option<Bytes>,
    /// Individuals of the genetic algorithm.
    pub population: Option<usize>,
    /// The devices of the genetic algorithm.
    #[serde(default, deserialize_with = "gpu")]
    pub gpu: Option<Gpu>,
    /// Weights of the policy.
    pub weights: Option<PathBuf>,
    /// Annealing's walks.
    #[serde(default)]
    pub annealing: AnnealingLayer,
    /// What annealing is set to by a problem's features, where nothing else is said.
    pub when: Option<Vec<When>>,
    /// The slot `stage1`.
    #[serde(default)]
    pub stage1: StageLayer,
    /// The slot `stage2a`.
    #[serde(default)]
    pub stage2a: StageLayer,
    /// The slot `stage2b`.
    #[serde(default)]
    pub stage2b: StageLayer,
    /// The slot `polish`.
    #[serde(default)]
    pub polish: StageLayer,
    /// The slot `stage3`.
    #[serde(default)]
    pub stage3: StageLayer,
    /// The slot `proof`.
    #[serde(default)]
    pub proof: StageLayer,
}

/// What one layer says of a stage.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageLayer {
    /// The implementation.
    #[serde(rename = "use")]
    pub name: Option<String>,
    /// Its share of the budget.
    pub share: Option<u32>,
    /// The fraction of the memory budget from which caches are dropped and workers admitted one at
    /// a time.
    pub elevated: Option<f64>,
    /// From which it is told to shrink.
    pub emergency: Option<f64>,
    /// From which its largest worker is ended, or it ends with its best.
    pub critical: Option<f64>,
}

/// Larger than any honest configuration.
const MOST_BYTES: u64 = 1 << 20;

impl Layer {
    /// From a file.
    ///
    /// # Errors
    /// What is wrong in it, with its line.
    pub fn from_file(path: &Path) -> Result<Layer, ConfigError> {
        let io = |source| ConfigError::Io { path: path.into(), source };
        let size = fs::metadata(path).map_err(io)?.len();
        if size > MOST_BYTES {
            return Err(ConfigError::TooLarge { path: path.into(), found: size, most: MOST_BYTES });
        }
        let text = fs::read_to_string(path).map_err(io)?;
        let layer: Layer = toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            ConfigError::File { path: path.into(), line, problem: e.message().to_owned() }
        })?;
        if layer.time.is_some() && layer.steps.is_some() {
            return Err(ConfigError::FileBudget(path.into()));
        }
        Ok(layer)
    }

    /// From variables `STAGECOACH_SEED`, `STAGECOACH_STAGE2A_USE` and so on, asked for by name.
    ///
    /// # Errors
    /// Which variable cannot be read.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Layer, ConfigError> {
        let stage = |slot: &str| {
            let name = |what: &str| format!("STAGECOACH_{slot}_{what}");
            Ok::<_, ConfigError>(StageLayer {
                name: variable(&name("USE")),
                share: parsed(&variable, &name("SHARE"))?,
                elevated: parsed(&variable, &name("ELEVATED"))?,
                emergency: parsed(&variable, &name("EMERGENCY"))?,
                critical: parsed(&variable, &name("CRITICAL"))?,
            })
        };
        let layer = Layer {
            seed: parsed(&variable, "STAGECOACH_SEED")?,
            time: parsed(&variable, "STAGECOACH_TIME")?,
            steps: parsed(&variable, "STAGECOACH_STEPS")?,
            threads: parsed(&variable, "STAGECOACH_THREADS")?,
            memory: parsed(&variable, "STAGECOACH_MEMORY")?,
            population: parsed(&variable, "STAGECOACH_POPULATION")?,
            gpu: parsed(&variable, "STAGECOACH_GPU")?,
            weights: variable("STAGECOACH_WEIGHTS").map(PathBuf::from),
            annealing: AnnealingLayer::from_environment(&variable)?,
            when: None,
            stage1: stage("STAGE1")?,
            stage2a: stage("STAGE2A")?,
            stage2b: stage("STAGE2B")?,
            polish: stage("POLISH")?,
            stage3: stage("STAGE3")?,
            proof: stage("PROOF")?,
        };
        if layer.time.is_some() && layer.steps.is_some() {
            return Err(ConfigError::EnvironmentBudget);
        }
        Ok(layer)
    }

    /// The stages in the order of the pipeline.
    pub fn stages(&self) -> [&StageLayer; 6] {
        [&self.stage1, &self.stage2a, &self.stage2b, &self.polish, &self.stage3, &self.proof]
    }
}

/// A word or a number.
fn gpu<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Gpu>, D::Error> {
    let value = toml::Value::deserialize(value)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().map(Some).map_err(D::Error::custom)
}

fn parsed<T: FromStr<Err: Display>>(
    variable: &impl Fn(&str) -> Option<String>,
    name: &str,
) -> Result<Option<T>, ConfigError> {
    let Some(text) = variable(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong =
        |e: T::Err| ConfigError::Environment { name: name.to_owned(), text: text.clone(), problem: e.to_string() };
    text.parse().map(Some).map_err(wrong)
}
