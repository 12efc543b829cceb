//! The page: it holds what `timetable.csv` holds, and nothing of the input becomes markup.

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{Shown, data_of, texts};
use serde_json::Value;
use sha2::{Digest, Sha256};
use stage0_load::csv_folder::write_timetable;
use stage0_load::{Words, generate::demo_tables};
use std::collections::BTreeSet;
use timetable::{ClassId, Placement, Rule, check};
use viewer::{Before, View, write_page};

fn page(shown: &Shown, before: Option<Before<'_>>) -> String {
    let Shown { problem, timetable, labels } = shown;
    let report = check(problem, timetable);
    let unplaced = scheduler::unplaced(timetable, &Words::new(problem, None, Some(&labels.calendar)));
    let view = View {
        problem,
        timetable,
        labels: Some(labels),
        report: &report,
        unplaced: &unplaced,
        events: &[],
        bound: None,
        before,
    };
    let mut page = Vec::new();
    write_page(&view, &mut page).expect("a page");
    String::from_utf8(page).expect("UTF-8")
}

fn numbers(value: &Value) -> Vec<i64> {
    value.as_array().expect("a list").iter().map(|n| n.as_i64().expect("a number")).collect()
}

/// The lines of `timetable.csv`, as the page has them.
fn lines(data: &Value) -> BTreeSet<Vec<String>> {
    let (rooms, teachers, courses) =
        (texts(data, "rooms", "id"), texts(data, "teachers", "id"), texts(data, "courses", "id"));
    let days: Vec<&str> = data["days"].as_array().unwrap().iter().map(|day| day.as_str().unwrap()).collect();
    let classes = &data["classes"];
    let column = |name: &str| numbers(&classes[name]);
    let (course, section, session, time, room) =
        (column("course"), column("section"), column("session"), column("time"), column("room"));
    let line = |class: usize| {
        let taught =
            numbers(&classes["teachers"][class]).iter().map(|&t| teachers[t as usize]).collect::<Vec<_>>().join(";");
        let mut line =
            vec![courses[course[class] as usize].to_owned(), section[class].to_string(), session[class].to_string()];
        if time[class] < 0 {
            line.extend([String::new(), String::new(), String::new(), String::new(), taught, String::new()]);
            return line;
        }
        let at = numbers(&data["times"][time[class] as usize]);
        let held: Vec<&str> =
            days.iter().enumerate().filter(|(d, _)| at[1] >> d & 1 == 1).map(|(_, name)| *name).collect();
        let weeks = data["weeksets"][at[0] as usize].as_array().unwrap().len() as i64;
        assert_eq!(weeks, data["weeks"].as_i64().unwrap(), "the demo's courses are held in all weeks");
        line.extend([
            held.join("+"),
            data["slots"][at[2] as usize][0].as_str().unwrap().to_owned(),
            data["slots"][at[3] as usize - 1][1].as_str().unwrap().to_owned(),
            if room[class] < 0 { String::new() } else { rooms[room[class] as usize].to_owned() },
            taught,
            "all".to_owned(),
        ]);
        line
    };
    (0..course.len()).map(line).collect()
}

#[test]
fn the_page_holds_the_lines_of_timetable_csv_and_the_names_beside_them() {
    let shown = Shown::of(&demo_tables(1));
    let folder = tempfile::tempdir().unwrap();
    write_timetable(&shown.problem, &shown.timetable, Some(&shown.labels), folder.path()).unwrap();
    let mut reader = csv::Reader::from_path(folder.path().join("timetable.csv")).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header[9..], ["course_name", "department", "teacher_name"]);
    let rows: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let data = data_of(&page(&shown, None));
    assert_eq!(lines(&data), rows.iter().map(|row| row[..9].to_vec()).collect());
    let (ids, names) = (texts(&data, "courses", "id"), texts(&data, "courses", "name"));
    for row in &rows {
        let course = ids.iter().position(|id| *id == row[0]).unwrap();
        assert_eq!((names[course], texts(&data, "courses", "department")[course]), (row[9].as_str(), row[10].as_str()));
    }
    assert_eq!(texts(&data, "groups", "id").len(), 10, "five programmes of two years");
}

#[test]
fn students_are_in_the_classes_of_their_enrolment() {
    let shown = Shown::of(&demo_tables(2));
    let data = data_of(&page(&shown, None));
    let mut filled = vec![0i64; shown.problem.classes().len()];
    for steps in data["taken"].as_array().unwrap() {
        let mut at = 0;
        for step in numbers(steps) {
            at += step;
            filled[at as usize] += 1;
        }
    }
    let mut expected = vec![0i64; filled.len()];
    shown.timetable.enrolment.iter().for_each(|&class| expected[class as usize] += 1);
    assert_eq!(filled, expected);
    assert_eq!(numbers(&data["classes"]["students"]), expected);
}

#[test]
fn every_violation_and_every_class_that_is_not_placed_is_in_the_page() {
    let shown = Shown::of(&demo_tables(1));
    let report = check(&shown.problem, &shown.timetable);
    let data = data_of(&page(&shown, None));
    let listed = data["violations"].as_array().unwrap();
    let expected: Vec<_> = report.violations.iter().filter(|v| v.rule != Rule::Unplaced).collect();
    assert!(expected.len() > 10, "{} violations", expected.len());
    assert_eq!(listed.len() as u64 + data["left_out"].as_u64().unwrap(), expected.len() as u64);
    for (listed, violation) in listed.iter().zip(expected) {
        assert_eq!(listed[0], violation.rule.name());
        assert_eq!(listed[1], violation.describe(&shown.problem));
        assert_eq!(numbers(&listed[2]), violation.classes.iter().map(|c| i64::from(c.0)).collect::<Vec<_>>());
    }
    assert_eq!(data["unplaced"].as_array().unwrap().len(), 1);
    assert_eq!(data["unplaced"][0][0], 3);
    assert_eq!(data["score"]["hard"], report.score.hard);
    assert_eq!(data["score"]["valid"], false);
}

#[test]
fn names_never_become_markup_and_only_the_own_script_may_run() {
    const EVIL: &str = "</script><b onclick=alert(1)>{script}\u{202e}\"'&";
    let mut tables = demo_tables(1);
    tables.calendar.name = EVIL.to_owned();
    tables.courses[0].name = EVIL.to_owned();
    tables.teachers[0].id = EVIL.to_owned();
    tables.teachers[0].name = EVIL.to_owned();
    tables.students[0].group = EVIL.to_owned();
    tables.rooms[0].id = EVIL.to_owned();
    let shown = Shown::of(&tables);
    let page = page(&shown, None);
    assert!(!page.contains("<b onclick"), "no markup of the input");
    assert_eq!(page.matches("</script>").count(), 2, "the data and the script");
    assert_eq!(page.matches("<title>&lt;/script&gt;&lt;b onclick=alert(1)&gt;{script}").count(), 1);
    let data = data_of(&page);
    assert_eq!(texts(&data, "rooms", "id")[0], EVIL);
    assert_eq!(texts(&data, "courses", "name")[0], EVIL);
    let script = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
    assert!(page.contains(&format!(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'"
    )));
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org/2000/svg").count()
    );
    assert!(!page.contains("https://") && !page.contains("innerHTML"));
}

#[test]
fn what_changed_is_told_class_by_class() {
    let shown = Shown::of(&demo_tables(1));
    let mut before = shown.timetable.clone();
    let times = shown.problem.times_of(ClassId(5)).len() as u16;
    let now = shown.timetable.placements[5];
    before.placements[5] = Placement { time: (now.time + 1) % times, room: now.room };
    before.placements[9] = Placement::NOWHERE;
    let earlier = Before { name: "last week", problem: &shown.problem, timetable: &before };
    let data = data_of(&page(&shown, Some(earlier)));
    let moved = data["changes"]["moved"].as_array().unwrap();
    assert_eq!(moved.iter().map(|m| m[0].as_i64().unwrap()).collect::<Vec<_>>(), [5, 9]);
    assert_eq!(moved[1][1], "not placed");
    assert_ne!(moved[0][1], moved[0][2]);
    assert_eq!(data["changes"]["against"], "last week");
    let noticed = shown.problem.students().len();
    let students = data["changes"]["students"].as_u64().unwrap() as usize;
    assert!(students > 0 && students < noticed, "{students}");
    // A class that the earlier problem did not have is new, one of its that is not here is gone.
    let mut tables = demo_tables(1);
    tables.courses.pop();
    let gone = tables.courses.len() as u32;
    tables.enrolments.retain(|&(_, course)| course < gone);
    let fewer = Shown::of(&tables);
    let earlier = Before { name: "", problem: &fewer.problem, timetable: &fewer.timetable };
    let data = data_of(&page(&shown, Some(earlier)));
    let added = data["changes"]["added"].as_array().unwrap().len();
    assert_eq!(added, shown.problem.classes().len() - fewer.problem.classes().len());
    let earlier = Before { name: "", problem: &shown.problem, timetable: &shown.timetable };
    let data = data_of(&page(&fewer, Some(earlier)));
    assert_eq!(data["changes"]["gone"].as_array().unwrap().len(), added);
}

#[test]
fn the_same_timetable_gives_the_same_page() {
    let shown = Shown::of(&demo_tables(3));
    assert_eq!(page(&shown, None), page(&shown, None));
}
