//! `stagecoach solve`: find a timetable.

use crate::args::{RunFlags, Solve};
use crate::config::Config;
use crate::exit::Exit;
use crate::inputs::stem;
use crate::layer::Layer;
use crate::output;
use crate::polishing;
use crate::progress::Show;
use crate::reasons;
use crate::session::{RESUME_FILE, Session, Solved};
use crate::signals::Signals;
use crate::summary;
use anyhow::{Result, bail};
use memguard::Guard;
use std::{path::Path, path::PathBuf, time::Instant};

pub(super) fn run(args: &Solve, show: Show, started: Instant) -> Result<Exit> {
    let out = match (&args.out, &args.input) {
        (Some(out), _) => out.clone(),
        (None, Some(input)) => Path::new("stagecoach-out").join(stem(input)),
        (None, None) if args.print_config => PathBuf::new(),
        (None, None) => bail!("--resume without an input wants --out with the folder of the run"),
    };
    let config = configuration(&args.run, &out, args.resume)?;
    if args.print_config {
        output::text(config.to_toml());
        return Ok(Exit::Done);
    }
    let mut session = session(config, out, show, started)?;
    let solved = session.solve(args.input.as_deref(), args.resume, args.run.offline)?;
    Ok(finish(&session, &solved))
}

/// All layers; a run that is resumed is set as it was when it began, but for what is said now.
fn configuration(flags: &RunFlags, out: &Path, resume: bool) -> Result<Config> {
    let begun = Some(out.join(RESUME_FILE)).filter(|file| resume && file.is_file());
    let mut config = Config::gather(flags.config.as_deref().or(begun.as_deref()), flags.layer())?;
    if let Some(begun) = begun {
        polishing::go_on(&mut config, &Layer::from_file(&begun)?);
    }
    Ok(config)
}

/// A session that listens for signals and watches memory.
pub(super) fn session(config: Config, out: PathBuf, show: Show, started: Instant) -> Result<Session> {
    let guard = Guard::of_this_process(config.memory.value);
    Ok(Session { out, guard, show, config, signals: Signals::listen()?, started })
}

/// Prints the summary; the exit code says how it ended.
pub(super) fn finish(session: &Session, solved: &Solved) -> Exit {
    let exit = if solved.interrupted { Exit::Interrupted } else { Exit::of(solved.report.score) };
    let unplaced = reasons::unplaced(&solved.plan.problem, &solved.timetable);
    summary::print(session, solved, &unplaced, exit);
    exit
}
