//! Instances become blocks in the sweep's folder: each once, whatever it was read from.

use crate::error::Error;
use crate::grid::{Grid, Instance, Written};
use crate::store::Folder;
use std::path::{Path, PathBuf};

/// Loads every instance of a grid and keeps its block. `load` gives a problem's block; what it says
/// of a file that is none is the caller's to word.
///
/// # Errors
/// What `load` says; what the system says of the folder.
pub fn prepare(
    folder: &Folder,
    written: &Written,
    load: impl FnMut(&Path) -> Result<timetable::Problem, Error>,
) -> Result<Grid, Error> {
    blocks(folder, &written.instances, load).map(|instances| written.with(instances))
}

/// Loads instances, each with its name in results, and keeps their blocks.
pub(crate) fn blocks(
    folder: &Folder,
    named: &[(String, PathBuf)],
    mut load: impl FnMut(&Path) -> Result<timetable::Problem, Error>,
) -> Result<Vec<Instance>, Error> {
    let mut instances = Vec::new();
    for (name, path) in named {
        let problem = load(path)?;
        let hash = blake3::Hash::from(problem.block().hash()).to_hex().to_string();
        folder.keep_block(&hash, problem.block())?;
        let bytes = problem.block().bytes().len() as u64;
        instances.push(Instance { name: name.clone(), path: path.clone(), hash, bytes });
    }
    Ok(instances)
}
