//! `stagecoach serve`: timetables in a browser on this machine.

use crate::args::Serve;
use crate::exit::Exit;
use crate::output;
use anyhow::{Context, Result};
use serde_json::json;
use serve::Settings;
use std::env;

pub(super) fn run(args: &Serve, json: bool) -> Result<Exit> {
    // Nothing is made in a place that is never used for results.
    scheduler::spares(&args.folder, &[])?;
    let program = env::current_exe().context("cannot find the program itself")?;
    let settings = Settings { folder: args.folder.clone(), port: args.port, memory: args.memory, program };
    let folder = args.folder.display().to_string();
    serve::serve(settings, |address| {
        if json {
            output::event(json!({ "event": "serving", "address": address, "folder": folder }));
        } else {
            output::line(format!("Open {address}"));
            output::line(format!("It serves {folder} on this machine only; Ctrl-C ends it."));
        }
    })?;
    if json {
        output::event(json!({ "event": "served", "exit": 0 }));
    }
    Ok(Exit::Done)
}
