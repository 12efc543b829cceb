//! Classes and requests that may be in conflict.

use crate::repair_state::RepairState;
use timetable::{ClassId, RequestId, Rule, check};

/// Classes that may be in conflict, each once, and requests that are in trouble.
pub(crate) struct ConflictSet {
    classes: Vec<ClassId>,
    /// By class: its position in `classes`, or `u32::MAX`.
    at: Vec<u32>,
    pub(crate) requests: Vec<RequestId>,
}

impl ConflictSet {
    pub(crate) fn new(classes: usize) -> ConflictSet {
        ConflictSet { classes: Vec::new(), at: vec![u32::MAX; classes], requests: Vec::new() }
    }

    pub(crate) fn add(&mut self, class: ClassId) {
        if self.at[class.index()] == u32::MAX {
            self.at[class.index()] = self.classes.len() as u32;
            self.classes.push(class);
        }
    }

    pub(crate) fn remove(&mut self, class: ClassId) {
        let i = std::mem::replace(&mut self.at[class.index()], u32::MAX);
        if i != u32::MAX {
            self.classes.swap_remove(i as usize);
            if let Some(moved) = self.classes.get(i as usize) {
                self.at[moved.index()] = i;
            }
        }
    }

    pub(crate) fn classes(&self) -> &[ClassId] {
        &self.classes
    }
}

impl RepairState<'_, '_> {
    /// Asks the checker who is in conflict. That takes long, and is done only when all who were
    /// known to be are not any more.
    pub(crate) fn find_conflicts(&mut self) {
        let report = check(self.search.problem, &self.search.board.timetable());
        self.in_conflict.requests.clear();
        for v in &report.violations {
            if let (Rule::StudentConflict, Some(student)) = (v.rule, v.student) {
                let requests = self.search.problem.students()[student.index()].requests.indexes().map(RequestId);
                let of =
                    requests.filter(|&r| self.search.board.taken(r).iter().any(|&c| v.classes.contains(&ClassId(c))));
                self.in_conflict.requests.extend(of);
            }
            self.in_conflict.requests.extend(v.request);
            if v.rule == Rule::ClassLimit {
                self.suspect_students(v.classes[0]);
                continue;
            }
            if v.rule == Rule::Enrolment {
                continue;
            }
            v.classes.iter().for_each(|&c| self.in_conflict.add(c));
            if let (true, Some(constraint)) = (v.classes.is_empty(), v.constraint) {
                self.search.problem.classes_of(constraint).iter().for_each(|&c| self.in_conflict.add(ClassId(c)));
            }
        }
        self.in_conflict.requests.sort_unstable();
        self.in_conflict.requests.dedup();
    }

    /// The requests that have students in this class.
    fn suspect_students(&mut self, class: ClassId) {
        for &s in self.search.board.students_of(class) {
            let requests = self.search.problem.students()[s as usize].requests.indexes().map(RequestId);
            self.in_conflict.requests.extend(requests.filter(|&r| self.search.board.taken(r).contains(&class.0)));
        }
    }
}
