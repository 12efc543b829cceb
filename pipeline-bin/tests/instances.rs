//! Every instance at hand, a few seconds each, two at a time, verified by evaluators that share no
//! code with the project.
//!
//! Runs with `STAGECOACH_SLOW=1`, over the instances in `STAGECOACH_INSTANCES` (or
//! `../shared/instances` beside the workspace) and the evaluators in `STAGECOACH_TOOLS` (or
//! `../shared/tools`). Without them there is nothing to do.

mod common;

use common::{Place, Ran, instances};
use std::{path::Path, process::Command};

/// Solves an instance and has the result checked; returns what the program claims.
fn solved(place: &Place, instance: &Path) -> serde_json::Value {
    let solve = format!("solve {} --time 5 --json --out out --force", instance.display());
    let ran = place.run(&solve);
    assert!(matches!(ran.code, Some(0 | 1)), "{}: {ran:?}", instance.display());
    let result = ran.last_event();
    let valid = result["valid"] == true;
    assert_eq!(ran.code, Some(i32::from(!valid)));
    eprintln!("{}: {} in {:.1} s", instance.display(), result["score"], result["seconds"].as_f64().unwrap());
    result
}

/// Holds a claim against an evaluator's word on the solution file.
fn evaluated(place: &Place, instance: &Path, evaluator: &str, solution: &str, claim: &serde_json::Value) {
    let Some(tools) = needs::folder("STAGECOACH_TOOLS", "tools") else {
        return needs::skip(needs::Need::Tools, format!("no {evaluator} here"));
    };
    let output = Command::new("python3").arg(tools.join(evaluator)).arg(instance).arg(place.path(solution)).output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verdict: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON line");
    if claim["valid"] == true {
        assert_eq!(verdict["total"], claim["score"]["penalty"], "{}: {verdict}", instance.display());
        assert_eq!(verdict["hard_count"], 0, "{}: {verdict}", instance.display());
    }
    if let Some(unassigned) = verdict.get("unassigned") {
        assert_eq!(*unassigned, claim["score"]["unplaced"], "{}: {verdict}", instance.display());
    }
}

/// The room that a solution names most often.
fn fullest_room(solution: &str) -> String {
    let rooms: Vec<&str> = match solution.contains("room=\"") {
        true => solution.split("room=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect(),
        false => solution.lines().filter_map(|line| line.split_whitespace().nth(1)).collect(),
    };
    let often = |room: &&&str| rooms.iter().filter(|other| other == room).count();
    rooms.iter().max_by_key(often).map(|room| (*room).to_owned()).expect("a room")
}

/// Closes the fullest room on a day and has the mended timetable checked, too: it is one of the
/// same instance.
fn mended(place: &Place, instance: &Path, evaluator: &str, solution: &str) {
    let room = fullest_room(&place.read(&format!("out/{solution}")));
    let mut command = place.command("repair out --when Mon --time 2 --json --out mended --force --close-room");
    let ran = Ran::of(command.arg(&room).output().expect("the program runs"));
    assert!(matches!(ran.code, Some(0 | 1)), "{}: {ran:?}", instance.display());
    let claim = ran.last_event();
    eprintln!(
        "{}: room {room} closed: {} classes change",
        instance.display(),
        claim["changed"].as_array().unwrap().len()
    );
    if claim["valid"] == true {
        evaluated(place, instance, evaluator, &format!("mended/{solution}"), &claim);
    }
}

#[test]
fn curriculum_based_instances_are_solved_as_the_evaluator_confirms() {
    needs::two_at_a_time(&instances("cb-ctt"), |instance| {
        let place = Place::new();
        let claim = solved(&place, instance);
        assert_eq!(claim["valid"], true, "{}", instance.display());
        evaluated(&place, instance, "eval_cbctt.py", "out/solution.sol", &claim);
        mended(&place, instance, "eval_cbctt.py", "solution.sol");
    });
}

#[test]
fn itc_2019_instances_are_solved_as_the_evaluator_confirms() {
    needs::two_at_a_time(&instances("itc2019"), |instance| {
        let place = Place::new();
        let claim = solved(&place, instance);
        evaluated(&place, instance, "eval_itc2019.py", "out/solution.xml", &claim);
        if claim["valid"] == true {
            mended(&place, instance, "eval_itc2019.py", "solution.xml");
        }
    });
}

#[test]
fn post_enrolment_instances_are_solved_as_the_checker_confirms_from_the_file() {
    needs::two_at_a_time(&instances("pe-ctt"), |instance| {
        let place = Place::new();
        let claim = solved(&place, instance);
        let checked = place.run(&format!("check {} out/solution.sln --json", instance.display())).last_event();
        assert_eq!(checked["score"], claim["score"], "{}", instance.display());
    });
}
