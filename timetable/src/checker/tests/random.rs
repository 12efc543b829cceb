//! Whatever fits is checked without a panic, and the parts of the report add up.

use super::spots::*;
use crate::*;
use proptest::prelude::*;

const CLASSES: usize = 6;

/// Six classes with a few times and rooms, every kind hard and soft, two students.
fn everything(seed: &[u16]) -> Problem {
    let mut b = builder(meta());
    let course = b.course("c");
    for config in 0..2usize {
        b.config("g");
        for subpart in 0..=config {
            b.subpart("s");
            for class in 0..2 {
                let at = config * 3 + subpart * 2 + class;
                let times: Vec<(TimeId, u32)> = (0..3)
                    .map(|k| {
                        let bits = seed[(at * 3 + k) % seed.len()];
                        let (weeks, days) = (u64::from(bits % 3 + 1), bits / 3 % 31 + 1);
                        (b.time(weeks, days, bits / 97 % 17, bits / 1_649 % 3 + 1), u32::from(bits % 5))
                    })
                    .collect();
                let rooms: Vec<(RoomId, u32)> = (0..(at as u32 % 3)).map(|r| (RoomId(r), r)).collect();
                b.class(ClassSpec { name: "k", limit: Some(1), times: &times, rooms: &rooms });
            }
        }
    }
    let all: Vec<ClassId> = (0..CLASSES).map(ClassId::new).collect();
    for kind in Kind::ALL {
        for penalty in [None, Some(3)] {
            if kind == Kind::StudentLongRun && penalty.is_none() {
                continue; // a problem has one
            }
            let classes = if kind.shape() == Shape::Students { &[][..] } else { &all };
            let times = if kind == Kind::Availability { &[TimeId(0)][..] } else { &[] };
            let params = &[1, 2, 3][..kind.arity()];
            b.constraint(ConstraintSpec { kind, name: "n", penalty, params, classes, times });
        }
    }
    b.student("p", &[course]);
    b.student("q", &[course]);
    b.build().expect("a sound problem")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_timetable_that_fits_has_a_report_whose_parts_add_up(
        seed in proptest::collection::vec(any::<u16>(), 18),
        at in proptest::collection::vec((0u16..4, 0u16..6), CLASSES),
        enrolment in proptest::collection::vec((any::<bool>(), 0u32..3, 0u32..3), 2),
    ) {
        let problem = everything(&seed);
        let mut timetable = Timetable::empty(&problem);
        for ((placement, class), (time, room)) in timetable.placements.iter_mut().zip(problem.classes()).zip(at) {
            if time < 3 {
                let room = if class.needs_room() { room % class.rooms.len as u16 } else { Placement::NO_ROOM };
                *placement = Placement { time, room };
            }
        }
        let one_of = |first: u32, class: u32| if class < 2 { first + class } else { NONE };
        let places = |&(large, a, b): &(bool, u32, u32)| if large { [one_of(2, a), one_of(4, b)] } else { [one_of(0, a), NONE] };
        timetable.enrolment = enrolment.iter().flat_map(places).collect();
        prop_assert!(timetable.fits(&problem).is_ok());

        let report = check(&problem, &timetable);
        prop_assert_eq!(report.score.penalty, report.tallies.values().map(|t| t.penalty).sum::<i64>());
        prop_assert_eq!(report.score.hard, report.tallies.values().map(|t| t.hard).sum::<i64>());
        let listed = report.violations.iter().filter(|v| v.rule != Rule::Unplaced).map(|v| v.amount).sum::<i64>();
        prop_assert_eq!(report.score.hard, listed);
        prop_assert_eq!(report.score.unplaced as usize, timetable.placements.iter().filter(|p| !p.is_placed()).count());
        for violation in &report.violations {
            prop_assert!(!violation.describe(&problem).is_empty());
        }
        // Each kind stands there once hard and once soft, over the same classes: entries come in
        // pairs.
        for kind in Kind::ALL.into_iter().filter(|&k| k != Kind::StudentLongRun) {
            prop_assert_eq!(report.tally(Rule::Constraint(kind)).entries % 2, 0);
        }
    }
}
