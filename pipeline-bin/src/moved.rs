//! What differs between two timetables of a problem, for people and for machines.

use crate::tables::columns;
use crate::why;
use scheduler::names::clean;
use serde_json::{Value, json};
use std::collections::HashMap;
use timetable::{ClassId, ConstraintId, Kind, NONE, Problem, RequestId, Timetable};
use viewer::time_in_full;

/// A class that is not where it was.
pub(crate) struct Moved {
    class: ClassId,
    /// Time and room, each where it has one.
    before: Place,
    after: Place,
    students: usize,
    /// Who teaches it.
    teachers: Vec<String>,
    /// Why it is not where it was.
    why: String,
}

/// Time and room, each where there is one.
pub(crate) type Place = (Option<String>, Option<String>);

/// A class that the timetable in use has at a place that is none of its own.
pub(crate) struct Displaced {
    pub(crate) class: ClassId,
    pub(crate) place: Place,
    /// Why it may not be held there.
    pub(crate) why: String,
}

/// Where a class is, in words.
pub(crate) fn place(problem: &Problem, timetable: &Timetable, class: ClassId) -> Place {
    let room = timetable.room(problem, class).map(|room| problem.room_name(room).to_owned());
    (timetable.time(problem, class).map(|time| time_in_full(problem, time)), room)
}

/// The classes that are not where they were, and why; those that were at places that are none of
/// their own are not placed in `before`.
pub(crate) fn list(problem: &Problem, before: &Timetable, after: &Timetable, displaced: &[Displaced]) -> Vec<Moved> {
    let mut students = vec![0; problem.classes().len()];
    after.enrolment.iter().filter(|&&c| c != NONE).for_each(|&c| students[c as usize] += 1);
    let differs = |c: &ClassId| before.placements[c.index()] != after.placements[c.index()];
    let moved: Vec<ClassId> = problem.class_ids().filter(differs).collect();
    let reasons = why::reasons(problem, before, after, &moved);
    let displaced: HashMap<ClassId, &Displaced> = displaced.iter().map(|d| (d.class, d)).collect();
    let of = |(&class, why): (&ClassId, String)| {
        let (before, why) = match displaced.get(&class) {
            Some(displaced) => (displaced.place.clone(), displaced.why.clone()),
            None => (place(problem, before, class), why),
        };
        let (after, students, teachers) =
            (place(problem, after, class), students[class.index()], teachers(problem, class));
        Moved { class, before, after, students, teachers, why }
    };
    moved.iter().zip(reasons).map(of).collect()
}

fn teachers(problem: &Problem, class: ClassId) -> Vec<String> {
    let all = (0..problem.constraints().len()).map(ConstraintId::new);
    let teaches =
        |&id: &ConstraintId| problem.kind_of(id) == Kind::TeacherClash && problem.classes_of(id).contains(&class.0);
    let names = all.filter(teaches).map(|id| problem.name(problem.constraints()[id.index()].name).to_owned());
    let mut names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The requests whose classes are others, as JSON.
pub(crate) fn enrolments(problem: &Problem, before: &Timetable, after: &Timetable) -> Vec<Value> {
    let names = |timetable: &Timetable, r: RequestId| -> Vec<String> {
        timetable.taken(problem, r).map(|c| problem.class_name(c).to_owned()).collect()
    };
    let differs = |r: &RequestId| {
        let places = problem.requests()[r.index()].slots.range();
        before.enrolment[places.clone()] != after.enrolment[places]
    };
    let changed = (0..problem.requests().len()).map(RequestId::new).filter(differs);
    changed
        .map(|r| {
            let request = &problem.requests()[r.index()];
            json!({
                "student": problem.student_name(timetable::StudentId(request.student)),
                "course": problem.name(problem.courses()[request.course as usize].name),
                "before": names(before, r),
                "after": names(after, r),
            })
        })
        .collect()
}

impl Moved {
    pub(crate) fn json(&self, problem: &Problem) -> Value {
        let place = |(time, room): &Place| json!({ "time": time, "room": room });
        json!({
            "class": problem.class_name(self.class),
            "before": place(&self.before),
            "after": place(&self.after),
            "students": self.students,
            "teachers": self.teachers,
            "why": self.why,
        })
    }

    /// Whose week has changed.
    pub(crate) fn teachers(moved: &[Moved]) -> Vec<&str> {
        let mut names: Vec<&str> = moved.iter().flat_map(|m| &m.teachers).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A table of at most so many.
    pub(crate) fn table(problem: &Problem, moved: &[Moved], most: usize) -> String {
        let head = ["class", "students", "before", "", "after", "", "why"].map(str::to_owned).to_vec();
        let cell = |text: &Option<String>, none: &str| text.as_ref().map_or(none.to_owned(), |text| clean(text));
        let row = |m: &Moved| {
            let class = clean(problem.class_name(m.class));
            let (before, after) = (cell(&m.before.0, "not placed"), cell(&m.after.0, "NOT PLACED"));
            let (before_room, after_room) = (cell(&m.before.1, ""), cell(&m.after.1, ""));
            vec![class, m.students.to_string(), before, before_room, after, after_room, clean(&m.why)]
        };
        let rows: Vec<Vec<String>> = std::iter::once(head).chain(moved.iter().take(most).map(row)).collect();
        let mut text = if moved.is_empty() { "  none\n".to_owned() } else { columns(&rows, &[1]) };
        if moved.len() > most {
            text += &format!("  ... and {} more\n", moved.len() - most);
        }
        text
    }
}
