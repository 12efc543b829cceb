//! `stagecoach top`: the best rows of any number of result files.

use crate::args::{RowFormat, Top};
use crate::exit::Exit;
use crate::output;
use crate::progress::Show;
use crate::rows;
use crate::signals::Signals;
use anyhow::{Context, Result, bail};
use experiments::columns::{self, filter::Filter};
use experiments::top::{self, Found, Plan, Progress, Query, Watch};
use pipeline::Cancel;
use scheduler::names::clean;
use serde_json::json;
use stage0_load::Unfinished;
use std::{
    io::{self, IsTerminal},
    path::Path,
    thread,
    time::Instant,
};

pub(super) fn run(args: &Top, show: Show, started: Instant) -> Result<Exit> {
    let query = Query {
        by: args.by.clone(),
        descending: args.desc,
        n: args.n,
        filter: Filter::parse(&args.filter)?,
        threads: args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)),
        memory: args.memory,
    };
    let inputs = columns::find(&args.results)?;
    let files = &inputs.files;
    let to = args.out.as_deref().map(|path| written_as(path).map(|format| (path, format))).transpose()?;
    if let Some((path, _)) = to {
        let inputs: Vec<&Path> = args.results.iter().map(|path| path.as_path()).collect();
        scheduler::are_free(&[path.to_owned()], &inputs, args.force)?;
    }
    let signals = Signals::listen()?;
    signals.at_work();
    let json = matches!(show, Show::Json);
    let found = top::find(&query, files, &Watcher { show, cancel: signals.cancel.clone(), started, by: &args.by })?;
    match to {
        Some((path, format)) => {
            stage0_load::write_file(path, |out| rows::write(&found, format, out))
                .with_context(|| path.display().to_string())?;
            Unfinished::hold().finish();
        }
        None if json => found.rows.iter().enumerate().for_each(|(i, _)| output::event(row_event(&found, i))),
        None => rows::print(&found, args.format.unwrap_or_else(default_format)),
    }
    Ok(end(&found, args, json, started))
}

/// What was found and left out, and the exit code of that.
fn end(found: &Found, args: &Top, json: bool, started: Instant) -> Exit {
    let exit = match found {
        Found { interrupted: true, .. } => Exit::Interrupted,
        Found { faults, .. } if !faults.is_empty() => Exit::BestEffort,
        _ => Exit::Done,
    };
    for note in &found.notes {
        output::aside(format!("note: {}", clean(note)));
    }
    for fault in &found.faults {
        output::aside(format!("left out: {}", clean(&fault.to_string())));
    }
    if json {
        output::event(json!({
            "event": "top",
            "rows": found.rows.len(),
            "scanned": found.scanned,
            "files": found.files.len(),
            "left_out": found.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "notes": found.notes,
            "interrupted": found.interrupted,
            "seconds": started.elapsed().as_secs_f64(),
            "exit": exit as i32,
        }));
    } else if let Some(path) = &args.out {
        output::line(format!("Written: {} ({} rows)", path.display(), found.rows.len()));
    }
    exit
}

fn row_event(found: &Found, i: usize) -> serde_json::Value {
    let row = &found.rows[i];
    json!({
        "event": "row",
        "rank": i + 1,
        "file": found.files[row.file].display().to_string(),
        "row": row.row,
        "values": rows::object(found, row),
    })
}

fn default_format() -> RowFormat {
    if io::stdout().is_terminal() { RowFormat::Table } else { RowFormat::Csv }
}

/// The format that a name says.
fn written_as(path: &Path) -> Result<RowFormat> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
    match Path::new(name).extension().and_then(|end| end.to_str()) {
        Some("csv") => Ok(RowFormat::Csv),
        Some("jsonl" | "ndjson") => Ok(RowFormat::Jsonl),
        _ => bail!("{}: found no format in its name, expected .csv or .jsonl, plain, .gz or .zst", path.display()),
    }
}

/// Shows what is done, and stops at a signal.
struct Watcher<'a> {
    show: Show,
    cancel: Cancel,
    started: Instant,
    by: &'a [String],
}

impl Watch for Watcher<'_> {
    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn begins(&self, plan: &Plan) {
        let Plan { files, rows, text_bytes, footers, best, page, bound, .. } = plan;
        match self.show {
            Show::Json => output::event(json!({
                "event": "begins", "files": files, "rows": rows, "text_bytes": text_bytes, "memory": bound.get(),
                "footers": footers.get(), "best": best.get(), "page": page.get(),
            })),
            Show::Nothing => {}
            Show::Bars(_) | Show::Lines => {
                let what = match rows {
                    Some(rows) => format!("{} rows", grouped(*rows)),
                    None => format!("{} of text", memguard::Bytes::new(*text_bytes)),
                };
                output::aside(format!(
                    "{}, {what}; memory: at most {bound} (footers {footers}, best rows {best}, pages of {page} at most)",
                    in_files(*files)
                ));
            }
        }
    }

    fn progress(&self, progress: &Progress) {
        let seconds = self.started.elapsed().as_secs_f64();
        match self.show {
            Show::Json => output::event(json!({
                "event": "progress", "rows": progress.rows, "text_bytes": progress.text_bytes, "best": progress.best,
                "seconds": seconds,
            })),
            Show::Nothing => {}
            Show::Bars(_) | Show::Lines => {
                let number = |x: &Option<f64>| x.map_or("missing".to_owned(), |x| x.to_string());
                let best = progress.best.iter().map(|best| {
                    let parts = self.by.iter().zip(best).map(|(name, x)| format!("{name} {}", number(x)));
                    format!(", best so far {}", parts.collect::<Vec<_>>().join(", "))
                });
                let best: String = best.collect();
                output::aside(format!("{seconds:.0} s: {} rows{best}", grouped(progress.rows)));
            }
        }
    }
}

/// `1 file`, `8 files`.
pub(super) fn in_files(files: usize) -> String {
    if files == 1 { "1 file".into() } else { format!("{} files", grouped(files as u64)) }
}

/// A number with commas.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 47_065_150].map(grouped), ["0", "999", "1,000", "47,065,150"]);
    }
}
