//! `stagecoach solve`: find a timetable.

use super::variants;
use crate::args::{RunFlags, Solve};
use crate::exit::Exit;
use crate::progress::Show;
use crate::summary;
use crate::terminal::session;
use crate::{output, page};
use anyhow::{Result, bail};
use scheduler::Layer;
use scheduler::{Config, Origin, StageConfig};
use scheduler::{OutputFolder, PAGE};
use scheduler::{RESUME_FILE, RunOutcome, Session, Target};
use scheduler::{meant, stem};
use serde_json::{Value, json};
use std::{ffi::OsString, path::Path, time::Instant};

pub(super) fn run(args: &Solve, show: Show, started: Instant) -> Result<Exit> {
    if let Some(number) = args.variants {
        return variants::run(args, &show, started, number);
    }
    let input = args.input.as_deref().map(meant);
    let name = input.map(stem);
    let folder = match (&args.out, &name) {
        (None, Some(name)) if args.resume => OutputFolder::last(name, &format!("a run on {}", name.display())),
        (None, None) if args.print_config => OutputFolder::New(OsString::new()),
        (None, None) => bail!("--resume without an input needs --out with the folder of the run"),
        (out, name) => OutputFolder::choose(out.as_deref(), name.as_deref().unwrap_or_default()),
    };
    let config = configuration(&args.run, &folder, args.resume)?;
    if args.print_config {
        let text = config.to_toml();
        match show {
            Show::Json => output::event(config_event(&text)?),
            _ => output::text(text),
        }
        return Ok(Exit::Done);
    }
    folder.spares(input.as_slice())?;
    folder.holds_nothing(args.force || args.resume, "--resume goes on, ")?;
    let about = name.as_ref().map_or("a run on a plan".to_owned(), |name| format!("a run on {}", name.display()));
    let mut session = session(
        config,
        Target { folder, about, more: vec![PAGE.to_owned()], replace: args.force },
        show.clone(),
        started,
    )?;
    session.anyway = args.anyway;
    session.reading = args.reading.reading();
    let solved = session.solve(input, args.resume, args.run.offline)?;
    Ok(finish(&session, &show, &solved))
}

/// The configuration for programs: its values, and the text that says where each comes from.
fn config_event(text: &str) -> Result<Value> {
    let values: Value = toml::from_str(text)?;
    Ok(json!({ "event": "configuration", "values": values, "toml": text, "exit": 0 }))
}

/// All layers; a run that is resumed is set as it was when it began, but for what is said now.
fn configuration(flags: &RunFlags, out: &OutputFolder, resume: bool) -> Result<Config> {
    let begun = match out {
        OutputFolder::Named(folder) if resume => Some(folder.join(RESUME_FILE)).filter(|file| file.is_file()),
        _ => None,
    };
    let mut config = Config::gather(flags.config.as_deref().or(begun.as_deref()), flags.layer())?;
    if let Some(begun) = begun {
        no_program_from(&config, &begun)?;
        scheduler::go_on(&mut config, &Layer::from_file(&begun)?);
    }
    Ok(config)
}

/// A run may have come from elsewhere: what programs it starts is said by whoever starts it, never
/// by its own folder.
fn no_program_from(config: &Config, begun: &Path) -> Result<()> {
    let from_there = |stage: &&StageConfig| stage.name.origin == Origin::File(begun.to_owned());
    let programs = config.stages.iter().filter(from_there).find(|stage| stage.name.value.starts_with("exec:"));
    if let Some(stage) = programs {
        let (slot, name) = (&stage.slot, &stage.name.value);
        bail!(
            "{}: the run has `{name}` as {slot}; to go on with it, name the program again: --{slot} '{name}'",
            begun.display()
        );
    }
    Ok(())
}

/// Prints the summary; the exit code says how it ended.
pub(super) fn finish(session: &Session, show: &Show, solved: &RunOutcome) -> Exit {
    let exit = if solved.interrupted { Exit::Interrupted } else { Exit::of(solved.report.score) };
    let unplaced = scheduler::unplaced(&solved.timetable, &solved.words());
    let page = page::write(session, solved, &unplaced, None);
    summary::print(session, show, solved, &unplaced, page.as_deref(), exit);
    exit
}
