//! The kinds that hold between two classes; 1 for each pair that breaks them.

use super::assigned::{Assigned, Meeting, can_attend_both, overlap, share_a_day};
use super::report::Violation;
use crate::ids::*;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::rows::TimeRow;
use crate::score::Rule;

/// Enters every pair of the list, earlier class first, that breaks the constraint.
pub(super) fn find(problem: &Problem, id: ConstraintId, seen: &[Assigned], enter: &mut dyn FnMut(Violation)) {
    let kind = problem.kind_of(id);
    let limit = problem.constraints()[id.index()].params[0];
    for (i, a) in seen.iter().enumerate() {
        for b in &seen[i + 1..] {
            if !holds(problem, kind, limit, a.meeting(), b.meeting()) {
                enter(Violation::new(Rule::Constraint(kind), vec![a.class, b.class], 1));
            }
        }
    }
}

/// Whether a pair kind, with its first parameter, holds between `a` and `b`, which stands later in
/// the constraint's list: the rule as the literature writes it.
///
/// # Panics
/// Where the kind is not about pairs.
pub fn holds(problem: &Problem, kind: Kind, limit: u32, a: Meeting<'_>, b: Meeting<'_>) -> bool {
    let (x, y) = (a.time, b.time);
    match kind {
        Kind::SameStart => x.start == y.start,
        Kind::SameTime => (x.start <= y.start && y.end <= x.end) || (y.start <= x.start && x.end <= y.end),
        Kind::DifferentTime => x.end <= y.start || y.end <= x.start,
        Kind::SameDays => [x.days, y.days].contains(&(x.days | y.days)),
        Kind::DifferentDays => x.days & y.days == 0,
        Kind::SameWeeks => [x.weeks, y.weeks].contains(&(x.weeks | y.weeks)),
        Kind::DifferentWeeks => x.weeks & y.weeks == 0,
        Kind::SameRoom => a.room == b.room,
        Kind::DifferentRoom => a.room != b.room,
        Kind::Overlap => overlap(x, y),
        Kind::NotOverlap | Kind::TeacherClash | Kind::CurriculumClash => !overlap(x, y),
        Kind::SameAttendees => can_attend_both(problem, a, b),
        Kind::Precedence => precedes(x, y),
        Kind::WorkDay => !share_a_day(x, y) || u32::from(x.end.max(y.end) - x.start.min(y.start)) <= limit,
        Kind::MinGap => !share_a_day(x, y) || gap_between(x, y, limit) || gap_between(y, x, limit),
        group_kinds!() | each_kinds!() | student_kinds!() => unreachable!("{kind} is not about pairs"),
    }
}

/// First meetings compared by week, then by day, then in the day.
fn precedes(x: &TimeRow, y: &TimeRow) -> bool {
    let first_day = |t: &TimeRow| (t.weeks.trailing_zeros(), t.days.trailing_zeros());
    first_day(x) < first_day(y) || (first_day(x) == first_day(y) && x.end <= y.start)
}

/// At least `slots` slots from the end of `x` to the start of `y`.
fn gap_between(x: &TimeRow, y: &TimeRow, slots: u32) -> bool {
    u32::from(x.end) + slots <= u32::from(y.start)
}
