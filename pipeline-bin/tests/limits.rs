//! Runs inside real control groups with small limits: valid or refused at the start, never killed.
//!
//! Two seconds each on a small generated campus; with `STAGECOACH_SLOW=1` eight seconds each on
//! comp12, muni-fsps-spr17 and sixteen on a whole campus; with `STAGECOACH_TIME=60` for so long.
//! Where no control group can be made, that is printed and nothing is tested.
#![cfg(target_os = "linux")]

mod common;

use common::{Place, Ran, group::Group};
use needs::{instance, is_slow};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

fn seconds() -> u64 {
    env::var("STAGECOACH_TIME").map_or(if is_slow() { 8 } else { 2 }, |n| n.parse().expect("a number of seconds"))
}

/// Problems, the megabytes in which each has to be solved, and for how long.
fn problems(place: &Place) -> Vec<(PathBuf, u64, u64)> {
    let mut problems = Vec::new();
    if is_slow() {
        problems.extend(instance("cb-ctt/comp12.ctt").map(|file| (file, 64, seconds())));
        problems.extend(instance("itc2019/muni-fsps-spr17.xml.gz").map(|file| (file, 128, seconds())));
        place.run("generate campus campus").ends_with(0);
        let longer = if env::var("STAGECOACH_TIME").is_ok() { seconds() } else { 2 * seconds() };
        problems.push((place.path("campus"), 384, longer));
    } else {
        place.run("generate campus small --scale 0.05").ends_with(0);
        problems.push((place.path("small"), 64, seconds()));
    }
    problems
}

fn solve(place: &Place, problem: &Path, seconds: u64) -> Command {
    place.command(&format!(
        "solve {} --time {} --threads 2 --seed 1 --json --out out --force",
        problem.display(),
        seconds
    ))
}

#[test]
fn in_a_small_group_a_run_ends_valid_or_refuses_at_the_start() {
    let place = Place::new();
    for (problem, most, seconds) in problems(&place) {
        let name = problem.file_name().expect("a name").to_string_lossy().into_owned();
        let free = Ran::of(solve(&place, &problem, seconds).output().expect("the program runs"));
        eprintln!("{name}, no limit: {}", free.last_event()["score"]);
        let mut limit = most * 1_000_000;
        loop {
            let Some(group) = Group::with_limit(limit) else { return };
            let _ = fs::remove_dir_all(place.path("out"));
            let began = std::time::Instant::now();
            let ran = Ran::of(group.start(&solve(&place, &problem, seconds)).wait_with_output().expect("its end"));
            let refused = ran.code == Some(3);
            let score = if refused { "refused".into() } else { ran.last_event()["score"].to_string() };
            eprintln!(
                "{name}, {} MB: exit code {:?} after {:.1} s, {score}, highest {:.1} MB with page cache, {} kills",
                limit as f64 / 1e6,
                ran.code,
                began.elapsed().as_secs_f64(),
                group.highest().unwrap_or(0) as f64 / 1e6,
                group.kills()
            );
            assert_eq!(group.kills(), 0, "{ran:?}");
            if refused {
                assert!(limit < most * 1_000_000, "it has to do with that much: {ran:?}");
                assert!(ran.err.contains("too small"), "{}", ran.err);
                break;
            }
            assert_eq!(ran.code, Some(0), "{ran:?}");
            assert_eq!(ran.last_event()["valid"], true, "{ran:?}");
            limit /= 2;
        }
    }
}

#[test]
fn beside_a_hog_a_run_stays_alive_and_ends_valid() {
    let place = Place::new();
    for (problem, most, seconds) in problems(&place) {
        let limit = most * 1_000_000;
        let Some(group) = Group::with_limit(limit) else { return };
        let _ = fs::remove_dir_all(place.path("out"));
        let run = group.start(&solve(&place, &problem, seconds));
        let mut hog = Command::new(env::current_exe().expect("this test"));
        hog.args(["--ignored", "--exact", "role_hog"]).env("STAGECOACH_TEST_GROUP", &group.0);
        hog.env("STAGECOACH_TIME", seconds.to_string());
        let mut hog = group.start(&hog);
        let ran = Ran::of(run.wait_with_output().expect("its end"));
        let kills = group.kills();
        hog.kill().expect("it is still there");
        hog.wait().expect("its end");
        let name = problem.file_name().expect("a name").to_string_lossy().into_owned();
        eprintln!(
            "{name}, {most} MB beside a hog: exit code {:?}, {}, {kills} kills",
            ran.code,
            ran.last_event()["score"]
        );
        assert_eq!((ran.code, kills), (Some(0), 0), "{ran:?}");
        assert_eq!(ran.last_event()["valid"], true, "{ran:?}");
    }
}

/// Takes the group's memory, little by little, up to 95 % of its limit, and holds it.
#[test]
#[ignore = "a role in another test"]
fn role_hog() {
    let Some(folder) = env::var_os("STAGECOACH_TEST_GROUP") else { return };
    let group = Group(PathBuf::from(folder));
    let number = |file: &str, or: &str| group.number(file, "").or_else(|| group.number(or, "")).expect("a number");
    let limit = number("memory.limit_in_bytes", "memory.max");
    let mut held = Vec::new();
    // The first valid timetable takes a moment; after that it is taken away what is left.
    std::thread::sleep(std::time::Duration::from_secs_f64(seconds() as f64 / 2.0));
    loop {
        let cache = group
            .number("memory.stat", "total_inactive_file ")
            .or_else(|| group.number("memory.stat", "inactive_file "));
        let used = number("memory.usage_in_bytes", "memory.current").saturating_sub(cache.unwrap_or(0));
        if used < limit / 100 * 94 {
            held.push(vec![1_u8; 1 << 20]);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert!(held.len() < 100_000);
    }
}
