//! The runs of the folder: which there are, how they stand, a new one, the end of one.

use crate::answer::{Refused, beside, json_answer};
use crate::program::done;
use crate::router::Server;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use pipeline::{Checkpoint, read_events};
use scheduler::{PAGE, PLAN_FOLDER, Time};
use serde_json::{Value, json};
use std::{collections::HashMap, path, sync::Arc};

/// Longest time that a run may be given, in seconds.
const LONGEST: u64 = 24 * 3600;

/// The inputs and runs of the folder, and the run that this server has at work.
pub(crate) async fn list(State(server): State<Arc<Server>>) -> Result<Response, Refused> {
    let folder = server.folder.clone();
    let mut state = beside(move || {
        let inputs = folder.inputs().into_iter().map(|input| json!({ "name": input.name, "at": input.at }));
        let inputs: Vec<Value> = inputs.collect();
        let run = |run: crate::folder::Entry| {
            let mut state = saved(&run.name, &run.path);
            let last = state["stages"].as_array().and_then(|stages| stages.last()).map(|stage| stage["after"].clone());
            state["score"] = last.unwrap_or_default();
            state["at"] = run.at.into();
            state["stages"].take();
            state
        };
        let runs: Vec<Value> = folder.runs().into_iter().map(run).collect();
        Ok(json!({ "folder": folder.path().display().to_string(), "inputs": inputs, "runs": runs }))
    })
    .await?;
    state["at_work"] = server.work.last().filter(|job| job.is_at_work()).map_or(Value::Null, |job| json!(job.name));
    Ok(json_answer(&state))
}

/// How a run stands, by its folder: the stages that have ended, and whether some program is at work
/// in it.
fn saved(name: &str, folder: &path::Path) -> Value {
    let plan = folder.join(PLAN_FOLDER);
    let stages = read_events(&plan).map(|(events, _)| events).unwrap_or_default();
    json!({
        "name": name, "running": Checkpoint::is_at_work(&plan), "stages": stages, "page": folder.join(PAGE).is_file(),
    })
}

/// How a run stands: as its program says where this server has started it, else by its folder.
pub(crate) async fn state(server: &Server, name: &str) -> Result<Value, Refused> {
    let job = server.work.last().filter(|job| job.name == name);
    if let Some(state) = job.as_ref().map(|job| job.watch().borrow().clone()).filter(|state| state["running"] == true) {
        return Ok(state);
    }
    let path = server.folder.run(name).ok_or_else(|| Refused::Unknown(name.to_owned(), "run"));
    let mut state = match path {
        Ok(path) => {
            let name = name.to_owned();
            beside(move || Ok(saved(&name, &path))).await?
        }
        // It has ended before it had a plan.
        Err(_) if job.is_some() => json!({ "name": name, "running": false, "stages": [], "page": false }),
        Err(why) => return Err(why),
    };
    if let Some(job) = job {
        let last = job.watch();
        let last = last.borrow();
        for field in ["exit", "error", "warning"] {
            state[field] = last[field].clone();
        }
    }
    Ok(state)
}

/// One run.
pub(crate) async fn show(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Result<Response, Refused> {
    Ok(json_answer(&state(&server, &name).await?))
}

/// What the checker says of a run's timetable: its score, what each rule counts, what it is better
/// and worse at.
pub(crate) async fn score(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Result<Response, Refused> {
    let run = server.folder.run(&name).ok_or_else(|| Refused::Unknown(name.clone(), "run"))?;
    let plan = run.join(PLAN_FOLDER);
    let words = [std::ffi::OsStr::new("check"), plan.as_ref(), plan.as_ref(), "--most".as_ref(), "1".as_ref()];
    let said = done(server.program.ask(words).await?)?;
    let fields = ["score", "valid", "by_kind", "qualities"];
    let kept: Value = fields.map(|field| (field.to_owned(), said[field].clone())).into_iter().collect();
    Ok(json_answer(&kept))
}

/// Starts a run on an input.
pub(crate) async fn start(
    State(server): State<Arc<Server>>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Refused> {
    let get = |key: &str| query.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let name = get("input").unwrap_or_default();
    let input = server.folder.input(name).ok_or_else(|| Refused::Unknown(name.to_owned(), "input"))?;
    let mut words = Vec::new();
    let time = get("time").unwrap_or("60");
    let parsed = time.parse::<Time>().ok().filter(|time| time.0.as_secs() <= LONGEST);
    parsed.ok_or_else(|| Refused::Request(format!("time is {time:?}, expected 60, 90s, 5m, 2h, at most 24h")))?;
    words.extend(["--time".to_owned(), time.to_owned()]);
    let seed = get("seed").unwrap_or("1");
    seed.parse::<u64>().map_err(|_| Refused::Request(format!("seed is {seed:?}, expected a whole number")))?;
    words.extend(["--seed".to_owned(), seed.to_owned()]);
    if let Some(memory) = server.memory {
        words.extend(["--memory".to_owned(), memory.get().to_string()]);
    }
    if get("anyway") == Some("yes") {
        words.push("--anyway".to_owned());
    }
    let runs = server.folder.runs();
    if let Some(other) = runs.iter().find(|run| Checkpoint::is_at_work(&run.path.join(PLAN_FOLDER))) {
        return Err(Refused::Busy(format!("{} is at work; stop it or wait for its end", other.name)));
    }
    // Uploads have four characters more than the name of their file.
    let stem = name.rsplit_once('-').map_or(name, |(stem, _)| stem);
    let run = server.work.start(&server.program, name, &input, || server.folder.new_run(stem), &words)?;
    Ok((StatusCode::CREATED, json_answer(&json!({ "name": run }))).into_response())
}

/// Ends a run with its best so far.
pub(crate) async fn stop(State(server): State<Arc<Server>>, Path(name): Path<String>) -> Result<Response, Refused> {
    let job = server.work.last().filter(|job| job.name == name && job.is_at_work());
    let job = job.ok_or_else(|| Refused::Busy(format!("{name:?} is no run that this server has at work")))?;
    job.stop();
    Ok(json_answer(&json!({ "name": name })))
}
