//! Looking over the places of a class says of each what the exact difference says.

mod common;

use common::{Rng, Shape, placement, places, problem_with};
use std::{collections::BTreeMap, sync::Arc};
use timetable::*;

const SHAPES: [Shape; 6] = [
    Shape { units: false, travel: false, students: false, post_enrolment: false },
    Shape { units: false, travel: true, students: true, post_enrolment: false },
    Shape { units: false, travel: false, students: true, post_enrolment: false },
    Shape { units: true, travel: false, students: true, post_enrolment: false },
    Shape { units: true, travel: false, students: true, post_enrolment: true },
    Shape { units: false, travel: true, students: true, post_enrolment: true },
];

/// Kinds of which one more class can mend what is violated: there "breaks nothing more" can be said
/// in two ways.
fn one_more_can_mend(kind: &Kind) -> bool {
    matches!(kind, Kind::MinWorkingDays | Kind::IsolatedLectures | Kind::Gaps | Kind::MaxBreaks)
}

/// Walks at random; what is found of a class that is not placed, and what the difference of each of
/// its placements is.
fn on_random_boards(kinds: &[Kind], told: impl Fn(Option<i64>, Delta)) {
    for (seed, shape) in (0..40).flat_map(|seed| SHAPES.map(|s| (seed, s))) {
        let p = problem_with(seed, shape, kinds);
        let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
        let mut d = Rng::new(seed);
        for i in 0..p.requests().len() {
            let request = RequestId::new(i);
            let way = places(&p, request, &mut d);
            board.enrol(request, &way);
        }
        for _ in 0..40 {
            let class = ClassId::new(d.below(p.classes().len()));
            board.apply(class, placement(&p, class, &mut d));
            let class = ClassId::new(d.below(p.classes().len()));
            board.apply(class, Placement::NOWHERE);
            let before = board.timetable();
            let mut found = BTreeMap::new();
            board.for_each_free_place(class, |at, penalty| {
                assert!(found.insert((at.time, at.room), penalty).is_none(), "once");
            });
            assert_eq!(board.timetable(), before);
            let rooms = p.rooms_of(class).len() as u16;
            for time in 0..p.times_of(class).len() as u16 {
                let rooms = if rooms == 0 { Placement::NO_ROOM..=Placement::NO_ROOM } else { 0..=rooms - 1 };
                for room in rooms {
                    let delta = board.delta(class, Placement { time, room });
                    told(found.remove(&(time, room)), delta);
                }
            }
            assert!(found.is_empty(), "nothing else: {found:?}");
        }
    }
}

#[test]
fn what_it_finds_breaks_nothing_and_costs_what_it_says() {
    on_random_boards(&Kind::ALL, |found, delta| {
        if let Some(penalty) = found {
            assert!(delta.hard <= 0);
            assert_eq!(penalty, delta.penalty);
        }
    });
}

#[test]
fn it_finds_all_that_break_nothing() {
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !one_more_can_mend(kind)).collect();
    on_random_boards(&kinds, |found, delta| assert_eq!(found.is_some(), delta.hard <= 0, "{delta:?}"));
}
