//! What is to change in a timetable in use: from flags and from a file of changes.
//!
//! ```toml
//! [[close]]
//! room = "R1"
//! when = "Mon 1-3"
//! [[away]]
//! teacher = "T7"
//! [[cancel]]
//! class = "c1"
//! [[pin]]
//! class = "c2"
//! [[move]]
//! class = "c3"
//! to = "Tue 3"
//! [[add]]
//! class = "c9"
//! like = "c1"
//! students = "all"
//! ```

mod change_request;
mod when;

use crate::args::Repair;
use anyhow::{Context, Result};
use change_request::{Attends, ChangeRequest, Place, Translator};
use serde::Deserialize;
use stage0_load::{FaultLog, Faults, csv_folder::Calendar};
use std::{fs, path::Path};
use timetable::{Amendments, Problem, Timetable};
use toml::Spanned;
use when::Week;

/// Larger than any honest list of changes.
const MOST_BYTES: u64 = 16 << 20;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    close: Vec<Close>,
    away: Vec<Absent>,
    cancel: Vec<Class>,
    pin: Vec<Class>,
    #[serde(rename = "move")]
    moves: Vec<Move>,
    add: Vec<Add>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Close {
    room: Spanned<String>,
    when: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Absent {
    teacher: Spanned<String>,
    when: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    class: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    class: Spanned<String>,
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    class: Spanned<String>,
    like: String,
    students: Option<Attends>,
}

/// All that is to change.
///
/// # Errors
/// Everything that cannot be understood, with the flag or the file and line that says it.
pub(crate) fn gather(
    args: &Repair,
    problem: &Problem,
    timetable: &Timetable,
    calendar: Option<&Calendar>,
) -> Result<Amendments> {
    if args.when.is_some() && args.close_room.is_empty() && args.teacher_away.is_empty() {
        anyhow::bail!("--when goes with --close-room or --teacher-away");
    }
    let mut requests = from_flags(args);
    if let Some(path) = &args.changes {
        requests.extend(from_file(path)?);
    }
    let changes = Amendments::default();
    let (log, week) = (FaultLog::default(), Week::new(problem, calendar));
    let mut translator = Translator { problem, timetable, week, log, changes };
    requests.iter().for_each(|(place, change_request)| translator.translate(place, change_request));
    let Translator { log, changes, .. } = translator;
    Ok(log.finish(changes)?)
}

fn from_flags(args: &Repair) -> Vec<(Place, ChangeRequest)> {
    let mut requests = Vec::new();
    let mut add = |flag: &str, change_request: ChangeRequest| requests.push(((flag.into(), None), change_request));
    for room in &args.close_room {
        add("--close-room", ChangeRequest::Close { room: room.clone(), when: args.when.clone() });
    }
    for teacher in &args.teacher_away {
        add("--teacher-away", ChangeRequest::Absent { teacher: teacher.clone(), when: args.when.clone() });
    }
    args.cancel.iter().for_each(|name| add("--cancel", ChangeRequest::Cancel(name.clone())));
    args.pin.iter().for_each(|name| add("--pin", ChangeRequest::Pin(name.clone())));
    for pair in args.moves.chunks_exact(2) {
        add("--move", ChangeRequest::Move { class: pair[0].clone(), to: pair[1].clone() });
    }
    for (name, like) in &args.add_class {
        add("--add-class", ChangeRequest::Add { name: name.clone(), like: like.clone(), students: None });
    }
    requests
}

fn from_file(path: &Path) -> Result<Vec<(Place, ChangeRequest)>> {
    let name = || path.display().to_string();
    let size = fs::metadata(path).with_context(name)?.len();
    if size > MOST_BYTES {
        return Err(Faults::one(path, format!("{size} bytes"), format!("at most {MOST_BYTES}")).into());
    }
    let text = fs::read_to_string(path).with_context(name)?;
    let line = |at: usize| text[..at].matches('\n').count() as u64 + 1;
    let file: File = toml::from_str(&text).map_err(|e| {
        let line = e.span().map_or(1, |span| line(span.start));
        anyhow::anyhow!("{}:{line}: {}", path.display(), e.message())
    })?;
    let mut requests = Vec::new();
    let mut add = |said: &Spanned<String>, change_request: ChangeRequest| {
        requests.push(((path.to_owned(), Some(line(said.span().start))), change_request));
    };
    for Close { room, when } in &file.close {
        add(room, ChangeRequest::Close { room: room.get_ref().clone(), when: when.clone() });
    }
    for Absent { teacher, when } in &file.away {
        add(teacher, ChangeRequest::Absent { teacher: teacher.get_ref().clone(), when: when.clone() });
    }
    file.cancel.iter().for_each(|c| add(&c.class, ChangeRequest::Cancel(c.class.get_ref().clone())));
    file.pin.iter().for_each(|c| add(&c.class, ChangeRequest::Pin(c.class.get_ref().clone())));
    for Move { class, to } in &file.moves {
        add(class, ChangeRequest::Move { class: class.get_ref().clone(), to: to.clone() });
    }
    for Add { class, like, students } in &file.add {
        let (name, like) = (class.get_ref().clone(), like.clone());
        add(class, ChangeRequest::Add { name, like, students: *students });
    }
    Ok(requests)
}
