//! Whatever a writer writes, its reader reads as the same: problems of every kind, with names that
//! are hard to write, and timetables.

#[path = "../../timetable/tests/common/mod.rs"]
mod common;

use common::{Rng, Shape};
use proptest::prelude::*;
use stage0_load::{SolutionInfo, WriteError, csv_folder, load, read_solution, write_problem, write_solution};
use std::path::Path;
use timetable::*;

const FORMATS: [Format; 4] = [Format::Itc2019, Format::CbCtt, Format::PeCtt, Format::Csv];

/// Names as people and programs give them.
const NAMES: [&str; 22] = [
    "plain",
    "with space",
    " at its ends ",
    "a,b",
    "a;b",
    "a+b",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\"quoted\"",
    "it's",
    "<tag>",
    "&amp;",
    "none",
    "-",
    "#1",
    "=1+2",
    "é",
    "日本",
    "\u{feff}b",
    "\u{1f}",
    "\u{85}",
];

fn name(d: &mut Rng, odd: bool, at: usize) -> String {
    if odd && d.chance(30) { format!("{}{at}", NAMES[d.below(NAMES.len())]) } else { format!("n{at}") }
}

/// A problem with parts of all kinds, each in few numbers, so that every format can hold some of
/// what comes.
fn simple(seed: u64, format: Format, odd: bool) -> Result<Problem, BlockError> {
    let mut d = Rng::new(seed);
    let (weeks, days, slots) = match format {
        Format::PeCtt => (1, 5, 9),
        Format::CbCtt => (1, 1 + d.below(6) as u32, 1 + d.below(7) as u32),
        _ => (1 + d.below(4) as u32, 1 + d.below(7) as u32, 1 + d.below(300) as u32),
    };
    let mut b = ProblemBuilder::new(Meta {
        name: if format == Format::PeCtt { String::new() } else { name(&mut d, odd, 0) },
        weeks,
        days,
        slots,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: format == Format::PeCtt,
        format,
    });
    let unit = matches!(format, Format::PeCtt | Format::CbCtt);
    let rooms: Vec<RoomId> = (0..1 + d.below(3))
        .map(|r| {
            let id = if format == Format::PeCtt { format!("r{r}") } else { name(&mut d, odd, r) };
            let capacity = if d.chance(10) { 2_000_000 } else { 50 };
            b.room(&id, capacity, &[], &[])
        })
        .collect();
    let mut all = Vec::new();
    let mut courses = Vec::new();
    let mut of_course: Vec<(String, Vec<ClassId>)> = Vec::new();
    for c in 0..1 + d.below(4) {
        let id = if format == Format::PeCtt { format!("e{c}") } else { name(&mut d, odd, c) };
        courses.push(b.course(&id));
        b.config(if unit { &id } else { "" });
        let sections = if unit { 1 } else { 1 + d.below(2) };
        let sessions = if format == Format::PeCtt { 1 } else { 1 + d.below(2) };
        let length = if unit { 1 } else { 1 + d.below(slots.min(4) as usize) as u16 };
        let mut times: Vec<(TimeId, u32)> = Vec::new();
        for day in 0..days {
            // In PE-CTT the last slot of a day costs the students who attend.
            let last = slots as u16 - u16::from(format == Format::PeCtt);
            for start in 0..(last + 1).saturating_sub(length) {
                if d.chance(70) || times.is_empty() {
                    times.push((b.time(u64::MAX >> (64 - weeks), 1 << day, start, length), 0));
                }
            }
        }
        let first = all.len();
        let chosen: Vec<(RoomId, u32)> = rooms.iter().map(|&r| (r, 0)).collect();
        for k in 0..sessions {
            let subpart = if unit { format!("{id}-{}", k + 1) } else { (k + 1).to_string() };
            b.subpart(if format == Format::PeCtt { &id } else { &subpart });
            for s in 0..sections {
                let class = if format == Format::PeCtt { id.clone() } else { format!("{id}-{}.{}", s + 1, k + 1) };
                let class = if format == Format::CbCtt { subpart.clone() } else { class };
                let limit = if format == Format::PeCtt { None } else { Some(3) };
                all.push(b.class(ClassSpec { name: &class, limit, times: &times, rooms: &chosen }));
            }
        }
        of_course.push((id, all[first..].to_vec()));
    }
    let teacher = name(&mut d, odd, 7);
    let mut add = |kind, name: &str, penalty, params: &[u32], classes: &[ClassId]| {
        b.constraint(ConstraintSpec { kind, name, penalty, params, classes, times: &[] });
    };
    if format != Format::PeCtt && all.len() > 1 {
        add(Kind::TeacherClash, &teacher, None, &[], &all);
    }
    for (name, classes) in of_course.iter().filter(|_| format == Format::CbCtt) {
        add(Kind::MinWorkingDays, name, Some(5), &[1], classes);
        add(Kind::RoomStability, name, Some(1), &[], classes);
    }
    if format == Format::PeCtt {
        add(Kind::StudentSingleClassDay, "", Some(1), &[], &[]);
        add(Kind::StudentLongRun, "", Some(1), &[2], &[]);
    }
    if format != Format::CbCtt {
        for s in 0..d.below(4) {
            let id = if format == Format::PeCtt { format!("s{s}") } else { name(&mut d, odd, s) };
            let taken: Vec<CourseId> = courses.iter().copied().filter(|_| d.chance(60)).collect();
            b.student(&id, &taken);
        }
    }
    b.build()
}

/// A problem written, read and written again, or what the format cannot hold.
fn back(p: &Problem, format: Format, folder: &Path) -> Result<Problem, Vec<String>> {
    let (first, second) = (folder.join("first"), folder.join("second"));
    match write_problem(p, format, &first) {
        Ok(()) => {}
        Err(WriteError::CannotHold { what, .. }) => {
            assert!(!what.is_empty() && !first.exists(), "it says why, and writes nothing");
            return Err(what);
        }
        Err(e) => panic!("{e}"),
    }
    let q = load(&first).unwrap_or_else(|faults| panic!("{format:?}, own text: {faults}"));
    write_problem(&q, format, &second).unwrap_or_else(|e| panic!("what was read can be written: {e}"));
    assert_eq!(content(&first), content(&second), "{format:?}");
    Ok(q)
}

/// The bytes of a file or of the files of a folder.
fn content(path: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    if path.is_file() {
        return vec![("".into(), std::fs::read(path).expect("readable"))];
    }
    let entries = std::fs::read_dir(path).expect("a folder").map(|e| e.expect("an entry"));
    let mut all: Vec<_> = entries.map(|e| (e.file_name(), std::fs::read(e.path()).expect("readable"))).collect();
    all.sort();
    all
}

/// Some timetable, written for the problem and read again.
fn timetable_back(p: &Problem, seed: u64, folder: &Path) {
    let mut d = Rng::new(seed);
    let mut timetable = Timetable::empty(p);
    for class in p.class_ids() {
        timetable.placements[class.index()] = common::placement(p, class, &mut d);
    }
    for i in 0..p.requests().len() {
        let request = RequestId::new(i);
        // Of PE-CTT's students every one is in all their events.
        let proper = p.format() == Format::PeCtt;
        let mut places = common::places(p, request, &mut d);
        while proper && places.contains(&NONE) {
            places = common::places(p, request, &mut d);
        }
        timetable.enrolment[p.requests()[i].slots.range()].copy_from_slice(&places);
    }
    assert_eq!(timetable.fits(p), Ok(()));
    let path = folder.join("solution");
    match write_solution(p, &timetable, &path, &SolutionInfo::default()) {
        Ok(()) => {}
        Err(WriteError::CannotHold { .. } | WriteError::Misfit(_) | WriteError::Calendar) => return,
        Err(e) => panic!("{e}"),
    }
    let again = read_solution(p, &path).unwrap_or_else(|faults| panic!("{:?}, own timetable: {faults}", p.format()));
    assert_eq!(check(p, &again).score, check(p, &timetable).score, "{:?}", p.format());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn problems_with_names_of_all_kinds(seed in any::<u64>(), odd in any::<bool>(), as_format in 0..4usize) {
        let format = FORMATS[as_format];
        let p = simple(seed, format, odd).expect("a sound problem");
        for to in FORMATS {
            let folder = tempfile::tempdir().expect("a folder");
            let q = back(&p, to, folder.path());
            let sessions = p.configs().iter().map(|c| c.subparts.len).max();
            let times = p.class_ids().map(|c| p.times_of(c).len() as u32).min();
            let small = p.rooms().iter().all(|r| r.capacity == 50) && p.meta().slots <= 288 && sessions <= times;
            if !odd && to == format && to != Format::Csv && small {
                prop_assert!(q.is_ok(), "{:?} holds it: {:?}", format, q.err());
            }
            if let Ok(q) = q {
                timetable_back(&q, seed, folder.path());
            }
        }
    }

    /// Every kind of constraint, students, travel: mostly refused but by ITC-2019, with few kinds.
    #[test]
    fn problems_with_constraints_of_all_kinds(seed in any::<u64>(), shape in 0..8u8, kinds in prop::collection::btree_set(0..30usize, 0..3)) {
        let kinds: Vec<Kind> = kinds.into_iter().map(|k| Kind::ALL[k]).collect();
        let (units, travel, post_enrolment) = (shape & 1 > 0, shape & 2 > 0, shape & 4 > 0);
        let p = common::problem_with(seed, Shape { units, travel, students: true, post_enrolment }, &kinds);
        for to in FORMATS {
            let folder = tempfile::tempdir().expect("a folder");
            if let Ok(q) = back(&p, to, folder.path()) {
                timetable_back(&q, seed, folder.path());
            }
        }
    }
}

/// Tables of a folder with what a registrar can say in them.
fn tables(d: &mut Rng) -> csv_folder::Tables {
    use csv_folder::*;
    let (days, slots) = (1 + d.below(5) as u16, 2 + d.below(6) as u16);
    let window = |d: &mut Rng| {
        let from = d.below(slots.into()) as u16;
        Window { days: 1 + d.below((1 << days) - 1) as u16, from, to: from + 1 + d.below((slots - from).into()) as u16 }
    };
    let calendar = Calendar {
        name: "t".into(),
        weeks: 1 + d.below(3) as u32,
        days: (0..days).map(|i| format!("D{i}")).collect(),
        slots: vec![(0, 0); slots.into()],
        term: None,
    };
    let rules =
        Rules { avoid: (0..d.below(4)).map(|_| (window(d), 1 + d.below(9) as u32)).collect(), ..Rules::default() };
    let rooms = (0..1 + d.below(4))
        .map(|i| Room { id: format!("R{i}"), capacity: 10 + d.below(40) as u32, ..Room::default() })
        .collect::<Vec<_>>();
    let teachers: Vec<Teacher> = (0..d.below(4))
        .map(|i| {
            let unavailable = if d.chance(40) { vec![window(d)] } else { Vec::new() };
            Teacher { id: format!("t{i}"), unavailable, ..Teacher::default() }
        })
        .collect();
    let students: Vec<Student> =
        (0..d.below(12)).map(|i| Student { id: format!("s{i}"), ..Student::default() }).collect();
    let courses: Vec<Course> = (0..1 + d.below(4))
        .map(|i| Course {
            id: format!("C{i}"),
            teachers: (0..d.below(3)).map(|_| (0..teachers.len() as u32).filter(|_| d.chance(40)).collect()).collect(),
            sections: d.chance(60).then(|| 1 + d.below(3) as u32),
            section_size: d.chance(60).then(|| 12 + d.below(9) as u32),
            sessions: 1 + d.below(3) as u32,
            length: 1 + d.below(2) as u16,
            times: if d.chance(50) { (0..1 + d.below(2)).map(|_| window(d)).collect() } else { Vec::new() },
            ..Course::default()
        })
        .collect();
    let pairs = (0..students.len() as u32).flat_map(|s| (0..courses.len() as u32).map(move |c| (s, c)));
    let enrolments = pairs.filter(|_| d.chance(40)).collect();
    Tables { calendar, rules, rooms, teachers, students, courses, enrolments, fixed: Vec::new() }
}

#[test]
fn what_a_folder_said_can_be_said_by_a_folder() {
    let (mut refused, mut problems) = (Vec::new(), 0);
    for seed in 0..400 {
        let tables = tables(&mut Rng::new(seed));
        let Ok(p) = tables.problem() else { continue };
        problems += 1;
        let folder = tempfile::tempdir().expect("a folder");
        if let Err(e) = write_problem(&p, Format::Csv, &folder.path().join("first")) {
            refused.push(format!("{seed}: {e}"));
        }
    }
    assert!(refused.is_empty() && problems > 100, "{problems} problems, refused: {refused:?}");
}
