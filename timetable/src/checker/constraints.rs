//! Constraints: what each kind finds is entered as hard, or with its cost.

use super::assigned::{self, Assigned};
use super::report::{Report, Violation};
use super::{each, groups, pairs, student_days, students};
use crate::ids::*;
use crate::kind::Shape;
use crate::placement::Timetable;
use crate::problem::Problem;

/// Every constraint, on those of its classes that are placed.
pub(super) fn check(problem: &Problem, taken: &[Vec<ClassId>], assigned: &[Option<Assigned>], report: &mut Report) {
    for id in (0..problem.constraints().len()).map(ConstraintId::new) {
        let mut enter = |found: Violation| {
            if problem.constraints()[id.index()].hard == 1 {
                report.hard(found);
            } else {
                report.soft(&found, cost(problem, id, found.amount));
            }
        };
        let seen: Vec<Assigned> = problem.classes_of(id).iter().filter_map(|&c| assigned[c as usize]).collect();
        find(problem, id, taken, assigned, &seen, &mut enter);
    }
}

/// What one constraint finds in a timetable, whether it is hard or soft.
pub fn violations_of(problem: &Problem, timetable: &Timetable, id: ConstraintId) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut enter = |violation| found.push(violation);
    if problem.kind_of(id).shape() == Shape::Students {
        let (taken, assigned) = (students::taken(problem, timetable), assigned::all(problem, timetable));
        find(problem, id, &taken, &assigned, &[], &mut enter);
    } else {
        let classes = problem.classes_of(id).iter();
        let seen: Vec<Assigned> = classes.filter_map(|&c| assigned::assigned(problem, timetable, ClassId(c))).collect();
        find(problem, id, &[], &[], &seen, &mut enter);
    }
    found
}

/// What a constraint finds in those of its classes that are placed, or, where it is about students,
/// in all.
fn find(
    problem: &Problem,
    id: ConstraintId,
    taken: &[Vec<ClassId>],
    assigned: &[Option<Assigned>],
    seen: &[Assigned],
    enter: &mut dyn FnMut(Violation),
) {
    let mut enter = |found: Violation| enter(Violation { constraint: Some(id), ..found });
    match problem.kind_of(id).shape() {
        Shape::Pair => pairs::find(problem, id, seen, &mut enter),
        Shape::Group => groups::find(problem, id, seen, &mut enter),
        Shape::Each => each::find(problem, id, seen, &mut enter),
        Shape::Students => student_days::find(problem, id, taken, assigned, &mut enter),
    }
}

/// The weighted cost of a soft constraint violated by `amount`. The kinds that divide by the weeks
/// are all group kinds, which find one amount for the whole constraint: it is rounded down once.
fn cost(problem: &Problem, id: ConstraintId, amount: i64) -> i64 {
    let meta = problem.meta();
    let whole = i64::from(problem.constraints()[id.index()].penalty) * amount;
    let cost = if problem.kind_of(id).per_week() { whole / i64::from(meta.weeks) } else { whole };
    cost * i64::from(meta.distribution_weight)
}
