//! The kinds that ask something of each class by itself.

use super::assigned::{Assigned, overlap};
use super::report::Violation;
use crate::ids::*;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::score::Rule;

/// Enters every class of the list that breaks the constraint, with its amount.
pub(super) fn find(problem: &Problem, id: ConstraintId, seen: &[Assigned], enter: &mut dyn FnMut(Violation)) {
    let kind = problem.kind_of(id);
    for assigned in seen {
        let amount = match kind {
            Kind::Availability => forbidden_times(problem, id, assigned),
            Kind::FixedPlacement => moved(problem, id, assigned),
            pair_kinds!() | group_kinds!() | student_kinds!() => {
                unreachable!("{kind} is not about classes by themselves")
            }
        };
        if amount > 0 {
            enter(Violation::new(Rule::Constraint(kind), vec![assigned.class], amount));
        }
    }
}

/// How many of the constraint's times the class overlaps.
fn forbidden_times(problem: &Problem, id: ConstraintId, assigned: &Assigned) -> i64 {
    let times = &problem.constraint_times()[problem.constraints()[id.index()].times.range()];
    times.iter().filter(|&&t| overlap(&assigned.time, &problem.times()[t as usize])).count() as i64
}

/// 1 for another time than the one asked for, and 1 for another room, or none.
fn moved(problem: &Problem, id: ConstraintId, assigned: &Assigned) -> i64 {
    let [time, room, _] = problem.constraints()[id.index()].params;
    let other_time = TimeId::from_raw(time).is_some_and(|t| t != assigned.time_id);
    let other_room = RoomId::from_raw(room).is_some_and(|r| assigned.room != Some(r));
    i64::from(other_time) + i64::from(other_room)
}
