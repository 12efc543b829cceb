//! The kernels, compiled for the processor, against the Rust twin: the same bits after every kernel.

#[path = "../../../timetable/tests/common/mod.rs"]
mod common;

use super::host::Host;
use super::model::Model;
use super::raw::{RawIndividual, RawStretch};
use crate::genetic::{Common, Evolution, Parts, Shape, Stretch, Watch, Worker};
use crate::walk::{Chain, Domains, Draws, Settings, Share, Weights, share};
use common::Dice;
use std::sync::Arc;
use timetable::{Board, BoardIndex, ClassId, Kind, Problem, RequestId, Timetable, check};

/// Never stops, and knows no time.
struct Endless;

impl Watch for Endless {
    fn stop(&self) -> bool {
        false
    }

    fn used(&self) -> Share {
        0
    }

    fn evaluated(&self, _moves: u64) {}
}

fn random_timetable(problem: &Problem, d: &mut Dice) -> Timetable {
    let mut t = Timetable::empty(problem);
    for class in problem.class_ids() {
        t.placements[class.index()] = common::placement(problem, class, d);
    }
    for (i, r) in problem.requests().iter().enumerate() {
        t.enrolment[r.slots.range()].copy_from_slice(&common::places(problem, RequestId::new(i), d));
    }
    t
}

/// What differs, in words, for the message of a failure.
fn difference(problem: &Problem, shape: &Shape, ours: &[u8], theirs: &[u8], start: &Timetable) -> String {
    let (mut a, mut b) = (start.clone(), start.clone());
    shape.get(ours, &mut a);
    shape.get(theirs, &mut b);
    let classes = problem.class_ids().filter(|c: &ClassId| a.placements[c.index()] != b.placements[c.index()]);
    let differ: Vec<_> = classes.map(|c| (c, a.placements[c.index()], b.placements[c.index()])).collect();
    let places: Vec<_> = (0..a.enrolment.len()).filter(|&p| a.enrolment[p] != b.enrolment[p]).collect();
    format!("classes {differ:?}, places {places:?}")
}

/// A population of random timetables evolves in both for some generations of `steps`.
fn evolve_both(problem: &Problem, seed: u64, n: usize, generations: u32, steps: u64) {
    let mut d = Dice::new(seed + 77);
    let domains = Domains::new(problem);
    let shape = Shape::new(problem, !domains.choosable.is_empty());
    let parts = Parts::new(problem, None);
    let settings = Settings { start: 0.5, students: 0.4, follow: 0.2, kempe: 0.2, ..Settings::default() };
    let index = Arc::new(BoardIndex::new(problem));
    let empty = Board::new(problem, Arc::clone(&index));
    let starts: Vec<Timetable> = {
        let first = random_timetable(problem, &mut d);
        let fixed = |mut t: Timetable| {
            // Where students cannot choose, all take the same.
            if shape.places == 0 {
                t.enrolment.clone_from(&first.enrolment);
            }
            t
        };
        (0..n).map(|_| fixed(random_timetable(problem, &mut d))).collect()
    };
    let model = Model::new(problem, &empty, &domains, (&settings.mix(&domains), &parts, &shape), &starts[0]).unwrap();
    let mut host = Host::new(&model);

    // Full evaluation: kernel, board and checker.
    let row = shape.row();
    let mut rows = vec![0; n * row];
    starts.iter().zip(rows.chunks_exact_mut(row)).for_each(|(t, row)| shape.put(row, t));
    let board = Board::with(problem, Arc::clone(&index), &starts[0]);
    let mut chain = Chain::new(board, &domains, Draws::new(seed, [0, 0]), Weights::DESCENT, settings.mix(&domains));
    let hard = 40;
    let schedule = crate::walk::Schedule::new(60.0, 0.3);
    let mut individuals: Vec<RawIndividual> =
        starts.iter().map(|_| RawIndividual::new(Default::default(), Default::default(), hard, None)).collect();
    host.evaluate(&rows, &mut individuals);
    let mut scores = Vec::new();
    for (t, individual) in starts.iter().zip(&individuals) {
        chain.board.load(t);
        assert_eq!(individual.score(), chain.board.score(), "seed {seed}: kernel and board");
        if empty.tables().students_in_clashes {
            // Everyone takes the only way there is, whatever the timetable says.
            assert_eq!(
                check(problem, &chain.board.timetable()).score,
                individual.score(),
                "seed {seed}: kernel and checker"
            );
        } else {
            assert_eq!(check(problem, t).score, individual.score(), "seed {seed}: kernel and checker");
        }
        scores.push(individual.score());
    }

    let common = Common { shape: shape.clone(), parts: &parts, schedule, seed };
    let mut evolution = Evolution::of(common, &starts, &scores, hard);
    let mut workers =
        vec![Worker { chain: chain.fork(), scratch: starts[0].clone() }, Worker { chain, scratch: starts[0].clone() }];
    let mut best = rows.clone();
    let mut individuals: Vec<RawIndividual> =
        scores.iter().map(|&score| RawIndividual::new(score, score, hard, None)).collect();
    for generation in 0..generations {
        let at = |g: u32| share(f64::from(g) / f64::from(generations));
        let stretch = Stretch { generation, from: at(generation), until: at(generation + 1), steps: Some(steps) };
        evolution.walk(&mut workers, stretch, &Endless);
        host.walk(evolution.common.raw_walk(stretch, n), &mut rows, &mut best, &mut individuals);
        let same = |what: &str, ours: &[u8], theirs: &[u8]| {
            for (i, (ours, theirs)) in ours.chunks_exact(row).zip(theirs.chunks_exact(row)).enumerate() {
                let at = || difference(problem, &shape, ours, theirs, &starts[0]);
                assert!(ours == theirs, "seed {seed}, generation {generation}, {what} of {i}: {}", at());
            }
        };
        same("walk", evolution.rows(), &rows);
        same("best of walk", evolution.best_rows(), &best);
        assert_eq!(evolution.raw_individuals(), individuals, "seed {seed}, generation {generation}, walk");
        if generation % 3 == 2 {
            evolution.turn_back(stretch.until);
            evolution.make_violations_heavier();
            rows.copy_from_slice(evolution.rows());
            individuals = evolution.raw_individuals();
        }
        let replace = generation % 2 == 1;
        let parents = individuals.clone();
        let mut children = vec![0; rows.len()];
        evolution.breed(&mut workers, stretch, replace);
        host.breed(evolution.common.raw_breed(stretch, n, replace), &rows, &mut children, &parents, &mut individuals);
        rows = children;
        same("crossover", evolution.rows(), &rows);
        assert_eq!(evolution.raw_individuals(), individuals, "seed {seed}, generation {generation}, crossover");
    }
}

fn shapes() -> [common::Shape; 5] {
    let shape = |units, travel, students, post_enrolment| common::Shape { units, travel, students, post_enrolment };
    [
        shape(true, false, true, false),
        shape(false, true, true, false),
        shape(false, false, false, false),
        shape(true, true, true, true),
        shape(true, false, true, true),
    ]
}

#[test]
fn kernels_do_what_the_twin_does_on_every_kind() {
    for (k, shape) in shapes().into_iter().enumerate() {
        for seed in 0..3 {
            let problem = common::problem(100 * k as u64 + seed, shape);
            evolve_both(&problem, seed, 5, 6, 700);
        }
    }
}

#[test]
fn kernels_do_what_the_twin_does_on_each_kind_alone() {
    for (i, kind) in Kind::ALL.into_iter().enumerate() {
        for (k, shape) in shapes().into_iter().enumerate().take(4) {
            let problem = common::problem_with(1000 + 10 * i as u64 + k as u64, shape, &[kind]);
            evolve_both(&problem, i as u64, 3, 3, 600);
        }
    }
}
