//! Timetables in files, each in the format of its problem.

use crate::elsewhere::{Elsewhere, Others};
use crate::fault::Faults;
use crate::info::SolutionInfo;
use crate::source::{Limits, Source};
use crate::write_error::WriteError;
use crate::{atomic, cb_ctt, csv_folder, itc2019, pe_ctt};
use std::path::Path;
use timetable::{Format, Problem, Timetable};

/// Reads a timetable for a problem, in the problem's own format, plain or compressed; of a problem
/// from a CSV folder it is a folder.
///
/// # Errors
/// Everything that is wrong with it: classes, rooms, students that the problem does not have, times
/// that are not possible.
pub fn read_solution(problem: &Problem, path: &Path) -> Result<Timetable, Faults> {
    if problem.format() == Format::Csv {
        return csv_folder::read_timetable(problem, path, None);
    }
    read(problem, path, Others::Faults)
}

/// The same for a timetable that somebody made by hand: classes at other times or in other rooms
/// than their own are listed instead of being faults, and are not placed.
///
/// # Errors
/// Everything else that is wrong with it.
pub fn read_any_solution(problem: &Problem, path: &Path) -> Result<(Timetable, Vec<Elsewhere>), Faults> {
    if problem.format() == Format::Csv {
        return csv_folder::read_any_timetable(problem, path, None);
    }
    let mut elsewhere = Vec::new();
    let timetable = read(problem, path, Others::List(&mut elsewhere))?;
    Ok((timetable, elsewhere))
}

fn read(problem: &Problem, path: &Path, others: Others<'_>) -> Result<Timetable, Faults> {
    let source = Source::open(path, Limits::default())?;
    match problem.format() {
        Format::Itc2019 | Format::Csv /* a folder, never here */ => itc2019::read_solution(problem, source, others),
        Format::CbCtt => cb_ctt::read_solution(problem, source, others),
        Format::PeCtt => pe_ctt::read_solution(problem, source, others),
    }
}

/// Writes a timetable in the problem's own format, whole or not at all, compressed where the name
/// ends in `.gz` or `.zst`. Of a problem from a CSV folder it becomes a folder, with days and slots
/// named plainly ([`csv_folder::write_timetable`] takes a calendar).
///
/// # Errors
/// The timetable does not fit the problem, or the file cannot be written.
pub fn write_solution(
    problem: &Problem,
    timetable: &Timetable,
    path: &Path,
    info: &SolutionInfo,
) -> Result<(), WriteError> {
    timetable.fits(problem)?;
    if problem.format() == Format::Csv {
        return csv_folder::write_timetable(problem, timetable, None, path);
    }
    let io = |source| WriteError::Io { path: path.to_owned(), source };
    atomic::write_file(path, |w| match problem.format() {
        Format::Itc2019 => itc2019::write_solution(problem, timetable, info, w),
        Format::CbCtt => cb_ctt::write_solution(problem, timetable, w),
        Format::PeCtt => pe_ctt::write_solution(problem, timetable, w),
        Format::Csv => Ok(()), // done above
    })
    .map_err(io)
}
