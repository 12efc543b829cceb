//! Views of a timetable: the week of a room, of a constraint's classes (a teacher, a curriculum),
//! of a student.

use crate::svg::{Entry, WeekGrid};
use scheduler::names::{day_name, slot_name, time_name};
use timetable::{ClassId, ConstraintId, Kind, Problem, RequestId, RoomId, StudentId, TimeId, Timetable};

/// Whose week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Room(RoomId),
    /// The classes of a constraint: of a teacher, a curriculum.
    Constraint(ConstraintId),
    Student(StudentId),
}

/// A time with all there is to it: `Mon Wed 3-4, weeks 1-7`.
pub(crate) fn time_in_full(problem: &Problem, time: TimeId) -> String {
    let (row, meta) = (problem.times()[time.index()], problem.meta());
    let mut text = time_name(problem, time);
    if row.length() > 1 {
        // Slots with clock times end where the next one begins.
        let last = if slot_name(problem, 0).contains(':') { row.end } else { row.end - 1 };
        let end = if u32::from(last) == meta.slots { "24:00".to_owned() } else { slot_name(problem, u32::from(last)) };
        text += &format!("-{end}");
    }
    if row.weeks != u64::MAX >> (64 - meta.weeks) {
        let weeks: Vec<u32> = (0..meta.weeks).filter(|w| row.weeks >> w & 1 == 1).collect();
        let runs = weeks.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
            [one] => format!("{}", one + 1),
            run => format!("{}-{}", run[0] + 1, run[run.len() - 1] + 1),
        });
        text += &format!(", weeks {}", runs.collect::<Vec<_>>().join(","));
    }
    text
}

impl View {
    /// What is most worth looking at: the curriculum, student or room with most classes.
    pub(crate) fn fullest(problem: &Problem, timetable: &Timetable) -> Option<View> {
        let mut rooms = vec![0; problem.rooms().len()];
        for class in problem.class_ids() {
            if let Some(room) = timetable.room(problem, class) {
                rooms[room.index()] += 1;
            }
        }
        let curricula = (0..problem.constraints().len())
            .map(ConstraintId::new)
            .filter(|&c| problem.kind_of(c) == Kind::CurriculumClash)
            .map(|c| (problem.classes_of(c).len(), View::Constraint(c)));
        let students = (0..problem.students().len()).map(StudentId::new).map(|s| {
            let requests = problem.students()[s.index()].requests.indexes();
            (requests.map(|r| timetable.taken(problem, RequestId(r)).count()).sum(), View::Student(s))
        });
        let rooms = rooms.iter().enumerate().map(|(r, &n)| (n, View::Room(RoomId::new(r))));
        // The first of equals: `max_by_key` would take the last.
        let all = curricula.chain(students).chain(rooms).filter(|view| view.0 > 0);
        all.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|best| best.1)
    }

    fn title(self, problem: &Problem) -> String {
        match self {
            View::Room(room) => format!("Room {}", problem.room_name(room)),
            View::Constraint(id) => {
                let name = problem.name(problem.constraints()[id.index()].name);
                match problem.kind_of(id) {
                    Kind::CurriculumClash => format!("Curriculum {name}"),
                    Kind::TeacherClash => format!("Teacher {name}"),
                    kind => format!("{kind} {name}"),
                }
            }
            View::Student(student) => format!("Student {}", problem.student_name(student)),
        }
    }

    fn classes(self, problem: &Problem, timetable: &Timetable) -> Vec<ClassId> {
        match self {
            View::Room(room) => problem.class_ids().filter(|&c| timetable.room(problem, c) == Some(room)).collect(),
            View::Constraint(id) => problem.classes_of(id).iter().map(|&c| ClassId(c)).collect(),
            View::Student(student) => {
                let requests = problem.students()[student.index()].requests.indexes();
                requests.flat_map(|r| timetable.taken(problem, RequestId(r))).collect()
            }
        }
    }

    /// The week as a grid; `days` and `slots` are names, where there are better ones than numbers.
    pub(crate) fn grid(
        self,
        problem: &Problem,
        timetable: &Timetable,
        names: Option<(&[String], &[String])>,
    ) -> WeekGrid {
        let meta = problem.meta();
        let taught = teachers(problem);
        let mut entries = Vec::new();
        for class in self.classes(problem, timetable) {
            let Some(time) = timetable.time(problem, class) else { continue };
            let row = problem.times()[time.index()];
            let course = problem.course_of(class);
            let room = timetable.room(problem, class).map_or(String::new(), |r| problem.room_name(r).to_owned());
            let mut lines = vec![problem.class_name(class).to_owned()];
            if !matches!(self, View::Room(_)) && !room.is_empty() {
                lines.push(room);
            }
            lines.extend(taught[class.index()].iter().map(|&teacher| teacher.to_owned()));
            for day in (0..meta.days as usize).filter(|d| row.days >> d & 1 == 1) {
                let (start, end) = (usize::from(row.start), usize::from(row.end));
                entries.push(Entry { day, start, end, lines: lines.clone(), colour: course.0 });
            }
        }
        let days = (0..meta.days).map(|d| day_name(problem, d));
        let slots = (0..meta.slots).map(|s| slot_name(problem, s));
        let (days, slots) = match names {
            Some((days, slots)) => (days.to_vec(), slots.to_vec()),
            None => (days.collect(), slots.collect()),
        };
        WeekGrid { title: self.title(problem), days, slots, entries }
    }
}

/// Who teaches each class, by the names of teacher clashes.
fn teachers(problem: &Problem) -> Vec<Vec<&str>> {
    let mut taught = vec![Vec::new(); problem.classes().len()];
    for (i, row) in problem.constraints().iter().enumerate() {
        let (id, name) = (ConstraintId::new(i), problem.name(row.name));
        if problem.kind_of(id) == Kind::TeacherClash && !name.is_empty() {
            problem.classes_of(id).iter().for_each(|&class| taught[class as usize].push(name));
        }
    }
    taught
}
