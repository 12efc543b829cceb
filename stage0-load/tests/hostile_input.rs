//! Whatever bytes come: an answer, never a panic, never without bound.

use proptest::prelude::*;
use stage0_load::{Faults, Limits, Source, load_from};
use std::io::{Cursor, Read, Write as _};
use std::path::Path;
use timetable::Problem;

const SMALL: [&[u8]; 3] =
    [include_bytes!("data/small.xml"), include_bytes!("data/small.ctt"), include_bytes!("data/small.tim")];

fn load_reader(reader: Box<dyn Read>, limits: Limits) -> Result<Problem, Faults> {
    load_from(Source::new(Path::new("input"), reader, limits)?, None)
}

fn load(bytes: Vec<u8>) -> Result<Problem, Faults> {
    load_reader(Box::new(Cursor::new(bytes)), Limits::default())
}

/// One change of a file.
#[derive(Clone, Debug)]
enum Change {
    Truncate(usize),
    Set(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Insert(usize, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let text = prop::sample::select(vec![
        "-1",
        "0",
        "4294967296",
        "99999999999999999999",
        "1e9",
        " ",
        "\n",
        "\"",
        "<",
        ">",
        "/>",
        "&",
        "&amp;",
        "&x;",
        "<a>",
        "<!--",
        "<![CDATA[",
        "]]>",
        "<?x?>",
        "END.",
        ":",
        "\u{0}",
        "é",
        "(",
        ")",
        ",",
        "<class id=\"1\"/>",
        "id=\"1\" ",
    ]);
    prop_oneof![
        1 => any::<usize>().prop_map(Change::Truncate),
        4 => (any::<usize>(), any::<u8>()).prop_map(|(i, b)| Change::Set(i, b)),
        2 => (any::<usize>(), 1..40usize).prop_map(|(i, n)| Change::Remove(i, n)),
        2 => (any::<usize>(), 1..400usize).prop_map(|(i, n)| Change::Repeat(i, n)),
        4 => (any::<usize>(), text).prop_map(|(i, t)| Change::Insert(i, t)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let len = bytes.len();
    let at = |i: usize| if len == 0 { 0 } else { i % len };
    match *change {
        Change::Truncate(i) => bytes.truncate(at(i)),
        Change::Set(i, b) if len > 0 => bytes[at(i)] = b,
        Change::Set(..) => {}
        Change::Remove(i, n) => drop(bytes.drain(at(i)..(at(i) + n).min(len))),
        Change::Repeat(i, n) => {
            let piece = bytes[at(i)..(at(i) + n).min(len)].to_vec();
            bytes.splice(at(i)..at(i), piece);
        }
        Change::Insert(i, text) => drop(bytes.splice(at(i)..at(i), text.bytes())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_load_or_are_refused_but_never_panic(which in 0..3usize, changes in prop::collection::vec(change(), 1..6)) {
        let mut bytes = SMALL[which].to_vec();
        for c in &changes {
            apply(&mut bytes, c);
        }
        match load(bytes) {
            Ok(problem) => drop(stage0_load::findings(&problem, None)),
            Err(faults) => {
                prop_assert!(!faults.list().is_empty());
                prop_assert!(faults.list().is_sorted_by_key(|f| f.line));
            }
        }
    }

    #[test]
    fn changed_compressed_files_never_panic(which in 0..3usize, zst in any::<bool>(), changes in prop::collection::vec(change(), 1..3)) {
        let mut bytes = if zst { zstd::encode_all(SMALL[which], 1).expect("packed") } else { gzip(SMALL[which]) };
        for c in &changes {
            apply(&mut bytes, c);
        }
        drop(load(bytes));
    }

    #[test]
    fn changed_solutions_never_panic(which in 0..3usize, changes in prop::collection::vec(change(), 1..6)) {
        let problem = load(SMALL[which].to_vec()).expect("it loads");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("solution");
        stage0_load::write_solution(&problem, &first_choices(&problem), &path, &Default::default()).expect("written");
        let mut bytes = std::fs::read(&path).expect("read");
        for c in &changes {
            apply(&mut bytes, c);
        }
        std::fs::write(&path, bytes).expect("written");
        if let Ok(timetable) = stage0_load::read_solution(&problem, &path) {
            prop_assert_eq!(timetable.fits(&problem), Ok(()));
        }
    }
}

fn first_choices(p: &Problem) -> timetable::Timetable {
    let mut t = timetable::Timetable::empty(p);
    for class in p.class_ids() {
        let room = if p.rooms_of(class).is_empty() { timetable::Placement::NO_ROOM } else { 0 };
        t.placements[class.index()] = timetable::Placement { time: 0, room };
    }
    stage0_load::enrol_where_there_is_no_choice(p, &mut t);
    t
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut w = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    w.write_all(bytes).expect("memory takes all");
    w.finish().expect("memory takes all")
}

/// The one fault that loading brings.
fn only_fault(result: Result<Problem, Faults>) -> String {
    let faults = result.expect_err("a fault");
    assert_eq!(faults.list().len(), 1, "{faults}");
    faults.to_string()
}

#[test]
fn a_decompression_bomb_is_refused_by_its_ratio() {
    let mut w = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("an encoder");
    let mut lines = vec![b' '; 1 << 20];
    lines[0] = b'\n';
    for _ in 0..300 {
        w.write_all(&lines).expect("memory takes all");
    }
    let bomb = w.finish().expect("memory takes all");
    assert!(bomb.len() < 100_000);
    let source =
        Source::new(Path::new("input"), Box::new(Cursor::new(bomb)), Limits::default()).expect("it begins well");
    let fault = only_fault(load_from(source, Some(timetable::Format::CbCtt)));
    assert!(
        fault.ends_with(
            "compressed data that grows more than 500 times, expected an input that is not a decompression bomb"
        ),
        "{fault}"
    );
}

/// Few bytes that say much: possible times, rooms, travel, attendances, names.
#[test]
fn small_files_of_much_memory_are_refused() {
    let zst = |text: &str| zstd::stream::encode_all(text.as_bytes(), 1).expect("memory takes all");
    let ctt = |courses: String, rest: &str| {
        let n = courses.lines().count();
        format!(
            "Name: n\nCourses: {n}\nRooms: 1\nDays: 16\nPeriods_per_day: 64\nCurricula: 0\nConstraints: 0\n\
             COURSES:\n{courses}ROOMS:\nr 1\nCURRICULA:\n{rest}UNAVAILABILITY_CONSTRAINTS:\nEND.\n"
        )
    };
    let lectures = ctt((0..48).map(|c| format!("c{c} t 900 1 1\n")).collect(), "");
    let rows = ctt("c t 1 1 1\n".repeat(2_000_000), "");
    let members = ctt("c t 1 1 1\n".into(), &format!("q 1 {}\n", "c ".repeat(7_000_000)).repeat(2));
    let events = format!("1000 50000 0 0\n{}", "1\n".repeat(50_000 + 45_000) + &"0\n".repeat(1_000_000));
    let attended = format!("5000 1 0 900\n1\n{}", "1 ".repeat(5_000).repeat(900));
    let rooms: String = (0..16_000).map(|r| format!("<room id=\"{r}\" capacity=\"1\"/>")).collect();
    let travel = format!(
        "<problem name=\"n\" nrDays=\"1\" slotsPerDay=\"1\" nrWeeks=\"1\"><optimization time=\"1\" room=\"1\" distribution=\"1\" \
         student=\"1\"/><rooms>{rooms}<room id=\"x\" capacity=\"1\"><travel room=\"1\" value=\"1\"/></room></rooms><courses/></problem>"
    );
    for (what, text) in [
        ("lectures", lectures),
        ("rows", rows),
        ("members", members),
        ("events", events),
        ("attended", attended),
        ("travel", travel),
    ] {
        let bytes = zst(&text);
        assert!(bytes.len() < 64 << 10, "{what}: {} bytes", bytes.len());
        let fault = load(bytes).expect_err(what).to_string();
        assert!(fault.contains("something so large that it takes "), "{what}: {fault}");
    }
}

#[test]
fn an_input_beyond_the_limit_of_bytes_is_refused() {
    let limits = Limits { bytes: 100_000, ..Limits::default() };
    for bytes in [gzip(&vec![b' '; 200_000]), vec![b' '; 200_000]] {
        let source = Source::new(Path::new("input"), Box::new(Cursor::new(bytes)), limits);
        let fault = only_fault(source.and_then(|s| load_from(s, Some(timetable::Format::Itc2019))));
        assert!(fault.ends_with("more than 100000 bytes, expected an input within the limit"), "{fault}");
    }
}

#[test]
fn a_tag_a_line_or_a_number_without_end_is_refused() {
    for (start, format) in [("<problem name=\"", "Itc2019"), ("Name: ", "CbCtt"), ("1", "PeCtt")] {
        let endless = Box::new(Cursor::new(start).chain(std::io::repeat(b'1')));
        let fault = only_fault(load_reader(endless, Limits::default()));
        assert_eq!(fault, "input:1: a line or tag longer than 16777216 bytes, expected shorter ones", "{format}");
    }
}

#[test]
fn a_thousand_faults_are_kept_and_the_others_counted() {
    let text = String::from_utf8(SMALL[0].to_vec()).expect("text");
    let many = "<class id=\"none\"/>".repeat(5000);
    let broken = text.replacen("<class id=\"4\"/>", &many, 1);
    let faults = load(broken.into_bytes()).expect_err("faults");
    assert_eq!((faults.list().len(), faults.dropped), (1000, 4000));
}

#[test]
fn a_folder_or_a_missing_file_is_a_fault_not_a_panic() {
    let missing = stage0_load::load(Path::new("no/such/file")).expect_err("a fault");
    assert!(missing.to_string().starts_with("no/such/file: the file cannot be opened: "), "{missing}");
    let folder = tempfile::tempdir().expect("a folder");
    assert!(stage0_load::load(folder.path()).is_err());
    assert!(stage0_load::load_as(folder.path(), timetable::Format::Itc2019).is_err());
}
