//! CB-CTT: curriculum-based course timetabling, `.ctt` and `.sol` (ITC-2007 track 3, formulation
//! UD2; Di Gaspero, McCollum, Schaerf 2007).

mod build;
mod read;
mod solution;
mod write_problem;

pub(crate) use read::is_header;
pub(crate) use solution::{read_solution, write_solution};
pub(crate) use write_problem::{obstacles, write_problem};

use crate::{fault::Faults, log::Log, source::Source};
use timetable::Problem;

/// Reads a problem.
pub(crate) fn load(source: Source) -> Result<Problem, Faults> {
    let mut log = Log::of(&source);
    let Ok(file) = read::read(source, &mut log) else { return Err(log.into_faults()) };
    let builder = build::build(&file, &mut log);
    match builder {
        Some(builder) => log.build(builder),
        None => Err(log.into_faults()),
    }
}
