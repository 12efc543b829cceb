//! `top` and `report`: what they print and write, what they refuse, what they leave alone.

mod common;

use common::{Place, tree};
use std::fs;

const ROWS: &str = "instance,seed,method,penalty,ms
easy,1,a,1,10
easy,1,b,3,20
hard,1,a,100,30
hard,1,\"b, really\",300,40
";

#[test]
fn the_best_rows_are_printed_as_they_were_written() {
    let place = Place::new();
    place.write("a.csv", ROWS);
    place.write("b.jsonl", "{\"instance\":\"easy\",\"penalty\":2,\"note\":\"x\"}\n");
    let ran = place.run("top a.csv b.jsonl --by penalty -n 3").ends_with(0);
    assert_eq!(ran.out, "instance,seed,method,penalty,ms,note\neasy,1,a,1,10,\neasy,,,2,,x\neasy,1,b,3,20,\n");
    assert!(ran.err.contains("memory: at most 64.0 MB"), "{}", ran.err);
    let out = place.run("top a.csv --by penalty --desc -n 1 --format table").ends_with(0).out;
    assert_eq!(out, "  rank  instance  seed  method     penalty  ms\n     1  hard         1  b, really      300  40\n");
    let out = place.run("top . --by penalty --format jsonl -n 1 -q").ends_with(0).out;
    assert_eq!(out, "{\"instance\":\"easy\",\"seed\":1,\"method\":\"a\",\"penalty\":1,\"ms\":10,\"note\":null}\n");
    let mut filtered = place.command("top a.csv --by penalty -q --where");
    filtered.arg("instance = hard and method != a");
    assert_eq!(common::Ran::of(filtered.output().unwrap()).ends_with(0).out.lines().count(), 2);
}

#[test]
fn events_for_machines_name_file_and_row() {
    let place = Place::new();
    place.write("a.csv", ROWS);
    let ran = place.run("top a.csv --by penalty -n 2 --json").ends_with(0);
    let events: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["event"], "begins");
    assert_eq!((&events[1]["event"], &events[1]["rank"], &events[1]["row"]), (&"row".into(), &1.into(), &0.into()));
    assert_eq!(events[1]["values"]["penalty"], 1);
    let last = ran.last_event();
    assert_eq!((&last["event"], &last["rows"], &last["scanned"]), (&"top".into(), &2.into(), &4.into()));
}

#[test]
fn a_damaged_file_is_named_and_left_out_and_the_exit_code_says_so() {
    let place = Place::new();
    place.write("a.csv", ROWS);
    place.write("b.csv", &ROWS.replace(",300,", ",many,"));
    place.write("c.parquet", "PAR1 and nothing else");
    let ran = place.run("top a.csv b.csv c.parquet --by penalty -n 9").ends_with(1);
    assert_eq!(ran.out.lines().count(), 5);
    assert!(ran.err.contains("left out: b.csv:5: `many`, expected a number"), "{}", ran.err);
    assert!(ran.err.contains("left out: c.parquet: no footer at its end"), "{}", ran.err);
    let ran = place.run("report a.csv b.csv --by penalty --out r").ends_with(1);
    assert!(
        ran.err.contains("left out: b.csv") && place.read("r/report.md").contains("Left out: b.csv"),
        "{}",
        ran.err
    );
}

#[test]
fn what_makes_no_sense_ends_with_2_and_says_what_would() {
    let place = Place::new();
    place.write("a.csv", ROWS);
    let err = |arguments: &str| place.run(arguments).ends_with(2).err;
    assert!(err("top a.csv --by cost").contains("no file has a column cost, expected one of instance, seed, method"));
    assert!(err("top nowhere.csv --by penalty").contains("nowhere.csv"));
    assert!(err("top a.csv --by penalty --where penalty<").contains("character 9: found the end"));
    assert!(err("top a.csv --by penalty -n 0").contains("expected one at least"));
    assert!(err("top a.csv --by penalty -n 100000000").contains("Maybe raise --memory"));
    assert!(err("top a.csv --by method").contains("a.csv:2: `a`, expected a number to order rows by"));
    assert!(err("report a.csv").contains("expected --by COLUMN"));
    assert!(err("top a.csv").contains("--by <KEY>"));
}

#[test]
fn only_what_was_asked_for_is_replaced() {
    let place = Place::new();
    let before = ROWS;
    fs::create_dir_all(place.path("in")).unwrap();
    place.write("in/a.csv", before);
    place.write("old.csv", "mine");
    assert!(place.run("top in --by penalty --out old.csv").ends_with(2).err.contains("--force replaces it"));
    assert!(place.run("top in --by penalty --out in/a.csv --force").ends_with(2).err.contains("part of the input"));
    assert!(place.run("top in --by penalty --out rows.txt").ends_with(2).err.contains("expected .csv or .jsonl"));
    assert_eq!((place.read("old.csv"), place.read("in/a.csv")), ("mine".into(), before.into()));
    place.run("top in --by penalty -n 1 --out old.csv --force").ends_with(0);
    assert_eq!(place.read("old.csv"), "instance,seed,method,penalty,ms\neasy,1,a,1,10\n");
}

#[test]
fn a_report_is_one_file_that_needs_nothing_else_and_can_be_made_again() {
    let place = Place::new();
    place.write("a.csv", ROWS);
    fs::create_dir(place.path("r")).unwrap();
    place.write("r/mine.txt", "mine");
    place.run("report a.csv --by penalty --out r").ends_with(0);
    let html = place.read("r/report.html");
    assert!(
        html.contains("<svg")
            && !html.contains("http://www.w3.org/1999")
            && !html.contains("<script")
            && !html.contains("src=")
    );
    let first = tree(&place.path("r"));
    place.run("report a.csv --by penalty --out r --threads 1").ends_with(0);
    assert_eq!(tree(&place.path("r")), first);
    // Pictures that the new report has not go, and nothing else does.
    assert!(place.path("r/cost-ms.svg").is_file());
    place.run("report a.csv --by penalty --out r --cost seed").ends_with(0);
    assert!(!place.path("r/cost-ms.svg").exists() && place.read("r/mine.txt") == "mine");
    let ran = place.run("report a.csv --by penalty").ends_with(0);
    assert!(ran.out.contains("stagecoach-out/report/report.html"), "{}", ran.out);
    assert!(place.run("report a.csv --by penalty").ends_with(0).out.contains("stagecoach-out/report-2/"));
}

#[test]
fn a_report_never_takes_what_another_run_or_anybody_else_wrote() {
    let place = Place::new();
    place.write("a.csv", ROWS);
    fs::create_dir(place.path("r")).unwrap();
    place.write("r/report.md", "mine");
    place.run("report a.csv --by penalty --out r").ends_with(2);
    assert_eq!(place.read("r/report.md"), "mine");
    place.run("demo --out run --steps 2000").ends_with(0);
    let before = tree(&place.path("run"));
    assert!(place.run("report a.csv --by penalty --out run").ends_with(2).err.contains("another folder"));
    assert_eq!(tree(&place.path("run")), before);
}

#[test]
fn the_folder_of_a_sweep_is_known_by_its_mark_and_keeps_its_report() {
    let place = Place::new();
    fs::create_dir_all(place.path("s/results")).unwrap();
    place.write("s/sweep.json", "{}");
    // Nothing is compacted yet.
    assert!(place.run("top s --by penalty").ends_with(2).err.contains("a sweep without results so far"));
    place.write("s/results/notes.csv", ROWS);
    assert!(place.run("report s").ends_with(2).err.contains("a sweep without results so far"));
}
