//! Interrupted, killed, resumed.

mod common;

use common::{Place, Ran, TOY, bytes, wait_until};
use std::{
    process::Child,
    time::{Duration, Instant},
};

fn signal(child: &Child, number: i32) {
    // SAFETY: `kill` takes two numbers; the child has not been waited for, so its id is still its
    // own.
    assert_eq!(unsafe { libc::kill(child.id() as i32, number) }, 0);
}

/// Starts a run of the toy (or of another problem that is there), and waits until stage 2A has
/// ended.
fn at_work(place: &Place, arguments: &str) -> Child {
    place.write("toy.ctt", TOY);
    let child = place.command(arguments).spawn().expect("the program runs");
    let plan = place.path("out/plan/plan.json");
    wait_until("stage 2A has ended", || {
        std::fs::read_to_string(&plan).is_ok_and(|text| text.contains("\"timetable\":{"))
    });
    child
}

/// Starts a long run, sends the signal when stage 2B is at work, and says what came of it and how
/// long that took.
fn interrupted_by(place: &Place, number: i32) -> (Ran, Duration) {
    let child = at_work(place, "solve toy.ctt --time 100 --out out");
    signal(&child, number);
    let sent = Instant::now();
    let ran = Ran::of(child.wait_with_output().expect("it ends"));
    (ran, sent.elapsed())
}

#[test]
fn ctrl_c_ends_within_a_second_with_130_and_the_best_so_far() {
    let place = Place::new();
    let (ran, took) = interrupted_by(&place, libc::SIGINT);
    let ran = ran.ends_with(130);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(ran.out.contains("Interrupted") && ran.out.contains("valid, penalty"), "{}", ran.out);
    place.run("check toy.ctt out/solution.sol").ends_with(0);
    place.run("check toy.ctt out").ends_with(0);
}

#[test]
fn sigterm_is_like_ctrl_c() {
    let place = Place::new();
    let (ran, took) = interrupted_by(&place, libc::SIGTERM);
    ran.ends_with(130);
    assert!(took < Duration::from_secs(1), "{took:?}");
    place.run("check toy.ctt out/solution.sol").ends_with(0);
}

#[test]
fn what_batch_systems_warn_by_is_like_ctrl_c() {
    for number in [libc::SIGXCPU, libc::SIGUSR1, libc::SIGUSR2] {
        let place = Place::new();
        let (ran, took) = interrupted_by(&place, number);
        ran.ends_with(130);
        assert!(took < Duration::from_secs(1), "signal {number}: {took:?}");
        place.run("check toy.ctt out/solution.sol").ends_with(0);
    }
}

/// The program as a shell begins it after doing something else.
fn by_shell(place: &Place, first: &str, arguments: &str) -> std::process::Command {
    let program = env!("CARGO_BIN_EXE_stagecoach");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &format!("{first}; exec '{program}' {arguments}")]).current_dir(place.path("."));
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    command
}

#[test]
fn who_began_with_hangups_ignored_goes_on() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let mut command = by_shell(&place, "trap '' HUP", "solve toy.ctt --time 100 --out out");
    let mut child = command.spawn().expect("the program runs");
    wait_until("stage 2A has ended", || {
        std::fs::read_to_string(place.path("out/plan/plan.json")).is_ok_and(|text| text.contains("\"timetable\":{"))
    });
    signal(&child, libc::SIGHUP);
    // Whoever hears a signal has ended by then (the tests above).
    std::thread::sleep(Duration::from_millis(1_500));
    assert!(child.try_wait().expect("it is ours").is_none(), "it has ended");
    signal(&child, libc::SIGTERM);
    Ran::of(child.wait_with_output().expect("it ends")).ends_with(130);
}

#[test]
fn a_file_that_may_not_be_as_large_is_an_error_like_a_full_disk() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    // Blocks of 512 bytes: the problem's plan is larger than one.
    let ran =
        Ran::of(by_shell(&place, "ulimit -f 1", "solve toy.ctt --steps 20000 --out out").output().expect("it runs"));
    assert!([Some(0), Some(2)].contains(&ran.code), "{:?}: {}", ran.code, ran.err);
    assert!(ran.code == Some(0) || ran.err.contains("File too large"), "{}", ran.err);
}

#[test]
fn a_run_whose_log_nobody_can_write_ends_like_any_other() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    for log in ["/dev/full", "closed"] {
        let to = if log == "closed" { "2>&-".to_owned() } else { format!("2>{log}") };
        let arguments = format!("solve toy.ctt --steps 20000 --out out --force {to}");
        let ran = Ran::of(by_shell(&place, ":", &arguments).output().expect("it runs"));
        assert_eq!(ran.code, Some(0), "{log}");
        place.run("check toy.ctt out/solution.sol").ends_with(0);
    }
}

#[test]
fn a_second_signal_soon_after_the_first_is_the_same_one() {
    for (gap, second) in
        [(0, libc::SIGINT), (1, libc::SIGTERM), (5, libc::SIGINT), (20, libc::SIGHUP), (200, libc::SIGINT)]
    {
        let place = Place::new();
        let child = at_work(&place, "solve toy.ctt --time 100 --out out");
        signal(&child, libc::SIGINT);
        std::thread::sleep(Duration::from_millis(gap));
        // It may have ended by then; it is not waited for yet, so that its number is still its own.
        signal(&child, second);
        let ran = Ran::of(child.wait_with_output().expect("it ends")).ends_with(130);
        assert!(ran.out.contains("Interrupted"), "{gap} ms: {}", ran.out);
        place.run("check toy.ctt out/solution.sol").ends_with(0);
    }
}

#[test]
fn a_stage_that_takes_its_time_to_end_does_not_keep_the_best_so_far_from_being_written() {
    let place = Place::new();
    place.write("deaf.sh", "trap '' TERM\nwhile true; do sleep 1; done\n");
    place.write("stagecoach.toml", "[stage2b]\nuse = \"exec:sh deaf.sh\"\n");
    let child = at_work(&place, "solve toy.ctt --time 100 --out out");
    signal(&child, libc::SIGINT);
    wait_until("it is written", || place.path("out/solution.sol").is_file());
    let ran = Ran::of(child.wait_with_output().expect("it ends")).ends_with(130);
    assert!(ran.out.contains("Interrupted"), "{}", ran.out);
    place.run("check toy.ctt out/solution.sol").ends_with(0);
}

#[test]
fn after_an_interruption_everybody_sees_the_same_timetable() {
    let place = Place::new();
    place.run("generate campus campus --scale 0.15").ends_with(0);
    for kill in [libc::SIGINT, libc::SIGKILL] {
        let child = at_work(&place, "solve campus --time 100 --out out --threads 1");
        // The annealing stage has found something better than it was given, and has saved it.
        let saved = || place.path("out/plan/best.json").is_file();
        if kill == libc::SIGKILL {
            wait_until("its best is saved", saved);
        } else {
            std::thread::sleep(Duration::from_millis(500));
        }
        signal(&child, kill);
        child.wait_with_output().expect("it ends");
        assert!(saved(), "the plan of the stage before is not the best");
        let score = |arguments: &str| {
            let mut event = place.run(&format!("{arguments} --json")).last_event();
            event["score"].take()
        };
        let plan = score("check campus out");
        assert_eq!(score("check campus out/plan"), plan);
        place.run("convert campus copy --solution out --format csv --force").ends_with(0);
        assert_eq!(score("check campus copy"), plan);
        if kill == libc::SIGINT {
            assert_eq!(score("check campus out/solution"), plan);
        }
        let nothing = "--steps 1 --stage1 none --stage2a greedy --stage2b none --stage3 none --force";
        assert_eq!(score(&format!("solve out/plan --out improved {nothing}")), plan);
        let on = score("solve --resume --out out --time 0.5");
        let penalty =
            |score: &serde_json::Value| (score["unplaced"].as_i64(), score["hard"].as_i64(), score["penalty"].as_i64());
        assert!(penalty(&on) <= penalty(&plan), "{on} is no worse than {plan}");
        std::fs::rename(place.path("out"), place.path(&format!("out-{kill}"))).expect("another name");
    }
}

#[test]
fn to_go_on_and_be_interrupted_at_once_loses_nothing() {
    let place = Place::new();
    place.run("generate campus campus --scale 0.15").ends_with(0);
    let penalty = || {
        let score = place.run("check campus out --json").last_event()["score"].take();
        (score["unplaced"].as_i64(), score["hard"].as_i64(), score["penalty"].as_i64())
    };
    let child = at_work(&place, "solve campus --steps 200000000 --out out --threads 1");
    std::thread::sleep(Duration::from_secs(3));
    signal(&child, libc::SIGINT);
    child.wait_with_output().expect("it ends");
    let mut before = penalty();
    for kill in [libc::SIGINT, libc::SIGKILL, libc::SIGINT] {
        let child = place.command("solve --resume --out out --threads 1").spawn().expect("the program runs");
        std::thread::sleep(Duration::from_millis(700));
        signal(&child, kill);
        let ran = Ran::of(child.wait_with_output().expect("it ends"));
        // Nothing is lost; a little may be gained.
        let now = penalty();
        assert!(now <= before, "{now:?} after {before:?}: {ran:?}");
        let score = place.run("check campus out/solution --json").last_event()["score"]["penalty"].as_i64();
        // Where it was killed, the solution is that of the interruption before.
        let written = if kill == libc::SIGKILL { before.2 } else { now.2 };
        assert_eq!(score, written);
        before = now;
    }
}

#[test]
fn an_interrupted_run_goes_on() {
    let place = Place::new();
    interrupted_by(&place, libc::SIGINT).0.ends_with(130);
    let ran = place.run("solve --resume --out out --time 2").ends_with(0);
    assert!(ran.out.contains("stage2a") && ran.out.contains("stage2b"), "{}", ran.out);
    assert!(!ran.err.contains("[STAGE2A]"), "stage 2A is not done again: {}", ran.err);
}

#[test]
fn a_killed_run_by_steps_ends_as_if_nothing_had_happened() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let solve = "solve toy.ctt --steps 4000000 --seed 4 --out";
    let mut child = place.command(&format!("{solve} out")).spawn().expect("the program runs");
    let plan = place.path("out/plan/plan.json");
    wait_until("stage 2A has ended", || {
        std::fs::read_to_string(&plan).is_ok_and(|text| text.contains("\"timetable\":{"))
    });
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    place.run("solve --resume --out out").ends_with(0);
    place.run(&format!("{solve} whole")).ends_with(0);
    assert!(bytes(&plan) == bytes(&place.path("whole/plan/plan.json")));
}

#[test]
fn a_folder_that_vanishes_costs_the_checkpoints_but_not_the_solution() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let child = place.command("solve toy.ctt --time 3 --out out").spawn().expect("the program runs");
    let plan = place.path("out/plan/plan.json");
    wait_until("stage 2A has ended", || {
        std::fs::read_to_string(&plan).is_ok_and(|text| text.contains("\"timetable\":{"))
    });
    // While it is being removed the run may write into it.
    wait_until("it is gone", || std::fs::remove_dir_all(place.path("out")).is_ok());
    let ran = Ran::of(child.wait_with_output().expect("it ends")).ends_with(0);
    assert!(ran.err.contains("cannot save the run") && ran.err.contains("going on in memory"), "{}", ran.err);
    assert!(!ran.err.contains("failed"), "no stage failed: {}", ran.err);
    place.run("check toy.ctt out/solution.sol").ends_with(0);
}

#[test]
fn another_run_cannot_be_resumed_by_mistake() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --steps 1000 --out out").ends_with(0);
    let err = place.run("solve toy.ctt --resume --out out --seed 77").ends_with(2).err;
    assert!(err.contains("another run") && err.contains("seed"), "{err}");
    place.write("other.ctt", &TOY.replace("Toy", "Other"));
    let err = place.run("solve other.ctt --resume --out out").ends_with(2).err;
    assert!(err.contains("another problem"), "{err}");
}

#[test]
fn resuming_where_nothing_was_begun_begins() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --resume --steps 1000 --out out").ends_with(0);
    assert!(place.run("solve --resume --out nowhere").ends_with(2).err.contains("nowhere"));
}
