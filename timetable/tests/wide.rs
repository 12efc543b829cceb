//! Constraints of more classes than the board lists pair by pair, with few times and with more than
//! any table holds; and several constraints that say the same.

mod common;

use common::{Rng, placement};
use std::sync::Arc;
use timetable::*;

const CLASSES: usize = 130;

/// Classes of several lengths in rooms with ways between them, and `times` distinct times in all.
fn wide(seed: u64, times: usize) -> Problem {
    let mut d = Rng::new(seed);
    let mut b = ProblemBuilder::new(Meta {
        name: format!("wide-{seed}"),
        weeks: 5,
        days: 4,
        slots: 24,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 3,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let rooms: Vec<RoomId> = (0..6).map(|r| b.room(&format!("r{r}"), 10, &[], &[])).collect();
    for (k, &x) in rooms.iter().enumerate() {
        rooms[k + 1..].iter().for_each(|&y| b.travel(x, y, d.below(4) as u16));
    }
    let time = |b: &mut ProblemBuilder, d: &mut Rng| {
        let (weeks, days) = (1 + d.below(31) as u64, 1 + d.below(15) as u16);
        b.time(weeks, days, d.below(18) as u16, 1 + d.below(6) as u16)
    };
    let mut pool: Vec<TimeId> = Vec::new();
    while pool.len() < times {
        let t = time(&mut b, &mut d);
        pool.push(t);
        if pool.len() == times {
            pool.sort_unstable();
            pool.dedup();
        }
    }
    b.course("c");
    b.config("g");
    b.subpart("s");
    let classes: Vec<ClassId> = (0..CLASSES)
        .map(|k| {
            // The first ones take all the times there are between them.
            let mut mine: Vec<TimeId> =
                pool.iter().copied().skip(k * times / CLASSES).take(times / CLASSES + 6).collect();
            mine.extend((0..4).map(|_| pool[d.below(pool.len())]));
            mine.sort_unstable();
            mine.dedup();
            let times: Vec<(TimeId, u32)> = mine.into_iter().map(|t| (t, d.below(3) as u32)).collect();
            let rooms: Vec<(RoomId, u32)> = rooms.iter().map(|&r| (r, d.below(3) as u32)).collect();
            let name = format!("k{k}");
            b.class(ClassSpec { name: &name, limit: None, times: &times, rooms: if k % 9 == 0 { &[] } else { &rooms } })
        })
        .collect();
    let kinds = [Kind::SameAttendees, Kind::NotOverlap, Kind::DifferentRoom, Kind::SameTime, Kind::MinGap];
    for kind in kinds {
        for penalty in [None, Some(2)] {
            let params: Vec<u32> = (0..kind.arity()).map(|_| 3).collect();
            let first = d.below(20);
            let all = &classes[first..first + 105];
            b.constraint(ConstraintSpec { kind, name: "", penalty, params: &params, classes: all, times: &[] });
            // Few, twice; the second time in the other order, with one more.
            let few: Vec<ClassId> = (0..4).map(|k| classes[k * 17 + first]).collect();
            let again: Vec<ClassId> = few.iter().rev().copied().chain([classes[101]]).collect();
            for list in [&few, &few, &again] {
                b.constraint(ConstraintSpec { kind, name: "", penalty, params: &params, classes: list, times: &[] });
            }
        }
    }
    b.build().expect("a sound problem")
}

fn walk(seed: u64, times: usize, changes: usize) {
    let p = wide(seed, times);
    assert_eq!(p.times().len() > 2_560, times > 3_000, "{} times", p.times().len());
    let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
    let mut d = Rng::new(seed);
    let mut out = Vec::new();
    for step in 0..changes {
        let class = ClassId::new(d.below(CLASSES));
        let to = placement(&p, class, &mut d);
        let before = board.score();
        let possible = board.conflicting_classes(class, to, &mut out);
        let told = board.apply(class, to);
        let after = board.score();
        assert_eq!(after, check(&p, &board.timetable()).score, "seed {seed} step {step}");
        assert_eq!((after.hard - before.hard, after.penalty - before.penalty), (told.hard.into(), told.penalty));
        if to.is_placed() && possible {
            // Without those who are in the way the class violates nothing.
            for &other in &out {
                board.apply(other, Placement::NOWHERE);
            }
            assert_eq!(board.delta(class, Placement::NOWHERE).hard, 0, "seed {seed} step {step}: {out:?}");
        }
    }
    assert!(board.bytes() <= Board::max_bytes(&p), "{} > {}", board.bytes(), Board::max_bytes(&p));
    assert!(board.index().bytes() <= BoardIndex::max_bytes(&p));
}

#[test]
fn large_groups_among_few_times() {
    (0..6).for_each(|seed| walk(seed, 300, 400));
}

#[test]
fn large_groups_among_more_times_than_tables_hold() {
    (0..2).for_each(|seed| walk(seed, 4_000, 300));
}
