//! Figures of a timetable, counted by hand.

use timetable::{ClassSpec, ConstraintSpec, Format, Kind, Meta, Placement, Problem, ProblemBuilder, Timetable, check};
use viewer::{qualities, share_that_differs};

/// Two weeks of one day with eight slots, two rooms, two classes of one teacher and one student: the
/// first in both weeks, the second in the second week only.
fn problem() -> Problem {
    let mut b = ProblemBuilder::new(Meta {
        name: "small".into(),
        weeks: 2,
        days: 1,
        slots: 8,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let rooms = ["east", "west"].map(|name| (b.room(name, 10, &[], &[]), 0));
    let always = [0, 1, 6].map(|start| (b.time(0b11, 1, start, 2), 0));
    let once = [0, 3, 6].map(|start| (b.time(0b10, 1, start, 2), 0));
    let mut classes = Vec::new();
    let courses = [("a", always), ("b", once)].map(|(name, times)| {
        let course = b.course(name);
        b.config("");
        b.subpart("");
        classes.push(b.class(ClassSpec { name, limit: None, times: &times, rooms: &rooms }));
        course
    });
    b.student("s", &courses);
    b.constraint(ConstraintSpec {
        kind: Kind::TeacherClash,
        name: "ann",
        penalty: Some(5),
        params: &[],
        classes: &classes,
        times: &[],
    });
    b.build().expect("a problem")
}

/// The figures with the two classes at these times and in these rooms.
fn figures(at: [(u16, u16); 2]) -> Vec<f64> {
    let problem = problem();
    let mut timetable = Timetable::empty(&problem);
    for (placement, (time, room)) in timetable.placements.iter_mut().zip(at) {
        *placement = Placement { time, room };
    }
    timetable.enrolment.copy_from_slice(&[0, 1]);
    let report = check(&problem, &timetable);
    qualities(&problem, &timetable, &report).into_iter().map(|quality| quality.value).collect()
}

#[test]
fn free_slots_changes_of_room_and_hours_are_counted_for_a_week() {
    // First at 0 to 2, second at 6 to 8 in the other room: in the second week four free slots, for
    // the teacher and the student, one change of room; early in both weeks, late in one of them.
    assert_eq!(figures([(0, 0), (2, 1)]), [0.0, 0.0, 2.0, 2.0, 0.5, 1.0, 0.5]);
    // First at 1 to 3, second at 3 to 5 in the same room; the first quarter ends with slot 1.
    assert_eq!(figures([(1, 0), (1, 0)]), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    // Both at 0: the student cannot attend both (1), nor can the teacher (5). They are in two rooms.
    assert_eq!(figures([(0, 0), (0, 1)])[..2], [6.0, 1.0]);
}

#[test]
fn a_class_differs_where_its_time_or_its_room_does() {
    let problem = problem();
    let mut one = Timetable::empty(&problem);
    one.placements = vec![Placement { time: 0, room: 0 }; 2];
    let mut other = one.clone();
    assert_eq!(share_that_differs(&one, &other), 0.0);
    other.placements[1].room = 1;
    assert_eq!(share_that_differs(&one, &other), 0.5);
    other.placements[0].time = 1;
    assert_eq!(share_that_differs(&one, &other), 1.0);
}
