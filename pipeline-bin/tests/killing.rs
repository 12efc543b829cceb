//! SIGKILL at random moments, again and again: nothing is lost, nothing is corrupt, nothing goes
//! back.
//!
//! Other people's files lie in the output folder all the time. Three kills of each sort; with
//! `STAGECOACH_SLOW=1` ten, with `STAGECOACH_KILLS=n` n of each. With `STAGECOACH_PROBLEM=file` on
//! that problem instead of a small generated one (only what holds for every problem is asserted).

mod common;

use common::{Place, bytes, is_whole, thesis, tree};
use serde_json::Value;
use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Child,
    time::{Duration, Instant},
};

/// (unplaced, hard, penalty): the smaller, the better.
type Score = (u64, u64, u64);

fn kills() -> usize {
    let default = if needs::is_slow() { 10 } else { 3 };
    env::var("STAGECOACH_KILLS").map_or(default, |n| n.parse().expect("a number"))
}

/// Random moments, the same in every run of the test.
struct Moments(u64);

impl Moments {
    /// Up to `longest` from now.
    fn next(&mut self, longest: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        longest.mul_f64((self.0 >> 33) as f64 / (1_u64 << 31) as f64)
    }
}

fn problem(place: &Place) -> PathBuf {
    if let Some(file) = env::var_os("STAGECOACH_PROBLEM") {
        return PathBuf::from(file);
    }
    place.run("generate campus campus --scale 0.05 --seed 3").ends_with(0);
    place.path("campus")
}

fn kill(mut child: Child) {
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

fn score(value: &Value) -> Option<Score> {
    let number = |key: &str| value[key].as_u64();
    Some((number("unplaced")?, number("hard")?, number("penalty")?))
}

fn json(path: &Path) -> Option<Value> {
    let text = fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

/// The best score on disk, after a look at every file: whole, or the torn last line of the events.
fn on_disk(plan: &Path) -> Option<Score> {
    for entry in fs::read_dir(plan).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|e| e == "json") {
            json(&entry.path());
        }
    }
    if let Ok(events) = fs::read_to_string(plan.join("events.jsonl")) {
        let whole = events.rfind('\n').map_or("", |end| &events[..end]);
        whole.lines().for_each(|line| {
            serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        });
    }
    let of = |name: &str| json(&plan.join(name)).and_then(|file| score(&file["score"]));
    [of("plan.json"), of("best.json")].into_iter().flatten().min()
}

#[test]
fn a_run_by_steps_that_is_killed_again_and_again_ends_as_if_nothing_had_happened() {
    let place = Place::new();
    let problem = problem(&place);
    let solve = format!("solve {} --steps 3000000 --seed 4 --threads 2 --out", problem.display());
    let began = Instant::now();
    place.run(&format!("{solve} whole"));
    let whole = began.elapsed();
    let expected = bytes(&place.path("whole/plan/plan.json"));
    let mut moments = Moments(1);
    let mut killed = 0;
    while killed < kills() {
        let _ = fs::remove_dir_all(place.path("out"));
        thesis(&place, "out");
        let theirs = tree(&place.path("out"));
        loop {
            let mut child = place.command(&format!("{solve} out --resume")).spawn().expect("the program runs");
            let until = Instant::now() + moments.next(whole);
            while Instant::now() < until && child.try_wait().expect("its state").is_none() {
                std::thread::sleep(Duration::from_millis(1));
            }
            if let Some(status) = child.try_wait().expect("its state") {
                assert!(matches!(status.code(), Some(0 | 1)), "{status}");
                break;
            }
            kill(child);
            killed += 1;
            on_disk(&place.path("out/plan"));
            is_whole(&theirs, &place.path("out"), &format!("after {killed} kills"));
            // Every so often it is let go on to the end.
            if killed % 3 == 0 {
                let ran = place.run(&format!("{solve} out --resume"));
                assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
                break;
            }
        }
        assert!(bytes(&place.path("out/plan/plan.json")) == expected, "another plan after {killed} kills");
        is_whole(&theirs, &place.path("out"), &format!("at the end, after {killed} kills"));
        place.run(&format!("check {} out", problem.display()));
    }
}

#[test]
fn a_run_by_time_that_is_killed_again_and_again_loses_no_more_than_ten_seconds() {
    let place = Place::new();
    let problem = problem(&place);
    let solve = format!("solve {} --time 1000 --seed 4 --threads 1 --json --out out --resume", problem.display());
    thesis(&place, "out");
    let theirs = tree(&place.path("out"));
    let mut moments = Moments(2);
    let mut saved: Option<Score> = None;
    for round in 0..kills() {
        let mut child = place.command(&solve).spawn().expect("the program runs");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        let reader = std::thread::spawn(move || {
            let reported = lines.lines().map_while(Result::ok).filter_map(|line| {
                let event: Value = serde_json::from_str(&line).ok()?;
                Some((Instant::now(), score(&event["best"]).or_else(|| score(&event["score"]))?))
            });
            reported.collect::<Vec<(Instant, Score)>>()
        });
        // From before the first stage to well beyond two saves; where there are few kills, beyond
        // none.
        std::thread::sleep(moments.next(Duration::from_secs(if kills() < 10 { 3 } else { 14 })));
        let at = Instant::now();
        kill(child);
        let reported = reader.join().expect("no panic");
        let now = on_disk(&place.path("out/plan"));
        is_whole(&theirs, &place.path("out"), &format!("round {round}"));
        let long_ago = reported.iter().filter(|(when, _)| at.duration_since(*when) > Duration::from_secs(10));
        let known = long_ago.map(|(_, score)| *score).min();
        let least = [known, saved].into_iter().flatten().min();
        if let Some(least) = least {
            assert!(now.is_some_and(|now| now <= least), "round {round}: {now:?} on disk, {least:?} was known");
        }
        saved = now.or(saved);
    }
    assert!(saved.is_some() || kills() < 3, "nothing was ever saved");
    // And it still goes on from there.
    let ran = place.run(&solve.replace("--time 1000", "--time 2"));
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    assert!(on_disk(&place.path("out/plan")) <= saved, "the end is no worse");
}
