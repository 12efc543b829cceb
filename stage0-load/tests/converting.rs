//! Problems written: the same when read back, refused with the reason where the format cannot hold
//! them.

use std::path::{Path, PathBuf};
use timetable::{ConstraintId, Format, Kind, Problem};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn load(path: &Path) -> Problem {
    stage0_load::load(path).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_problem_written_in_its_own_format_is_read_back_as_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["small.xml", "small.ctt", "small.tim"] {
        let p = load(&data(name));
        for ending in ["", ".gz", ".zst"] {
            let path = folder.path().join(format!("{name}{ending}"));
            stage0_load::write_problem(&p, p.format(), &path).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(load(&path).block().hash(), p.block().hash(), "{name}{ending}");
        }
    }
}

#[test]
fn a_format_that_cannot_hold_a_problem_says_what_it_cannot_hold_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out");
    let refusal = |name: &str, format| {
        let p = load(&data(name));
        let e = stage0_load::write_problem(&p, format, &path).expect_err("a refusal").to_string();
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
        e
    };
    assert_eq!(
        refusal("small.ctt", Format::Itc2019),
        "ITC-2019 cannot hold this problem: 3 constraints MinWorkingDays; 2 constraints IsolatedLectures; 3 constraints RoomStability"
    );
    assert_eq!(
        refusal("small.tim", Format::Itc2019),
        "ITC-2019 cannot hold this problem: student conflicts that are hard; 1 constraints StudentSingleClassDay; 1 constraints StudentLongRun"
    );
    assert_eq!(
        refusal("small.xml", Format::CbCtt),
        "CB-CTT cannot hold this problem: 2 weeks; 3 students; 1 constraints SameAttendees; 1 constraints WorkDay; 1 constraints MaxBreaks; \
         courses with other than one configuration; subparts with other than one class; classes of more than one period"
    );
    assert_eq!(
        refusal("small.ctt", Format::PeCtt),
        "PE-CTT cannot hold this problem: a calendar of 1 × 2 × 3; student conflicts that are not hard; 2 constraints TeacherClash; \
         1 constraints CurriculumClash; 3 constraints MinWorkingDays; 2 constraints IsolatedLectures; 3 constraints RoomStability; \
         courses with other than one class"
    );
}

#[test]
fn clashes_of_teachers_and_curricula_become_not_overlap() {
    let mut b = timetable::ProblemBuilder::new(timetable::Meta {
        name: "clash".into(),
        weeks: 1,
        days: 1,
        slots: 2,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let times = [(b.time(1, 1, 0, 1), 0), (b.time(1, 1, 1, 1), 0)];
    let room = b.room("a \"b\" <c>\td", 3, &[], &["beamer"]);
    let mut classes = Vec::new();
    for name in ["x", "y"] {
        b.course(name);
        b.config("");
        b.subpart("");
        classes.push(b.class(timetable::ClassSpec { name, limit: None, times: &times, rooms: &[(room, 2)] }));
    }
    for kind in [Kind::TeacherClash, Kind::CurriculumClash] {
        let spec = timetable::ConstraintSpec {
            kind,
            name: "N. N.",
            penalty: None,
            params: &[],
            classes: &classes,
            times: &[],
        };
        b.constraint(spec);
    }
    let p = b.build().expect("a problem");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.xml");
    stage0_load::write_problem(&p, Format::Itc2019, &path).expect("written");
    let back = load(&path);
    assert_eq!([0, 1].map(|i| back.kind_of(ConstraintId(i))), [Kind::NotOverlap; 2]);
    assert_eq!(back.constraint_classes(), p.constraint_classes());
    assert_eq!(back.room_name(timetable::RoomId(0)), "a \"b\" <c>\td");
    assert_eq!((back.class_times(), back.class_rooms()), (p.class_times(), p.class_rooms()));
}

#[test]
fn names_that_xml_cannot_hold_are_refused_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, good, bad, found) in [
        ("small.ctt", "Geo", "G\u{1}o", ":12: course \"G\\u{1}o\", expected 1 to 255 bytes without control characters"),
        ("small.ctt", "Name: ", "Name: \u{7}", ":1: Name \"\\u{7}"),
        ("small.xml", "<class id=\"1\"", "<class id=\"\u{1f}\"", ": class \"\\u{1f}\", expected 1 to 255 bytes"),
        ("small.xml", "<problem name=\"", "<problem name=\"\u{ffff}", "\\u{ffff}"),
    ] {
        let text = std::fs::read_to_string(data(name)).expect("text");
        assert!(text.contains(good), "{good}");
        let path = folder.path().join(name);
        std::fs::write(&path, text.replacen(good, bad, 1)).expect("written");
        let faults = stage0_load::load(&path).expect_err("a refusal").to_string();
        assert!(faults.contains(&format!("{name}{found}")) || faults.contains(found), "{faults}");
    }
}

#[test]
fn an_order_that_is_said_once_is_written_on_both_sides_of_the_diagonal() {
    // Three events, two rooms; event 1 before 2, 2 before 0, said on one side only.
    let slots = "1 ".repeat(45);
    let text = format!("3 2 0 0\n9\n9\n{slots}\n{slots}\n{slots}\n0 0 0\n0 0 1\n1 0 0\n");
    let folder = tempfile::tempdir().expect("a folder");
    let (path, out) = (folder.path().join("p.tim"), folder.path().join("q.tim"));
    std::fs::write(&path, text).expect("written");
    let p = load(&path);
    let pairs: Vec<Vec<u32>> = (0..2).map(|i| p.classes_of(ConstraintId::new(i)).to_vec()).collect();
    assert_eq!(pairs, [[2, 0], [1, 2]]);
    stage0_load::write_problem(&p, Format::PeCtt, &out).expect("it can be held");
    assert_eq!(load(&out).block().hash(), p.block().hash());
}
