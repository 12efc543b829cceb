//! What differs from an earlier timetable. Classes, rooms and students are the same where their
//! names are.

use crate::directory::taken;
use crate::view::{Before, View};
use crate::words::Words;
use rustc_hash::FxHashMap;
use serde::Serialize;
use stage0_load::csv_folder::teachers;
use timetable::{ClassId, Problem, StudentId, Timetable};

/// What differs.
#[derive(Serialize)]
pub(crate) struct Changes<'a> {
    /// What the earlier timetable is called.
    against: &'a str,
    /// Class, place before, place now.
    pub(crate) moved: Vec<(u32, String, String)>,
    /// Class, place now.
    pub(crate) added: Vec<(u32, String)>,
    /// Name, place before.
    pub(crate) gone: Vec<(&'a str, String)>,
    /// How many students take other classes, or classes at other times or in other rooms.
    students: usize,
}

/// Where classes are, and who teaches them.
struct Places<'a> {
    problem: &'a Problem,
    timetable: &'a Timetable,
    words: Words,
    taught: Vec<Vec<&'a str>>,
}

impl<'a> Places<'a> {
    fn of(&self, class: ClassId, with_teachers: bool) -> String {
        let time = self.timetable.time(self.problem, class);
        let mut parts =
            vec![time.map_or("not placed".to_owned(), |time| self.words.time(&self.problem.times()[time.index()]))];
        parts.extend(self.timetable.room(self.problem, class).map(|room| self.problem.room_name(room).to_owned()));
        if with_teachers {
            parts.extend(self.taught[class.index()].iter().map(|&teacher| teacher.to_owned()));
        }
        parts.join(", ")
    }
}

impl<'a> Changes<'a> {
    pub(crate) fn of(view: &View<'a>, before: &Before<'a>) -> Changes<'a> {
        let places = |problem, timetable| Places {
            problem,
            timetable,
            words: Words::of(problem, view.labels),
            taught: teachers(problem),
        };
        let (old, new) = (places(before.problem, before.timetable), places(view.problem, view.timetable));
        let mut earlier: FxHashMap<&str, ClassId> =
            old.problem.class_ids().map(|class| (old.problem.class_name(class), class)).collect();
        let (mut moved, mut added) = (Vec::new(), Vec::new());
        for class in new.problem.class_ids() {
            let Some(was) = earlier.remove(new.problem.class_name(class)) else {
                added.push((class.0, new.of(class, false)));
                continue;
            };
            let others = old.taught[was.index()] != new.taught[class.index()];
            let (before, now) = (old.of(was, others), new.of(class, others));
            if before != now {
                moved.push((class.0, before, now));
            }
        }
        let mut gone: Vec<ClassId> = earlier.into_values().collect();
        gone.sort_unstable();
        let gone = gone.into_iter().map(|class| (old.problem.class_name(class), old.of(class, false))).collect();
        let students = students(&old, &new, &moved);
        Changes { against: before.name, moved, added, gone, students }
    }
}

/// How many students notice anything; of those who were not there before, nothing is said.
fn students(old: &Places<'_>, new: &Places<'_>, moved: &[(u32, String, String)]) -> usize {
    let mut is_moved = vec![false; new.problem.classes().len()];
    moved.iter().for_each(|(class, ..)| is_moved[*class as usize] = true);
    let ids = |problem: &Problem| (0..problem.students().len()).map(StudentId::new);
    let earlier: FxHashMap<&str, StudentId> =
        ids(old.problem).map(|student| (old.problem.student_name(student), student)).collect();
    let notices = |student: &StudentId| {
        let Some(&was) = earlier.get(new.problem.student_name(*student)) else { return false };
        let now = taken(new.problem, new.timetable, *student);
        let names = |problem: &Problem, classes: &[ClassId]| -> Vec<String> {
            let mut names: Vec<String> = classes.iter().map(|&c| problem.class_name(c).to_owned()).collect();
            names.sort_unstable();
            names
        };
        now.iter().any(|class| is_moved[class.index()])
            || names(old.problem, &taken(old.problem, old.timetable, was)) != names(new.problem, &now)
    };
    ids(new.problem).filter(notices).count()
}
