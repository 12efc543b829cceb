//! What stands against a class at a place: who, when, by which rule.

use stage0_load::Words;
use std::collections::BTreeSet;
use timetable::{
    ClassId, ConstraintId, Kind, Placement, Problem, RoomId, Shape, TimeRow, Timetable, Violation, violations_of,
};

/// The hard constraints that each of some classes is in.
#[derive(Debug)]
pub(crate) struct HardRules {
    by_class: Vec<Vec<ConstraintId>>,
}

impl HardRules {
    pub(crate) fn new(problem: &Problem) -> HardRules {
        let mut by_class = vec![Vec::new(); problem.classes().len()];
        for (i, row) in problem.constraints().iter().enumerate().filter(|(_, row)| row.hard == 1) {
            for &class in &problem.constraint_classes()[row.classes.range()] {
                by_class[class as usize].push(ConstraintId::new(i));
            }
        }
        HardRules { by_class }
    }

    pub(crate) fn of(&self, class: ClassId) -> &[ConstraintId] {
        &self.by_class[class.index()]
    }
}

/// What stands against a class at a place, in words; `timetable` is the one without it. `others`
/// are classes that are known to be in the way, for whatever reason.
pub(crate) fn against(
    words: &Words<'_>,
    rules: &HardRules,
    timetable: &Timetable,
    (class, at): (ClassId, Placement),
    others: &[ClassId],
) -> Vec<String> {
    let problem = words.problem;
    let mut with = timetable.clone();
    with.placements[class.index()] = at;
    let Some(time) = with.time(problem, class).map(|t| problem.times()[t.index()]) else { return Vec::new() };
    let mut why = Vec::new();
    let mut named: BTreeSet<ClassId> = BTreeSet::new();
    if let Some(room) = with.room(problem, class) {
        in_room(words, &with, (class, &time), room, &mut named, &mut why);
    }
    for &id in rules.of(class) {
        let broken = violations_of(problem, &with, id).into_iter().filter(|v| v.classes.contains(&class));
        let kind = problem.kind_of(id);
        let mut pairs: Vec<ClassId> = Vec::new();
        for violation in broken {
            named.extend(&violation.classes);
            match kind.shape() {
                Shape::Pair => pairs.extend(violation.classes.iter().copied().filter(|&c| c != class)),
                _ => why.push(of_group(words, &violation, id, class)),
            }
        }
        if !pairs.is_empty() {
            why.push(of_pairs(words, &with, id, &time, &pairs));
        }
    }
    let rest: Vec<ClassId> = others.iter().copied().filter(|c| *c != class && !named.contains(c)).collect();
    if !rest.is_empty() {
        let who = words.classes(&rest);
        why.push(format!("{who} {} then", if rest.len() == 1 { "is in its way" } else { "are in its way" }));
    }
    why
}

fn in_room(
    words: &Words<'_>,
    with: &Timetable,
    (class, time): (ClassId, &TimeRow),
    room: RoomId,
    named: &mut BTreeSet<ClassId>,
    why: &mut Vec<String>,
) {
    let problem = words.problem;
    if problem.unavailable_of(room).iter().any(|&t| problem.times()[t as usize].overlaps(time)) {
        why.push(format!("room {} is closed then", words.room(room)));
    }
    let there: Vec<ClassId> = problem
        .class_ids()
        .filter(|&c| c != class && with.room(problem, c) == Some(room))
        .filter(|&c| with.time(problem, c).is_some_and(|t| problem.times()[t.index()].overlaps(time)))
        .collect();
    if !there.is_empty() {
        named.extend(&there);
        why.push(format!("room {} is taken by {}", words.room(room), at_times(words, with, time, &there)));
    }
}

/// Classes, with their times where these are others.
fn at_times(words: &Words<'_>, with: &Timetable, time: &TimeRow, classes: &[ClassId]) -> String {
    let one = |&c: &ClassId| {
        let its = with.time(words.problem, c).map(|t| words.problem.times()[t.index()]);
        match its.filter(|its| its != time) {
            Some(its) => format!("{} ({})", words.class(c), words.time(&its)),
            None => words.class(c),
        }
    };
    let shown: Vec<String> = classes.iter().take(4).map(one).collect();
    let more = classes.len() - shown.len();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn of_pairs(words: &Words<'_>, with: &Timetable, id: ConstraintId, time: &TimeRow, others: &[ClassId]) -> String {
    let who = at_times(words, with, time, others);
    match (words.problem.kind_of(id), words.owner(id)) {
        (Kind::TeacherClash, Some(name)) => format!("{name} teaches {who}"),
        (Kind::CurriculumClash, Some(name)) => format!("curriculum {name} has {who}"),
        (Kind::DifferentDays, _) => format!("{who} is on that day ({})", words.constraint(id)),
        _ => format!("with {who} it would break {}", words.constraint(id)),
    }
}

fn of_group(words: &Words<'_>, violation: &Violation, id: ConstraintId, class: ClassId) -> String {
    let others: Vec<ClassId> = violation.classes.iter().copied().filter(|&c| c != class).collect();
    let rule = words.constraint(id);
    if others.is_empty() {
        format!("it would break {rule}")
    } else {
        format!("with {} it would break {rule}", words.classes(&others))
    }
}
