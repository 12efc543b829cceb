//! What holds in every problem: placement and rooms, and what the report says of them.

use super::spots::*;
use crate::*;

fn in_rooms(spots: &[Spot], closed: &[Spot]) -> (Problem, Timetable) {
    let mut b = ProblemBuilder::new(meta());
    let closed: Vec<TimeId> = closed.iter().map(|&t| time(&mut b, t)).collect();
    b.room("Aula\u{7}", 30, &closed, &[]);
    b.room("Lab", 30, &[], &[]);
    b.course("c");
    b.config("g");
    b.subpart("s");
    for (i, &spot) in spots.iter().enumerate() {
        pinned(&mut b, &format!("k{i}"), None, spot);
    }
    let problem = b.build().expect("a sound problem");
    let timetable = all_first(&problem);
    (problem, timetable)
}

#[test]
fn classes_that_overlap_in_a_room_clash_pair_by_pair() {
    // In the Aula 0..4, 2..6, 3..5 overlap pairwise: 3. 6..8 only touches; 2..6 in the Lab is
    // elsewhere.
    let aula = [mon(0, 4), mon(2, 4), mon(3, 2), mon(6, 2)].map(|s| s.room(0));
    let (problem, timetable) = in_rooms(&[aula[0], aula[1], aula[2], aula[3], mon(2, 4).room(1), mon(0, 9)], &[]);
    let report = check(&problem, &timetable);
    assert_eq!(report.score, Score { unplaced: 0, hard: 3, penalty: 0 });
    assert_eq!(report.tally(Rule::RoomClash), Tally { entries: 3, hard: 3, penalty: 0 });
    assert_eq!(report.violations[0].room, Some(RoomId(0)));
    assert_eq!(report.violations[0].describe(&problem), "classes k0, k1 overlap in room Aula\u{fffd}");
}

#[test]
fn a_class_is_counted_for_every_unavailable_time_of_its_room() {
    // Closed 0..4 and 3..6 on Mondays, Tuesdays of week 1. Monday 3..4 meets both, Tuesday of week
    // 0 none.
    let closed = [mon(0, 4), mon(3, 3), on("01000", 0, 20).weeks("01")];
    let spots = [mon(3, 1).room(0), on("01000", 0, 4).weeks("10").room(0), mon(0, 4).room(1)];
    let (problem, timetable) = in_rooms(&spots, &closed);
    let report = check(&problem, &timetable);
    assert_eq!(report.tally(Rule::RoomUnavailable), Tally { entries: 2, hard: 2, penalty: 0 });
    assert_eq!(report.score.hard, 2);
    assert!(report.violations[0].describe(&problem).starts_with("class k0 is held in room Aula"));
}

#[test]
fn an_unplaced_class_is_listed_and_nothing_else_sees_it() {
    let (problem, mut timetable) = in_rooms(&[mon(0, 4).room(0), mon(0, 4).room(0)], &[mon(0, 1)]);
    timetable.placements[1] = Placement::NOWHERE;
    let report = check(&problem, &timetable);
    // No clash; class 0 meets the closed slot.
    assert_eq!(report.score, Score { unplaced: 1, hard: 1, penalty: 0 });
    assert_eq!(report.tally(Rule::Unplaced), Tally { entries: 1, hard: 0, penalty: 0 });
    assert_eq!(report.violations[0].describe(&problem), "class k1 is not placed");
}

#[test]
fn a_placement_that_does_not_fit_counts_as_unplaced() {
    let (problem, timetable) = in_rooms(&[mon(0, 4).room(0), mon(0, 4)], &[]);
    let unplaced = |class: usize, time, room| {
        let mut wrong = timetable.clone();
        wrong.placements[class] = Placement { time, room };
        assert!(wrong.fits(&problem).is_err());
        check(&problem, &wrong).score.unplaced
    };
    assert_eq!(unplaced(0, 1, 0), 1, "no such time");
    assert_eq!(unplaced(0, 0, 1), 1, "no such room");
    assert_eq!(unplaced(0, 0, Placement::NO_ROOM), 1, "it needs a room");
    assert_eq!(unplaced(1, 0, 0), 1, "it needs none");
    let none = Timetable { placements: Vec::new(), enrolment: Vec::new() };
    assert_eq!(check(&problem, &none).score.unplaced, 2);
}
