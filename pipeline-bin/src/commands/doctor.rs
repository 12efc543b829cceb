//! `stagecoach doctor`: what was found, before anything is run.

use crate::args::Doctor;
use crate::exit::Exit;
use crate::output;
use crate::tables::columns;
use anyhow::Result;
use memguard::{Guard, can_make_groups, cross_check};
use serde_json::json;
use stage2a_cpsat::ortools::{self, Finding};
use stage2a_cpsat::worker::self_test;
use stage2b_gpu_ga::found_device;
use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

pub(super) fn run(args: &Doctor, json: bool) -> Result<Exit> {
    let guard = Guard::of_this_process(args.memory);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let folder = instances_folder();
    let instances = folder.as_deref().map_or(0, |folder| count_files(folder, 3));
    let opinions = cross_check(guard.limits());
    let readings = guard.readings();
    let solver = solver();
    if json {
        let candidates = guard
            .limits()
            .candidates()
            .iter()
            .map(|c| json!({ "source": c.source.to_string(), "bytes": c.value, "verdict": c.verdict.to_string() }));
        output::event(json!({
            "event": "doctor",
            "version": env!("CARGO_PKG_VERSION"),
            "memory": {
                "limit": guard.limit(),
                "source": guard.limits().holding().source.to_string(),
                "candidates": candidates.collect::<Vec<_>>(),
                "resident": readings.resident,
                "available": readings.available,
            },
            "sysinfo_agrees": opinions.iter().all(memguard::Comparison::agrees),
            "threads": threads,
            "groups_for_workers": can_make_groups(),
            "ortools": match &solver {
                Ok((library, version, took)) => {
                    json!({ "library": library, "version": version, "self_test_seconds": took.as_secs_f64() })
                }
                Err(why) => json!({ "error": why }),
            },
            "device": match found_device() {
                Ok(found) => json!({ "name": found.name, "free": found.free, "bytes": found.all }),
                Err(why) => json!({ "error": why.to_string() }),
            },
            "instances": { "folder": folder, "files": instances },
        }));
        return Ok(Exit::Done);
    }
    let mut text = format!("stagecoach {}, {} {}\n", env!("CARGO_PKG_VERSION"), env::consts::OS, env::consts::ARCH);
    text += &format!("problem blocks: version {}\n", timetable::BLOCK_VERSION);
    text += &format!("\nMemory limit: {} ({})\n", guard.limit(), guard.limits().holding().source);
    let row = |c: &memguard::Candidate| {
        let value = c.value.map_or("none".to_owned(), |bytes| bytes.to_string());
        vec![c.source.to_string(), value, c.verdict.to_string()]
    };
    text += &columns(&guard.limits().candidates().iter().map(row).collect::<Vec<_>>(), &[1]);
    text += "\nIn use\n";
    let amount = |bytes: Option<memguard::Bytes>| bytes.map_or("unknown".to_owned(), |bytes| bytes.to_string());
    let mut gauges = vec![
        vec!["this process".to_owned(), amount(readings.resident)],
        vec!["of it allocated".to_owned(), amount(readings.allocated)],
        vec!["the machine could still give".to_owned(), amount(readings.available)],
    ];
    if let Some((folder, group)) = guard.group() {
        let name = format!("control group {}", folder.display());
        gauges.push(vec![name, format!("{} of {}", group.used, group.limit)]);
    }
    text += &columns(&gauges, &[]);
    text += "\nCross-check\n";
    for opinion in opinions {
        text += &format!("  {opinion}\n");
    }
    text += &format!("\nThreads: {threads}\n");
    let cap = if can_make_groups() { "a control group" } else { "a resource limit (no control group can be made)" };
    text += &format!("Workers: each capped by {cap}\n");
    text += &match found_device() {
        Ok(found) => format!("Device: {found}\n"),
        Err(why) => format!("Device: none ({why})\n"),
    };
    text += &match solver {
        Ok((library, version, took)) => {
            format!("OR-Tools: {version}, self-test passed in {:.2} s, {}\n", took.as_secs_f64(), library.display())
        }
        Err(why) => format!("OR-Tools: {why}\n"),
    };
    text += &match folder {
        Some(folder) => format!("Instances: {instances} files in {}\n", folder.display()),
        None => "Instances: none (STAGECOACH_INSTANCES names the folder)\n".to_owned(),
    };
    output::text(text);
    Ok(Exit::Done)
}

/// OR-Tools: the library, its version, and how long a worker took for a question of which the
/// answer is known.
fn solver() -> Result<(PathBuf, String, Duration), String> {
    match ortools::find() {
        Finding::Nowhere => Err("none (`stagecoach setup` fetches it; without it the stage `cpsat` is greedy)".into()),
        Finding::NotWhereNamed(path) => {
            Err(format!("{} names {}, where there is no such file", ortools::VARIABLE, path.display()))
        }
        Finding::Found(path) => {
            let program = scheduler::ortools::worker_with(path.clone()).map_err(|why| why.to_string())?;
            let (version, took) = self_test(&program).map_err(|why| format!("{}: {why}", path.display()))?;
            Ok((path, version, took))
        }
    }
}

/// The folder of benchmark instances: named by `STAGECOACH_INSTANCES`, or beside the checkout.
pub(super) fn instances_folder() -> Option<PathBuf> {
    let named = env::var_os("STAGECOACH_INSTANCES").map(PathBuf::from);
    named.into_iter().chain([PathBuf::from("../shared/instances")]).find(|folder| folder.is_dir())
}

fn count_files(folder: &Path, depth: u32) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => count_files(&entry.path(), depth - 1),
            Ok(kind) if kind.is_file() => 1,
            _ => 0,
        })
        .sum()
}
