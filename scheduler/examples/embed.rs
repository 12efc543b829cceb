//! Solves whatever is read (a folder of CSV files, a file of another format) from a program of
//! one's own: `cargo run -p scheduler --example embed -- INPUT OUTPUT`.

#![allow(clippy::print_stdout, reason = "an example shows what came of it")]

use anyhow::{Context, Result};
use scheduler::{Config, Layer, OutputFolder, Session, SilentHost, Target};
use std::{env, path::PathBuf, sync::Arc};

fn main() -> Result<()> {
    let mut paths = env::args_os().skip(1).map(PathBuf::from);
    let (input, output) = paths.next().zip(paths.next()).context("expected INPUT and OUTPUT")?;
    let config = Config::gather(None, Layer { steps: Some(1_000_000), ..Layer::default() })?;
    let folder = OutputFolder::Named(output);
    let target = Target { folder, about: "an example".to_owned(), more: Vec::new(), replace: false };
    let solved = Session::new(config, target, Arc::new(SilentHost)).solve(Some(&input), false, true)?;
    println!("{}: {}", solved.solution.display(), solved.report.score);
    for class in scheduler::unplaced(&solved.timetable, &solved.words()) {
        println!("unplaced: {}: {}", solved.plan.problem.class_name(class.class), class.reason);
    }
    Ok(())
}
