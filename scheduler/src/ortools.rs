//! OR-Tools for this program: where it is, how it gets here, and the stage that uses it.

use crate::config::Config;
use crate::host::Host;
use crate::stages::{StageEntry, StageNameError, entry};
use crate::supervisor::program;
use stage2a_cpsat::ortools::{Finding, VERSION, find, setup};
use stage2a_cpsat::worker::{Engine, WorkerProgram};
use stage2a_cpsat::{Bound, CpSat, FewestByCpSat, Milp};
use std::{
    ffi::OsString,
    path::PathBuf,
    time::{Duration, Instant},
};

/// The command under which this program is a worker of the stages `cpsat` and `milp`.
pub const WORKER: &str = "solver-worker";

fn worker() -> Result<(PathBuf, Vec<OsString>), StageNameError> {
    let program = program().ok_or(StageNameError::NoProgram)?;
    Ok((program.to_owned(), vec![WORKER.into()]))
}

/// CP-SAT, in workers that are this program under another command.
///
/// # Errors
/// Where the path of the program `stagecoach` is not known.
pub fn stage() -> Result<CpSat, StageNameError> {
    let (program, arguments) = worker()?;
    Ok(CpSat::new(program, arguments))
}

/// Mixed-integer programming, in such workers.
///
/// # Errors
/// Where the path of the program `stagecoach` is not known.
pub fn milp() -> Result<Milp, StageNameError> {
    let (program, arguments) = worker()?;
    Ok(Milp::new(program, arguments))
}

/// The fewest changes by CP-SAT, in such workers.
///
/// # Errors
/// Where the path of the program `stagecoach` is not known.
pub fn changes() -> Result<FewestByCpSat, StageNameError> {
    let (program, arguments) = worker()?;
    Ok(FewestByCpSat::new(program, arguments))
}

/// Lower bounds by CP-SAT, in such workers.
///
/// # Errors
/// Where the path of the program `stagecoach` is not known.
pub fn bound() -> Result<Bound, StageNameError> {
    let (program, arguments) = worker()?;
    Ok(Bound::new(program, arguments))
}

/// A worker with this library.
///
/// # Errors
/// Where the path of the program `stagecoach` is not known.
pub fn worker_with(ortools: PathBuf) -> Result<WorkerProgram, StageNameError> {
    let (program, arguments) = worker()?;
    Ok(WorkerProgram { program, arguments, engine: Engine::CpSat(ortools) })
}

/// Fetches OR-Tools where a stage of the run is named that wants it and it is nowhere; without it
/// the run does what it can. Returns how long that took: it is not part of the run's time.
pub fn prepare(config: &Config, offline: bool, host: &dyn Host) -> Duration {
    let wants = |entry: &StageEntry| entry.needs_ortools;
    let is_wanted = config.stages.iter().any(|stage| entry(stage.slot, &stage.name.value).is_some_and(wants));
    if is_wanted { fetch(offline, host) } else { Duration::ZERO }
}

/// Fetches OR-Tools where it is nowhere. Returns how long that took.
pub fn fetch(offline: bool, host: &dyn Host) -> Duration {
    let started = Instant::now();
    if !offline && find() == Finding::Nowhere {
        host.tells(&format!("Fetching OR-Tools {VERSION} (30 MB) by pip, once"));
        if let Err(why) = setup() {
            tracing::warn!("OR-Tools cannot be fetched: {why}");
        }
    }
    started.elapsed()
}

/// Whether there is a library to open.
pub fn is_here() -> bool {
    matches!(find(), Finding::Found(_))
}
