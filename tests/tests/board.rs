//! The board against the checker after every one of many random changes, on real and generated
//! instances of each family.
//!
//! With `STAGECOACH_SLOW=1` also on the instances in `STAGECOACH_INSTANCES` (or
//! `../shared/instances` beside the workspace); `STAGECOACH_CHANGES=n` makes n changes on each.

use std::{env, sync::Arc};

use stage0_load::generate::{self, Campus};
use tests::*;
use timetable::*;

fn changes(default: usize) -> usize {
    env::var("STAGECOACH_CHANGES").map_or(default, |n| n.parse().expect("a number"))
}

/// Places, moves, takes away and enrols at random, on a board and by hand. After every change the
/// board holds what was done by hand, its score is the checker's, and the difference that it told
/// is the one between what the checker counts before and after.
fn walk(problem: &Problem, start: &Timetable, changes: usize, seed: u64) {
    let mut rng = Rng::new(seed);
    let index = Arc::new(BoardIndex::new(problem));
    // A board enrols by itself where students have no choice and must not conflict (PE-CTT), and
    // leaves it at that; all else is as it was given.
    let empty = Timetable::empty(problem);
    let enrols_itself = Board::with(problem, Arc::clone(&index), &empty).timetable().enrolment != empty.enrolment;
    let mut board = Board::with(problem, index, start);
    let mut timetable = board.timetable();
    assert_eq!(timetable.placements, start.placements);
    let mut before = check(problem, &timetable).score;
    assert_eq!(board.score(), before);
    for step in 0..changes {
        let told = if !enrols_itself && !problem.requests().is_empty() && rng.below(4) == 0 {
            let request = RequestId::new(rng.below(problem.requests().len()));
            let mut to = random_enrolment(problem, request, &mut rng);
            if rng.below(20) == 0 {
                to.fill(NONE);
            }
            timetable.enrolment[problem.requests()[request.index()].slots.range()].copy_from_slice(&to);
            board.enrol(request, &to)
        } else {
            let class = ClassId::new(rng.below(problem.classes().len()));
            let nowhere = rng.below(20) == 0;
            let to = if nowhere { Placement::NOWHERE } else { random_placement(problem, class, &mut rng) };
            timetable.placements[class.index()] = to;
            board.apply(class, to)
        };
        let after = check(problem, &timetable).score;
        assert!(board.timetable() == timetable, "change {step} of seed {seed} was not done as asked");
        assert_eq!(board.score(), after, "change {step} of seed {seed}");
        let unplaced = i64::from(after.unplaced) - i64::from(before.unplaced);
        assert_eq!(unplaced, i64::from(told.unplaced), "change {step} of seed {seed}");
        assert_eq!(after.hard - before.hard, i64::from(told.hard), "change {step} of seed {seed}");
        assert_eq!(after.penalty - before.penalty, told.penalty, "change {step} of seed {seed}");
        before = after;
    }
}

fn walk_from_two_starts(problem: &Problem, changes: usize) {
    walk(problem, &Timetable::empty(problem), changes / 2, 1);
    walk(problem, &random_timetable(problem, &mut Rng::new(2)), changes / 2, 3);
}

#[test]
fn on_a_small_faculty() {
    walk_from_two_starts(&generate::demo(1), changes(2_000));
}

#[test]
fn on_a_small_campus() {
    let campus = generate::campus(&Campus { scale: 0.02, ..Campus::new(1) });
    walk_from_two_starts(&campus, changes(400));
}

#[test]
fn on_every_instance_at_hand() {
    if !slow() {
        return;
    }
    for family in ["cb-ctt", "itc2019", "pe-ctt"] {
        for instance in instances(family) {
            let changes = changes(if family == "cb-ctt" { 2_000 } else { 60 });
            walk_from_two_starts(&load(&instance), changes);
            eprintln!("{}: {changes} changes", name(&instance));
        }
    }
}
