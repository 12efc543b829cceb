//! The table of what is in the way says the same as asking the board placement by placement.

mod common;

use common::{Rng, Shape, placement, places, problem, problem_with};
use std::{collections::BTreeMap, sync::Arc};
use timetable::*;

const SHAPES: [Shape; 5] = [
    Shape { units: false, travel: false, students: false, post_enrolment: false },
    Shape { units: false, travel: true, students: true, post_enrolment: false },
    Shape { units: true, travel: false, students: false, post_enrolment: false },
    Shape { units: true, travel: false, students: true, post_enrolment: true },
    Shape { units: false, travel: true, students: true, post_enrolment: true },
];

#[test]
fn the_table_finds_nothing_in_the_way_exactly_where_the_board_finds_nothing() {
    for (seed, shape) in (0..60).flat_map(|seed| SHAPES.map(|s| (seed, s))) {
        // Once it is broken, room stability names members to go that another placement would not
        // add to.
        let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|&k| k != Kind::RoomStability).collect();
        let p = problem_with(seed, shape, &kinds);
        let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
        let mut d = Rng::new(seed);
        for i in 0..p.requests().len() {
            let request = RequestId::new(i);
            let way = places(&p, request, &mut d);
            board.enrol(request, &way);
        }
        let mut conflicts = ConflictTable::new(&board);
        let mut out = Vec::new();
        for _ in 0..40 {
            let class = ClassId::new(d.below(p.classes().len()));
            conflicts.apply(&mut board, class, placement(&p, class, &mut d));
            let heavy = ClassId::new(d.below(p.classes().len()));
            conflicts.set_weight(&board, heavy, 1 + d.below(5) as u32);
            let other = ClassId::new(d.below(p.classes().len()));
            conflicts.apply(&mut board, other, Placement::NOWHERE);
            let mut costs = BTreeMap::new();
            conflicts.scan(&mut board, other, u32::MAX, |at, cost| {
                costs.insert((at.time, at.room), cost);
                u32::MAX
            });
            let rooms = p.rooms_of(other).len();
            for time in 0..p.times_of(other).len() as u16 {
                let rooms = if rooms == 0 { Placement::NO_ROOM..=Placement::NO_ROOM } else { 0..=rooms as u16 - 1 };
                for room in rooms {
                    let possible = board.conflicting_classes_by_weight(
                        other,
                        Placement { time, room },
                        &|c| conflicts.weight(ClassId(c)),
                        &mut out,
                    );
                    let found = costs.get(&(time, room)).copied();
                    assert_eq!(found.is_some(), possible, "seed {seed} {shape:?}: {other:?} at {time} {room}");
                    let sum: u32 = out.iter().map(|&c| conflicts.weight(c)).sum();
                    let found = found.unwrap_or(sum);
                    assert!(found >= sum && (found == 0) == (sum == 0), "seed {seed} {shape:?}: {found} for {sum}");
                }
            }
        }
    }
}

#[test]
fn taking_away_who_is_in_the_way_makes_the_placement_break_nothing_more() {
    for (seed, shape) in (0..60).flat_map(|seed| SHAPES.map(|s| (seed, s))) {
        let p = problem(seed, shape);
        let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
        let mut d = Rng::new(seed);
        let mut out = Vec::new();
        for _ in 0..60 {
            let class = ClassId::new(d.below(p.classes().len()));
            board.apply(class, placement(&p, class, &mut d));
            let other = ClassId::new(d.below(p.classes().len()));
            if board.placement(other).is_placed() {
                continue;
            }
            let to = placement(&p, other, &mut d);
            if !to.is_placed() || !board.conflicting_classes(other, to, &mut out) {
                continue;
            }
            let mut after = board.clone();
            out.iter().for_each(|&c| {
                after.apply(c, Placement::NOWHERE);
            });
            // Rules that fewer classes may break more (a slot alone, a gap where one has gone) are
            // left out.
            let broken = |b: &Board<'_>, rule: Rule| check(&p, &b.timetable()).tally(rule).hard;
            let before = after.clone();
            after.apply(other, to);
            for rule in [Rule::RoomClash, Rule::RoomUnavailable, Rule::StudentConflict] {
                assert!(broken(&after, rule) <= broken(&before, rule), "seed {seed} {shape:?}: {rule}");
            }
            for kind in Kind::ALL {
                let rule = Rule::Constraint(kind);
                let alone =
                    matches!(kind, Kind::MinWorkingDays | Kind::IsolatedLectures | Kind::Gaps | Kind::MaxBreaks)
                        || kind.shape() == timetable::Shape::Students;
                assert!(alone || broken(&after, rule) <= broken(&board, rule), "seed {seed} {shape:?}: {rule}");
            }
        }
    }
}
