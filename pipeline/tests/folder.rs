//! A plan as a folder: round trip, bytes that do not vary, damage.

mod common;
use common::*;
use pipeline::*;
use std::{fs, sync::Arc};
use timetable::*;

fn rich_plan() -> Plan {
    let problem = problem();
    let mut plan = plan_at(&problem, 2);
    plan.timetable.as_mut().unwrap().placements[3] = Placement::NOWHERE;
    plan.timetable.as_mut().unwrap().enrolment[3] = NONE;
    plan.score = Some(check(&problem, plan.timetable.as_ref().unwrap()).score);
    plan.clusters = Some(Arc::new(Clusters { of: vec![0, 0, 1, 1], count: 2, colour: vec![0, 1] }));
    plan.bound = Some(1);
    plan.notes = vec!["a note with \"quotes\" and ünïcode".into()];
    let record = |outcome| StageRecord {
        stage: "stage2b".into(),
        implementation: "fake".into(),
        outcome,
        before: None,
        after: plan.score,
        steps: Some(5),
        notes: vec!["n".into()],
    };
    plan.history =
        vec![record(Outcome::Taken), record(Outcome::Refused("worse".into())), record(Outcome::Failed("x".into()))];
    plan
}

fn same(a: &Plan, b: &Plan) {
    assert_eq!(problem_hash(&a.problem), problem_hash(&b.problem));
    assert_eq!(a.clusters, b.clusters);
    assert_eq!(a.timetable, b.timetable);
    assert_eq!(a.score, b.score);
    assert_eq!(a.bound, b.bound);
    assert_eq!(a.notes, b.notes);
    assert_eq!(a.history, b.history);
}

#[test]
fn a_saved_plan_is_loaded_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for plan in [rich_plan(), Plan::new(problem())] {
        save_plan(folder.path(), &plan).unwrap();
        same(&plan, &load_plan(folder.path()).unwrap());
        same(&plan, &load_plan_for(plan.problem.clone(), folder.path()).unwrap());
    }
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["plan.json", "problem.block"], "no temporary file is left");
}

#[test]
fn a_plan_saved_twice_has_the_same_bytes() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    save_plan(a.path(), &rich_plan()).unwrap();
    save_plan(b.path(), &load_plan(a.path()).unwrap()).unwrap();
    for file in [PLAN_FILE, PROBLEM_FILE] {
        assert_eq!(fs::read(a.path().join(file)).unwrap(), fs::read(b.path().join(file)).unwrap());
    }
}

#[test]
fn the_text_has_a_line_for_each_part() {
    let text = String::from_utf8(plan_bytes(&rich_plan())).unwrap();
    let hash = problem_hash(&problem());
    let expected = [
        "{",
        r#""format":"stagecoach-plan","#,
        r#""version":1,"#,
        &format!(r#""problem":"{hash}","#),
        r#""score":{"unplaced":1,"hard":1,"penalty":6},"#,
        r#""bound":1,"#,
        r#""clusters":{"of":[0,0,1,1],"count":2,"colour":[0,1]},"#,
        r#""timetable":{"times":[2,2,2,-1],"rooms":[0,0,0,-1],"enrolment":[0,1,2,-1]},"#,
    ];
    for (line, expected) in text.lines().zip(expected) {
        assert_eq!(line, expected);
    }
}

#[test]
fn a_damaged_plan_is_an_error_that_names_the_file_and_never_a_panic() {
    let whole = String::from_utf8(plan_bytes(&rich_plan())).unwrap();
    let hash = problem_hash(&problem());
    let other_hash = problem_hash(&named_problem("other"));
    let replaced = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replacen(from, to, 1)
    };
    let damages: Vec<(&str, String)> = vec![
        ("EOF", String::new()),
        ("EOF", whole[..whole.len() / 2].into()),
        ("expected", "\u{0}".repeat(100)),
        ("trailing", format!("{whole}{{}}")),
        ("expected a string", "[".repeat(100_000)),
        ("expected `stagecoach-plan` version 1", replaced("stagecoach-plan", "stagecoach-plant")),
        ("expected `stagecoach-plan` version 1", replaced(r#""version":1"#, r#""version":2"#)),
        ("is for problem", replaced(&hash, &other_hash)),
        ("is for problem", replaced(&hash, "")),
        ("unknown field", replaced(r#""notes""#, r#""extras":1,"notes""#)),
        ("missing field", replaced(r#","enrolment":[0,1,2,-1]"#, "")),
        ("3 entries for 4 classes", replaced("[0,0,1,1]", "[0,0,1]")),
        ("expected below 2", replaced("[0,0,1,1]", "[0,0,1,2]")),
        ("colours", replaced(r#""colour":[0,1]"#, r#""colour":[0]"#)),
        ("for 4 classes", replaced(r#""count":2"#, r#""count":4000000000"#)),
        ("invalid value", replaced(r#""count":2"#, r#""count":-2"#)),
        ("times and", replaced("[2,2,2,-1]", "[2,2,2]")),
        ("expected -1 to 65534", replaced("[2,2,2,-1]", "[2,2,65535,-1]")),
        ("expected -1 to 65534", replaced("[2,2,2,-1]", "[2,2,-2,-1]")),
        ("class c2", replaced("[2,2,2,-1]", "[2,2,9,-1]")),
        ("class c2", replaced("[2,2,2,-1]", "[2,2,-1,-1]")),
        ("class c0", replaced("[0,0,0,-1]", "[-1,0,0,-1]")),
        ("invalid type", replaced("[2,2,2,-1]", "[2,2,2.5,-1]")),
        ("places of enrolment", replaced("[0,1,2,-1]", "[0,1,2]")),
        ("names class 4", replaced("[0,1,2,-1]", "[0,1,4,-1]")),
        ("names class -7", replaced("[0,1,2,-1]", "[0,1,-7,-1]")),
        ("4294967296", replaced("[0,1,2,-1]", "[0,1,4294967296,-1]")),
        ("expected both or neither", replaced(r#""score":{"unplaced":1,"hard":1,"penalty":6}"#, r#""score":null"#)),
        ("expected 0 or more", replaced(r#""hard":1"#, r#""hard":-1"#)),
        ("unknown variant", replaced(r#""outcome":"taken""#, r#""outcome":"won""#)),
        ("expected at most", whole.clone() + &" ".repeat(9 << 20)),
    ];
    let folder = tempfile::tempdir().unwrap();
    save_plan(folder.path(), &rich_plan()).unwrap();
    for (expected, text) in damages {
        fs::write(folder.path().join(PLAN_FILE), &text).unwrap();
        let error = load_plan(folder.path()).expect_err(expected).to_string();
        assert!(error.contains(PLAN_FILE) && error.contains(expected), "{expected:?} not in {error:?}");
    }
}

#[test]
fn a_plan_cut_or_changed_at_any_place_never_panics() {
    let whole = plan_bytes(&rich_plan());
    let folder = tempfile::tempdir().unwrap();
    save_plan(folder.path(), &rich_plan()).unwrap();
    for at in (0..whole.len()).step_by(3) {
        fs::write(folder.path().join(PLAN_FILE), &whole[..at]).unwrap();
        let cut = load_plan_for(problem(), folder.path());
        assert!(cut.is_err() || at == whole.len() - 1, "cut at {at}");
        {
            let flip = [0x01, 0x10, 0x80][at / 3 % 3];
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            fs::write(folder.path().join(PLAN_FILE), &bytes).unwrap();
            if let Ok(plan) = load_plan_for(problem(), folder.path()) {
                assert!(plan.timetable.is_none_or(|t| t.fits(&plan.problem).is_ok()));
            }
        }
    }
}

#[test]
fn a_missing_damaged_or_odd_problem_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(load_plan(folder.path()).unwrap_err().to_string().contains(PROBLEM_FILE));
    save_plan(folder.path(), &rich_plan()).unwrap();
    let block = folder.path().join(PROBLEM_FILE);
    let mut bytes = fs::read(&block).unwrap();
    bytes[100] ^= 1;
    fs::write(&block, &bytes).unwrap();
    let error = load_plan(folder.path()).unwrap_err();
    assert!(matches!(error, FolderError::Problem { .. }), "{error}");
    // Saving mends it.
    save_plan(folder.path(), &rich_plan()).unwrap();
    load_plan(folder.path()).unwrap();
    fs::remove_file(&block).unwrap();
    fs::create_dir(&block).unwrap();
    assert!(load_plan(folder.path()).unwrap_err().to_string().contains("not a plain file"));
}

#[test]
fn a_plan_for_another_problem_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    save_plan(folder.path(), &rich_plan()).unwrap();
    let error = load_plan_for(named_problem("other"), folder.path()).unwrap_err().to_string();
    assert!(error.contains("is for problem"), "{error}");
}
