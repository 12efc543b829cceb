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
fn a_class_at_a_place_that_is_none_of_its_own_is_placed_anew() {
    let place = solved();
    // The first lecture of physics, when that is ruled out.
    let solution = place.read("toy/solution.sol");
    let was = solution.lines().find(|line| line.starts_with("physics")).unwrap();
    place.write("used.sol", &solution.replacen(was, "physics large 2 0", 1));
    let run = "repair toy.ctt --solution used.sol --out mended --steps 100000";
    let ran = place.run(&format!("{run} --json")).ends_with(0);
    let repaired = ran.last_event();
    let why = "the file rules that out (UNAVAILABILITY_CONSTRAINTS)";
    let mine: Vec<&Value> =
        repaired["changed"].as_array().unwrap().iter().filter(|c| c["class"] == "physics-1").collect();
    assert_eq!((mine.len(), mine[0]["why"].as_str()), (1, Some(why)));
    assert_eq!(mine[0]["before"]["room"], "large");
    assert!(mine[0]["before"]["time"].as_str().unwrap().starts_with("Wed"), "{}", mine[0]);
    assert!(mine[0]["after"]["time"].is_string());
    let events = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let warned = events.filter(|event| event["event"] == "warning");
    let warned: Vec<String> = warned.map(|event| event["message"].as_str().unwrap().to_owned()).collect();
    assert!(matches!(&warned[..], [one] if one.contains("physics-1") && one.contains(why)), "{warned:?}");
    place.run("check toy.ctt mended/solution.sol").ends_with(0);
    // It can be looked at, too; and it cannot stay.
    let viewed = place.run("view toy.ctt used.sol --out used.html --json").ends_with(0).last_event();
    assert_eq!((&viewed["score"]["hard"], &viewed["score"]["unplaced"]), (&1.into(), &0.into()));
    let pinned = place.run(&format!("{run} --force --pin physics")).ends_with(2);
    assert!(pinned.err.contains("class \"physics-1\", which is not placed"), "{}", pinned.err);
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

/// Where a class was and is, if it is among those that changed.
fn place_of(event: &Value, class: &str) -> Option<(String, String)> {
    let changed = event["changed"].as_array()?.iter().find(|c| c["class"] == class)?;
    Some((changed["before"]["time"].as_str()?.to_owned(), changed["after"]["time"].as_str()?.to_owned()))
}

#[test]
fn a_class_goes_where_it_is_asked_to() {
    let place = solved();
    let asked = |class: &str, to: &str| {
        let mut command = place.command("repair toy --out mended --force --steps 100000 --json --move");
        common::Ran::of(command.args([class, to]).output().expect("the program runs"))
    };
    // Wherever the first lecture of music is, it can be at one of these two.
    let first = asked("music-1", "Mon 1").ends_with(0).last_event();
    let (event, to) = match place_of(&first, "music-1") {
        Some(_) => (first, "Mon 1"),
        None => (asked("music-1", "Tue 2").ends_with(0).last_event(), "Tue 2"),
    };
    assert_eq!(event["valid"], true);
    assert_eq!(place_of(&event, "music-1").unwrap().1, to);
    let music = event["changed"].as_array().unwrap().iter().find(|c| c["class"] == "music-1").unwrap();
    assert_eq!((&music["why"], &music["teachers"][0]), (&Value::from("as asked for"), &Value::from("clara")));
    assert!(texts(&event["teachers"]).contains(&"clara".to_owned()), "{event}");
    place.write("changes.toml", &format!("[[move]]\nclass = \"music-1\"\nto = \"{to}\"\n"));
    let by_file = self::event(&place, "--changes changes.toml");
    assert_eq!(by_file["changed"], event["changed"]);
    let err = asked("physics-1", "Wed 1").ends_with(2).err;
    let expected = "--move: class \"physics-1\" at \"Wed 1\", expected a time at which it can be held: Mon 1;";
    assert!(err.contains(expected), "{err}");
    assert!(asked("physics", "Wed 3").ends_with(2).err.contains("course \"physics\" of 5 classes"));
    assert!(asked("physics-1", "Someday").ends_with(2).err.contains("expected days from Mon to Fri"));
}

/// All files below a folder, with how long they are.
fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.metadata().unwrap() {
            data if data.is_dir() => found.extend(files(&entry.path())),
            data => found.push((entry.path(), data.len())),
        }
    }
    found.sort();
    found
}

#[test]
fn of_a_solution_file_it_is_only_shown_unless_a_folder_is_named() {
    let place = solved();
    let arguments = "repair toy.ctt --solution toy/solution.sol --close-room large --steps 100000";
    let before = files(&place.path("."));
    let shown = place.run(arguments).ends_with(0).out;
    assert!(shown.contains("Nothing was written") && shown.contains("large is closed then"), "{shown}");
    let dry = place.run("repair toy --close-room large --steps 100000 --dry-run").ends_with(0).out;
    assert!(dry.contains("Nothing was written"), "{dry}");
    assert_eq!(files(&place.path(".")), before);
    place.run(&format!("{arguments} --out mended -q")).ends_with(0);
    assert!(place.read("mended/changes.json").contains("large is closed then"));
    assert!(place.run("repair toy --dry-run --out mended").ends_with(2).err.contains("--dry-run"));
}

#[test]
fn other_repairs_are_valid_and_differ() {
    let place = solved();
    let repaired = event(&place, "--teacher-away clara --when Mon-Wed --alternatives 3");
    let others = repaired["alternatives"].as_array().unwrap();
    assert!(!others.is_empty(), "{repaired}");
    let mut all = vec![place.read("mended/solution.sol")];
    for (k, other) in (1..).zip(others) {
        assert!(other["changed"].as_array().unwrap().len() >= repaired["changed"].as_array().unwrap().len());
        place.run(&format!("check mended mended/alternative-{k}.sol")).ends_with(0);
        all.push(place.read(&format!("mended/alternative-{k}.sol")));
    }
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "no two are the same");
    // Once again with fewer: what the first repair left goes with it.
    event(&place, "--teacher-away clara --when Mon-Wed");
    assert!(!place.path("mended/alternative-1.sol").exists());
    assert!(place.run("repair toy --alternatives 4").ends_with(2).err.contains("--alternatives"));
}

#[test]
fn of_a_published_timetable_rooms_change_rather_than_times() {
    let place = solved();
    let arguments = "--close-room large";
    let times = |event: &Value| {
        event["changed"].as_array().unwrap().iter().filter(|c| c["before"]["time"] != c["after"]["time"]).count()
    };
    let (by_classes, published) = (event(&place, arguments), event(&place, &format!("{arguments} --order published")));
    assert!(times(&published) <= times(&by_classes));
    assert!(texts(&published["notes"]).iter().any(|note| note.contains("change their time")), "{published}");
    let err = place.run("repair toy --order published --stage3 rl").ends_with(2).err;
    assert!(err.contains("--order published goes with"), "{err}");
    assert!(place.run("repair toy --order loudly").ends_with(2).err.contains("published"));
}
