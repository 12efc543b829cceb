//! How the parts of the penalty are weighted, and whom they are laid to.

use super::spots::*;
use crate::*;

fn priced(meta: Meta) -> Problem {
    let mut b = builder(meta);
    b.course("c");
    b.config("g");
    b.subpart("s");
    let times = [(time(&mut b, mon(0, 2)), 4), (time(&mut b, mon(6, 2)), 0)];
    let rooms = [(RoomId(0), 6), (RoomId(1), 0)];
    let a = b.class(ClassSpec { name: "a", limit: None, times: &times, rooms: &rooms });
    let c = b.class(ClassSpec { name: "c", limit: None, times: &times, rooms: &[] });
    let classes = [a, c];
    let (kind, penalty) = (Kind::NotOverlap, Some(8));
    b.constraint(ConstraintSpec { kind, name: "", penalty, params: &[], classes: &classes, times: &[] });
    b.build().expect("a sound problem")
}

#[test]
fn the_penalty_is_the_weighted_sum_of_times_rooms_and_constraints() {
    let problem = priced(meta());
    let report = check(&problem, &all_first(&problem));
    // Times 2 × (4 + 4) = 16, rooms 3 × 6 = 18, the overlap 5 × 8 = 40.
    assert_eq!(report.tally(Rule::TimePenalty), Tally { entries: 2, hard: 0, penalty: 16 });
    assert_eq!(report.tally(Rule::RoomPenalty), Tally { entries: 1, hard: 0, penalty: 18 });
    assert_eq!(report.tally(Rule::Constraint(Kind::NotOverlap)), Tally { entries: 1, hard: 0, penalty: 40 });
    assert_eq!(report.score, Score { unplaced: 0, hard: 0, penalty: 74 });
    assert!(report.score.is_valid() && report.violations.is_empty());
    // a: 8 + 18 + 40; c: 8 + 40.
    assert_eq!(report.class_penalty, [66, 48]);
}

#[test]
fn what_costs_nothing_has_no_entry() {
    let problem = priced(meta());
    let mut timetable = all_first(&problem);
    timetable.placements = vec![Placement { time: 1, room: 1 }, Placement::NOWHERE];
    let report = check(&problem, &timetable);
    assert_eq!(report.score, Score { unplaced: 1, hard: 0, penalty: 0 });
    assert_eq!(report.tallies.keys().collect::<Vec<_>>(), [&Rule::Unplaced]);
}

#[test]
fn a_constraint_is_described_by_kind_parameters_name_and_classes() {
    let mut b = builder(meta());
    b.course("c");
    b.config("g");
    b.subpart("s");
    let classes: Vec<ClassId> = (0..8).map(|i| pinned(&mut b, &format!("k{i}"), None, mon(i, 1))).collect();
    let spec =
        ConstraintSpec { kind: Kind::MaxBreaks, name: "Ada", penalty: None, params: &[0, 1], classes: &[], times: &[] };
    b.constraint(ConstraintSpec { kind: Kind::MaxDayLoad, params: &[7], classes: &classes, ..spec });
    b.constraint(ConstraintSpec { classes: &[classes[0], classes[7]], ..spec });
    b.constraint(ConstraintSpec { kind: Kind::MinWorkingDays, name: "", params: &[3], ..spec });
    let problem = b.build().expect("a sound problem");
    let report = check(&problem, &all_first(&problem));
    let lines: Vec<String> = report.violations.iter().map(|v| v.describe(&problem)).collect();
    assert_eq!(
        lines,
        [
            "MaxDayLoad(7) `Ada` is violated by 2: k0, k1, k2, k3, k4, k5 and 2 more",
            "MaxBreaks(0,1) `Ada` is violated by 2: k0, k7",
            "MinWorkingDays(3) is violated by 3",
        ]
    );
}
