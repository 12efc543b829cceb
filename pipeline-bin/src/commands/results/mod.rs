//! `stagecoach results`: what is known of the trials of a sweep.

mod list;
mod one;

use crate::args::Results;
use crate::exit::Exit;
use crate::output;
use anyhow::Result;
use experiments::{Error, Folder, rebuild, verify};
use scheduler::names::thousands;
use serde_json::json;

pub(super) fn run(args: &Results, json: bool) -> Result<Exit> {
    let folder = Folder::open(&args.folder)?;
    match (&args.trial, args.verify, args.rebuild) {
        (Some(trial), ..) => one::run(&folder, trial, args, json),
        (None, true, _) => check(&folder, json),
        (None, false, true) => make_again(&folder, json),
        (None, false, false) => list::run(&folder, args, json),
    }
}

/// Everything is what was written, or 1.
fn check(folder: &Folder, json: bool) -> Result<Exit> {
    // Where nothing can be written, nobody else writes either.
    let lock = folder.lock();
    let is_running = matches!(lock, Err(Error::Busy { .. }));
    let verified = verify(folder, is_running)?;
    let exit = if verified.faults.is_empty() { Exit::Done } else { Exit::BestEffort };
    if json {
        let faults: Vec<_> =
            verified.faults.iter().map(|fault| json!({ "file": fault.path, "why": fault.why })).collect();
        output::event(json!({
            "event": "verify", "files": verified.files, "rows": verified.rows, "segments": verified.segments,
            "trials": verified.trials, "running": is_running, "faults": faults, "exit": exit as i32,
        }));
        return Ok(exit);
    }
    let count = |n: u64| thousands(n as i64);
    for fault in &verified.faults {
        output::line(format!("{}: {}", fault.path.display(), fault.why));
    }
    let compared = if is_running { "; a sweep is running, so rows were not compared" } else { "" };
    output::line(format!(
        "{} trials, {} Parquet files with {} results, {} segments: {} faults{compared}",
        count(verified.trials),
        count(verified.files),
        count(verified.rows),
        count(verified.segments),
        count(verified.faults.len() as u64)
    ));
    Ok(exit)
}

fn make_again(folder: &Folder, json: bool) -> Result<Exit> {
    let lock = folder.lock()?;
    let lost = rebuild(folder, &lock)?;
    let trials: u64 = experiments::Index::read(&folder.index())?.counts()?.iter().map(|(_, n)| n).sum();
    if json {
        output::event(json!({ "event": "rebuild", "trials": trials, "lost": lost, "exit": 0 }));
    } else {
        let more = if lost > 0 { format!("; {lost} were at work when their sweep ended") } else { String::new() };
        output::line(format!("the index was made again: {} trials{more}", thousands(trials as i64)));
    }
    Ok(Exit::Done)
}
