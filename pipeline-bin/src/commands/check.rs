//! `stagecoach check`: a timetable's score by every rule, and what it violates; or what of an input
//! cannot work.

use crate::args::Check;
use crate::exit::Exit;
use crate::told::List;
use crate::{findings, output, summary, told};
use anyhow::Result;
use scheduler::{Input, solutions, stem, violated};
use serde_json::{Value, json};
use stage0_load::Words;
use timetable::Cost;

/// Lines of each sort that are shown unless `--most` says otherwise.
const MOST_LINES: usize = 20;
/// Lines of a report unless `--most` says otherwise: what a screen has.
const SCREEN: usize = 50;
/// Of these, around each list: an empty line, a heading, how many more there are.
const AROUND: usize = 3;

pub(super) fn run(args: &Check, json: bool) -> Result<Exit> {
    let input = scheduler::load_as(&args.input, args.reading.reading())?;
    let Some(solution) = &args.solution else { return Ok(input_alone(&input, args, json)) };
    // What the tables ask for is said with every timetable, too: it may hold in the letter only.
    for finding in input.origin.iter().flat_map(|origin| origin.asked()) {
        tracing::warn!("{finding}");
    }
    let scored = solutions::load_any(&input.plan.problem, solution, &args.input)?;
    let problem = &scored.problem;
    let report = scored.check();
    let exit = Exit::of(report.score);
    let calendar = solutions::calendar(problem, &args.input);
    let words = Words::new(problem, input.origin.as_ref(), calendar.as_ref());
    let unplaced = scheduler::unplaced(&scored.timetable, &words);
    let mut costs: Vec<&Cost> = report.costs.iter().collect();
    costs.sort_by_key(|cost| std::cmp::Reverse(cost.cost));
    let costs_in_all = report.costs.len() as u64 + report.costs_left_out;
    let violations_in_all = report.violations.len() as u64 + report.left_out;
    if json {
        let most = args.most.filter(|&most| most > 0).unwrap_or(usize::MAX);
        let violations = report.violations.iter().take(most);
        let costs = costs.iter().take(most);
        let qualities = viewer::qualities(problem, &scored.timetable, &report);
        output::event(json!({
            "event": "check",
            "score": report.score,
            "valid": report.score.is_valid(),
            "exit": exit as i32,
            "by_kind": summary::tallies_json(&report),
            "violations": violations.map(|v| told::json(&words, &scored, v, None, None)).collect::<Vec<_>>(),
            "violations_in_all": violations_in_all,
            "unplaced": summary::unplaced_json(problem, &unplaced),
            "costs": costs.map(|c| told::json(&words, &scored, &c.violation, Some(c.cost), None)).collect::<Vec<_>>(),
            "costs_in_all": costs_in_all,
            "qualities": qualities.into_iter().map(|q| (q.name.to_owned(), json!(q.value))).collect::<Value>(),
        }));
        return Ok(exit);
    }
    let most = args.most.unwrap_or(MOST_LINES);
    let mut text = format!("{}\n\nScore by kind\n{}", summary::verdict(&report), summary::by_kind(&report));
    let line = |cost: &&Cost| format!("{:>4}  {}", cost.cost, violated(&words, &scored, &cost.violation).text);
    let entries: Vec<String> = costs.iter().take(most).map(line).collect();
    let more = costs_in_all - entries.len() as u64;
    let mut lists = vec![
        summary::unplaced_list(problem, &unplaced, most),
        summary::hard(&words, &scored, &report, most),
        List { heading: format!("What costs ({costs_in_all})"), entries, more },
    ];
    lists.retain(|list| !list.entries.is_empty());
    let left = SCREEN.saturating_sub(text.lines().count());
    for list in &lists {
        text += &match args.most {
            Some(_) => list.text(),
            None => list.within((left / lists.len()).saturating_sub(AROUND)),
        };
    }
    output::text(text);
    Ok(exit)
}

/// What is wrong with an input, before anything is searched.
fn input_alone(input: &Input, args: &Check, json: bool) -> Exit {
    let problem = &input.plan.problem;
    // Not every format has names of problems.
    let name = match problem.name(problem.meta().name) {
        "" => stem(&args.input).to_string_lossy().into_owned(),
        name => name.to_owned(),
    };
    let found = input.findings();
    let errors = found.iter().filter(|f| f.is_error()).count();
    let exit = if errors == 0 { Exit::Done } else { Exit::BadInput };
    if json {
        output::event(json!({
            "event": "check",
            "problem": name,
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
    output::text(format!("{}\n{verdict}\n{}", summary::input(&name, problem), findings::text(&found, args.most)));
    exit
}
