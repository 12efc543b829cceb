use super::*;
use std::collections::BTreeSet;
use timetable::{Kind, Problem, TimeRow};

fn at_scale(scale: f64) -> Campus {
    Campus { scale, ..Campus::new(7) }
}

fn class_sizes(tables: &Tables) -> Vec<u32> {
    let enrolled = tables.enrolled();
    let courses = tables.courses.iter().zip(enrolled);
    courses.flat_map(|(c, n)| (0..c.sections_for(n)).map(move |s| (n + s) / c.sections_for(n))).collect()
}

/// Shares of the sections with 2, 3, 4 and 5 or 6 sessions a week, in thousandths.
fn session_shares(tables: &Tables) -> [u32; 4] {
    let mut sections = [0; 4];
    for c in &tables.courses {
        sections[(c.sessions as usize - 2).min(3)] += c.sections.unwrap();
    }
    sections.map(|n| n * 1000 / sections.iter().sum::<u32>())
}

fn outside_share(tables: &Tables) -> f64 {
    let own = |&&(s, c): &&(u32, u32)| {
        let group = &tables.students[s as usize].group;
        group.split('-').next() == Some(&tables.courses[c as usize].department)
    };
    1.0 - tables.enrolments.iter().filter(own).count() as f64 / tables.enrolments.len() as f64
}

fn check_counts(campus: &Campus) {
    let Counts { departments, offerings, sections, sessions, students, enrolments, teachers, rooms } = campus.counts();
    let tables = campus.tables();
    let scale = campus.scale;
    let named: BTreeSet<&str> = tables.courses.iter().map(|c| c.department.as_str()).collect();
    assert_eq!(named.len() as u32, departments, "scale {scale}");
    assert_eq!(tables.courses.len() as u32, offerings, "scale {scale}");
    assert_eq!(tables.courses.iter().map(|c| c.sections.unwrap()).sum::<u32>(), sections, "scale {scale}");
    assert_eq!(tables.courses.iter().map(|c| c.sections.unwrap() * c.sessions).sum::<u32>(), sessions, "scale {scale}");
    assert_eq!(tables.students.len() as u32, students, "scale {scale}");
    assert_eq!(tables.enrolments.len() as u32, enrolments, "scale {scale}");
    assert_eq!(tables.rooms.len() as u32, rooms, "scale {scale}");
    let teaching: BTreeSet<u32> = tables.courses.iter().flat_map(|c| c.teachers.iter().flatten().copied()).collect();
    assert_eq!((tables.teachers.len() as u32, teaching.len() as u32), (teachers, teachers), "scale {scale}");
    assert_eq!(
        tables.enrolments.iter().collect::<BTreeSet<_>>().len() as u32,
        enrolments,
        "nobody takes a course twice"
    );
    let sizes = class_sizes(&tables);
    assert!(sizes.iter().all(|s| (30..=60).contains(s)), "scale {scale}: sections of 30 to 60");
    for (c, n) in tables.courses.iter().zip(tables.enrolled()) {
        assert!(c.sections.unwrap() * c.section_size.unwrap() >= n && c.section_size.unwrap() <= 60);
    }
    let problem = tables.problem().unwrap();
    assert_eq!(problem.classes().len() as u32, sessions);
    assert_eq!(problem.requests().len() as u32, enrolments);
}

#[test]
fn the_campus_at_scale_one_has_exactly_the_counts_of_its_model() {
    let campus = Campus::new(1);
    let c = campus.counts();
    assert_eq!((c.offerings, c.sections, c.sessions, c.students), (1_332, 2_494, 8_305, 19_058));
    assert_eq!((c.enrolments, c.teachers, c.departments, c.rooms), (117_716, 2_320, 127, 1_147));
    check_counts(&campus);
    let tables = campus.tables();
    // 117,716 / 2,494 = 47.2 a section, 117,716 / 19,058 = 6.2 a student.
    assert_eq!(class_sizes(&tables).iter().sum::<u32>(), 117_716);
    // 11 %, 48 %, 40 %, 2 % make 101 %: the counts between which they were rounded.
    let [two, three, four, more] = session_shares(&tables);
    assert!((105..=115).contains(&two) && (470..=485).contains(&three), "{two} {three}");
    assert!((395..=405).contains(&four) && (15..=25).contains(&more), "{four} {more}");
    let outside = outside_share(&tables);
    assert!((0.255..=0.295).contains(&outside), "{outside}");
}

#[test]
fn a_campus_of_any_scale_and_variant_has_its_counts() {
    for scale in [0.01, 0.013, 0.02, 0.05, 0.1, 0.37, 2.0] {
        check_counts(&at_scale(scale));
    }
    let small_rooms = Campus { rooms: RoomSeats::ThirtyToHundred, slots: WeekSlots::FortyEight, ..at_scale(0.1) };
    check_counts(&small_rooms);
    let capacities: Vec<u32> = small_rooms.tables().rooms.iter().map(|r| r.capacity).collect();
    assert_eq!((capacities.iter().min(), capacities.iter().max()), (Some(&30), Some(&100)));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let bytes = |seed| campus(&Campus { scale: 0.1, ..Campus::new(seed) }).block().bytes().to_vec();
    assert!(bytes(1) == bytes(1));
    assert!(bytes(1) != bytes(2));
    assert!(demo(1).block().bytes() == demo(1).block().bytes());
    assert!(demo(1).block().hash() != demo(2).block().hash());
}

#[test]
fn the_campus_uses_only_what_itc_2019_can_say() {
    let problem = campus(&at_scale(0.05));
    for c in problem.constraints() {
        let kind = Kind::from_raw(c.kind).unwrap();
        assert!((kind as u32) < 19 || kind == Kind::TeacherClash, "{kind}");
    }
}

#[test]
fn the_demo_is_small_and_shows_every_rule() {
    let problem = demo(1);
    let sections: u32 = problem
        .courses()
        .iter()
        .map(|c| problem.subparts()[problem.configs()[c.configs.range()][0].subparts.range()][0].classes.len)
        .sum();
    assert_eq!((sections, problem.students().len(), problem.rooms().len()), (60, 300, 12));
    let kinds: BTreeSet<Kind> = problem.constraints().iter().map(|c| Kind::from_raw(c.kind).unwrap()).collect();
    let expected = [
        Kind::DifferentDays,
        Kind::SameRoom,
        Kind::MaxDayLoad,
        Kind::MaxBlock,
        Kind::TeacherClash,
        Kind::Availability,
        Kind::LunchBreak,
        Kind::Gaps,
        Kind::FixedPlacement,
    ];
    assert_eq!(kinds, expected.into_iter().collect());
}

/// Places classes one after the other at the first time and room free for room, teacher and
/// section; how many stay unplaced.
fn greedily_unplaced(problem: &Problem) -> usize {
    let n = problem.classes().len();
    let mut apart = vec![Vec::new(); n];
    for (i, c) in problem.constraints().iter().enumerate() {
        let kind = Kind::from_raw(c.kind).unwrap();
        if matches!(kind, Kind::TeacherClash | Kind::DifferentDays | Kind::NotOverlap) {
            let classes = problem.classes_of(timetable::ConstraintId::new(i));
            for &a in classes {
                apart[a as usize].extend(classes.iter().filter(|&&b| b != a).map(|&b| (b, kind)));
            }
        }
    }
    let mut at: Vec<Option<TimeRow>> = vec![None; n];
    let mut in_room: Vec<Vec<TimeRow>> = vec![Vec::new(); problem.rooms().len()];
    for class in problem.class_ids() {
        'times: for (k, _) in problem.times_of(class).iter().enumerate() {
            // Begin elsewhere for each class, so that days fill evenly.
            let options = problem.times_of(class);
            let time = problem.times()[options[(k + class.index() * 7) % options.len()].time().index()];
            for &(other, kind) in &apart[class.index()] {
                let clash =
                    |t: TimeRow| if kind == Kind::DifferentDays { t.shares_day(&time) } else { t.overlaps(&time) };
                if at[other as usize].is_some_and(clash) {
                    continue 'times;
                }
            }
            let free = |r: u32| {
                let closed = problem.unavailable_of(timetable::RoomId(r));
                !in_room[r as usize].iter().any(|t| t.overlaps(&time))
                    && !closed.iter().any(|&t| problem.times()[t as usize].overlaps(&time))
            };
            if let Some(room) = problem.rooms_of(class).iter().find(|r| free(r.room)) {
                in_room[room.room as usize].push(time);
                at[class.index()] = Some(time);
                break;
            }
        }
    }
    at.iter().filter(|t| t.is_none()).count()
}

#[test]
fn every_session_can_be_placed() {
    let mut all = vec![demo(1), demo(2), campus(&Campus::new(1))];
    for scale in [0.01, 0.05, 0.3] {
        all.push(campus(&at_scale(scale)));
        all.push(campus(&Campus {
            rooms: RoomSeats::ThirtyToHundred,
            slots: WeekSlots::FortyEight,
            ..at_scale(scale)
        }));
    }
    for problem in all {
        assert_eq!(greedily_unplaced(&problem), 0, "{}", problem.name(problem.meta().name));
    }
}

#[test]
#[ignore = "a measurement: cargo test --release -p stage0-load -- --ignored --nocapture measure"]
fn measure_sizes_and_times() {
    for (name, campus_of) in [("1", 1.0), ("10", 10.0)] {
        let campus_of = Campus { scale: campus_of, ..Campus::new(1) };
        let begin = std::time::Instant::now();
        let tables = campus_of.tables();
        let generated = begin.elapsed();
        let problem = tables.problem().unwrap();
        let (all, bytes) = (begin.elapsed(), problem.block().bytes().len());
        let folder = tempfile::tempdir().unwrap();
        let begin = std::time::Instant::now();
        tables.write(folder.path()).unwrap();
        let written = begin.elapsed();
        let loaded = crate::csv_folder::load(folder.path()).unwrap();
        assert_eq!(loaded.block().hash(), problem.block().hash());
        let read = begin.elapsed() - written;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
        eprintln!(
            "scale {name}: {bytes} bytes, tables {generated:?}, all {all:?}, folder {written:?}, read {read:?}, {peak}"
        );
    }
}
