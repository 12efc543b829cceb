//! `stagecoach solver-worker`: what the stages `cpsat` and `milp` start as their workers.

use crate::exit::Exit;
use anyhow::{Result, ensure};
use stage2a_cpsat::worker::{Engine, serve};
use std::ffi::OsStr;

pub(super) fn run(engine: &OsStr) -> Result<Exit> {
    ensure!(
        serve(&Engine::of_argument(engine)),
        "the engine cannot be used, or the program that started this worker has ended"
    );
    Ok(Exit::Done)
}
