//! What came of a run, for people and for machines.

use crate::exit::Exit;
use crate::logging;
use crate::output;
use crate::page;
use crate::progress::Show;
use crate::tables::columns;
use crate::told::{self, List};
use memguard::Bytes;
use pipeline::{Event, Outcome, StageRecord};
use scheduler::names::short;
use scheduler::names::thousands;
use scheduler::{Obstacles, Unplaced, names::clean};
use scheduler::{Reasons, RunOutcome, Session, solutions::AnyTimetable, violated};
use serde_json::{Value, json};
use stage0_load::Words;
use std::{path::Path, time::Duration};
use timetable::{Problem, Report, Violation};

/// Unplaced classes and violations shown; all of them are in the solution.
const MOST_LINES: usize = 20;
/// Notes shown of each stage.
const MOST_NOTES: usize = 6;

/// How much there is of everything.
pub(crate) fn counts(problem: &Problem) -> Value {
    let slots = u64::from(problem.meta().days) * u64::from(problem.meta().slots);
    json!({
        "courses": problem.courses().len(),
        "classes": problem.classes().len(),
        "students": problem.students().len(),
        "rooms": problem.rooms().len(),
        "weeks": problem.meta().weeks,
        "slots_a_week": slots,
    })
}

/// `Small college: 40 courses, 96 sessions, 300 students, 12 rooms, 45 slots a week`.
pub(crate) fn input(name: &str, problem: &Problem) -> String {
    let count =
        |n: usize, one: &str, more: &str| format!("{} {}", thousands(n as i64), if n == 1 { one } else { more });
    let slots = problem.meta().days as usize * problem.meta().slots as usize;
    let (class, classes) =
        if problem.format() == timetable::Format::Csv { ("session", "sessions") } else { ("class", "classes") };
    let parts = [
        count(problem.courses().len(), "course", "courses"),
        count(problem.classes().len(), class, classes),
        count(problem.students().len(), "student", "students"),
        count(problem.rooms().len(), "room", "rooms"),
        format!("{} a week", count(slots, "slot", "slots")),
    ];
    let name = clean(name);
    let parts = parts.join(", ");
    if name.is_empty() { parts } else { format!("{name}: {parts}") }
}

/// `valid, penalty 412`, or what is wrong.
pub(crate) fn verdict(report: &Report) -> String {
    let score = report.score;
    if score.is_valid() {
        return format!("valid, penalty {}", thousands(score.penalty));
    }
    format!(
        "NOT VALID: {} classes unplaced, {} hard violations, penalty {}",
        thousands(i64::from(score.unplaced)),
        thousands(score.hard),
        thousands(score.penalty)
    )
}

/// How far a timetable may be from the best there is, where anything is proven of that.
pub(crate) fn gap(score: timetable::Score, bound: Option<i64>) -> Option<String> {
    // Nothing costs less than nothing.
    let bound = bound.unwrap_or(0);
    if score.is_valid() && score.penalty <= bound {
        return Some("Optimal: no valid timetable costs less".to_owned());
    }
    let least = format!("no valid timetable costs less than {}", thousands(bound));
    match (bound, score.is_valid()) {
        (0, _) => None,
        (_, false) => Some(format!("Proven: {least}")),
        (_, true) => {
            let above = 100.0 * (score.penalty - bound) as f64 / bound as f64;
            Some(format!("At most {above:.1} % above the optimum: {least}"))
        }
    }
}

/// The score by kind.
pub(crate) fn by_kind(report: &Report) -> String {
    if report.tallies.is_empty() {
        return "  nothing is violated and nothing costs anything\n".to_owned();
    }
    let head = ["rule", "times", "hard", "penalty"].map(str::to_owned).to_vec();
    let row = |(rule, tally): (&timetable::Rule, &timetable::Tally)| {
        let figures = [tally.entries as i64, tally.hard, tally.penalty].map(thousands);
        [vec![rule.to_string()], figures.to_vec()].concat()
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(report.tallies.iter().map(row)).collect();
    columns(&rows, &[1, 2, 3])
}

/// The score by kind, as JSON.
pub(crate) fn tallies_json(report: &Report) -> Value {
    let rules = report.tallies.iter().map(|(rule, tally)| {
        let value = json!({ "times": tally.entries, "hard": tally.hard, "penalty": tally.penalty });
        (rule.to_string(), value)
    });
    Value::Object(rules.collect())
}

/// Hard violations in words, at most `most` of them, each with a proof where it cannot be helped;
/// unplaced classes are told elsewhere.
pub(crate) fn hard(words: &Words<'_>, scored: &AnyTimetable, report: &Report, most: usize) -> List {
    let hard: Vec<_> = report.violations.iter().filter(|v| v.rule != timetable::Rule::Unplaced).collect();
    let mut reasons = Reasons::new(&scored.timetable, words);
    let mut line = |v: &&Violation| {
        let mut line = violated(words, scored, v).text;
        if let Some(proof) = reasons.proof_of(v) {
            line += &format!("\n    {}", proof.text);
        }
        line
    };
    let entries: Vec<String> = hard.iter().take(most).map(&mut line).collect();
    let more = (hard.len() - entries.len()) as u64 + report.left_out;
    List { heading: format!("Hard violations ({})", report.score.hard), entries, more }
}

/// Unplaced classes with reasons, at most `most` of them.
pub(crate) fn unplaced_list(problem: &Problem, unplaced: &[Unplaced], most: usize) -> List {
    let one = |one: &Unplaced| {
        let mut text = format!("{}: {}", clean(problem.class_name(one.class)), one.reason);
        for Obstacles { place, why } in &one.against {
            text += &format!("\n    {place}: {}", why.join("; "));
        }
        if let Some(proof) = &one.proof {
            text += &format!("\n    {}", proof.text);
        }
        text
    };
    let entries: Vec<String> = unplaced.iter().take(most).map(one).collect();
    let more = (unplaced.len() - entries.len()) as u64;
    List { heading: format!("Unplaced classes ({})", unplaced.len()), entries, more }
}

/// Unplaced classes with reasons, as JSON.
pub(crate) fn unplaced_json(problem: &Problem, unplaced: &[Unplaced]) -> Value {
    let one = |u: &Unplaced| {
        let against = u.against.iter().map(|o| json!({ "place": o.place, "why": o.why }));
        json!({
            "class": problem.class_name(u.class),
            "reason": u.reason,
            "against": against.collect::<Vec<_>>(),
            "proof": u.proof.as_ref().map(|proof| told::proof(problem, proof)),
        })
    };
    unplaced.iter().map(one).collect()
}

fn stages(events: &[Event]) -> String {
    let head = ["stage", "implementation", "time", "peak memory", "result"].map(str::to_owned).to_vec();
    let row = |event: &Event| {
        let result = match (&event.outcome, event.before, event.after) {
            (Outcome::Failed(why), ..) => format!("failed: {}", clean(why)),
            (Outcome::Refused(why), ..) => format!("refused: {}", clean(why)),
            (Outcome::Taken, _, None) => "done".to_owned(),
            (Outcome::Taken, before, after) if before == after => "unchanged".to_owned(),
            (Outcome::Taken, _, Some(after)) => after.to_string(),
        };
        let interrupted = if event.interrupted { " (interrupted)" } else { "" };
        vec![
            event.stage.clone(),
            clean(&event.implementation),
            short(Duration::from_secs_f64(event.seconds.max(0.0))),
            event.memory.peak.map_or("unknown".to_owned(), |peak| Bytes::new(peak).to_string()),
            result + interrupted,
        ]
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(events.iter().map(row)).collect();
    columns(&rows, &[2, 3])
}

/// What was written: the solution, and the plan where all of it could be saved.
pub(crate) fn written(solved: &RunOutcome) -> String {
    let solution = solved.solution.display();
    match &solved.plan_folder {
        Some(plan) => format!("{solution} and {}", plan.display()),
        None => format!("{solution} (the plan could not be saved)"),
    }
}

/// What one stage did.
pub(crate) fn record(record: &StageRecord, budget: &str) -> String {
    let score = |score: Option<timetable::Score>| score.map_or("no timetable".to_owned(), |score| score.to_string());
    let outcome = match &record.outcome {
        Outcome::Taken => "taken".to_owned(),
        Outcome::Refused(why) => format!("refused: {}", clean(why)),
        Outcome::Failed(why) => format!("failed: {}", clean(why)),
    };
    let (stage, name) = (&record.stage, clean(&record.implementation));
    let mut text = format!("{stage} {name} ({budget}): {outcome}\n");
    text += &format!("  before: {}\n  after: {}\n", score(record.before), score(record.after));
    for note in record.notes.iter().take(MOST_LINES) {
        text += &format!("  {}\n", clean(note));
    }
    text
}

/// Prints the summary of a run.
pub(crate) fn print(
    session: &Session,
    show: &Show,
    solved: &RunOutcome,
    unplaced: &[Unplaced],
    page: Option<&Path>,
    exit: Exit,
) {
    let problem = &solved.plan.problem;
    let limit = session.guard.limits().holding();
    let peak = session.guard.peak();
    let seconds = session.started.elapsed();
    if matches!(show, Show::Json) {
        output::event(json!({
            "event": "result",
            "problem": solved.name,
            "score": solved.report.score,
            "valid": solved.report.score.is_valid(),
            "bound": solved.plan.bound,
            "interrupted": solved.interrupted,
            "exit": exit as i32,
            "by_kind": tallies_json(&solved.report),
            "unplaced": unplaced_json(problem, unplaced),
            "stages": solved.events,
            "memory": { "limit": limit.value, "source": limit.source.to_string(), "peak": peak.map(|p| p.bytes) },
            "seconds": seconds.as_secs_f64(),
            "plan": solved.plan_folder,
            "solution": solved.solution,
            "page": page,
        }));
        return;
    }
    let mut text = format!("\n{}: {}\n", clean(&solved.name), verdict(&solved.report));
    if let Some(gap) = gap(solved.report.score, solved.plan.bound) {
        text += &format!("{gap}\n");
    }
    if solved.interrupted {
        text += "Interrupted: this is the best so far; `--resume` goes on.\n";
    }
    text += &format!("\nScore by kind\n{}", by_kind(&solved.report));
    text += &unplaced_list(problem, unplaced, MOST_LINES).text();
    let scored = AnyTimetable::of(&solved.plan.problem, &solved.timetable);
    text += &hard(&solved.words(), &scored, &solved.report, MOST_LINES).text();
    text += &format!("\nStages\n{}", stages(&solved.events));
    // What graphs and clusters are like is for those who ask for more.
    let verbose = logging::is_verbose();
    for record in solved.plan.history.iter().filter(|record| verbose || record.stage != "stage1") {
        for note in record.notes.iter().take(MOST_NOTES) {
            text += &format!("  {}: {}\n", record.stage, clean(note));
        }
        if record.notes.len() > MOST_NOTES {
            text +=
                &format!("  {}: ... and {} notes more in plan.json\n", record.stage, record.notes.len() - MOST_NOTES);
        }
    }
    if let Some(peak) = peak {
        let share = peak.bytes.fraction_of(session.guard.limit()) * 100.0;
        text += &format!("\nMemory: peak {peak}, {share:.1} % of {} ({})\n", session.guard.limit(), limit.source);
    }
    text += &format!("Time: {}\n", short(seconds));
    text += &format!("Written: {}\n", written(solved));
    if let Some(page) = page {
        text += &format!("To look at: {}\n", page::address(page));
    }
    output::text(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use timetable::Score;

    #[test]
    fn only_what_is_proven_is_said() {
        let valid = |penalty| Score { penalty, ..Score::default() };
        assert_eq!(gap(valid(5), None), None);
        assert_eq!(gap(valid(5), Some(0)), None);
        assert_eq!(gap(valid(0), None).unwrap(), "Optimal: no valid timetable costs less");
        assert_eq!(gap(valid(5), Some(5)).unwrap(), "Optimal: no valid timetable costs less");
        let above = gap(valid(320), Some(284)).unwrap();
        assert_eq!(above, "At most 12.7 % above the optimum: no valid timetable costs less than 284");
        let broken = Score { hard: 1, penalty: 3, ..Score::default() };
        assert_eq!(gap(broken, Some(284)).unwrap(), "Proven: no valid timetable costs less than 284");
        assert_eq!(gap(broken, None), None);
    }
}
