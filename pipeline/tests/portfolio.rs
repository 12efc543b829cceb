//! Stages that take turns.

mod common;
use common::*;
use pipeline::*;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use timetable::*;

/// Names and budgets of turns, in order.
type TurnLog = Arc<Mutex<Vec<(&'static str, u64)>>>;

/// A stage that brings the penalty down by `gain` in each turn, uses all its steps, and writes down
/// that it had a turn.
fn gains(log: &TurnLog, name: &'static str, gain: usize) -> Box<dyn Stage> {
    let log = log.clone();
    boxed(move |plan, ctx| {
        let steps = ctx.stop.steps().unwrap_or(0);
        log.lock().unwrap().push((name, steps));
        ctx.stop.report_steps(steps);
        Ok(better_by(plan, gain))
    })
}

fn boxed(run: impl Fn(Plan, &Context) -> Result<Plan, StageError> + Send + Sync + 'static) -> Box<dyn Stage> {
    Box::new(Fake(run))
}

fn better_by(mut plan: Plan, gain: usize) -> Plan {
    let mut timetable = plan.timetable.take().expect("a timetable");
    for _ in 0..gain {
        if let Some(placement) = timetable.placements.iter_mut().find(|placement| placement.time > 0) {
            placement.time -= 1;
        }
    }
    let score = check(&plan.problem, &timetable).score;
    plan.with_timetable(timetable, score)
}

/// What becomes of a plan of penalty 12 by 400 steps of these.
fn portfolio(stages: Vec<Box<dyn Stage>>) -> Run {
    run(stages, Budget::Steps(400)).expect("a sound plan")
}

fn run(stages: Vec<Box<dyn Stage>>, budget: Budget) -> Result<Run, RunError> {
    let plan = plan_at(&problem(), 3);
    let steps = [Step { slot: "polish".into(), stage: Box::new(Portfolio::new("both", stages)), share: 1 }];
    Runner::new(7, budget).run(plan, &steps, 0, None)
}

fn penalty(run: &Run) -> i64 {
    run.plan.score.expect("a score").penalty
}

fn names(log: &TurnLog) -> String {
    log.lock().unwrap().iter().map(|(name, _)| *name).collect()
}

#[test]
fn the_stage_that_gained_most_with_its_last_turn_has_the_next() {
    let log = TurnLog::default();
    let run = portfolio(vec![gains(&log, "a", 1), gains(&log, "b", 2)]);
    // Four turns of a quarter: one of a, then b.
    assert_eq!((names(&log).as_str(), penalty(&run)), ("abbb", 5));
    assert!(log.lock().unwrap().iter().all(|&(_, steps)| steps == 100), "{log:?}");
    assert_eq!(run.plan.history[0].steps, Some(400));
    let notes = &run.plan.history[0].notes;
    assert_eq!(notes[..2], ["fake: 1 turn, 25 % of the budget", "fake: 3 turns, 75 % of the budget"]);
}

#[test]
fn where_nothing_is_gained_turns_get_longer_and_go_round() {
    let log = TurnLog::default();
    let run = portfolio(vec![gains(&log, "a", 0), gains(&log, "b", 0)]);
    assert_eq!(*log.lock().unwrap(), [("a", 100), ("b", 100), ("a", 200)]);
    assert_eq!((penalty(&run), run.plan.history[0].steps), (12, Some(400)));
}

#[test]
fn one_that_gains_no_more_gives_way() {
    let log = TurnLog::default();
    let tired = {
        let log = log.clone();
        boxed(move |plan, ctx| {
            log.lock().unwrap().push(("a", 0));
            ctx.stop.report_steps(ctx.stop.steps().unwrap());
            let gain = if log.lock().unwrap().len() < 3 { 3 } else { 0 };
            Ok(better_by(plan, gain))
        })
    };
    let run = portfolio(vec![tired, gains(&log, "b", 1)]);
    assert_eq!((names(&log).as_str(), penalty(&run)), ("abab", 7));
}

#[test]
fn one_that_fails_has_no_more_turns_and_the_other_goes_on() {
    let log = TurnLog::default();
    let fails = boxed(|_, _| Err(StageError::Failed("no luck".into())));
    let run = portfolio(vec![fails, gains(&log, "b", 1)]);
    // The one that failed has left its quarter.
    assert_eq!((names(&log).as_str(), penalty(&run)), ("bbbb", 8));
    assert!(run.plan.history[0].notes.contains(&"fake was not run again: no luck".into()));
}

#[test]
fn a_turn_that_makes_things_worse_or_lies_is_not_taken() {
    let worse = boxed(|plan, _| {
        let (timetable, score) = timetable_at(&plan.problem, 3);
        Ok(plan.with_timetable(timetable, score))
    });
    let lies = boxed(|plan, _| {
        let timetable = plan.timetable.clone().unwrap();
        Ok(plan.with_timetable(timetable, Score::default()))
    });
    let log = TurnLog::default();
    let run = portfolio(vec![gains(&log, "a", 1), worse, lies]);
    assert_eq!((names(&log).as_str(), penalty(&run)), ("aa", 10));
    let notes = run.plan.history[0].notes.join("\n");
    assert!(notes.contains("it is worse: penalty 12, before penalty 11"), "{notes}");
    assert!(notes.contains("it claims penalty 0, the checker finds penalty 11"), "{notes}");
}

#[test]
fn a_panic_costs_no_turn_of_the_others() {
    let log = TurnLog::default();
    let panics = boxed(|_, _| panic!("on purpose"));
    let run = portfolio(vec![gains(&log, "a", 1), panics]);
    assert_eq!((names(&log).as_str(), penalty(&run)), ("aaaa", 8));
}

#[test]
fn where_all_fail_it_fails() {
    let fails = || boxed(|_, _| Err(StageError::Failed("no luck".into())));
    let run = portfolio(vec![fails(), fails()]);
    assert_eq!((run.plan.history[0].outcome.clone(), penalty(&run)), (Outcome::Failed("no luck".into()), 12));
}

#[test]
fn by_steps_one_that_lacks_memory_ends_it() {
    let log = TurnLog::default();
    let lacks = || boxed(|_, _| Err(StageError::Memory { needed: 9, available: 1 }));
    assert!(matches!(run(vec![gains(&log, "a", 0), lacks()], Budget::Steps(400)), Err(RunError::Memory { .. })));
    let until = Budget::Until(Instant::now() + Duration::from_secs(60));
    let by_time = run(vec![lacks(), gains(&log, "b", 12)], until).expect("the other goes on");
    assert_eq!(penalty(&by_time), 0);
}

#[test]
fn one_that_does_nothing_has_no_second_turn() {
    let idle = boxed(|plan, ctx| {
        ctx.stop.report_steps(0);
        Ok(plan)
    });
    let log = TurnLog::default();
    let run = portfolio(vec![idle, gains(&log, "b", 0)]);
    assert_eq!(*log.lock().unwrap(), [("b", 100), ("b", 200), ("b", 100)]);
    assert!(run.plan.history[0].notes.contains(&"fake was not run again: it did nothing in its turn".into()));
}
