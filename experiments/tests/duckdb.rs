//! The best rows are those of DuckDB's `ORDER BY ... LIMIT`, on random Parquet files.
//! `STAGECOACH_SLOW=1`: on 1,000 questions.

mod rows;

use needs::Need;
use rand::RngExt;
use rows::{ask, lines, places, query, random, write_parquet};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A Python with DuckDB: `STAGECOACH_PYTHON`, that of `target/python` (`.ci/run` makes it), or the
/// system's.
fn python() -> Option<PathBuf> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    let named = std::env::var_os("STAGECOACH_PYTHON").map(PathBuf::from);
    named.into_iter().chain([ours, "python3".into()]).find(|python| {
        let asked =
            Command::new(python).args(["-c", "import duckdb"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    })
}

#[test]
fn the_best_rows_are_those_that_duckdb_finds() {
    let Some(python) = python() else {
        return needs::skip(Need::Readers, "no Python with duckdb (tests/requirements.txt)");
    };
    let place = tempfile::tempdir().unwrap();
    let filters: [&[&str]; 9] = [
        &[],
        &[],
        &["whole > 2"],
        &["real <= 0.25 or real is null"],
        &["not (whole = 1 or real >= 1.5)"],
        &["name in ('a', 'ä')", "whole is not null"],
        &["name < 'b' and whole not in (1, 2, 3)"],
        &["not (real < 0 and name = 'a')"],
        &["whole != 9223372036854775807", "real <> 0"],
    ];
    let mut questions = String::new();
    let count = if needs::is_slow() { 1_000 } else { 60 };
    for seed in 0..count {
        let mut random = random(seed);
        let paths: Vec<PathBuf> = (0..random.random_range(1..4))
            .map(|i| {
                let path = place.path().join(format!("{seed}-{i}.parquet"));
                let count = random.random_range(1..1_500);
                write_parquet(&path, &lines(&mut random, count), &mut random);
                path
            })
            .collect();
        let by = ["whole", "real", "real,whole", "whole,real"][random.random_range(0..4)];
        let (descending, n) = (random.random_bool(0.5), random.random_range(1..600));
        let filter = filters[random.random_range(0..filters.len())];
        let found = ask(&query(by, descending, n, filter, random.random_range(1..4)), &paths);
        let question = serde_json::json!({
            "files": paths, "by": by, "descending": descending, "n": n, "where": filter, "places": places(&found),
        });
        questions += &format!("{question}\n");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers.py");
    let mut asked = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    asked.stdin.take().unwrap().write_all(questions.as_bytes()).unwrap();
    let said = asked.wait_with_output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said, serde_json::json!({ "questions": count, "failed": 0 }));
}
