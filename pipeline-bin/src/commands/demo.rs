//! `stagecoach demo`: a small faculty, solved in five seconds, with a page to look at.

use super::solve;
use crate::args::Demo;
use crate::exit::Exit;
use crate::progress::Show;
use crate::{output, terminal};
use anyhow::Result;
use pipeline::Plan;
use scheduler::Time;
use scheduler::{Config, Origin, RunBudget};
use scheduler::{OutputFolder, PAGE, Target};
use stage0_load::csv_folder::Labels;
use std::{
    ffi::OsStr,
    sync::Arc,
    time::{Duration, Instant},
};

const TIME: Duration = Duration::from_secs(5);

pub(super) fn run(args: &Demo, show: Show, started: Instant) -> Result<Exit> {
    let mut config = Config::gather(args.run.config.as_deref(), args.run.layer())?;
    if config.spend.origin == Origin::Default {
        config.spend.value = RunBudget::Time(Time(TIME));
    }
    let tables = stage0_load::generate::demo_tables(config.seed.value);
    if !matches!(show, Show::Json | Show::Nothing) {
        let (courses, students) = (tables.courses.len(), tables.students.len());
        output::aside(format!("A faculty of {courses} courses, {students} students and {} rooms.", tables.rooms.len()));
        output::aside(
            "The sciences compete for the laboratories, and a teacher of Music 6 wants neither of its times.",
        );
    }
    let plan = Plan::new(Arc::new(tables.problem()?));
    let folder = OutputFolder::choose(args.out.as_deref(), OsStr::new("demo"));
    folder.spares(&[])?;
    folder.holds_nothing(args.force, "")?;
    let target =
        Target { folder, about: "a run of the demo".to_owned(), more: vec![PAGE.to_owned()], replace: args.force };
    let mut session = terminal::session(config, target, show.clone(), started)?;
    let steps = session.steps(Some(&plan), args.run.offline)?;
    let solved = session.run(Some(plan), Some(Labels::from(&tables)), &steps, false)?;
    Ok(solve::finish(&session, &show, &solved))
}
