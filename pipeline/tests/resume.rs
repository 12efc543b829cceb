//! Runs that are broken off and go on.

mod common;
use common::*;
use pipeline::*;
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

fn info() -> RunInfo {
    RunInfo { configuration: "abc".into(), seed: 7, steps: vec!["stage2a fake".into(); 3] }
}

fn steps() -> Vec<Step> {
    vec![places_at("stage2a", 2), places_at("stage2b", 1), places_at("stage3", 0)]
}

/// Ends the run with a panic after so many steps; what is on disk then is what a kill leaves.
struct Dies(AtomicUsize);

impl Observer for Dies {
    fn ends(&self, _: &Event, _: &Plan) {
        assert!(self.0.fetch_sub(1, Ordering::Relaxed) != 1, "killed");
    }
}

/// The bytes of the plan after a run that was killed when `done` steps had ended, and was resumed.
fn broken_then_resumed(folder: &Path, done: usize) -> Vec<u8> {
    let plan = Plan::new(problem());
    let checkpoint = Checkpoint::create(folder, &info(), &plan).unwrap();
    if done > 0 {
        let mut runner = by_steps(99);
        runner.observer = Arc::new(Dies(AtomicUsize::new(done)));
        let run = || runner.run(plan, &steps(), 0, Some(&checkpoint)).map(|_| ());
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    }
    drop(checkpoint);
    let resumed = Checkpoint::resume(folder, &info()).unwrap();
    assert_eq!(resumed.finished, done);
    let runner = by_steps(99);
    let start = resumed.start(runner.budget, runner.judge.as_ref());
    let run = runner.run(start, &steps(), resumed.finished, Some(&resumed.checkpoint)).unwrap();
    assert_eq!(run.finished, 3);
    fs::read(folder.join(PLAN_FILE)).unwrap()
}

#[test]
fn a_run_by_steps_killed_after_any_step_and_resumed_ends_with_the_same_bytes() {
    let endings: Vec<_> = (0..=3).map(|done| broken_then_resumed(tempfile::tempdir().unwrap().path(), done)).collect();
    assert!(endings.iter().all(|bytes| *bytes == endings[0]));
    let text = String::from_utf8(endings[0].clone()).unwrap();
    // 99 steps, three equal shares.
    assert_eq!(text.matches("\"steps\":33").count(), 3, "{text}");
}

#[test]
fn every_stage_that_ended_has_an_event() {
    let folder = tempfile::tempdir().unwrap();
    broken_then_resumed(folder.path(), 0);
    let (events, torn) = read_events(folder.path()).unwrap();
    assert!(!torn);
    assert_eq!(events.iter().map(|e| e.stage.as_str()).collect::<Vec<_>>(), ["stage2a", "stage2b", "stage3"]);
    assert_eq!(events[2].before.map(|s| s.penalty), Some(4));
    assert_eq!(events[2].after.map(|s| s.penalty), Some(0));
}

#[test]
fn a_torn_last_event_is_recognised_and_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    broken_then_resumed(folder.path(), 0);
    let path = folder.path().join(EVENTS_FILE);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    let (events, torn) = read_events(folder.path()).unwrap();
    assert_eq!((events.len(), torn), (2, true));
    EventLog::open(folder.path()).unwrap().append(&events[0]).unwrap();
    let (events, torn) = read_events(folder.path()).unwrap();
    assert_eq!((events.len(), torn), (3, false));
    fs::write(&path, "{}\n").unwrap();
    assert!(read_events(folder.path()).unwrap_err().to_string().contains("line 1"));
}

#[test]
fn only_the_same_run_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    drop(Checkpoint::create(folder.path(), &info(), &Plan::new(problem())).unwrap());
    let differs = |change: fn(&mut RunInfo)| {
        let mut other = info();
        change(&mut other);
        Checkpoint::resume(folder.path(), &other).unwrap_err().to_string()
    };
    assert!(differs(|i| i.seed = 8).contains("its seed is 7, expected 8"));
    assert!(differs(|i| i.configuration = "xyz".into()).contains("configuration is abc, expected xyz"));
    assert!(differs(|i| i.steps.truncate(1)).contains("list of steps"));
    Checkpoint::resume(folder.path(), &info()).unwrap();
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = Checkpoint::create(folder.path(), &info(), &Plan::new(problem())).unwrap();
    let error = Checkpoint::resume(folder.path(), &info()).unwrap_err().to_string();
    assert!(error.contains("another run is at work"), "{error}");
    drop(first);
    Checkpoint::resume(folder.path(), &info()).unwrap();
}

#[test]
fn a_folder_without_a_run_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    save_plan(folder.path(), &plan_at(&problem(), 1)).unwrap();
    assert!(Checkpoint::resume(folder.path(), &info()).unwrap_err().to_string().contains(RUN_FILE));
}

/// A run that is cancelled in its second step, which has reached time 1.
fn cancelled(folder: &Path) {
    let plan = Plan::new(problem());
    let checkpoint = Checkpoint::create(folder, &info(), &plan).unwrap();
    let runner = by_steps(99);
    let cancel = runner.cancel.clone();
    let steps = [
        places_at("stage2a", 2),
        step("stage2b", 1, move |plan, _| {
            cancel.cancel();
            let (timetable, score) = timetable_at(&plan.problem, 1);
            Ok(plan.with_timetable(timetable, score))
        }),
        places_at("stage3", 0),
    ];
    let run = runner.run(plan, &steps, 0, Some(&checkpoint)).unwrap();
    assert_eq!((run.finished, run.interrupted), (1, true));
}

#[test]
fn a_cancelled_step_is_done_again_from_its_start_by_steps_and_from_its_best_by_time() {
    let folder = tempfile::tempdir().unwrap();
    cancelled(folder.path());
    let resumed = Checkpoint::resume(folder.path(), &info()).unwrap();
    assert_eq!(resumed.finished, 1);
    let judge = by_steps(1).judge;
    let penalty = |budget| resumed.start(budget, judge.as_ref()).score.map(|s| s.penalty);
    assert_eq!(penalty(Budget::Steps(99)), Some(8));
    assert_eq!(penalty(Budget::Until(Instant::now() + Duration::from_secs(1))), Some(4));
    let runner = by_steps(99);
    let start = resumed.start(Budget::Steps(99), judge.as_ref());
    runner.run(start, &steps(), resumed.finished, Some(&resumed.checkpoint)).unwrap();
    let whole = tempfile::tempdir().unwrap();
    broken_then_resumed(whole.path(), 0);
    assert_eq!(fs::read(folder.path().join(PLAN_FILE)).unwrap(), fs::read(whole.path().join(PLAN_FILE)).unwrap());
}

#[test]
fn a_best_that_lies_or_is_damaged_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    cancelled(folder.path());
    let path = folder.path().join(BEST_FILE);
    let text = fs::read_to_string(&path).unwrap();
    let soon = Budget::Until(Instant::now() + Duration::from_secs(1));
    let start = |text: &str| {
        fs::write(&path, text).unwrap();
        let resumed = Checkpoint::resume(folder.path(), &info()).unwrap();
        resumed.start(soon, by_steps(1).judge.as_ref()).score.map(|s| s.penalty)
    };
    assert_eq!(start(&text.replace("\"penalty\":4", "\"penalty\":-9")), Some(4), "the checker's word counts");
    assert_eq!(start(&text.replace("\"times\":[1,1,1,1]", "\"times\":[3,3,3,3]")), Some(8), "worse than the plan");
    assert_eq!(start(&text.replace("\"times\":[1,1,1,1]", "\"times\":[9,9,9,9]")), Some(8));
    assert_eq!(start(&text[..text.len() / 2]), Some(8));
    assert_eq!(start(&text.replace("\"step\":1", "\"step\":0")), Some(8), "of a step that has ended");
    assert_eq!(start(&text), Some(4));
}

#[test]
fn a_folder_that_vanishes_costs_the_run_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("run");
    let plan = Plan::new(problem());
    let checkpoint = Checkpoint::create(&folder, &info(), &plan).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let run = by_steps(99).run(plan, &steps(), 0, Some(&checkpoint)).unwrap();
    assert_eq!(run.plan.score.map(|s| s.penalty), Some(0));
    assert!(!checkpoint.is_sound());
    assert!(!folder.exists());
}

#[test]
fn a_stage_keeps_its_best_safe_while_it_works() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::new(problem());
    let checkpoint = Checkpoint::create(folder.path(), &info(), &plan).unwrap();
    let seen = Arc::new(Mutex::new(None));
    let path = folder.path().to_path_buf();
    let steps = {
        let seen = seen.clone();
        [step("stage2a", 1, move |plan, ctx| {
            let (timetable, score) = timetable_at(&plan.problem, 1);
            assert!(!ctx.best.wants(), "just begun");
            ctx.best.offer(&timetable, score);
            // Worse: not saved.
            let (worse, low) = timetable_at(&plan.problem, 3);
            ctx.best.offer(&worse, low);
            *seen.lock().unwrap() = Some(fs::read_to_string(path.join(BEST_FILE)).unwrap());
            Ok(plan)
        })]
    };
    by_steps(9).run(plan, &steps, 0, Some(&checkpoint)).unwrap();
    assert!(seen.lock().unwrap().as_ref().unwrap().contains("\"times\":[1,1,1,1]"));
    assert!(!folder.path().join(BEST_FILE).exists(), "the step has ended");
}

#[test]
fn what_a_killed_run_left_half_written_is_replaced_and_nothing_else_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan::new(problem());
    drop(Checkpoint::create(folder.path(), &info(), &plan).unwrap());
    let (half, other) = (folder.path().join("plan.json.part"), folder.path().join(".stagecoach-a1b2c3"));
    fs::write(&half, "half a plan").unwrap();
    fs::write(&other, "my own").unwrap();
    let resumed = Checkpoint::resume(folder.path(), &info()).unwrap();
    by_steps(99).run(plan, &steps(), 0, Some(&resumed.checkpoint)).unwrap();
    assert!(!half.exists());
    assert_eq!(fs::read_to_string(other).unwrap(), "my own");
    let names: BTreeSet<String> = Checkpoint::files().collect();
    let there = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(there.filter(|name| name != ".stagecoach-a1b2c3").all(|name| names.contains(&name)));
}

#[test]
fn whoever_reads_the_folder_of_an_interrupted_run_sees_its_best() {
    let folder = tempfile::tempdir().unwrap();
    cancelled(folder.path());
    let penalty = |plan: Plan| plan.score.map(|s| s.penalty);
    assert_eq!(penalty(load_plan(folder.path()).unwrap()), Some(4));
    assert_eq!(penalty(load_plan_for(problem(), folder.path()).unwrap()), Some(4));
    // The checker's word counts, not the file's.
    let path = folder.path().join(BEST_FILE);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"penalty\":4", "\"penalty\":-9")).unwrap();
    assert_eq!(penalty(load_plan(folder.path()).unwrap()), Some(4));
    fs::write(&path, text.replace("[1,1,1,1]", "[3,3,3,3]")).unwrap();
    assert_eq!(penalty(load_plan(folder.path()).unwrap()), Some(8), "worse than the plan");
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    assert_eq!(penalty(load_plan(folder.path()).unwrap()), Some(8), "damaged");
}

#[test]
fn a_run_file_that_is_damaged_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    drop(Checkpoint::create(folder.path(), &info(), &Plan::new(problem())).unwrap());
    let path = folder.path().join(RUN_FILE);
    let text = fs::read_to_string(&path).unwrap();
    let damage = |text: &str| {
        fs::write(&path, text).unwrap();
        assert!(Checkpoint::resume(folder.path(), &info()).unwrap_err().to_string().contains(".json"));
    };
    damage("");
    damage(&text[..text.len() / 2]);
    damage(&text.replace("\"version\":1", "\"version\":9"));
    damage(&text.replace("\"history\":0", "\"history\":5"));
    damage(&text.replace("\"history\":0", "\"history\":18446744073709551615"));
    damage(&text.replace("\"problem\":\"", "\"problem\":\"0"));
}
