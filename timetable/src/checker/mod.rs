//! The checker: the rules as the literature writes them, each evaluated from scratch, simple and
//! slow.
//!
//! It is the oracle that everything faster is held against, so nothing in here is shared with what
//! it checks, and nothing is optimised. One file holds one group of rules; each finds what is
//! violated and enters it in the [`Report`], which alone does the sums. A rule is added by writing
//! it down in the file of its [`Shape`](crate::Shape), with its tests in `tests/`.

mod assigned;
mod constraints;
mod days;
mod describe;
mod each;
mod groups;
mod pairs;
mod report;
mod rooms;
mod student_days;
mod students;
#[cfg(test)]
mod tests;

pub use assigned::{Meeting, can_attend_both};
pub use constraints::violations_of;
pub use pairs::holds as pair_holds;
pub use report::{Cost, Report, Tally, Violation};

use crate::placement::Timetable;
use crate::problem::Problem;

/// Evaluates a timetable by every rule of its problem.
///
/// Total: a placement that does not fit (see [`Timetable::fits`]) counts as unplaced, a place of
/// enrolment that names no class as not enrolled properly. Where classes are unplaced, constraints
/// see the others only.
pub fn check(problem: &Problem, timetable: &Timetable) -> Report {
    evaluate(problem, timetable, false)
}

/// The same, with every violation of a soft rule listed in [`Report::costs`].
pub fn check_costs(problem: &Problem, timetable: &Timetable) -> Report {
    evaluate(problem, timetable, true)
}

fn evaluate(problem: &Problem, timetable: &Timetable, lists_costs: bool) -> Report {
    let assigned = assigned::all(problem, timetable);
    let taken = students::taken(problem, timetable);
    let mut report = Report::new(problem.classes().len(), lists_costs);
    assigned::check(problem, timetable, &assigned, &mut report);
    rooms::check(problem, &assigned, &mut report);
    students::check(problem, timetable, &taken, &assigned, &mut report);
    constraints::check(problem, &taken, &assigned, &mut report);
    report
}
