//! Students whom two classes share, as they are enrolled now; those who may be given other classes
//! are in [`seats`](super::seats).

use super::FreeClass;
use super::pairs;
use super::subproblem::Subproblem;
use super::writer::Writer;
use rustc_hash::FxHashMap;
use timetable::{ClassId, NONE, RequestId, StudentId};

/// Other classes of a class's students and how many of them take each, ascending; without requests
/// that are open.
pub(super) fn shared(subproblem: &Subproblem<'_, '_>, class: ClassId) -> Vec<(u32, u32)> {
    let problem = subproblem.problem;
    let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
    for &student in subproblem.board.students_of(class) {
        let requests = || problem.students()[StudentId(student).index()].requests.indexes().map(RequestId);
        if requests().any(|request| subproblem.is_open(request) && subproblem.board.taken(request).contains(&class.0)) {
            continue;
        }
        for other in requests().filter(|&request| !subproblem.is_open(request)).flat_map(|r| subproblem.board.taken(r))
        {
            if *other != class.0 && *other != NONE {
                *counts.entry(*other).or_default() += 1;
            }
        }
    }
    let mut counts: Vec<(u32, u32)> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}

/// Charges pairs of free classes that share students.
pub(super) fn write(subproblem: &Subproblem<'_, '_>, free: &[FreeClass], writer: &mut Writer) {
    let meta = subproblem.problem.meta();
    for (a, class) in free.iter().enumerate() {
        if writer.is_full() {
            return;
        }
        for (other, students) in shared(subproblem, class.class) {
            let Some(b) = subproblem.number(other).filter(|&b| b > a) else { continue };
            let cost = i64::from(meta.student_weight) * i64::from(students);
            pairs::attend(subproblem, &free[a], &free[b], (meta.student_conflicts_hard == 1, cost), writer);
        }
    }
}
