//! Annealing on generated timetables: never worse, the score claimed is the score, the same with every number of threads.

use pipeline::{Budget, Bytes, Cancel, Context, Ledger, Plan, Silent, Stage, Stop};
use stage0_load::generate::{self, Campus};
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::{Annealing, Settings};
use std::sync::Arc;
use std::time::{Duration, Instant};
use timetable::{Placement, Problem, check};

fn context(seed: u64, threads: usize, budget: Budget) -> Context {
    Context {
        seed,
        stop: Stop::new(Cancel::default(), budget),
        ledger: Ledger::new(Bytes::gib(1), Bytes::ZERO),
        threads,
        progress: Arc::new(Silent),
        best: Arc::new(Silent),
        work_folder: std::env::temp_dir(),
    }
}

fn start(problem: Problem) -> Plan {
    let plan = Plan::new(Arc::new(problem));
    let plan = Greedy.run(plan, &context(1, 1, Budget::Steps(2_000_000))).expect("a timetable");
    assert!(plan.score.expect("a score").is_valid());
    plan
}

fn confirmed(plan: &Plan) -> timetable::Score {
    let score = check(&plan.problem, plan.timetable.as_ref().expect("a timetable")).score;
    assert_eq!(plan.score, Some(score), "the score claimed is the one that the checker counts");
    score
}

#[test]
fn a_valid_timetable_gets_better_and_stays_valid() {
    let plan = start(generate::demo(1));
    let before = confirmed(&plan);
    let after = confirmed(&Annealing::default().run(plan, &context(1, 1, Budget::Steps(200_000))).expect("a plan"));
    assert!(after.is_valid());
    assert!(after.penalty < before.penalty, "{before} -> {after}");
}

#[test]
fn unplaced_classes_are_placed_and_the_claim_holds() {
    let mut plan = start(generate::demo(2));
    let mut timetable = plan.timetable.take().expect("a timetable");
    for class in 0..timetable.placements.len() / 2 {
        timetable.placements[class * 2] = Placement::NOWHERE;
    }
    let score = check(&plan.problem, &timetable).score;
    let plan = plan.with_timetable(timetable, score);
    let after = confirmed(&Annealing::default().run(plan, &context(1, 1, Budget::Steps(300_000))).expect("a plan"));
    assert!(after < score, "{score} -> {after}");
    assert_eq!(after.unplaced, 0);
}

#[test]
fn a_few_steps_never_make_it_worse() {
    for steps in [0, 1, 10, 500, 5_000] {
        let plan = start(generate::demo(3));
        let before = confirmed(&plan);
        let after = confirmed(&Annealing::default().run(plan, &context(9, 1, Budget::Steps(steps))).expect("a plan"));
        assert!(after <= before, "{steps} steps: {before} -> {after}");
    }
}

#[test]
fn stopped_at_any_moment_the_claim_holds() {
    let plan = Plan::new(Arc::new(generate::campus(&Campus { scale: 0.1, ..Campus::new(1) })));
    let plan = Greedy.run(plan, &context(1, 1, Budget::Steps(100_000))).expect("a beginning");
    assert!(plan.score.expect("a score").unplaced > 0, "enough is left to do");
    for ms in (0..60).map(|k| k * k / 12) {
        let budget = Budget::Until(Instant::now() + Duration::from_millis(ms));
        confirmed(&Annealing::default().run(plan.clone(), &context(ms, 2, budget)).expect("a plan"));
    }
}

#[test]
fn three_chains_give_the_same_on_one_thread_and_on_two() {
    let stage = Annealing { chains: 3, ..Annealing::default() };
    let run = |threads| {
        let plan = start(generate::demo(4));
        stage.run(plan, &context(5, threads, Budget::Steps(120_000))).expect("a plan").timetable
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(1));
}

#[test]
fn what_several_chains_claim_holds() {
    let stage = Annealing { chains: 2, ..Annealing::default() };
    let plan = start(generate::campus(&Campus { scale: 0.02, ..Campus::new(1) }));
    for seed in 0..12 {
        confirmed(&stage.run(plan.clone(), &context(seed, 2, Budget::Steps(40_000))).expect("a plan"));
    }
}

#[test]
fn another_seed_goes_another_way() {
    let run = |seed| {
        let plan = start(generate::demo(4));
        Annealing::default().run(plan, &context(seed, 1, Budget::Steps(50_000))).expect("a plan").timetable
    };
    assert_ne!(run(1), run(2));
}

#[test]
fn it_stops_when_cancelled_and_at_its_deadline() {
    let plan = start(generate::demo(1));
    let mut far = context(1, 2, Budget::Steps(0));
    let cancel = Cancel::default();
    far.stop = Stop::new(cancel.clone(), Budget::Until(Instant::now() + Duration::from_secs(600)));
    cancel.cancel();
    confirmed(&Annealing::default().run(plan.clone(), &far).expect("a plan"));
    let near = context(1, 2, Budget::Until(Instant::now() + Duration::from_millis(50)));
    confirmed(&Annealing::default().run(plan, &near).expect("a plan"));
}
