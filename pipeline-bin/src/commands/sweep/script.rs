//! The script of a job array.

use crate::args::Sweep;
use anyhow::{Context, Result};
use experiments::slurm::{Array, tasks_for};
use experiments::{Preflight, Watch};
use memguard::Bytes;
use std::path::{Path, absolute};

/// Remembers what there is to do.
#[derive(Default)]
pub(super) struct Planned {
    preflight: Option<Preflight>,
}

impl Watch for Planned {
    fn preflight(&mut self, preflight: &Preflight) {
        self.preflight = Some(preflight.clone());
    }
}

/// The script for what is planned. Paths are absolute: who knows where a job begins.
pub(super) fn of(
    args: &Sweep,
    program: &Path,
    out: &Path,
    tasks: u32,
    jobs: usize,
    planned: &Planned,
) -> Result<String> {
    let preflight = planned.preflight.as_ref().context("there is nothing to plan")?;
    let text = |path: &Path| -> Result<String> {
        let path = absolute(path)?;
        path.to_str().map(str::to_owned).with_context(|| format!("{}: a path that is no text", path.display()))
    };
    let mut command = vec![text(program)?, "sweep".into(), text(&args.grid)?, "--out".into(), text(out)?];
    command.extend(["--jobs".into(), jobs.to_string()]);
    for version in &args.accept_version {
        command.extend(["--accept-version".into(), version.clone()]);
    }
    let tasks = if tasks == 0 { tasks_for(preflight.open) } else { tasks };
    // The problem is mapped once.
    let memory = preflight.limit_for(jobs).saturating_add(Bytes::mb(32));
    let name = args.grid.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Array { name, command, tasks, cores: jobs, memory: memory.get() }.script())
}
