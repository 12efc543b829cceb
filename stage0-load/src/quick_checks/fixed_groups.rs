//! Rules about groups that fixed classes break by themselves: a teacher's whole lunch is taken, a
//! day is too full. What other classes add makes it no better.

use super::{Check, Finding, Findings, Severity};
use crate::words::{only_time, some_of};
use timetable::{ClassId, ConstraintId, Kind, Placement, Timetable, violations_of};

/// Kinds that stay broken whatever is added.
fn stays_broken(kind: Kind) -> bool {
    matches!(kind, Kind::MaxDays | Kind::MaxDayLoad | Kind::MaxBlock | Kind::LunchBreak)
}

pub(super) fn find(all: &mut Findings<'_>) {
    let problem = all.problem();
    if !all.hard().any(|id| stays_broken(problem.kind_of(id))) {
        return;
    }
    // The checker sees classes that are placed: those with a single time are placed there. Their
    // rooms do not matter to these rules.
    let mut timetable = Timetable::empty(problem);
    let mut any = false;
    for class in problem.class_ids().filter(|&class| only_time(problem, class).is_some()) {
        let room = if problem.rooms_of(class).is_empty() { Placement::NO_ROOM } else { 0 };
        timetable.placements[class.index()] = Placement { time: 0, room };
        any = true;
    }
    if !any {
        return;
    }
    for id in all.hard().filter(|&id| stays_broken(problem.kind_of(id))) {
        // Most have no fixed class at all.
        let classes = problem.classes_of(id);
        if classes.iter().any(|&c| timetable.placements[c as usize].is_placed()) {
            for violation in violations_of(problem, &timetable, id) {
                let finding = told(all, id, violation.classes);
                all.add(finding);
            }
        }
    }
}

fn told(all: &Findings<'_>, id: ConstraintId, classes: Vec<ClassId>) -> Finding {
    let (words, problem) = (all.words, all.problem());
    let kind = problem.kind_of(id);
    let at = |&class: &ClassId| {
        let time = only_time(problem, class).map_or(String::new(), |t| format!(" on {}", words.time(t)));
        words.class_with_line(class) + &time
    };
    let rule = words.rule(kind);
    let mut places = words.places_of(&classes);
    places.extend(words.owner(id).and_then(|name| words.place_of_teacher(&name)));
    let owner = words.owner(id).map_or(words.constraint(id), |name| format!("`{rule}` of {}", words.teacher(&name)));
    Finding {
        severity: Severity::Error,
        check: Check::FixedGroup,
        rule: rule.to_owned(),
        text: format!("{owner} does not hold with what is fixed: {}", some_of(classes.iter().map(at))),
        remedy: format!(
            "Maybe fix one of them at another time, or leave it open, or let `{rule}` cost something instead of being hard"
        ),
        classes,
        places,
    }
}
