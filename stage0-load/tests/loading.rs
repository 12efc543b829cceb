//! Small files whose problem can be checked by hand.

use std::path::{Path, PathBuf};
use timetable::{ClassId, ConstraintId, Format, Kind, Problem, RoomId};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn load(name: &str) -> Problem {
    stage0_load::load(&data(name)).unwrap_or_else(|e| panic!("{e}"))
}

/// Day bits, week bits, start, length, penalty of each time of a class.
fn times(p: &Problem, class: u32) -> Vec<(u16, u64, u16, u16, u32)> {
    let times = p.times_of(ClassId(class)).iter();
    times
        .map(|o| {
            let t = p.times()[o.time as usize];
            (t.days, t.weeks, t.start, t.length(), o.penalty)
        })
        .collect()
}

fn rooms(p: &Problem, class: u32) -> Vec<(&str, u32)> {
    p.rooms_of(ClassId(class)).iter().map(|o| (p.room_name(RoomId(o.room)), o.penalty)).collect()
}

/// Kind, name, penalty, parameters, class names.
type Constraint<'p> = (Kind, &'p str, Option<u32>, Vec<u32>, Vec<&'p str>);

fn constraints(p: &Problem) -> Vec<Constraint<'_>> {
    (0..p.constraints().len())
        .map(|i| {
            let (id, c) = (ConstraintId::new(i), p.constraints()[i]);
            let kind = p.kind_of(id);
            let classes = p.classes_of(id).iter().map(|&k| p.class_name(ClassId(k))).collect();
            (kind, p.name(c.name), (c.hard == 0).then_some(c.penalty), c.params[..kind.arity()].to_vec(), classes)
        })
        .collect()
}

#[test]
fn an_itc_2019_problem_is_what_its_file_says() {
    let p = load("small.xml");
    let m = p.meta();
    assert_eq!((p.format(), p.name(m.name)), (Format::Itc2019, "small & neat"));
    assert_eq!((m.weeks, m.days, m.slots), (2, 2, 10));
    assert_eq!((m.time_weight, m.room_weight, m.distribution_weight, m.student_weight), (2, 1, 5, 10));
    assert_eq!(m.student_conflicts_hard, 0);

    assert_eq!(p.rooms().iter().map(|r| r.capacity).collect::<Vec<_>>(), [50, 20, 0]);
    let [a, b, c] = [RoomId(0), RoomId(1), RoomId(2)];
    assert_eq!([p.travel_between(a, b), p.travel_between(b, a), p.travel_between(a, c)], [2, 2, 0]);
    let unavailable = p.times()[p.unavailable_of(a)[0] as usize];
    assert_eq!((unavailable.weeks, unavailable.days, unavailable.start, unavailable.end), (0b10, 0b01, 0, 2));

    assert_eq!(p.class_ids().map(|c| p.class_name(c)).collect::<Vec<_>>(), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(times(&p, 0), [(0b01, 0b11, 0, 4, 0), (0b10, 0b01, 2, 4, 7)]);
    assert_eq!(times(&p, 2), [(0b10, 0b11, 6, 2, 0), (0b11, 0b10, 8, 2, 0)]);
    assert_eq!(rooms(&p, 1), [("A", 0), ("B", 4)]);
    assert_eq!(rooms(&p, 5), []);
    assert_eq!(
        p.classes().iter().map(|k| k.limit()).collect::<Vec<_>>(),
        [Some(40), Some(20), Some(20), None, Some(5), None]
    );
    assert_eq!((p.classes()[1].parent, p.classes()[2].parent, p.classes()[0].parent), (0, 0, timetable::NONE));

    assert_eq!(
        constraints(&p),
        [
            (Kind::SameAttendees, "", None, vec![], vec!["1", "2"]),
            (Kind::MaxBreaks, "", Some(4), vec![1, 6], vec!["1", "3", "5"]),
            (Kind::WorkDay, "", Some(0), vec![8], vec!["4"]),
        ]
    );
    let requests: Vec<(u32, u32, u32)> = p.requests().iter().map(|r| (r.student, r.course, r.slots.len)).collect();
    assert_eq!(requests, [(0, 0, 2), (0, 1, 2), (1, 1, 2)]);
    assert_eq!((p.students().len(), p.student_name(timetable::StudentId(2))), (3, "s3"));
}

#[test]
fn a_lecture_of_cb_ctt_is_a_class_with_the_periods_and_rooms_left_to_it() {
    let p = load("small.ctt");
    assert_eq!((p.format(), p.name(p.meta().name)), (Format::CbCtt, "Toy"));
    assert_eq!((p.meta().weeks, p.meta().days, p.meta().slots), (1, 2, 3));
    let names: Vec<&str> = p.class_ids().map(|c| p.class_name(c)).collect();
    assert_eq!(names, ["SceCosC-1", "SceCosC-2", "SceCosC-3", "ArcTec-1", "ArcTec-2", "Geo-1"]);
    assert_eq!((p.courses().len(), p.configs().len(), p.subparts().len()), (3, 3, 6));
    // Two days of three periods, less day 0 period 0.
    assert_eq!(times(&p, 0), [(1, 1, 1, 1, 0), (1, 1, 2, 1, 0), (2, 1, 0, 1, 0), (2, 1, 1, 1, 0), (2, 1, 2, 1, 0)]);
    assert_eq!(rooms(&p, 0), [("A", 0), ("B", 0)]);
    assert_eq!(rooms(&p, 3), [("A", 42 - 32), ("B", 0)]);
    let (sce, arc) = (["SceCosC-1", "SceCosC-2", "SceCosC-3"], ["ArcTec-1", "ArcTec-2"]);
    let both = [&sce[..], &arc[..]].concat();
    assert_eq!(
        constraints(&p),
        [
            (Kind::TeacherClash, "Ocra", None, vec![], sce.to_vec()),
            (Kind::TeacherClash, "Indaco", None, vec![], arc.to_vec()),
            (Kind::CurriculumClash, "Cur1", None, vec![], both.clone()),
            (Kind::IsolatedLectures, "Cur1", Some(2), vec![], both),
            (Kind::IsolatedLectures, "Cur2", Some(2), vec![], vec!["Geo-1"]),
            (Kind::MinWorkingDays, "SceCosC", Some(5), vec![2], sce.to_vec()),
            (Kind::RoomStability, "SceCosC", Some(1), vec![], sce.to_vec()),
            (Kind::MinWorkingDays, "ArcTec", Some(5), vec![1], arc.to_vec()),
            (Kind::RoomStability, "ArcTec", Some(1), vec![], arc.to_vec()),
            (Kind::MinWorkingDays, "Geo", Some(5), vec![1], vec!["Geo-1"]),
            (Kind::RoomStability, "Geo", Some(1), vec![], vec!["Geo-1"]),
        ]
    );
}

#[test]
fn an_event_of_pe_ctt_is_a_class_with_suitable_rooms_and_dear_last_slots() {
    let p = load("small.tim");
    assert_eq!((p.format(), p.meta().student_conflicts_hard), (Format::PeCtt, 1));
    assert_eq!((p.meta().weeks, p.meta().days, p.meta().slots), (1, 5, 9));
    // Event 0 has 3 students and needs f0: only r1 (3 seats). Event 1: 1 student, any. Event 2
    // needs f1: r1. Event 3: any.
    assert_eq!(rooms(&p, 0), [("r1", 0)]);
    assert_eq!(rooms(&p, 1), [("r0", 0), ("r1", 0)]);
    assert_eq!(rooms(&p, 2), [("r1", 0)]);
    assert_eq!(rooms(&p, 3), [("r0", 0), ("r1", 0)]);
    // Event 1 in slots 0, 8 and 17 of the week: the last slots of the first two days cost its one
    // student.
    assert_eq!(times(&p, 1), [(1, 1, 0, 1, 0), (1, 1, 8, 1, 1), (2, 1, 8, 1, 1)]);
    assert_eq!((times(&p, 0).len(), times(&p, 0)[8]), (45, (1, 1, 8, 1, 3)));
    assert_eq!(
        constraints(&p),
        [
            (Kind::Precedence, "", None, vec![], vec!["e0", "e1"]),
            (Kind::Precedence, "", None, vec![], vec!["e3", "e2"]),
            (Kind::StudentSingleClassDay, "", Some(1), vec![], vec![]),
            (Kind::StudentLongRun, "", Some(1), vec![2], vec![]),
        ]
    );
    let requests: Vec<(u32, u32)> = p.requests().iter().map(|r| (r.student, r.course)).collect();
    assert_eq!(requests, [(0, 0), (0, 1), (1, 0), (1, 2), (2, 0)]);
}

#[test]
fn compressed_files_are_known_by_their_content_not_by_their_name() {
    let plain = std::fs::read(data("small.xml")).expect("the file");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("problem.txt");
    let hash = load("small.xml").block().hash();
    std::fs::write(&path, zstd::encode_all(&plain[..], 3).expect("packed")).expect("written");
    assert_eq!(stage0_load::load(&path).expect("it loads").block().hash(), hash);
    stage0_load::write_file(&folder.path().join("x.gz"), |w| w.write_all(&plain)).expect("written");
    std::fs::rename(folder.path().join("x.gz"), &path).expect("renamed");
    assert_eq!(stage0_load::load(&path).expect("it loads").block().hash(), hash);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["small.xml", "small.ctt", "small.tim"] {
        let text = std::fs::read_to_string(data(name)).expect("the file");
        let path = folder.path().join(name);
        std::fs::write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).expect("written");
        assert_eq!(
            stage0_load::load(&path).unwrap_or_else(|e| panic!("{e}")).block().hash(),
            load(name).block().hash()
        );
    }
}
