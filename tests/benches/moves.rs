//! Exact move evaluations a second, on one core: `cargo bench -p tests --bench moves [-- NAME...]`.
//!
//! For every instance at hand (see [`tests::instances`]; or those named), from the timetable that
//! `greedy` leaves: differences of random moves of one class to another time and room of its own,
//! of which one in twenty is done; and the proposals of whole annealing (swaps, Kempe chains,
//! student moves and what is accepted included). Median of five.

#![allow(clippy::print_stdout)] // its table is what it is for

use std::{sync::Arc, time::Instant};

use pipeline::{Budget, Context, Plan, Stage};
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::Annealing;
use tests::*;
use timetable::*;

const MOVES: usize = 400_000;
const PROPOSALS: u64 = 1_000_000;

fn context(steps: u64) -> Context {
    tests::context(1, Budget::Steps(steps))
}

/// Seconds that `work` takes, the median of five times.
fn median(mut work: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..5)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[2]
}

/// Seconds for `MOVES` differences, one in twenty of them done.
fn evaluations(problem: &Problem, start: &Timetable) -> f64 {
    let mut board = Board::with(problem, Arc::new(BoardIndex::new(problem)), start);
    let mut rng = Rng::new(1);
    let moves: Vec<(ClassId, Placement)> = (0..MOVES)
        .map(|_| {
            let class = ClassId::new(rng.below(problem.classes().len()));
            (class, random_placement(problem, class, &mut rng))
        })
        .collect();
    median(|| {
        let mut sum = 0;
        for (i, &(class, to)) in moves.iter().enumerate() {
            let delta = board.delta(class, to);
            sum += delta.penalty;
            if i % 20 == 0 {
                board.commit(class, to, delta);
            }
        }
        std::hint::black_box(sum);
    })
}

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    println!("{:<18} {:>16} {:>16}", "instance", "differences/s", "proposals/s");
    for instance in ["cb-ctt", "itc2019", "pe-ctt"].into_iter().flat_map(instances) {
        let name = name(&instance);
        if !named.is_empty() && !named.contains(&name) {
            continue;
        }
        let problem = Arc::new(load(&instance));
        let plan = Greedy.run(Plan::new(Arc::clone(&problem)), &context(3_000_000)).expect("a timetable");
        let differences = evaluations(&problem, plan.timetable.as_ref().expect("a timetable"));
        let annealing = median(|| {
            Annealing::default().run(plan.clone(), &context(PROPOSALS)).expect("a timetable");
        });
        println!("{name:<18} {:>16.0} {:>16.0}", MOVES as f64 / differences, PROPOSALS as f64 / annealing);
    }
}
