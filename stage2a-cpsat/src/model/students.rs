//! Students whom two classes share, as they are enrolled now; those who may be given other classes are in [`seats`](super::seats).

use super::Free;
use super::pairs;
use super::scene::Scene;
use super::writer::Writer;
use rustc_hash::FxHashMap;
use timetable::{ClassId, NONE, RequestId, StudentId};

/// Other classes of a class's students and how many of them take each, ascending; without requests that are open.
pub(super) fn shared(scene: &Scene<'_, '_>, class: ClassId) -> Vec<(u32, u32)> {
    let problem = scene.problem;
    let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
    for &student in scene.board.students_of(class) {
        let requests = || problem.students()[StudentId(student).index()].requests.indexes().map(RequestId);
        if requests().any(|request| scene.is_open(request) && scene.board.taken(request).contains(&class.0)) {
            continue;
        }
        for other in requests().filter(|&request| !scene.is_open(request)).flat_map(|r| scene.board.taken(r)) {
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
pub(super) fn write(scene: &Scene<'_, '_>, free: &[Free], writer: &mut Writer) {
    let meta = scene.problem.meta();
    for (a, class) in free.iter().enumerate() {
        if writer.is_full() {
            return;
        }
        for (other, students) in shared(scene, class.class) {
            let Some(b) = scene.number(other).filter(|&b| b > a) else { continue };
            let cost = i64::from(meta.student_weight) * i64::from(students);
            pairs::attend(scene, &free[a], &free[b], (meta.student_conflicts_hard == 1, cost), writer);
        }
    }
}
