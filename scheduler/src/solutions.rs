//! Timetables in files and folders, in the format of their problem.

use crate::error::Error;
use crate::inputs::plan_folder;
use pipeline::load_plan_for;
use stage0_load::csv_folder::{
    Calendar, Labels, TIMETABLE_FILES, read_any_timetable, read_calendar, read_labels, read_timetable, write_timetable,
};
use stage0_load::{Elsewhere, SolutionInfo, WriteError, read_any_solution};
use std::{path::Path, sync::Arc};
use timetable::{
    Amendments, Format, Placement, Problem, Report, RoomId, RoomOption, Rule, TimeOption, Timetable, Widened, amend,
};

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
    if !is_for(problem, path) {
        return Err(Error::NoTimetable(path.to_owned()));
    }
    if path.is_dir() {
        return Ok(read_timetable(problem, path, calendar(problem, input).as_ref())?);
    }
    Ok(stage0_load::read_solution(problem, path)?)
}

/// Whether a path may hold a timetable of a problem: a folder with tables, or a file where the problem
/// is one.
fn is_for(problem: &Problem, path: &Path) -> bool {
    !path.is_dir() || problem.format() == Format::Csv || path.join(TIMETABLE_FILES[1]).is_file()
}

/// A timetable that somebody made, whatever places it gives to classes.
#[derive(Clone, Debug)]
pub struct AnyTimetable {
    /// The problem, with the places that are none of a class's own after these.
    pub problem: Arc<Problem>,
    /// The timetable, of that problem.
    pub timetable: Timetable,
    /// The places that are none of the class's own.
    pub elsewhere: Vec<Elsewhere>,
}

impl AnyTimetable {
    /// One whose classes are all at places of their own.
    pub fn of(problem: &Arc<Problem>, timetable: &Timetable) -> AnyTimetable {
        AnyTimetable { problem: problem.clone(), timetable: timetable.clone(), elsewhere: Vec::new() }
    }

    /// What the checker says of it, costs one by one; a place that is none of the class's own is a
    /// hard violation.
    pub fn check(&self) -> Report {
        let mut report = timetable::check_costs(&self.problem, &self.timetable);
        for place in &self.elsewhere {
            if !place.is_its_time {
                report.not_allowed(Rule::TimeNotAllowed, place.class, None);
            }
            if !place.is_its_room {
                report.not_allowed(Rule::RoomNotAllowed, place.class, place.room);
            }
        }
        report
    }
}

/// The same as [`load`]; classes may be at times and in rooms that are none of their own.
///
/// # Errors
/// What is wrong with it: a time that is none of the calendar, a room that does not exist.
pub fn load_any(problem: &Arc<Problem>, path: &Path, input: &Path) -> Result<AnyTimetable, Error> {
    let (mut timetable, elsewhere) = if plan_folder(path).is_some() || !is_for(problem, path) {
        (load(problem, path, input)?, Vec::new())
    } else if path.is_dir() {
        read_any_timetable(problem, path, calendar(problem, input).as_ref())?
    } else {
        read_any_solution(problem, path)?
    };
    if elsewhere.is_empty() {
        return Ok(AnyTimetable { problem: problem.clone(), timetable, elsewhere });
    }
    let widened = elsewhere.iter().map(|place| Widened {
        class: place.class,
        times: if place.is_its_time { Vec::new() } else { vec![(place.time, place.penalty)] },
        rooms: place.room.filter(|_| !place.is_its_room).into_iter().collect(),
    });
    let changes = Amendments { widened: widened.collect(), ..Amendments::default() };
    let problem = amend(problem, &changes).map_err(|source| Error::Block { path: path.to_owned(), source })?.problem;
    for place in &elsewhere {
        let of_time = |o: &TimeOption| problem.times()[o.time as usize] == place.time;
        let time = problem.times_of(place.class).iter().position(of_time).unwrap_or(0) as u16;
        let of_room = |o: &RoomOption| Some(RoomId(o.room)) == place.room;
        let room = problem.rooms_of(place.class).iter().position(of_room);
        let room = room.map_or(Placement::NO_ROOM, |room| room as u16);
        timetable.placements[place.class.index()] = Placement { time, room };
    }
    Ok(AnyTimetable { problem: Arc::new(problem), timetable, elsewhere })
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
        Format::Csv => write_timetable(problem, timetable, labels, path),
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
