//! `stagecoach bench conflicts`: ways to resolve conflicts, side by side on timetables that many
//! were put into.

use super::method::{RepairMethod, methods};
use super::{InUse, context, sources};
use crate::args::Bench;
use crate::exit::Exit;
use crate::output;
use crate::tables::columns;
use anyhow::{Result, anyhow};
use pipeline::{Budget, Plan, Progress, ProgressSink};
use serde_json::json;
use stage3_rl::disrupt::inject;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use timetable::{Score, Timetable, check};

/// Conflicts over time: hard violations and unplaced classes are given at these parts of the time.
const AT: [f64; 6] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0];

/// Notes when things got better.
struct Curve {
    begun: Instant,
    points: Mutex<Vec<(Duration, i64)>>,
}

impl ProgressSink for Curve {
    fn report(&self, progress: Progress) {
        if let (Some(score), Ok(mut points)) = (progress.best, self.points.lock()) {
            points.push((self.begun.elapsed(), trouble(score)));
        }
    }
}

fn trouble(score: Score) -> i64 {
    score.hard + i64::from(score.unplaced)
}

/// What came of one way.
struct Outcome {
    points: Vec<(Duration, i64)>,
    left: i64,
    /// When nothing was left.
    seconds: f64,
    moved: u64,
    penalty: i64,
}

pub(super) fn run(args: &Bench, json: bool) -> Result<Exit> {
    let methods = methods(&args.weights, false)?;
    let mut head = vec!["instance".to_owned(), "conflicts".into(), "way".into()];
    head.extend(AT.iter().map(|at| format!("{:.1} s", at * args.time.0.as_secs_f64())));
    head.extend(["solved after".to_owned(), "moves".into(), "penalty".into()]);
    let mut rows = vec![head];
    for source in sources(&args.inputs) {
        let Some(given) = source.in_use()? else { continue };
        for &least in &args.injected {
            for seed in 1..=args.seeds {
                let Some(broken) = inject(&given.problem, &given.timetable, least, seed) else {
                    tracing::warn!("{}: {least} conflicts cannot be put in", given.name);
                    continue;
                };
                for method in &methods {
                    let (before, outcome) = resolve(method, &given, &broken, seed, args.time.0)?;
                    if json {
                        output::event(as_json(&given.name, least, seed, method, before, &outcome));
                    }
                    rows.push(row(&given.name, before, method, &outcome, args.time.0));
                }
            }
        }
    }
    if !json {
        output::text(columns(&rows, &(1..rows[0].len()).filter(|&c| c != 2).collect::<Vec<_>>()));
    }
    Ok(Exit::Done)
}

fn resolve(
    method: &RepairMethod,
    given: &InUse,
    broken: &Timetable,
    seed: u64,
    time: Duration,
) -> Result<(i64, Outcome)> {
    let before = check(&given.problem, broken).score;
    let plan = Plan::new(Arc::clone(&given.problem)).with_timetable(broken.clone(), before);
    let begun = Instant::now();
    let curve = Arc::new(Curve { begun, points: Mutex::new(Vec::new()) });
    let progress: Arc<dyn ProgressSink> = curve.clone();
    let ctx = pipeline::Context { seed, progress, ..context(1, Budget::Until(begun + time)) };
    let (plan, moves) = (method.run)(plan, &ctx).map_err(|e| anyhow!("{} on {}: {e}", method.name, given.name))?;
    let seconds = begun.elapsed().as_secs_f64();
    let Some(now) = plan.timetable else { return Err(anyhow!("{}: it made no timetable", method.name)) };
    let score = check(&given.problem, &now).score;
    if trouble(score) > trouble(before) {
        return Err(anyhow!("{} on {}: conflicts rose from {before} to {score}", method.name, given.name));
    }
    let points = curve.points.lock().map_or_else(|_| Vec::new(), |points| points.clone());
    let moved = moves.map_or(0, |moves| moves.moved);
    Ok((trouble(before), Outcome { points, left: trouble(score), seconds, moved, penalty: score.penalty }))
}

/// What was left at a moment.
fn left_at(outcome: &Outcome, before: i64, at: Duration) -> i64 {
    outcome.points.iter().take_while(|(when, _)| *when <= at).map(|p| p.1).min().unwrap_or(before)
}

fn row(instance: &str, before: i64, method: &RepairMethod, outcome: &Outcome, time: Duration) -> Vec<String> {
    let mut row = vec![instance.to_owned(), before.to_string(), method.name.clone()];
    row.extend(AT.iter().map(|&at| match at {
        1.0 => outcome.left.to_string(),
        _ => left_at(outcome, before, time.mul_f64(at)).to_string(),
    }));
    row.push(if outcome.left == 0 { format!("{:.2} s", outcome.seconds) } else { "-".into() });
    row.extend([outcome.moved.to_string(), outcome.penalty.to_string()]);
    row
}

fn as_json(
    instance: &str,
    least: u64,
    seed: u64,
    method: &RepairMethod,
    before: i64,
    outcome: &Outcome,
) -> serde_json::Value {
    let curve: Vec<_> = outcome.points.iter().map(|(when, left)| (when.as_secs_f64(), left)).collect();
    json!({
        "event": "bench",
        "instance": instance,
        "injected": least,
        "seed": seed,
        "way": method.name,
        "before": before,
        "left": outcome.left,
        "seconds": outcome.seconds,
        "moved": outcome.moved,
        "penalty": outcome.penalty,
        "curve": curve,
    })
}
