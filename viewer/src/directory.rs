//! Who and what there is to look at: teachers, groups of students, and what each class has to do
//! with them.

use crate::view::View;
use rustc_hash::FxHashMap;
use stage0_load::csv_folder::{sessions, teachers};
use timetable::{ClassId, ConstraintId, Kind, NONE, Problem, RequestId, StudentId, Timetable};

/// Lists that people look things up in; a place in a list is a number in the others.
pub(crate) struct Directory<'a> {
    /// Ids of teachers, in the order in which they first teach.
    pub(crate) teachers: Vec<&'a str>,
    /// By class: who teaches it.
    pub(crate) taught_by: Vec<Vec<u32>>,
    /// Groups of students and curricula.
    pub(crate) groups: Vec<Group<'a>>,
    /// By student: the group, `None` where there is none.
    pub(crate) group_of: Vec<Option<u32>>,
    /// By class: number of the section and of the session, from 1.
    pub(crate) numbers: Vec<(u32, u32)>,
    /// By class: how many students are in it.
    pub(crate) students: Vec<u32>,
}

/// Students who are taught much the same.
pub(crate) struct Group<'a> {
    pub(crate) name: &'a str,
    /// Of a curriculum its classes; of a group of students `None`: whatever they take.
    pub(crate) classes: Option<&'a [u32]>,
}

impl<'a> Directory<'a> {
    pub(crate) fn of(view: &View<'a>) -> Directory<'a> {
        let problem = view.problem;
        let mut numbers = vec![(0, 0); problem.classes().len()];
        sessions(problem).for_each(|s| numbers[s.class.index()] = (s.section, s.session));
        let mut students = vec![0; problem.classes().len()];
        view.timetable
            .enrolment
            .iter()
            .filter(|&&class| class != NONE)
            .for_each(|&class| students[class as usize] += 1);
        let mut list = Numbered::default();
        let taught_by = teachers(problem).iter().map(|of| of.iter().map(|name| list.number(name)).collect()).collect();
        let teachers = list.names;
        let (groups, group_of) = groups(view);
        Directory { teachers, taught_by, groups, group_of, numbers, students }
    }
}

/// Names, numbered as they come.
#[derive(Default)]
struct Numbered<'a> {
    names: Vec<&'a str>,
    numbers: FxHashMap<&'a str, u32>,
}

impl<'a> Numbered<'a> {
    fn number(&mut self, name: &'a str) -> u32 {
        *self.numbers.entry(name).or_insert_with(|| {
            self.names.push(name);
            self.names.len() as u32 - 1
        })
    }
}

fn groups<'a>(view: &View<'a>) -> (Vec<Group<'a>>, Vec<Option<u32>>) {
    let problem = view.problem;
    let mut list = Numbered::default();
    let of_student = |student: usize| {
        let label = view.labels?.students.get(problem.student_name(StudentId::new(student)))?;
        (!label.group.is_empty()).then(|| list.number(&label.group))
    };
    let group_of: Vec<Option<u32>> = (0..problem.students().len()).map(of_student).collect();
    let of_students = list.names.into_iter().map(|name| Group { name, classes: None });
    let curricula = (0..problem.constraints().len()).map(ConstraintId::new).filter_map(|id| {
        let name = problem.name(problem.constraints()[id.index()].name);
        let is_one = problem.kind_of(id) == Kind::CurriculumClash && !name.is_empty();
        is_one.then(|| Group { name, classes: Some(problem.classes_of(id)) })
    });
    (of_students.chain(curricula).collect(), group_of)
}

/// The classes that a student takes, in the order of their numbers.
pub(crate) fn taken(problem: &Problem, timetable: &Timetable, student: StudentId) -> Vec<ClassId> {
    let requests = problem.students()[student.index()].requests.indexes();
    let mut classes: Vec<ClassId> = requests.flat_map(|r| timetable.taken(problem, RequestId(r))).collect();
    classes.sort_unstable();
    classes
}
