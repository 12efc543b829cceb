//! `stagecoach tournament`: race configurations, or go on with it.

mod show;

use super::sweep::{load, worded};
use crate::args::{COMPACT, TRIAL, Tournament};
use crate::exit::Exit;
use crate::progress::Show;
use crate::signals::Signals;
use anyhow::{Context, Result, bail};
use experiments::tournament::{self, Options, Outcome, Verdict, WrittenArena};
use experiments::{Folder, Processes};
use memguard::Guard;
use std::{
    env,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    thread,
};

pub(super) fn run(args: &Tournament, show: Show) -> Result<Exit> {
    let written = WrittenArena::read(&args.arena)?;
    let out = args.out.clone().unwrap_or_else(|| folder_of(&args.arena));
    if args.resume && !out.exists() {
        bail!("{}: there is no tournament to go on with", out.display());
    }
    if let Some(file) = args.write.as_ref().filter(|file| file.symlink_metadata().is_ok()) {
        bail!("{}: it is there already, and stays as it is; choose another name with --write", file.display());
    }
    let cores = thread::available_parallelism().map_or(1, Into::into);
    let jobs = args.jobs.unwrap_or(cores);
    if jobs == 0 {
        bail!("--jobs is 0, expected 1 or more");
    }
    let folder = Folder::create(&out)?;
    let lock = folder.lock()?;
    let signals = Signals::listen()?;
    let guard = Guard::of_this_process(args.memory);
    let arena = tournament::prepare(&folder, &written, |path| load(path, written.reading, &guard))?;
    folder.keep_text(&written.text)?;
    guard.clean_up();
    signals.at_work();
    let options =
        Options { jobs, accept: args.accept_version.clone(), only_plan: args.plan, profile: args.enable_profiling };
    let mut watch = show::Shown::new(show, args.plan, show::uses_device(&arena));
    let (lock, cancel) = (&lock, signals.cancel.clone());
    let run = tournament::Tournament { folder: &folder, lock, arena: &arena, options, guard, cancel };
    let program = env::current_exe().context("the path of this program")?;
    let mut processes = Processes { program, trial: TRIAL, compact: COMPACT };
    let ending = run.run(&mut processes, &mut watch).map_err(worded)?;
    let exit = match &ending.outcome {
        Outcome::Decided(_) | Outcome::Planned => Exit::Done,
        Outcome::Stopped | Outcome::NoRoom => Exit::Again,
    };
    let wrote = match &ending.outcome {
        Outcome::Decided(verdict) => write(verdict, args.write.as_deref())?,
        _ => None,
    };
    watch.end(&ending, folder.path(), wrote.as_deref(), exit);
    Ok(exit)
}

/// Writes the configuration where it was asked for, if there is one.
fn write(verdict: &Verdict, file: Option<&Path>) -> Result<Option<PathBuf>> {
    let (Some(file), Some(text)) = (file, verdict.to_toml()) else { return Ok(None) };
    let written =
        File::create_new(file).and_then(|mut new| new.write_all(text.as_bytes()).and_then(|()| new.sync_all()));
    written.with_context(|| file.display().to_string())?;
    Ok(Some(file.to_owned()))
}

/// `NAME.tournament` for `NAME.toml`.
fn folder_of(arena: &Path) -> PathBuf {
    let mut name = arena.file_stem().unwrap_or_default().to_owned();
    name.push(".tournament");
    PathBuf::from(name)
}
