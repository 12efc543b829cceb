//! `stagecoach repair`: a timetable in use, mended after a change.

use super::solve::session;
use crate::args::Repair;
use crate::config::Config;
use crate::exit::Exit;
use crate::inputs::{load_watched, stem};
use crate::moved::{self, Moved};
use crate::output_folder::OutputFolder;
use crate::progress::Show;
use crate::session::Target;
use crate::stages::AsSet;
use crate::{changes, ortools, output, preflight, reasons, solutions, stages, summary};
use anyhow::{Context, Result};
use pipeline::Plan;
use serde_json::json;
use std::{iter, path::Path, sync::Arc, time::Instant};
use timetable::{Timetable, amend, check};

/// The changed classes, for machines.
pub(crate) const CHANGES_FILE: &str = "changes.json";
/// Changed classes shown; all of them are in the file.
const MOST_LINES: usize = 50;

pub(super) fn run(args: &Repair, show: Show, started: Instant) -> Result<Exit> {
    let config = Config::gather(None, args.layer())?;
    let chosen: Vec<_> = config.stages.iter().filter(|stage| stage.slot == "stage3").cloned().collect();
    let as_set = config.as_set();
    let steps = stages::steps(&chosen, &AsSet { rl: as_set.rl.in_use(), ..as_set })?;
    let name = format!("{}-repaired", stem(&args.input));
    let about = format!("a repair of {}", stem(&args.input));
    let folder = OutputFolder::choose(args.out.as_deref(), &name);
    let inputs: Vec<&Path> = iter::once(&args.input).chain(&args.solution).map(|path| path.as_path()).collect();
    folder.spares(&inputs)?;
    folder.holds_nothing(args.force, "")?;
    let mut session =
        session(config, Target { folder, about, more: &[CHANGES_FILE], replace: args.force }, show, started)?;
    preflight::before_loading(&session.guard)?;

    let plan = load_watched(&args.input, &session.guard)?;
    let (before, in_use) = (Arc::clone(&plan.problem), timetable_in_use(plan, args)?);
    let calendar = solutions::calendar(&before, &args.input);
    let changes = changes::gather(args, &before, &in_use, calendar.as_ref())?;
    session.started += ortools::prepare(&session.config, false);
    let amended = amend(&before, &changes).context("what is asked for cannot be")?;
    let home = amended.carry(&before, &in_use);
    let now = Arc::new(amended.problem);
    let plan = Plan::new(Arc::clone(&now)).with_timetable(home.clone(), check(&now, &home).score);
    let cancelled: Vec<&str> = changes.cancelled.iter().map(|&c| before.class_name(c)).collect();
    let solved = session.run(Some(plan), calendar.as_ref(), &steps, false)?;

    let exit = if solved.interrupted { Exit::Interrupted } else { Exit::of(solved.report.score) };
    let moved = moved::list(&now, &home, &solved.timetable);
    let students = stage3_rl::changed_students(&now, &home, &solved.timetable);
    let notes: Vec<&String> = solved.plan.history.iter().flat_map(|record| &record.notes).collect();
    let result = json!({
        "event": "repair",
        "score": solved.report.score,
        "valid": solved.report.score.is_valid(),
        "interrupted": solved.interrupted,
        "exit": exit as i32,
        "changed": moved.iter().map(|m| m.json(&now)).collect::<Vec<_>>(),
        "cancelled": cancelled,
        "students": students,
        "enrolments": moved::enrolments(&now, &home, &solved.timetable),
        "notes": notes,
        "plan": solved.plan_folder,
        "solution": solved.solution,
    });
    let file = solved.folder.join(CHANGES_FILE);
    stage0_load::write_file(&file, |w| writeln!(w, "{result:#}")).with_context(|| file.display().to_string())?;
    if matches!(session.show, Show::Json) {
        output::line(result);
        return Ok(exit);
    }
    let mut text = format!("\n{}\n", summary::verdict(&solved.report));
    notes.iter().for_each(|note| text += &format!("  {}\n", reasons::clean(note)));
    text += &format!("\nChanged classes ({}); {students} students notice\n", moved.len());
    text += &Moved::table(&now, &moved, MOST_LINES);
    let hard = summary::violations(&now, &solved.report, MOST_LINES);
    if !hard.is_empty() {
        text += &format!("\nHard violations ({})\n{hard}", solved.report.score.hard);
    }
    let unplaced = reasons::unplaced(&now, &solved.timetable);
    if !unplaced.is_empty() {
        text += &format!("\nUnplaced classes ({})\n", unplaced.len());
        text += &summary::unplaced_lines(&now, &unplaced, MOST_LINES);
    }
    text += &format!("\nWritten: {} and {}\n", file.display(), summary::written(&solved));
    output::text(text);
    Ok(exit)
}

fn timetable_in_use(plan: Plan, args: &Repair) -> Result<Timetable> {
    match &args.solution {
        Some(path) => solutions::load(&plan.problem, path),
        None => plan.timetable.with_context(|| {
            format!("{}: no timetable in it, expected a plan with one, or --solution", args.input.display())
        }),
    }
}
