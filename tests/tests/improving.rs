//! Annealing and the genetic algorithm on generated timetables: never worse, the score claimed is
//! the score, the same with every number of threads.

use pipeline::{Budget, Bytes, Cancel, Clusters, Context, Ledger, Plan, Stage, StageError, Stop};
use stage0_load::generate::{self, Campus};
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::{Annealing, Genetic};
use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};
use timetable::{Placement, Problem, check};

fn context(seed: u64, threads: usize, budget: Budget) -> Context {
    Context { threads, ..tests::context(seed, budget) }
}

fn stages() -> [Box<dyn Stage>; 3] {
    let several = Genetic { population: 5, ..Genetic::default() };
    [Box::new(Annealing::default()), Box::new(Genetic::default()), Box::new(several)]
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
    for stage in stages() {
        let after = confirmed(&stage.run(plan.clone(), &context(1, 1, Budget::Steps(300_000))).expect("a plan"));
        assert!(after.is_valid());
        assert!(after.penalty < before.penalty, "{before} -> {after}");
    }
}

#[test]
fn unplaced_classes_are_placed_and_the_claim_holds() {
    // The one is a timeslot problem, the other is not: its students choose.
    let campus = generate::campus(&Campus { scale: 0.02, ..Campus::new(1) });
    for problem in [generate::demo(2), campus] {
        let mut plan = start(problem);
        let mut timetable = plan.timetable.take().expect("a timetable");
        for class in 0..timetable.placements.len() / 2 {
            timetable.placements[class * 2] = Placement::NOWHERE;
        }
        let score = check(&plan.problem, &timetable).score;
        assert_eq!(score.hard, 0);
        let plan = plan.with_timetable(timetable, score);
        for stage in stages() {
            let after = confirmed(&stage.run(plan.clone(), &context(1, 1, Budget::Steps(300_000))).expect("a plan"));
            assert!(after < score, "{score} -> {after}");
            assert!(after.is_valid(), "{}: {after}", stage.name());
        }
    }
}

#[test]
fn a_few_steps_never_make_it_worse() {
    for steps in [0, 1, 10, 500, 5_000] {
        let plan = start(generate::demo(3));
        let before = confirmed(&plan);
        for stage in stages() {
            let after = confirmed(&stage.run(plan.clone(), &context(9, 1, Budget::Steps(steps))).expect("a plan"));
            assert!(after <= before, "{steps} steps: {before} -> {after}");
        }
    }
}

fn stopped_at_any_moment(stage: &dyn Stage) {
    let plan = Plan::new(Arc::new(generate::campus(&Campus { scale: 0.1, ..Campus::new(1) })));
    let plan = Greedy.run(plan, &context(1, 1, Budget::Steps(100_000))).expect("a beginning");
    assert!(plan.score.expect("a score").unplaced > 0, "enough is left to do");
    for ms in (0..60).map(|k| k * k / 12) {
        let budget = Budget::Until(Instant::now() + Duration::from_millis(ms));
        confirmed(&stage.run(plan.clone(), &context(ms, 2, budget)).expect("a plan"));
    }
}

#[test]
fn annealing_stopped_at_any_moment_claims_what_holds() {
    stopped_at_any_moment(&Annealing::default());
}

#[test]
fn one_individual_stopped_at_any_moment_claims_what_holds() {
    stopped_at_any_moment(&Genetic::default());
}

#[test]
fn several_stopped_at_any_moment_claim_what_holds() {
    stopped_at_any_moment(&Genetic { population: 5, ..Genetic::default() });
}

#[test]
fn several_give_the_same_on_one_thread_and_on_two() {
    let chains = Annealing { chains: 3, ..Annealing::default() };
    let individuals = Genetic { population: 5, ..Genetic::default() };
    for stage in [&chains as &dyn Stage, &individuals] {
        let run = |threads| {
            let plan = start(generate::demo(4));
            stage.run(plan, &context(5, threads, Budget::Steps(120_000))).expect("a plan").timetable
        };
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(1));
    }
}

#[test]
fn what_several_claim_holds() {
    let chains = Annealing { chains: 2, ..Annealing::default() };
    let individuals = Genetic { population: 4, ..Genetic::default() };
    let plan = start(generate::campus(&Campus { scale: 0.02, ..Campus::new(1) }));
    for stage in [&chains as &dyn Stage, &individuals] {
        for seed in 0..12 {
            confirmed(&stage.run(plan.clone(), &context(seed, 2, Budget::Steps(40_000))).expect("a plan"));
        }
    }
}

/// The clusters of a problem, however odd, are what crossover exchanges: one for all, one for each
/// class, far too many.
#[test]
fn any_clusters_will_do() {
    let plan = start(generate::demo(5));
    let n = plan.problem.classes().len();
    for count in [1, 2, n, 3 * n] {
        let of = (0..n).map(|class| (class * 7 % count) as u32).collect();
        let clusters = Clusters { of, count: count as u32, colour: vec![0; count] };
        let plan = Plan { clusters: Some(Arc::new(clusters)), ..plan.clone() };
        confirmed(
            &Genetic { population: 3, ..Genetic::default() }.run(plan, &context(1, 2, Budget::Steps(60_000))).unwrap(),
        );
    }
}

#[test]
fn where_memory_is_short_fewer_individuals_live() {
    let plan = start(generate::demo(5));
    let genetic = Genetic { population: 4_000, ..Genetic::default() };
    let least = genetic.memory(&plan).least;
    let by_time = || Budget::Until(Instant::now() + Duration::from_millis(300));
    let with =
        |bytes: u64, budget| Context { ledger: Ledger::new(Bytes::new(bytes), Bytes::ZERO), ..context(1, 2, budget) };
    let short = with(least + 100_000, by_time());
    confirmed(&genetic.run(plan.clone(), &short).expect("a plan"));
    assert!(short.ledger.peak() > Bytes::new(least / 2));
    // By steps the result must not depend on it, so all live or none.
    let refused = genetic.run(plan.clone(), &with(least + 100_000, Budget::Steps(10_000)));
    assert!(matches!(refused, Err(StageError::Refused(_))), "{refused:?}");
    let refused = genetic.run(plan, &with(least / 8, by_time()));
    assert!(matches!(refused, Err(StageError::Refused(_))), "{refused:?}");
}

#[test]
fn another_seed_goes_another_way() {
    for stage in stages() {
        let run = |seed| {
            let plan = start(generate::demo(4));
            stage.run(plan, &context(seed, 1, Budget::Steps(50_000))).expect("a plan").timetable
        };
        assert_ne!(run(1), run(2));
    }
}

/// Runs a stage on a thread of its own, and fails where it does not end: a stage that is told to
/// stop takes milliseconds, one that is not told would take minutes.
fn ends(stage: Box<dyn Stage>, plan: Plan, ctx: Context) {
    let (done, ended) = mpsc::channel();
    let name = stage.name();
    thread::spawn(move || done.send(stage.run(plan, &ctx).map(|plan| confirmed(&plan))));
    let score = ended.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("{name} does not end"));
    score.expect("a plan");
}

#[test]
fn it_stops_when_cancelled_and_at_its_deadline() {
    // A timetable that has something to gain for minutes.
    let plan = start(generate::campus(&Campus { scale: 0.1, ..Campus::new(1) }));
    // While it is at work, before it begins, and never but at the deadline.
    for (begun, deadline) in [(true, 600_000), (false, 600_000), (false, 50)] {
        for stage in stages() {
            let budget = Budget::Until(Instant::now() + Duration::from_millis(deadline));
            let cancel = Cancel::default();
            let ctx = Context { stop: Stop::new(cancel.clone(), budget), ..context(1, 2, budget) };
            match (begun, deadline) {
                (true, _) => drop(thread::spawn(move || {
                    thread::sleep(Duration::from_millis(300));
                    cancel.cancel();
                })),
                (false, 600_000) => cancel.cancel(),
                _ => {}
            }
            ends(stage, plan.clone(), ctx);
        }
    }
}

#[test]
fn where_memory_gets_short_fewer_chains_go_on() {
    let plan = start(generate::campus(&Campus { scale: 0.02, ..Campus::new(1) }));
    let before = confirmed(&plan);
    let annealing = Annealing { chains: 4, ..Annealing::default() };
    let ctx = context(1, 2, Budget::Until(Instant::now() + Duration::from_millis(500)));
    ctx.stop.set_shrink(true);
    let after = confirmed(&annealing.run(plan, &ctx).expect("a plan"));
    assert!(after < before, "{before} -> {after}");
    // Those that are left go on to the end, or until nothing is left to gain.
    assert!(after.penalty == 0 || ctx.stop.time_used().expect("a deadline") >= 1.0, "{after}");
}
