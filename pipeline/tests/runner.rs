//! The runner over stages that lie, fail, panic and worsen.

mod common;
use common::*;
use pipeline::*;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use timetable::*;

fn outcome_of(last: Step) -> (Plan, Outcome) {
    let problem = problem();
    let steps = [places_at("stage2a", 1), last];
    let run = by_steps(100).run(Plan::new(problem), &steps, 0, None).expect("a sound plan");
    assert_eq!((run.finished, run.interrupted), (2, false));
    let outcome = run.plan.history[1].outcome.clone();
    (run.plan, outcome)
}

fn refused(last: Step, why: &str) {
    let (plan, outcome) = outcome_of(last);
    match outcome {
        Outcome::Refused(reason) => assert!(reason.contains(why), "{reason}"),
        other => panic!("expected a refusal for {why}, was {other:?}"),
    }
    let (timetable, score) = timetable_at(&plan.problem, 1);
    assert_eq!((plan.timetable, plan.score), (Some(timetable), Some(score)));
}

#[test]
fn a_better_plan_is_taken() {
    let (plan, outcome) = outcome_of(places_at("stage2b", 0));
    assert_eq!(outcome, Outcome::Taken);
    assert_eq!(plan.score, Some(Score { unplaced: 0, hard: 0, penalty: 0 }));
    assert_eq!(plan.history[1].before.map(|s| s.penalty), Some(4));
    assert_eq!(plan.history[1].after.map(|s| s.penalty), Some(0));
}

#[test]
fn an_equal_plan_is_taken() {
    assert_eq!(outcome_of(places_at("stage2b", 1)).1, Outcome::Taken);
}

#[test]
fn a_worse_plan_is_refused() {
    refused(places_at("stage2b", 2), "it is worse: penalty 8, before penalty 4");
}

#[test]
fn a_plan_that_lies_about_its_score_is_refused() {
    let lies = step("stage2b", 1, |plan, _| {
        let (timetable, _) = timetable_at(&plan.problem, 2);
        Ok(plan.with_timetable(timetable, Score { unplaced: 0, hard: 0, penalty: 3 }))
    });
    refused(lies, "it claims penalty 3, the checker finds penalty 8");
}

#[test]
fn a_timetable_that_does_not_fit_is_refused() {
    let misfit = step("stage2b", 1, |mut plan, _| {
        plan.timetable.as_mut().expect("placed").placements[2].time = 99;
        Ok(plan)
    });
    refused(misfit, "does not fit");
}

#[test]
fn a_lost_timetable_is_refused() {
    let loses = step("stage2b", 1, |mut plan, _| {
        plan.timetable = None;
        plan.score = None;
        Ok(plan)
    });
    refused(loses, "lost the timetable");
}

#[test]
fn a_timetable_without_a_score_is_refused() {
    let forgets = step("stage2b", 1, |mut plan, _| {
        plan.score = None;
        Ok(plan)
    });
    refused(forgets, "without a score");
}

#[test]
fn a_bound_that_a_timetable_contradicts_is_refused() {
    let claims = |bound| step("stage2b", 1, move |plan: Plan, _| Ok(Plan { bound: Some(bound), ..plan }));
    refused(claims(1_000_000), "no valid timetable costs less than 1000000, and there is one with");
    refused(claims(-1), "expected 0 or more");
}

#[test]
fn a_changed_problem_is_refused() {
    let swaps = step("stage2b", 1, |plan, _| Ok(Plan { problem: named_problem("another"), ..plan }));
    refused(swaps, "another problem");
}

#[test]
fn clusters_that_do_not_fit_are_refused() {
    let clusters = |of: Vec<u32>, count, colour| Some(Arc::new(Clusters { of, count, colour }));
    let cases = [
        clusters(vec![0, 0, 0], 1, vec![0]),
        clusters(vec![0, 1, 0, 0], 1, vec![0]),
        clusters(vec![0; 4], 1, vec![]),
        clusters(vec![0; 4], 5, vec![0; 5]),
        clusters(vec![0; 4], 1, vec![7]),
    ];
    for case in cases {
        refused(step("stage2b", 1, move |plan, _| Ok(Plan { clusters: case.clone(), ..plan })), "clusters: ");
    }
}

#[test]
fn a_panic_costs_the_stage_its_own_improvement_and_nothing_else() {
    let problem = problem();
    let steps = [
        places_at("stage2a", 2),
        step("stage2b", 1, |_, _| panic!("out of ideas at {}", 3)),
        step("stage2b", 1, |_, _| Err(StageError::Lacks("clusters"))),
        places_at("stage3", 0),
    ];
    let run = by_steps(10).run(Plan::new(problem), &steps, 0, None).expect("a sound plan");
    let outcomes: Vec<_> = run.plan.history.iter().map(|record| record.outcome.clone()).collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Taken,
            Outcome::Failed("panicked: out of ideas at 3".into()),
            Outcome::Failed("the plan lacks clusters".into()),
            Outcome::Taken
        ]
    );
    assert_eq!(run.plan.score.map(|s| s.penalty), Some(0));
}

#[test]
fn a_stage_cannot_rewrite_history() {
    let (plan, _) = outcome_of(step("stage2b", 1, |mut plan, _| {
        plan.history.clear();
        plan.notes.push("moved nothing".into());
        Ok(plan)
    }));
    assert_eq!(plan.history.len(), 2);
    assert_eq!(plan.history[1].notes, ["moved nothing"]);
    assert!(plan.notes.is_empty());
}

#[test]
fn the_score_that_a_plan_comes_with_is_not_believed() {
    let problem = problem();
    let mut plan = plan_at(&problem, 3);
    plan.score = Some(Score::default());
    let run = by_steps(10).run(plan, &[places_at("stage2b", 2)], 0, None).expect("a sound plan");
    assert_eq!(run.plan.history[0].outcome, Outcome::Taken);
    assert_eq!(run.plan.score.map(|s| s.penalty), Some(8));
}

#[test]
fn a_plan_that_does_not_fit_its_problem_cannot_begin() {
    let mut plan = plan_at(&problem(), 3);
    plan.timetable.as_mut().expect("placed").placements.pop();
    assert!(matches!(by_steps(10).run(plan, &[], 0, None), Err(RunError::Plan(_))));
}

#[test]
fn cancelling_ends_the_stage_at_work_and_starts_no_other() {
    let runner = by_steps(10);
    let cancel = runner.cancel.clone();
    let steps = [
        step("stage2a", 1, move |plan, ctx| {
            cancel.cancel();
            assert!(ctx.stop.now());
            let (timetable, score) = timetable_at(&plan.problem, 1);
            Ok(plan.with_timetable(timetable, score))
        }),
        places_at("stage2b", 0),
    ];
    let run = runner.run(Plan::new(problem()), &steps, 0, None).expect("a sound plan");
    assert!(run.interrupted);
    assert_eq!(run.finished, 0);
    assert_eq!(run.plan.score.map(|s| s.penalty), Some(4), "the best so far is kept");
}

#[test]
fn a_stage_that_does_nothing_leaves_its_time_to_the_next() {
    let lefts = Arc::new(Mutex::new(Vec::new()));
    let watch = |slot: &str, share| {
        let lefts = lefts.clone();
        step(slot, share, move |plan, ctx| {
            lefts.lock().unwrap().push(ctx.stop.time_left().expect("a run by time").as_millis());
            Ok(plan)
        })
    };
    let steps = [watch("stage2a", 1), watch("stage2b", 1)];
    let runner = Runner::new(7, Budget::Until(Instant::now() + Duration::from_secs(20)));
    runner.run(Plan::new(problem()), &steps, 0, None).expect("a sound plan");
    let lefts = lefts.lock().unwrap();
    assert!((8_000..=10_000).contains(&lefts[0]), "{lefts:?}");
    assert!((17_000..=20_000).contains(&lefts[1]), "{lefts:?}");
}

#[test]
fn a_stage_that_works_to_its_deadline_leaves_the_run_on_time() {
    let busy = || {
        step("stage2b", 1, |plan, ctx| {
            while !ctx.stop.now() {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(plan)
        })
    };
    let end = Instant::now() + Duration::from_secs(3);
    Runner::new(7, Budget::Until(end)).run(Plan::new(problem()), &[busy(), busy()], 0, None).expect("a sound plan");
    let over = Instant::now().saturating_duration_since(end);
    // Each of them working for all of the time would be three seconds too late.
    assert!(over < Duration::from_secs(1), "{over:?} too late");
}

#[test]
fn every_step_draws_its_own_stream() {
    let seeds = Arc::new(Mutex::new(Vec::new()));
    let watch = |slot: &str| {
        let seeds = seeds.clone();
        step(slot, 1, move |plan, ctx| {
            seeds.lock().unwrap().push(ctx.seed);
            Ok(plan)
        })
    };
    let run = |steps: &[Step]| by_steps(9).run(Plan::new(problem()), steps, 0, None).map(|_| ()).expect("a sound plan");
    run(&[watch("stage2a"), watch("stage2b"), watch("stage2b")]);
    run(&[watch("stage2b")]);
    let seeds = seeds.lock().unwrap();
    assert!(seeds[0] != seeds[1] && seeds[1] != seeds[2] && seeds[0] != seeds[2]);
    assert_eq!(seeds[3], seeds[1], "leaving out a stage does not change what another draws");
}

#[test]
fn a_stage_without_enough_memory_is_not_started() {
    struct Hungry;
    impl Stage for Hungry {
        fn name(&self) -> &'static str {
            "hungry"
        }
        fn run(&self, _: Plan, _: &Context) -> Result<Plan, StageError> {
            panic!("must not run")
        }
        fn memory(&self, _: &Plan) -> MemoryRequirement {
            MemoryRequirement { least: 101, preferred: 200 }
        }
    }
    let steps = [Step { slot: "stage2b".into(), stage: Box::new(Hungry), share: 1 }];
    let run = |mut runner: Runner| {
        runner.memory = Arc::new(UnwatchedMemory(100));
        runner.run(Plan::new(problem()), &steps, 0, None)
    };
    let why = "needs 101 B of memory, and 100 B are free for it";
    let by_time = run(Runner::new(1, Budget::Until(Instant::now() + Duration::from_secs(60)))).expect("a sound plan");
    assert_eq!(by_time.plan.history[0].outcome, Outcome::Failed(why.into()));
    let by_steps = run(by_steps(1)).expect_err("its result would depend on free memory");
    assert!(by_steps.to_string().contains(why), "{by_steps}");
}

fn by_time() -> Runner {
    Runner::new(1, Budget::Until(Instant::now() + Duration::from_secs(60)))
}

#[test]
fn at_a_critical_level_workers_go_before_the_stage_does() {
    struct Later(Arc<AtomicBool>);
    impl Memory for Later {
        fn headroom(&self) -> Headroom {
            Headroom { planned: 1, most: 1 }
        }
        fn enter(&self, _: &str) -> Box<dyn MemoryScope> {
            Box::new(Later(self.0.clone()))
        }
    }
    impl MemoryScope for Later {
        fn check(&mut self) -> memguard::Level {
            if self.0.load(Ordering::Relaxed) { memguard::Level::Critical } else { memguard::Level::Calm }
        }
        fn next_check(&self) -> Duration {
            Duration::from_millis(1)
        }
        fn leave(self: Box<Self>, _promised: u64) -> MemoryUse {
            MemoryUse::default()
        }
    }
    let is_critical = Arc::new(AtomicBool::new(false));
    let mut runner = by_time();
    runner.memory = Arc::new(Later(is_critical.clone()));
    let with_workers = step("stage2a", 1, move |plan, ctx| {
        for workers in [2, 1] {
            ctx.stop.report_workers(workers);
            is_critical.store(true, Ordering::Relaxed);
            while !ctx.stop.should_give_up_worker() {
                assert!(!ctx.stop.now(), "there are {workers} workers to give up");
                std::thread::yield_now();
            }
        }
        ctx.stop.report_workers(0);
        while !ctx.stop.now() {
            std::thread::yield_now();
        }
        is_critical.store(false, Ordering::Relaxed);
        let (timetable, score) = timetable_at(&plan.problem, 1);
        Ok(plan.with_timetable(timetable, score))
    });
    let run = runner.run(Plan::new(problem()), &[with_workers], 0, None).expect("a sound plan");
    assert_eq!(run.plan.history[0].notes, ["stopped early: memory was critical"]);
}

#[test]
fn critical_memory_halts_the_stage_by_time_and_ends_a_run_by_steps() {
    struct Critical;
    impl Memory for Critical {
        fn headroom(&self) -> Headroom {
            Headroom { planned: 1, most: 1 }
        }
        fn enter(&self, _: &str) -> Box<dyn MemoryScope> {
            Box::new(Critical)
        }
    }
    impl MemoryScope for Critical {
        fn check(&mut self) -> memguard::Level {
            memguard::Level::Critical
        }
        fn leave(self: Box<Self>, _promised: u64) -> MemoryUse {
            MemoryUse { before: Some(5), ..MemoryUse::default() }
        }
    }
    let run = |mut runner: Runner| {
        runner.memory = Arc::new(Critical);
        let waits = step("stage2a", 1, |plan, ctx| {
            while !ctx.stop.now() {
                std::thread::yield_now();
            }
            assert!(ctx.stop.should_shrink());
            let (timetable, score) = timetable_at(&plan.problem, 1);
            Ok(plan.with_timetable(timetable, score))
        });
        runner.run(Plan::new(problem()), &[waits, places_at("stage2b", 0)], 0, None)
    };
    let by_time = run(by_time()).expect("a sound plan");
    assert!(!by_time.interrupted);
    assert_eq!(by_time.plan.history[0].notes, ["stopped early: memory was critical"]);
    assert_eq!(by_time.plan.score.map(|s| s.penalty), Some(0));
    let by_steps = run(by_steps(1)).expect_err("its result would depend on free memory").to_string();
    assert!(by_steps.contains("stage2a: memory was critical (memory is not watched)"), "{by_steps}");
}

#[test]
fn a_stage_that_is_refused_memory_fails_by_time_and_ends_a_run_by_steps() {
    let greedy = || {
        step("stage2a", 1, |plan, ctx| {
            let _promised = ctx.ledger.reserve("graph", Bytes::gb(1))?;
            Ok(plan)
        })
    };
    let run = |mut runner: Runner| {
        runner.memory = Arc::new(UnwatchedMemory(500_000_000));
        runner.run(Plan::new(problem()), &[greedy(), places_at("stage2b", 0)], 0, None)
    };
    let by_time = run(Runner::new(1, Budget::Until(Instant::now() + Duration::from_secs(60)))).expect("it goes on");
    assert!(matches!(&by_time.plan.history[0].outcome, Outcome::Failed(why) if why.contains("graph asked for 1.0 GB")));
    assert_eq!(by_time.finished, 2);
    let refused = run(by_steps(1)).expect_err("it would depend on free memory");
    assert!(matches!(&refused, RunError::Memory { stage, .. } if stage == "stage2a"), "{refused}");
}

#[test]
fn the_work_folder_of_a_stage_is_gone_afterwards_even_after_a_panic() {
    let work = tempfile::tempdir().unwrap();
    let mut runner = by_steps(1);
    runner.work_folder = work.path().into();
    let spills = step("stage2a", 1, |_, ctx| {
        std::fs::write(ctx.work_folder.join("spill"), "x").unwrap();
        panic!("after spilling")
    });
    runner.run(Plan::new(problem()), &[spills], 0, None).expect("a sound plan");
    assert_eq!(std::fs::read_dir(work.path()).unwrap().count(), 0);
}

#[test]
fn a_guarded_run_measures_its_memory() {
    let mut runner = by_steps(1);
    runner.memory = Arc::new(GuardedMemory::new(memguard::Guard::of_this_process(None), 1));
    struct Seen(Mutex<Option<MemoryUse>>);
    impl Observer for Seen {
        fn ends(&self, event: &Event, _: &Plan) {
            *self.0.lock().unwrap() = Some(event.memory);
        }
    }
    let seen = Arc::new(Seen(Mutex::default()));
    runner.observer = seen.clone();
    runner.run(Plan::new(problem()), &[places_at("stage2a", 0)], 0, None).expect("a sound plan");
    let memory = seen.0.lock().unwrap().expect("one event");
    assert!(memory.before.is_some_and(|b| b > 0) && memory.after.is_some(), "{memory:?}");
}
