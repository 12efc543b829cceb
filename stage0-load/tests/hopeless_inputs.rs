//! Inputs that cannot be solved, each for one reason that can be counted by hand.

use stage0_load::{Limits, Source, findings, load_from};
use std::io::Cursor;
use std::path::Path;

fn reasons(text: String) -> Vec<String> {
    let source = Source::new(Path::new("input"), Box::new(Cursor::new(text)), Limits::default()).expect("readable");
    let problem = load_from(source, None).unwrap_or_else(|e| panic!("{e}"));
    findings(&problem, None).into_iter().filter(|f| f.is_error()).map(|f| f.text).collect()
}

/// Two days of two periods; courses as lines, one room for each name.
fn ctt(courses: &[&str], rooms: &[&str], curricula: &[&str], unavailable: &[&str]) -> String {
    let rooms: Vec<String> = rooms.iter().map(|r| format!("{r} 50")).collect();
    format!(
        "Name: H\nCourses: {}\nRooms: {}\nDays: 2\nPeriods_per_day: 2\nCurricula: {}\nConstraints: {}\n\nCOURSES:\n{}\n\nROOMS:\n{}\n\n\
         CURRICULA:\n{}\n\nUNAVAILABILITY_CONSTRAINTS:\n{}\n\nEND.\n",
        courses.len(),
        rooms.len(),
        curricula.len(),
        unavailable.len(),
        courses.join("\n"),
        rooms.join("\n"),
        curricula.join("\n"),
        unavailable.join("\n")
    )
}

#[test]
fn nothing_is_said_of_an_input_that_just_fits() {
    let text = ctt(&["a t 2 1 9", "b u 2 1 9", "c v 4 1 9"], &["A", "B"], &["q 2 a b"], &[]);
    assert_eq!(reasons(text), [""; 0]); // 8 lectures, 2 rooms × 4 periods
}

#[test]
fn more_lectures_than_room_slots_are_hopeless() {
    let text = ctt(&["a t 3 1 9", "b u 2 1 9"], &["A"], &[], &[]);
    assert_eq!(
        reasons(text),
        [
            "5 classes a week can only be held in room A (a-1, a-2, a-3, b-1 and b-2), and there are 4 slots in which they are free"
        ]
    );
}

#[test]
fn a_teacher_and_a_curriculum_with_more_lectures_than_periods_are_hopeless() {
    let text = ctt(&["a t 3 1 9", "b t 2 1 9", "c u 2 1 9"], &["A", "B"], &["q 2 a c"], &["c 0 0", "c 0 1", "a 0 0"]);
    assert_eq!(
        reasons(text),
        [
            "teacher t has 5 classes a week, and there are 4 slots in which they can be held: Mon 1, Mon 2, Tue 1 and Tue 2",
            // a has 3 periods left, c two of the same.
            "curriculum q has 5 classes a week, and there are 3 slots in which they can be held: Mon 2, Tue 1 and Tue 2",
        ]
    );
}

#[test]
fn a_student_with_more_events_than_slots_is_hopeless_where_conflicts_are_hard() {
    let one = |s: usize| (0..45).map(|i| if i == s { "1" } else { "0" }).collect::<Vec<_>>().join(" ");
    // Two events for one student, both only in slot 3, in rooms of their own.
    let text = format!("2 2 0 1\n5\n5\n1 1\n{}\n{}\n0 0\n0 0\n", one(3), one(3));
    assert_eq!(reasons(text), ["1 student takes e0 and e1 and cannot attend both (s0): e0 and e1 are both on Mon 4"]);
}

#[test]
fn precedences_in_a_circle_are_hopeless() {
    let all = vec!["1"; 45].join(" ");
    // 0 before 1, 1 before 2, 2 before 0; event 3 after the circle.
    let text = format!("4 4 0 0\n5\n5\n5\n5\n{all}\n{all}\n{all}\n{all}\n0 1 -1 1\n-1 0 1 0\n1 -1 0 0\n-1 0 0 0\n");
    assert_eq!(reasons(text), ["e1, e2 and e0 come each before the next in a circle"]);
}

#[test]
fn a_class_whose_only_room_is_never_free_is_hopeless() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/small.xml")).expect("text");
    // Room C, the only one of class 4, cannot be used in the second week; the class is held in
    // both.
    let closed = r#"<room id="C" capacity="0"><unavailable days="11" start="0" length="10" weeks="01"/></room>"#;
    let text = text.replace(r#"<room id="C" capacity="0"/>"#, closed);
    assert_eq!(reasons(text), ["4 is to be held on Mon 1 in room C, which is closed then"]);
}

#[test]
fn a_course_with_fewer_seats_than_students_is_hopeless() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/small.xml")).expect("text");
    assert_eq!(reasons(text.clone()), [""; 0]);
    let said = reasons(text.replace("limit=\"40\"", "limit=\"0\""));
    assert!(said.iter().any(|line| line.contains("has 0 seats for")), "{said:?}");
}
