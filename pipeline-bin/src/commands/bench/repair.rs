//! `stagecoach bench repair`: ways to mend a timetable in use, side by side on the same
//! disruptions.

use super::method::{LOOK_AHEAD, MIN_CONFLICTS, RepairMethod, methods};
use super::{InUse, context, mean, ratio, sources};
use crate::args::Bench;
use crate::exit::Exit;
use crate::output;
use crate::tables::columns;
use anyhow::{Context as _, Result, anyhow};
use pipeline::{Budget, Plan};
use scheduler::ortools;
use serde_json::json;
use stage3_rl::disrupt::Disruption;
use stage3_rl::{FewestChanges, Moves, Order, changed_students};
use std::sync::Arc;
use std::time::{Duration, Instant};
use timetable::{Problem, Timetable, amend, check};

/// The name of CP-SAT alone.
const EXACT: &str = "cpsat";
/// It is hard where min-conflicts moves more often than so many times the classes that have to
/// change, or fails.
const HARD: f64 = 1.5;

/// A timetable that has to be mended.
struct Case {
    instance: String,
    kind: Disruption,
    problem: Arc<Problem>,
    home: Timetable,
    /// So many classes have to change, whatever is done.
    least: u32,
}

/// A case, and what came of each way.
struct Compared {
    kind: Disruption,
    least: u32,
    hard: bool,
    of: Vec<Outcome>,
}

/// What came of one way on one case.
struct Outcome {
    valid: bool,
    changed: u32,
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
    let mut methods = methods(&args.weights, true)?;
    methods.insert(0, RepairMethod::stage(FewestChanges::default()));
    methods.push(RepairMethod::stage(exact));
    let times: Vec<Duration> = methods
        .iter()
        .map(|method| if method.name == EXACT { args.exact.map_or(time, |t| t.0) } else { time })
        .collect();
    let sources = sources(&args.inputs);
    // As many of each kind on each instance.
    let kinds = || Disruption::EASY.into_iter().chain(Disruption::HARD);
    let each = args.cases.div_ceil(sources.len() * kinds().count()).max(1);
    let yardstick = methods.iter().position(|method| method.name == MIN_CONFLICTS);
    let mut outcomes: Vec<Compared> = Vec::new();
    for source in &sources {
        let Some(in_use) = source.in_use()? else { continue };
        for kind in kinds() {
            for seed in 1..=each as u64 {
                let Some(case) = disrupted(&in_use, kind, seed)? else { continue };
                let each = methods.iter().zip(&times).map(|(method, &time)| repair(method, &case, seed, time));
                let of = each.collect::<Result<Vec<_>>>()?;
                let hard = yardstick.is_some_and(|k| is_hard(&of[k], case.least));
                if json {
                    let line = |method: &RepairMethod, outcome: &Outcome| {
                        output::event(as_json(&case, seed, hard, method, outcome))
                    };
                    methods.iter().zip(&of).for_each(|(method, outcome)| line(method, outcome));
                }
                outcomes.push(Compared { kind, least: case.least, hard, of });
            }
        }
    }
    if !json {
        output::text(strata(&methods, &outcomes) + "\n" + &table(&methods, &outcomes));
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
    if !broken {
        return Ok(None);
    }
    let least = FewestChanges::default().least(&problem, &home, &context(1, Budget::Steps(0)));
    let least = least.map_err(|e| anyhow!("{}: {e}", given.name))?;
    Ok(Some(Case { instance: given.name.clone(), kind, problem, home, least }))
}

fn is_hard(outcome: &Outcome, least: u32) -> bool {
    let moved = outcome.moves.map_or(0, |moves| moves.moved);
    !outcome.valid || moved as f64 > HARD * f64::from(least)
}

fn repair(method: &RepairMethod, case: &Case, seed: u64, time: Duration) -> Result<Outcome> {
    let before = check(&case.problem, &case.home).score;
    let plan = Plan::new(Arc::clone(&case.problem)).with_timetable(case.home.clone(), before);
    let begun = Instant::now();
    let ctx = pipeline::Context { seed, ..context(1, Budget::Until(begun + time)) };
    let (plan, moves) = (method.run)(plan, &ctx).map_err(|e| anyhow!("{} on {}: {e}", method.name, case.instance))?;
    let seconds = begun.elapsed().as_secs_f64();
    let now = plan.timetable.context("the repair made no timetable")?;
    let score = check(&case.problem, &now).score;
    let (_, changed) = Order::Classes.changes(&case.home, &now);
    let students = changed_students(&case.problem, &case.home, &now);
    Ok(Outcome { valid: score.is_valid(), changed, students, penalty: score.penalty - before.penalty, seconds, moves })
}

fn as_json(case: &Case, seed: u64, hard: bool, method: &RepairMethod, outcome: &Outcome) -> serde_json::Value {
    json!({
        "event": "bench",
        "instance": case.instance,
        "disruption": case.kind.name(),
        "seed": seed,
        "stratum": if hard { "hard" } else { "easy" },
        "least": case.least,
        "way": method.name,
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
fn repaired_by_all(methods: &[RepairMethod], of: &[Outcome]) -> bool {
    methods.iter().zip(of).all(|(method, o)| o.valid || method.name == EXACT)
}

/// A line for each stratum and each way: how many are mended; classes that change and placements
/// beyond those that have to change, as ratios to what min-conflicts needs, and classes that change
/// to what look-ahead 1 changes, each over the cases that both mend.
fn strata(methods: &[RepairMethod], outcomes: &[Compared]) -> String {
    let position = |name: &str| methods.iter().position(|method| method.name == name);
    let (Some(yardstick), Some(ahead)) = (position(MIN_CONFLICTS), position(LOOK_AHEAD)) else { return String::new() };
    let exact = position(EXACT);
    let head = [
        "stratum",
        "way",
        "mended",
        "of CP-SAT's",
        "changed / min-conflicts",
        "excess / min-conflicts",
        "changed / look-ahead 1",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for hard in [false, true] {
        let cases: Vec<&Compared> = outcomes.iter().filter(|c| c.hard == hard).collect();
        for (w, method) in methods.iter().enumerate() {
            let both = |other: usize| cases.iter().filter(move |c| c.of[w].valid && c.of[other].valid);
            let changed = |c: &Compared, w: usize| f64::from(c.of[w].changed);
            let excess =
                |c: &Compared, w: usize| c.of[w].moves.map(|moves| (moves.moved as f64 - f64::from(c.least)).max(0.0));
            let pairs =
                |other: usize| -> Vec<(f64, f64)> { both(other).map(|c| (changed(c, w), changed(c, other))).collect() };
            let beyond: Vec<(f64, f64)> =
                both(yardstick).filter_map(|c| excess(c, w).zip(excess(c, yardstick))).collect();
            let solvable = || cases.iter().filter(|c| exact.is_some_and(|k| c.of[k].valid));
            rows.push(vec![
                if w > 0 {
                    ""
                } else if hard {
                    "hard"
                } else {
                    "easy"
                }
                .to_owned(),
                method.name.clone(),
                format!("{} of {}", cases.iter().filter(|c| c.of[w].valid).count(), cases.len()),
                format!("{} of {}", solvable().filter(|c| c.of[w].valid).count(), solvable().count()),
                ratio(&pairs(yardstick)),
                if beyond.is_empty() { "-".to_owned() } else { ratio(&beyond) },
                ratio(&pairs(ahead)),
            ]);
        }
    }
    format!(
        "Hard: min-conflicts moves more than {HARD} times as often as classes have to change, or fails. Ratios of sums, with 95 % intervals by bootstrap over cases.\n{}",
        columns(&rows, &[2, 3, 4, 5, 6])
    )
}

/// A line for each kind of disruption and each way; means over the cases that every way mends.
fn table(methods: &[RepairMethod], outcomes: &[Compared]) -> String {
    let head = ["disruption", "way", "mended", "changed classes", "students", "penalty", "steps", "moves", "seconds"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let kinds = Disruption::EASY.into_iter().chain(Disruption::HARD).map(Some).chain([None]);
    for kind in kinds {
        let of: Vec<&Vec<Outcome>> =
            outcomes.iter().filter(|c| kind.is_none_or(|kind| kind == c.kind)).map(|c| &c.of).collect();
        for (w, method) in methods.iter().enumerate() {
            let repaired = of.iter().filter(|of| of[w].valid).count();
            let both = || of.iter().filter(|of| repaired_by_all(methods, of)).map(|of| &of[w]).filter(|o| o.valid);
            let name = if w == 0 { kind.map_or("all", Disruption::name) } else { "" };
            rows.push(vec![
                name.to_owned(),
                method.name.clone(),
                format!("{repaired} of {}", of.len()),
                mean(both().map(|o| f64::from(o.changed))),
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
