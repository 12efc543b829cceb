//! A block that is truncated, damaged or forged is an error that says what is wrong, or a problem
//! on which nothing fails.

mod common;

use common::{Rng, placement, problem};
use proptest::prelude::*;
use std::sync::Arc;
use timetable::*;

fn small(seed: u64) -> Problem {
    problem(seed, common::Shape { units: seed.is_multiple_of(2), travel: true, students: true, post_enrolment: false })
}

fn sections(block: &Block) -> Vec<Vec<u8>> {
    let count = u32::from_le_bytes(block.bytes()[12..16].try_into().expect("four bytes"));
    (0..count as usize).map(|i| block.section(i).to_vec()).collect()
}

/// A block with a sound checksum and sections that somebody wrote by hand.
fn forged(sections: &[Vec<u8>]) -> Result<Problem, BlockError> {
    Problem::new(Block::build(&sections.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// What the error says when the four bytes at row `row`, offset `at` of a section of rows of
/// `width` bytes become `value`.
fn message(problem: &Problem, section: usize, width: usize, row: usize, at: usize, value: u32) -> String {
    let mut all = sections(problem.block());
    all[section][row * width + at..][..4].copy_from_slice(&value.to_le_bytes());
    forged(&all).expect_err("out of range").to_string()
}

#[test]
fn a_block_is_the_same_when_it_was_written_and_read() {
    let problem = small(1);
    let bytes = problem.block().bytes();
    assert_eq!(Problem::from_bytes(bytes).unwrap().block().hash(), problem.block().hash());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("problem.bin");
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(Problem::open(&file).unwrap().block().bytes(), bytes);
}

#[test]
fn a_block_stays_as_it_was_read_when_its_file_changes() {
    let problem = small(6);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("problem.block");
    std::fs::write(&file, problem.block().bytes()).unwrap();
    let opened = Problem::open(&file).unwrap();
    assert!(opened.block().is_in(&file));
    std::fs::write(&file, vec![0xff; problem.block().bytes().len()]).unwrap();
    assert_eq!(opened.block().bytes(), problem.block().bytes());
    assert!(!opened.block().is_in(&file));
    // A map would end the process here.
    std::fs::write(&file, []).unwrap();
    assert_eq!(check(&opened, &Timetable::empty(&opened)).score, check(&problem, &Timetable::empty(&problem)).score);
    std::fs::write(&file, [problem.block().bytes(), b"more"].concat()).unwrap();
    assert!(!opened.block().is_in(&file) && !opened.block().is_in(&folder.path().join("none")));
}

#[test]
fn a_file_that_is_not_what_its_head_says_is_an_error_before_it_is_read() {
    let problem = small(7);
    let bytes = problem.block().bytes();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("problem.block");
    let error = |file: &std::path::Path| Problem::open(file).expect_err("no block").to_string();
    for len in [0, 7, 8, 23, 24, 55, 56, bytes.len() - 1] {
        std::fs::write(&file, &bytes[..len]).unwrap();
        assert!(error(&file).contains("truncated"), "{len} bytes: {}", error(&file));
    }
    // Its head says a petabyte.
    let mut head = bytes[..24].to_vec();
    head[16..24].copy_from_slice(&(1u64 << 50).to_le_bytes());
    std::fs::write(&file, &head).unwrap();
    assert!(error(&file).contains("truncated"), "{}", error(&file));
    std::fs::write(&file, b"something else altogether, as long as a head and more than that").unwrap();
    assert!(error(&file).contains("does not begin with `STGCOACH`"), "{}", error(&file));
    assert!(error(folder.path()).contains("not a plain file"), "{}", error(folder.path()));
    assert!(error(std::path::Path::new("/dev/zero")).contains("not a plain file"));
}

#[test]
fn every_truncated_block_is_an_error() {
    let problem = small(2);
    let bytes = problem.block().bytes();
    for len in 0..bytes.len() {
        let error = Problem::from_bytes(&bytes[..len]).expect_err("truncated");
        assert!(matches!(error, BlockError::Truncated { .. }), "{len} bytes: {error}");
    }
}

#[test]
fn every_damaged_byte_is_an_error() {
    let problem = small(3);
    let mut bytes = problem.block().bytes().to_vec();
    for at in 0..bytes.len() {
        bytes[at] ^= 0x40;
        let error = Problem::from_bytes(&bytes).expect_err("damaged");
        let expected = match at {
            0..8 => matches!(error, BlockError::Magic),
            8..16 => matches!(error, BlockError::Version { .. }),
            16..24 => matches!(error, BlockError::Truncated { .. }),
            _ => matches!(error, BlockError::Checksum),
        };
        assert!(expected, "byte {at}: {error}");
        bytes[at] ^= 0x40;
    }
}

#[test]
fn what_the_arithmetic_cannot_hold_is_an_error() {
    let p = small(4);
    let weights = message(&p, 0, 48, 0, 20, MAX_WEIGHT + 1);
    assert!(weights.contains("weight 2001 is above 2000"), "{weights}");
    let penalty = message(&p, 11, 8, 3, 4, MAX_PENALTY + 1);
    assert!(penalty.contains("row 3: penalty 1000001 is above 1000000"), "{penalty}");
    let room = message(&p, 12, 8, 1, 4, u32::MAX);
    assert!(room.contains("row 1: penalty 4294967295 is above 1000000"), "{room}");
    let pad = message(&p, 2, 16, 0, 12, 0x0001_0005);
    assert!(pad.contains("row 0: does not fit the calendar"), "{pad}");
}

#[test]
fn a_class_twice_in_a_constraint_is_an_error() {
    let p = small(5);
    let first = p.constraints().iter().position(|c| c.classes.len >= 2).expect("a constraint of two classes");
    let span = p.constraints()[first].classes;
    let class = p.constraint_classes()[span.first as usize];
    let twice = message(&p, 14, 4, span.first as usize + 1, 0, class);
    assert!(
        twice.contains(&format!("row {first}: ")) && twice.contains(&format!("lists class {class} twice")),
        "{twice}"
    );
}

#[test]
fn lectures_alone_are_counted_in_days_of_64_slots_at_most() {
    let build = |slots: u32| {
        let mut b = ProblemBuilder::new(Meta {
            name: "long days".into(),
            weeks: 1,
            days: 1,
            slots,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Csv,
        });
        b.course("c");
        b.config("g");
        b.subpart("s");
        let time = b.time(1, 1, 0, 1);
        let class = b.class(ClassSpec { name: "k", limit: None, times: &[(time, 0)], rooms: &[] });
        let kind = Kind::IsolatedLectures;
        b.constraint(ConstraintSpec { kind, name: "", penalty: Some(1), params: &[], classes: &[class], times: &[] });
        b.build()
    };
    assert!(build(64).is_ok());
    let error = build(65).expect_err("65 slots").to_string();
    assert!(error.contains("IsolatedLectures with 65 slots a day, above 64"), "{error}");
}

#[test]
fn what_board_and_checker_would_read_differently_is_an_error() {
    let p = problem(8, common::Shape { units: true, travel: false, students: true, post_enrolment: false });
    let flag = message(&p, 0, 48, 0, 28, 2);
    assert!(flag.contains("student_conflicts_hard 2 is above 1"), "{flag}");
    let reserved = message(&p, 0, 48, 0, 36, 1);
    assert!(reserved.contains("reserved 1 is above 0"), "{reserved}");
    let empty = message(&p, 8, 20, 0, 16, 0);
    assert!(empty.contains("row 0: no subpart, expected at least one"), "{empty}");
    let (student, row) = p.students().iter().enumerate().find(|(_, s)| s.requests.len > 1).expect("two requests");
    let first = row.requests.first as usize;
    let course = p.requests()[first].course;
    let twice = message(&p, 17, 16, first + 1, 4, course);
    assert!(twice.contains(&format!("row {student}: takes course {course} twice")), "{twice}");
    let run = p.constraints().iter().position(|c| c.kind == Kind::StudentLongRun as u32).expect("a rule of runs");
    for slots in [64, i32::MAX as u32] {
        let long = message(&p, 13, 48, run, 20, slots);
        assert!(long.contains(&format!("row {run}: StudentLongRun with runs of {slots} slots, above 63")), "{long}");
    }
}

#[test]
fn days_that_are_missing_by_the_million_are_an_error() {
    let mut b = ProblemBuilder::new(Meta {
        name: "many days".into(),
        weeks: 1,
        days: 5,
        slots: 1,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: MAX_WEIGHT,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::CbCtt,
    });
    b.course("c");
    b.config("g");
    b.subpart("s");
    let time = b.time(1, 1, 0, 1);
    let class = b.class(ClassSpec { name: "k", limit: None, times: &[(time, 0)], rooms: &[] });
    let (kind, params) = (Kind::MinWorkingDays, &[i32::MAX as u32][..]);
    b.constraint(ConstraintSpec { kind, name: "", penalty: Some(MAX_PENALTY), params, classes: &[class], times: &[] });
    let error = b.build().expect_err("more than 64 bits hold").to_string();
    assert!(error.contains("could add up to more than 64 bits hold"), "{error}");
}

/// Random placements and enrolments, each in a place where it can be.
fn somewhere(p: &Problem, rng: &mut Rng) -> Timetable {
    let mut timetable = Timetable::empty(p);
    for class in 0..p.classes().len() {
        timetable.placements[class] = placement(p, ClassId::new(class), rng);
    }
    for r in p.requests() {
        let configs = p.courses()[r.course as usize].configs;
        let config = &p.configs()[configs.first as usize + rng.below(configs.len as usize)];
        for (place, subpart) in r.slots.range().zip(config.subparts.indexes()) {
            let classes = p.subparts()[subpart as usize].classes;
            if classes.len > 0 && rng.chance(80) {
                timetable.enrolment[place] = classes.first + rng.below(classes.len as usize) as u32;
            }
        }
    }
    timetable
}

proptest! {
    /// Numbers written over by hand, with a sound checksum: an error, or a problem that checker and
    /// board agree on.
    #[test]
    fn a_forged_block_is_an_error_or_a_problem(
        seed in 0u64..40,
        changes in prop::collection::vec((0usize..18, any::<prop::sample::Index>(), 0usize..9, any::<u32>()), 1..3),
    ) {
        let units = seed.is_multiple_of(2);
        let p = problem(seed, common::Shape { units, travel: true, students: true, post_enrolment: seed % 5 == 0 });
        let mut all = sections(p.block());
        for (section, at, how, any) in changes {
            let bytes = &mut all[section];
            if bytes.len() < 4 {
                continue;
            }
            let at = at.index(bytes.len() / 4) * 4;
            let old = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
            let new = [0, 1, old.wrapping_add(1), old.wrapping_sub(1), old << 1, NONE, NONE - 1, any % 64, any][how];
            bytes[at..at + 4].copy_from_slice(&new.to_le_bytes());
        }
        if let Ok(p) = forged(&all) {
            let mut rng = Rng::new(seed);
            let mut timetable = somewhere(&p, &mut rng);
            prop_assert_eq!(timetable.fits(&p), Ok(()));
            let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
            board.load(&timetable);
            // Where everyone is enrolled in the only way there is, the board leaves it so.
            timetable.enrolment.clone_from(&board.timetable().enrolment);
            prop_assert_eq!(board.score(), check(&p, &timetable).score);
            for _ in 0..8 {
                let class = ClassId::new(rng.below(p.classes().len()));
                let to = placement(&p, class, &mut rng);
                if to.is_placed() {
                    board.apply(class, to);
                    timetable.placements[class.index()] = to;
                }
            }
            prop_assert_eq!(board.score(), check(&p, &timetable).score);
        }
    }
}
