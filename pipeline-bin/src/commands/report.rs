//! `stagecoach report`: what the results of a sweep, or any others, say.

use super::top::{grouped, in_files};
use crate::args::Report as Args;
use crate::exit::Exit;
use crate::output;
use crate::progress::Show;
use crate::signals::Signals;
use anyhow::{Context, Result, bail};
use experiments::columns::{self, filter::Filter};
use experiments::report::{self, Question, Report};
use experiments::top::{Progress, Watch};
use pipeline::{Cancel, Owned, write_whole};
use scheduler::{OutputFolder, names::clean};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

/// The name of a new folder where nobody names one.
const DEFAULT: &str = "report";
/// What the files of a folder are, in the list of what is ours.
const ABOUT: &str = "a report on results";

pub(super) fn run(args: &Args, show: Show, started: Instant) -> Result<Exit> {
    let question = Question {
        title: format!("Results of {}", names(&args.results)),
        by: args.by.clone(),
        descending: args.desc,
        axes: args.axes.clone(),
        within: args.within.clone(),
        seed: args.seed.clone(),
        costs: args.cost.clone(),
        filter: Filter::parse(&args.filter)?,
        threads: args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)),
        memory: args.memory,
    };
    let inputs = columns::find(&args.results)?;
    let files = &inputs.files;
    let folder = folder(args)?;
    let signals = Signals::listen()?;
    signals.at_work();
    let json = matches!(show, Show::Json);
    if !json && !matches!(show, Show::Nothing) {
        output::aside(format!("{}; memory: at most {}", in_files(files.len()), args.memory));
    }
    let watcher = Watcher { show, cancel: signals.cancel.clone(), started };
    let Some(report) = report::report(&question, files, &watcher)? else {
        output::aside("stopped: there is no report");
        return Ok(Exit::Interrupted);
    };
    write(&folder, &report)?;
    let exit = if report.faults.is_empty() { Exit::Done } else { Exit::BestEffort };
    for fault in &report.faults {
        output::aside(format!("left out: {}", clean(&fault.to_string())));
    }
    let html = folder.join("report.html");
    if json {
        output::event(json!({
            "event": "report",
            "rows": report.rows,
            "folder": folder.display().to_string(),
            "left_out": report.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "seconds": started.elapsed().as_secs_f64(),
            "exit": exit as i32,
        }));
    } else {
        let markdown = folder.join("report.md");
        output::line(format!("Written: {} and {} ({} rows)", html.display(), markdown.display(), grouped(report.rows)));
    }
    Ok(exit)
}

/// What was asked about, for the title.
fn names(results: &[PathBuf]) -> String {
    let name = |path: &PathBuf| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let first: Vec<String> = results.iter().take(3).map(name).collect();
    let more = if results.len() > 3 { format!(" and {} more", results.len() - 3) } else { String::new() };
    clean(&format!("{}{more}", first.join(", ")))
}

/// Where the report goes. A report that is there already is replaced, as it can be made again;
/// nothing else is.
fn folder(args: &Args) -> Result<PathBuf> {
    let named = match (&args.out, args.results.as_slice()) {
        (Some(out), _) => Some(out.clone()),
        (None, [sweep]) if columns::is_sweep(sweep) => Some(sweep.join("report")),
        (None, _) => None,
    };
    if let Some(folder) = named {
        for input in &args.results {
            let is_input =
                |path: &Path| folder.canonicalize().is_ok_and(|folder| path.canonicalize().is_ok_and(|p| p == folder));
            if is_input(input) {
                bail!("{}: it is read, expected another folder for the report", folder.display());
            }
        }
        let owned = Owned::of(&folder)?;
        if !owned.is_empty() && owned.about() != ABOUT {
            bail!(
                "{}: it holds results of {}, expected another folder for the report",
                folder.display(),
                owned.about()
            );
        }
        return Ok(folder);
    }
    Ok(OutputFolder::New(DEFAULT.into()).settle()?)
}

/// Writes Markdown, HTML and pictures.
fn write(folder: &Path, report: &Report) -> Result<()> {
    let document = &report.document;
    let mut files =
        vec![("report.html".to_owned(), document.to_html()), ("report.md".to_owned(), document.to_markdown())];
    files.extend(document.plots().map(|(name, svg)| (format!("{name}.svg"), svg.to_owned())));
    let mut owned = Owned::of(folder)?;
    let parts = files.iter().map(|(name, _)| format!("{name}{}", pipeline::PART));
    owned.claim(ABOUT, files.iter().map(|(name, _)| name.clone()).chain(parts))?;
    for (name, text) in &files {
        write_whole(folder, name, text.as_bytes()).with_context(|| folder.join(name).display().to_string())?;
    }
    // Pictures of an earlier report that this one has not.
    owned.remove_all_but(|name| files.iter().any(|(file, _)| file == name))?;
    Ok(())
}

/// Shows how far it is.
struct Watcher {
    show: Show,
    cancel: Cancel,
    started: Instant,
}

impl Watch for Watcher {
    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn progress(&self, progress: &Progress) {
        let seconds = self.started.elapsed().as_secs_f64();
        match self.show {
            Show::Json => output::event(json!({ "event": "progress", "rows": progress.rows, "seconds": seconds })),
            Show::Nothing => {}
            Show::Bars(_) | Show::Lines => {
                output::aside(format!("{seconds:.0} s: {} rows read", grouped(progress.rows)))
            }
        }
    }
}
