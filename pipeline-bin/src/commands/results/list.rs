//! The trials, one a line.

use crate::args::Results;
use crate::exit::Exit;
use crate::output;
use anyhow::Result;
use experiments::Folder;
use experiments::columns::filter::Filter;
use experiments::results::{Results as Known, Trial};
use memguard::Bytes;
use scheduler::names::{clean, short, thousands};
use serde_json::{Map, Value, json};
use std::{
    io::{self, IsTerminal},
    time::Duration,
};

/// Lines that a terminal gets where nobody says how many.
const SCREEN: usize = 100;

pub(super) fn run(folder: &Folder, args: &Results, json: bool) -> Result<Exit> {
    let filter = Filter::parse(&args.filter)?;
    let known = Known::open(folder)?;
    let columns = known.columns();
    let is_table = !json && !args.csv;
    let limit = args.limit.unwrap_or(if is_table && io::stdout().is_terminal() { SCREEN } else { usize::MAX });
    if args.csv {
        let own = [
            "trial", "seed", "attempt", "state", "unplaced", "hard", "penalty", "ms", "steps", "peak", "cpu_ms", "cap",
        ];
        let all: Vec<String> = columns.iter().cloned().chain(own.map(str::to_owned)).collect();
        output::line(all.join(","));
    }
    let (mut shown, mut passed) = (0_usize, 0_u64);
    known.each(&filter, |trial| {
        passed += 1;
        if shown < limit {
            shown += 1;
            output::line(if json {
                object(trial, &columns).to_string()
            } else if args.csv {
                csv(trial)
            } else {
                row(trial)
            });
        }
        Ok(is_table || shown < limit)
    })?;
    if is_table {
        let counts: Vec<String> =
            known.counts()?.iter().map(|(state, n)| format!("{} {state}", thousands(*n as i64))).collect();
        let more = if passed > shown as u64 {
            format!(" ({} shown, --limit shows more)", thousands(shown as i64))
        } else {
            String::new()
        };
        output::line(format!(
            "{} trials{more}; in all {}",
            thousands(passed as i64),
            if counts.is_empty() { "none".into() } else { counts.join(", ") }
        ));
    }
    Ok(Exit::Done)
}

/// For people.
fn row(trial: &Trial) -> String {
    let row = &trial.row;
    let score = row.score.map_or("-".to_owned(), |score| match score.is_valid() {
        true => thousands(score.penalty),
        false => format!("{} unplaced, {} hard, {}", score.unplaced, thousands(score.hard), thousands(score.penalty)),
    });
    let text = format!(
        "{}  {}  seed {}  {:<9}  {score}  {}  {}",
        row.id(),
        trial.texts.join("  "),
        row.start.seed,
        row.state,
        short(Duration::from_millis(row.ms)),
        Bytes::new(row.peak)
    );
    clean(&text)
}

pub(super) fn object(trial: &Trial, columns: &[String]) -> Value {
    let row = &trial.row;
    let mut object = Map::new();
    object.insert("trial".into(), json!(row.id()));
    for (name, text) in columns.iter().zip(&trial.texts) {
        object.insert(name.clone(), json!(text));
    }
    let more = json!({
        "grid": row.start.grid, "cell": row.start.cell, "seed": row.start.seed, "attempt": row.start.attempt, "state": row.state,
        "unplaced": row.score.map(|score| score.unplaced), "hard": row.score.map(|score| score.hard),
        "penalty": row.score.map(|score| score.penalty), "ms": row.ms, "steps": row.steps, "peak": row.peak, "cpu_ms": row.cpu,
        "cap": row.start.cap, "ooms": row.start.ooms, "at": row.at,
    });
    if let Value::Object(more) = more {
        object.extend(more);
    }
    Value::Object(object)
}

fn csv(trial: &Trial) -> String {
    let row = &trial.row;
    let number = |n: Option<String>| n.unwrap_or_default();
    let own = [
        row.id().to_string(),
        row.start.seed.to_string(),
        row.start.attempt.to_string(),
        row.state.to_string(),
        number(row.score.map(|score| score.unplaced.to_string())),
        number(row.score.map(|score| score.hard.to_string())),
        number(row.score.map(|score| score.penalty.to_string())),
        row.ms.to_string(),
        number(row.steps.map(|steps| steps.to_string())),
        row.peak.to_string(),
        row.cpu.to_string(),
        row.start.cap.to_string(),
    ];
    trial.texts.iter().map(|text| quoted(text)).chain(own).collect::<Vec<_>>().join(",")
}

/// A field of CSV, RFC 4180.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
