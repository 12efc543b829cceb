//! The application as a library: layered configuration, the registry of stages, and a run from an input to its files, with what came of
//! it. Whoever starts a run is its [`Host`]; terminals, arguments and exit codes are not known here.

mod clock;
mod config;
mod host;
mod inputs;
mod keeper;
mod layer;
mod mending;
pub mod names;
pub mod ortools;
mod output_folder;
mod polishing;
pub mod preflight;
mod reasons;
mod rescue;
mod session;
pub mod solutions;
mod stages;

pub use clock::Time;
pub use config::{AUTO, CONFIG_FILE, Config, Origin, Setting, Spend, StageConfig};
pub use host::{BudgetTooSmall, Host, Quiet};
pub use inputs::{PLAN_FOLDER, load, load_watched, plan_folder, stem};
pub use keeper::{KEEPER, asked_for, workers_are};
pub use layer::{Layer, StageLayer};
pub use output_folder::{
    ALTERNATIVES, CHANGES_FILE, CLUSTERS_FILE, OutputFolder, PICTURE, are_free, can_be_ours, spares,
};
pub use polishing::go_on;
pub use reasons::{Unplaced, unplaced};
pub use session::{RESUME_FILE, Session, Solved, Target};
pub use stages::{AsSet, Entry, REGISTRY, alone, slot_of, steps};
