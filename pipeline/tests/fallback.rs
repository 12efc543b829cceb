//! What a failed stage leaves, and who gets it.

mod common;
use common::*;
use pipeline::*;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

type Given = Arc<Mutex<Vec<u64>>>;

/// A stage that uses all of its budget, and notes it: steps, or milliseconds.
fn uses_all(slot: &str, share: u32, given: &Given) -> Step {
    let given = given.clone();
    step(slot, share, move |plan, ctx| {
        let budget = ctx.stop.steps().or(ctx.stop.time_left().map(|left| left.as_millis() as u64));
        given.lock().unwrap().push(budget.expect("steps or time"));
        Ok(plan)
    })
}

/// A stage that fails at once, or when it has used some steps.
fn fails(slot: &str, share: u32, used: Option<u64>) -> Step {
    step(slot, share, move |_, ctx| {
        if let Some(used) = used {
            ctx.stop.report_steps(used);
        }
        Err(StageError::Failed("no licence".into()))
    })
}

fn falls_back(part: f64, given: &Given) -> Step {
    let inner = uses_all("stage2b", 0, given).stage;
    Step { slot: "stage2b".into(), stage: Box::new(Fallback::new(inner, part)), share: 0 }
}

/// Runs the steps on a plan with a timetable; gives what each was charged.
fn charged(budget: Budget, steps: &[Step]) -> (Vec<Option<u64>>, Plan) {
    let run = Runner::new(7, budget).run(plan_at(&problem(), 2), steps, 0, None).unwrap();
    (run.plan.history.iter().map(|record| record.steps).collect(), run.plan)
}

#[test]
fn steps_of_a_stage_that_fails_at_once_go_to_those_after_it() {
    let given = Given::default();
    let steps = [fails("stage2b", 1, None), uses_all("polish", 1, &given), uses_all("stage3", 1, &given)];
    let (charged, _) = charged(Budget::Steps(100), &steps);
    assert_eq!(charged, [Some(0), Some(50), Some(50)]);
    assert_eq!(*given.lock().unwrap(), [50, 50]);
}

#[test]
fn a_stage_that_fails_is_charged_what_it_reported() {
    let given = Given::default();
    let steps = [fails("stage2b", 1, Some(10)), uses_all("stage3", 1, &given)];
    assert_eq!(charged(Budget::Steps(100), &steps).0, [Some(10), Some(90)]);
}

#[test]
fn a_stage_that_panics_leaves_what_it_did_not_report() {
    let steps = [step("stage2b", 1, |_, _| panic!("out of ideas")), uses_all("stage3", 1, &Given::default())];
    assert_eq!(charged(Budget::Steps(100), &steps).0, [Some(0), Some(100)]);
}

#[test]
fn time_of_a_stage_that_fails_at_once_goes_to_those_after_it() {
    let given = Given::default();
    let steps = [fails("stage2b", 1, None), uses_all("polish", 1, &given), uses_all("stage3", 1, &given)];
    charged(Budget::Until(Instant::now() + Duration::from_secs(20)), &steps);
    let given = given.lock().unwrap();
    assert!((8_500..=10_000).contains(&given[0]) && (17_000..=20_000).contains(&given[1]), "{given:?}");
}

#[test]
fn a_fallback_has_its_part_of_what_the_failed_stage_left() {
    let given = Given::default();
    let steps = [fails("stage2b", 3, None), falls_back(0.75, &given), uses_all("stage3", 1, &given)];
    let (_, plan) = charged(Budget::Steps(100), &steps);
    assert_eq!(given.lock().unwrap()[0], 75);
    assert_eq!(plan.history[1].notes, ["in the place of `fake`, which failed"]);
    let timed = Given::default();
    let steps = [fails("stage2b", 3, None), falls_back(0.75, &timed), uses_all("stage3", 1, &timed)];
    charged(Budget::Until(Instant::now() + Duration::from_secs(20)), &steps);
    assert!((14_000..=15_000).contains(&timed.lock().unwrap()[0]), "{timed:?}");
}

#[test]
fn a_plan_that_is_refused_is_as_good_as_none() {
    let given = Given::default();
    let steps = [places_at("stage2b", 3), falls_back(1.0, &given), uses_all("stage3", 1, &given)];
    let (charged, plan) = charged(Budget::Steps(100), &steps);
    // It gave a plan, so it has used its half.
    assert_eq!((charged[0], given.lock().unwrap()[0]), (Some(50), 50));
    assert_eq!(plan.history[1].notes, ["in the place of `fake`, which was refused"]);
}

#[test]
fn where_nothing_failed_a_fallback_neither_runs_nor_costs_anything() {
    let given = Given::default();
    let steps = [places_at("stage2b", 1), falls_back(0.5, &given), uses_all("stage3", 1, &given)];
    let (charged, plan) = charged(Budget::Steps(100), &steps);
    assert_eq!(charged, [Some(50), Some(0), Some(50)]);
    assert_eq!(*given.lock().unwrap(), [50], "stage 3 alone");
    assert_eq!(plan.history[1].notes, ["not needed: the stage before it did not fail"]);
    assert_eq!(plan.score.map(|score| score.penalty), Some(4));
}

#[test]
fn a_fallback_does_not_begin_where_nothing_is_left() {
    let given = Given::default();
    let late = step("stage2b", 1, |_, ctx| {
        while !ctx.stop.now() {
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(StageError::Failed("too slow".into()))
    });
    let (_, plan) =
        charged(Budget::Until(Instant::now() + Duration::from_millis(100)), &[late, falls_back(1.0, &given)]);
    assert_eq!(plan.history[1].notes, ["nothing of the budget is left after `fake`"]);
    assert_eq!(*given.lock().unwrap(), [0; 0]);
}

#[test]
fn by_turns_a_stage_that_fails_leaves_its_steps_to_the_other() {
    let given = Given::default();
    let portfolio = vec![fails("polish", 1, None).stage, uses_all("polish", 1, &given).stage];
    let steps = [Step { slot: "polish".into(), stage: Box::new(Portfolio::new("both", portfolio)), share: 1 }];
    let (charged, plan) = charged(Budget::Steps(1_000), &steps);
    assert_eq!(charged, [Some(1_000)]);
    assert_eq!(given.lock().unwrap().iter().sum::<u64>(), 1_000);
    assert!(plan.history[0].notes[0].contains("1 turn, 0 % of the budget"), "{:?}", plan.history[0].notes);
}
