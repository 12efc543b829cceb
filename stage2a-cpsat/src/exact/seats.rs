//! Which students may be given other classes, where their classes are free.

use moves::Rng;
use timetable::{Board, ClassId, Problem, RequestId, StudentId};

/// A course with more classes is left as it is taken.
const MOST_CLASSES: usize = 40;

/// The courses of which a student can take one class or another.
#[derive(Debug)]
pub(super) struct Seats {
    has_choice: Vec<bool>,
    /// Requests at a time at most.
    most: usize,
}

impl Seats {
    pub(super) fn new(problem: &Problem, most: usize) -> Seats {
        // Hard conflicts come with courses that leave no choice.
        let is_modelled = problem.meta().student_conflicts_hard == 0;
        let has_choice = |course: &timetable::CourseRow| {
            let subparts = problem.configs()[course.configs.range()].iter().flat_map(|config| config.subparts.range());
            let classes: Vec<u32> = subparts.map(|s| problem.subparts()[s].classes.len).collect();
            let has_choice = course.configs.len > 1 || classes.iter().any(|&n| n > 1);
            is_modelled && has_choice && classes.iter().sum::<u32>() as usize <= MOST_CLASSES
        };
        Seats { has_choice: problem.courses().iter().map(has_choice).collect(), most }
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        self.has_choice.contains(&true)
    }

    /// Requests, ascending, of students who take any of these classes, and could take others.
    pub(super) fn choose(&self, board: &Board<'_>, classes: &[ClassId], rng: &mut Rng) -> Vec<RequestId> {
        let problem = board.problem();
        let mut found: Vec<RequestId> = Vec::new();
        for &class in classes.iter().filter(|&&class| self.has_choice[problem.course_of(class).index()]) {
            for &student in board.students_of(class) {
                let requests = problem.students()[StudentId(student).index()].requests.indexes().map(RequestId);
                found.extend(requests.filter(|&request| board.taken(request).contains(&class.0)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|&request| board.is_proper(request));
        rng.shuffle(&mut found);
        found.truncate(self.most);
        found.sort_unstable();
        found
    }
}
