//! OR-Tools for this program: where it is, how it gets here, and the stage that uses it.

use crate::config::Config;
use crate::output;
use anyhow::{Context, Result};
use stage2a_cpsat::ortools::{Finding, VERSION, find, setup};
use stage2a_cpsat::worker::{Engine, WorkerProgram};
use stage2a_cpsat::{Bound, CpSat, FewestByCpSat, Milp};
use std::{
    ffi::OsString,
    path::PathBuf,
    time::{Duration, Instant},
};

/// The command under which this program is a worker of the stages `cpsat` and `milp`.
pub(crate) const WORKER: &str = "solver-worker";

fn worker() -> Result<(PathBuf, Vec<OsString>)> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    Ok((program, vec![WORKER.into()]))
}

/// CP-SAT, in workers that are this program under another command.
pub(crate) fn stage() -> Result<CpSat> {
    let (program, arguments) = worker()?;
    Ok(CpSat::new(program, arguments))
}

/// Mixed-integer programming, in such workers.
pub(crate) fn milp() -> Result<Milp> {
    let (program, arguments) = worker()?;
    Ok(Milp::new(program, arguments))
}

/// The fewest changes by CP-SAT, in such workers.
pub(crate) fn changes() -> Result<FewestByCpSat> {
    let (program, arguments) = worker()?;
    Ok(FewestByCpSat::new(program, arguments))
}

/// Lower bounds by CP-SAT, in such workers.
pub(crate) fn bound() -> Result<Bound> {
    let (program, arguments) = worker()?;
    Ok(Bound::new(program, arguments))
}

/// A worker with this library.
pub(crate) fn worker_with(ortools: PathBuf) -> Result<WorkerProgram> {
    let (program, arguments) = worker()?;
    Ok(WorkerProgram { program, arguments, engine: Engine::CpSat(ortools) })
}

/// Fetches OR-Tools where a stage of the run is named that wants it and it is nowhere; without it the run does what it can. Returns how
/// long that took: it is not part of the run's time.
pub(crate) fn prepare(config: &Config, offline: bool) -> Duration {
    let is_wanted = config.stages.iter().any(|stage| ["cpsat", "bound"].contains(&stage.name.value.as_str()));
    if is_wanted { fetch(offline) } else { Duration::ZERO }
}

/// Fetches OR-Tools where it is nowhere. Returns how long that took.
pub(crate) fn fetch(offline: bool) -> Duration {
    let started = Instant::now();
    if !offline && find() == Finding::Nowhere {
        output::aside(format!("Fetching OR-Tools {VERSION} (30 MB) by pip, once"));
        if let Err(why) = setup() {
            tracing::warn!("OR-Tools cannot be fetched: {why}");
        }
    }
    started.elapsed()
}

/// Whether there is a library to open.
pub(crate) fn is_here() -> bool {
    matches!(find(), Finding::Found(_))
}
