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

/// Entries below a heading, each of one or more lines; `more` are not among them.
pub(crate) struct List {
    pub(crate) heading: String,
    pub(crate) entries: Vec<String>,
    pub(crate) more: u64,
}

impl List {
    /// As text; nothing where there is nothing.
    pub(crate) fn text(&self) -> String {
        self.first(self.entries.len())
    }

    /// The same with at most so many lines, heading and counts aside: one entry at least.
    pub(crate) fn within(&self, lines: usize) -> String {
        let mut used = 0;
        let fit = |entry: &&String| {
            used += entry.lines().count();
            used <= lines
        };
        self.first(self.entries.iter().take_while(fit).count().max(1).min(self.entries.len()))
    }

    fn first(&self, most: usize) -> String {
        if self.entries.is_empty() {
            return String::new();
        }
        let mut text = format!("\n{}\n", self.heading);
        self.entries[..most].iter().for_each(|entry| text += &format!("  {entry}\n"));
        let more = (self.entries.len() - most) as u64 + self.more;
        if more > 0 {
            text += &format!("  ... and {more} more\n");
        }
        text
    }
}
