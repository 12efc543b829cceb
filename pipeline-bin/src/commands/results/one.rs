//! One trial: its attempts and its series.

use super::list::object;
use crate::args::Results;
use crate::exit::Exit;
use crate::output;
use anyhow::{Context, Result};
use experiments::Folder;
use experiments::results::{Results as Known, attempts, picture, series};
use memguard::Bytes;
use scheduler::names::{clean, short, thousands};
use serde_json::json;
use std::time::Duration;

pub(super) fn run(folder: &Folder, name: &str, args: &Results, as_json: bool) -> Result<Exit> {
    let known = Known::open(folder)?;
    let trial = known.one(name)?;
    let (columns, row) = (known.columns(), trial.row);
    let attempts = attempts(folder, row.id())?;
    let points = series(folder, row.id(), row.start.attempt)?;
    let title = format!("{}, seed {}", trial.texts.join(", "), row.start.seed);
    if let Some(file) = &args.svg {
        scheduler::are_free(std::slice::from_ref(file), &[folder.path()], args.force)?;
        let svg = picture(&title, &points);
        stage0_load::write_file(file, |w| w.write_all(svg.as_bytes())).with_context(|| file.display().to_string())?;
    }
    if as_json {
        let mut event = object(&trial, &columns);
        event["attempts"] = json!(attempts);
        event["series"] = json!(points);
        output::event(event);
        return Ok(Exit::Done);
    }
    let mut text = format!("{}\n{title}: {}\n", row.id(), row.state);
    if let Some(score) = row.score {
        text += &format!(
            "penalty {}, {} unplaced, {} hard violations\n",
            thousands(score.penalty),
            score.unplaced,
            thousands(score.hard)
        );
    }
    for attempt in &attempts {
        text += &format!(
            "attempt {}: {} after {}, {} of {}{}\n",
            attempt.attempt,
            attempt.state,
            short(Duration::from_millis(attempt.ms)),
            Bytes::new(attempt.peak),
            Bytes::new(attempt.cap),
            attempt.why.as_ref().map_or(String::new(), |why| format!(": {why}"))
        );
    }
    text += &format!("{} points of its series", thousands(points.len() as i64));
    text += if args.svg.is_some() { "\n" } else { " (--svg FILE draws them)\n" };
    output::text(text.lines().map(clean).collect::<Vec<_>>().join("\n") + "\n");
    Ok(Exit::Done)
}
