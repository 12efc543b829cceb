//! Students: enrolment, limits, conflicts, and the kinds that look at their days.

use super::spots::*;
use crate::*;

/// Course X: configuration 0 of a lecture (class 0) and two labs (1, the lecture's child; 2, a
/// child of class 3, so that nobody can take it), configuration 1 of one seminar (class 3, limit
/// 1). Course Y: one class (4). Ann and Ben take both courses.
fn two_courses(meta: Meta, spots: [Spot; 5], soft: &[(Kind, &[u32], Option<u32>)]) -> Problem {
    let mut b = builder(meta);
    let x = b.course("X");
    b.config("0");
    b.subpart("lecture");
    let lecture = pinned(&mut b, "lecture", None, spots[0]);
    b.subpart("lab");
    let child = pinned(&mut b, "lab of lecture", None, spots[1]);
    pinned(&mut b, "lab of seminar", None, spots[2]);
    b.config("1");
    b.subpart("seminar");
    let seminar = pinned(&mut b, "seminar", Some(1), spots[3]);
    b.set_parent(child, lecture);
    b.set_parent(ClassId(2), seminar);
    let y = b.course("Y");
    b.config("0");
    b.subpart("only");
    pinned(&mut b, "only", None, spots[4]);
    for &(kind, params, penalty) in soft {
        b.constraint(ConstraintSpec { kind, name: "", penalty, params, classes: &[], times: &[] });
    }
    b.student("Ann", &[x, y]);
    b.student("Ben", &[x, y]);
    b.build().expect("a sound problem")
}

/// One after the other on Monday, the last on Tuesday: nothing overlaps.
fn apart() -> [Spot; 5] {
    [mon(0, 2), mon(2, 2), mon(4, 2), mon(6, 2), on("01000", 0, 2)]
}

/// Places: Ann's X (two), Ann's Y, Ben's X (two), Ben's Y.
fn enrolled(problem: &Problem, places: [u32; 6]) -> Report {
    let timetable = Timetable { enrolment: places.to_vec(), ..all_first(problem) };
    check(problem, &timetable)
}

#[test]
fn a_student_takes_one_configuration_with_one_class_of_each_subpart_and_its_parent() {
    let problem = two_courses(meta(), apart(), &[]);
    // Ben's enrolment is proper throughout: seminar alone, and Y.
    let ann = |a, b| enrolled(&problem, [a, b, 4, 3, NONE, 4]).tally(Rule::Enrolment).hard;
    assert_eq!(ann(0, 1), 0, "lecture and its lab");
    assert_eq!(ann(0, 2), 1, "a lab without its parent");
    assert_eq!(ann(1, 0), 1, "in the wrong order");
    assert_eq!(ann(0, NONE), 1, "no lab");
    assert_eq!(ann(NONE, 1), 1, "no lecture");
    assert_eq!(ann(NONE, NONE), 1, "nothing");
    assert_eq!(ann(3, NONE), 0, "the seminar");
    assert_eq!(ann(3, 1), 1, "two configurations");
    assert_eq!(ann(3, 3), 1, "a place beyond the configuration");
    assert_eq!(ann(4, NONE), 1, "a class of another course");
    assert_eq!(ann(77, NONE), 1, "no class at all");
}

#[test]
fn an_improper_enrolment_names_student_request_and_classes() {
    let problem = two_courses(meta(), apart(), &[]);
    let report = enrolled(&problem, [0, 2, 4, 3, NONE, NONE]);
    assert_eq!(report.score, Score { unplaced: 0, hard: 2, penalty: 0 });
    let found = &report.violations[1];
    assert_eq!((found.student, found.request), (Some(StudentId(1)), Some(RequestId(3))));
    assert_eq!(report.violations[0].classes, [ClassId(0), ClassId(2)]);
    assert_eq!(found.describe(&problem), "student Ben is not properly enrolled in course Y");
}

#[test]
fn too_short_an_enrolment_enrols_nobody() {
    let problem = two_courses(meta(), apart(), &[]);
    let timetable = Timetable { enrolment: Vec::new(), ..all_first(&problem) };
    // Two students, two requests each.
    assert_eq!(check(&problem, &timetable).tally(Rule::Enrolment).hard, 4);
}

#[test]
fn a_class_is_counted_by_its_students_beyond_the_limit() {
    let problem = two_courses(meta(), apart(), &[]);
    let report = enrolled(&problem, [3, NONE, 4, 3, NONE, 4]);
    // Two in the seminar, limit 1; no limit on Y.
    assert_eq!(report.score, Score { unplaced: 0, hard: 1, penalty: 0 });
    assert_eq!(report.tally(Rule::ClassLimit), Tally { entries: 1, hard: 1, penalty: 0 });
    assert_eq!(report.violations[0].describe(&problem), "class seminar has 1 students too many");
    // A student who holds two places in it counts once.
    assert_eq!(enrolled(&problem, [3, 3, 4, 0, 1, 4]).tally(Rule::ClassLimit).hard, 0);
}

#[test]
fn a_student_conflict_is_a_pair_of_classes_that_one_cannot_attend() {
    // Lecture 0..2, its lab 1..3, Y 2..4 in another room two slots away from the lecture's.
    let mut spots = apart();
    (spots[0], spots[1], spots[4]) = (mon(0, 2).room(0), mon(1, 2), mon(2, 2).room(1));
    let problem = two_courses(meta(), spots, &[]);
    // Ann: lecture and lab overlap, lab and Y overlap, lecture and Y are too far apart: 3 × 7. Ben:
    // seminar, Y: none.
    let report = enrolled(&problem, [0, 1, 4, 3, NONE, 4]);
    assert_eq!(report.score, Score { unplaced: 0, hard: 0, penalty: 21 });
    assert_eq!(report.tally(Rule::StudentConflict), Tally { entries: 3, hard: 0, penalty: 21 });
    assert_eq!(report.class_penalty, [14, 14, 0, 0, 14]);
}

#[test]
fn a_student_conflict_is_a_hard_violation_where_the_problem_says_so() {
    let mut spots = apart();
    spots[3] = on("01000", 1, 2);
    let problem = two_courses(Meta { student_conflicts_hard: true, ..meta() }, spots, &[]);
    // Ben: seminar 1..3 and Y 0..2 on Tuesdays. Ann: none.
    let report = enrolled(&problem, [0, 1, 4, 3, NONE, 4]);
    assert_eq!(report.score, Score { unplaced: 0, hard: 1, penalty: 0 });
    assert_eq!(report.violations[0].student, Some(StudentId(1)));
    assert_eq!(report.violations[0].describe(&problem), "student Ben cannot attend both of seminar, only");
}

/// Hard amount of a kind over students; the soft one must cost 11 × amount × 5.
fn over_students(kind: Kind, params: &[u32], spots: [Spot; 5], places: [u32; 6]) -> i64 {
    let rule = Rule::Constraint(kind);
    let hard = enrolled(&two_courses(meta(), spots, &[(kind, params, None)]), places).tally(rule);
    let soft = enrolled(&two_courses(meta(), spots, &[(kind, params, Some(11))]), places).tally(rule);
    assert_eq!(soft, Tally { hard: 0, penalty: 11 * hard.hard * 5, ..hard });
    hard.hard
}

#[test]
fn student_single_class_day_counts_days_with_exactly_one_class() {
    let kind = Kind::StudentSingleClassDay;
    // Ann: lecture and lab on Monday, Y alone on Tuesday: 1. Ben: seminar alone on Monday, Y alone
    // on Tuesday: 2.
    assert_eq!(over_students(kind, &[], apart(), [0, 1, 4, 3, NONE, 4]), 3);
    // Y on Monday and Tuesday in the second week: Ann's Tuesday 1; Ben's Tuesday 1, his Monday has
    // two.
    let mut spots = apart();
    spots[4] = on("11000", 8, 2).weeks("01");
    assert_eq!(over_students(kind, &[], spots, [0, 1, 4, 3, NONE, 4]), 2);
    assert_eq!(over_students(kind, &[], apart(), [NONE; 6]), 0);
}

#[test]
fn student_long_run_counts_slots_in_a_row_beyond_the_limit() {
    let kind = Kind::StudentLongRun;
    // Ann: 0..2, 2..4 are 4 in a row; 2 on Tuesday. Ben: 2 and 2.
    let places = [0, 1, 4, 3, NONE, 4];
    assert_eq!(over_students(kind, &[4], apart(), places), 0);
    assert_eq!(over_students(kind, &[3], apart(), places), 1);
    // Beyond 1: Ann 3 + 1, Ben 1 + 1.
    assert_eq!(over_students(kind, &[1], apart(), places), 6);
    // Y 4..6 on Mondays of week 1: Ann 0..6 in a row, 6 - 3; Ben 4..8 with his seminar, 4 - 3.
    let mut spots = apart();
    spots[4] = mon(4, 2).weeks("01");
    assert_eq!(over_students(kind, &[3], spots, places), 4);
}

#[test]
fn a_kind_over_students_names_each_student_once_with_the_classes_of_those_days() {
    let problem = two_courses(meta(), apart(), &[(Kind::StudentLongRun, &[1], None)]);
    let report = enrolled(&problem, [0, 1, 4, 3, NONE, 4]);
    assert_eq!(report.violations.len(), 2);
    assert_eq!(report.violations[0].classes, [ClassId(0), ClassId(1), ClassId(4)]);
    assert_eq!(
        report.violations[1].describe(&problem),
        "StudentLongRun(1) is violated by 2 for student Ben: seminar, only"
    );
}
