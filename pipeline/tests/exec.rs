//! Programs as stages: small shell scripts.

mod common;
use common::*;
use pipeline::*;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// A script in `folder` as a stage with a flag.
fn script(folder: &Path, body: &str) -> Step {
    let path = folder.join("my stage.sh");
    fs::write(&path, format!("#!/bin/sh\n# $1: a flag, $2: plan in, $3: plan out\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let stage = ExecStage::new(&format!("'{}' --flag", path.display())).unwrap();
    Step { slot: "stage2b".into(), stage: Box::new(stage), share: 1 }
}

/// Runs a script on the plan with penalty 8; gives the plan and how the script's stage ended.
fn run(body: &str, budget: Budget) -> (Plan, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let step = script(folder.path(), body);
    let mut runner = Runner::new(7, budget);
    runner.memory = Arc::new(UnwatchedMemory(500_000_000));
    runner.threads = 3;
    let run = runner.run(plan_at(&problem(), 2), &[step], 0, None).unwrap();
    let outcome = run.plan.history[0].outcome.clone();
    (run.plan, outcome)
}

fn by_steps_of(body: &str) -> (Plan, Outcome) {
    run(body, Budget::Steps(1_000))
}

fn fails(body: &str, why: &str) {
    let (plan, outcome) = by_steps_of(body);
    match outcome {
        Outcome::Failed(reason) => assert!(reason.contains(why), "{why:?} not in {reason:?}"),
        other => panic!("expected a failure for {why}, was {other:?}"),
    }
    assert_eq!(plan.score.map(|s| s.penalty), Some(8), "the plan before goes on");
}

const IMPROVE: &str = r#"sed -e 's/"times":\[2,2,2,2\]/"times":[0,0,0,1]/' -e 's/"penalty":8/"penalty":1/' "$2/plan.json" > "$3/plan.json""#;

#[test]
fn what_a_program_improves_is_taken() {
    let (plan, outcome) =
        by_steps_of(&format!("[ \"$1\" = --flag ] && [ -f \"$2/problem.block\" ] || exit 3\n{IMPROVE}"));
    assert_eq!(outcome, Outcome::Taken);
    assert_eq!(plan.score.map(|s| s.penalty), Some(1));
}

#[test]
fn a_program_may_leave_the_score_to_the_checker() {
    let (plan, outcome) = by_steps_of(
        r#"sed -e 's/\[2,2,2,2\]/[0,0,0,1]/' -e 's/^"score":.*/"score":null,/' "$2/plan.json" > "$3/plan.json""#,
    );
    assert_eq!(outcome, Outcome::Taken);
    assert_eq!(plan.score.map(|s| s.penalty), Some(1));
}

#[test]
fn a_program_that_lies_or_worsens_is_refused() {
    let lie = r#"sed 's/"penalty":8/"penalty":0/' "$2/plan.json" > "$3/plan.json""#;
    assert!(matches!(by_steps_of(lie).1, Outcome::Refused(why) if why.contains("the checker finds penalty 8")));
    let worse = r#"sed -e 's/\[2,2,2,2\]/[3,3,3,3]/' -e 's/"penalty":8/"penalty":12/' "$2/plan.json" > "$3/plan.json""#;
    assert!(matches!(by_steps_of(worse).1, Outcome::Refused(why) if why.contains("worse")));
}

#[test]
fn a_program_is_told_what_it_may_use() {
    let check = format!(
        "[ \"$STAGECOACH_STEPS\" = 1000 ] && [ \"$STAGECOACH_THREADS\" = 3 ] && [ -n \"$STAGECOACH_SEED\" ] && [ -z \"$STAGECOACH_TIME\" ] \
         && [ \"$STAGECOACH_MEMORY\" -le 500000000 ] && [ \"$STAGECOACH_MEMORY\" -gt 499000000 ] || exit 9\n{IMPROVE}"
    );
    assert_eq!(by_steps_of(&check).1, Outcome::Taken);
}

#[test]
fn failures_are_told_as_they_were() {
    fails("echo no licence found >&2; exit 7", "ended with exit code 7; its last output:\nno licence found");
    fails("kill -9 $$", "was ended by signal 9");
    fails("exit 0", "plan.json: No such file or directory");
    fails("echo '{' > \"$3/plan.json\"", "EOF while parsing");
    fails(&format!("{IMPROVE}\nexit 1"), "ended with exit code 1");
    fails("ln -s /dev/zero \"$3/plan.json\"", "not a plain file");
}

#[test]
fn a_failure_names_the_command_line_and_no_folder_that_is_gone() {
    for body in ["exit 0", "echo \"cannot open $2/rooms.json\"; exit 1", "echo '[' > \"$3/plan.json\""] {
        let (_, outcome) = by_steps_of(body);
        let Outcome::Failed(why) = outcome else { panic!("{outcome:?}") };
        assert!(why.contains("my stage.sh' --flag` "), "{why}");
        assert!(why.contains("used: plan.json: ") || why.contains("cannot open plan-in/rooms.json"), "{why}");
        assert!(!why.contains("stage2b-"), "{why}");
    }
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    let stage = ExecStage::new("/no/such/program").unwrap();
    let steps = [Step { slot: "stage2b".into(), stage: Box::new(stage), share: 1 }];
    let run = by_steps(9).run(plan_at(&problem(), 2), &steps, 0, None).unwrap();
    assert!(matches!(&run.plan.history[0].outcome, Outcome::Failed(why) if why.contains("cannot be started")));
    assert_eq!(ExecStage::new("'x").unwrap_err(), CommandLineError::Unfinished);
}

#[test]
fn at_its_deadline_a_program_is_stopped_and_what_it_wrote_counts() {
    let started = Instant::now();
    let (plan, outcome) = run(&format!("{IMPROVE}\nsleep 60"), Budget::Until(started + Duration::from_millis(400)));
    assert_eq!(outcome, Outcome::Taken);
    assert_eq!(plan.score.map(|s| s.penalty), Some(1));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn a_program_that_ignores_sigterm_is_killed_with_all_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let body = format!("trap '' TERM\nsleep 60 &\necho $! > '{}'\nwhile :; do sleep 1; done", pid.display());
    let started = Instant::now();
    let (_, outcome) = run(&body, Budget::Until(started + Duration::from_millis(400)));
    assert!(matches!(outcome, Outcome::Failed(why) if why.contains("time was up")));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let pid = fs::read_to_string(pid).unwrap();
    // Gone, or a zombie that waits for whoever adopted it.
    let status = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    assert!(status.is_empty() || status.contains(") Z "), "{status}");
}

#[test]
fn cancelling_stops_a_program_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let step = script(folder.path(), "sleep 60");
    let runner = by_steps(9);
    let cancel = runner.cancel.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        cancel.cancel();
        Instant::now()
    });
    let run = runner.run(plan_at(&problem(), 2), &[step], 0, None).unwrap();
    assert!(run.interrupted);
    assert!(thread.join().unwrap().elapsed() < Duration::from_secs(1));
}

#[test]
fn a_program_cannot_take_more_memory_than_it_may() {
    // dd wants a buffer of 2 GB, the stage has 500 MB: its control group kills it, or where there
    // is none it is refused.
    let (_, outcome) = by_steps_of("dd if=/dev/zero of=/dev/null bs=2000M count=1 || exit 4");
    let Outcome::Failed(why) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("was stopped at its memory cap") || why.contains("ended with exit code 4"), "{why}");
}
