//! Interrupted, killed, resumed.

mod common;

use common::{Place, Ran, TOY, bytes, wait_until};
use std::{
    process::Child,
    time::{Duration, Instant},
};

fn signal(child: &Child, number: i32) {
    // SAFETY: `kill` takes two numbers; the child has not been waited for, so its id is still its own.
    assert_eq!(unsafe { libc::kill(child.id() as i32, number) }, 0);
}

/// Starts a long run, sends the signal when stage 2B is at work, and says what came of it and how long that took.
fn interrupted_by(place: &Place, number: i32) -> (Ran, Duration) {
    place.write("toy.ctt", TOY);
    let child = place.command("solve toy.ctt --time 100 --out out").spawn().expect("the program runs");
    // Stage 2A has ended when the plan has a timetable.
    let plan = place.path("out/plan/plan.json");
    wait_until("stage 2A has ended", || {
        std::fs::read_to_string(&plan).is_ok_and(|text| text.contains("\"timetable\":{"))
    });
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
