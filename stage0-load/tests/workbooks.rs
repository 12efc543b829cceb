//! Workbooks whose sheets are named like the files of a folder.

mod csv_support;
mod said;
mod workbook_files;

use csv_support::{Folder, example, example_files};
use said::said;
use stage0_load::csv_folder::read_calendar;
use stage0_load::{load, load_leniently};
use std::io::{Cursor, Read, Write};
use workbook_files::{Cell, Sheets, cell, ods, xlsx, zipped};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

/// The example of the documentation as sheets.
fn example_sheets() -> Sheets {
    let rows = |text: &str| text.lines().map(|line| line.split(',').map(cell).collect()).collect();
    let mut sheets: Sheets = example_files()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".csv"))
        .map(|(name, body)| (name.trim_end_matches(".csv").to_owned(), rows(&body)))
        .collect();
    let calendar = "name,Small college\nweeks,15\ndays,Mon,Tue,Wed,Thu,Fri\n\
                    slots,09:00-09:50,10:00-10:50,11:00-11:50,12:00-12:50";
    sheets.push(("Calendar".into(), rows(calendar)));
    sheets.push(("rules".into(), rows("same_room,1\nteachers.max_daily_load,2")));
    sheets
}

fn sheet<'s>(sheets: &'s mut Sheets, name: &str) -> &'s mut Vec<Vec<Option<Cell>>> {
    &mut sheets.iter_mut().find(|(sheet, _)| sheet == name).expect("the sheet").1
}

type Writer = fn(&Sheets) -> Vec<u8>;

const KINDS: [(&str, Writer); 2] = [("college.xlsx", xlsx), ("college.ods", ods)];

/// What loading a workbook brings in both kinds: the hash of its problem or its faults, and what is
/// said.
fn read(sheets: &Sheets) -> (Result<String, Vec<String>>, Vec<String>) {
    let [first, second] = KINDS.map(|(name, write)| {
        let folder = Folder::new();
        folder.write(name, &write(sheets));
        let (read, lines) = said(folder.path(), || load(&folder.path().join(name)));
        let read = read.map(|p| format!("{:?}", p.block().hash()));
        let plain = |line: String| line.replace(name, "college");
        (read.map_err(|e| folder.messages(&e).into_iter().map(plain).collect()), lines.into_iter().map(plain).collect())
    });
    assert_eq!(first, second, "XLSX and ODS");
    first
}

fn expected() -> String {
    format!("{:?}", load(example().path()).expect("it loads").block().hash())
}

#[test]
fn a_workbook_is_the_same_problem_as_its_folder() {
    assert_eq!(read(&example_sheets()), (Ok(expected()), vec![]));
    // Whatever its file is called.
    let folder = Folder::new();
    folder.write("anything", &xlsx(&example_sheets()));
    assert_eq!(format!("{:?}", load(&folder.path().join("anything")).expect("it loads").block().hash()), expected());
}

#[test]
fn its_calendar_has_the_clock_times() {
    let folder = Folder::new();
    folder.write("college.xlsx", &xlsx(&example_sheets()));
    let calendar = read_calendar(&folder.path().join("college.xlsx")).expect("a calendar");
    assert_eq!(calendar, read_calendar(example().path()).expect("a calendar"));
}

#[test]
fn cells_of_times_numbers_and_nothing_are_read_as_they_are_shown() {
    let mut sheets = example_sheets();
    let fixed = sheet(&mut sheets, "fixed");
    fixed[1][4] = Some(Cell::Time(9 * 3600));
    // Blank rows and columns, a remark column, cells that hold spaces.
    let rooms = sheet(&mut sheets, "rooms");
    rooms.insert(1, Vec::new());
    for (row, text) in rooms.iter_mut().zip(["", "", " ", ""]) {
        if !row.is_empty() {
            row.insert(0, Some(Cell::Text(text.into())));
            row.extend([None, Some(Cell::Text("  ".into()))]);
        }
    }
    sheets.push(("Notes & more".into(), vec![vec![cell("read me")]]));
    let lines = vec!["college: sheets that are not read: \"Notes & more\"".to_owned()];
    assert_eq!(read(&sheets), (Ok(expected()), lines));
}

#[test]
fn faults_name_the_cell() {
    let mut sheets = example_sheets();
    sheet(&mut sheets, "courses")[2][2] = cell("carl");
    sheet(&mut sheets, "courses")[1][3] = cell("2.5");
    sheet(&mut sheets, "rooms")[2][1] = cell("many");
    sheet(&mut sheets, "rooms")[1].push(cell("x"));
    sheet(&mut sheets, "fixed")[1][4] = Some(Cell::Time(9 * 3600 + 60));
    sheet(&mut sheets, "teachers")[1][2] = cell("Sun");
    sheet(&mut sheets, "students")[0][2] = cell("year");
    sheet(&mut sheets, "Calendar")[1][1] = cell("99");
    let faults = read(&sheets).0.expect_err("faults");
    let found: Vec<&str> = faults.iter().map(|fault| fault.split(", expected").next().expect("a part")).collect();
    assert_eq!(
        found,
        [
            "college: Calendar!2: weeks = 99",
            "college: courses!D2: section_size \"2.5\"",
            "college: courses!C3: unknown teacher \"carl\"",
            "college: rooms!2: a line of 4 cells",
            "college: rooms!B3: capacity \"many\"",
            "college: students!C1: column \"year\"",
        ]
    );
    let mut sheets = example_sheets();
    sheet(&mut sheets, "fixed")[1][4] = Some(Cell::Time(9 * 3600 + 60));
    sheet(&mut sheets, "teachers")[1][2] = cell("Sun");
    let faults = read(&sheets).0.expect_err("faults");
    assert!(faults[0].starts_with("college: fixed!E2: start \"09:01\", expected when a slot begins"), "{faults:?}");
    assert!(faults[1].starts_with("college: teachers!C2: unavailable \"Sun\", expected days and hours"), "{faults:?}");
    // What is found only when the tables are taken together is in a row.
    let mut sheets = example_sheets();
    sheet(&mut sheets, "fixed")[1][2] = cell("7");
    let faults = read(&sheets).0.expect_err("faults");
    assert!(faults[0].starts_with("college: fixed!2: course \"BIO1\""), "{faults:?}");
}

#[test]
fn sheets_that_are_missing_or_there_twice_are_named() {
    let mut sheets = example_sheets();
    sheets.retain(|(name, _)| name != "rooms");
    let faults = read(&sheets).0.expect_err("faults");
    assert_eq!(faults, ["college: no sheet \"rooms\", expected a sheet of this name"]);
    let mut sheets = example_sheets();
    let rooms = sheet(&mut sheets, "rooms").clone();
    sheets.push(("Rooms.csv".into(), rooms));
    assert_eq!(read(&sheets).0.expect_err("faults"), ["college: sheet \"Rooms.csv\" twice, expected each sheet once"]);
    let other: Sheets = vec![("Budget".into(), vec![vec![cell("x")]])];
    let faults = read(&other).0.expect_err("faults");
    assert!(
        faults[0].starts_with("college: a workbook without a sheet \"courses\"; its sheets: \"Budget\""),
        "{faults:?}"
    );
}

#[test]
fn leniently_a_row_that_names_nobody_is_left_out() {
    let mut sheets = example_sheets();
    sheet(&mut sheets, "enrolments").push(vec![cell("s9"), cell("BIO1")]);
    let folder = Folder::new();
    folder.write("college.ods", &ods(&sheets));
    let path = folder.path().join("college.ods");
    assert!(load(&path).is_err());
    let (problem, lines) = said(folder.path(), || load_leniently(&path).expect("it loads"));
    assert_eq!(format!("{:?}", problem.block().hash()), expected());
    assert_eq!(lines, ["college.ods: left out: unknown student \"s9\" (line 6)"]);
}

/// Whether bytes are refused, with these words, and how long that may take is bounded by what is
/// read.
fn refused(bytes: &[u8], words: &str) {
    let folder = Folder::new();
    folder.write("bomb", bytes);
    let fault = load(&folder.path().join("bomb")).expect_err(words).to_string();
    assert!(fault.contains(words), "{words}: {fault}");
}

#[test]
fn bombs_are_refused() {
    // Text that unpacks to much.
    let sheet = "<worksheet>".to_owned() + &" ".repeat(120 << 20);
    refused(&zipped(&[("xl/workbook.xml", "<workbook/>"), ("xl/worksheets/s.xml", &sheet)]), "unpacks to more than");
    // Few cells, repeated often.
    let cell = "<table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"string\"><text:p>x</text:p></table:table-cell>";
    let content = format!(
        "<a><table:table table:name=\"courses\"><table:table-row table:number-rows-repeated=\"1048576\">{cell}</table:table-row></table:table></a>"
    );
    refused(&zipped(&[("content.xml", &content)]), "something so large that it takes");
    // Many texts, none of which is in a cell.
    let strings = format!("<sst>{}</sst>", "<si/>".repeat(7 << 20));
    refused(
        &zipped(&[("xl/workbook.xml", "<workbook/>"), ("xl/sharedStrings.xml", &strings)]),
        "something so large that it takes",
    );
    refused(&zipped(&[("a.txt", "x")]), "a zip file that is no workbook");
    // What the library that reads sheets would add up to another row.
    let far = "<worksheet><sheetData><row r=\"4294967297\"/></sheetData></worksheet>";
    refused(&zipped(&[("xl/workbook.xml", "<workbook/>"), ("xl/worksheets/s.xml", far)]), "a cell that no sheet has");
    refused(b"PK\x03\x04 and nothing more", "a workbook that cannot be unpacked");
    refused(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "a workbook of an older kind (.xls)");
}

/// Some parts of a zip file, each changed by `change`.
fn rezipped(bytes: &[u8], mut change: impl FnMut(&mut Vec<u8>)) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).expect("a part");
        let mut text = Vec::new();
        part.read_to_end(&mut text).expect("sound");
        change(&mut text);
        zip.start_file(part.name().expect("a name"), SimpleFileOptions::default()).expect("memory takes all");
        zip.write_all(&text).expect("memory takes all");
    }
    zip.finish().expect("memory takes all").into_inner()
}

/// Bytes changed in the file and in its parts, always the same ones: never a panic.
#[test]
fn changed_workbooks_load_or_are_refused() {
    let mut state = 7u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let folder = Folder::new();
    for (name, write) in KINDS {
        let whole = write(&example_sheets());
        for round in 0..300 {
            let mut bytes = whole.clone();
            let mut change = |bytes: &mut Vec<u8>| {
                for _ in 0..=random(4) {
                    let at = random(bytes.len());
                    match (random(3), b"<>\"'&/09A"[random(9)]) {
                        (0, byte) => bytes.insert(at, byte),
                        (1, _) => drop(bytes.drain(at..(at + random(9)).min(bytes.len()))),
                        (_, byte) => bytes[at] = byte,
                    }
                }
            };
            match round % 3 {
                0 => change(&mut bytes),
                _ => {
                    bytes = rezipped(&whole, |part| {
                        if part.len() % 3 == round % 3 {
                            change(part)
                        }
                    })
                }
            }
            folder.write(name, &bytes);
            if let Err(faults) = load(&folder.path().join(name)) {
                assert!(faults.to_string().lines().count() <= 50, "{faults}");
            }
        }
    }
}
