//! `stagecoach bench repair`: ways to mend a timetable in use, side by side on the same disruptions.

use super::way::{Way, ways};
use super::{InUse, context, mean, sources};
use crate::args::Bench;
use crate::exit::Exit;
use crate::tables::columns;
use crate::{ortools, output};
use anyhow::{Context as _, Result, anyhow};
use pipeline::{Budget, Plan};
use serde_json::json;
use stage3_rl::disrupt::Disruption;
use stage3_rl::{FewestChanges, Moves, changed_students};
use std::sync::Arc;
use std::time::{Duration, Instant};
use timetable::{Problem, Timetable, amend, check};

/// The name of CP-SAT alone.
const EXACT: &str = "cpsat";

/// A timetable that has to be mended.
struct Case {
    instance: String,
    kind: Disruption,
    problem: Arc<Problem>,
    home: Timetable,
}

/// What came of one way on one case.
struct Outcome {
    valid: bool,
    changed: usize,
    students: usize,
    /// By how much the penalty rose.
    penalty: i64,
    seconds: f64,
    /// Decisions, and classes moved, of those that count them.
    moves: Option<Moves>,
}

pub(super) fn run(args: &Bench, json: bool) -> Result<Exit> {
    let exact = ortools::changes()?;
    let time = args.time.0;
    let mut ways = ways(&args.weights, true);
    ways.insert(0, Way::stage(FewestChanges));
    ways.push(Way::stage(exact));
    let times: Vec<Duration> =
        ways.iter().map(|way| if way.name == EXACT { args.exact.map_or(time, |t| t.0) } else { time }).collect();
    let sources = sources(&args.inputs);
    // As many of each kind on each instance.
    let each = args.cases.div_ceil(sources.len() * Disruption::ALL.len()).max(1);
    let mut outcomes: Vec<(Disruption, Vec<Outcome>)> = Vec::new();
    for source in &sources {
        let Some(in_use) = source.in_use()? else { continue };
        for kind in Disruption::ALL {
            for seed in 1..=each as u64 {
                let Some(case) = disrupted(&in_use, kind, seed)? else { continue };
                let each = ways.iter().zip(&times).map(|(way, &time)| mend(way, &case, seed, time));
                let of = each.collect::<Result<Vec<_>>>()?;
                if json {
                    ways.iter().zip(&of).for_each(|(way, outcome)| output::line(as_json(&case, seed, way, outcome)));
                }
                outcomes.push((kind, of));
            }
        }
    }
    if !json {
        output::text(table(&ways, &outcomes));
    }
    Ok(Exit::Done)
}

/// `None` where nothing is broken by it.
fn disrupted(given: &InUse, kind: Disruption, seed: u64) -> Result<Option<Case>> {
    let problem = &given.problem;
    let mut in_use = given.timetable.clone();
    let changes = kind.draw(problem, &mut in_use, seed);
    let amended = amend(problem, &changes)?;
    let home = amended.carry(problem, &in_use);
    let problem = Arc::new(amended.problem);
    let broken = !check(&problem, &home).score.is_valid();
    Ok(broken.then(|| Case { instance: given.name.clone(), kind, problem, home }))
}

fn mend(way: &Way, case: &Case, seed: u64, time: Duration) -> Result<Outcome> {
    let before = check(&case.problem, &case.home).score;
    let plan = Plan::new(Arc::clone(&case.problem)).with_timetable(case.home.clone(), before);
    let begun = Instant::now();
    let ctx = pipeline::Context { seed, ..context(1, Budget::Until(begun + time)) };
    let (plan, moves) = (way.run)(plan, &ctx).map_err(|e| anyhow!("{} on {}: {e}", way.name, case.instance))?;
    let seconds = begun.elapsed().as_secs_f64();
    let now = plan.timetable.context("a repair gives a timetable")?;
    let score = check(&case.problem, &now).score;
    let changed = case.home.placements.iter().zip(&now.placements).filter(|(a, b)| a != b).count();
    let students = changed_students(&case.problem, &case.home, &now);
    Ok(Outcome { valid: score.is_valid(), changed, students, penalty: score.penalty - before.penalty, seconds, moves })
}

fn as_json(case: &Case, seed: u64, way: &Way, outcome: &Outcome) -> serde_json::Value {
    json!({
        "event": "bench",
        "instance": case.instance,
        "disruption": case.kind.name(),
        "seed": seed,
        "way": way.name,
        "valid": outcome.valid,
        "changed": outcome.changed,
        "students": outcome.students,
        "penalty": outcome.penalty,
        "seconds": outcome.seconds,
        "steps": outcome.moves.map(|m| m.steps),
        "moved": outcome.moves.map(|m| m.moved),
    })
}

/// Whether every way but CP-SAT alone has mended it.
fn mended_by_all(ways: &[Way], of: &[Outcome]) -> bool {
    ways.iter().zip(of).all(|(way, o)| o.valid || way.name == EXACT)
}

/// A line for each kind of disruption and each way; means over the cases that every way mends.
fn table(ways: &[Way], outcomes: &[(Disruption, Vec<Outcome>)]) -> String {
    let head = ["disruption", "way", "mended", "changed classes", "students", "penalty", "steps", "moves", "seconds"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let kinds = Disruption::ALL.into_iter().map(Some).chain([None]);
    for kind in kinds {
        let of: Vec<&Vec<Outcome>> =
            outcomes.iter().filter(|(k, _)| kind.is_none_or(|kind| kind == *k)).map(|(_, of)| of).collect();
        for (w, way) in ways.iter().enumerate() {
            let mended = of.iter().filter(|of| of[w].valid).count();
            let both = || of.iter().filter(|of| mended_by_all(ways, of)).map(|of| &of[w]).filter(|o| o.valid);
            let name = if w == 0 { kind.map_or("all", Disruption::name) } else { "" };
            rows.push(vec![
                name.to_owned(),
                way.name.clone(),
                format!("{mended} of {}", of.len()),
                mean(both().map(|o| o.changed as f64)),
                mean(both().map(|o| o.students as f64)),
                mean(both().map(|o| o.penalty as f64)),
                mean(both().filter_map(|o| o.moves).map(|m| m.steps as f64)),
                mean(both().filter_map(|o| o.moves).map(|m| m.moved as f64)),
                mean(both().map(|o| o.seconds)),
            ]);
        }
    }
    format!(
        "Means with 95 % confidence intervals, over the disruptions that every way but {EXACT} mends (of {EXACT}: those among them that it mends).\n{}",
        columns(&rows, &[2, 3, 4, 5, 6, 7, 8])
    )
}
