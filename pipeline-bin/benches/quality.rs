//! What `solve` reaches on the instances at hand, as a table:
//! `cargo bench -p pipeline-bin --bench quality [-- NAME...]`.
//!
//! `STAGECOACH_SOLVE` holds the options of `solve` (`--steps 20000000 --threads 1` by default),
//! `STAGECOACH_SEEDS` how many seeds. Several sets of options, with `|` between them, are compared:
//! the last column is the mean of the first over the least mean of the others. The instances are
//! those in `STAGECOACH_INSTANCES` (or `../shared/instances` beside the workspace), or those named,
//! and `campus`, which is generated. A row is printed as soon as it is known, so a long table can
//! be made in parts. Every total of a valid timetable is confirmed by the evaluators in
//! `STAGECOACH_TOOLS` (or `../shared/tools`), where there is one for the format.

#![allow(clippy::print_stdout)] // its table is what it is for

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One run: what it claims.
struct Run {
    score: String,
    penalty: Option<i64>,
    seconds: f64,
    megabytes: f64,
    confirmed: bool,
}

fn name(instance: &Path) -> String {
    instance.file_name().map_or(String::new(), |n| n.to_string_lossy().split('.').next().unwrap_or_default().to_owned())
}

/// What an evaluator says a solution costs, if there is one for it and it is valid.
fn evaluated(instance: &Path, out: &Path) -> Option<i64> {
    let tools = needs::folder("STAGECOACH_TOOLS", "tools")?;
    let solutions = [("eval_itc2019.py", "solution.xml"), ("eval_cbctt.py", "solution.sol")];
    let (evaluator, solution) = solutions.into_iter().find(|(_, solution)| out.join(solution).exists())?;
    let output =
        Command::new("python3").arg(tools.join(evaluator)).arg(instance).arg(out.join(solution)).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verdict: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON line");
    assert_eq!(verdict["hard_count"], 0, "{}: {verdict}", instance.display());
    verdict["total"].as_i64()
}

fn run(instance: &Path, options: &str, seed: u64) -> Run {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagecoach"));
    command.arg("solve").arg(instance).args(options.split_whitespace());
    command.args(["--seed", &seed.to_string(), "--json", "-q", "--out"]).arg(&out).stdin(Stdio::null());
    let ran = command.output().expect("the program runs");
    assert!(matches!(ran.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8_lossy(&ran.stdout);
    let result: serde_json::Value =
        serde_json::from_str(text.lines().last().expect("a result")).expect("the result is JSON");
    let score = &result["score"];
    let penalty = (result["valid"] == true).then(|| score["penalty"].as_i64()).flatten();
    let evaluated = penalty.and_then(|_| evaluated(instance, &out));
    if let (Some(claimed), Some(found)) = (penalty, evaluated) {
        assert_eq!(claimed, found, "{}: the evaluator finds another total", instance.display());
    }
    Run {
        score: penalty.map_or_else(|| format!("not valid: {score}"), |penalty| penalty.to_string()),
        penalty,
        seconds: result["seconds"].as_f64().unwrap_or(0.0),
        megabytes: result["memory"]["peak"].as_f64().unwrap_or(0.0) / 1e6,
        confirmed: evaluated.is_some(),
    }
}

fn main() {
    let named: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let options = env::var("STAGECOACH_SOLVE").unwrap_or_else(|_| "--steps 20000000 --threads 1".to_owned());
    let sets: Vec<&str> = options.split('|').map(str::trim).collect();
    let seeds: u64 = env::var("STAGECOACH_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let place = tempfile::tempdir().expect("a folder");
    let campus = place.path().join("campus");
    let made = Command::new(env!("CARGO_BIN_EXE_stagecoach")).args(["generate", "campus"]).arg(&campus).output();
    assert!(made.expect("the program runs").status.success());
    let families = ["cb-ctt", "pe-ctt", "itc2019"].into_iter().flat_map(needs::instances);
    let instances: Vec<PathBuf> = families.chain([campus]).collect();
    for (k, set) in (1..).zip(&sets) {
        println!("{k}. `solve {set}`, seeds 1 to {seeds}");
    }
    println!("\n| instance | options | penalties | mean | seconds | peak memory | confirmed | to the best |");
    println!("|---|---|---|---:|---:|---:|---|---:|");
    for instance in instances.iter().filter(|i| named.is_empty() || named.contains(&name(i))) {
        let means: Vec<Option<f64>> = (1..).zip(&sets).map(|(k, set)| row(instance, k, set, seeds)).collect();
        let others = means[1..].iter().flatten().copied().reduce(f64::min);
        if let Some((first, best)) = means[0].zip(others) {
            println!("| {} | | | | | | | {:.3} |", name(instance), first / best);
        }
    }
}

/// A row of the table; the mean, where every timetable is valid.
fn row(instance: &Path, number: usize, options: &str, seeds: u64) -> Option<f64> {
    let runs: Vec<Run> = (1..=seeds).map(|seed| run(instance, options, seed)).collect();
    let list = |of: &dyn Fn(&Run) -> String| runs.iter().map(of).collect::<Vec<_>>().join(", ");
    let penalties: Option<Vec<i64>> = runs.iter().map(|run| run.penalty).collect();
    let mean = penalties.map(|p| p.iter().sum::<i64>() as f64 / p.len() as f64);
    let most = |of: &dyn Fn(&Run) -> f64| runs.iter().map(of).fold(0.0, f64::max);
    println!(
        "| {} | {number} | {} | {} | {:.0} | {:.1} MB | {} | |",
        name(instance),
        list(&|run| run.score.clone()),
        mean.map_or("-".to_owned(), |mean| format!("{mean:.1}")),
        most(&|run| run.seconds),
        most(&|run| run.megabytes),
        if runs.iter().all(|run| run.confirmed) { "by an evaluator" } else { "by the checker" },
    );
    mean
}
