//! Courses with more students than seats.

use super::{Check, Finding, Findings, Severity};
use crate::words::{clean, some_of};
use std::collections::BTreeMap;
use timetable::{ClassId, CourseId, Problem, StudentId, SubpartId};

pub(super) fn find(all: &mut Findings<'_>) {
    let (words, problem) = (all.words, all.problem());
    let mut students: Vec<Vec<StudentId>> = vec![Vec::new(); problem.courses().len()];
    for request in problem.requests() {
        students[request.course as usize].push(StudentId(request.student));
    }
    for (i, who) in students.iter().enumerate() {
        let course = CourseId::new(i);
        let Some(seats) = seats(problem, course).filter(|&seats| seats < who.len() as u64) else { continue };
        let name = clean(problem.name(problem.courses()[i].name));
        let classes: Vec<ClassId> = classes_of(problem, course).collect();
        let places = words.places_of(&classes);
        let n = who.len();
        let lacking = n as u64 - seats;
        all.add(Finding {
            severity: Severity::Error,
            check: Check::Seats,
            rule: "seats".to_owned(),
            text: format!(
                "course {name}{} has {seats} seats for {n} students ({})",
                super::days::lines(&places),
                some_of(who.iter().map(|&s| clean(problem.student_name(s))))
            ),
            remedy: format!(
                "Maybe raise the limits of its classes by {lacking} {} in all, or offer one class more",
                if lacking == 1 { "seat" } else { "seats" }
            ),
            classes,
            places,
        });
    }
}

fn classes_of(problem: &Problem, course: CourseId) -> impl Iterator<Item = ClassId> {
    let configs = problem.courses()[course.index()].configs.indexes();
    let subparts = configs.flat_map(|g| problem.configs()[g as usize].subparts.indexes());
    subparts.flat_map(|s| problem.classes_in(SubpartId(s))).map(ClassId)
}

/// How many students can take a course at most; `None` where there is no limit.
fn seats(problem: &Problem, course: CourseId) -> Option<u64> {
    let configs = problem.courses()[course.index()].configs.indexes();
    configs.map(|g| seats_of_config(problem, g)).sum()
}

/// The seats of the subpart that has the fewest; a class has no more than its parent.
fn seats_of_config(problem: &Problem, config: u32) -> Option<u64> {
    let subparts = problem.configs()[config as usize].subparts.indexes();
    let of_subpart = |subpart: u32| {
        let mut by_parent: BTreeMap<u32, Option<u64>> = BTreeMap::new();
        for class in problem.classes_in(SubpartId(subpart)) {
            let row = &problem.classes()[class as usize];
            let limit = row.limit().map(u64::from);
            let sum = by_parent.entry(row.parent).or_insert(Some(0));
            *sum = sum.zip(limit).map(|(sum, limit)| sum + limit);
        }
        let with_parent = |(&parent, &sum): (&u32, &Option<u64>)| {
            let most = problem.classes().get(parent as usize).and_then(|p| p.limit()).map(u64::from);
            // Unlimited is more than any limit.
            match (sum, most) {
                (Some(sum), Some(most)) => Some(sum.min(most)),
                (sum, most) => sum.or(most),
            }
        };
        by_parent.iter().map(with_parent).sum::<Option<u64>>()
    };
    subparts.filter_map(of_subpart).min()
}
