//! What a trial is set to: the effective configuration, defaults filled in, in one canonical form.

use scheduler::{Config, Layer, Origin, RunBudget, Time};
use serde::Serialize;
use serde_json::Value;
use std::{fs, time::Duration};

use crate::grid::Budget;

/// A configuration, and what identifies it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// All of it; seed and budget are those of the trial.
    pub config: Config,
    /// The hash of its canonical form.
    pub hash: [u8; 32],
    /// What memory depends on, as text: stages, population, threads.
    pub kind: String,
}

/// Every key but seed and budget.
#[derive(Serialize)]
struct Canonical<'a> {
    /// Of the walks, in the order of their keys.
    annealing: Vec<(&'a str, f64)>,
    /// What holds by features where these were left open.
    by_features: Vec<String>,
    left_open: Vec<&'a str>,
    gpu: String,
    memory: Option<u64>,
    population: usize,
    stages: Vec<Stage<'a>>,
    threads: usize,
    /// Of what the file holds, wherever it lies.
    weights: Option<String>,
}

#[derive(Serialize)]
struct Stage<'a> {
    critical: f64,
    elevated: f64,
    emergency: f64,
    name: &'a str,
    share: u32,
    slot: &'a str,
}

impl Settings {
    /// From a layer as in `stagecoach.toml`. A trial has one thread where nothing else is said.
    ///
    /// # Errors
    /// Why it is no configuration, or names a stage that there is not.
    pub fn of(layer: &Value) -> Result<Settings, String> {
        let mut layer: Layer = serde_json::from_value(layer.clone()).map_err(|e| e.to_string())?;
        layer.threads = layer.threads.or(Some(1));
        let config = Config::of_layer(layer, Origin::Flag).map_err(|e| format!("{e:#}"))?;
        scheduler::steps(&config.stages, &config.stage_settings()).map_err(|e| format!("{e:#}"))?;
        let weights = config.weights.value.as_ref();
        let weights = weights.map(|path| match fs::read(path) {
            Ok(bytes) => Ok(blake3::hash(&bytes).to_hex().to_string()),
            Err(e) => Err(format!("{}: {e}", path.display())),
        });
        let stage = |stage: &'_ scheduler::StageConfig| {
            let (critical, elevated, emergency) = (stage.critical.value, stage.elevated.value, stage.emergency.value);
            (critical, elevated, emergency, stage.name.value.clone(), stage.share.value, stage.slot)
        };
        let stages: Vec<_> = config.stages.iter().map(stage).collect();
        let all = config.annealing.iter();
        let is_open = all.filter(|(_, setting)| setting.origin == Origin::Default);
        let open: Vec<&str> = is_open.map(|(key, _)| key.name).collect();
        let when: Vec<String> = config.when.value.iter().map(ToString::to_string).collect();
        let canonical = Canonical {
            // Without conditions it does not matter who said what.
            left_open: if when.is_empty() { Vec::new() } else { open },
            by_features: when,
            annealing: config.annealing.iter().map(|(key, setting)| (key.name, setting.value)).collect(),
            gpu: config.gpu.value.to_string(),
            memory: config.memory.value.map(|bytes| bytes.get()),
            population: config.population.value,
            stages: stages
                .iter()
                .map(|(critical, elevated, emergency, name, share, slot)| Stage {
                    critical: *critical,
                    elevated: *elevated,
                    emergency: *emergency,
                    name,
                    share: *share,
                    slot,
                })
                .collect(),
            threads: config.threads.value,
            weights: weights.transpose()?,
        };
        let text = serde_json::to_vec(&canonical).map_err(|e| e.to_string())?;
        let names: Vec<&str> = config.stages.iter().map(|stage| stage.name.value.as_str()).collect();
        let kind = format!("{} population {} threads {}", names.join("/"), canonical.population, canonical.threads);
        Ok(Settings { hash: *blake3::hash(&text).as_bytes(), kind, config })
    }

    /// The configuration of a trial.
    pub fn config(&self, seed: u64, budget: Budget) -> Config {
        let spend = match budget {
            Budget::Steps(steps) => RunBudget::Steps(steps),
            Budget::Time(ms) => RunBudget::Time(Time(Duration::from_millis(ms))),
        };
        let mut config = self.config.clone();
        config.seed.value = seed;
        config.spend.value = spend;
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_said_as_it_is_by_default_is_the_same_configuration() {
        let hash = |layer: Value| Settings::of(&layer).unwrap().hash;
        assert_eq!(hash(json!({})), hash(json!({"population": 0, "stage2a": {"use": "greedy"}})));
        assert_ne!(hash(json!({})), hash(json!({"population": 1})));
        assert_ne!(hash(json!({})), hash(json!({"stage2b": {"share": 61}})));
        assert_ne!(hash(json!({})), hash(json!({"threads": 2})));
    }

    #[test]
    fn weights_count_by_what_they_hold_and_not_by_where_they_lie() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            Settings::of(&json!({"weights": path})).unwrap().hash
        };
        assert_eq!(write("a", "x"), write("b", "x"));
        assert_ne!(write("a", "x"), write("a", "y"));
        assert!(Settings::of(&json!({"weights": folder.path().join("c")})).is_err());
    }
}
