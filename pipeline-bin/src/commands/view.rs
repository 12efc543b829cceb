//! `stagecoach view`: a timetable for people.

use crate::args;
use crate::exit::Exit;
use crate::given;
use crate::output;
use crate::page;
use crate::signals::Signals;
use anyhow::{Context, Result};
use pipeline::{EVENTS_FILE, Event, load_plan, read_events};
use scheduler::{PAGE, are_free, meant, plan_folder, solutions};
use serde_json::json;
use stage0_load::{Unfinished, Words, write_file};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use timetable::{Problem, Timetable};
use viewer::{Before, Calendars, Kind, Timestamp, View, spreadsheet, write_calendars, write_page_file};

pub(super) fn run(args: &args::View, json: bool) -> Result<Exit> {
    let given = [Some(&args.input), args.solution.as_ref(), args.compare.as_ref()];
    let inputs: Vec<&Path> = given.into_iter().flatten().map(|path| meant(path)).collect();
    let page =
        (args.out.is_some() || (args.ics.is_none() && args.xlsx.is_none())).then(|| page_at(args.out.as_deref()));
    let files: Vec<PathBuf> = page.iter().chain(&args.ics).chain(&args.xlsx).cloned().collect();
    for path in &files {
        // A folder with calendars may have others beside them.
        let is_folder = Some(path) == args.ics.as_ref() && args.of.is_none() && is_empty(path);
        are_free(std::slice::from_ref(path), &inputs, args.force || is_folder)?;
    }

    let plan = scheduler::load_as(&args.input, args.reading.reading())?;
    let (plan, origin) = (plan.plan, plan.origin);
    let (own, bound) = (plan.problem.clone(), plan.bound);
    let any = given::timetable(plan, args.solution.as_deref(), &args.input, "a solution after it")?;
    let (problem, timetable) = (&any.problem, &any.timetable);
    let source = args.solution.as_deref().unwrap_or(&args.input);
    let labels = solutions::labels(problem, &args.input).or_else(|| solutions::labels(problem, source));
    let before = args.compare.as_deref().map(|old| earlier(&own, old, &args.input)).transpose()?;
    let name = args.compare.as_ref().map_or(String::new(), |old| old.display().to_string());
    let events = events(source)?;
    let report = any.check();
    let words = Words::new(problem, origin.as_ref(), labels.as_ref().map(|labels| &labels.calendar));
    let unplaced = scheduler::unplaced(timetable, &words);
    let view = View {
        problem,
        timetable,
        labels: labels.as_ref(),
        report: &report,
        unplaced: &unplaced,
        events: &events,
        bound,
        before: before.as_ref().map(|(problem, timetable)| Before { name: &name, problem, timetable }),
    };

    Unfinished::begin();
    Signals::listen()?.tidy();
    if let Some(page) = &page {
        make_folder_of(page)?;
        write_page_file(&view, page).with_context(|| page.display().to_string())?;
    }
    let mut calendars = None;
    if let Some(path) = &args.ics {
        calendars = Some(write_ics(&view, args.of.as_ref(), path)?);
    }
    if let Some(path) = &args.xlsx {
        make_folder_of(path)?;
        let bytes = spreadsheet(&view).with_context(|| path.display().to_string())?;
        write_file(path, |out| out.write_all(&bytes)).with_context(|| path.display().to_string())?;
    }
    Unfinished::hold().finish();
    if json {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        output::event(json!({
            "event": "view", "score": report.score, "page": path(&page), "ics": path(&args.ics), "calendars": calendars,
            "xlsx": path(&args.xlsx), "exit": 0,
        }));
        return Ok(Exit::Done);
    }
    if let Some(page) = &page {
        output::line(format!("To look at: {}", page::address(page)));
    }
    if let (Some(number), Some(path)) = (calendars, &args.ics) {
        output::line(format!("Calendars ({number}): {}", path.display()));
    }
    if let Some(path) = &args.xlsx {
        output::line(format!("Workbook: {}", path.display()));
    }
    Ok(Exit::Done)
}

/// Writes calendars; gives how many.
fn write_ics(view: &View<'_>, of: Option<&(Kind, String)>, path: &Path) -> Result<usize> {
    let calendars = Calendars::of(view, Timestamp::now())?;
    let Some((kind, name)) = of else { return Ok(write_calendars(&calendars, path)?) };
    let text = calendars.one(*kind, name)?;
    make_folder_of(path)?;
    write_file(path, |out| out.write_all(text.as_bytes())).with_context(|| path.display().to_string())?;
    Ok(1)
}

fn make_folder_of(file: &Path) -> Result<()> {
    match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => fs::create_dir_all(folder).with_context(|| folder.display().to_string()),
        None => Ok(()),
    }
}

/// Whether a path is a folder with nothing in it.
fn is_empty(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// The page that a path means: itself, where its name says so, else the one in that folder.
fn page_at(out: Option<&Path>) -> PathBuf {
    let Some(out) = out else { return PAGE.into() };
    let is_page =
        out.extension().is_some_and(|end| end.eq_ignore_ascii_case("html") || end.eq_ignore_ascii_case("htm"));
    if is_page && !out.is_dir() { out.to_owned() } else { out.join(PAGE) }
}

/// The timetable to compare with, and its problem: a plan has its own.
fn earlier(problem: &Arc<Problem>, old: &Path, input: &Path) -> Result<(Arc<Problem>, Timetable)> {
    let Some(folder) = plan_folder(old) else {
        let any = solutions::load_any(problem, old, input)?;
        return Ok((any.problem, any.timetable));
    };
    let plan = load_plan(&folder)?;
    let timetable = plan.timetable.with_context(|| format!("{}: no timetable in it", folder.display()))?;
    Ok((plan.problem, timetable))
}

/// How the stages of the run ended, where the timetable is that of a run.
fn events(source: &Path) -> Result<Vec<Event>> {
    match plan_folder(source) {
        Some(folder) if folder.join(EVENTS_FILE).is_file() => Ok(read_events(&folder)?.0),
        _ => Ok(Vec::new()),
    }
}
