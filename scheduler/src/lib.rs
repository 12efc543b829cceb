//! The application as a library: layered configuration, the registry of stages, and a run from an
//! input to its files, with what came of it. Whoever starts a run is its [`Host`]; terminals,
//! arguments and exit codes are not known here.

mod against;
mod annealing;
mod clock;
mod closed_rooms;
mod config;
mod contradiction;
mod error;
mod features;
mod host;
mod impossible;
mod inputs;
mod interim;
mod layer;
pub mod names;
pub mod ortools;
mod output_folder;
mod polishing;
pub mod preflight;
mod reasons;
mod repair_with_proof;
mod session;
pub mod solutions;
mod stages;
mod supervisor;
mod violated;

pub use annealing::{ANNEALING_KEYS, AnnealingConfig, AnnealingKey, AnnealingLayer, When};
pub use clock::{Time, TimeError};
pub use config::{AUTO, CONFIG_FILE, Config, ConfigError, Origin, RunBudget, Setting, StageConfig};
pub use contradiction::Contradiction;
pub use error::{Error, SolutionError};
pub use features::{Condition, FEATURES, Feature};
pub use host::{BudgetTooSmall, Host, SilentHost};
pub use impossible::Impossible;
pub use inputs::{Input, PLAN_FOLDER, Reading, load, load_as, load_watched, meant, plan_folder, stem};
pub use layer::{Layer, StageLayer};
pub use output_folder::{
    ALTERNATIVES, CHANGES_FILE, CLUSTERS_FILE, DEFAULT_PARENT, OutputError, OutputFolder, PAGE, are_free, can_be_ours,
    spares,
};
pub use polishing::go_on;
pub use reasons::{Obstacles, Proof, Reasons, Unplaced, unplaced};
pub use session::{RESUME_FILE, RunOutcome, Session, Target};
pub use stages::{REGISTRY, StageEntry, StageNameError, StageSettings, alone, slot_of, steps};
pub use supervisor::{SUPERVISOR, asked_for, workers_are};
pub use violated::{Place, Violated, violated};
