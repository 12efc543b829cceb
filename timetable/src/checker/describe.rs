//! Violations in words.

use super::report::Violation;
use crate::ids::*;
use crate::problem::Problem;
use crate::score::Rule;

/// Classes named in one line before the rest is only counted.
const MOST_NAMES: usize = 6;

impl Violation {
    /// One line for people. Names come from the input: control characters in them are replaced.
    ///
    /// # Panics
    /// Where the violation is not one of `problem`.
    pub fn describe(&self, problem: &Problem) -> String {
        let classes = self.class_names(problem);
        let student = self.student.map_or(String::new(), |s| clean(problem.student_name(s)));
        let room = self.room.map_or(String::new(), |r| clean(problem.room_name(r)));
        match self.rule {
            Rule::Unplaced => format!("class {classes} is not placed"),
            Rule::RoomClash => format!("classes {classes} overlap in room {room}"),
            Rule::RoomUnavailable => format!("class {classes} is held in room {room} when it cannot be used"),
            Rule::TimeNotAllowed => format!("class {classes} is held at a time that is none of its times"),
            Rule::RoomNotAllowed => format!("class {classes} is held in room {room}, which is none of its rooms"),
            Rule::ClassLimit => format!("class {classes} has {} students too many", self.amount),
            Rule::Enrolment => {
                format!("student {student} is not properly enrolled in course {}", self.course_name(problem))
            }
            Rule::StudentConflict => format!("student {student} cannot attend both of {classes}"),
            Rule::TimePenalty | Rule::RoomPenalty => format!("{} of class {classes}", self.rule),
            Rule::Constraint(_) => self.describe_constraint(problem, &classes, &student),
        }
    }

    fn describe_constraint(&self, problem: &Problem, classes: &str, student: &str) -> String {
        let mut line = self.rule.name().to_owned();
        if let (Some(id), Rule::Constraint(kind)) = (self.constraint, self.rule) {
            let row = &problem.constraints()[id.index()];
            let params: Vec<String> = row.params[..kind.arity()].iter().map(|&p| parameter(p)).collect();
            if !params.is_empty() {
                line += &format!("({})", params.join(","));
            }
            let name = clean(problem.name(row.name));
            if !name.is_empty() {
                line += &format!(" `{name}`");
            }
        }
        line += &format!(" is violated by {}", self.amount);
        if !student.is_empty() {
            line += &format!(" for student {student}");
        }
        if !classes.is_empty() {
            line += &format!(": {classes}");
        }
        line
    }

    fn class_names(&self, problem: &Problem) -> String {
        let names: Vec<String> = self.classes.iter().take(MOST_NAMES).map(|&c| clean(problem.class_name(c))).collect();
        let more = self.classes.len().saturating_sub(MOST_NAMES);
        if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
    }

    fn course_name(&self, problem: &Problem) -> String {
        let Some(request) = self.request else { return String::new() };
        let course = problem.requests()[request.index()].course;
        clean(problem.name(problem.courses()[course as usize].name))
    }
}

fn parameter(value: u32) -> String {
    if value == NONE { "-".to_owned() } else { value.to_string() }
}

fn clean(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}
