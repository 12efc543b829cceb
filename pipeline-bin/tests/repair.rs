//! `stagecoach repair`: a timetable in use, mended after a change.

mod common;

use common::{Place, TOY};
use serde_json::Value;

/// A folder with the toy solved, as `toy`.
fn solved() -> Place {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --out toy --steps 300000 -q").ends_with(0);
    place
}

fn event(place: &Place, arguments: &str) -> Value {
    place.run(&format!("repair toy --out mended --force --steps 100000 --json {arguments}")).ends_with(0).last_event()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(|v| v.as_str().expect("text").to_owned()).collect()
}

#[test]
fn nobody_is_in_a_closed_room_any_more() {
    let place = solved();
    let solution = place.read("toy/solution.sol");
    // On one day the large room is closed; who was there goes elsewhere, and nobody else has to.
    let before: Vec<&str> = solution.lines().collect();
    let day = before.iter().find(|line| line.contains(" large ")).unwrap().split_whitespace().nth(2).unwrap();
    let name = ["Mon", "Tue", "Wed", "Thu", "Fri"][day.parse::<usize>().unwrap()];
    let repaired = event(&place, &format!("--close-room large --when {name}"));
    assert_eq!(repaired["valid"], true);
    let mended = place.read("mended/solution.sol");
    let there = |line: &&str| line.contains(&format!(" large {day} "));
    assert_eq!(mended.lines().filter(there).count(), 0);
    let changed = repaired["changed"].as_array().unwrap();
    assert_eq!(changed.len(), before.iter().filter(|line| there(line)).count());
    assert!(changed.iter().all(|c| c["before"]["room"] == "large" && c["after"]["room"].is_string()));
    let written: Value = serde_json::from_str(&place.read("mended/changes.json")).unwrap();
    assert_eq!(written["changed"], repaired["changed"]);
    // What comes out is a plan like any other.
    place.run("check mended mended").ends_with(0);
    place.run("check mended mended/solution.sol").ends_with(0);
    place.run("repair mended --teacher-away meitner --when Mon --out again --steps 100000 -q").ends_with(0);
}

#[test]
fn works_on_a_problem_with_a_solution_file() {
    let place = solved();
    let arguments = "repair toy.ctt --solution toy/solution.sol --teacher-away noether --when Tue-Thu --out mended";
    let out = place.run(&format!("{arguments} --steps 100000")).ends_with(0).out;
    assert!(out.contains("Changed classes") && out.contains("valid"), "{out}");
    let mended = place.read("mended/solution.sol");
    let lines = mended.lines().filter(|line| line.starts_with("algebra"));
    let days: Vec<&str> = lines.map(|line| line.split_whitespace().nth(2).unwrap()).collect();
    assert!(days.len() == 3 && days.iter().all(|day| ["0", "4"].contains(day)), "{mended}");
}

#[test]
fn classes_come_and_go_and_pinned_ones_stay() {
    let place = solved();
    let algebra = |file: &str| {
        let mut lines: Vec<String> =
            place.read(file).lines().filter(|l| l.starts_with("algebra")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // The small room is closed on a day on which algebra is not there.
    let before = algebra("toy/solution.sol");
    let free = (0..5).find(|day| before.iter().all(|line| !line.contains(&format!(" small {day} ")))).unwrap();
    let day = ["Mon", "Tue", "Wed", "Thu", "Fri"][free];
    let changes = "[[cancel]]\nclass = \"music\"\n\n[[pin]]\nclass = \"algebra\"\n\n[[close]]\nroom = \"small\"\n";
    place.write("changes.toml", &format!("{changes}when = \"{day}\"\n"));
    let repaired = event(&place, "--changes changes.toml");
    assert_eq!(texts(&repaired["cancelled"]).len(), 4);
    let mended = place.read("mended/solution.sol");
    assert!(!mended.contains("music") && !mended.contains(&format!(" small {free} ")));
    assert_eq!(algebra("mended/solution.sol"), before);
    assert!(place.read("toy/solution.sol").contains("music"), "what was in use is still there");
}

#[test]
fn a_class_that_is_added_is_placed_and_seen_by_those_who_have_to_attend() {
    let place = solved();
    let classes = texts(&event(&place, "--cancel logic")["cancelled"]);
    let repaired = event(&place, &format!("--add-class extra={}", classes[0]));
    let changed = repaired["changed"].as_array().unwrap();
    let extra = changed.iter().find(|c| c["class"] == "extra").expect("the new class");
    assert_eq!(extra["before"]["time"], Value::Null);
    assert!(extra["after"]["time"].is_string());
    assert_eq!(changed.len(), 1, "there is room for it: {changed:?}");
    assert!(texts(&repaired["notes"]).iter().any(|note| note.contains("proven to be the least")));
}

#[test]
fn without_a_change_nothing_changes() {
    let place = solved();
    let repaired = event(&place, "");
    assert_eq!(repaired["changed"].as_array().unwrap().len(), 0);
    assert_eq!(place.read("mended/solution.sol"), place.read("toy/solution.sol"));
}

#[test]
fn by_steps_the_result_is_the_same() {
    let place = solved();
    let arguments = "--close-room small --when Wed-Fri --teacher-away clara";
    let once = place.run(&format!("repair toy {arguments} --out a --steps 50000 -q"));
    let again = place.run(&format!("repair toy {arguments} --out b --steps 50000 -q"));
    assert_eq!(once.code, again.code);
    assert_eq!(place.read("a/solution.sol"), place.read("b/solution.sol"));
}

#[test]
fn everything_that_is_wrong_is_named_with_where_it_was_said() {
    let place = solved();
    place.write(
        "changes.toml",
        "[[close]]\nroom = \"attic\"\n[[away]]\nteacher = \"clara\"\nwhen = \"Someday\"\n[[cancel]]\nclass = \"alchemy\"\n",
    );
    let err = place.run("repair toy --close-room cellar --changes changes.toml --out mended").ends_with(2).err;
    for part in [
        "--close-room: room \"cellar\", expected the name of a room",
        "changes.toml:2: room \"attic\"",
        "changes.toml:4: \"Someday\", expected days from Mon to Fri, slots as 1-4, or weeks as weeks 1-1",
        "changes.toml:7: class or course \"alchemy\"",
    ] {
        assert!(err.contains(part), "{part} is not in: {err}");
    }
    assert!(!place.path("mended").exists());
    place.write("broken.toml", "[[close]]\nroom = 7\n");
    assert!(place.run("repair toy --changes broken.toml").ends_with(2).err.contains("broken.toml:2"));
    assert!(place.run("repair toy --add-class extra").ends_with(2).err.contains("NAME=LIKE"));
    assert!(place.run("repair toy.ctt --close-room small").ends_with(2).err.contains("--solution"));
    assert!(place.run("repair nowhere").ends_with(2).err.contains("nowhere"));
    assert!(place.run("repair toy --when Mon --pin algebra").ends_with(2).err.contains("--when goes with"));
}

#[test]
fn what_cannot_be_mended_is_said() {
    let place = solved();
    let ran = place.run("repair toy --close-room large --close-room small --out mended --steps 50000").ends_with(1);
    assert!(ran.out.contains("NOT VALID"), "{}", ran.out);
}

#[test]
fn cp_sat_finds_no_better_way_and_says_so() {
    let place = solved();
    if !place.has_solver() {
        return;
    }
    let changes = "--close-room large --teacher-away meitner --when Wed-Thu";
    let by = |way: &str| {
        let ran = place.run(&format!("repair toy {changes} --stage3 {way} --out by-{way} --time 10 --json -q"));
        ran.ends_with(0).last_event()
    };
    let (ours, exact) = (by("fewest-changes"), by("cpsat"));
    let changed = |event: &Value| event["changed"].as_array().unwrap().len();
    assert!(changed(&ours) > 0);
    assert_eq!(changed(&ours), changed(&exact));
    let notes = texts(&ours["notes"]);
    assert!(notes.iter().any(|note| note.contains("proven to be the least")), "{notes:?}");
    let least = format!("at least {} classes have to change", changed(&exact));
    assert!(texts(&exact["notes"]).contains(&least), "{exact}");
}

#[test]
fn results_never_go_where_the_timetable_in_use_is() {
    let place = solved();
    let (plan, solution) = (place.read("toy/plan/plan.json"), place.read("toy/solution.sol"));
    let inputs =
        ["toy --out toy", "toy/plan --out toy", "toy.ctt --solution toy/solution.sol --out toy", "toy --out ."];
    for input in inputs {
        let ran = place.run(&format!("repair {input} --cancel music --steps 1000")).ends_with(2);
        assert!(ran.err.contains("expected another place"), "{input}: {}", ran.err);
    }
    assert_eq!((place.read("toy/plan/plan.json"), place.read("toy/solution.sol")), (plan, solution));
    place.run("repair toy --out toy/mended --cancel music --steps 1000 -q").ends_with(0);
}
