//! The folder of a plan or of a run: `plan.json`, `run.json`, `best.json`, `events.jsonl`,
//! `own-files.json`, `problem.block`. In each of them `@@` stands for the checksum of the problem,
//! which is a small one; `forge` changes its block. Nothing panics, and a plan that is read is the
//! same when it was saved and read again.
#![no_main]

use pipeline::{Budget, Checkpoint, Owned, PROBLEM_FILE, RunInfo};
use std::{fs, sync::LazyLock, time::Instant};
use timetable::{Format, Problem, Score, Timetable, check};

static SMALL: LazyLock<Problem> =
    LazyLock::new(|| fuzz::read(include_bytes!("../corpus/itc2019/small"), Format::Itc2019).expect("a problem"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let forge = fuzz::files(data).find(|(name, _)| *name == "forge").map_or(&[][..], |(_, changes)| changes);
    let Some(problem) = fuzz::forged(&SMALL, forge) else { return };
    let hash = pipeline::problem_hash(&problem);
    let folder = fuzz::folder(data);
    let path = folder.path();
    for (name, text) in fuzz::files(data).filter(|(name, _)| name.contains(".json")) {
        if let Ok(text) = str::from_utf8(text) {
            let _ = fs::write(path.join(name), text.replace("@@", &hash));
        }
    }
    if !path.join(PROBLEM_FILE).exists() {
        fs::write(path.join(PROBLEM_FILE), problem.block().bytes()).expect("a file");
    }
    if let Ok(plan) = pipeline::load_plan(path) {
        assert!(plan.timetable.as_ref().is_none_or(|timetable| timetable.fits(&plan.problem) == Ok(())));
        let again = tempfile::tempdir().expect("a folder");
        pipeline::save_plan(again.path(), &plan).expect("saved");
        let back = pipeline::load_plan(again.path()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(pipeline::plan_bytes(&back), pipeline::plan_bytes(&plan));
    }
    let _ = (Owned::of(path), pipeline::read_events(path));
    let steps = vec!["stage1 louvain".into(), "stage2a greedy".into()];
    if let Ok(run) = Checkpoint::resume(path, &RunInfo { configuration: "time".into(), seed: 1, steps }) {
        let judge = |problem: &Problem, timetable: &Timetable| -> Score { check(problem, timetable).score };
        run.start(Budget::Steps(1), &judge);
        run.start(Budget::Until(Instant::now()), &judge);
    }
});
