//! `stagecoach bench ga`: full evaluations and moves a second.

use super::{context, sources};
use crate::args::Bench;
use crate::exit::Exit;
use crate::output;
use crate::tables::columns;
use anyhow::{Context as _, Result, anyhow};
use memguard::Bytes;
use pipeline::{Budget, Plan, Stage};
use serde_json::json;
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::{Figures, measure};
use std::sync::Arc;
use std::thread;

/// Steps of the first timetable.
const FIRST: u64 = 3_000_000;

pub(super) fn run(args: &Bench, json: bool) -> Result<Exit> {
    let threads = args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)).max(1);
    let mut rows = Vec::new();
    for source in sources(&args.inputs) {
        let (name, plan) = source.plan()?;
        let problem = plan.problem;
        let plan = Greedy
            .run(Plan::new(Arc::clone(&problem)), &context(threads, Budget::Steps(FIRST)))
            .map_err(|e| anyhow!("{name}: {e}"))?;
        let start = plan.timetable.context("greedy made no timetable")?;
        let figures = measure(&problem, None, &start, threads, args.gpu).map_err(|e| anyhow!("{name}: {e}"))?;
        if json {
            output::event(as_json(&name, threads, &figures));
        } else {
            rows.push(row(name, threads, &figures));
        }
    }
    if json {
        return Ok(Exit::Done);
    }
    let head = ["", "board", "", "population", "", "a core", "", "a row", "a state", "device", "", ""];
    let units = [
        "instance", "evals/s", "moves/s", "evals/s", "moves/s", "evals", "moves", "bytes", "bytes", "evals/s",
        "moves/s", "in work",
    ];
    let head = [head, units].map(|cells| cells.map(str::to_owned).to_vec());
    let all: Vec<Vec<String>> = head.into_iter().chain(rows).collect();
    output::text(
        format!(
            "One thread of the board itself; the genetic algorithm's population on {threads}; and what a core of these does of the board's.\n"
        ) + &columns(&all, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    );
    Ok(Exit::Done)
}

fn row(name: String, threads: usize, f: &Figures) -> Vec<String> {
    let short = |n: f64| match n {
        n if n >= 1e6 => format!("{:.2} M", n / 1e6),
        n if n >= 1e3 => format!("{:.1} k", n / 1e3),
        n => format!("{n:.0}"),
    };
    let share = |all: f64, one: f64| format!("{:.2}", all / threads as f64 / one);
    let mut cells = vec![
        name,
        short(f.board_evaluations),
        short(f.board_moves),
        short(f.evaluations),
        short(f.moves),
        share(f.evaluations, f.board_evaluations),
        share(f.moves, f.board_moves),
        f.row.to_string(),
        f.state.to_string(),
    ];
    match &f.device {
        Some(d) => {
            let memory = if d.shared { "shared" } else { "device" };
            let work = format!(
                "{} individuals, states in {memory} memory, at most {} warps on each of {}, {} copied a generation",
                d.individuals,
                d.warps,
                d.multiprocessors,
                Bytes::new(d.copied)
            );
            cells.extend([short(d.evaluations), short(d.moves), work]);
        }
        None => cells.extend(["none".to_owned()]),
    }
    cells
}

fn as_json(name: &str, threads: usize, f: &Figures) -> serde_json::Value {
    let device = f.device.as_ref().map(|d| {
        json!({
            "individuals": d.individuals,
            "warps_each": d.warps,
            "multiprocessors": d.multiprocessors,
            "states_in_shared_memory": d.shared,
            "evaluations_per_second": d.evaluations,
            "moves_per_second": d.moves,
            "bytes_copied_per_generation": d.copied,
        })
    });
    json!({
        "event": "bench",
        "instance": name,
        "threads": threads,
        "board": { "evaluations_per_second": f.board_evaluations, "moves_per_second": f.board_moves },
        "population": { "evaluations_per_second": f.evaluations, "moves_per_second": f.moves },
        "row_bytes": f.row,
        "state_bytes": f.state,
        "device": device,
    })
}
