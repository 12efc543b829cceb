use super::document::{Part, Table as Shown};
use super::*;
use crate::columns::filter::Filter;
use crate::top::Unwatched;
use std::{collections::BTreeMap, fs, path::Path};

fn question(by: &str, threads: usize) -> Question {
    Question {
        title: "T".into(),
        by: vec![by.into()],
        descending: false,
        axes: None,
        within: None,
        seed: None,
        costs: None,
        filter: Filter::parse(&[]).unwrap(),
        threads,
        memory: memguard::Bytes::mb(512),
    }
}

fn of(question: &Question, files: &[&Path]) -> Report {
    let files: Vec<PathBuf> = files.iter().map(|file| file.to_path_buf()).collect();
    report(question, &files, &Unwatched).unwrap_or_else(|e| panic!("{e}")).expect("not stopped")
}

/// The first table whose caption begins so.
fn table<'a>(report: &'a Report, caption: &str) -> &'a Shown {
    let tables =
        report.document.parts.iter().filter_map(|part| if let Part::Table(table) = part { Some(table) } else { None });
    tables.into_iter().find(|table| table.caption.starts_with(caption)).unwrap_or_else(|| panic!("no table {caption}"))
}

fn texts(report: &Report) -> String {
    let text = |part: &Part| if let Part::Text(text) = part { format!("{text}\n") } else { String::new() };
    report.document.parts.iter().map(text).collect()
}

/// Two instances, one hard and one easy; `a` is better than `b` on both, and `fast` does not
/// matter.
const SMALL: &str = "instance,seed,method,speed,penalty,ms
easy,1,a,fast,1,10
easy,1,b,fast,3,20
easy,2,a,slow,2,10
easy,2,b,slow,4,20
hard,1,a,fast,100,30
hard,1,b,fast,300,40
hard,2,a,slow,200,30
hard,2,b,slow,,40
";

#[test]
fn a_small_table_is_what_counting_by_hand_gives() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("a.csv");
    fs::write(&file, SMALL).unwrap();
    let report = of(&question("penalty", 2), &[&file]);
    // Of the four easy ones 1 beats the three others and half of itself, 3.5 of 4, 2 beats 2.5;
    // together 75 %; 3 and 4 beat 1.5 and 0.5. The one without a penalty is the worst of the hard
    // ones, so they are the same.
    let method = table(&report, "method:");
    assert_eq!(method.names[..4], ["value", "n", "of all", "beats (mean)"]);
    assert_eq!(method.rows[0][..4], ["a", "4", "50.0 %", "75.0 %"]);
    assert_eq!(method.rows[1][..4], ["b", "4", "50.0 %", "25.0 %"]);
    // The best 1 %, 5 %, 10 % and 25 % of four are one, of each instance, and both are of `a`; the
    // best 50 % are all of `a`.
    assert_eq!(method.rows[0][4..9], ["100.0 % ×2.00"; 5].map(String::from));
    assert_eq!(method.rows[2][0], "effective number of values");
    assert_eq!((method.rows[2][2].as_str(), method.rows[2][4].as_str()), ("2.0", "1.0"));
    // `fast` has 3.5, 1.5, 3.5, 1.5 of 4, mean 62.5 %.
    let speed = table(&report, "speed:");
    assert_eq!(speed.rows[0][..4], ["fast", "4", "50.0 %", "62.5 %"]);
    let text = texts(&report);
    assert!(text.contains("8 of 8 rows in 1 file") && text.contains("1 rows have no penalty"), "{text}");
    // Mean cost of `a` is 20, of `b` 30, and `a` is better: `a` alone is the front, with `fast`,
    // which beats more at the same cost.
    let front = table(&report, "The front of ms");
    assert_eq!(front.rows, [["20", "87.5 %", "2", "2", "a", "fast"].map(String::from)]);
    // a and fast: 87.5 %, as one would expect of 75 and 62.5 with a mean of 50.
    let pairs = table(&report, "The 4 clearest");
    let both = pairs.rows.iter().find(|row| row[0] == "method = a, speed = fast").unwrap();
    assert_eq!(both[1..5], ["2", "87.5 %", "87.5 %", "+0.0"].map(String::from));
    // Four blocks, and `a` is first in each of them: χ² = 4, p = 0.0455.
    assert!(text.contains("4 blocks, 2 values: χ² = 4.00 with 1 degree of freedom, p = 0.0455"), "{text}");
    assert_eq!(
        table(&report, "method: mean ranks").rows,
        [["a", "1.00"], ["b", "2.00"]].map(|row| row.map(String::from).to_vec())
    );
    let best = table(&report, "The best row of each instance");
    assert_eq!(best.rows[1], ["hard", "4", "100", "a", "fast"].map(String::from));
}

#[test]
fn a_report_is_the_same_for_any_number_of_threads_and_files_and_for_any_format() {
    let place = tempfile::tempdir().unwrap();
    let (names, rows) = SMALL.split_once('\n').unwrap();
    let mut parts = Vec::new();
    for (i, rows) in rows.lines().collect::<Vec<_>>().chunks(3).enumerate() {
        let path = place.path().join(format!("{i}.csv.zst"));
        let text = format!("{names}\n{}\n", rows.join("\n"));
        fs::write(&path, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
        parts.push(path);
    }
    let whole = place.path().join("whole.jsonl");
    let object = |row: &str| {
        let fields: Vec<String> = names
            .split(',')
            .zip(row.split(','))
            .map(|(name, value)| match value.parse::<i64>() {
                Ok(number) => format!("\"{name}\":{number}"),
                Err(_) if value.is_empty() => format!("\"{name}\":null"),
                Err(_) => format!("\"{name}\":\"{value}\""),
            })
            .collect();
        format!("{{{}}}\n", fields.join(","))
    };
    fs::write(&whole, rows.lines().map(object).collect::<String>()).unwrap();
    let parts: Vec<&Path> = parts.iter().map(PathBuf::as_path).collect();
    let report = |threads| of(&question("penalty", threads), &parts);
    let one = report(1);
    assert_eq!(one.document, report(3).document);
    let json = of(&question("penalty", 1), &[&whole]);
    for caption in
        ["method:", "speed:", "The front of ms", "The 4 clearest", "method: mean ranks", "The best row of each"]
    {
        assert_eq!(table(&one, caption), table(&json, caption));
    }
}

#[test]
fn what_a_row_beats_is_nearly_right_where_there_are_more_rows_than_can_be_compared() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("a.csv");
    // 40,000 different keys, most of them close together; one value in eight has the lower half of
    // the rest.
    let n = 40_000_u64;
    let key = |i: u64| (i * 7_919 % n).pow(3);
    let rows: String = (0..n).map(|i| format!("{},v{}\n", key(i), i % 8)).collect();
    fs::write(&file, format!("x,name\n{rows}")).unwrap();
    let report = of(&question("x", 2), &[&file]);
    let mut expected: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for i in 0..n {
        let place = i * 7_919 % n;
        let (sum, count) = expected.entry(format!("v{}", i % 8)).or_default();
        *sum += (n - place) as f64 - 0.5;
        *count += 1.0;
    }
    for row in &table(&report, "name:").rows[..8] {
        let (sum, count) = expected[&row[0]];
        let shown: f64 = row[3].trim_end_matches(" %").parse().unwrap();
        assert!((shown - 100.0 * sum / count / n as f64).abs() < 0.06, "{row:?}");
    }
    assert!(texts(&report).contains("a hundredth of a percent"));
}

#[test]
fn what_is_damaged_is_left_out_and_said_and_what_makes_no_sense_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let [good, bad] = ["good.csv", "bad.csv"].map(|name| place.path().join(name));
    fs::write(&good, SMALL).unwrap();
    fs::write(&bad, SMALL.replace(",300,", ",viele,")).unwrap();
    let report = of(&question("penalty", 2), &[&good, &bad]);
    assert_eq!((report.rows, report.faults.len()), (8, 1));
    assert!(
        texts(&report).contains("Left out: ") && report.faults[0].to_string().contains("`viele`"),
        "{}",
        report.faults[0]
    );
    let refused = |question: &Question| report_error(question, &good);
    assert!(refused(&Question { by: Vec::new(), ..question("", 1) }).contains("--by COLUMN"));
    assert!(refused(&question("cost", 1)).contains("no file has a column cost"));
    let axes = Question { axes: Some(vec!["gap".into()]), ..question("penalty", 1) };
    assert!(refused(&axes).contains("no file has a column gap"));
    let tight = Question { memory: memguard::Bytes::mb(20), ..question("penalty", 1) };
    assert!(refused(&tight).contains("--memory"));
    assert!(refused(&question("method", 1)).contains("`a` in column method, expected a number"));
    let nothing = Question { filter: Filter::parse(&["ms > 1000".into()]).unwrap(), ..question("penalty", 64) };
    let empty = of(&nothing, &[&good]);
    assert!(empty.rows == 0 && texts(&empty).contains("0 of 8 rows"), "{}", texts(&empty));
}

fn report_error(question: &Question, file: &Path) -> String {
    report(question, &[file.to_owned()], &Unwatched).err().map_or("nothing is refused".into(), |why| why.to_string())
}

#[test]
fn an_axis_of_many_numbers_is_taken_in_parts_and_one_of_many_names_is_left_out() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("a.csv");
    let rows: String = (0..1_000).map(|i| format!("{i},{},n{i}\n", f64::from(i) / 10.0)).collect();
    fs::write(&file, format!("x,width,name\n{rows}")).unwrap();
    let axes = Some(vec!["width".into(), "name".into()]);
    let report = of(&Question { axes, ..question("x", 1) }, &[&file]);
    let width = table(&report, "width:");
    assert_eq!(width.rows.len(), 11);
    assert_eq!(width.rows[0][..4], ["0 to 9.99", "100", "10.0 %", "95.0 %"]);
    assert!(texts(&report).contains("name has more than 256 values"));
}
