//! The program `stagecoach`: arguments, progress, wiring; thin. What it does is in the crates of
//! the stages.

mod allocator;
mod args;
mod changes;
mod clusters;
mod commands;
mod errors;
mod exit;
mod findings;
mod given;
mod logging;
mod moved;
mod output;
mod page;
mod progress;
#[cfg(feature = "experiments")]
mod rows;
mod signals;
mod space;
mod summary;
mod tables;
mod terminal;
mod told;
mod why;

use exit::Exit;
use std::{
    env,
    io::{self, Write},
    process::ExitCode,
    time::Instant,
};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    // Everything counts as part of `--time`, so the clock starts here.
    let started = Instant::now();
    // A supervisor waits for signals on its only thread.
    if let Some(words) = scheduler::asked_for() {
        memguard::supervise(&words);
    }
    // Where it does not know its own path, the stages that need it say so.
    if let Ok(program) = env::current_exe() {
        scheduler::workers_are(program);
    }
    space::begin(move || run(started))
}

fn run(started: Instant) -> ExitCode {
    signals::let_files_be_too_large();
    let args = match args::parse() {
        Ok(args) => args,
        Err(error) => return errors::usage(&error).into(),
    };
    let json = args.common.json;
    match commands::run(args, started) {
        Ok(exit) => whole(exit).into(),
        Err(error) => errors::report(&error, json).into(),
    }
}

/// What was to be printed and was not is an error like that of any other file.
fn whole(exit: Exit) -> Exit {
    match output::lost() {
        Some(why) if matches!(exit, Exit::Done | Exit::BestEffort) => {
            let _ = writeln!(io::stderr(), "standard output cannot be written to: {why}");
            Exit::BadInput
        }
        _ => exit,
    }
}
