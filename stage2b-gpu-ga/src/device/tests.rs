//! The kernels, compiled for the processor, against the Rust twin: the same bits after every
//! kernel.

#[path = "../../../timetable/tests/common/mod.rs"]
mod common;

use super::driver::Driver;
use super::engine::Engine;
use super::host_device::{Faults, HostDevice};
use super::managed_device::ManagedDevice;
use super::model::Model;
use super::raw::RawIndividual;
use crate::genetic::{
    Common, Evolution, EvolutionOutcome, GenerationBudget, Genetic, Gpu, NeverStops, Parts, Shape, Worker, evolve,
};
use common::Rng;
use moves::Draws;
use moves::fixed::share;
use moves::walk::{Chain, Domains, Settings, Weights};
use needs::{instances, is_slow, slow};
use pipeline::{Budget, Context, Plan};
use std::sync::Arc;
use std::time::{Duration, Instant};
use timetable::{
    Board, BoardIndex, ClassId, ClassSpec, ConstraintSpec, Format, Kind, Meta, Problem, ProblemBuilder, RequestId,
    RoomId, Score, TimeId, Timetable, check,
};

fn random_timetable(problem: &Problem, d: &mut Rng) -> Timetable {
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

/// A population of random timetables evolves in both for some generations of `steps`; how many
/// walks that were.
fn evolve_both(problem: &Problem, seed: u64, n: usize, generations: u32, steps: u64) -> usize {
    let mut d = Rng::new(seed + 77);
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
    let mix = settings.mix(&domains);
    let mut model = Model::new(problem, &empty, &domains, (&mix, &parts, &shape), &starts[0]).unwrap();
    if seed % 4 == 1 {
        model.widen();
    }
    // On one device, or on several.
    let host_device = |_| HostDevice::new(Faults { shared: (seed as u32 & 1) << 20, ..Faults::default() });
    let devices: Vec<HostDevice> = (0..=seed % 3).map(host_device).collect();
    let places: Vec<ManagedDevice<'_>> = devices.iter().map(|device| ManagedDevice::new(device).unwrap()).collect();
    let mut engine = Engine::new(&places, &model, shape.row(), n).unwrap();

    // Full evaluation: kernel, board and checker.
    let row = shape.row();
    let mut rows: Vec<u8> = starts.iter().flat_map(|t| shape.of(t)).collect();
    for row in rows.chunks_exact_mut(row) {
        row[shape.weights()].iter_mut().for_each(|w| *w += d.below(4) as u8);
    }
    let board = Board::with(problem, Arc::clone(&index), &starts[0]);
    let mut chain = Chain::new(board, &domains, Draws::new(seed, [0, 0]), Weights::DESCENT, mix);
    let hard = 40;
    let schedule = moves::Schedule::new(60.0, 0.3);
    let mut individuals: Vec<RawIndividual> =
        starts.iter().map(|_| RawIndividual::new(Default::default(), Default::default(), hard, None)).collect();
    engine.send(&rows, &rows).unwrap();
    engine.evaluate(&mut individuals).unwrap();
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
    let mut evolution = Evolution::of(common, &rows, &scores, hard);
    let mut workers =
        vec![Worker { chain: chain.fork(), scratch: starts[0].clone() }, Worker { chain, scratch: starts[0].clone() }];
    let mut best = rows.clone();
    let mut individuals: Vec<RawIndividual> =
        scores.iter().map(|&score| RawIndividual::new(score, score, hard, None)).collect();
    for generation in 0..generations {
        let at = |g: u32| share(f64::from(g) / f64::from(generations));
        let stretch = GenerationBudget {
            generation,
            from: at(generation),
            until: at(generation + 1),
            steps: Some(steps),
            heavier: generation % 3 != 1,
        };
        evolution.walk(&mut workers, stretch, &NeverStops);
        engine.walk(evolution.common.raw_walk(stretch, n), &mut individuals, &mut rows, &mut best).unwrap();
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
            rows.copy_from_slice(evolution.rows());
            individuals = evolution.raw_individuals();
            engine.send(&rows, &best).unwrap();
        }
        let replace = generation % 2 == 1;
        evolution.breed(&mut workers, stretch, replace);
        let before = rows.clone();
        engine.breed(evolution.common.raw_breed(stretch, n, replace), &mut individuals, &before, &mut rows).unwrap();
        same("crossover", evolution.rows(), &rows);
        assert_eq!(evolution.raw_individuals(), individuals, "seed {seed}, generation {generation}, crossover");
    }
    n * generations as usize
}

/// A run of the stage by steps, from this timetable, on these devices.
fn run(problem: &Arc<Problem>, start: &Timetable, budget: Budget, devices: &[&dyn Driver]) -> (Timetable, Score) {
    let genetic = Genetic { population: 6, generations: 4, replace: 2, gpu: Gpu::Number(0), ..Genetic::default() };
    let ctx = Context { threads: 2, ..::tests::context(5, budget) };
    let plan = Plan::new(Arc::clone(problem));
    let EvolutionOutcome { best, score, .. } = evolve(&genetic, &plan, start, &ctx, devices).expect("a timetable");
    assert_eq!(check(problem, &best).score, score, "what it claims");
    assert!(score <= check(problem, start).score, "never worse");
    (best, score)
}

fn a_problem(students: bool) -> (Arc<Problem>, Timetable) {
    let shape = common::Shape { units: !students, travel: students, students, post_enrolment: false };
    let problem = Arc::new(common::problem(4, shape));
    let start = random_timetable(&problem, &mut Rng::new(9));
    (problem, start)
}

#[test]
fn a_device_gives_the_processors_result_whatever_goes_wrong_with_it() {
    for students in [true, false] {
        let (problem, start) = a_problem(students);
        let steps = Budget::Steps(40_000);
        let alone = run(&problem, &start, steps, &[]);
        let sound = HostDevice::new(Faults::default());
        assert_eq!(run(&problem, &start, steps, &[&sound]), alone);
        assert_eq!(sound.held(), 0, "all memory was given back");
        let (allocations, calls) = sound.calls();
        assert!(allocations > 6 && calls > 40, "{allocations} allocations, {calls} calls");
        for n in 0..allocations {
            let device = HostDevice::new(Faults { no_memory_at: Some(n), ..Faults::default() });
            assert_eq!(run(&problem, &start, steps, &[&device]), alone, "no memory for allocation {n}");
            assert_eq!(device.held(), 0, "no memory for allocation {n}");
        }
        for n in (0..calls).step_by(if is_slow() { 1 } else { 7 }) {
            let device = HostDevice::new(Faults { lost_at: Some(n), ..Faults::default() });
            assert_eq!(run(&problem, &start, steps, &[&device]), alone, "lost at call {n}");
            assert_eq!(device.held(), 0, "lost at call {n}");
        }
        for n in 0..8 {
            let device = HostDevice::new(Faults { lies_at: Some(n), ..Faults::default() });
            assert_eq!(run(&problem, &start, steps, &[&device]), alone, "lies about walk {n}");
        }
        for memory in [0, 10_000, 60_000] {
            let device = HostDevice::new(Faults { memory: Some(memory), ..Faults::default() });
            assert_eq!(run(&problem, &start, steps, &[&device]), alone, "{memory} bytes");
        }
    }
}

#[test]
fn several_devices_give_the_processors_result_and_one_that_fails_costs_nothing() {
    let (problem, start) = a_problem(true);
    let steps = Budget::Steps(40_000);
    let alone = run(&problem, &start, steps, &[]);
    for n in 2..=7 {
        let devices: Vec<HostDevice> = (0..n).map(|_| HostDevice::new(Faults::default())).collect();
        let drivers: Vec<&dyn Driver> = devices.iter().map(|device| device as &dyn Driver).collect();
        assert_eq!(run(&problem, &start, steps, &drivers), alone, "{n} devices");
        assert!(devices.iter().all(|device| device.held() == 0), "{n} devices");
        // A population of six: of more devices, or four, some have nothing to do.
        let working = 6usize.div_ceil(6usize.div_ceil(n));
        assert!(devices.iter().take(working).all(|device| device.calls().1 > 40), "{n} devices");
    }
    let sound = HostDevice::new(Faults::default());
    let other = HostDevice::new(Faults::default());
    run(&problem, &start, steps, &[&sound, &other]);
    let (allocations, calls) = other.calls();
    let faults = |k: usize| match k {
        _ if k < allocations => Faults { no_memory_at: Some(k), ..Faults::default() },
        _ => Faults { lost_at: Some(k - allocations), ..Faults::default() },
    };
    for k in (0..allocations + calls).step_by(if is_slow() { 1 } else { 5 }) {
        let (sound, device) = (HostDevice::new(Faults::default()), HostDevice::new(faults(k)));
        assert_eq!(run(&problem, &start, steps, &[&sound, &device]), alone, "fault {k} of the second");
        assert_eq!((sound.held(), device.held()), (0, 0), "fault {k} of the second");
    }
}

#[test]
fn by_time_a_device_that_is_lost_costs_no_more_than_its_last_generation() {
    let (problem, start) = a_problem(true);
    let soon = || Budget::Until(Instant::now() + Duration::from_millis(400));
    let sound = HostDevice::new(Faults::default());
    run(&problem, &start, soon(), &[&sound]);
    let (_, calls) = sound.calls();
    for n in [9, 15, 22, 30].into_iter().filter(|&n| n < calls) {
        let device = HostDevice::new(Faults { lost_at: Some(n), ..Faults::default() });
        run(&problem, &start, soon(), &[&device]);
        assert_eq!(device.held(), 0);
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
    // Short walks of many, from random timetables; and few that are long.
    let (individuals, generations, problems) = if is_slow() { (50, 8, 5) } else { (3, 2, 1) };
    for (i, kind) in Kind::ALL.into_iter().enumerate() {
        let mut walks = 0;
        for (k, shape) in shapes().into_iter().enumerate() {
            for p in 0..problems {
                let seed = (1000 * p + 10 * i + k) as u64;
                let problem = common::problem_with(seed, shape, &[kind]);
                walks += evolve_both(&problem, seed, individuals, generations, 40);
                walks += evolve_both(&problem, seed + 1, 2, 2, 600);
            }
        }
        assert!(!is_slow() || walks >= 10_000, "{kind}: {walks} walks");
    }
}

#[test]
fn kernels_do_what_the_twin_does_on_a_constraint_of_many_classes() {
    // More than the board lists pair by pair.
    let mut b = ProblemBuilder::new(Meta {
        name: "wide".into(),
        weeks: 2,
        days: 3,
        slots: 12,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 2,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let rooms: Vec<RoomId> = (0..9).map(|r| b.room(&format!("r{r}"), 10, &[], &[])).collect();
    let times: Vec<TimeId> =
        (0..30).map(|t| b.time(1 + t % 3, 1 << (t % 3), (t % 9) as u16, 1 + (t % 4) as u16)).collect();
    b.course("c");
    b.config("g");
    let classes: Vec<ClassId> = (0..110)
        .map(|k| {
            b.subpart(&format!("s{k}"));
            let times: Vec<(TimeId, u32)> = times.iter().skip(k % 5).map(|&t| (t, 0)).collect();
            let rooms: Vec<(RoomId, u32)> = rooms.iter().skip(k % 3).map(|&r| (r, 1)).collect();
            b.class(ClassSpec { name: &format!("k{k}"), limit: None, times: &times, rooms: &rooms })
        })
        .collect();
    for (kind, penalty) in [(Kind::SameRoom, Some(1)), (Kind::NotOverlap, None), (Kind::MinGap, Some(3))] {
        let params: &[u32] = if kind == Kind::MinGap { &[2] } else { &[] };
        b.constraint(ConstraintSpec { kind, name: "", penalty, params, classes: &classes, times: &[] });
    }
    evolve_both(&b.build().expect("a problem"), 3, 3, 2, 800);
}

#[test]
fn kernels_do_what_the_twin_does_on_real_instances() {
    if !slow() {
        return;
    }
    for file in ["cb-ctt", "itc2019", "pe-ctt"].into_iter().flat_map(instances) {
        let problem = stage0_load::load(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        // The kernels' score of a large problem is the slow part: students are put on the board one
        // by one.
        evolve_both(&problem, 1, 3, 3, 3_000);
        eprintln!("{}: the same", file.display());
    }
}

/// Two classes that so many hard constraints keep apart, and a third.
fn clashing(times: usize) -> Problem {
    let mut b = ProblemBuilder::new(Meta {
        name: "clashes".into(),
        weeks: 1,
        days: 1,
        slots: 3,
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
    let at: Vec<(TimeId, u32)> = (0..3).map(|t| (b.time(1, 1, t, 1), u32::from(t))).collect();
    let mut class = || b.class(ClassSpec { name: "k", limit: None, times: &at, rooms: &[] });
    let classes = [class(), class(), class()];
    for _ in 0..times {
        let kind = Kind::NotOverlap;
        b.constraint(ConstraintSpec { kind, name: "", penalty: None, params: &[], classes: &classes[..2], times: &[] });
    }
    b.build().unwrap()
}

#[test]
fn clashes_are_counted_at_the_bound_of_each_width_and_above() {
    for times in [255, 256, 65_535, 65_536] {
        assert!(evolve_both(&clashing(times), 0, 6, 1, 60) > 0, "{times}");
    }
}
