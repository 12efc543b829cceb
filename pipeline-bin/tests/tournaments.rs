//! Tournaments by the program itself, on generated instances.
#![cfg(all(target_os = "linux", feature = "experiments"))]

mod common;

use common::{Place, TOY, tree, wait_until};
use serde_json::Value;
use std::fs;

const ARENA: &str = "instances = ['race*']
held_out = ['held*']
steps = 3000
trials = 72
held_out_seeds = 1

[config]
stage2b.use = 'none'
stage3.use = 'none'

[parameters]
stage2b.use = { choices = ['annealing', 'none'] }
stage2b.share = { integer = [10, 90], only_if = 'stage2b.use = annealing' }
";

/// Three instances to race on and six that are held out.
fn arena() -> Place {
    let place = Place::new();
    for seed in 1..=9 {
        let name = if seed <= 3 { "race" } else { "held" };
        place.run(&format!("generate campus {name}{seed} --scale 0.01 --seed {seed}")).ends_with(0);
    }
    place.write("arena.toml", ARENA);
    place
}

fn events(out: &str, kind: &str) -> Vec<Value> {
    let all = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    all.filter(|event| event["event"] == kind).collect()
}

#[test]
fn a_tournament_finds_proves_and_writes_a_configuration_and_solve_takes_it() {
    let place = arena();
    let plan = place.run("tournament arena.toml --plan").ends_with(0).out;
    assert!(plan.contains("2 parameters; 72 trials in races of 4, 3, 3 configurations"), "{plan}");
    assert!(plan.contains("then up to 12 trials on 6 instances that are held out"), "{plan}");
    let ran = place.run("tournament arena.toml --jobs 2 --json --write mine.toml --enable-profiling").ends_with(0);
    let verdict = events(&ran.out, "verdict").pop().expect("a verdict");
    assert_eq!(verdict["is_better"], true, "{verdict}");
    assert_eq!(verdict["configuration"]["stage2b"]["use"], "annealing");
    let proof = &verdict["proof"];
    assert_eq!((&proof["better"], &proof["worse"]), (&6.into(), &0.into()));
    // Whoever is out, and why; memory around each race.
    let out = events(&ran.out, "out");
    assert!(out.iter().any(|one| one["configuration"] == 0 && one["p"].as_f64() < Some(0.05)), "{out:?}");
    assert!(events(&ran.out, "elites").iter().all(|one| one["memory"]["after"].is_u64()));
    // The configuration, with its evidence.
    let text = place.read("mine.toml");
    assert_eq!(text, place.read("arena.tournament/stagecoach.toml"));
    assert!(text.contains("better on 6 of 6 instances, worse on 0") && text.contains("# held4"), "{text}");
    fs::create_dir(place.path("use")).unwrap();
    fs::copy(place.path("mine.toml"), place.path("use/stagecoach.toml")).unwrap();
    let printed = place.command("solve ../held4 --print-config").current_dir(place.path("use")).output().unwrap();
    assert!(String::from_utf8_lossy(&printed.stdout).contains("use = \"annealing\""), "{printed:?}");
    // Profiles, results and reports.
    let profiles: Vec<_> = tree(&place.path("arena.tournament/profiles")).into_keys().collect();
    for file in ["race-1.parquet", "race-1-seconds.svg", "race-1-memory.svg", "proof.parquet"] {
        assert!(profiles.iter().any(|path| path.ends_with(file)), "{profiles:?}");
    }
    let seconds = place.run("top arena.tournament/profiles/race-1.parquet --by seconds --desc -n 3 --format csv");
    assert!(seconds.ends_with(0).out.contains("stage2b"));
    let list = place.run("results arena.tournament --where configuration=default --csv").ends_with(0).out;
    assert!(list.starts_with("instance,configuration,stage2b_use,stage2b_share,budget,trial,"), "{list}");
    place.run("results arena.tournament --verify").ends_with(0);
    place.run("report arena.tournament -q").ends_with(0);
    assert!(place.read("arena.tournament/report/report.md").contains("stage2b_use"));
    // Killed while it removed what trials had written: the rest goes, what is somebody else's stays.
    let rest = place.path("arena.tournament/profiles/race-1.trials");
    fs::create_dir(&rest).unwrap();
    fs::write(rest.join("notes.txt"), "mine").unwrap();
    fs::write(rest.join(format!("{}-1.json", "0".repeat(26))), "{}").unwrap();
    let parquet = place.path("arena.tournament/profiles/race-1.parquet");
    let before = fs::read(&parquet).unwrap();
    place.run("tournament arena.toml -q --enable-profiling").ends_with(0);
    assert!(before == fs::read(&parquet).unwrap(), "the profiles of the race stay");
    assert_eq!(tree(&rest).len(), 1, "{:?}", tree(&rest).keys());
    assert_eq!(fs::read_to_string(rest.join("notes.txt")).unwrap(), "mine");
    // Again: nothing is run, and what is there is not replaced.
    let again = place.run("tournament arena.toml --jobs 1 --json").ends_with(0);
    assert_eq!(again.last_event()["ran"], 0);
    assert_eq!(events(&again.out, "verdict"), [verdict]);
    let log = place.run("tournament arena.toml").ends_with(0);
    assert!(log.err.contains("[TOURNAMENT] race 1: memory "), "{}", log.err);
    assert!(log.out.contains("is better than the defaults: median ratio"), "{}", log.out);
    let refused = place.run("tournament arena.toml --write mine.toml").ends_with(2);
    assert!(refused.err.contains("mine.toml: it is there already"), "{}", refused.err);
}

#[test]
fn a_tournament_that_is_killed_goes_on_and_ends_as_if_it_had_not_been() {
    let place = arena();
    place.run("tournament arena.toml --jobs 2 -q --out whole").ends_with(0);
    let mut first = place.command("tournament arena.toml --jobs 2 -q --out cut").spawn().expect("a tournament");
    let segments = || fs::read_dir(place.path("cut/wal")).is_ok_and(|files| files.count() > 3);
    wait_until("it has run on a block", || segments() || place.path("cut/tournament.json").exists());
    first.kill().unwrap();
    first.wait().unwrap();
    place.run("tournament arena.toml --jobs 2 -q --out cut --resume").ends_with(0);
    assert_eq!(place.read("cut/tournament.json"), place.read("whole/tournament.json"));
    assert_eq!(place.read("cut/stagecoach.toml"), place.read("whole/stagecoach.toml"));
}

#[test]
fn what_is_wrong_with_an_arena_or_its_memory_is_said_before_anything_is_run() {
    let place = Place::new();
    for n in 0..4 {
        let name = if n < 2 { "race" } else { "held" };
        place.write(&format!("{name}{n}"), &TOY.replace("large 50", &format!("large {}", 50 + n)));
    }
    place.write("arena.toml", ARENA);
    place.write("bad.toml", &ARENA.replace("[10, 90]", "[90, 10]"));
    let refused = place.run("tournament bad.toml").ends_with(2);
    assert!(
        refused.err.contains("bad.toml:13: parameter `stage2b.share`: the range [90, 10] is empty"),
        "{}",
        refused.err
    );
    place.write("bad.toml", &ARENA.replace("trials", "trails"));
    let refused = place.run("tournament bad.toml").ends_with(2);
    assert!(refused.err.contains("bad.toml:4: unknown field `trails`"), "{}", refused.err);
    let refused = place.run("tournament arena.toml --memory 60M").ends_with(3);
    assert!(refused.err.contains("the memory budget is too small for trials of"), "{}", refused.err);
    // Somebody else's folder.
    fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/chapter.txt", "my own");
    let before = tree(&place.path("mine"));
    place.run("tournament arena.toml --out mine").ends_with(2);
    assert_eq!(tree(&place.path("mine")), before);
    place.run("tournament arena.toml --resume --out nowhere").ends_with(2);
    assert!(!place.path("nowhere").exists());
}
