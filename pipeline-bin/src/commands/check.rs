//! `stagecoach check`: a timetable's score by every rule, and what it violates; or what of an input
//! cannot work.

use crate::args::Check;
use crate::exit::Exit;
use crate::{findings, output, summary};
use anyhow::Result;
use scheduler::{Input, Reading, solutions};
use serde_json::json;

pub(super) fn run(args: &Check, json: bool) -> Result<Exit> {
    let input = scheduler::load_as(&args.input, Reading::lenient(args.lenient))?;
    let Some(solution) = &args.solution else { return Ok(input_alone(&input, args.most, json)) };
    // What the tables ask for is said with every timetable, too: it may hold in the letter only.
    for finding in input.origin.iter().flat_map(|origin| origin.asked()) {
        tracing::warn!("{finding}");
    }
    let problem = input.plan.problem;
    let timetable = solutions::load(&problem, solution, &args.input)?;
    let report = timetable::check(&problem, &timetable);
    let exit = Exit::of(report.score);
    if json {
        let most = if args.most == 0 { usize::MAX } else { args.most };
        let violations = report.violations.iter().take(most);
        let described =
            violations.map(|v| json!({ "rule": v.rule.name(), "amount": v.amount, "text": v.describe(&problem) }));
        output::event(json!({
            "event": "check",
            "score": report.score,
            "valid": report.score.is_valid(),
            "exit": exit as i32,
            "by_kind": summary::tallies_json(&report),
            "violations": described.collect::<Vec<_>>(),
            "violations_in_all": report.violations.len() as u64 + report.left_out,
        }));
        return Ok(exit);
    }
    let mut text = format!("{}\n\nScore by kind\n{}", summary::verdict(&report), summary::by_kind(&report));
    let unplaced = scheduler::unplaced(&problem, &timetable);
    if !unplaced.is_empty() {
        text += &format!("\nUnplaced classes ({})\n", unplaced.len());
        text += &summary::unplaced_lines(&problem, &unplaced, args.most);
    }
    let hard = summary::violations(&problem, &report, args.most);
    if !hard.is_empty() {
        text += &format!("\nHard violations ({})\n{hard}", report.score.hard);
    }
    output::text(text);
    Ok(exit)
}

/// What is wrong with an input, before anything is searched.
fn input_alone(input: &Input, most: usize, json: bool) -> Exit {
    let problem = &input.plan.problem;
    let found = input.findings();
    let errors = found.iter().filter(|f| f.is_error()).count();
    let exit = if errors == 0 { Exit::Done } else { Exit::BadInput };
    if json {
        output::event(json!({
            "event": "check",
            "problem": problem.name(problem.meta().name),
            "input": summary::counts(problem),
            "possible": errors == 0,
            "errors": errors,
            "warnings": found.len() - errors,
            "findings": findings::json(&found, Some(problem)),
            "exit": exit as i32,
        }));
        return exit;
    }
    let verdict = match errors {
        0 => "nothing was found that cannot work",
        1 => "1 thing cannot work",
        n => &format!("{n} things cannot work"),
    };
    output::text(format!("{}\n{verdict}\n{}", summary::input(problem), findings::text(&found, most)));
    exit
}
