//! The checker against evaluators written by others, on random timetables: every rule gets violated a thousand times.
//!
//! Runs over the instances in `STAGECOACH_INSTANCES` (or `../shared/instances` beside the workspace) and the evaluators in
//! `STAGECOACH_TOOLS` (or `../shared/tools`): a few small instances, with `STAGECOACH_SLOW=1` all of them. Without them there is
//! nothing to do.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};
use timetable::*;

const SMALL: [&str; 5] = ["comp01", "comp05", "lums-sum17", "wbg-fal10", "bet-sum18"];

fn folder(variable: &str, beside: &str) -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let named = env::var_os(variable).map(PathBuf::from);
    named.or(Some(workspace.join("../shared").join(beside))).filter(|folder| folder.is_dir())
}

fn instances(family: &str) -> Vec<PathBuf> {
    let Some(folder) = folder("STAGECOACH_INSTANCES", "instances") else { return Vec::new() };
    let slow = env::var("STAGECOACH_SLOW").is_ok();
    let entries = fs::read_dir(folder.join(family)).into_iter().flatten().flatten();
    let wanted = |path: &PathBuf| slow || SMALL.iter().any(|name| path.to_string_lossy().contains(name));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(wanted).collect();
    files.sort();
    files
}

/// Weyl sequence and the finaliser of SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }
}

/// Classes anywhere that they can be, students in any classes that they can take.
fn random_timetable(problem: &Problem, dice: &mut Dice) -> Timetable {
    let mut timetable = Timetable::empty(problem);
    for class in problem.class_ids() {
        let rooms = problem.rooms_of(class).len();
        let room = if rooms == 0 { Placement::NO_ROOM } else { dice.below(rooms) as u16 };
        let time = dice.below(problem.times_of(class).len()) as u16;
        timetable.placements[class.index()] = Placement { time, room };
    }
    for request in problem.requests() {
        let configs = problem.courses()[request.course as usize].configs.range();
        for _ in 0..200 {
            let config = problem.configs()[configs.start + dice.below(configs.len())];
            let subparts = &problem.subparts()[config.subparts.range()];
            let taken: Vec<u32> =
                subparts.iter().map(|s| s.classes.first + dice.below(s.classes.len as usize) as u32).collect();
            let parents = taken.iter().map(|&c| problem.classes()[c as usize].parent);
            if parents.into_iter().all(|parent| parent == NONE || taken.contains(&parent)) {
                timetable.enrolment[request.slots.range()][..taken.len()].copy_from_slice(&taken);
                break;
            }
        }
    }
    timetable
}

fn verdict(tools: &Path, evaluator: &str, instance: &Path, solution: &Path) -> serde_json::Value {
    let output = Command::new("python3").arg(tools.join(evaluator)).args([instance, solution]).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON line")
}

/// Random timetables of every instance of a family, each with what the checker and the evaluator say.
fn compare(family: &str, evaluator: &str, agree: impl Fn(&Report, &serde_json::Value)) {
    let Some(tools) = folder("STAGECOACH_TOOLS", "tools") else { return };
    let place = tempfile::tempdir().unwrap();
    for instance in instances(family) {
        let problem = stage0_load::load(&instance).unwrap_or_else(|e| panic!("{e}"));
        for seed in 0..2 {
            let timetable = random_timetable(&problem, &mut Dice(seed));
            let file = place.path().join("random.solution");
            stage0_load::write_solution(&problem, &timetable, &file, &Default::default()).unwrap();
            eprintln!("{} {seed}", instance.display());
            agree(&check(&problem, &timetable), &verdict(&tools, evaluator, &instance, &file));
        }
    }
}

#[test]
fn the_checker_agrees_with_the_evaluator_of_itc_2019() {
    compare("itc2019", "eval_itc2019.py", |report, verdict| {
        assert_eq!(report.score.penalty, verdict["total"].as_i64().unwrap(), "{verdict}");
        for (rule, key) in
            [(Rule::TimePenalty, "time"), (Rule::RoomPenalty, "room"), (Rule::StudentConflict, "student")]
        {
            assert_eq!(report.tally(rule).penalty, verdict[key].as_i64().unwrap(), "{rule}");
        }
        // The evaluator counts a hard group constraint once, and a class with too many students once; otherwise as the checker does.
        let entries = |v: &Violation| if v.rule == Rule::RoomUnavailable { v.amount } else { 1 };
        let hard: i64 = report.violations.iter().filter(|v| v.rule != Rule::Unplaced).map(entries).sum();
        assert_eq!(hard, verdict["hard_count"].as_i64().unwrap());
        assert_eq!(u64::from(report.score.unplaced), verdict["unassigned"].as_u64().unwrap());
    });
}

#[test]
fn the_checker_agrees_with_the_evaluator_of_cb_ctt() {
    compare("cb-ctt", "eval_cbctt.py", |report, verdict| {
        assert_eq!(report.score.penalty, verdict["total"].as_i64().unwrap(), "{verdict}");
        let part = |kind| report.tally(Rule::Constraint(kind)).penalty;
        let parts = [
            (Kind::MinWorkingDays, "min_days"),
            (Kind::IsolatedLectures, "compactness"),
            (Kind::RoomStability, "stability"),
        ];
        for (kind, key) in parts {
            assert_eq!(part(kind), verdict[key].as_i64().unwrap(), "{kind}");
        }
        // It counts clashes of a period together, so only whether there are any is the same.
        assert_eq!(report.score.hard == 0, verdict["hard_count"] == 0);
    });
}
