//! CSV folders: the documented example, hand-checked small ones, there and back again, timetables.

mod csv_support;

use csv_support::{Folder, example};
use stage0_load::csv_folder::*;
use stage0_load::{WriteError, generate};
use timetable::*;

fn of_kind(p: &Problem, kind: Kind) -> Vec<(&str, Option<u32>, Vec<&str>)> {
    let rows = p.constraints().iter().enumerate().filter(|(_, c)| c.kind == kind as u32);
    rows.map(|(i, c)| {
        let classes = p.classes_of(ConstraintId::new(i)).iter().map(|&k| p.class_name(ClassId(k))).collect();
        (p.name(c.name), (c.hard == 0).then_some(c.penalty), classes)
    })
    .collect()
}

#[test]
fn the_example_of_the_documentation_is_the_problem_it_says() {
    let p = load(example().path()).unwrap();
    // Three students in sections of two: two sections of BIO1 with two sessions each; one of LAB1
    // with one.
    let names: Vec<&str> = p.class_ids().map(|c| p.class_name(c)).collect();
    assert_eq!(names, ["BIO1-1.1", "BIO1-2.1", "BIO1-1.2", "BIO1-2.2", "LAB1-1.1"]);
    let parents: Vec<u32> = p.classes().iter().map(|c| c.parent).collect();
    assert_eq!(parents, [NONE, NONE, 0, 1, NONE]);
    let limits: Vec<Option<u32>> = p.classes().iter().map(|c| c.limit()).collect();
    assert_eq!(limits, [Some(2), Some(2), Some(2), Some(2), Some(4)]);
    // Five days of four slots. Ann is away all Monday and in two slots on Friday: 20 - 4 - 2 = 14.
    // Bob is always there: 20; his first session is fixed: 1. LAB1 takes two slots, three starts a
    // day, 15; without Monday's 3 and those on Friday that touch the third or fourth slot, 2: 10.
    let times: Vec<usize> = p.class_ids().map(|c| p.times_of(c).len()).collect();
    assert_eq!(times, [14, 1, 14, 20, 10]);
    let fixed = p.times()[p.times_of(ClassId(1))[0].time().index()];
    assert_eq!((fixed.days, fixed.start, fixed.end, fixed.weeks), (0b10, 0, 1, (1 << 15) - 1));
    let rooms = |c: u32| p.rooms_of(ClassId(c)).iter().map(|r| p.room_name(RoomId(r.room))).collect::<Vec<_>>();
    assert_eq!([rooms(0), rooms(1), rooms(4)], [vec!["R1", "L1"], vec!["R1"], vec!["L1"]]);
    let sections = [vec!["BIO1-1.1", "BIO1-1.2"], vec!["BIO1-2.1", "BIO1-2.2"]];
    let [one, two] = sections;
    let both = |penalty| vec![("BIO1-1", penalty, one.clone()), ("BIO1-2", penalty, two.clone())];
    assert_eq!(of_kind(&p, Kind::DifferentDays), both(None));
    assert_eq!(of_kind(&p, Kind::SameRoom), both(Some(1)));
    let ann = vec!["BIO1-1.1", "BIO1-1.2", "LAB1-1.1"];
    assert_eq!(of_kind(&p, Kind::TeacherClash), [("ann", None, ann.clone()), ("bob", None, two.clone())]);
    // Ann has 1 + 1 + 2 = 4 slots, more than 2; Bob cannot have more than 2.
    assert_eq!(of_kind(&p, Kind::MaxDayLoad), [("ann", None, ann)]);
    assert_eq!(p.constraints().len(), 2 + 2 + 2 + 1);
    let taken: Vec<(&str, u32)> =
        p.requests().iter().map(|r| (p.student_name(StudentId(r.student)), r.course)).collect();
    assert_eq!(taken, [("s1", 0), ("s1", 1), ("s2", 0), ("s3", 0)]);
    assert_eq!((p.meta().weeks, p.meta().days, p.meta().slots, p.meta().student_weight), (15, 5, 4, 1));
}

#[test]
fn soft_rules_become_constraints_with_their_penalties() {
    let folder = example();
    let rules = "[rules]\navailability = 7\nfixed = 9\ndifferent_days = \"off\"\nmax_consecutive = 3\nlunch = 4\nmax_gaps = 5\n\
                 student_conflicts = \"hard\"\n[teachers]\nmax_consecutive = 1\nmax_gaps = 0\nlunch = \"11:00-13:00\"\n\
                 [[avoid]]\nwhen = \"Mon+Tue 09:00-10:00\"\npenalty = 6\n";
    folder.write("rules.toml", rules.as_bytes());
    let p = load(folder.path()).unwrap();
    assert_eq!(p.meta().student_conflicts_hard, 1);
    assert_eq!(of_kind(&p, Kind::Availability), [("ann", Some(7), vec!["BIO1-1.1", "BIO1-1.2", "LAB1-1.1"])]);
    assert_eq!(of_kind(&p, Kind::FixedPlacement), [("", Some(9), vec!["BIO1-2.1"])]);
    assert_eq!(of_kind(&p, Kind::DifferentDays), []);
    assert_eq!(of_kind(&p, Kind::NotOverlap).len(), 2);
    let kinds = [(Kind::MaxBlock, 3), (Kind::LunchBreak, 4), (Kind::Gaps, 5)];
    for (kind, penalty) in kinds {
        let rows = of_kind(&p, kind);
        assert_eq!(
            rows.iter().map(|r| (r.0, r.1)).collect::<Vec<_>>(),
            [("ann", Some(penalty)), ("bob", Some(penalty))]
        );
    }
    let lunch = p.constraints().iter().find(|c| c.kind == Kind::LunchBreak as u32).unwrap();
    assert_eq!(lunch.params, [2, 4, 1], "the third and the fourth slot, one of them free");
    // The first slots of Monday and Tuesday cost 6; a session of two slots that touches one costs
    // 6, too.
    let dear = |c: u32| p.times_of(ClassId(c)).iter().filter(|t| t.penalty == 6).count();
    assert_eq!((dear(0), dear(4)), (2, 2));
}

#[test]
fn folders_of_spreadsheets_are_read_however_they_were_saved() {
    let plain = load(example().path()).unwrap();
    let folder = example();
    // Semicolons between cells, as where decimals have commas; lists then are in quotes. With byte
    // order mark and CR LF.
    let teachers =
        "\u{feff}unavailable;id;name;#room\r\n\"Mon; Fri 11:00-13:00\";ann;Ann Archer;12\r\n;bob;Bob Baker;\r\n;;;\r\n";
    folder.write("teachers.csv", teachers.as_bytes());
    folder.compress("students.csv");
    folder.write("rooms.csv", b"id\tcapacity\tfeatures\nR1\t30\t\nL1\t24\tlab;projector\n");
    assert!(load(folder.path()).unwrap().block().hash() == plain.block().hash());
}

#[test]
fn a_course_keeps_the_rooms_that_fit_best_until_they_are_asked_for_much() {
    let folder = example();
    // Week of 20 slots. A asks for 1 session x 10 sections; two rooms each: 5 of 20 slots, a
    // quarter. Then B finds S1 and S2 a quarter full and takes the larger ones.
    folder.write("courses.csv", b"id,sections,section_size,sessions\nA,10,5,1\nB,1,5,1\nC,1,30,1\n");
    folder.write("rooms.csv", b"id,capacity\nL1,30\nS1,10\nS2,10\nL2,30\nL3,40\n");
    folder.write("enrolments.csv", b"student,course\n");
    folder.write("fixed.csv", b"course,section,session,room\n");
    folder.write("rules.toml", b"[rooms]\nchoices = 2\n");
    let p = load(folder.path()).unwrap();
    let rooms = |c: usize| p.rooms_of(ClassId::new(c)).iter().map(|r| p.room_name(RoomId(r.room))).collect::<Vec<_>>();
    // C has three suitable rooms, the fewest, and chooses first: half a session each, far from a
    // quarter.
    assert_eq!([rooms(0), rooms(10), rooms(11)], [vec!["S1", "S2"], vec!["L1", "L2"], vec!["L1", "L2"]]);
}

fn round_trip(problem: &Problem) -> Problem {
    let folder = tempfile::tempdir().unwrap();
    write_problem(problem, folder.path()).unwrap();
    load(folder.path()).unwrap()
}

#[test]
fn tables_written_and_read_are_the_same_tables() {
    for tables in [
        generate::demo_tables(3),
        generate::Campus { scale: 0.02, ..generate::Campus::new(3) }.tables(),
        read_tables(example().path()).unwrap(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        tables.write(folder.path()).unwrap();
        let mut again = read_tables(folder.path()).unwrap();
        let mut tables = tables;
        for t in [&mut again, &mut tables] {
            t.rooms.iter_mut().for_each(|r| r.line = 0);
            t.teachers.iter_mut().for_each(|r| r.line = 0);
            t.students.iter_mut().for_each(|r| r.line = 0);
            t.courses.iter_mut().for_each(|r| r.line = 0);
            t.fixed.iter_mut().for_each(|r| r.line = 0);
        }
        assert!(tables == again);
        assert!(tables.problem().unwrap().block().hash() == again.problem().unwrap().block().hash());
    }
}

#[test]
fn a_problem_written_as_a_folder_is_the_same_problem_when_read() {
    let campus = generate::campus(&generate::Campus { scale: 0.05, ..generate::Campus::new(1) });
    let small_rooms = generate::Campus { rooms: generate::RoomSeats::ThirtyToHundred, ..generate::Campus::new(1) };
    let small_rooms = generate::campus(&generate::Campus { scale: 0.1, ..small_rooms });
    for problem in [load(example().path()).unwrap(), generate::demo(1), campus, small_rooms] {
        let again = round_trip(&problem);
        assert_eq!(again.classes().len(), problem.classes().len());
        for class in problem.class_ids() {
            assert_eq!(problem.rooms_of(class), again.rooms_of(class));
            let times = |p: &Problem| {
                p.times_of(class).iter().map(|t| (p.times()[t.time().index()], t.penalty)).collect::<Vec<_>>()
            };
            assert_eq!(times(&problem), times(&again));
            assert_eq!(problem.class_name(class), again.class_name(class));
        }
        assert_eq!(problem.constraints().len(), again.constraints().len());
        assert_eq!(problem.requests(), again.requests());
    }
}

#[test]
fn the_campus_can_be_written_as_itc_2019() {
    let campus = generate::campus(&generate::Campus { scale: 0.05, ..generate::Campus::new(1) });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("campus.xml");
    stage0_load::write_problem(&campus, Format::Itc2019, &path).unwrap();
    let again = stage0_load::load(&path).unwrap();
    assert_eq!((again.classes().len(), again.requests()), (campus.classes().len(), campus.requests()));
}

#[test]
fn what_a_folder_cannot_hold_is_named() {
    let meta = Meta {
        name: "odd".into(),
        weeks: 1,
        days: 5,
        slots: 4,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Itc2019,
    };
    let build = |two_days: bool, kind: Option<Kind>, penalty: u32| {
        let mut b = ProblemBuilder::new(meta.clone());
        let (a, z) = (b.room("A", 10, &[], &[]), b.room("Z", 10, &[], &[]));
        let time = b.time(1, if two_days { 0b101 } else { 1 }, 0, 1);
        b.course("C");
        b.config("");
        b.subpart("");
        let spec = ClassSpec { name: "C1", limit: None, times: &[(time, 0)], rooms: &[(a, penalty), (z, 0)] };
        let one = b.class(spec);
        let two = b.class(ClassSpec { name: "C2", ..spec });
        if let Some(kind) = kind {
            b.constraint(ConstraintSpec {
                kind,
                name: "",
                penalty: None,
                params: &[],
                classes: &[one, two],
                times: &[],
            });
        }
        b.build().unwrap()
    };
    let refused = |p: Problem| match describe(&p) {
        Err(WriteError::CannotHold { what, .. }) => what.join("; "),
        other => panic!("{other:?}"),
    };
    assert!(describe(&build(false, None, 0)).is_ok());
    assert_eq!(refused(build(false, Some(Kind::SameStart), 0)), "constraints SameStart");
    assert_eq!(refused(build(true, None, 0)), "class C1: its times; class C2: its times");
    assert_eq!(refused(build(false, None, 3)), "class C1: its rooms; class C2: its rooms");
    assert_eq!(refused(build(false, Some(Kind::NotOverlap), 0)), "constraint NotOverlap of C1, C2");
}

/// Everything in its first place, all students in the first section.
fn some_timetable(p: &Problem) -> Timetable {
    let mut t = Timetable::empty(p);
    for class in p.class_ids() {
        let n = p.times_of(class).len();
        let room = if p.classes()[class.index()].needs_room() { 0 } else { Placement::NO_ROOM };
        t.placements[class.index()] = Placement { time: ((class.0 as usize * 7) % n) as u16, room };
    }
    for r in p.requests() {
        let subparts = p.configs()[p.courses()[r.course as usize].configs.first as usize].subparts;
        for (place, subpart) in r.slots.range().zip(subparts.range()) {
            let classes = p.subparts()[subpart].classes;
            t.enrolment[place] = classes.first + r.student % classes.len;
        }
    }
    t
}

#[test]
fn a_timetable_in_csv_is_for_people_and_leads_back() {
    let folder = example();
    let p = load(folder.path()).unwrap();
    let calendar = read_calendar(folder.path()).unwrap();
    let mut t = some_timetable(&p);
    t.placements[2] = Placement::NOWHERE;
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("new");
    write_timetable(&p, &t, Some(&Labels::from(calendar.clone())), &out).unwrap();
    // Class 0 has 14 times from Tuesday on, its first is Tuesday 9:00; class 3, of 20, number 21
    // mod 20 = 1: Monday 10:00; class 4, of 10, number 28 mod 10 = 8: three each on Tuesday,
    // Wednesday, Thursday, so Thursday's third.
    let expected = "course,section,session,days,start,end,room,teacher,weeks\n\
                    BIO1,1,1,Tue,09:00,09:50,R1,ann,all\n\
                    BIO1,1,2,,,,,ann,\n\
                    BIO1,2,1,Tue,09:00,09:50,R1,bob,all\n\
                    BIO1,2,2,Mon,10:00,10:50,R1,bob,all\n\
                    LAB1,1,1,Thu,11:00,12:50,L1,ann,all\n";
    assert_eq!(std::fs::read_to_string(out.join("timetable.csv")).unwrap(), expected);
    let expected = "student,course,section,session\ns1,BIO1,1,\ns1,LAB1,1,\ns2,BIO1,2,\ns3,BIO1,1,\n";
    assert_eq!(std::fs::read_to_string(out.join("enrolment.csv")).unwrap(), expected);
    assert_eq!(read_timetable(&p, &out, None).unwrap(), t);
    // The hours are those of the problem's calendar where the timetable comes without its own.
    std::fs::remove_file(out.join("calendar.toml")).unwrap();
    assert_eq!(read_timetable(&p, &out, Some(&calendar)).unwrap(), t);
    assert!(read_timetable(&p, &out, None).is_err());
    // Copied to fixed.csv, lines of a timetable are fixed sessions.
    let line = "course,section,session,days,start,end,room,teacher,weeks\nLAB1,1,1,Thu,11:00,12:50,L1,ann,all\n";
    folder.write("fixed.csv", line.as_bytes());
    let p = load(folder.path()).unwrap();
    assert_eq!((p.times_of(ClassId(4)).len(), p.rooms_of(ClassId(4)).len()), (1, 1));
}

#[test]
fn names_stand_beside_the_ids_in_the_separator_of_the_input_and_are_read_back() {
    let folder = example();
    let courses = "id;name;department;teachers;section_size;sessions;length;features\n\
                   BIO1;\"Cells; small, \"\"alive\"\"\";Biology;\"ann;bob\";2;2;1;\nLAB1;;;ann+bob;4;1;2;lab\n";
    folder.write("courses.csv", courses.as_bytes());
    let calendar = String::from_utf8(folder.read("calendar.toml")).unwrap();
    let term = "term_starts = 2026-09-07\nholidays = [2026-10-01, \"2026-12-21 to 2027-01-03\"]\ntime_zone = \"europe/paris\"\n";
    folder.write("calendar.toml", format!("{calendar}{term}").as_bytes());
    let p = load(folder.path()).unwrap();
    let labels = read_labels(folder.path()).unwrap();
    assert_eq!(labels.separator, b';');
    assert_eq!(labels.teachers["ann"], "Ann Archer");
    assert_eq!(labels.students["s3"], StudentLabel { name: "Gus".into(), group: "chemistry".into() });
    assert_eq!(labels.courses.keys().collect::<Vec<_>>(), ["BIO1"]);
    let term = labels.calendar.term.as_ref().unwrap();
    assert_eq!((term.holidays.len(), term.time_zone.as_deref()), (2, Some("Europe/Paris")));
    let (t, out) = (some_timetable(&p), tempfile::tempdir().unwrap());
    write_timetable(&p, &t, Some(&labels), out.path()).unwrap();
    let text = std::fs::read_to_string(out.path().join("timetable.csv")).unwrap();
    let begin = "course;section;session;days;start;end;room;teacher;weeks;course_name;department;teacher_name\n\
                 BIO1;1;1;Tue;09:00;09:50;R1;ann;all;\"Cells; small, \"\"alive\"\"\";Biology;Ann Archer\n";
    assert!(text.starts_with(begin), "{text}");
    assert!(text.contains("\"ann;bob\";all;;;\"Ann Archer;Bob Baker\"\n"), "{text}");
    // What was written is read back: the timetable, and the names.
    assert_eq!(read_timetable(&p, out.path(), None).unwrap(), t);
    assert_eq!(read_labels(out.path()).unwrap(), labels);
    // Copied to fixed.csv, its lines are fixed sessions.
    folder.write("fixed.csv", text.lines().take(2).map(|line| format!("{line}\n")).collect::<String>().as_bytes());
    assert_eq!(load(folder.path()).unwrap().times_of(ClassId(0)).len(), 1);
}

#[test]
fn timetables_of_large_problems_and_other_formats_lead_back_without_a_calendar() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut all =
        vec![generate::demo(2), generate::campus(&generate::Campus { scale: 0.02, ..generate::Campus::new(2) })];
    for entry in std::fs::read_dir(&data).into_iter().flatten().flatten() {
        all.extend(stage0_load::load(&entry.path()).ok());
    }
    for p in all {
        let mut t = some_timetable(&p);
        if let Some(first) = t.enrolment.first_mut() {
            *first = NONE;
        }
        let out = tempfile::tempdir().unwrap();
        write_timetable(&p, &t, None, out.path()).unwrap();
        assert!(read_timetable(&p, out.path(), None).unwrap() == t, "{}", p.name(p.meta().name));
    }
}

#[test]
fn a_timetable_of_another_problem_is_refused_with_every_reason() {
    let folder = example();
    let p = load(folder.path()).unwrap();
    let out = Folder::new();
    out.write(
        "timetable.csv",
        b"course,section,session,days,start,end,room,weeks\n\
        BIO1,3,1,Tue,1,1,R1,all\nBIO1,1,1,Mon,1,1,R1,all\nBIO1,1,1,Tue,1,1,R9,all\nCHEM,1,1,Tue,1,1,R1,all\n",
    );
    out.write("enrolment.csv", b"student,course,section\ns2,LAB1,1\ns9,BIO1,1\ns1,BIO1,7\n");
    let expected = [
        "enrolment.csv:2: course \"LAB1\", expected a course that the student takes",
        "enrolment.csv:3: unknown student \"s9\", expected a student of this problem",
        "enrolment.csv:4: section 7, session 1, expected a section and a session of the course",
        "timetable.csv:2: section 3, session 1, expected a section and a session of the course",
        "timetable.csv:3: time \"Mon 1-1, weeks all\", expected a time at which the session can be held",
        "timetable.csv:4: section 1, session 1 again, expected each session once",
        "timetable.csv:4: room \"R9\", expected a room in which the session can be held",
        "timetable.csv:5: unknown course \"CHEM\", expected a course of this problem",
    ];
    assert_eq!(out.messages(&read_timetable(&p, out.path(), None).unwrap_err()), expected);
}

#[test]
fn sections_without_a_size_hold_as_many_as_their_rooms_were_chosen_for() {
    let folder = example();
    folder.write("courses.csv", b"id,sections,sessions\nBIO1,2,1\nLAB1,1,1\n");
    folder.write("fixed.csv", b"course,section,session,days,start,room\n");
    let p = load(folder.path()).unwrap();
    // Three students in two sections: two each at most; one section alone takes whoever comes.
    let limits: Vec<Option<u32>> = p.class_ids().map(|c| p.classes()[c.index()].limit()).collect();
    assert_eq!(limits, [Some(2), Some(2), None]);
    // With rooms of its own the seats are not ours to judge.
    folder.write("courses.csv", b"id,sections,sessions,rooms\nBIO1,2,1,R1\nLAB1,1,1,\n");
    let p = load(folder.path()).unwrap();
    assert_eq!(p.classes()[0].limit(), None);
}

#[test]
fn clock_cells_are_read_as_spreadsheets_and_word_processors_write_them() {
    let folder = example();
    let unavailable = |text: &str| {
        folder.write("teachers.csv", format!("id,unavailable\nann,{text}\nbob,\n").as_bytes());
        load(folder.path()).map(|p| p.times_of(ClassId(0)).len()).map_err(|e| e.to_string())
    };
    let usual = unavailable("Mon 09:00-10:00");
    assert!(usual.is_ok());
    for same in [
        "Mon 9:00:00-10:00:00",
        "Mon 09:00\u{2013}10:00",
        "Mon 9:00AM-10:00am",
        "Mon 09:00\u{2014}10:00",
        "Mon 9h-10h00",
        "Mon 9.00-10.00",
    ] {
        assert_eq!(unavailable(same), usual, "{same}");
    }
    // Hours in which no slot lies say nothing.
    let never = unavailable("");
    for outside in ["Mon 05:00-06:00", "Fri 22:00-23:30"] {
        assert_eq!(unavailable(outside), never, "{outside}");
    }
    for wrong in [
        "Mon 09:00:30-10:00",
        "Mon 13:00pm-14:00pm",
        "Mon 0:30AM-10:00",
        "Mon 09:00:00:00-10:00",
        "Mon 9.0-10",
        "Mon 9 Uhr-10",
    ] {
        assert!(unavailable(wrong).unwrap_err().contains("teachers.csv:2: unavailable"), "{wrong}");
    }
    assert!(unavailable("Mon 11:00-10:00").unwrap_err().contains("begin before they end"));
    // Times at which a course can be held have to be some.
    folder.write("teachers.csv", b"id,unavailable\nann,\nbob,\n");
    folder.write("courses.csv", b"id,sessions,times\nBIO1,1,Mon 05:00-06:00\nLAB1,1,\n");
    folder.write("fixed.csv", b"course,section,session,days,start,room\n");
    let refused = load(folder.path()).unwrap_err().to_string();
    assert!(refused.contains("in which slots lie"), "{refused}");
}
