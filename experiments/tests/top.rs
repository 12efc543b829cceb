//! The best rows are those that sorting everything finds, whatever the format, the statistics, the
//! threads; what is damaged is left out.

mod rows;

use experiments::{
    columns::{Refused, Value},
    top::{Progress, Unwatched, Watch, find},
};
use flate2::{Compression, write::GzEncoder};
use rand::RngExt;
use rows::{Line, ask, lines, places, query, random, write_csv, write_json, write_parquet};
use std::{
    cmp::Ordering,
    fs,
    path::{Path, PathBuf},
};

/// Random rows by the slow way: sorted, what is missing last, what is equal in its order.
fn sorted(
    files: &[Vec<Line>],
    keep: &dyn Fn(&Line) -> bool,
    key: &dyn Fn(&Line) -> Option<f64>,
    descending: bool,
) -> Vec<(usize, u64)> {
    let mut rows: Vec<(Option<f64>, usize, u64)> = Vec::new();
    for (file, lines) in files.iter().enumerate() {
        for (row, line) in lines.iter().enumerate().filter(|(_, line)| keep(line)) {
            rows.push((key(line).filter(|x| !x.is_nan()), file, row as u64));
        }
    }
    rows.sort_by(|a, b| match (a.0, b.0) {
        (Some(x), Some(y)) => {
            let order = x.partial_cmp(&y).expect("no NaN");
            if descending { order.reverse() } else { order }
        }
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    });
    rows.into_iter().map(|(_, file, row)| (file, row)).collect()
}

fn write(folder: &Path, i: usize, lines: &[Line], random: &mut rand_chacha::ChaCha8Rng) -> PathBuf {
    let ends = ["parquet", "parquet.zst", "csv", "csv.gz", "jsonl", "jsonl.zst"];
    let end = ends[random.random_range(0..ends.len())];
    let path = folder.join(format!("{i}.{end}"));
    let mut text = Vec::new();
    match end {
        "parquet" => write_parquet(&path, lines, random),
        "parquet.zst" => {
            let plain = folder.join(format!("{i}.plain"));
            write_parquet(&plain, lines, random);
            fs::write(&path, zstd::encode_all(&fs::read(plain).unwrap()[..], 1).unwrap()).unwrap();
        }
        "csv" => write_csv(&mut fs::File::create(&path).unwrap(), lines),
        "csv.gz" => {
            let mut out = GzEncoder::new(fs::File::create(&path).unwrap(), Compression::fast());
            write_csv(&mut out, lines);
            out.finish().unwrap();
        }
        "jsonl" => write_json(&mut fs::File::create(&path).unwrap(), lines),
        _ => {
            write_json(&mut text, lines);
            fs::write(&path, zstd::encode_all(&text[..], 1).unwrap()).unwrap();
        }
    }
    path
}

#[test]
fn the_best_rows_are_those_that_sorting_finds_in_any_format_and_for_any_number_of_threads() {
    let place = tempfile::tempdir().unwrap();
    for seed in 0..60 {
        let mut random = random(seed);
        let folder = place.path().join(seed.to_string());
        fs::create_dir(&folder).unwrap();
        let files: Vec<Vec<Line>> = (0..random.random_range(1..4))
            .map(|_| {
                let count = random.random_range(1..1_200);
                lines(&mut random, count)
            })
            .collect();
        let paths: Vec<PathBuf> =
            files.iter().enumerate().map(|(i, lines)| write(&folder, i, lines, &mut random)).collect();
        for (filter, keep) in [
            (&[][..], &(|_: &Line| true) as &dyn Fn(&Line) -> bool),
            (&["whole > 2 or whole is null"], &|line| line.whole.is_none_or(|x| x > 2)),
            (&["real <= 0.5", "not name = a"], &|line| {
                line.real.is_some_and(|x| x <= 0.5)
                    && line.name.as_deref().is_some_and(|name| name != "a" && !name.is_empty())
            }),
        ] {
            // In CSV there is no telling what is empty from what is missing.
            let keep = |line: &Line| keep(line) && (filter.len() < 2 || line.name.as_deref() != Some(""));
            let filter: Vec<&str> = if filter.len() < 2 { filter.to_vec() } else { [filter, &["name != ''"]].concat() };
            let n = random.random_range(1..400);
            let descending = random.random_bool(0.5);
            let by_real = sorted(&files, &keep, &|line| line.real, descending);
            for threads in [1, 3] {
                let found = ask(&query("real", descending, n, &filter, threads), &paths);
                assert_eq!(places(&found), by_real[..n.min(by_real.len())], "seed {seed}, {filter:?}, {paths:?}");
                assert!(found.faults.is_empty() && !found.interrupted);
            }
        }
        // Whole rows come back as they were written.
        let found = ask(&query("whole", true, 50, &[], 2), &paths);
        let column = |name: &str| found.columns.iter().position(|column| column == name).unwrap();
        for row in &found.rows {
            let line = &files[row.file][row.row as usize];
            let shown = |value: Option<String>| value.unwrap_or_default();
            assert_eq!(row.values[column("whole")].to_string(), shown(line.whole.map(|x| x.to_string())));
            assert_eq!(row.values[column("name")].to_string(), shown(line.name.clone()));
            if let (Some(x), Ok(y)) = (line.real, row.values[column("real")].to_string().parse::<f64>()) {
                assert!(x == y || (x.is_nan() && y.is_nan()), "{x} {y}");
            }
        }
    }
}

#[test]
fn integers_are_ordered_beyond_what_doubles_hold_and_further_columns_decide_ties() {
    let place = tempfile::tempdir().unwrap();
    let line = |whole, real| Line { whole: Some(whole), real: Some(real), name: None };
    let rows = [line(i64::MAX - 1, 1.0), line(i64::MAX, 2.0), line(i64::MAX - 1, 0.0), line(i64::MIN, 3.0)];
    let path = place.path().join("a.parquet");
    write_parquet(&path, &rows, &mut random(1));
    let found = |by: &str, descending| places(&ask(&query(by, descending, 3, &[], 2), std::slice::from_ref(&path)));
    assert_eq!(found("whole", true), [(0, 1), (0, 0), (0, 2)]);
    assert_eq!(found("whole,real", true), [(0, 1), (0, 0), (0, 2)]);
    assert_eq!(found("whole,real", false), [(0, 3), (0, 2), (0, 0)]);
}

#[test]
fn files_need_not_have_the_same_columns() {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = place.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let files = [
        write("a.csv", "id;penalty\n1;5\n2;3\n"),
        write("b.jsonl", "{\"penalty\":4,\"extra\":{\"deep\":[1]}}\n{\"penalty\":1}\n"),
        write("c.csv", "id,name\n9,x\n"),
    ];
    let found = ask(&query("penalty", false, 10, &[], 2), &files);
    assert_eq!(places(&found), [(1, 1), (0, 1), (1, 0), (0, 0), (2, 0)]);
    assert_eq!(found.columns, ["id", "penalty", "extra", "name"]);
    assert_eq!(found.rows[2].values[2], Value::Json("{\"deep\":[1]}".into()));
    assert_eq!(found.rows[4].values, [Value::Csv("9".into()), Value::Null, Value::Null, Value::Csv("x".into())]);
    assert!(
        found.notes.iter().any(|note| note.contains("c.csv") && note.contains("no column penalty")),
        "{:?}",
        found.notes
    );
}

#[test]
fn what_is_damaged_is_left_out_as_a_whole_and_named() {
    let place = tempfile::tempdir().unwrap();
    let mut random = random(5);
    let files: Vec<Vec<Line>> = (0..3).map(|_| lines(&mut random, 900)).collect();
    let paths: Vec<PathBuf> = (0..3).map(|i| place.path().join(format!("{i}.parquet"))).collect();
    for (path, lines) in paths.iter().zip(&files) {
        write_parquet(path, lines, &mut random);
    }
    let mut bytes = fs::read(&paths[1]).unwrap();
    let length = bytes.len();
    bytes.truncate(length - 100);
    fs::write(&paths[1], &bytes).unwrap();
    let without = [files[0].clone(), files[2].clone()];
    let expected = sorted(&without, &|_| true, &|line| line.real, true);
    let found = ask(&query("real", true, 100, &[], 2), &paths);
    assert_eq!(places(&found), expected[..100]);
    assert_eq!(found.files, [paths[0].clone(), paths[2].clone()]);
    assert!(found.faults.len() == 1 && found.faults[0].to_string().contains("1.parquet"), "{:?}", found.faults);
    // Text: a number that is none, in a line that may win or not.
    let text = place.path().join("3.csv");
    fs::write(&text, "whole,real,name\n1,2,a\n1,zwei,b\n").unwrap();
    let found = ask(&query("real", true, 100, &[], 2), &[paths[0].clone(), text.clone(), paths[2].clone()]);
    assert_eq!(places(&found), expected[..100]);
    let said = found.faults[0].to_string();
    assert!(said.contains("3.csv:3: found") || said.contains("3.csv:3: `zwei`, expected a number"), "{said}");
    assert!(matches!(find(&query("real", true, 1, &[], 1), &[text], &Unwatched), Err(Refused::Damaged(_))));
}

#[test]
fn damaged_bytes_anywhere_never_panic_and_give_the_same_for_any_number_of_threads() {
    let place = tempfile::tempdir().unwrap();
    for seed in 0..150 {
        let mut random = random(1_000 + seed);
        let files: Vec<Vec<Line>> = (0..2).map(|_| lines(&mut random, 400)).collect();
        let paths: Vec<PathBuf> = (0..2).map(|i| place.path().join(format!("{seed}-{i}.parquet"))).collect();
        for (path, lines) in paths.iter().zip(&files) {
            write_parquet(path, lines, &mut random);
        }
        let mut bytes = fs::read(&paths[0]).unwrap();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(4..bytes.len() - 8);
            bytes[at] = random.random();
        }
        fs::write(&paths[0], bytes).unwrap();
        let found: Vec<_> = [1, 2, 4]
            .map(|threads| find(&query("real", true, 5, &["whole < 9"], threads), &paths, &Unwatched))
            .into_iter()
            .map(|found| found.map(|found| (places(&found), found.faults)))
            .collect();
        assert_eq!(found[0], found[1], "seed {seed}");
        assert_eq!(found[0], found[2], "seed {seed}");
    }
}

#[test]
fn a_line_that_is_still_being_written_is_left_out_and_the_rest_counts() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.jsonl");
    fs::write(&path, "{\"penalty\":2}\n{\"penalty\":1}\n{\"pena").unwrap();
    let found = ask(&query("penalty", false, 5, &[], 1), std::slice::from_ref(&path));
    assert_eq!(places(&found), [(0, 1), (0, 0)]);
    assert!(found.faults.is_empty() && found.notes[0].contains("a.jsonl:3: the last line is not finished"));
    fs::write(&path, "{\"penalty\":2}\n{\"pena\n{\"penalty\":1}\n").unwrap();
    let refused = find(&query("penalty", false, 5, &[], 1), &[path], &Unwatched).unwrap_err().to_string();
    assert!(refused.contains("a.jsonl:2"), "{refused}");
}

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.parquet");
    write_parquet(&path, &lines(&mut random(1), 20), &mut random(1));
    let refused = |by: &str, filter: &[&str]| {
        find(&query(by, true, 5, filter, 1), std::slice::from_ref(&path), &Unwatched).unwrap_err().to_string()
    };
    assert_eq!(refused("cost", &[]), "no file has a column cost, expected one of whole, real, name");
    assert!(refused("name", &[]).contains("the column name holds text, expected numbers"));
    assert!(refused("real", &["gap = 1"]).contains("no file has a column gap"));
    assert!(refused("real", &["whole = done"]).contains("the column whole holds numbers, expected text"));
    let small =
        experiments::top::Query { memory: memguard::Bytes::mb(20), n: 1_000_000, ..query("real", true, 1, &[], 1) };
    let refused = find(&small, &[path], &Unwatched).unwrap_err().to_string();
    assert!(refused.contains("20.0 MB") && refused.contains("--memory"), "{refused}");
}

#[test]
fn who_stops_it_has_the_best_so_far() {
    struct AtOnce;
    impl Watch for AtOnce {
        fn is_cancelled(&self) -> bool {
            true
        }
        fn progress(&self, _: &Progress) {}
    }
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.csv");
    let rows: String = (0..2_000_000).map(|i| format!("{i}\n")).collect();
    fs::write(&path, format!("x\n{rows}")).unwrap();
    let found = find(&query("x", true, 3, &[], 1), &[path], &AtOnce).unwrap();
    assert!(found.interrupted && found.scanned < 2_000_000, "{}", found.scanned);
    assert!(found.rows.len() <= 3);
}

#[test]
fn lines_that_there_is_no_room_to_keep_are_read_again() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.jsonl.zst");
    let wide = "y".repeat(20_000);
    let rows: String = (0..2_000).map(|i| format!("{{\"x\":{},\"wide\":\"{wide}\"}}\n", i * 7 % 2_003)).collect();
    fs::write(&path, zstd::encode_all(rows.as_bytes(), 1).unwrap()).unwrap();
    let tight = experiments::top::Query { memory: memguard::Bytes::mb(60), ..query("x", true, 500, &[], 1) };
    let found = ask(&tight, std::slice::from_ref(&path));
    let wide = experiments::top::Query { memory: memguard::Bytes::mb(600), ..query("x", true, 500, &[], 1) };
    assert_eq!(found.rows, ask(&wide, &[path]).rows);
    assert_eq!(found.rows[0].values[0], Value::Json("2002".into()));
}

#[test]
fn what_would_take_more_memory_than_the_bound_leaves_is_refused_before_it_is_read() {
    let place = tempfile::tempdir().unwrap();
    let tight = experiments::top::Query { memory: memguard::Bytes::mb(24), ..query("x", true, 5, &[], 1) };
    let refused = |path: &Path| match find(&tight, &[path.to_owned()], &Unwatched) {
        Err(why) => why.to_string(),
        Ok(found) => panic!("{found:?}"),
    };
    // A line of 40 MB out of some kB.
    let long = place.path().join("long.jsonl.zst");
    let text = format!("{{\"x\":1}}\n{{\"x\":2,\"y\":\"{}\"}}\n", "y".repeat(40_000_000));
    fs::write(&long, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
    assert!(refused(&long).contains("long.jsonl.zst:2: a line of more than"), "{}", refused(&long));
    // A window of 128 MB.
    let window = place.path().join("window.csv.zst");
    let mut out = zstd::stream::write::Encoder::new(fs::File::create(&window).unwrap(), 1).unwrap();
    out.window_log(27).unwrap();
    std::io::Write::write_all(&mut out, format!("x\n{}", "1\n".repeat(9_000_000)).as_bytes()).unwrap();
    out.finish().unwrap();
    assert!(refused(&window).contains("a window larger than the memory bound leaves"), "{}", refused(&window));
    // A page that unpacks to 16 MB: one number, many times.
    let page = place.path().join("page.parquet");
    rows::write_one_page(&page, 2_000_000);
    assert!(
        refused(&page).contains("page.parquet") && refused(&page).contains("bytes where the memory bound leaves"),
        "{}",
        refused(&page)
    );
    assert_eq!(ask(&query("x", true, 5, &[], 1), &[page]).rows.len(), 5);
}

#[test]
fn there_are_as_many_threads_as_the_memory_bound_allows() {
    struct Told(std::sync::Mutex<usize>);
    impl Watch for Told {
        fn begins(&self, plan: &experiments::top::Plan) {
            *self.0.lock().unwrap() = plan.threads;
        }
    }
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.tsv");
    fs::write(&path, "x\ty\n1\t2\n\t\n3\t\n").unwrap();
    let told = Told(std::sync::Mutex::new(0));
    let many = experiments::top::Query { memory: memguard::Bytes::mb(64), ..query("x", true, 9, &[], 64) };
    let found = find(&many, &[path], &told).unwrap();
    assert_eq!(places(&found), [(0, 2), (0, 0), (0, 1)]);
    assert!((2..64).contains(&*told.0.lock().unwrap()), "{}", told.0.lock().unwrap());
}
