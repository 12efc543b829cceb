//! What `--json` prints, of one command after the other, against `docs/schema.json`.
//!
//! All other tests of the program hold their lines to it, too (`common::Place::run`).

mod common;

use common::{Place, TOY, schema};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Lines of many commands.
fn lines() -> Vec<String> {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let mut lines = Vec::new();
    for (command, code) in [
        ("solve toy.ctt --steps 20000 --threads 1 --out out --json", 0),
        ("solve toy.ctt --fast --json", 2),
        ("solve nowhere.ctt --json", 2),
        ("solve --print-config --json", 0),
        ("check toy.ctt out/solution.sol --json", 0),
        ("stage annealing out/plan next --steps 1000 --json", 0),
        ("repair out/plan --close-room small --when Mon --steps 20000 --dry-run --json", 0),
        ("generate demo faculty --json", 0),
        ("convert faculty copy --format csv --json", 0),
        ("doctor --json", 0),
    ] {
        lines.extend(place.run(command).ends_with(code).out.lines().map(str::to_owned));
    }
    lines
}

#[test]
fn every_line_is_as_the_schema_says_in_the_eyes_of_another_library() {
    let lines = lines();
    let events: BTreeSet<String> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    for event in ["result", "error", "configuration", "check", "repair", "generated", "converted", "doctor"] {
        assert!(events.contains(event), "{event} is not among {events:?}");
    }
    let Some(python) = common::python("jsonschema") else { return };
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema.json");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.jsonl");
    fs::write(&file, lines.join("\n")).unwrap();
    let program = "import json, jsonschema, sys\n\
        schema = json.load(open(sys.argv[1]))\n\
        jsonschema.Draft202012Validator.check_schema(schema)\n\
        check = jsonschema.Draft202012Validator(schema)\n\
        lines = [json.loads(line) for line in open(sys.argv[2])]\n\
        for line in lines: check.validate(line)\n\
        assert not check.is_valid({**lines[0], 'schema': 2}) and not check.is_valid({**lines[0], 'more': 1})\n\
        print(len(lines))";
    let done = Command::new(python).args(["-c", program]).args([&schema, &file]).output().expect("Python");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), lines.len().to_string());
}

#[test]
fn what_the_schema_does_not_say_is_refused() {
    let good = json!({ "event": "converted", "schema": 1, "output": "x", "exit": 0 });
    schema::holds(&good.to_string());
    let with = |key: &str, value: Value| {
        let mut event = good.clone();
        event[key] = value;
        event
    };
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("output");
    for bad in [
        with("schema", json!(2)),
        with("event", json!("convert")),
        with("exit", json!(7)),
        with("output", json!(null)),
        with("more", json!(1)),
        without,
    ] {
        let refused = std::panic::catch_unwind(|| schema::holds(&bad.to_string()));
        assert!(refused.is_err(), "{bad}");
    }
}

#[test]
fn the_document_names_every_event() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let schema: Value = serde_json::from_str(&fs::read_to_string(root.join("schema.json")).unwrap()).unwrap();
    let text = fs::read_to_string(root.join("json.md")).unwrap();
    let events = schema["oneOf"].as_array().unwrap().iter().map(|one| one["$ref"].as_str().unwrap());
    let missing: Vec<&str> = events
        .map(|name| name.trim_start_matches("#/$defs/"))
        .filter(|name| !text.contains(&format!("| `{name}` |")))
        .collect();
    assert_eq!(missing, [] as [&str; 0]);
}
