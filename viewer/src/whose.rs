//! Whose week: of a room, a teacher, a group, a course, a student.

use crate::directory::{Directory, taken};
use crate::view::View;
use scheduler::names::clean;
use std::collections::BTreeSet;
use timetable::{ClassId, StudentId};

/// What has a week of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A room.
    Room,
    /// A teacher.
    Teacher,
    /// A group of students, or a curriculum.
    Group,
    /// A course.
    Course,
    /// A student.
    Student,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::Room, Kind::Teacher, Kind::Group, Kind::Course, Kind::Student];

    /// `room`, `teacher`, ...
    pub fn name(self) -> &'static str {
        match self {
            Kind::Room => "room",
            Kind::Teacher => "teacher",
            Kind::Group => "group",
            Kind::Course => "course",
            Kind::Student => "student",
        }
    }

    /// `rooms`, `teachers`, ...
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Room => "rooms",
            Kind::Teacher => "teachers",
            Kind::Group => "groups",
            Kind::Course => "courses",
            Kind::Student => "students",
        }
    }

    /// From its name, one or many.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name || kind.plural() == name)
    }
}

/// One of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whose {
    pub(crate) kind: Kind,
    pub(crate) index: usize,
}

/// The weeks of everybody and everything.
pub(crate) struct Weeks<'a> {
    pub(crate) view: View<'a>,
    pub(crate) directory: Directory<'a>,
    by_room: Vec<Vec<ClassId>>,
    by_teacher: Vec<Vec<ClassId>>,
}

impl<'a> Weeks<'a> {
    pub(crate) fn of(view: &View<'a>) -> Weeks<'a> {
        let (problem, directory) = (view.problem, Directory::of(view));
        let mut by_room = vec![Vec::new(); problem.rooms().len()];
        let mut by_teacher = vec![Vec::new(); directory.teachers.len()];
        for class in problem.class_ids() {
            if let Some(room) = view.timetable.room(problem, class) {
                by_room[room.index()].push(class);
            }
            directory.taught_by[class.index()].iter().for_each(|&teacher| by_teacher[teacher as usize].push(class));
        }
        Weeks { view: *view, directory, by_room, by_teacher }
    }

    pub(crate) fn count(&self, kind: Kind) -> usize {
        let problem = self.view.problem;
        match kind {
            Kind::Room => problem.rooms().len(),
            Kind::Teacher => self.directory.teachers.len(),
            Kind::Group => self.directory.groups.len(),
            Kind::Course => problem.courses().len(),
            Kind::Student => problem.students().len(),
        }
    }

    /// All of a kind.
    pub(crate) fn all(&self, kind: Kind) -> impl Iterator<Item = Whose> + use<> {
        (0..self.count(kind)).map(move |index| Whose { kind, index })
    }

    pub(crate) fn id(&self, whose: Whose) -> &'a str {
        let (problem, i) = (self.view.problem, whose.index);
        match whose.kind {
            Kind::Room => problem.name(problem.rooms()[i].name),
            Kind::Teacher => self.directory.teachers[i],
            Kind::Group => self.directory.groups[i].name,
            Kind::Course => problem.name(problem.courses()[i].name),
            Kind::Student => problem.name(problem.students()[i].name),
        }
    }

    /// The name beside the id, where there is one.
    pub(crate) fn name(&self, whose: Whose) -> Option<&'a str> {
        let (labels, id) = (self.view.labels?, self.id(whose));
        let name = match whose.kind {
            Kind::Teacher => labels.teachers.get(id)?.as_str(),
            Kind::Course => &labels.courses.get(id)?.name,
            Kind::Student => &labels.students.get(id)?.name,
            Kind::Room | Kind::Group => "",
        };
        (!name.is_empty() && name != id).then_some(name)
    }

    /// `Ann Archer (ann)`, or the id alone.
    pub(crate) fn label(&self, whose: Whose) -> String {
        let id = clean(self.id(whose));
        self.name(whose).map_or(id.clone(), |name| format!("{} ({id})", clean(name)))
    }

    /// Their classes, placed or not, in the order of their numbers.
    pub(crate) fn classes(&self, whose: Whose) -> Vec<ClassId> {
        let (View { problem, timetable, .. }, i) = (self.view, whose.index);
        match whose.kind {
            Kind::Room => self.by_room[i].clone(),
            Kind::Teacher => self.by_teacher[i].clone(),
            Kind::Student => taken(problem, timetable, StudentId::new(i)),
            Kind::Course => {
                let subparts =
                    problem.configs()[problem.courses()[i].configs.range()].iter().flat_map(|c| c.subparts.range());
                subparts.flat_map(|s| problem.subparts()[s].classes.indexes()).map(ClassId).collect()
            }
            Kind::Group => match self.directory.groups[i].classes {
                Some(classes) => classes.iter().map(|&class| ClassId(class)).collect(),
                None => {
                    let members =
                        (0..problem.students().len()).filter(|&s| self.directory.group_of[s] == Some(i as u32));
                    let all = members.flat_map(|s| taken(problem, timetable, StudentId::new(s)));
                    all.collect::<BTreeSet<_>>().into_iter().collect()
                }
            },
        }
    }
}
