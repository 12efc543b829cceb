//! PE-CTT: post-enrolment course timetabling, `.tim` and `.sln` (ITC-2007 track 2; Lewis, Paechter,
//! McCollum 2007).

mod build;
mod read;
mod solution;
mod write_problem;

pub(crate) use solution::{read_solution, write_solution};
pub(crate) use write_problem::{obstacles, write_problem};

use crate::{fault::Faults, log::Log, source::Source};
use timetable::Problem;

/// Days of the week.
pub(crate) const DAYS: u32 = 5;
/// Slots of a day.
pub(crate) const SLOTS: u32 = 9;

/// Reads a problem.
pub(crate) fn load(source: Source) -> Result<Problem, Faults> {
    let mut log = Log::of(&source);
    let Ok(file) = read::read(source, &mut log) else { return Err(log.into_faults()) };
    match build::build(&file, &mut log) {
        Some(builder) => log.build(builder),
        None => Err(log.into_faults()),
    }
}
