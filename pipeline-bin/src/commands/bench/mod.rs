//! `stagecoach bench`: how fast, and how good, a stage is on this machine.

mod conflicts;
mod ga;
mod method;
mod repair;

use crate::args::{Bench, Benched};
use crate::commands::doctor::instances_folder;
use crate::exit::Exit;
use anyhow::{Context as _, Result, anyhow};
use memguard::{Bytes, Guard};
use moves::Draws;
use pipeline::{Budget, Cancel, Context, Ledger, NoProgress, Plan, Stage, Stop};
use stage0_load::generate::{Campus, campus};
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::Annealing;
use stage3_rl::MinConflicts;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use timetable::{Problem, Timetable, check};

pub(super) fn run(args: &Bench, json: bool) -> Result<Exit> {
    match args.what {
        Benched::Ga => ga::run(args, json),
        Benched::Repair => repair::run(args, json),
        Benched::Conflicts => conflicts::run(args, json),
    }
}

/// Where a problem comes from.
pub(super) enum Source {
    File(PathBuf),
    Campus,
}

impl Source {
    /// Its name, and the plan in it.
    pub(super) fn plan(&self) -> Result<(String, Plan)> {
        match self {
            Source::Campus => Ok(("campus".into(), Plan::new(Arc::new(campus(&Campus::new(1)))))),
            Source::File(path) => {
                // A plan is called what the folder of the run is called.
                let path_of_run = path.parent().filter(|_| path.ends_with("plan"));
                let file = path_of_run.unwrap_or(path).file_name().unwrap_or_default().to_string_lossy();
                let name = file.split('.').next().unwrap_or_default().to_owned();
                Ok((name, scheduler::load(path)?))
            }
        }
    }
}

/// Those named; else every CB-CTT and ITC-2019 instance at hand, and the campus.
pub(super) fn sources(named: &[PathBuf]) -> Vec<Source> {
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

/// Steps for a timetable to begin with, where none is given: of each stage.
const FIRST: u64 = 10_000_000;

/// A problem with a valid timetable.
pub(super) struct InUse {
    pub(super) name: String,
    pub(super) problem: Arc<Problem>,
    pub(super) timetable: Timetable,
}

impl Source {
    /// With a valid timetable: its own, or one made by the first stages; `None`, with a warning,
    /// where they find none.
    pub(super) fn in_use(&self) -> Result<Option<InUse>> {
        let (name, mut plan) = self.plan()?;
        if plan.timetable.is_none() {
            let stages: [&dyn Stage; 3] = [&Greedy, &MinConflicts, &Annealing::default()];
            for stage in stages {
                plan = stage.run(plan, &context(1, Budget::Steps(FIRST))).map_err(|e| anyhow!("{name}: {e}"))?;
            }
        }
        let timetable = plan.timetable.context("the stages made no timetable")?;
        if !check(&plan.problem, &timetable).score.is_valid() {
            tracing::warn!("{name}: left out: no valid timetable to begin with was found");
            return Ok(None);
        }
        Ok(Some(InUse { name, problem: plan.problem, timetable }))
    }
}

/// The mean and half of its 95 % confidence interval, normally distributed.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> String {
    let values: Vec<f64> = values.collect();
    let n = values.len() as f64;
    if values.is_empty() {
        return "-".to_owned();
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0).max(1.0);
    format!("{mean:.2} ±{:.2}", 1.96 * (variance / n).sqrt())
}

/// Samples of which an interval is made.
const SAMPLES: usize = 2_000;

/// The first of all pairs together over the second, with its 95 % interval by drawing pairs anew
/// (bootstrap).
pub(super) fn ratio(pairs: &[(f64, f64)]) -> String {
    let of = |pairs: &mut dyn Iterator<Item = &(f64, f64)>| {
        let (a, b) = pairs.fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        if b == 0.0 { f64::NAN } else { a / b }
    };
    let all = of(&mut pairs.iter());
    if !all.is_finite() {
        return "-".to_owned();
    }
    let mut draws = Draws::new(1, [0, 0]);
    draws.next_step();
    let mut samples: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let drawn: Vec<(f64, f64)> = (0..pairs.len()).map(|_| pairs[draws.below(pairs.len())]).collect();
            of(&mut drawn.iter())
        })
        .filter(|ratio| ratio.is_finite())
        .collect();
    samples.sort_by(f64::total_cmp);
    let at = |share: f64| samples[((samples.len() - 1) as f64 * share).round() as usize];
    format!("{all:.2} [{:.2}, {:.2}]", at(0.025), at(0.975))
}

pub(super) fn context(threads: usize, budget: Budget) -> Context {
    Context {
        seed: 1,
        stop: Stop::new(Cancel::default(), budget),
        ledger: Ledger::new(Guard::of_this_process(None).limit(), Bytes::ZERO),
        threads,
        progress: Arc::new(NoProgress),
        best: Arc::new(NoProgress),
        work_folder: std::env::temp_dir(),
        judge: pipeline::checker(),
    }
}
