//! Arguments of `tournament`.

use clap::Args as ClapArgs;
use memguard::Bytes;
use std::path::PathBuf;

/// Arguments of `tournament`.
#[derive(ClapArgs, Debug)]
pub(crate) struct Tournament {
    /// The arena: instances, parameters, budgets (docs/tuning.md).
    pub(crate) arena: PathBuf,
    /// Where results go [default: NAME.tournament for NAME.toml, in the current folder]. A
    /// tournament that is there goes on.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Write the configuration that was found to this file, too, which must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
    /// Trials at once at most; memory may allow fewer [default: as many as there are cores].
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Memory budget for everything: 500M, 2GiB [default: the smallest limit that `stagecoach
    /// doctor` shows].
    #[arg(long, value_name = "BYTES")]
    pub(crate) memory: Option<Bytes>,
    /// Show what would be run, with memory and disk, and end.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Only go on: there must be a tournament in the folder.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Write time and memory of each trial's stages: profiles/race-N.parquet and pictures.
    #[arg(long)]
    pub(crate) enable_profiling: bool,
    /// Take results of this version of the program as done (`results --json` shows versions); can
    /// be given more than once.
    #[arg(long, value_name = "VERSION")]
    pub(crate) accept_version: Vec<String>,
}
