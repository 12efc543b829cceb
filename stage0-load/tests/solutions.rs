//! Timetables in files: written, read back, and refused where they do not fit the problem.

use stage0_load::{SolutionInfo, read_solution, write_solution};
use std::path::Path;
use timetable::{NONE, Placement, Problem, Timetable};

fn load(name: &str) -> Problem {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    stage0_load::load(&path).unwrap_or_else(|e| panic!("{e}"))
}

fn at(time: u16, room: u16) -> Placement {
    Placement { time, room }
}

fn written(problem: &Problem, timetable: &Timetable) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("solution");
    let info = SolutionInfo { runtime_seconds: 1.25, cores: 2, author: "A & B".into(), ..SolutionInfo::default() };
    write_solution(problem, timetable, &path, &info).expect("written");
    assert_eq!(read_solution(problem, &path).unwrap_or_else(|e| panic!("{e}")), *timetable);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "a temporary file was left");
    std::fs::read_to_string(&path).expect("text")
}

/// The faults that reading `text` brings, without the file's name.
fn faults(problem: &Problem, text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("solution");
    std::fs::write(&path, text).expect("written");
    let faults = read_solution(problem, &path).expect_err("faults");
    faults.list().iter().map(|f| f.to_string().split_once("solution:").expect("the file").1.to_owned()).collect()
}

fn itc_timetable(p: &Problem) -> Timetable {
    let mut t = Timetable::empty(p);
    t.placements = vec![at(0, 0), at(0, 1), at(1, 0), Placement::NOWHERE, at(0, 0), at(0, Placement::NO_ROOM)];
    // s1 takes lecture 1 with lab 3, and K2 in its second configuration; s2 takes class 4, which is
    // not placed.
    t.enrolment = vec![0, 2, 4, 5, 3, NONE];
    t
}

#[test]
fn an_itc_2019_solution_holds_times_rooms_students_and_who_made_it() {
    let p = load("small.xml");
    let text = written(&p, &itc_timetable(&p));
    let body = text.split_once(".dtd\">\n").expect("a document type").1;
    assert_eq!(
        body,
        r#"<solution name="small &amp; neat" runtime="1.2" cores="2" technique="Stagecoach" author="A &amp; B" institution="" country="">
  <class id="1" days="10" start="0" weeks="11" room="A">
    <student id="s1"/>
  </class>
  <class id="2" days="01" start="6" weeks="11" room="B"/>
  <class id="3" days="11" start="8" weeks="01" room="B">
    <student id="s1"/>
  </class>
  <class id="4">
    <student id="s2"/>
  </class>
  <class id="5" days="10" start="4" weeks="11" room="B">
    <student id="s1"/>
  </class>
  <class id="6" days="01" start="0" weeks="10">
    <student id="s1"/>
  </class>
</solution>
"#
    );
}

#[test]
fn a_cb_ctt_solution_has_a_line_for_each_placed_lecture() {
    let p = load("small.ctt");
    let mut t = Timetable::empty(&p);
    t.placements = vec![at(0, 0), at(4, 1), at(2, 0), at(0, 1), Placement::NOWHERE, at(5, 1)];
    assert_eq!(written(&p, &t), "SceCosC A 0 1\nSceCosC B 1 2\nSceCosC A 1 0\nArcTec B 0 0\nGeo B 1 2\n");
}

#[test]
fn a_pe_ctt_solution_has_a_line_for_each_event_placed_or_not() {
    let p = load("small.tim");
    let mut t = Timetable::empty(&p);
    stage0_load::enrol_where_there_is_no_choice(&p, &mut t);
    t.placements = vec![at(44, 0), at(2, 1), Placement::NOWHERE, at(9, 0)];
    assert_eq!(written(&p, &t), "44 1\n17 1\n-1 -1\n9 0\n");
}

#[test]
fn compressed_solutions_are_written_by_their_ending_and_read_by_their_content() {
    let p = load("small.xml");
    let t = itc_timetable(&p);
    let folder = tempfile::tempdir().expect("a folder");
    for (ending, magic) in [("gz", &[0x1f, 0x8b][..]), ("zst", &[0x28, 0xb5, 0x2f, 0xfd]), ("xml", b"<?xml")] {
        let path = folder.path().join(format!("s.{ending}"));
        write_solution(&p, &t, &path, &SolutionInfo::default()).expect("written");
        assert!(std::fs::read(&path).expect("bytes").starts_with(magic));
        assert_eq!(read_solution(&p, &path).expect("read"), t);
    }
}

#[test]
fn what_the_problem_does_not_have_is_a_fault_in_an_itc_2019_solution() {
    let p = load("small.xml");
    let text = r#"<solution name="other">
<class id="9" days="10" start="0" weeks="11" room="A"/>
<class id="1" days="10" start="1" weeks="11" room="A"><student id="s2"/><student id="nobody"/></class>
<class id="2" days="01" start="6" weeks="11" room="C"><student id="s1"/></class>
<class id="3" days="01" start="6" weeks="11"><student id="s1"/></class>
<class id="4" days="10" start="0" weeks="11" room="Z"><student id="s1"/></class>
<class id="5" days="10" weeks="11" room="B"><student id="s1"/></class>
<class id="6" days="01" start="0" weeks="10" room="A"/>
<class id="6"/>
<room/>
</solution>"#;
    assert_eq!(
        faults(&p, text),
        [
            r#"1: a solution of "other", expected one of "small & neat""#,
            r#"2: unknown class "9", expected a class of this problem"#,
            r#"3: days "10" start 1 weeks "11" of class "1", expected one of its times"#,
            r#"3: student "s2" in class "1", expected a class of a course that the student takes"#,
            r#"3: unknown student "nobody", expected a student of this problem"#,
            r#"4: room "C" of class "2", expected one of its rooms"#,
            r#"5: no room of class "3", expected one of its rooms"#,
            r#"5: student "s1" in class "3", expected one configuration of a course and one class of each subpart"#,
            r#"6: unknown room "Z", expected a room of this problem"#,
            r#"7: <class> without start, expected attribute start"#,
            r#"7: student "s1" in class "5", expected one configuration of a course and one class of each subpart"#,
            r#"8: room "A" of class "6", expected none: it needs none"#,
            r#"9: class "6" again, expected each class once"#,
        ]
    );
}

#[test]
fn what_the_problem_does_not_have_is_a_fault_in_a_cb_ctt_solution() {
    let p = load("small.ctt");
    assert_eq!(
        faults(&p, "Geo A 0 0\nGeo A 0 1\nGeo A 0\nX A 0 0\nArcTec Z 0 0\nArcTec A 2 3\nArcTec A 1 2\n"),
        [
            r#"2: another lecture of course "Geo", expected 1 lectures"#,
            r#"3: 3 fields, expected 4: course, room, day, period"#,
            r#"4: unknown course "X", expected a course of this problem"#,
            r#"5: unknown room "Z", expected a room of this problem"#,
            r#"6: day "2", expected a whole number from 0 to 1"#,
            r#"6: period "3", expected a whole number from 0 to 2"#,
            r#"7: course "ArcTec" on day 1 in period 2, expected a period that it can be held in"#,
        ]
    );
}

#[test]
fn what_the_problem_does_not_have_is_a_fault_in_a_pe_ctt_solution() {
    let p = load("small.tim");
    assert_eq!(
        faults(&p, "0 0\n1 0\n45 7\n"),
        [
            r#"1: event "e0" in room 0, expected a room that it can be held in"#,
            r#"2: event "e1" in slot 1, expected a slot that it can be held in"#,
            r#"3: slot "45", expected a whole number from 0 to 44"#,
            r#"3: room "7", expected a whole number from 0 to 1"#,
            r#"4: 3 lines, expected 4, one for each event"#,
        ]
    );
    assert_eq!(
        faults(&p, "-1 -1\n-1 -1\n-1 -1\n-1 -1\n\n-1 -1\n"),
        ["6: another line, expected 4, one for each event"]
    );
}

#[test]
fn a_timetable_of_another_problem_is_not_written() {
    let (p, other) = (load("small.xml"), load("small.ctt"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.xml");
    let error = write_solution(&p, &Timetable::empty(&other), &path, &SolutionInfo::default()).expect_err("a misfit");
    assert_eq!(error.to_string(), "the timetable does not fit the problem: 0 places of enrolment, expected 6");
    assert!(!path.exists());
}

#[test]
fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
    let p = load("small.ctt");
    let path = Path::new("no/such/folder/s.sol");
    let error = write_solution(&p, &Timetable::empty(&p), path, &SolutionInfo::default()).expect_err("an error");
    assert!(error.to_string().starts_with("cannot write no/such/folder/s.sol: "), "{error}");
}

#[test]
fn lengths_are_read_and_are_written_where_nothing_else_tells_times_apart() {
    let text = r#"<problem name="two" nrDays="5" slotsPerDay="288" nrWeeks="2">
<optimization time="1" room="1" distribution="1" student="1"/>
<rooms/>
<courses><course id="1"><config id="1"><subpart id="1"><class id="1" limit="9" room="false">
<time days="10000" start="100" length="10" weeks="11" penalty="0"/>
<time days="10000" start="100" length="20" weeks="11" penalty="3"/>
<time days="01000" start="100" length="10" weeks="11" penalty="0"/>
</class></subpart></config></course></courses>
<distributions/><students/>
</problem>"#;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("two.xml");
    std::fs::write(&path, text).expect("written");
    let p = stage0_load::load(&path).unwrap_or_else(|e| panic!("{e}"));
    let placed = |time: u16| Timetable { placements: vec![at(time, Placement::NO_ROOM)], enrolment: Vec::new() };
    // What is written is what is read back (`written` sees to that).
    assert!(written(&p, &placed(0)).contains("length=\"10\"") && written(&p, &placed(1)).contains("length=\"20\""));
    assert!(!written(&p, &placed(2)).contains("length"));
    let solution = |time: &str| format!("<solution name=\"two\"><class id=\"1\" {time} weeks=\"11\"/></solution>");
    let read = |time: &str| {
        let path = folder.path().join("solution");
        std::fs::write(&path, solution(time)).expect("written");
        read_solution(&p, &path).map(|t| t.placements[0].time)
    };
    assert_eq!(read("days=\"01000\" start=\"100\" length=\"10\"").ok(), Some(2));
    assert!(faults(&p, &solution("days=\"10000\" start=\"100\""))[0].contains("two lengths are possible"));
    let wrong = faults(&p, &solution("days=\"01000\" start=\"100\" length=\"11\""));
    assert!(wrong[0].contains("start 100 length 11") && wrong[0].contains("one of its times"), "{wrong:?}");
}

#[test]
fn encodings_that_mean_utf_8_are_read_and_others_as_they_are_declared() {
    let p = load("small.xml");
    let read = |head: &str, technique: &str| {
        let name = p.name(p.meta().name);
        let text = format!("{head}<solution name=\"{name}\" technique=\"{technique}\"></solution>");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("solution");
        std::fs::write(&path, text).expect("written");
        read_solution(&p, &path).map_err(|e| e.to_string())
    };
    let head = |encoding: &str| format!("<?xml version='1.0' encoding='{encoding}'?>\n");
    for encoding in ["utf8", "UTF8", "utf-8", "us-ascii", "ISO-8859-1", "windows-1252"] {
        assert!(read(&head(encoding), "plain").is_ok(), "{encoding}");
    }
    assert!(read(&head("utf8"), "Größe").is_ok());
    let refused = read(&head("ISO-8859-1"), "Größe").unwrap_err();
    assert!(refused.contains("text that is UTF-8 in one place and not in another"), "{refused}");
    assert!(read(&head("utf-16"), "plain").is_ok(), "the bytes say that it is not");
    assert!(read(&head("EBCDIC-US"), "plain").unwrap_err().contains("encoding \"EBCDIC-US\""));
}
