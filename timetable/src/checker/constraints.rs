//! Constraints: what each kind finds is entered as hard, or with its cost.

use super::assigned::Assigned;
use super::report::{Report, Violation};
use super::{each, groups, pairs, student_days};
use crate::ids::*;
use crate::kind::Shape;
use crate::problem::Problem;

/// Every constraint, on those of its classes that are placed.
pub(super) fn check(problem: &Problem, taken: &[Vec<ClassId>], assigned: &[Option<Assigned>], report: &mut Report) {
    for id in (0..problem.constraints().len()).map(ConstraintId::new) {
        let seen: Vec<Assigned> = problem.classes_of(id).iter().filter_map(|&c| assigned[c as usize]).collect();
        let mut enter = |found: Violation| {
            let found = Violation { constraint: Some(id), ..found };
            if problem.constraints()[id.index()].hard == 1 {
                report.hard(found);
            } else {
                report.soft(&found, cost(problem, id, found.amount));
            }
        };
        match problem.kind_of(id).shape() {
            Shape::Pair => pairs::find(problem, id, &seen, &mut enter),
            Shape::Group => groups::find(problem, id, &seen, &mut enter),
            Shape::Each => each::find(problem, id, &seen, &mut enter),
            Shape::Students => student_days::find(problem, id, taken, assigned, &mut enter),
        }
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
