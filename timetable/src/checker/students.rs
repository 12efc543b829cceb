//! Students: courses taken properly, classes not overfull, and pairs of classes that one person
//! cannot attend.

use super::assigned::{Assigned, can_attend_both};
use super::report::{Report, Violation, distinct};
use crate::ids::*;
use crate::placement::Timetable;
use crate::problem::Problem;
use crate::score::Rule;

/// By student: the classes taken, sorted, each once however many places name it. Places that name
/// no class are left out.
pub(super) fn taken(problem: &Problem, timetable: &Timetable) -> Vec<Vec<ClassId>> {
    let requests_of = |s: &crate::StudentRow| s.requests.indexes().map(RequestId);
    let one = |s| requests_of(s).flat_map(|r| classes_of(problem, timetable, r));
    problem.students().iter().map(|s| distinct(one(s))).collect()
}

/// The places of a request, [`NONE`] where the timetable has too few.
fn places(problem: &Problem, timetable: &Timetable, request: RequestId) -> Vec<u32> {
    let slots = problem.requests()[request.index()].slots.range();
    slots.map(|k| timetable.enrolment.get(k).copied().unwrap_or(NONE)).collect()
}

fn classes_of(problem: &Problem, timetable: &Timetable, request: RequestId) -> Vec<ClassId> {
    let mut places = places(problem, timetable, request);
    places.retain(|&c| (c as usize) < problem.classes().len());
    places.into_iter().map(ClassId).collect()
}

/// [`Rule::Enrolment`], [`Rule::ClassLimit`] and [`Rule::StudentConflict`].
pub(super) fn check(
    problem: &Problem,
    timetable: &Timetable,
    taken: &[Vec<ClassId>],
    assigned: &[Option<Assigned>],
    report: &mut Report,
) {
    enrolment(problem, timetable, report);
    limits(problem, taken, report);
    conflicts(problem, taken, assigned, report);
}

fn enrolment(problem: &Problem, timetable: &Timetable, report: &mut Report) {
    for (i, row) in problem.requests().iter().enumerate() {
        let request = RequestId::new(i);
        if !is_proper(problem, CourseId(row.course), &places(problem, timetable, request)) {
            let classes = distinct(classes_of(problem, timetable, request).into_iter());
            report.hard(Violation {
                student: Some(StudentId(row.student)),
                request: Some(request),
                ..Violation::new(Rule::Enrolment, classes, 1)
            });
        }
    }
}

/// Whether the places hold, for one configuration of the course, one class of each of its subparts
/// in their order and nothing more, each class with its parent.
fn is_proper(problem: &Problem, course: CourseId, places: &[u32]) -> bool {
    let configs = &problem.configs()[problem.courses()[course.index()].configs.range()];
    let one_of_each = configs.iter().any(|config| {
        let (of_subparts, beyond) = places.split_at(config.subparts.len as usize);
        let mut pairs = config.subparts.indexes().map(SubpartId).zip(of_subparts);
        pairs.all(|(subpart, class)| problem.classes_in(subpart).contains(class)) && beyond.iter().all(|&c| c == NONE)
    });
    let with_parent = |&class: &u32| {
        let parent = problem.classes()[class as usize].parent;
        parent == NONE || places.contains(&parent)
    };
    one_of_each && places.iter().filter(|&&c| c != NONE).all(with_parent)
}

fn limits(problem: &Problem, taken: &[Vec<ClassId>], report: &mut Report) {
    let mut students = vec![0i64; problem.classes().len()];
    for class in taken.iter().flatten() {
        students[class.index()] += 1;
    }
    for class in problem.class_ids() {
        let Some(limit) = problem.classes()[class.index()].limit() else { continue };
        let excess = students[class.index()] - i64::from(limit);
        if excess > 0 {
            report.hard(Violation::new(Rule::ClassLimit, vec![class], excess));
        }
    }
}

fn conflicts(problem: &Problem, taken: &[Vec<ClassId>], assigned: &[Option<Assigned>], report: &mut Report) {
    let meta = problem.meta();
    for (i, classes) in taken.iter().enumerate() {
        let mine: Vec<Assigned> = classes.iter().filter_map(|c| assigned[c.index()]).collect();
        for (k, a) in mine.iter().enumerate() {
            for b in mine[k + 1..].iter().filter(|b| !can_attend_both(problem, a.meeting(), b.meeting())) {
                let classes = vec![a.class, b.class];
                let student = Some(StudentId::new(i));
                let found = Violation { student, ..Violation::new(Rule::StudentConflict, classes, 1) };
                if meta.student_conflicts_hard == 0 {
                    report.soft(&found, i64::from(meta.student_weight));
                } else {
                    report.hard(found);
                }
            }
        }
    }
}
