//! What a score means: `412 of 412 sessions placed, 3 students with a clash`.

use scheduler::names::thousands;
use timetable::{ClassId, Format, Meeting, NONE, Problem, Timetable, can_attend_both};

/// Sessions placed, and students who cannot attend all of theirs.
pub(super) fn meaning(problem: &Problem, timetable: &Timetable) -> String {
    let all = problem.classes().len();
    let placed = timetable.placements.iter().filter(|at| at.is_placed()).count();
    let sessions = match (problem.format() == Format::Csv, all) {
        (true, 1) => "session",
        (true, _) => "sessions",
        (false, 1) => "class",
        (false, _) => "classes",
    };
    let mut text = format!("{} of {} {sessions} placed", thousands(placed as i64), thousands(all as i64));
    match (problem.students().len(), clashing_students(problem, timetable)) {
        (0, _) => {}
        (_, 1) => text += ", 1 student with a clash",
        (_, n) => text += &format!(", {} students with a clash", thousands(n as i64)),
    }
    text
}

/// Students with two classes that they cannot both attend.
fn clashing_students(problem: &Problem, timetable: &Timetable) -> usize {
    let meeting = |class: ClassId| {
        let time = timetable.time(problem, class)?;
        Some(Meeting { time: &problem.times()[time.index()], room: timetable.room(problem, class) })
    };
    let clashes = |student: &timetable::StudentRow| {
        let places = problem.requests()[student.requests.range()].iter().flat_map(|r| r.slots.range());
        let taken = places.filter_map(|place| timetable.enrolment.get(place).copied());
        let mut taken: Vec<u32> = taken.filter(|&c| c != NONE && (c as usize) < problem.classes().len()).collect();
        taken.sort_unstable();
        taken.dedup();
        let met: Vec<Meeting<'_>> = taken.into_iter().filter_map(|c| meeting(ClassId(c))).collect();
        met.iter().enumerate().any(|(i, &a)| met[i + 1..].iter().any(|&b| !can_attend_both(problem, a, b)))
    };
    problem.students().iter().filter(|student| clashes(student)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use timetable::{ClassSpec, Meta, Placement, ProblemBuilder};

    #[test]
    fn what_is_placed_and_who_has_a_clash_is_counted() {
        let mut b = ProblemBuilder::new(Meta {
            name: String::new(),
            weeks: 1,
            days: 1,
            slots: 4,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Csv,
        });
        let times = [(b.time(1, 1, 0, 2), 0), (b.time(1, 1, 1, 2), 0), (b.time(1, 1, 2, 2), 0)];
        let courses = ["a", "b"].map(|name| {
            let course = b.course(name);
            b.config("");
            b.subpart("");
            b.class(ClassSpec { name, limit: None, times: &times, rooms: &[] });
            course
        });
        b.student("s", &courses);
        b.student("t", &courses[..1]);
        let problem = b.build().expect("a problem");
        let mut timetable = Timetable::empty(&problem);
        timetable.enrolment.copy_from_slice(&[0, 1, 0]);
        let mut said = |times: [u16; 2]| {
            for (at, time) in timetable.placements.iter_mut().zip(times) {
                *at = Placement { time, room: Placement::NO_ROOM };
            }
            meaning(&problem, &timetable)
        };
        assert_eq!(said([0, 2]), "2 of 2 sessions placed, 0 students with a clash");
        assert_eq!(said([0, 1]), "2 of 2 sessions placed, 1 student with a clash");
        timetable.placements[1] = Placement::NOWHERE;
        assert_eq!(meaning(&problem, &timetable), "1 of 2 sessions placed, 0 students with a clash");
    }
}
