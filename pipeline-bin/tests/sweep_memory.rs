//! Sweeps inside real control groups: more trials asked for than fit, and somebody else who takes
//! half in the middle.
//!
//! A small campus; with `STAGECOACH_SLOW=1` forty trials of pu-d5-spr17 and of a whole campus in 1
//! GB.
#![cfg(all(target_os = "linux", feature = "experiments"))]

mod common;

use common::{Place, Ran, group::Group};
use needs::{instance, is_slow};
use serde_json::Value;
use std::{
    env, fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// Writes the grid; the limit in bytes, and how many trials.
fn grid(place: &Place) -> Option<(u64, u64)> {
    if !is_slow() {
        place.run("generate campus campus --scale 0.1 --seed 3").ends_with(0);
        place.write("grid.toml", "instances = ['campus']\nseeds = '1-12'\nsteps = 100000\n");
        return Some((300_000_000, 12));
    }
    let itc = instance("itc2019/pu-d5-spr17.xml.gz")?;
    place.run("generate campus campus").ends_with(0);
    let text = format!("instances = ['{}', 'campus']\nseeds = '1-20'\nsteps = 200000\n", itc.display());
    place.write("grid.toml", &text);
    Some((1_000_000_000, 40))
}

/// What the processes of a group have of mapped blocks, in bytes: by PSS, and how many map one.
fn blocks(group: &Group) -> (u64, u64) {
    let pids = fs::read_to_string(group.0.join("cgroup.procs")).unwrap_or_default();
    let inside = fs::read_dir(&group.0).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    let below: String = inside.filter_map(|entry| fs::read_to_string(entry.path().join("cgroup.procs")).ok()).collect();
    let (mut sum, mut count) = (0, 0);
    for pid in pids.lines().chain(below.lines()) {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap_or_default();
        let mut is_block = false;
        for line in text.lines() {
            if line.contains('-') && line.contains(' ') && !line.contains(':') || line.contains(".block") {
                is_block = line.ends_with(".block");
                count += u64::from(is_block);
            } else if let Some(pss) = line.strip_prefix("Pss:").filter(|_| is_block) {
                sum += pss.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024;
            } else if line.as_bytes().first().is_some_and(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
                && line.contains('-')
            {
                is_block = false;
            }
        }
    }
    (sum, count)
}

fn sizes(place: &Place) -> u64 {
    let files = fs::read_dir(place.path("grid.sweep/problems")).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

fn run(beside_a_hog: bool) {
    let place = Place::new();
    let Some((limit, trials)) = grid(&place) else { return };
    let Some(group) = Group::with_limit(limit) else { return };
    let began = Instant::now();
    let mut sweep = group.start(&place.command("sweep grid.toml --jobs 16 --json"));
    let mut hog = None;
    let (mut most, mut at_once) = ((0, 0), 0);
    let ran = loop {
        thread::sleep(Duration::from_millis(100));
        let (pss, count) = blocks(&group);
        if pss > most.0 {
            most = (pss, count);
        }
        at_once = at_once.max(count);
        if beside_a_hog && hog.is_none() && count > 0 && began.elapsed() > Duration::from_secs(1) {
            let mut command = Command::new(env::current_exe().expect("this test"));
            command.args(["--ignored", "--exact", "role_half"]).env("STAGECOACH_TEST_GROUP", &group.0);
            hog = Some(group.start(&command));
        }
        if sweep.try_wait().expect("a child").is_some() {
            break Ran::of(sweep.wait_with_output().expect("its end"));
        }
    };
    let (kills, highest) = (group.kills(), group.highest().unwrap_or(0));
    if let Some(mut hog) = hog {
        assert!(hog.try_wait().expect("a child").is_none(), "the hog is still there");
        hog.kill().expect("it can be killed");
        hog.wait().expect("its end");
    }
    let events: Vec<Value> = ran.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let ended =
        |state: &str| events.iter().filter(|event| event["event"] == "trial" && event["state"] == state).count();
    eprintln!(
        "{trials} trials in {:.0} MB{}: exit code {:?} after {:.1} s, highest {:.1} MB with page cache, {kills} kills, {} lost, {} oom; \
         {at_once} map a problem at once at most; problems {:.1} MB, PSS of all maps {:.1} MB in {} of them",
        limit as f64 / 1e6,
        if beside_a_hog { " beside a hog of half" } else { "" },
        ran.code,
        began.elapsed().as_secs_f64(),
        highest as f64 / 1e6,
        ended("lost"),
        ended("oom"),
        sizes(&place) as f64 / 1e6,
        most.0 as f64 / 1e6,
        most.1
    );
    assert_eq!((ran.code, kills), (Some(0), 0), "{ran:?}");
    assert_eq!(ran.last_event()["done"], trials, "{ran:?}");
    assert!(highest <= limit);
    // However many map it, a problem is there once. (Shares are read one after the other, while
    // processes come and go.)
    assert!(most.0 as f64 <= sizes(&place) as f64 * 1.5 + 1e6, "{most:?}");
    place.run("results grid.sweep --verify").ends_with(0);
}

#[test]
fn more_trials_than_fit_run_as_they_fit_and_none_is_killed() {
    run(false);
}

#[test]
fn beside_somebody_who_takes_half_they_go_on_more_slowly() {
    run(true);
}

/// Takes half of the group's memory at once, and holds it.
#[test]
#[ignore = "a role in another test"]
fn role_half() {
    let Some(folder) = env::var_os("STAGECOACH_TEST_GROUP") else { return };
    let group = Group(PathBuf::from(folder));
    let limit = group.number("memory.limit_in_bytes", "").or_else(|| group.number("memory.max", "")).expect("a limit");
    let mut held = Vec::new();
    for _ in 0..limit / (2 << 20) {
        held.push(vec![1_u8; 1 << 20]);
        thread::sleep(Duration::from_millis(2));
    }
    thread::sleep(Duration::from_secs(3600));
    // It must not clean up a group that another process has made.
    std::mem::forget(group);
    drop(held);
}
