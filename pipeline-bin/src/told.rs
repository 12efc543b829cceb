//! What a timetable violates, and what costs, for people and for machines.

use scheduler::{Proof, solutions::AnyTimetable, violated};
use serde_json::{Value, json};
use stage0_load::Words;
use timetable::{Problem, Violation};

/// A violation, of a soft rule with its cost, of a hard one with a proof where there is one.
pub(crate) fn json(
    words: &Words<'_>,
    scored: &AnyTimetable,
    violation: &Violation,
    cost: Option<i64>,
    proof: Option<&Proof>,
) -> Value {
    let told = violated(words, scored, violation);
    let places = told.places.iter().map(|p| json!({ "class": p.class, "time": p.time, "room": p.room }));
    let mut value = json!({
        "rule": violation.rule.name(),
        "name": told.rule,
        "of": told.of,
        "amount": violation.amount,
        "student": told.student,
        "places": places.collect::<Vec<_>>(),
        "text": told.text,
    });
    if let Some(cost) = cost {
        value["cost"] = cost.into();
    }
    if let Some(proof) = proof {
        value["proof"] = self::proof(words.problem, proof);
    }
    value
}

/// Why something cannot be: in words, and the classes, rules and rooms that cannot hold together.
pub(crate) fn proof(problem: &Problem, proof: &Proof) -> Value {
    let together = proof.contradiction.as_ref().map(|c| {
        let classes: Vec<&str> = c.classes.iter().map(|&class| problem.class_name(class)).collect();
        let rules = c.rules.iter().map(|&id| {
            let of = problem.name(problem.constraints()[id.index()].name);
            json!({ "rule": problem.kind_of(id).name(), "of": of })
        });
        let rooms: Vec<&str> = c.rooms.iter().map(|&room| problem.room_name(room)).collect();
        json!({ "classes": classes, "rules": rules.collect::<Vec<_>>(), "rooms": rooms })
    });
    json!({ "text": proof.text, "cannot_hold_together": together })
}

/// Lines below a heading, at most `most` of them; `more` are not among them at all.
pub(crate) fn list(heading: &str, lines: &[String], most: usize, more: u64) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{heading}\n");
    lines.iter().take(most).for_each(|line| text += &format!("  {line}\n"));
    let more = lines.len().saturating_sub(most) as u64 + more;
    if more > 0 {
        text += &format!("  ... and {more} more\n");
    }
    text
}
