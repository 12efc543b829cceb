//! `stagecoach bench`: how fast a stage is on this machine.

use crate::args::{Bench, Benched};
use crate::commands::doctor::instances_folder;
use crate::exit::Exit;
use crate::tables::columns;
use crate::{inputs, output};
use anyhow::{Context as _, Result, anyhow};
use memguard::{Bytes, Guard};
use pipeline::{Budget, Cancel, Context, Ledger, Plan, Silent, Stage, Stop};
use serde_json::json;
use stage0_load::generate::{Campus, campus};
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::{Figures, measure};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use timetable::Problem;

/// Steps of the first timetable.
const FIRST: u64 = 3_000_000;

pub(super) fn run(args: &Bench, json: bool) -> Result<Exit> {
    let Benched::Ga = args.what;
    let threads = args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)).max(1);
    let mut rows = Vec::new();
    for source in sources(&args.inputs) {
        let (name, problem) = source.problem()?;
        let plan =
            Greedy.run(Plan::new(Arc::clone(&problem)), &context(threads)).map_err(|e| anyhow!("{name}: {e}"))?;
        let start = plan.timetable.context("greedy gives a timetable")?;
        let figures = measure(&problem, None, &start, threads, args.gpu).map_err(|e| anyhow!("{name}: {e}"))?;
        if json {
            output::line(as_json(&name, threads, &figures));
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

/// Where a problem comes from.
enum Source {
    File(PathBuf),
    Campus,
}

impl Source {
    fn problem(&self) -> Result<(String, Arc<Problem>)> {
        match self {
            Source::Campus => Ok(("campus".into(), Arc::new(campus(&Campus::new(1))))),
            Source::File(path) => {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let name = file.split('.').next().unwrap_or_default().to_owned();
                Ok((name, inputs::load(path)?.problem))
            }
        }
    }
}

/// Those named; else every CB-CTT and ITC-2019 instance at hand, and the campus.
fn sources(named: &[PathBuf]) -> Vec<Source> {
    if !named.is_empty() {
        return named.iter().cloned().map(Source::File).collect();
    }
    let files = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        files.sort();
        files
    };
    let families = ["cb-ctt", "itc2019"].into_iter();
    let found = instances_folder().map(|folder| families.flat_map(|f| files(&folder.join(f))).collect::<Vec<_>>());
    found.unwrap_or_default().into_iter().map(Source::File).chain([Source::Campus]).collect()
}

fn context(threads: usize) -> Context {
    Context {
        seed: 1,
        stop: Stop::new(Cancel::default(), Budget::Steps(FIRST)),
        ledger: Ledger::new(Guard::of_this_process(None).limit(), Bytes::ZERO),
        threads,
        progress: Arc::new(Silent),
        best: Arc::new(Silent),
        work_folder: std::env::temp_dir(),
    }
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
