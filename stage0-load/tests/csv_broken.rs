//! Broken CSV folders: each fault with its file, line, what was found, what was expected; and
//! nothing that makes them panic.

mod csv_support;

use csv_support::{Folder, example, example_files};
use proptest::prelude::*;
use stage0_load::csv_folder::{load, read_tables};

/// What is wrong with the example where a file of it is this instead.
fn with(file: &str, content: &[u8]) -> Vec<String> {
    let folder = example();
    folder.write(file, content);
    folder.messages(&load(folder.path()).expect_err(file))
}

const TEACHERS: &str = "id,name,unavailable\nann,,\nbob,,";

#[test]
fn every_fault_says_where_what_and_what_instead() {
    let courses = |line: &str| {
        let header = "id,teachers,section_size,sections,sessions,length,rooms,times,weeks,features";
        format!("{header}\n{line}\nBIO1,,,2,2,,,,,\nLAB1,,,,1,,,,,\n")
    };
    let cases: Vec<(&str, String, &[&str])> = vec![
        (
            "courses.csv",
            "id,teachers\nBIO1,ann\nLAB1,\n".into(),
            &["courses.csv:1: column \"sessions\" is missing, expected id, sessions"],
        ),
        (
            "rooms.csv",
            "id,capacity,seats,capacity\nR1,1,1,1\nL1,1,1,1\n".into(),
            &[
                "rooms.csv:1: column \"seats\", expected one of id, capacity, features, unavailable, or a name that begins with #",
                "rooms.csv:1: column \"capacity\" again, expected each column once",
            ],
        ),
        (
            "rooms.csv",
            "id,capacity\nR1,30\nL1,lots\nR1,-5\n,10\n".into(),
            &[
                "rooms.csv:3: capacity \"lots\", expected a whole number from 0 to 1000000",
                "rooms.csv:4: capacity \"-5\", expected a whole number from 0 to 1000000",
                "rooms.csv:4: room \"R1\" again, expected a name not used before",
                "rooms.csv:5: room \"\", expected 1 to 255 bytes without control characters",
            ],
        ),
        (
            "rooms.csv",
            "id,capacity\nR1,30\nL1,\"24\n".into(),
            &["rooms.csv:3: a quote that is not closed, expected another quote"],
        ),
        ("rooms.csv", "id,capacity\n\nR1,30\nL1\n".into(), &["rooms.csv:4: a line of 1 cell, expected 2 cells"]),
        (
            "rooms.csv",
            "id|capacity\nR1|30\nL1|24\n".into(),
            &[
                "rooms.csv:1: \"id|capacity\", which is the name of no column, expected the names of columns (id, capacity), with commas, semicolons or tabs between them",
            ],
        ),
        (
            "rooms.csv",
            "Rooms of the college,\nid,capacity\nR1,30\nL1,24\n".into(),
            &[
                "rooms.csv:1: \"rooms of the college\", which is the name of no column, expected the names of columns (id, capacity), with commas, semicolons or tabs between them",
            ],
        ),
        ("rooms.csv", "id,capacity\n\nR1,30,x\nL1,24\n".into(), &["rooms.csv:3: a line of 3 cells, expected 2 cells"]),
        (
            "teachers.csv",
            TEACHERS.replace("bob,,", "bob,,Mon 09:00-11:00; Mun; Tue 25:00-26:00; Tue 11:00-10:00"),
            &[
                "teachers.csv:3: unavailable \"Mun\", expected days and hours, as \"Mon 09:00-09:50\", of Mon, Tue, Wed, Thu, Fri",
                "teachers.csv:3: unavailable \"Tue 25:00-26:00\", expected days and hours, as \"Mon 09:00-09:50\", of Mon, Tue, Wed, Thu, Fri",
                "teachers.csv:3: unavailable \"Tue 11:00-10:00\", expected days, and hours that begin before they end, as \"Mon 09:00-09:50\", of Mon, Tue, Wed, Thu, Fri",
            ],
        ),
        (
            "courses.csv",
            courses("X,ann+carl;dora,,,1,,R1;R9,,,"),
            &[
                "courses.csv:2: unknown teacher \"carl\", expected a teacher of this problem",
                "courses.csv:2: unknown teacher \"dora\", expected a teacher of this problem",
                "courses.csv:2: unknown room \"R9\", expected a room of this problem",
            ],
        ),
        (
            "courses.csv",
            courses("X,,0,0,,-1,,Sun,16,"),
            &[
                "courses.csv:2: sections \"0\", expected a whole number from 1 to 10000",
                "courses.csv:2: section_size \"0\", expected a whole number from 1 to 1000000",
                "courses.csv:2: sessions is empty, expected a whole number from 1 to 10000",
                "courses.csv:2: length \"-1\", expected a whole number from 1 to 4",
                "courses.csv:2: weeks \"16\", expected weeks of 1 to 15, as \"1-3+5\", or all",
                "courses.csv:2: times \"Sun\", expected days and hours, as \"Mon 09:00-09:50\", of Mon, Tue, Wed, Thu, Fri",
            ],
        ),
        ("courses.csv", courses("X,,,,1,5,,,,"), &["courses.csv:2: length \"5\", expected a whole number from 1 to 4"]),
        (
            "courses.csv",
            courses("X,ann,,,1,3,,Mon 09:00-11:00,,piano"),
            &[
                "courses.csv:2: course \"X\" needs a room of 0 seats with piano, expected a room that has them, or `none` as its rooms",
                "courses.csv:2: course \"X\", section 1: there is no time for it, expected 3 free slots in a row within its `times` when \"ann\" (teachers.csv:2) is available",
            ],
        ),
        (
            "courses.csv",
            "id,section_size,sections,sessions\nBIO1,1,2,2\nLAB1,,,1\n".into(),
            &[
                "courses.csv:2: course \"BIO1\" has 3 students for 2 seats in 2 sections, expected seats for all of them",
            ],
        ),
        (
            "enrolments.csv",
            "student,course\ns1,BIO1\ns9,BIO1\ns1,CHEM\ns1,BIO1\n".into(),
            &[
                "enrolments.csv:3: unknown student \"s9\", expected a student of this problem",
                "enrolments.csv:4: unknown course \"CHEM\", expected a course of this problem",
                "enrolments.csv:5: student \"s1\" takes course \"BIO1\" again, expected each course once",
            ],
        ),
        (
            "fixed.csv",
            "course,section,session,days,start,room\nBIO1,3,1,Tue,09:00,\nBIO1,1,1,Mon,09:00,\nBIO1,1,1,Tue,09:00,\n"
                .into(),
            &[
                "fixed.csv:2: course \"BIO1\" has no section 3, expected 1 to 2",
                "fixed.csv:4: course \"BIO1\", section 1, session 1 again, expected each session fixed once",
            ],
        ),
        (
            "fixed.csv",
            "course,section,session,days,start,room\nBIO1,1,1,Mon,09:00,\nBIO1,0,1,Tue,09:30,R7\n".into(),
            &[
                "fixed.csv:3: section \"0\", expected a whole number from 1 to 10000",
                "fixed.csv:3: start \"09:30\", expected when a slot begins, as \"09:00\"",
                "fixed.csv:3: unknown room \"R7\", expected a room of this problem",
            ],
        ),
        (
            "fixed.csv",
            "course,section,session,days,start\nBIO1,1,1,Mon,09:00\n".into(),
            &[
                "fixed.csv:2: course \"BIO1\", section 1 cannot be held on \"Mon 09:00\": \"ann\" is not available then (teachers.csv:2), expected a time at which it and its teachers can",
            ],
        ),
        (
            "fixed.csv",
            "course,section,session,days,start\nBIO1,2,1,Tue,9.30\n".into(),
            &["fixed.csv:2: start \"9.30\", expected when a slot begins, as \"09:00\""],
        ),
        (
            "fixed.csv",
            "course,section,session,days,start\nLAB1,1,1,Tue,12h\n".into(),
            &[
                "fixed.csv:2: course \"LAB1\", section 1 cannot be held on \"Tue 12:00\": it takes 2 slots, and the day ends before, expected a time at which it and its teachers can",
            ],
        ),
        (
            "rules.toml",
            "[teachers]\nlunch = \"18:00-19:00\"\n[[avoid]]\nwhen = \"Sun\"\npenalty = 1\n[[avoid]]\npenalty = 1\n"
                .into(),
            &[
                "rules.toml:2: lunch = \"18:00-19:00\", expected hours in which slots of the day (09:00-12:50) lie, as \"09:00-09:50\"",
                "rules.toml:4: avoid = \"Sun\", expected days and hours, as \"Mon 09:00-09:50\", of Mon, Tue, Wed, Thu, Fri",
                "rules.toml:6: avoid = [[avoid]], expected when = \"Mon 09:00-09:50\"",
            ],
        ),
        (
            "rules.toml",
            "[teachers]\nlunch = \"13:00-11:00\"\n".into(),
            &["rules.toml:2: lunch = \"13:00-11:00\", expected hours that begin before they end, as \"09:00-09:50\""],
        ),
        (
            "rules.toml",
            "[rules]\nsame_rooms = 1\nlunch = \"maybe\"\nfixed = -1\n\n[teachers]\nlunch = \"noon\"\n[wieghts]\n"
                .into(),
            &[
                "rules.toml:2: rule \"same_rooms\", expected one of student_conflicts, teacher_clash, different_days, same_room, \
                 availability, fixed, max_daily_load, max_consecutive, lunch, max_gaps",
                "rules.toml:3: lunch = \"maybe\", expected \"hard\", \"off\" or a penalty of 0 to 1000000",
                "rules.toml:4: fixed = -1, expected \"hard\", \"off\" or a penalty of 0 to 1000000",
                "rules.toml:7: lunch = \"noon\", expected hours in which slots of the day (09:00-12:50) lie, as \"09:00-09:50\"",
                "rules.toml:8: table \"wieghts\", expected one of rules, teachers, rooms, weights, avoid",
            ],
        ),
        (
            "rules.toml",
            "[rules]\nstudent_conflicts = 2001\n[weights]\nrules = 2001\n[[avoid]]\nwhen = \"Mon\"\npenalty = 10001\n"
                .into(),
            &[
                "rules.toml:2: student_conflicts = 2001, expected \"hard\", \"off\" or a penalty of 0 to 2000",
                "rules.toml:4: rules = 2001, expected a whole number from 0 to 2000",
                "rules.toml:7: penalty = 10001, expected a whole number from 0 to 10000",
            ],
        ),
        (
            "calendar.toml",
            "weeks = 65\ndays = [\"Mon\", \"mon\"]\nslots = [\"09:00-09:50\", \"09:30-10:20\"]\nterm = 1\n".into(),
            &[
                "calendar.toml:1: weeks = 65, expected a whole number from 1 to 64",
                "calendar.toml:2: days = [\"Mon\", \"mon\"], expected 1 to 16 different words: [\"Mon\", \"Tue\", ...]",
                "calendar.toml:3: slot = \"09:30-10:20\", expected \"09:00-09:50\", after the slot before it",
                "calendar.toml:4: key \"term\", expected one of name, weeks, days, slots, term_starts, holidays, time_zone",
            ],
        ),
        (
            "calendar.toml",
            "days = [\"Mon\", \"Tue\"]\nslots = 4\nterm_starts = 2026-09-08\ntime_zone = \"Mars\"\n\
             holidays = [\"2026-02-30\",\n\"2026-12-24 to 2026-12-20\",\n7]\n"
                .into(),
            &[
                "calendar.toml:3: term_starts = 2026-09-08, expected the date of a Mon, the first of the days",
                "calendar.toml:4: time_zone = \"Mars\", expected a time zone of the IANA, as \"Europe/London\"",
                "calendar.toml:5: holidays = \"2026-02-30\", expected a date, or \"2026-12-21 to 2027-01-03\"",
                "calendar.toml:6: holidays = \"2026-12-24 to 2026-12-20\", expected a date, or \"2026-12-21 to 2027-01-03\"",
                "calendar.toml:7: holidays = 7, expected a date, or \"2026-12-21 to 2027-01-03\"",
            ],
        ),
        (
            "calendar.toml",
            "days = [\"A\", \"B\", \"C\", \"D\", \"E\", \"F\", \"G\", \"H\"]\nslots = 4\nterm_starts = 2026-09-08\n"
                .into(),
            &["calendar.toml:3: term_starts = 2026-09-08, expected no dates for a week of more than 7 days"],
        ),
        (
            "calendar.toml",
            "days = [\"Mon\"]\nslots = 4\nholidays = []\ntime_zone = \"Europe/London\"\n".into(),
            &[
                "calendar.toml:3: holidays = [], expected term_starts = ..., too: the date of the first day of week 1",
                "calendar.toml:4: time_zone = \"Europe/London\", expected term_starts = ..., too: the date of the first day of week 1",
            ],
        ),
        (
            "calendar.toml",
            "weeks = 1\n".into(),
            &[
                "calendar.toml: \"days\" is missing, expected days = ...",
                "calendar.toml: \"slots\" is missing, expected slots = ...",
            ],
        ),
    ];
    for (file, content, expected) in cases {
        let mut found = with(file, content.as_bytes());
        let mut expected: Vec<&str> = expected.to_vec();
        // Within a line the order does not matter.
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{content}");
    }
}

#[test]
fn missing_files_are_all_named_and_what_refers_to_them_is_not() {
    let folder = Folder::new();
    let expected = ["calendar.toml", "courses.csv", "enrolments.csv", "rooms.csv", "students.csv", "teachers.csv"];
    let expected = expected.map(|f| format!("{f}: the file is missing, expected a file of this name, .gz or .zst"));
    assert_eq!(folder.messages(&load(folder.path()).unwrap_err()), expected);
    let folder = example();
    folder.remove("teachers.csv");
    let expected = ["teachers.csv: the file is missing, expected a file of this name, .gz or .zst"];
    assert_eq!(folder.messages(&load(folder.path()).unwrap_err()), expected);
}

#[test]
fn a_file_that_is_there_twice_is_refused() {
    let folder = example();
    let students = folder.read("students.csv");
    folder.compress("students.csv");
    folder.write("students.csv", &students);
    let expected = ["students.csv.zst: the file twice, plain and compressed, expected one of them"];
    assert_eq!(folder.messages(&load(folder.path()).unwrap_err()), expected);
}

#[test]
fn text_that_is_utf_8_in_one_place_and_not_in_another_is_refused() {
    let found = with("students.csv", b"id,name\ns1,Zo\xc3\xab\ns2,Zo\xeb\ns3,Gus\n");
    assert_eq!(found, ["students.csv:3: a line that is not UTF-8, expected text in UTF-8"]);
    let found = with("students.csv", b"id,name\ns1,Zo\xeb\ns2,Zo\xc3\xab\ns3,Gus\n");
    assert_eq!(
        found,
        ["students.csv:3: text that is UTF-8 in one place and not in another, expected one encoding, best UTF-8"]
    );
    let found = with("rules.toml", b"# caf\xc3\xa9, caf\xe9\n");
    assert_eq!(found, ["rules.toml: a file that is not UTF-8, expected text in UTF-8"]);
}

#[test]
fn faults_of_several_files_come_together() {
    let folder = example();
    folder.write("rooms.csv", b"id,capacity\nR1,x\nL1,24\n");
    folder.write("rules.toml", b"[rules]\nfixed = true\n");
    let expected = [
        "rooms.csv:2: capacity \"x\", expected a whole number from 0 to 1000000",
        "rules.toml:2: fixed = true, expected \"hard\", \"off\" or a penalty of 0 to 1000000",
    ];
    assert_eq!(folder.messages(&load(folder.path()).unwrap_err()), expected);
}

#[test]
fn small_files_that_ask_for_huge_problems_are_refused() {
    let found = with("courses.csv", b"id,sections,sessions\nBIO1,10000,10000\nLAB1,,1\n");
    let expected = "courses.csv: 100000001 sessions with 2000000020 times or rooms to choose from in all, \
                    expected at most 2000000 with 40000000";
    assert_eq!(found, [expected]);
    // 600 sections of 600 sessions at 20 times, in two rooms.
    let found = with("courses.csv", b"id,sections,sessions\nBIO1,600,600\nLAB1,,1\n");
    assert_eq!(found.len(), 1);
    let says = "courses.csv: something so large that it takes 279 MB of memory: 360001 sessions with 7200020 times or rooms \
                to choose from, expected at most 176 MB for files so small; fewer and longer slots";
    assert!(found[0].starts_with(says), "{found:?}");
    let mut rooms = String::from("id,capacity\nR1,30\nL1,24\n");
    rooms.extend(std::iter::repeat_n("\"a\nb\",", 1));
    rooms.push_str(&"x".repeat(17 << 20));
    let found = with("rooms.csv", rooms.as_bytes());
    assert_eq!(found[0], "rooms.csv:4: a line or tag longer than 16777216 bytes, expected shorter ones");
}

#[test]
fn a_file_that_unpacks_to_too_much_is_refused() {
    let folder = example();
    folder.remove("students.csv");
    stage0_load::write_file(&folder.path().join("students.csv.zst"), |out| {
        out.write_all(b"id\n")?;
        let line = vec![b'\n'; 1 << 20];
        (0..70).try_for_each(|_| out.write_all(&line))
    })
    .unwrap();
    let found = folder.messages(&load(folder.path()).unwrap_err());
    let expected = "compressed data that grows more than 500 times, expected an input that is not a decompression bomb";
    assert!(found.len() == 1 && found[0].ends_with(expected), "{found:?}");
    folder.remove("students.csv.zst");
    folder.write("students.csv", &[b"id\n".as_slice(), &vec![b'\n'; 70 << 20]].concat());
    let found = folder.messages(&load(folder.path()).unwrap_err());
    assert_eq!(found, ["students.csv:67108863: more than 67108864 bytes, expected an input within the limit"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_change_of_a_file_makes_loading_panic(
        file in 0usize..8,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, any::<u8>(), 0usize..12), 1..6),
    ) {
        let (name, body) = example_files()[file].clone();
        let mut bytes = body.into_bytes();
        const PIECES: [&str; 12] =
            ["-1", "99999999999", ";", ",", "\"", "\n", "Mon-", "none", "\u{feff}", "[", "0", "ann+ann"];
        for (at, what, byte, piece) in edits {
            let at = at.index(bytes.len() + 1);
            match what {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                2 => drop(bytes.drain(at..(at + usize::from(byte % 16)).min(bytes.len()))),
                _ => drop(bytes.splice(at..at, PIECES[piece].bytes())),
            }
        }
        let folder = example();
        folder.write(&name, &bytes);
        if let Ok(tables) = read_tables(folder.path()) {
            let _ = tables.problem();
        }
    }
}
