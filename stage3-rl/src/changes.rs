//! What counts in a repair, and how far a timetable is from the one in use.

use timetable::{ClassId, Placement, Problem, Score, Timetable};

/// What counts first where classes change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As few classes as possible are elsewhere.
    #[default]
    Classes,
    /// As few classes as possible are held at other times; then as few as possible are elsewhere.
    /// For a timetable that people know already.
    Published,
}

impl Order {
    /// How far a timetable is from the one in use: classes at other times (0 where these do not
    /// count first), and classes elsewhere.
    pub fn changes(self, home: &Timetable, now: &Timetable) -> (u32, u32) {
        let places = || home.placements.iter().zip(&now.placements);
        let times = places().filter(|(a, b)| self == Order::Published && a.time != b.time).count();
        (times as u32, places().filter(|(a, b)| a != b).count() as u32)
    }
}

/// In the sum over a chain, a class at another time counts this much more than one in another room.
const TIME: i32 = 1 << 14;

/// What a repair costs; compared in the order of its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    /// Classes that are not placed.
    pub(crate) unplaced: u32,
    /// Hard violations.
    pub(crate) hard: i64,
    /// Classes that are not at the time at which they were; 0 where that does not count first.
    pub(crate) times: u32,
    /// Classes that are not where they were.
    pub(crate) changed: u32,
    /// Students whose week has changed.
    pub(crate) students: u32,
    /// The penalty.
    pub(crate) penalty: i64,
}

impl Cost {
    pub(crate) fn is_valid(&self) -> bool {
        self.unplaced == 0 && self.hard == 0
    }

    pub(crate) fn score(&self) -> Score {
        Score { unplaced: self.unplaced, hard: self.hard, penalty: self.penalty }
    }
}

/// Students whose week differs between two timetables of a problem: who takes other classes, or a
/// class that is held at another time or in another room.
pub fn changed_students(problem: &Problem, before: &Timetable, now: &Timetable) -> usize {
    let moved = |c: ClassId| before.placements[c.index()] != now.placements[c.index()];
    let differs = |r: u32| {
        let places = problem.requests()[r as usize].slots.range();
        before.enrolment[places.clone()] != now.enrolment[places.clone()]
            || now.enrolment[places].iter().any(|&c| c != timetable::NONE && moved(ClassId(c)))
    };
    problem.students().iter().filter(|student| student.requests.indexes().any(differs)).count()
}

/// How many things of each student's week have changed, kept while classes move.
#[derive(Debug)]
pub(crate) struct Changes {
    order: Order,
    home: Vec<Placement>,
    by_student: Vec<u32>,
    /// See [`Cost::times`].
    pub(crate) times: u32,
    pub(crate) classes: u32,
    pub(crate) students: u32,
}

impl Changes {
    /// `now` against what was there, `home`.
    pub(crate) fn new(problem: &Problem, home: &Timetable, now: &Timetable, order: Order) -> Changes {
        let mut changes = Changes {
            order,
            times: 0,
            home: home.placements.clone(),
            by_student: vec![0; problem.students().len()],
            classes: 0,
            students: 0,
        };
        for request in problem.requests() {
            let places = request.slots.range();
            if home.enrolment[places.clone()] != now.enrolment[places] {
                changes.student(request.student, true);
            }
        }
        changes
    }

    /// The cost of a timetable with these changes and that score.
    pub(crate) fn cost(&self, score: Score) -> Cost {
        Cost {
            unplaced: score.unplaced,
            hard: score.hard,
            times: self.times,
            changed: self.classes,
            students: self.students,
            penalty: score.penalty,
        }
    }

    pub(crate) fn home(&self, class: ClassId) -> Placement {
        self.home[class.index()]
    }

    /// What it counts, in the sum over a chain, that a class is there.
    pub(crate) fn weight(&self, class: ClassId, at: Placement) -> i32 {
        i32::from(at != self.home(class)) + TIME * i32::from(self.is_late(class, at))
    }

    /// Whether a class is at another time, where that counts first.
    fn is_late(&self, class: ClassId, at: Placement) -> bool {
        self.order == Order::Published && at.time != self.home(class).time
    }

    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// A class goes from one placement to another; `students` are those that attend it.
    pub(crate) fn moves(&mut self, class: ClassId, from: Placement, to: Placement, students: &[u32]) {
        let home = self.home(class);
        let (was, is) = (from != home, to != home);
        self.times = self.times + u32::from(self.is_late(class, to)) - u32::from(self.is_late(class, from));
        if was != is {
            self.classes = if is { self.classes + 1 } else { self.classes - 1 };
            students.iter().for_each(|&s| self.student(s, is));
        }
    }

    /// One thing more (or less) of a student's week has changed.
    pub(crate) fn student(&mut self, student: u32, more: bool) {
        let n = &mut self.by_student[student as usize];
        let before = *n;
        *n = if more { before + 1 } else { before - 1 };
        match (before, *n) {
            (0, _) => self.students += 1,
            (_, 0) => self.students -= 1,
            _ => {}
        }
    }
}
