//! The kinds that look at every student's days, whatever the weeks (PE-CTT).

use super::assigned::Assigned;
use super::days::{of_week, runs};
use super::report::{Violation, distinct};
use crate::ids::*;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::score::Rule;

/// Enters every student with their amount.
pub(super) fn find(
    problem: &Problem,
    id: ConstraintId,
    taken: &[Vec<ClassId>],
    assigned: &[Option<Assigned>],
    enter: &mut dyn FnMut(Violation),
) {
    let kind = problem.kind_of(id);
    let most = problem.constraints()[id.index()].params[0];
    for (i, classes) in taken.iter().enumerate() {
        let mine: Vec<Assigned> = classes.iter().filter_map(|c| assigned[c.index()]).collect();
        let (mut total, mut causes) = (0, Vec::new());
        for day in of_week(&mine) {
            let amount = match kind {
                Kind::StudentSingleClassDay => i64::from(day.len() == 1),
                Kind::StudentLongRun => runs(&day, 0).iter().map(|r| (r.length() - i64::from(most)).max(0)).sum(),
                pair_kinds!() | group_kinds!() | each_kinds!() => unreachable!("{kind} is not about students"),
            };
            if amount > 0 {
                total += amount;
                causes.extend(day.iter().map(|h| h.class));
            }
        }
        if total > 0 {
            let classes = distinct(causes.into_iter());
            let student = Some(StudentId::new(i));
            enter(Violation { student, ..Violation::new(Rule::Constraint(kind), classes, total) });
        }
    }
}
