//! Timetables in files and folders, in the format of their problem.

use crate::error::Error;
use crate::inputs::plan_folder;
use pipeline::load_plan_for;
use stage0_load::csv_folder::{Calendar, Labels, TIMETABLE_FILES, read_calendar, read_labels, read_timetable};
use stage0_load::{SolutionInfo, WriteError, csv_folder};
use std::{path::Path, sync::Arc};
use timetable::{Format, Problem, Timetable};

/// What a solution is called: a file, or a folder where the problem came as one.
pub fn name(format: Format) -> &'static str {
    match format {
        Format::Itc2019 => "solution.xml",
        Format::CbCtt => "solution.sol",
        Format::PeCtt => "solution.sln",
        Format::Csv => "solution",
    }
}

/// What the solution of another repair is called, by its number.
pub fn alternative(format: Format, number: usize) -> String {
    name(format).replace("solution", &format!("alternative-{number}"))
}

/// The files of a solution, as paths below the folder in which it is.
pub fn files(format: Format) -> Vec<String> {
    files_of(format, name(format))
}

/// The same for one that has another name.
pub fn files_of(format: Format, name: &str) -> Vec<String> {
    match format {
        Format::Csv => TIMETABLE_FILES.iter().map(|file| format!("{name}/{file}")).collect(),
        _ => vec![name.to_owned()],
    }
}

/// A timetable for a problem: of a plan folder, a folder of CSV files, or a file. Where a folder
/// lacks its calendar, it is that of `input`, where the problem came from.
///
/// # Errors
/// What is wrong with it.
pub fn load(problem: &Arc<Problem>, path: &Path, input: &Path) -> Result<Timetable, Error> {
    if let Some(folder) = plan_folder(path) {
        let plan = load_plan_for(problem.clone(), &folder)?;
        // A plan that no stage has made a timetable for: nothing is placed so far.
        return Ok(plan.timetable.unwrap_or_else(|| Timetable::empty(problem)));
    }
    if path.is_dir() && problem.format() != Format::Csv && !path.join(csv_folder::TIMETABLE_FILES[1]).is_file() {
        return Err(Error::NoTimetable(path.to_owned()));
    }
    if path.is_dir() {
        return Ok(read_timetable(problem, path, calendar(problem, input).as_ref())?);
    }
    Ok(stage0_load::read_solution(problem, path)?)
}

/// Writes a timetable in its problem's own format.
pub fn write(
    problem: &Problem,
    timetable: &Timetable,
    labels: Option<&Labels>,
    path: &Path,
    info: &SolutionInfo,
) -> Result<(), WriteError> {
    match problem.format() {
        Format::Csv => csv_folder::write_timetable(problem, timetable, labels, path),
        _ => stage0_load::write_solution(problem, timetable, path, info),
    }
}

/// The names of days and slots where a problem came as a folder: of that folder, or of a solution
/// beside the plan.
pub fn calendar(problem: &Problem, input: &Path) -> Option<Calendar> {
    beside(problem, input, |path| read_calendar(path).ok(), |calendar| calendar)
}

/// What people call things, where a problem came as a folder: found where [`calendar`] is.
pub fn labels(problem: &Problem, input: &Path) -> Option<Labels> {
    beside(problem, input, |path| read_labels(path).ok(), |labels| &labels.calendar)
}

/// What stands beside a problem that came as a folder, of the first place that has a calendar that
/// fits.
fn beside<T>(
    problem: &Problem,
    input: &Path,
    read: impl Fn(&Path) -> Option<T>,
    calendar: impl Fn(&T) -> &Calendar,
) -> Option<T> {
    if problem.format() != Format::Csv {
        return None;
    }
    let beside = name(Format::Csv);
    // A plan may be named by its block, a folder by one of its files; a workbook has its own.
    let file = Some(input).filter(|input| input.is_file());
    let input = file.and_then(Path::parent).unwrap_or(input);
    let folders =
        [file.unwrap_or(input).to_owned(), input.to_owned(), input.join(beside), input.join("..").join(beside)];
    let mut found = folders.iter().filter_map(|folder| read(folder));
    let meta = problem.meta();
    let fits =
        |c: &Calendar| (c.weeks, c.days.len(), c.slots.len()) == (meta.weeks, meta.days as usize, meta.slots as usize);
    found.find(|found| fits(calendar(found)))
}
