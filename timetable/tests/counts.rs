//! Counts at the greatest value that their integers hold, and one above: refused on opening, or
//! counted in another way.

mod common;

use std::sync::Arc;
use timetable::*;

fn builder(days: u32, slots: u32, student_conflicts_hard: bool) -> ProblemBuilder {
    let mut b = ProblemBuilder::new(Meta {
        name: "counts".into(),
        weeks: 1,
        days,
        slots,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard,
        format: Format::Csv,
    });
    b.course("c");
    b.config("g");
    b.subpart("s");
    b
}

fn class(b: &mut ProblemBuilder, times: &[TimeId], rooms: &[RoomId]) -> ClassId {
    let times: Vec<_> = times.iter().map(|&t| (t, 0)).collect();
    let rooms: Vec<_> = rooms.iter().map(|&r| (r, 0)).collect();
    b.class(ClassSpec { name: "k", limit: None, times: &times, rooms: &rooms })
}

fn rule(b: &mut ProblemBuilder, kind: Kind, hard: bool, params: &[u32], classes: &[ClassId]) {
    let penalty = if hard { None } else { Some(1) };
    b.constraint(ConstraintSpec { kind, name: "", penalty, params, classes, times: &[] });
}

/// Puts every class at its first time, then the first class at its second: board and checker agree
/// all along.
fn agree(p: &Problem) {
    let mut timetable = Timetable::empty(p);
    for (i, c) in p.classes().iter().enumerate() {
        timetable.placements[i] = Placement { time: 0, room: if c.needs_room() { 0 } else { Placement::NO_ROOM } };
    }
    for (i, r) in p.requests().iter().enumerate() {
        let config = p.courses()[r.course as usize].configs.first as usize;
        let subparts = p.configs()[config].subparts.range();
        let first = p.subparts()[subparts].iter().map(|s| s.classes.first);
        p.requests()[i].slots.range().zip(first).for_each(|(place, class)| timetable.enrolment[place] = class);
    }
    let mut board = Board::with(p, Arc::new(BoardIndex::new(p)), &timetable);
    assert_eq!(board.score(), check(p, &board.timetable()).score);
    let class = ClassId(0);
    let first = board.placement(class);
    for to in [Placement { time: 1, ..first }, Placement::NOWHERE, first] {
        board.apply(class, to);
        assert_eq!(board.score(), check(p, &board.timetable()).score, "{to:?}");
    }
}

fn has_table(p: &Problem) -> bool {
    let board = Board::new(p, Arc::new(BoardIndex::new(p)));
    board.clash_delta(ClassId(0), Placement { time: 0, room: 0 }, None).is_some()
}

/// Two classes that so many constraints keep apart.
fn clashing(times: usize) -> Problem {
    let mut b = builder(1, 4, false);
    let at: Vec<TimeId> = (0..2).map(|t| b.time(1, 1, t, 1)).collect();
    let pair = [class(&mut b, &at, &[]), class(&mut b, &at, &[])];
    (0..times).for_each(|_| rule(&mut b, Kind::NotOverlap, true, &[], &pair));
    b.build().unwrap()
}

#[test]
fn clashes_beyond_two_bytes_are_counted_without_a_table() {
    for (times, table) in [(65_535, true), (65_536, false)] {
        let p = clashing(times);
        assert_eq!(has_table(&p), table, "{times}");
        agree(&p);
        assert!(Board::max_bytes(&p) > 0 && BoardIndex::max_bytes(&p) >= BoardIndex::new(&p).bytes());
    }
}

#[test]
fn clashes_of_students_count_for_the_same_bound() {
    for (students, table) in [(65_535, true), (65_536, false)] {
        let mut b = builder(1, 4, true);
        let at: Vec<TimeId> = (0..2).map(|t| b.time(1, 1, t, 1)).collect();
        class(&mut b, &at, &[]);
        b.subpart("t");
        class(&mut b, &at, &[]);
        for _ in 0..students {
            b.student("", &[CourseId(0)]);
        }
        let p = b.build().unwrap();
        assert_eq!(has_table(&p), table, "{students}");
        agree(&p);
    }
}

#[test]
fn students_in_common_are_counted_beyond_two_bytes() {
    // Soft conflicts: a table of students. Two bytes for each of two places, and one more student.
    for students in [32_767, 32_768, 65_536] {
        agree(&two_places(students));
    }
}

#[test]
fn a_class_of_another_course_does_not_fit() {
    let mut b = builder(1, 4, false);
    let at = [b.time(1, 1, 0, 1)];
    class(&mut b, &at, &[]);
    b.course("other");
    b.config("g");
    b.subpart("s");
    class(&mut b, &at, &[]);
    b.student("", &[CourseId(0)]);
    let p = b.build().unwrap();
    let mut timetable = Timetable::empty(&p);
    timetable.enrolment[0] = 0;
    assert_eq!(timetable.fits(&p), Ok(()));
    timetable.enrolment[0] = 1;
    let why = "enrolment of student  in course c: class k, which is another's";
    assert_eq!(timetable.fits(&p).map_err(|e| e.to_string()), Err(why.into()));
}

/// So many students, each in the same two classes.
fn two_places(students: u32) -> Problem {
    let mut b = builder(1, 4, false);
    let at: Vec<TimeId> = (0..2).map(|t| b.time(1, 1, t, 1)).collect();
    class(&mut b, &at, &[]);
    b.subpart("t");
    class(&mut b, &at, &[]);
    for _ in 0..students {
        b.student("", &[CourseId(0)]);
    }
    b.build().unwrap()
}

#[test]
fn a_room_that_is_unavailable_256_times_at_once_is_counted_without_a_table() {
    for (times, table) in [(255, true), (256, false)] {
        let mut b = builder(1, 4, false);
        let at: Vec<TimeId> = (0..2).map(|t| b.time(1, 1, t, 1)).collect();
        let room = b.room("r", 10, &vec![at[0]; times], &[]);
        class(&mut b, &at, &[room]);
        let p = b.build().unwrap();
        assert_eq!(has_table(&p), table, "{times}");
        agree(&p);
    }
}

/// Lectures of one group, all of so many slots.
fn isolated(lectures: u32, length: u16) -> Result<Problem, BlockError> {
    let mut b = builder(1, 4, false);
    let at: Vec<TimeId> = (0..2).map(|t| b.time(1, 1, t, length)).collect();
    let classes: Vec<ClassId> = (0..lectures).map(|_| class(&mut b, &at, &[])).collect();
    rule(&mut b, Kind::IsolatedLectures, false, &[], &classes);
    b.build()
}

#[test]
fn a_group_counts_65535_lectures_in_a_slot() {
    agree(&isolated(MAX_TALLIED, 1).unwrap());
    agree(&isolated(MAX_TALLIED, 2).unwrap());
    let error = isolated(MAX_TALLIED + 1, 1).expect_err("one more").to_string();
    assert!(error.contains("IsolatedLectures lists 65536 classes, above 65535"), "{error}");
}

/// A student with so many places, whose days are counted.
fn busy(places: u32) -> Result<Problem, BlockError> {
    let mut b = builder(1, 4, false);
    let at: Vec<TimeId> = (0..2).map(|t| b.time(1, 1, t, 1)).collect();
    class(&mut b, &at, &[]);
    for _ in 1..places {
        b.subpart("t");
        class(&mut b, &at, &[]);
    }
    rule(&mut b, Kind::StudentSingleClassDay, false, &[], &[]);
    b.student("", &[CourseId(0)]);
    b.build()
}

#[test]
fn a_student_has_255_classes_in_a_slot_at_most_where_days_are_counted() {
    agree(&busy(255).unwrap());
    let error = busy(256).expect_err("one more").to_string();
    assert!(error.contains("\": StudentSingleClassDay with 256 places, above 255"), "{error}");
}

#[test]
fn pairs_of_places_are_bounded() {
    let build = |places: u32| {
        let mut b = builder(1, 4, false);
        let at = [b.time(1, 1, 0, 1)];
        class(&mut b, &at, &[]);
        for _ in 1..places {
            b.subpart("t");
            class(&mut b, &at, &[]);
        }
        b.student("", &[CourseId(0)]);
        b.build()
    };
    // 32,768 × 32,767 is below 2^30, 32,769 × 32,768 above.
    assert!(build(32_768).is_ok());
    let error = build(32_769).expect_err("one more").to_string();
    assert!(error.contains("\": pairs of places of one student exceed 1073741824"), "{error}");
}

#[test]
fn hard_violations_of_a_class_are_bounded() {
    let build = |rules: usize| {
        let mut b = ProblemBuilder::new(Meta {
            name: "hard".into(),
            weeks: 64,
            days: 16,
            slots: 65_535,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Csv,
        });
        b.course("c");
        b.config("g");
        b.subpart("s");
        let all = b.time(u64::MAX, u16::MAX, 0, 65_535);
        let one = [class(&mut b, &[all, all], &[])];
        (0..rules).for_each(|_| rule(&mut b, Kind::MaxDayLoad, true, &[0], &one));
        b.build()
    };
    // Each counts 64 × 16 × 65,535 slots: 16 of them stay below 2^30.
    agree(&build(16).unwrap());
    let error = build(17).expect_err("too many").to_string();
    assert!(error.contains("\": 1140833552 hard violations are possible, above 1073741824"), "{error}");
}

#[test]
fn a_limit_is_below_two_to_the_31() {
    let build = |limit: u32| {
        let mut b = builder(1, 4, false);
        let at = b.time(1, 1, 0, 1);
        b.class(ClassSpec { name: "k", limit: Some(limit), times: &[(at, 0)], rooms: &[] });
        b.build()
    };
    assert!(build(MAX_PLACES).is_ok());
    let error = build(MAX_PLACES + 1).expect_err("one more").to_string();
    assert!(error.contains("\": limit 2147483648 is above 2147483647"), "{error}");
}

#[test]
fn weights_of_classes_in_the_way_never_add_up_to_never() {
    // 20,000 classes of greatest weight in one room at one time.
    let mut b = builder(1, 4, false);
    let at: Vec<TimeId> = (0..2).map(|t| b.time(1, 1, t, 1)).collect();
    let room = b.room("r", 10, &[], &[]);
    let classes: Vec<ClassId> = (0..20_000).map(|_| class(&mut b, &at, &[room])).collect();
    let p = b.build().unwrap();
    let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
    let mut conflicts = ConflictTable::new(&board);
    for &c in &classes {
        conflicts.set_weight(&board, c, ConflictTable::MOST_WEIGHT);
        if c != classes[0] {
            conflicts.apply(&mut board, c, Placement { time: 0, room: 0 });
        }
    }
    let mut least = 0;
    conflicts.scan(&mut board, classes[0], ConflictTable::IMPOSSIBLE - 1, |at, cost| {
        if at.time == 0 {
            least = cost;
        }
        ConflictTable::IMPOSSIBLE - 1
    });
    assert!(least > 0 && least < ConflictTable::IMPOSSIBLE, "{least}");
}

#[test]
fn what_was_built_and_is_too_much_is_named_by_its_name_not_by_its_section() {
    let mut b = builder(1, 4, false);
    let at = [b.time(1, 1, 0, 1)];
    class(&mut b, &at, &[]);
    b.student("anna", &[CourseId(0), CourseId(0)]);
    assert_eq!(b.build().unwrap_err().to_string(), "student \"anna\": takes course 0 twice");
}
