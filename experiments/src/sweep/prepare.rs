//! Instances become blocks in the sweep's folder: each once, whatever it was read from.

use crate::error::Error;
use crate::grid::{Grid, Instance, Written};
use crate::store::Folder;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// Loads every instance of a grid and keeps its block. `load` gives a problem's block; what it says of a file that is none is the
/// caller's to word.
///
/// # Errors
/// What `load` says; what the system says of the folder.
pub fn prepare(
    folder: &Folder,
    written: &Written,
    mut load: impl FnMut(&Path) -> Result<timetable::Problem, Error>,
) -> Result<Grid, Error> {
    let mut instances = Vec::new();
    for (name, path) in &written.instances {
        let problem = load(path)?;
        let hash = blake3::Hash::from(problem.block().hash()).to_hex().to_string();
        let block = folder.block(&hash);
        if !problem.block().is_in(&block) {
            let parent = folder.path().join("problems");
            let file = format!("{hash}.block");
            pipeline::write_whole(&parent, &file, problem.block().bytes()).map_err(Error::io(&block))?;
            // Trials map it: nobody shall write to it.
            fs::set_permissions(&block, Permissions::from_mode(0o444)).map_err(Error::io(&block))?;
        }
        let bytes = problem.block().bytes().len() as u64;
        instances.push(Instance { name: name.clone(), path: path.clone(), hash, bytes });
    }
    Ok(written.with(instances))
}

/// The grid of this text, as an earlier sweep has prepared it in the folder: for whoever does not have its instances at hand.
///
/// # Errors
/// What the system says.
pub fn prepared(folder: &Folder, written: &Written) -> Result<Option<Grid>, Error> {
    let names: Vec<&str> = written.instances.iter().map(|(name, _)| name.as_str()).collect();
    let is_same = |grid: &Grid| {
        grid.instances.iter().map(|instance| instance.name.as_str()).eq(names.iter().copied())
            && written.with(grid.instances.clone()) == *grid
    };
    Ok(folder.grids()?.into_iter().rev().map(|(_, grid)| grid).find(is_same))
}
