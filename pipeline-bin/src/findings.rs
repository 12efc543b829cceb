//! What was found in an input before a search, for people and for machines.

use serde_json::{Value, json};
use stage0_load::Finding;
use timetable::Problem;

/// For machines; classes by name where the problem is at hand.
pub(crate) fn json(findings: &[Finding], problem: Option<&Problem>) -> Value {
    let one = |f: &Finding| {
        let mut value = json!({
            "severity": f.severity,
            "check": f.check,
            "rule": f.rule,
            "places": f.places,
            "text": f.text,
            "remedy": f.remedy,
        });
        if let Some(problem) = problem {
            value["classes"] = f.classes.iter().map(|&class| problem.class_name(class)).collect();
        }
        value
    };
    findings.iter().map(one).collect()
}

/// Findings that are shown unless `--most` says otherwise.
const MOST: usize = 20;

/// Lines for people: errors, then warnings; at most `most` of each, or as many as a screen has.
pub(crate) fn text(findings: &[Finding], most: Option<usize>) -> String {
    let mut text = String::new();
    let mut left = MOST;
    for (word, is_error) in [("error", true), ("warning", false)] {
        let some: Vec<&Finding> = findings.iter().filter(|f| f.is_error() == is_error).collect();
        let most = most.unwrap_or(left);
        left -= some.len().min(left);
        for finding in some.iter().take(most) {
            text += &format!("{word}: {finding}\n");
        }
        if some.len() > most {
            text += &format!("... and {} more {word}s\n", some.len() - most);
        }
    }
    text
}
