//! The board against the checker, after every one of many random changes, on every kind of
//! constraint.

mod common;

use common::{Rng, Shape, placement, places, problem, problem_with};
use std::sync::Arc;
use timetable::*;

/// Two students' requests for one course, if chance finds any.
fn exchange(p: &Problem, d: &mut Rng) -> Option<(RequestId, RequestId)> {
    let a = d.below(p.requests().len());
    let b = d.below(p.requests().len());
    let (x, y) = (p.requests()[a], p.requests()[b]);
    (x.course == y.course && x.student != y.student).then(|| (RequestId::new(a), RequestId::new(b)))
}

fn walk(seed: u64, shape: Shape, kinds: &[Kind], changes: usize) {
    let p = problem_with(seed, shape, kinds);
    let mut d = Rng::new(seed ^ 77);
    let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
    assert_eq!(board.score(), check(&p, &board.timetable()).score, "empty board, seed {seed} {shape:?} {kinds:?}");
    for step in 0..changes {
        let class = ClassId::new(d.below(p.classes().len()));
        let before = board.score();
        let told;
        let partner = (!p.requests().is_empty() && d.chance(10)).then(|| exchange(&p, &mut d)).flatten();
        if let Some((a, b)) = partner {
            told = board.exchange_delta(a, b);
            if d.chance(50) {
                let (taken_a, taken_b) = (board.taken(a).to_vec(), board.taken(b).to_vec());
                board.commit_exchange(a, b, told);
                assert_eq!((board.taken(a), board.taken(b)), (&taken_b[..], &taken_a[..]));
            }
        } else if !p.requests().is_empty() && d.chance(30) {
            let request = RequestId::new(d.below(p.requests().len()));
            let to = places(&p, request, &mut d);
            told = board.enrol_delta(request, &to);
            if d.chance(50) {
                assert_eq!(board.enrol(request, &to), told);
            }
        } else {
            let to = placement(&p, class, &mut d);
            told = board.delta(class, to);
            if d.chance(60) {
                assert_eq!(board.apply(class, to), told);
                assert_eq!(board.placement(class), to);
            }
        }
        let after = board.score();
        if after != before {
            assert_eq!(after.hard - before.hard, i64::from(told.hard), "seed {seed} step {step}");
            assert_eq!(after.penalty - before.penalty, told.penalty, "seed {seed} step {step}");
        }
        let report = check(&p, &board.timetable());
        assert_eq!(after, report.score, "seed {seed} step {step} {shape:?} {kinds:?} {:#?}", report.tallies);
    }
    assert!(
        board.bytes() <= Board::max_bytes(&p),
        "{} > {}, seed {seed} {shape:?} {kinds:?}",
        board.bytes(),
        Board::max_bytes(&p)
    );
    assert!(board.index().bytes() <= BoardIndex::max_bytes(&p), "seed {seed} {shape:?} {kinds:?}");
}

const SHAPES: [Shape; 6] = [
    Shape { units: false, travel: true, students: true, post_enrolment: false },
    Shape { units: false, travel: false, students: true, post_enrolment: false },
    Shape { units: true, travel: true, students: true, post_enrolment: false },
    Shape { units: true, travel: false, students: true, post_enrolment: false },
    Shape { units: true, travel: false, students: true, post_enrolment: true },
    Shape { units: true, travel: false, students: false, post_enrolment: false },
];

#[test]
fn board_and_checker_agree_on_each_kind_alone() {
    for kind in Kind::ALL {
        for (seed, shape) in SHAPES.into_iter().enumerate() {
            walk(seed as u64, shape, &[kind], 100);
        }
    }
}

#[test]
fn board_and_checker_agree_after_every_change() {
    for seed in 0..30 {
        for shape in SHAPES {
            walk(seed, shape, &Kind::ALL, 300);
        }
    }
}

#[test]
fn a_copy_and_a_loaded_board_score_the_same() {
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        let p = problem(seed as u64, shape);
        let index = Arc::new(BoardIndex::new(&p));
        let mut board = Board::new(&p, Arc::clone(&index));
        let mut d = Rng::new(5);
        for _ in 0..100 {
            let class = ClassId::new(d.below(p.classes().len()));
            board.apply(class, placement(&p, class, &mut d));
            if !p.requests().is_empty() {
                let request = RequestId::new(d.below(p.requests().len()));
                board.enrol(request, &places(&p, request, &mut d));
            }
        }
        let again = Board::with(&p, index, &board.timetable());
        assert_eq!(again.score(), board.score());
        assert_eq!(again.timetable(), board.timetable());
    }
}

#[test]
fn whoever_is_in_the_way_is_why_a_placement_breaks_hard_rules() {
    for seed in 0..40 {
        let p = problem(seed, SHAPES[0]);
        let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
        let mut d = Rng::new(seed);
        let mut out = Vec::new();
        for _ in 0..60 {
            let class = ClassId::new(d.below(p.classes().len()));
            board.apply(class, placement(&p, class, &mut d));
            let (other, to) = (ClassId::new(d.below(p.classes().len())), placement(&p, class, &mut d));
            if board.placement(other).is_placed() || other != class || !to.is_placed() {
                continue;
            }
            board.conflicting_classes(other, to, &mut out);
            if out.is_empty() && !board.is_forbidden(other, to) {
                // Days short of the least can only get fewer by placing a class.
                assert!(board.delta(other, to).hard <= 0, "seed {seed}: nobody in the way, yet a hard violation");
            }
        }
    }
}
