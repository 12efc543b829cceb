//! The commands, one file each.

mod bench;
mod check;
mod convert;
mod demo;
mod doctor;
mod generate;
mod repair;
#[cfg(feature = "experiments")]
mod report;
#[cfg(feature = "experiments")]
mod results;
#[cfg(feature = "serve")]
mod serve;
mod setup;
mod solve;
mod stage;
#[cfg(feature = "experiments")]
mod sweep;
#[cfg(feature = "experiments")]
mod top;
#[cfg(feature = "experiments")]
mod tournament;
mod train;
mod variants;
mod view;
mod worker;

use crate::args::{Args, Command};
use crate::exit::Exit;
use crate::logging;
use crate::progress::Show;
use anyhow::Result;
use stage0_load::Unfinished;
use std::time::Instant;

/// Does what was asked.
pub(crate) fn run(args: Args, started: Instant) -> Result<Exit> {
    let show = Show::choose(args.common);
    logging::begin(args.common, show.bars());
    match args.command {
        Command::Demo(demo) => demo::run(&demo, show, started),
        Command::Solve(solve) => solve::run(&solve, show, started),
        Command::Stage(stage) => stage::run(&stage, show, started),
        Command::Repair(repair) => repair::run(&repair, show, started),
        Command::Check(check) => check::run(&check, args.common.json),
        Command::Convert(convert) => tidied(convert::run(&convert, args.common.json)),
        Command::Generate(generate) => tidied(generate::run(&generate, args.common.json)),
        #[cfg(feature = "experiments")]
        Command::Report(report) => report::run(&report, show, started),
        #[cfg(feature = "experiments")]
        Command::Top(top) => top::run(&top, show, started),
        Command::Doctor(doctor) => doctor::run(&doctor, args.common.json),
        Command::Bench(bench) => bench::run(&bench, args.common.json),
        Command::Train(train) => train::run(&train, args.common),
        #[cfg(feature = "experiments")]
        Command::Sweep(sweep) => sweep::run(&sweep, show, args.common.json),
        #[cfg(feature = "experiments")]
        Command::Tournament(tournament) => tournament::run(&tournament, show),
        #[cfg(feature = "experiments")]
        Command::Results(results) => results::run(&results, args.common.json),
        #[cfg(feature = "experiments")]
        Command::Trial => sweep::trial(started),
        #[cfg(feature = "experiments")]
        Command::Compact => sweep::compact(),
        Command::View(view) => tidied(view::run(&view, args.common.json)),
        #[cfg(feature = "serve")]
        Command::Serve(serve) => serve::run(&serve, args.common.json),
        Command::Setup => setup::run(args.common.json),
        Command::Worker { engine } => worker::run(&engine),
        Command::Supervisor { words } => memguard::supervise(&words),
    }
}

/// What a command has made that failed goes.
fn tidied(ran: Result<Exit>) -> Result<Exit> {
    if ran.is_err() {
        Unfinished::hold().remove();
    }
    ran
}
