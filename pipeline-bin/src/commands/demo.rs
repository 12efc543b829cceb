//! `stagecoach demo`: a small faculty, solved in ten seconds, with a picture.

use super::solve;
use crate::args::Demo;
use crate::exit::Exit;
use crate::progress::Show;
use crate::week::View;
use crate::{output, terminal};
use anyhow::{Context, Result};
use pipeline::Plan;
use scheduler::Time;
use scheduler::{Config, Origin, RunBudget};
use scheduler::{OutputFolder, PICTURE};
use scheduler::{RunOutcome, Target};
use stage0_load::csv_folder::Tables;
use std::{
    ffi::OsStr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

const TIME: Duration = Duration::from_secs(10);

pub(super) fn run(args: &Demo, show: Show, started: Instant) -> Result<Exit> {
    let mut config = Config::gather(args.run.config.as_deref(), args.run.layer())?;
    if config.spend.origin == Origin::Default {
        config.spend.value = RunBudget::Time(Time(TIME));
    }
    let tables = stage0_load::generate::demo_tables(config.seed.value);
    let is_json = matches!(show, Show::Json);
    if !matches!(show, Show::Json | Show::Nothing) {
        let (courses, students) = (tables.courses.len(), tables.students.len());
        output::aside(format!("A faculty of {courses} courses, {students} students and {} rooms.", tables.rooms.len()));
    }
    let plan = Plan::new(Arc::new(tables.problem()?));
    let folder = OutputFolder::choose(args.out.as_deref(), OsStr::new("demo"));
    folder.spares(&[])?;
    folder.holds_nothing(args.force, "")?;
    let target =
        Target { folder, about: "a run of the demo".to_owned(), more: vec![PICTURE.to_owned()], replace: args.force };
    let mut session = terminal::session(config, target, show.clone(), started)?;
    let steps = session.steps(Some(&plan), args.run.offline)?;
    let solved = session.run(Some(plan), Some(&tables.calendar), &steps, false)?;
    let picture = draw(&tables, &solved)?;
    let exit = solve::finish(&session, &show, &solved);
    if let (Some(picture), false) = (picture, is_json) {
        output::line(format!("Picture: {}", picture.display()));
    }
    Ok(exit)
}

/// Draws the week that is most worth looking at.
fn draw(tables: &Tables, solved: &RunOutcome) -> Result<Option<PathBuf>> {
    let problem = &solved.plan.problem;
    let Some(view) = View::fullest(problem, &solved.timetable) else { return Ok(None) };
    let calendar = &tables.calendar;
    let slots: Vec<String> = (0..calendar.slots.len()).map(|slot| calendar.start_name(slot as u16)).collect();
    let svg = view.grid(problem, &solved.timetable, Some((&calendar.days, &slots))).to_svg();
    let path = solved.folder.join(PICTURE);
    stage0_load::write_file(&path, |w| w.write_all(svg.as_bytes())).with_context(|| path.display().to_string())?;
    Ok(Some(path))
}
