//! Files as spreadsheets and other programs write them: what is read, and what is said of it.

mod csv_support;
mod said;

use csv_support::{Folder, example};
use said::said;
use stage0_load::{load, load_leniently, read_solution};
use std::{fs, path::Path};
use timetable::Problem;

fn data(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).expect("the file")
}

fn hash(problem: &Problem) -> String {
    format!("{:?}", problem.block().hash())
}

/// What is read of bytes in a file of that name, and what is said.
fn read(name: &str, bytes: &[u8]) -> (Result<Problem, String>, Vec<String>) {
    let folder = Folder::new();
    folder.write(name, bytes);
    let (read, lines) = said(folder.path(), || load(&folder.path().join(name)));
    let place = format!("{}/", folder.path().display());
    (read.map_err(|faults| faults.to_string().replace(&place, "")), lines)
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Latin-1 of a text that has no other characters.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect()
}

#[test]
fn utf_16_latin_1_and_line_ends_of_cr_alone_are_read_and_the_encoding_is_said_once() {
    for name in ["small.xml", "small.ctt", "small.tim"] {
        let text = data(name);
        let expected = hash(&read(name, text.as_bytes()).0.expect("it loads"));
        let (problem, lines) = read(name, &utf16(&text));
        assert_eq!(hash(&problem.expect(name)), expected);
        assert_eq!(lines, [format!("{name}: read as UTF-16, for it is not UTF-8")]);
        let (problem, lines) = read(name, text.replace('\n', "\r").as_bytes());
        assert_eq!((hash(&problem.expect(name)), lines.len()), (expected, 0), "{name}");
    }
    let umlaut = data("small.ctt").replace("Toy", "Größe");
    let (problem, lines) = read("small.ctt", &latin(&umlaut));
    let problem = problem.expect("it loads");
    assert_eq!(problem.name(problem.meta().name), "Größe");
    assert_eq!(lines, ["small.ctt: read as Latin-1 (windows-1252), for it is not UTF-8"]);
}

#[test]
fn a_folder_of_any_encoding_is_the_same_folder_and_one_line_names_the_files() {
    let folder = example();
    let names = ["calendar.toml", "courses.csv", "teachers.csv", "students.csv"];
    let texts = names.map(|name| {
        let text = String::from_utf8(folder.read(name)).expect("text").replace("Ann Archer", "Änne Ärcher");
        folder.write(name, text.as_bytes());
        text
    });
    let expected = hash(&load(folder.path()).expect("it loads"));
    for (name, text) in names.iter().zip(&texts) {
        folder.write(name, &utf16(text));
    }
    let (problem, lines) = said(folder.path(), || load(folder.path()).expect("it loads"));
    assert_eq!(hash(&problem), expected);
    assert_eq!(
        lines,
        [
            "calendar.toml: read as UTF-16, for it is not UTF-8",
            "read as UTF-16, for they are not UTF-8: teachers.csv, students.csv, courses.csv"
        ]
    );
    for (name, text) in names.iter().zip(&texts) {
        folder.write(name, &latin(&text.replace('\n', "\r")));
    }
    let (problem, lines) = said(folder.path(), || load(folder.path()).expect("it loads"));
    assert_eq!(hash(&problem), expected);
    assert_eq!(lines, ["read as Latin-1 (windows-1252), for they are not UTF-8: teachers.csv"]);
}

#[test]
fn a_line_that_names_the_separator_and_columns_without_a_name_change_nothing() {
    let folder = example();
    let expected = hash(&load(folder.path()).expect("it loads"));
    let rooms = "id,capacity,features\nR1,30,\nL1,24,\"lab;projector\"\n";
    let with = |text: &str| {
        folder.write("rooms.csv", text.as_bytes());
        said(folder.path(), || load(folder.path()).map(|p| hash(&p)).map_err(|e| folder.messages(&e)))
    };
    let separated = |sep: &str, first: &str| format!("{first}\r\n{}", rooms.replace(',', sep).replace('\n', "\r\n"));
    for (sep, first) in [(";", "sep=;"), (",", "SEP=,"), ("\t", "sep=\t"), (";", "\"sep=;\""), ("|", "sep=|")] {
        assert_eq!(with(&separated(sep, first)), (Ok(expected.clone()), vec![]), "{first:?}");
    }
    for text in [
        "id,capacity,features,,,\nR1,30,,,,\nL1,24,\"lab;projector\",,,\n",
        ",id,,capacity,features\n,R1,,30,\n,L1,, 24,\"lab;projector\"\n",
        "id,capacity,features\nR1,30,,,\nL1,24,\"lab;projector\", ,\n",
        "id,capacity,features,,\nR1,30,\nL1,24,\"lab;projector\"\n",
    ] {
        assert_eq!(with(text), (Ok(expected.clone()), vec![]), "{text}");
    }
    // The header is the second line now.
    let faults = with("sep=;\nid;capacity;size\nR1;30;\nL1;24;9\n").0.expect_err("a fault");
    assert_eq!(
        faults,
        [
            "rooms.csv:2: column \"size\", expected one of id, capacity, features, unavailable, or a name that begins with #"
        ]
    );
    let faults = with("id,capacity,,\nR1,30,,\nL1,24,lab,\n").0.expect_err("a fault");
    assert_eq!(
        faults,
        [
            "rooms.csv:3: a cell \"lab\" in column 3, which has no name, expected a name in the first line, or empty cells"
        ]
    );
}

#[test]
fn numbers_and_times_as_spreadsheets_write_them_are_read_and_what_may_be_thousands_is_not() {
    let folder = example();
    let expected = hash(&load(folder.path()).expect("it loads"));
    let with = |name: &str, text: &str| {
        let before = folder.read(name);
        folder.write(name, text.as_bytes());
        let read = load(folder.path()).map(|p| hash(&p)).map_err(|e| folder.messages(&e));
        folder.write(name, &before);
        read
    };
    for capacity in ["30.0", "30.00", "\"30,0\"", "\"30,00\""] {
        let rooms = format!("id,capacity,features\nR1,{capacity},\nL1,24,lab;projector\n");
        assert_eq!(with("rooms.csv", &rooms), Ok(expected.clone()), "{capacity}");
    }
    for capacity in ["30.000", "30.5", ".0", "30.0.0", "-30.0"] {
        let rooms = format!("id,capacity,features\nR1,{capacity},\nL1,24,lab;projector\n");
        let faults = with("rooms.csv", &rooms).expect_err(capacity);
        assert_eq!(faults, [format!("rooms.csv:2: capacity {capacity:?}, expected a whole number from 0 to 1000000")]);
    }
    for (start, section) in [("09:00:00", "2.0"), ("9:00", "2"), ("9:00:00 AM", "2.00")] {
        let fixed = format!("course,section,session,days,start,room\nBIO1,{section},1.0,Tue,{start},R1\n");
        assert_eq!(with("fixed.csv", &fixed), Ok(expected.clone()), "{start}");
    }
}

#[test]
fn a_file_of_a_folder_means_the_folder() {
    let folder = example();
    let expected = hash(&load(folder.path()).expect("it loads"));
    folder.compress("rooms.csv");
    for name in ["courses.csv", "calendar.toml", "rooms.csv.zst"] {
        assert_eq!(hash(&load(&folder.path().join(name)).expect(name)), expected);
    }
    // One that is none of them is a file.
    folder.write("clubs.csv", b"id,name\n");
    assert!(load(&folder.path().join("clubs.csv")).is_err());
    let alone = Folder::new();
    alone.write("rooms.csv", b"id,capacity\nR1,3\n");
    let fault = load(&alone.path().join("rooms.csv")).expect_err("no folder").to_string();
    assert!(fault.contains("no timetabling file: it begins with \"id,capacity\""), "{fault}");
}

#[test]
fn files_that_are_there_and_not_read_are_named() {
    let folder = example();
    folder.write("Fixed.csv", &folder.read("fixed.csv"));
    folder.remove("fixed.csv");
    folder.write("rules.txt", b"x");
    let (_, lines) = said(folder.path(), || load(folder.path()).expect("it loads"));
    assert_eq!(lines.len(), 2, "{lines:?}");
    let expected = "not read: Fixed.csv (is it fixed.csv?), rules.txt (is it rules.toml?)";
    assert!(lines[0].ends_with(expected), "{lines:?}");
    assert!(lines[1].starts_with("Maybe rename: what is read is calendar.toml, "), "{lines:?}");
}

const LANTERN: &str = "Name: Lantern\nCourses: 3\nRooms: 2\nDays: 5\nPeriods_per_day: 4\nCurricula: 1\n\
    Min_Max_Daily_Lectures: 2 3\nUnavailabilityConstraints: 1\nRoomConstraints: 1\n\nCOURSES:\n\
    Opt ilse 3 2 24 1\nAlg jory 4 3 31 0\nSem kato 2 2 12 1\n\nROOMS:\nP1 30 0\nP2 40 1\n\nCURRICULA:\n\
    F1 2 Opt Alg\n\nUNAVAILABILITY_CONSTRAINTS:\nOpt 0 0\n\nROOM_CONSTRAINTS:\nAlg P1\n\nEND.\n";

/// The same in the plain format.
fn plain(text: &str) -> String {
    let text = text.replace("Min_Max_Daily_Lectures: 2 3\nUnavailabilityConstraints", "Constraints");
    let text = text.replace("RoomConstraints: 1\n", "").replace("ROOM_CONSTRAINTS:\nAlg P1\n\n", "");
    let cut = |line: &str| line.rsplit_once(' ').expect("fields").0.to_owned();
    let lines = text.lines().map(|line| match line.split(' ').next() {
        Some("Opt" | "Alg" | "Sem") if line.split(' ').count() == 6 => cut(line),
        Some("P1" | "P2") => cut(line),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_extended_format_of_udine_is_read_as_the_part_that_cb_ctt_has() {
    let (problem, lines) = read("lantern.ectt", LANTERN.as_bytes());
    let (same, nothing) = read("lantern.ctt", plain(LANTERN).as_bytes());
    assert_eq!(hash(&problem.expect("it loads")), hash(&same.expect("it loads")));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("the extended format of Udine (.ectt) is read as CB-CTT (UD2)"), "{lines:?}");
    assert!(nothing.is_empty(), "{nothing:?}");
    // Without constraints of rooms, and without a section for them.
    let none = LANTERN.replace("RoomConstraints: 1", "RoomConstraints: 0").replace("Alg P1\n", "");
    assert!(read("a.ectt", none.as_bytes()).0.is_ok());
    assert!(read("a.ectt", none.replace("ROOM_CONSTRAINTS:\n", "").as_bytes()).0.is_ok());
    let missing = LANTERN.replace("ROOM_CONSTRAINTS:\nAlg P1\n", "");
    assert!(read("a.ectt", missing.as_bytes()).0.expect_err("a fault").contains("no section ROOM_CONSTRAINTS"));
    let shorter = LANTERN.replace("RoomConstraints: 1\n", "").replace("ROOM_CONSTRAINTS:\nAlg P1\n", "");
    assert!(read("a.ectt", shorter.as_bytes()).0.is_ok());
}

#[test]
fn a_broken_line_of_a_ctt_is_one_fault_and_what_refers_to_it_is_not_told() {
    let text = LANTERN.replace("Opt ilse 3 2 24 1", "Opt ilse 3 2");
    let faults = read("a.ectt", text.as_bytes()).0.expect_err("a fault");
    assert_eq!(faults, "a.ectt:12: 4 fields, expected 5: course, teacher, lectures, minimum of working days, students");
    let wrong = LANTERN.replace("RoomConstraints: 1", "RoomConstraints: 4");
    let faults = read("a.ectt", wrong.as_bytes()).0.expect_err("a fault");
    assert_eq!(faults, "a.ectt:26: section ROOM_CONSTRAINTS of 1 rows, expected 4, as the header says");
}

#[test]
fn a_tim_in_the_layout_of_2002_has_all_slots_and_that_is_said() {
    let whole = data("small.tim");
    let numbers: Vec<&str> = whole.split_whitespace().collect();
    let [events, rooms, features, students] = [0, 1, 2, 3].map(|i| numbers[i].parse::<usize>().expect("a number"));
    let end = 4 + rooms + students * events + rooms * features + events * features;
    let old = numbers[..end].join("\n");
    for text in [old.clone(), old.clone() + "\n\n  \n"] {
        let (problem, lines) = read("old.tim", text.as_bytes());
        let problem = problem.expect("it loads");
        assert!(problem.class_ids().all(|class| problem.times_of(class).len() == 45));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("old.tim: the layout of 2002"), "{lines:?}");
    }
    let cut = read("cut.tim", (old + "\n1 1 1").as_bytes()).0.expect_err("a fault");
    assert!(cut.contains("the file ends before an availability of a slot"), "{cut}");
}

#[test]
fn whatever_is_no_timetabling_file_gets_one_line_that_lists_what_is_read() {
    let list = "expected ITC-2019 (XML), CB-CTT (.ctt, .ectt), PE-CTT (.tim), a folder of CSV files, \
                or a workbook (.xlsx, .ods) with their tables as sheets";
    for (name, bytes) in [
        ("letter.txt", b"Subject: your timetable\nDear colleague,\n" as &[u8]),
        ("page.html", b"<!DOCTYPE html>\n<html><body><p>404</p></body></html>"),
        ("data.json", b"{\"courses\": []}"),
        ("compose.yml", b"Name: web\nservices:\n  db: 1\n"),
        ("list.csv", b"id,name\n1,Ann\n"),
        ("report.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"),
    ] {
        let (problem, _) = read(name, bytes);
        let fault = problem.expect_err(name);
        assert_eq!((fault.lines().count(), fault.ends_with(list)), (1, true), "{fault}");
    }
}

#[test]
fn no_permission_is_told_from_not_there() {
    use std::os::unix::fs::PermissionsExt;
    let folder = example();
    let missing = load(&folder.path().join("nothing")).expect_err("nothing there").to_string();
    assert!(missing.ends_with("there is nothing of this name, expected a file that is there"), "{missing}");
    let closed = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours");
    };
    let rooms = folder.path().join("rooms.csv");
    closed(&rooms, 0o000);
    if fs::read(&rooms).is_ok() {
        return; // root may read everything; the program is tried as somebody else elsewhere
    }
    let faults = folder.messages(&load(folder.path()).expect_err("no permission"));
    assert_eq!(faults, ["rooms.csv: the file cannot be opened: no permission, expected a file that you may read"]);
    closed(folder.path(), 0o000);
    let faults = load(folder.path()).expect_err("no permission").to_string();
    closed(folder.path(), 0o755);
    assert!(faults.contains("no permission, expected a folder that you may read"), "{faults}");
}

#[test]
fn what_a_dialect_of_itc_2019_has_more_is_said_once_and_ignored() {
    let expected = hash(&read("a.xml", data("small.xml").as_bytes()).0.expect("it loads"));
    let text = data("small.xml").replace("<student id=", "<student year=\"2\" id=");
    let text = text.replacen("<rooms>", "<teachers><teacher id=\"1\"><name>Ann</name></teacher></teachers><rooms>", 1);
    let (problem, lines) = read("a.xml", text.as_bytes());
    assert_eq!(hash(&problem.expect("it loads")), expected);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("a.xml: element \"teachers\", which ITC-2019 does not have there, is ignored (line"));
    assert!(lines[1].starts_with("a.xml: text between tags, which ITC-2019 does not have, is ignored (line"));
    let often =
        "a.xml: attribute \"year\" of <student>, which ITC-2019 does not have, is ignored (3 times, first in lines";
    assert!(lines[2].starts_with(often), "{lines:?}");
}

const ROOM: &str = "<room id=\"R\" capacity=\"9\"/>";
const TIME: &str = "<time days=\"10\" start=\"0\" length=\"2\" weeks=\"1\" penalty=\"0\"/>";

/// A problem of two classes, of which the inside of the first is given.
fn itc(rooms: &str, class: &str, more: &str) -> String {
    format!(
        "<problem name=\"n\" nrDays=\"2\" slotsPerDay=\"9\" nrWeeks=\"1\">\n\
         <optimization time=\"1\" room=\"1\" distribution=\"1\" student=\"1\"/>\n<rooms>{rooms}</rooms>\n<courses>\n\
         <course id=\"A\"><config id=\"1\"><subpart id=\"1\">\n{class}\n</subpart></config></course>\n\
         <course id=\"B\"><config id=\"2\"><subpart id=\"2\">\n<class id=\"2\" room=\"false\">{TIME}</class>\n\
         </subpart></config></course>\n</courses>\n{more}\n</problem>\n"
    )
}

#[test]
fn length_of_a_class_holds_for_its_times_and_what_is_there_twice_alike_counts_once() {
    let inside = format!("<room id=\"R\" penalty=\"0\"/>{TIME}");
    let plain = itc(ROOM, &format!("<class id=\"1\">{inside}</class>"), "");
    let expected = hash(&read("a.xml", plain.as_bytes()).0.expect("it loads"));
    let of_class =
        plain.replace("<class id=\"1\">", "<class id=\"1\" length=\"2\">").replacen(" length=\"2\" weeks", " weeks", 1);
    for (text, word) in [
        (of_class, "length of <class> holds for its times that have none"),
        (
            itc(&ROOM.repeat(2), &format!("<class id=\"1\">{inside}</class>"), ""),
            "a room that is there twice alike counts once",
        ),
        (
            itc(ROOM, &format!("<class id=\"1\"><room id=\"R\" penalty=\"0\"/>{inside}</class>"), ""),
            "a room of a class that is there twice alike",
        ),
        (
            itc(ROOM, &format!("<class id=\"1\">{inside}{TIME}</class>"), ""),
            "a time of a class that is there twice alike",
        ),
    ] {
        let (problem, lines) = read("a.xml", text.as_bytes());
        assert_eq!(hash(&problem.expect(word)), expected, "{word}");
        assert!(lines.len() == 1 && lines[0].contains(word), "{lines:?}");
    }
    let other = itc(&format!("{ROOM}{}", ROOM.replace('9', "8")), "", "");
    let fault = read("a.xml", other.as_bytes()).0.expect_err("two rooms of one name");
    assert!(fault.contains("room \"R\" again, with another capacity or other times"), "{fault}");
}

#[test]
fn sections_in_another_order_are_the_only_faults() {
    let students = "<students><student id=\"s\"><course id=\"A\"/></student></students>";
    let class = format!("<class id=\"1\" room=\"false\">{TIME}</class>");
    let distributions = "<distributions><distribution type=\"NotOverlap\" required=\"true\"><class id=\"1\"/><class id=\"2\"/></distribution></distributions>";
    let text = itc(ROOM, &class, distributions).replacen("<optimization", &format!("{students}<optimization"), 1);
    let faults = read("a.xml", text.as_bytes()).0.expect_err("faults");
    let found: Vec<&str> = faults.lines().map(|line| line.split(',').next().expect("a part")).collect();
    let late = |name: &str, line: u32| format!("a.xml:{line}: <{name}> too late");
    let expected = [late("optimization", 2), late("rooms", 3), late("courses", 4), late("distributions", 12)];
    assert_eq!(found, expected);
    // Distributions before courses: what they name is not told.
    let text = itc(ROOM, &class, "").replacen("<courses>", &format!("{distributions}<courses>"), 1);
    let faults = read("a.xml", text.as_bytes()).0.expect_err("faults");
    assert!(faults.lines().count() == 1 && faults.contains("<courses> too late"), "{faults}");
}

/// What is wrong, and, leniently, what is left out and which classes stay.
fn both(text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let folder = Folder::new();
    folder.write("a.xml", text.as_bytes());
    let path = folder.path().join("a.xml");
    let faults = folder.messages(&load(&path).expect_err("a fault"));
    let (problem, lines) = said(folder.path(), || load_leniently(&path).unwrap_or_else(|e| panic!("{e}")));
    let classes = problem.class_ids().map(|class| problem.class_name(class).to_owned()).collect();
    (faults, lines, classes)
}

#[test]
fn each_cause_is_one_fault_and_leniently_it_is_left_out_and_listed() {
    let student = "<students><student id=\"s\"><course id=\"A\"/><course id=\"B\"/></student></students>";
    let pair = "<distributions><distribution type=\"NotOverlap\" required=\"true\"><class id=\"1\"/><class id=\"2\"/></distribution></distributions>";
    // A class without a time: its course has no class left, and its constraint one fewer.
    let (faults, lines, classes) =
        both(&itc(ROOM, "<class id=\"1\" room=\"false\"></class>", &format!("{pair}\n{student}")));
    assert_eq!(faults, ["a.xml:6: class \"1\" without a time, expected at least one <time>"]);
    let left_out = [
        "a.xml: left out: class \"1\" without a time (line 6)",
        "a.xml: left out: unknown class \"1\" in a <distribution> (line 12)",
        "a.xml: left out: course \"A\" of student \"s\" that has no classes to take (line 13)",
    ];
    assert_eq!((lines, classes), (left_out.map(str::to_owned).to_vec(), vec!["2".to_owned()]));
    // A request for a course without classes.
    let (faults, lines, _) = both(&itc(ROOM, "", student));
    let found = "course \"A\" of student \"s\" that has no classes to take";
    assert_eq!(faults, [format!("a.xml:12: {found}, expected a config with a class in each subpart")]);
    assert_eq!(lines, [format!("a.xml: left out: {found} (line 12)")]);
    // A quote that is not closed: what refers to its element follows from it.
    let rooms = "<room id=\"Q capacity=\"9\"/>\n<room id=\"R\" capacity=\"9\"/>";
    let class = format!("<class id=\"1\"><room id=\"Q\"/><room id=\"R\"/>{TIME}</class>");
    let (faults, lines, classes) = both(&itc(rooms, &class, ""));
    assert_eq!(faults, ["a.xml:3: <room> with a quote that is not closed, expected name=\"value\""]);
    assert_eq!(
        lines,
        [
            "a.xml: left out: <room> with a quote that is not closed (line 3)",
            "a.xml: left out: unknown room \"Q\" of class \"1\" (line 7)"
        ]
    );
    assert_eq!(classes, ["1", "2"]);
}

#[test]
fn a_quote_that_swallows_tags_is_one_fault() {
    let rooms = "<room id=\"Q/>\n<room id=\"R\" capacity=\"9\"/>\n<room id=\"S\" capacity=\"9\"/>";
    let class = format!("<class id=\"1\"><room id=\"Q\"/><room id=\"R\"/>{TIME}</class>");
    let faults = read("a.xml", itc(rooms, &class, "").as_bytes()).0.expect_err("a fault");
    assert_eq!(faults, "a.xml:3: <room> with a quote that is not closed, expected name=\"value\"");
}

#[test]
fn leniently_lines_of_a_folder_that_name_nobody_are_left_out() {
    let folder = example();
    folder.remove("fixed.csv");
    folder.write("enrolments.csv", b"student,course\ns1,BIO1\ns9,BIO1\ns3,BIO9\ns1,LAB1\n");
    assert_eq!(load(folder.path()).expect_err("faults").list().len(), 2);
    let (problem, lines) = said(folder.path(), || load_leniently(folder.path()).unwrap_or_else(|e| panic!("{e}")));
    assert_eq!(problem.requests().len(), 2);
    assert_eq!(
        lines[..2],
        [
            "enrolments.csv: left out: unknown student \"s9\" (line 3)",
            "enrolments.csv: left out: unknown course \"BIO9\" (line 4)"
        ]
    );
}

#[test]
fn one_kind_of_fault_is_one_line_however_often_it_is_there() {
    let folder = example();
    let rows: String = (0..500).map(|i| format!("x{i},BIO1\n")).collect();
    folder.write("enrolments.csv", format!("student,course\n{rows}s1,BIO7\n").as_bytes());
    let text = load(folder.path()).expect_err("faults").to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("(500 of this kind, also line 3 (\"x1\"), line 4 (\"x2\"), "), "{text}");
}

#[test]
fn elements_that_a_solution_does_not_need_are_ignored() {
    let folder = Folder::new();
    folder.write("a.xml", itc(ROOM, &format!("<class id=\"1\" room=\"false\">{TIME}</class>"), "").as_bytes());
    let problem = load(&folder.path().join("a.xml")).expect("it loads");
    folder.write(
        "s.xml",
        b"<solution name=\"n\"><generator v=\"1\"/><class id=\"1\" days=\"10\" start=\"0\" weeks=\"1\" colour=\"red\"/></solution>",
    );
    let (timetable, lines) =
        said(folder.path(), || read_solution(&problem, &folder.path().join("s.xml")).expect("read"));
    assert_eq!(timetable.placements[0].time, 0);
    assert_eq!(lines.len(), 2, "{lines:?}");
}
