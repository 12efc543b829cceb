//! A violation in the user's words: which rule, which classes, when and where, which student.

use crate::solutions::AnyTimetable;
use stage0_load::Words;
use timetable::{ClassId, Rule, TimeRow, Timetable, Violation};

/// Classes told with their places in one line before the rest is only counted.
const MOST_CLASSES: usize = 6;

/// Where a class is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The class.
    pub class: String,
    /// When: `Tue 09:00`; none where it is not placed.
    pub time: Option<String>,
    /// Where, unless it needs no room.
    pub room: Option<String>,
}

/// A violation, hard or soft.
#[derive(Clone, Debug)]
pub struct Violated {
    /// The rule, as the user wrote it or as the format calls it.
    pub rule: String,
    /// Whose rule it is: a teacher, a curriculum, a section.
    pub of: Option<String>,
    /// The student, where it is theirs.
    pub student: Option<String>,
    /// The classes that cause it, with their places.
    pub places: Vec<Place>,
    /// All of it in one line.
    pub text: String,
}

/// A violation of a timetable, in words.
pub fn violated(words: &Words<'_>, scored: &AnyTimetable, violation: &Violation) -> Violated {
    let problem = words.problem;
    let rule = rule(words, violation.rule).to_owned();
    let of = violation.constraint.and_then(|id| words.owner(id));
    let student = violation.student.map(|student| words.student(student));
    let places: Vec<Place> = violation.classes.iter().map(|&c| place(words, &scored.timetable, c)).collect();
    let mut shown: Vec<String> = places.iter().take(MOST_CLASSES).map(Place::text).collect();
    if places.len() > shown.len() {
        shown.push(format!("{} more", places.len() - shown.len()));
    }
    let who = shown.join(", ");
    let elsewhere = violation.classes.first().and_then(|&c| scored.elsewhere.iter().find(|e| e.class == c));
    let text = match (violation.rule, elsewhere) {
        (Rule::TimeNotAllowed, Some(e)) => {
            format!("{who} is held when it may not be: {}", words.not_then(e.class, &e.time))
        }
        (Rule::RoomNotAllowed, Some(e)) => {
            let why = e.room.map_or(String::new(), |room| words.not_there(e.class, room));
            format!("{who} is held where it may not be: {why}")
        }
        (Rule::Unplaced, _) => format!("{who} is not placed"),
        (Rule::RoomClash, _) => format!("{who} are in one room at one time"),
        (Rule::RoomUnavailable, _) => format!("{who} is in a room that is closed then"),
        (Rule::ClassLimit, _) => format!("{who} has {} students too many", violation.amount),
        (Rule::Enrolment | Rule::TimeNotAllowed | Rule::RoomNotAllowed, _) => violation.describe(problem),
        (Rule::StudentConflict, _) => {
            let student = student.clone().unwrap_or_default();
            format!("student {student} cannot attend both {}", shown.join(" and "))
        }
        (Rule::TimePenalty | Rule::RoomPenalty, _) => format!("`{rule}`: {who}"),
        (Rule::Constraint(_), _) => {
            let id = violation.constraint.map_or(rule.clone(), |id| words.constraint(id));
            let student = student.as_ref().map_or(String::new(), |s| format!(", student {s}"));
            let by = if violation.amount == 1 { String::new() } else { format!(" by {}", violation.amount) };
            if who.is_empty() { format!("{id}{student}{by}") } else { format!("{id}{student}{by}: {who}") }
        }
    };
    Violated { rule, of, student, places, text }
}

/// A rule's name, as in `rules.toml` where the problem came as tables.
pub(crate) fn rule(words: &Words<'_>, rule: Rule) -> &'static str {
    match rule {
        Rule::Constraint(kind) => words.rule(kind),
        Rule::StudentConflict if words.is_tables() => "student_conflicts",
        Rule::TimePenalty if words.is_tables() => "avoid",
        rule => rule.name(),
    }
}

fn place(words: &Words<'_>, timetable: &Timetable, class: ClassId) -> Place {
    let problem = words.problem;
    let time: Option<TimeRow> = timetable.time(problem, class).map(|t| problem.times()[t.index()]);
    Place {
        class: words.class(class),
        time: time.map(|t| words.time(&t)),
        room: timetable.room(problem, class).map(|room| words.room(room)),
    }
}

impl Place {
    /// `BIO1-1.1 (Tue 09:00, A101)`.
    fn text(&self) -> String {
        let at: Vec<&str> = [&self.time, &self.room].into_iter().flatten().map(String::as_str).collect();
        if at.is_empty() { self.class.clone() } else { format!("{} ({})", self.class, at.join(", ")) }
    }
}
