//! `stagecoach check`: a timetable's score by every rule, and what it violates.

use crate::args::Check;
use crate::exit::Exit;
use crate::{output, summary};
use anyhow::Result;
use scheduler::{Reading, solutions};
use serde_json::json;

pub(super) fn run(args: &Check, json: bool) -> Result<Exit> {
    let problem = scheduler::load_as(&args.input, Reading::lenient(args.lenient))?.problem;
    let timetable = solutions::load(&problem, &args.solution, &args.input)?;
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
