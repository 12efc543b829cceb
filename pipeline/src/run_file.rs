//! `run.json`: what a run is, so that another is not mistaken for it.

use crate::disk::Disk;
use crate::files::read_bounded;
use crate::folder::{FolderError, problem_hash};
use crate::plan::Plan;
use crate::text;
use serde::{Deserialize, Serialize};
use std::path::Path;
use timetable::Problem;

/// The file's name in a run's folder.
pub const RUN_FILE: &str = "run.json";
const FORMAT: &str = "stagecoach-run";
const MOST: u64 = 1 << 20;

/// What makes a run the same run, beside its problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInfo {
    /// A hash of all settings that its result depends on, or the settings themselves; compared, not
    /// read.
    pub configuration: String,
    /// Its seed.
    pub seed: u64,
    /// Its steps, each as slot and implementation (`stage2b annealing`).
    pub steps: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunFile {
    format: String,
    version: u32,
    problem: String,
    configuration: String,
    seed: u64,
    pub(crate) steps: Vec<String>,
    /// How many stages the plan had behind it when the run began.
    pub(crate) history: usize,
}

impl RunFile {
    pub(crate) fn new(info: &RunInfo, plan: &Plan) -> RunFile {
        RunFile {
            format: FORMAT.into(),
            version: 1,
            problem: problem_hash(&plan.problem),
            configuration: info.configuration.clone(),
            seed: info.seed,
            steps: info.steps.clone(),
            history: plan.history.len(),
        }
    }

    pub(crate) fn write(&self, disk: &Disk) -> Result<(), FolderError> {
        disk.write(RUN_FILE, &text::write(self))
    }

    pub(crate) fn read(folder: &Path) -> Result<RunFile, FolderError> {
        let file = folder.join(RUN_FILE);
        let bytes = read_bounded(&file, MOST).map_err(|why| FolderError::unread(&file, MOST, why))?;
        let run: RunFile =
            serde_json::from_slice(&bytes).map_err(|source| FolderError::Json { file: file.clone(), source })?;
        if run.format != FORMAT || run.version != 1 {
            let problem = format!("is `{:.40}` version {}, expected `{FORMAT}` version 1", run.format, run.version);
            return Err(FolderError::content(&file, problem));
        }
        Ok(run)
    }

    /// Whether it is the run described.
    ///
    /// # Errors
    /// What differs.
    pub(crate) fn matches(&self, info: &RunInfo, problem: &Problem) -> Result<(), String> {
        let differs = |what: &str, found: &str, expected: &str| {
            Err(format!("another run: its {what} is {found:.200}, expected {expected:.200}"))
        };
        if self.problem != problem_hash(problem) {
            return differs("problem", &self.problem, &problem_hash(problem));
        }
        if self.seed != info.seed {
            return differs("seed", &self.seed.to_string(), &info.seed.to_string());
        }
        if self.steps != info.steps {
            return differs("list of steps", &self.steps.join(", "), &info.steps.join(", "));
        }
        if self.configuration != info.configuration {
            return differs("configuration", &self.configuration, &info.configuration);
        }
        Ok(())
    }
}
