//! `stagecoach cp-sat-worker`: what the stage `cpsat` starts as its workers.

use crate::exit::Exit;
use anyhow::{Result, ensure};
use std::path::Path;

pub(super) fn run(library: &Path) -> Result<Exit> {
    ensure!(stage2a_cpsat::worker::serve(library), "the library cannot be used, or the other end is gone");
    Ok(Exit::Done)
}
