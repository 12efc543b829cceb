//! Classes that must be on different days (or in different weeks) and have too few of these.

use super::alike::Alike;
use super::matching::crowd;
use super::{Check, Finding, Findings, Severity, WORK_MAX};
use fixedbitset::FixedBitSet;
use timetable::{ClassId, Kind};

pub(super) fn find(all: &mut Findings<'_>) {
    let problem = all.problem();
    let mut work = 0;
    let mut alike = Alike::new("section");
    for id in all.hard() {
        let kind = problem.kind_of(id);
        if !matches!(kind, Kind::DifferentDays | Kind::DifferentWeeks) {
            continue;
        }
        let classes = all.members(id);
        // Two fixed ones are told already.
        if classes.len() < 2 || all.has_within(Check::Clash, &classes) {
            continue;
        }
        // Each takes one day at least of those that its times have.
        let own = |&c: &u32| {
            let mut days = FixedBitSet::with_capacity(64);
            for o in problem.times_of(ClassId(c)) {
                let t = &problem.times()[o.time as usize];
                let bits = if kind == Kind::DifferentDays { u64::from(t.days) } else { t.weeks };
                (0..64).filter(|d| bits >> d & 1 == 1).for_each(|d| days.insert(d));
                work += 64;
            }
            (1, days)
        };
        let items: Vec<(u32, FixedBitSet)> = classes.iter().map(own).collect();
        if work > WORK_MAX {
            break;
        }
        let Some(found) = crowd(&items, &mut work, WORK_MAX) else { continue };
        let inside: Vec<ClassId> = found.items.iter().map(|&i| ClassId(classes[i])).collect();
        let course = problem.course_of(inside[0]);
        let finding = told(all, id, kind, &inside, &found.cells);
        alike.add(all, (course, (kind, inside.len(), found.cells)), finding);
    }
    alike.end(all);
}

fn told(
    all: &Findings<'_>,
    id: timetable::ConstraintId,
    kind: Kind,
    classes: &[ClassId],
    cells: &FixedBitSet,
) -> Finding {
    let words = all.words;
    let n = classes.len() as u64;
    let (what, only) = if kind == Kind::DifferentDays {
        let days = cells.ones().fold(0u16, |days, d| days | 1 << d);
        ("days", format!("on {}", words.days(days)))
    } else {
        let weeks: Vec<String> = cells.ones().map(|w| (w + 1).to_string()).collect();
        ("weeks", format!("in weeks {}", weeks.join(", ")))
    };
    let rule = words.rule(kind);
    let course = words.course_of(classes[0]);
    let give = if words.is_tables() {
        format!("give {course} more `times`, or its teachers more days")
    } else {
        "give them more times".to_owned()
    };
    Finding {
        severity: Severity::Error,
        check: Check::Days,
        rule: rule.to_owned(),
        classes: classes.to_vec(),
        places: words.places_of(classes),
        text: format!(
            "{} must be on {n} different {what} ({}) and can only be held {only}",
            words.classes(classes) + &lines(&words.places_of(classes)),
            words.constraint(id)
        ),
        remedy: format!(
            "Maybe {give}, ask for fewer {}, or let `{rule}` cost something instead of being hard",
            words.sessions(2)
        ),
    }
}

/// ` (courses.csv:3)`, where lines are known.
pub(super) fn lines(places: &[String]) -> String {
    if places.is_empty() { String::new() } else { format!(" ({})", places.join(", ")) }
}
