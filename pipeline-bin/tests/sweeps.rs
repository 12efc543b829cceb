//! Sweeps by the program itself: real trials, real signals.
//!
//! Eight kills of a sweep; with `STAGECOACH_SLOW=1` forty, with `STAGECOACH_KILLS=n` n of
//! them.
#![cfg(all(target_os = "linux", feature = "experiments"))]

mod common;

use common::{Place, Ran, TOY, python, tree, wait_until};
use needs::{Need, skip};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    env, fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

fn toy(place: &Place, seeds: &str) {
    place.write("toy.ctt", TOY);
    let axes = "[axes]\nstage2b.use = ['annealing', 'none']\n";
    place.write("grid.toml", &format!("instances = ['toy.ctt']\nseeds = '{seeds}'\nsteps = [2000, 20000]\n{axes}"));
}

/// Every trial as `results --json` lists it, without what depends on time and machine.
fn trials(place: &Place, folder: &str) -> BTreeMap<String, Value> {
    let out = place.run(&format!("results {folder} --json")).ends_with(0).out;
    let rows = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut all = BTreeMap::new();
    for mut row in rows {
        let id = row["trial"].as_str().expect("a name").to_owned();
        for name in ["ms", "peak", "cpu_ms", "cap", "at", "attempt", "ooms", "grid"] {
            row.as_object_mut().expect("an object").remove(name);
        }
        assert!(all.insert(id, row).is_none(), "a trial is listed once");
    }
    all
}

#[test]
fn a_grid_is_run_listed_filtered_shown_and_exported() {
    let place = Place::new();
    toy(&place, "1-3");
    let end = place.run("sweep grid.toml --jobs 3 --json").ends_with(0).last_event();
    assert_eq!((&end["event"], &end["done"], &end["ran"]), (&"end".into(), &12.into(), &12.into()));
    let list = place.run("results grid.sweep").ends_with(0).out;
    assert!(list.lines().count() == 13 && list.contains("12 trials; in all 12 done"), "{list}");
    let some = trials(&place, "grid.sweep --where stage2b.use=none");
    assert_eq!(some.len(), 6);
    let csv = place.run("results grid.sweep --csv --limit 2").ends_with(0).out;
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.starts_with("instance,stage2b_use,budget,trial,seed,"), "{csv}");
    let (name, trial) = trials(&place, "grid.sweep --where stage2b_use=annealing").into_iter().next().expect("a trial");
    let one = place.run(&format!("results grid.sweep {} --svg one.svg --json", &name[..8])).ends_with(0).last_event();
    assert_eq!(one["penalty"], trial["penalty"]);
    assert_eq!(one["attempts"][0]["state"], "done");
    assert!(!one["series"].as_array().expect("a series").is_empty());
    assert!(place.read("one.svg").contains("resident memory"));
    // A picture that is there stays, unless it is to be replaced.
    place.run(&format!("results grid.sweep {name} --svg one.svg")).ends_with(2);
    place.run(&format!("results grid.sweep {name} --svg one.svg --force")).ends_with(0);
    assert_eq!(
        place.run("results grid.sweep --verify --json").ends_with(0).last_event()["faults"],
        serde_json::json!([])
    );
    // Nothing is left to be done.
    assert_eq!(place.run("sweep grid.toml --json").ends_with(0).last_event()["ran"], 0);
}

#[test]
fn leniently_what_cannot_be_used_of_an_instance_is_left_out_and_listed() {
    let place = Place::new();
    place.write("toy.ctt", &TOY.replace("first 3 algebra logic physics", "first 3 algebra logic nobody"));
    place.write("grid.toml", "instances = ['toy.ctt']\nsteps = 2000\n");
    let err = place.run("sweep grid.toml --jobs 1").ends_with(2).err;
    assert!(err.contains("nobody"), "{err}");
    place.write("grid.toml", "instances = ['toy.ctt']\nlenient = true\nsteps = 2000\n");
    let err = place.run("sweep grid.toml --jobs 1").ends_with(0).err;
    assert!(err.contains("left out") && err.contains("nobody"), "{err}");
}

#[test]
fn a_trial_finds_what_solve_finds_however_many_run_beside_it() {
    let place = Place::new();
    toy(&place, "1-4");
    place.run("sweep grid.toml --jobs 1 --out one").ends_with(0);
    place.run("sweep grid.toml --jobs 8 --out eight").ends_with(0);
    let one = trials(&place, "one");
    assert_eq!(one, trials(&place, "eight"));
    let solve = "solve toy.ctt --steps 20000 --seed 3 --threads 1 --json --out solved";
    let penalty = place.run(solve).ends_with(0).last_event()["score"]["penalty"].clone();
    let same = |row: &&Value| row["seed"] == 3 && row["budget"] == "20000 steps" && row["stage2b_use"] == "annealing";
    assert_eq!(one.values().find(same).expect("the trial")["penalty"], penalty);
}

#[test]
fn what_is_wrong_with_a_grid_or_its_memory_is_said_before_anything_is_run() {
    let place = Place::new();
    toy(&place, "1-4");
    place.write("bad.toml", "instances = ['toy.ctt']\nsteps = 1\n[axes]\npopulation = ['many']\n");
    let refused = place.run("sweep bad.toml").ends_with(2);
    assert!(refused.err.contains("bad.toml:4: axis `population`, value `many`"), "{}", refused.err);
    let refused = place.run("sweep grid.toml --memory 60M").ends_with(3);
    assert!(refused.err.contains("the memory budget is too small for trials of toy"), "{}", refused.err);
    // Somebody else's folder.
    fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/chapter.txt", "my own");
    let before = tree(&place.path("mine"));
    place.run("sweep grid.toml --out mine").ends_with(2);
    assert_eq!(tree(&place.path("mine")), before);
    place.run("results mine").ends_with(2);
    place.run("sweep grid.toml --resume --out nowhere").ends_with(2);
    assert!(!place.path("nowhere").exists());
}

#[test]
fn two_sweeps_in_one_folder_are_one_too_many() {
    let place = Place::new();
    toy(&place, "1-500");
    let mut first = place.command("sweep grid.toml --jobs 1").spawn().expect("a sweep");
    wait_until("the sweep has begun", || place.path("grid.sweep/index.sqlite").exists());
    let second = place.run("sweep grid.toml").ends_with(2);
    assert!(second.err.contains("another sweep is at work in this folder"), "{}", second.err);
    // Asking is free.
    place.run("results grid.sweep").ends_with(0);
    place.run("results grid.sweep --verify").ends_with(0);
    place.run("results grid.sweep --rebuild").ends_with(2);
    first.kill().unwrap();
    first.wait().unwrap();
}

/// All processes that a process has started, directly.
fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>()).collect()
}

fn signal(pid: u32, signal: i32) {
    // SAFETY: a plain system call on a process that this test has started.
    unsafe { libc::kill(pid as libc::pid_t, signal) };
}

/// Random moments, the same in every run of the test.
struct Moments(u64);

impl Moments {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn small_campus(place: &Place, seeds: usize, steps: u64) {
    place.run("generate campus campus --scale 0.05 --seed 3").ends_with(0);
    place.write("grid.toml", &format!("instances = ['campus']\nseeds = '1-{seeds}'\nsteps = {steps}\n"));
}

#[test]
fn a_sweep_that_is_killed_again_and_again_has_every_trial_once() {
    let default = if needs::is_slow() { 40 } else { 8 };
    let kills: usize = env::var("STAGECOACH_KILLS").map_or(default, |n| n.parse().expect("a number"));
    let place = Place::new();
    small_campus(&place, kills * 12, 30_000);
    let (mut moments, mut drivers, mut workers) = (Moments(1), 0, 0);
    while drivers + workers < kills {
        let mut sweep: Child = place.command("sweep grid.toml --jobs 3 -q --retry crashed").spawn().expect("a sweep");
        wait_until("a trial is at work", || !children(sweep.id()).is_empty());
        // Some of its workers first, then itself.
        for _ in 0..moments.below(4) {
            thread::sleep(Duration::from_millis(20 + moments.below(150)));
            let found = children(sweep.id());
            if let Some(&worker) = found.get(moments.below(found.len().max(1) as u64) as usize) {
                signal(worker, libc::SIGKILL);
                workers += 1;
            }
        }
        thread::sleep(Duration::from_millis(moments.below(600)));
        assert!(sweep.try_wait().unwrap().is_none(), "it must last longer than {drivers} + {workers} kills");
        sweep.kill().unwrap();
        sweep.wait().unwrap();
        drivers += 1;
    }
    // What an outsider has killed counts as crashed, and is run again when that is asked for.
    let end = place.run("sweep grid.toml --jobs 3 --json --retry crashed");
    let ended = end.last_event();
    eprintln!("{drivers} drivers and {workers} workers killed; {ended}");
    let lived = trials(&place, "grid.sweep");
    assert_eq!(lived.len(), kills * 12);
    assert!(lived.values().all(|row| row["state"] == "done"), "{ended}");
    place.run("results grid.sweep --verify").ends_with(0);
    let whole = |place: &Place| place.run("results grid.sweep --json").ends_with(0).out;
    let before = whole(&place);
    place.run("results grid.sweep --rebuild").ends_with(0);
    assert_eq!(whole(&place), before, "the index is made again row by row");
    // As if nothing had happened.
    place.run("sweep grid.toml --jobs 2 --out quiet -q").ends_with(0);
    assert_eq!(trials(&place, "quiet"), lived);
    assert_eq!(fs::read_dir(place.path("grid.sweep/wal")).unwrap().count(), 0);
}

#[test]
fn a_sweep_that_is_told_to_end_does_and_the_same_command_goes_on() {
    let place = Place::new();
    small_campus(&place, 6, 4_000_000_000);
    let sweep = place.command("sweep grid.toml --jobs 2 --json").spawn().expect("a sweep");
    wait_until("trials are at work", || children(sweep.id()).len() == 2);
    thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    signal(sweep.id(), libc::SIGTERM);
    let ran = Ran::of(sweep.wait_with_output().unwrap()).ends_with(75);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(ran.last_event()["outcome"], "stopped");
    let stopped = trials(&place, "grid.sweep");
    assert_eq!(stopped.len(), 2);
    assert!(stopped.values().all(|row| row["state"] == "stopped" && row["penalty"].is_i64()), "{stopped:?}");
    place.run("results grid.sweep --verify").ends_with(0);
    // A trial of a deadline of its own ends the same way, and stays so.
    place.write("grid.toml", &(place.read("grid.toml").replace("'1-6'", "'1-2'") + "deadline = '1s'\n"));
    let end = place.run("sweep grid.toml --jobs 2 --json").ends_with(1).last_event();
    assert_eq!((&end["failed"], &end["ran"]), (&2.into(), &2.into()));
    assert!(trials(&place, "grid.sweep --where state=deadline").values().all(|row| row["penalty"].is_i64()));
    assert_eq!(place.run("sweep grid.toml --json").ends_with(1).last_event()["ran"], 0);
}

#[test]
fn a_program_in_a_trial_that_takes_too_much_is_out_of_memory_and_nothing_else_is() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    // A string that doubles for ever.
    place.write("hog.sh", "#!/bin/sh\nexec awk 'BEGIN { s = \"x\"; while (1) s = s s }'\n");
    fs::set_permissions(place.path("hog.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    place.write("die.sh", "#!/bin/sh\nexit 3\n");
    fs::set_permissions(place.path("die.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let folder = place.path("");
    let folder = folder.display();
    place.write(
        "grid.toml",
        &format!(
            "instances = ['toy.ctt']\nsteps = 2000\n[axes]\nstage2b.use = ['annealing', 'exec:{folder}/hog.sh', 'exec:{folder}/die.sh']\n"
        ),
    );
    let ran = place.run("sweep grid.toml --jobs 2 --json --memory 2G");
    let of = |name: &str| {
        let all = trials(&place, "grid.sweep");
        all.values().find(|row| row["stage2b_use"].as_str().is_some_and(|text| text.contains(name))).expect("a trial")["state"].clone()
    };
    assert_eq!((of("annealing"), of("die")), ("done".into(), "failed".into()), "{ran:?}");
    assert_eq!(of("hog"), "oom", "{ran:?}");
    // Alone and with half as much more each time, until there is no more.
    let rows = place.run("results grid.sweep --where state=oom --json").ends_with(0).last_event();
    let id = rows["trial"].as_str().expect("a name");
    let attempts = place.run(&format!("results grid.sweep {id} --json")).ends_with(0).last_event()["attempts"].clone();
    let caps: Vec<u64> =
        attempts.as_array().expect("a list").iter().map(|one| one["cap"].as_u64().expect("bytes")).collect();
    assert!(caps.len() == 3 && caps.windows(2).all(|pair| pair[1] == pair[0] * 3 / 2), "{caps:?}");
    assert_eq!(ran.ends_with(1).last_event()["failed"], 2);
    place.run("results grid.sweep --verify").ends_with(0);
}

#[test]
fn duckdb_polars_and_pandas_read_the_files_as_they_are() {
    let Some(python) = python("duckdb, polars, pandas, pyarrow") else { return };
    let place = Place::new();
    toy(&place, "1-3");
    place.run("sweep grid.toml --jobs 2 -q").ends_with(0);
    toy(&place, "1-6");
    place.run("sweep grid.toml --jobs 2 -q").ends_with(0);
    place.write(
        "read.py",
        "import duckdb, polars, pandas, json\n\
         r, s = 'grid.sweep/results/*.parquet', 'grid.sweep/series/*.parquet'\n\
         q = 'select trial, instance, stage2b_use, seed, penalty, state, steps, why from read_parquet(?) order by trial'\n\
         d = duckdb.execute(q, [r]).fetchall()\n\
         p = polars.read_parquet(r).sort('trial').select('trial', 'instance', 'stage2b_use', 'seed', 'penalty', 'state', 'steps', 'why').rows()\n\
         a = pandas.read_parquet('grid.sweep/results').sort_values('trial')\n\
         assert d == p, (d, p)\n\
         assert list(a.trial) == [x[0] for x in d] and list(a.penalty) == [x[4] for x in d]\n\
         n = duckdb.execute('select count(*), count(distinct trial) from read_parquet(?)', [s]).fetchone()\n\
         assert n[0] == len(polars.read_parquet(s)) == len(pandas.read_parquet('grid.sweep/series')) and n[1] == len(d), n\n\
         print(json.dumps({x[0]: x[4] for x in d}))\n",
    );
    let done = Command::new(python).arg("read.py").current_dir(place.path("")).output().expect("Python");
    let ran = Ran::of(done).ends_with(0);
    let read: BTreeMap<String, Value> = serde_json::from_str(&ran.out).expect("JSON");
    let known = trials(&place, "grid.sweep");
    assert_eq!(read.len(), 24);
    assert!(read.iter().all(|(name, penalty)| known[name]["penalty"] == *penalty));
}

#[test]
fn results_are_shown_where_nothing_can_be_written() {
    let place = Place::new();
    toy(&place, "1-2");
    place.run("sweep grid.toml -q").ends_with(0);
    fn protect(path: &Path, is_open: bool) {
        let is_folder = path.is_dir();
        if is_folder && !is_open {
            fs::read_dir(path).unwrap().flatten().for_each(|entry| protect(&entry.path(), false));
        }
        let mode = if is_open {
            0o755
        } else if is_folder {
            0o555
        } else {
            0o444
        };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let folder = place.path("grid.sweep");
    protect(&folder, false);
    protect(&place.path(""), true);
    let before = tree(&folder);
    // Root may write anywhere.
    // SAFETY: a plain system call.
    let is_root = unsafe { libc::geteuid() } == 0;
    let as_nobody = |arguments: &str| {
        let mut command = place.command(arguments);
        if is_root {
            command.uid(65_534);
        }
        Ran::of(command.output().expect("the program runs"))
    };
    if as_nobody("--version").code != Some(0) {
        skip(Need::Root, "the program cannot be run by another user here");
        return;
    }
    let list = as_nobody("results grid.sweep").ends_with(0).out;
    assert!(list.contains("8 trials; in all 8 done"), "{list}");
    as_nobody("results grid.sweep --verify").ends_with(0);
    let refused = as_nobody("sweep grid.toml").ends_with(2);
    assert!(refused.err.contains("grid.sweep/"), "{}", refused.err);
    assert_eq!(tree(&folder), before);
    fn open(path: &Path) {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .for_each(|entry| open(&entry.path()));
    }
    open(&folder);
}

#[test]
fn shards_together_find_what_one_sweep_finds_and_can_be_collected_while_they_run() {
    let place = Place::new();
    small_campus(&place, 15, 30_000);
    place.run("sweep grid.toml --jobs 2 --out whole -q").ends_with(0);
    place.run("sweep grid.toml --shard 0/3 --jobs 2 -q").ends_with(0);
    // One of them is killed in the middle, and one is at work while the others are collected.
    let mut killed = place.command("sweep grid.toml --shard 1/3 --jobs 1 -q").spawn().expect("a sweep");
    wait_until("it has found something", || !children(killed.id()).is_empty());
    killed.kill().unwrap();
    killed.wait().unwrap();
    let mut last = place.command("sweep grid.toml --shard 2/3 --jobs 1 -q").spawn().expect("a sweep");
    wait_until("it has begun", || !children(last.id()).is_empty());
    // It stays at work until the others are collected.
    signal(last.id(), libc::SIGSTOP);
    let first = place.run("sweep grid.toml --collect --json").ends_with(0).last_event();
    assert_eq!((&first["shards"], &first["running"]), (&3.into(), &1.into()));
    assert!(first["new"].as_u64().unwrap() > 0);
    signal(last.id(), libc::SIGCONT);
    place.run("sweep grid.toml --shard 1/3 --jobs 2 -q").ends_with(0);
    assert!(last.wait().unwrap().success());
    place.run("sweep grid.toml --collect").ends_with(0);
    assert_eq!(place.run("sweep grid.toml --collect --json").ends_with(0).last_event()["new"], 0);
    assert_eq!(trials(&place, "grid.sweep"), trials(&place, "whole"));
    place.run("results grid.sweep --verify").ends_with(0);
    let before = place.run("results grid.sweep --json").out;
    place.run("results grid.sweep --rebuild").ends_with(0);
    assert_eq!(place.run("results grid.sweep --json").out, before);
    // What is collected is done, for the sweep and for shards of another number.
    assert_eq!(place.run("sweep grid.toml --json").ends_with(0).last_event()["ran"], 0);
    assert_eq!(place.run("sweep grid.toml --shard 0/2 --json").ends_with(0).last_event()["ran"], 0);
    place.run("sweep grid.toml --shard 3/3").ends_with(2);
}

/// Stands in for Slurm: runs each task of an array as a process, warns it by SIGTERM, queues it
/// again when it asks for that. `STAND_IN_FAULTS`: what happens to which task the first time,
/// `1:TERM 2:KILL`.
const SBATCH: &str = r##"#!/bin/bash
script="$1"; place="$(dirname "$0")"
read -r first last <<< "$(sed -n 's/^#SBATCH --array=\([0-9]*\)-\([0-9]*\)$/\1 \2/p' "$script")"
[ "$((last - first))" -lt 1001 ] || { echo "sbatch: error: Batch job submission failed: Invalid job array specification" >&2; exit 1; }
grep -q '^#SBATCH --requeue$' "$script" && grep -q '^#SBATCH --mem=[0-9]*M$' "$script" || exit 1
export SLURM_ARRAY_JOB_ID=1
children() { cat "/proc/$1/task/"*/children 2> /dev/null; }
# Whether a script's sweep has a trial at work.
trial_of() { for sweep in $(children "$1"); do if [ -n "$(children "$sweep")" ]; then return 0; fi; done; return 1; }
task() {
  export SLURM_ARRAY_TASK_ID="$1"
  fault="$(tr ' ' '\n' <<< "$STAND_IN_FAULTS" | sed -n "s/^$1://p")"
  while :; do
    rm -f "$place/requeue-1_$1"
    setsid bash "$script" & job=$!
    if [ -n "$fault" ]; then
      for _ in $(seq 2000); do trial_of "$job" && break; sleep 0.01; done
      # SIGTERM goes to the shell alone (--signal=B:), SIGKILL to every process of the task.
      case "$fault" in TERM) kill -TERM "$job";; KILL) kill -KILL -- "-$job";; esac
      fault=""
    fi
    wait "$job"; echo "task $1 ended with $?" >> "$place/log"
    [ -e "$place/requeue-1_$1" ] || break
  done
}
for k in $(seq "$first" "$last"); do task "$k" & done
wait
"##;

#[test]
fn a_job_array_with_tasks_that_are_killed_finds_what_one_sweep_finds() {
    let place = Place::new();
    small_campus(&place, 20, 100_000);
    place.run("sweep grid.toml --jobs 2 --out whole -q").ends_with(0);
    let script = place.run("sweep grid.toml --jobs 1 --print-slurm 4").ends_with(0).out;
    place.write("array.sh", &script);
    for (name, text) in [("sbatch", SBATCH), ("scontrol", "#!/bin/sh\ntouch \"$(dirname \"$0\")/requeue-$2\"\n")] {
        place.write(name, text);
        fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", place.path("").display(), env::var("PATH").unwrap_or_default());
    let submit = |faults: &str| {
        let mut sbatch = Command::new(place.path("sbatch"));
        sbatch.arg("array.sh").current_dir(place.path("")).env("PATH", &path).env("STAND_IN_FAULTS", faults);
        Ran::of(sbatch.output().expect("bash")).ends_with(0);
        place.read("log")
    };
    let log = submit("1:TERM 2:KILL");
    for line in ["task 1 ended with 75", "task 1 ended with 0", "task 2 ended with 137", "task 3 ended with 0"] {
        assert!(log.lines().any(|there| there == line), "{line}\nin {log}");
    }
    // The same script again runs only what is left.
    submit("");
    place.run("sweep grid.toml --collect").ends_with(0);
    assert_eq!(trials(&place, "grid.sweep"), trials(&place, "whole"));
    place.run("results grid.sweep --verify").ends_with(0);
    // However many trials there are.
    place.write("grid.toml", &place.read("grid.toml").replace("'1-20'", "'1-200000'"));
    let script = place.run("sweep grid.toml --print-slurm").ends_with(0).out;
    assert!(script.contains("#SBATCH --array=0-999\n"), "{script}");
}
