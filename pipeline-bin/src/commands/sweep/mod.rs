//! `stagecoach sweep`: run a grid, or go on with it.

mod script;
pub(super) mod show;

use crate::args::{COMPACT, Sweep, TRIAL};
use crate::exit::Exit;
use crate::output;
use crate::progress::Show;
use crate::signals::Signals;
use anyhow::{Context, Result, bail};
use experiments::{Ending, Error, Folder, Options, Outcome, Processes, Written, prepare};
use memguard::Guard;
use pipeline::Cancel;
use scheduler::{BudgetTooSmall, Reading, SilentHost, load_watched};
use std::{
    env,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

pub(super) fn run(args: &Sweep, show: Show, json: bool) -> Result<Exit> {
    let written = Written::read(&args.grid)?;
    let out = args.out.clone().unwrap_or_else(|| folder_of(&args.grid));
    if (args.resume || args.collect) && !out.exists() {
        bail!("{}: there is no sweep to go on with", out.display());
    }
    let cores = thread::available_parallelism().map_or(1, Into::into);
    let jobs = args.jobs.unwrap_or(cores);
    if jobs == 0 {
        bail!("--jobs is 0, expected 1 or more");
    }
    let whole = Folder::create(&out)?;
    if args.collect {
        return collect(&whole, json);
    }
    let folder = match args.shard {
        Some((k, n)) => whole.shard(k, n)?,
        None => whole.clone(),
    };
    let lock = folder.lock()?;
    let signals = Signals::listen()?;
    let guard = Guard::of_this_process(args.memory);
    let grid = prepare(&folder, &written, |path| load(path, written.reading, &guard))?;
    let number = folder.keep_grid(&grid)?;
    folder.keep_text(&written.text)?;
    guard.clean_up();
    signals.at_work();
    let options = Options {
        jobs,
        minimal: args.minimal,
        cells: None,
        leave_segments: false,
        profile: None,
        shard: args.shard,
        above: args.shard.map(|_| whole.index()),
        accept: args.accept_version.clone(),
        retry: args.retry.clone(),
        only_plan: args.plan || args.print_slurm.is_some(),
    };
    let sweep = experiments::Sweep {
        folder: &folder,
        lock: &lock,
        grid: &grid,
        number,
        options,
        guard,
        cancel: signals.cancel.clone(),
    };
    let program = env::current_exe().context("the path of this program")?;
    let mut processes = Processes { program: program.clone(), trial: TRIAL, compact: COMPACT };
    if let Some(tasks) = args.print_slurm {
        let mut planned = script::Planned::default();
        // What does not fit here may fit there.
        let ran = sweep.run(&mut processes, &mut planned);
        if !matches!(ran, Ok(_) | Err(Error::TooSmall(_))) {
            ran.map_err(worded)?;
        }
        output::text(script::of(args, &program, &out, tasks, jobs, &planned)?);
        return Ok(Exit::Done);
    }
    let mut watch = show::Shown::new(show, args.plan);
    let ending = sweep.run(&mut processes, &mut watch).map_err(worded)?;
    let exit = exit_of(&ending);
    watch.end(&ending, folder.path(), exit);
    Ok(exit)
}

/// Takes over what the shards have found.
fn collect(folder: &Folder, json: bool) -> Result<Exit> {
    let _lock = folder.lock()?;
    let collected = experiments::collect(folder)?;
    if json {
        output::event(serde_json::json!({
            "event": "collect", "shards": collected.shards, "running": collected.running, "new": collected.new, "exit": 0,
        }));
    } else {
        output::line(format!(
            "{} new results of {} shards, {} of which are at work",
            collected.new, collected.shards, collected.running
        ));
    }
    Ok(Exit::Done)
}

/// `NAME.sweep` for `NAME.toml`.
fn folder_of(grid: &Path) -> PathBuf {
    let mut name = grid.file_stem().unwrap_or_default().to_owned();
    name.push(".sweep");
    PathBuf::from(name)
}

/// The problem of an instance; memory is watched meanwhile.
pub(super) fn load(path: &Path, reading: Reading, guard: &Guard) -> Result<timetable::Problem, Error> {
    let input = load_watched(path, reading, guard, &SilentHost).map_err(|e| Error::Input(format!("{e:#}")))?;
    std::sync::Arc::try_unwrap(input.plan.problem)
        .map_err(|_| Error::Input(format!("{}: it is in use", path.display())))
}

/// What is too small for the sweep is so for the program.
pub(super) fn worded(error: Error) -> anyhow::Error {
    match error {
        Error::TooSmall(why) => BudgetTooSmall(why).into(),
        error => error.into(),
    }
}

fn exit_of(ending: &Ending) -> Exit {
    match ending.outcome {
        Outcome::Done => Exit::Done,
        Outcome::SomeFailed => Exit::BestEffort,
        Outcome::Stopped | Outcome::NoRoom => Exit::Again,
        Outcome::NeedsMemory(_) => Exit::MoreMemory,
    }
}

/// A trial, as the sweep starts it.
pub(super) fn trial(started: Instant) -> Result<Exit> {
    let signals = Signals::listen().ok();
    if let Some(signals) = &signals {
        signals.at_work();
    }
    let cancel = signals.map_or_else(Cancel::default, |signals| signals.cancel);
    experiments::trial::run(&cancel, started)?;
    Ok(Exit::Done)
}

/// Compaction, as the sweep starts it.
pub(super) fn compact() -> Result<Exit> {
    let compacted = experiments::trial::compact_as_told()?;
    output::line(serde_json::to_string(&compacted)?);
    Ok(Exit::Done)
}
