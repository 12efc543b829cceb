//! What becomes of a run whose solver fails: each fault is noticed and survived, and the timetable
//! is never worse for it.

use pipeline::{Budget, Bytes, Cancel, Clusters, Ledger, Plan, Stage, StageError, Stop};
use stage2a_cpsat::{CpSat, Greedy};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tests::{Xorshift, builder, context, lone_class, run};
use timetable::*;

/// Thirty classes with preferences, of five teachers, in three rooms: greedy's timetable can be
/// bettered.
fn small() -> Plan {
    let mut b = builder(4);
    let mut rng = Xorshift::new(7);
    let rooms: Vec<RoomId> = (0..3).map(|r| b.room(&format!("r{r}"), 30, &[], &[])).collect();
    let times: Vec<TimeId> = (0..20).map(|k| b.time(1, 1 << (k / 4), k % 4, 1)).collect();
    let classes: Vec<ClassId> = (0..30)
        .map(|k| {
            let mine: Vec<(TimeId, u32)> = times.iter().map(|&t| (t, rng.below(9) as u32)).collect();
            let rooms: Vec<(RoomId, u32)> = rooms.iter().map(|&r| (r, rng.below(5) as u32)).collect();
            lone_class(&mut b, &format!("k{k}"), &mine, &rooms)
        })
        .collect();
    for teacher in 0..5 {
        let mine: Vec<ClassId> = classes.iter().skip(teacher).step_by(5).copied().collect();
        b.constraint(ConstraintSpec {
            kind: Kind::TeacherClash,
            name: "",
            penalty: None,
            params: &[],
            classes: &mine,
            times: &[],
        });
    }
    let mut plan = Plan::new(Arc::new(b.build().expect("a sound problem")));
    let of = (0..30).map(|k| k % 3).collect();
    plan.clusters = Some(Arc::new(Clusters { of, count: 3, colour: vec![0, 1, 2] }));
    plan
}

fn greedy() -> Score {
    run(&Greedy, small(), &context(1, Budget::Until(Instant::now() + Duration::from_secs(5)))).score.expect("a score")
}

/// The stage with a double in the place of the solver; what it notes, how long it took.
fn with_double(fault: &str, time: Duration) -> (Plan, Duration) {
    let double = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/double.py");
    let worker = (PathBuf::from("python3"), vec![double.into(), fault.into()]);
    let stage = CpSat { worker, ortools: Some("no library".into()) };
    let began = Instant::now();
    let plan = run(&stage, small(), &context(1, Budget::Until(began + time)));
    (plan, began.elapsed())
}

#[track_caller]
fn survives(fault: &str, noted: &str) {
    let time = Duration::from_secs(6);
    let (plan, took) = with_double(fault, time);
    assert_eq!(plan.score, Some(greedy()), "{fault}");
    assert!(plan.notes.iter().any(|note| note.contains(noted)), "{fault}: {:?}", plan.notes);
    assert!(took < time + Duration::from_secs(3), "{fault}: {took:?}");
}

#[test]
fn a_solver_that_crashes_costs_an_attempt_and_is_given_up_in_the_end() {
    survives("crash", "not used any more: 4 solvers failed in a row, the last one: the solver was ended by signal 11");
    survives("exit", "the solver ended with exit code 7; its last output:\nno licence found");
}

#[test]
fn a_solver_that_writes_garbage_is_not_believed() {
    survives("garbage", "output is not an answer");
    survives("no-message", "output is not an answer");
    survives("too-short", "3 clusters: 3 refused");
}

#[test]
fn a_solver_that_hangs_is_killed() {
    survives("hang", "3 clusters");
}

#[test]
fn a_solver_that_lies_is_found_out_by_the_board() {
    survives("all-first", "3 clusters: 3 refused");
    survives("nowhere", "3 clusters: 3 refused");
    survives("infeasible", "3 clusters: 3 infeasible");
}

#[test]
fn a_solver_that_takes_all_memory_is_stopped_at_its_cap() {
    let (plan, _) = with_double("hog", Duration::from_secs(20));
    assert_eq!(plan.score, Some(greedy()));
    let told = |note: &String| note.contains("stopped at its memory cap") || note.contains("lost");
    assert!(plan.notes.iter().any(told), "{:?}", plan.notes);
}

#[test]
fn without_a_library_or_with_a_wrong_one_the_timetable_is_greedys() {
    let worker = || (std::env::current_exe().expect("this test"), Vec::new());
    // A worker that writes what is no frame, as this test does.
    let stage = CpSat { worker: worker(), ortools: Some("/nonexistent".into()) };
    let plan = run(&stage, small(), &context(1, Budget::Until(Instant::now() + Duration::from_secs(5))));
    assert_eq!(plan.score, Some(greedy()));
    let gone = CpSat { worker: ("/nonexistent/program".into(), Vec::new()), ortools: Some("/nonexistent".into()) };
    let plan = run(&gone, small(), &context(1, Budget::Until(Instant::now() + Duration::from_secs(5))));
    assert_eq!(plan.score, Some(greedy()));
    assert!(plan.notes.iter().any(|note| note.contains("not used any more")), "{:?}", plan.notes);
    assert!(gone.memory(&small()).least > 0);
}

#[test]
fn without_memory_for_a_solver_it_is_greedys_and_by_steps_it_is_refused() {
    let double = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/double.py");
    let worker = (PathBuf::from("python3"), vec![double.into(), "nowhere".into()]);
    let stage = CpSat { worker, ortools: Some("no library".into()) };
    let mut ctx = context(1, Budget::Until(Instant::now() + Duration::from_secs(3)));
    ctx.ledger = Ledger::new(Bytes::mb(100), Bytes::ZERO);
    let plan = run(&stage, small(), &ctx);
    assert_eq!(plan.score, Some(greedy()));
    assert!(plan.notes.iter().any(|note| note.contains("not used any more")), "{:?}", plan.notes);
    ctx.stop = Stop::new(Cancel::default(), Budget::Steps(3_000_000));
    let refused = stage.run(small(), &ctx);
    assert!(matches!(refused, Err(StageError::Refused(_))), "{refused:?}");
}
