//! What the targets share: folders and problems out of bytes, and what has to hold of every
//! problem.

#[path = "../../timetable/tests/common/mod.rs"]
mod common;
mod no_jemalloc;

use common::{Rng, Shape, placement};
use stage0_load::{Limits, Source, WriteError, csv_folder, load_from};
use std::{
    fs,
    io::{Cursor, Write},
    path::{Component, Path},
    sync::Arc,
};
use tempfile::TempDir;
use timetable::*;

/// The files in an input, with their names: each begins after a line `=== name`.
pub fn files(data: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let begins = |&at: &usize| data[at..].starts_with(b"=== ") && (at == 0 || data[at - 1] == b'\n');
    let starts: Vec<usize> = (0..data.len()).filter(begins).chain([data.len()]).take(32).collect();
    let spans: Vec<_> = starts.windows(2).map(|pair| &data[pair[0] + 4..pair[1]]).collect();
    spans.into_iter().filter_map(|file| {
        let line = file.iter().position(|&byte| byte == b'\n')?;
        Some((str::from_utf8(&file[..line]).ok()?, &file[line + 1..]))
    })
}

/// A folder with the files in an input, and nothing outside of it.
pub fn folder(data: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files(data) {
        if Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            let path = folder.path().join(name);
            // What cannot be a file's name is left out.
            let _ = path.parent().map(fs::create_dir_all);
            let _ = fs::write(path, bytes);
        }
    }
    folder
}

/// The problem in a text.
pub fn read(text: &[u8], format: Format) -> Option<Problem> {
    let source = Source::new(Path::new("input"), Box::new(Cursor::new(text.to_vec())), Limits::default());
    match source.and_then(|source| load_from(source, Some(format))) {
        Ok(problem) => Some(problem),
        Err(faults) => {
            assert!(!faults.list().is_empty() && !faults.to_string().is_empty());
            None
        }
    }
}

/// Whether a problem is small enough to do more with it than to read it.
pub fn is_small(p: &Problem) -> bool {
    let choices = p.class_times().len() + p.class_rooms().len();
    let listed = p.constraint_classes().len() + p.requests().len();
    let bytes = Board::max_bytes(p).saturating_add(BoardIndex::max_bytes(p));
    p.classes().len() <= 100 && choices <= 5_000 && listed <= 1_000 && bytes <= 32 << 20
}

/// Whatever format can hold a problem: what is written is read back as the same.
pub fn written_back(problem: &Problem) {
    stage0_load::findings(problem, None);
    type Writer = fn(&Problem, &mut dyn Write) -> Result<(), WriteError>;
    let texts: [(Format, Writer); 3] = [
        (Format::Itc2019, stage0_load::write_itc2019),
        (Format::CbCtt, stage0_load::write_cb_ctt),
        (Format::PeCtt, stage0_load::write_pe_ctt),
    ];
    for (format, write) in texts {
        let mut text = Vec::new();
        match write(problem, &mut text) {
            Ok(()) => same(problem, &read(&text, format).expect("what was written is read")),
            Err(why) => assert_ne!(format, problem.format(), "{why}"),
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    match csv_folder::write_problem(problem, folder.path()) {
        Ok(()) => {
            let back = csv_folder::load(folder.path()).unwrap_or_else(|faults| panic!("{faults}"));
            let tables = |p: &Problem| csv_folder::describe(p).expect("it was described before");
            assert_eq!(tables(&back), tables(problem));
        }
        Err(why) => assert_ne!(problem.format(), Format::Csv, "{why}"),
    }
}

/// Two problems are one: to the byte in one format, by what timetables cost in two.
fn same(a: &Problem, b: &Problem) {
    if a.format() == b.format() {
        assert_eq!(a.block().bytes(), b.block().bytes());
    }
    for seed in 0..4 {
        let timetable = any_timetable(a, seed);
        assert_eq!(timetable.fits(b), Ok(()));
        assert_eq!(check(a, &timetable).score, check(b, &timetable).score);
    }
}

/// Classes anywhere that they can be, students in any classes of their courses, or, where their
/// conflicts are not hard, in none (where they are, a board enrols everybody).
pub fn any_timetable(problem: &Problem, seed: u64) -> Timetable {
    let mut rng = Rng::new(seed);
    let mut timetable = Timetable::empty(problem);
    for class in problem.class_ids() {
        timetable.placements[class.index()] = placement(problem, class, &mut rng);
    }
    for (i, request) in problem.requests().iter().enumerate() {
        let places = places(problem, RequestId::new(i), &mut rng);
        timetable.enrolment[request.slots.range()].copy_from_slice(&places);
    }
    timetable
}

/// Any class of each subpart of any configuration; nothing where there is none.
fn places(problem: &Problem, request: RequestId, rng: &mut Rng) -> Vec<u32> {
    let row = problem.requests()[request.index()];
    let mut places = vec![NONE; row.slots.len as usize];
    let configs = &problem.configs()[problem.courses()[row.course as usize].configs.range()];
    let possible = |g: &&ConfigRow| problem.subparts()[g.subparts.range()].iter().all(|s| s.classes.len > 0);
    let possible: Vec<_> = configs.iter().filter(possible).collect();
    if !possible.is_empty() && (problem.meta().student_conflicts_hard == 1 || rng.chance(90)) {
        let config = possible[rng.below(possible.len())];
        for (place, subpart) in places.iter_mut().zip(&problem.subparts()[config.subparts.range()]) {
            *place = subpart.classes.first + rng.below(subpart.classes.len as usize) as u32;
        }
    }
    places
}

/// Board and checker say the same after each of many changes, and the board knew it before.
pub fn agree(problem: &Problem, seed: u64) {
    let (classes, requests) = (problem.classes().len(), problem.requests().len());
    let mut rng = Rng::new(seed);
    let given = any_timetable(problem, seed);
    let mut board = Board::with(problem, Arc::new(BoardIndex::new(problem)), &given);
    assert_eq!(board.timetable(), given);
    assert_eq!(board.score(), check(problem, &given).score, "as loaded");
    for step in 0..30 {
        let before = board.score();
        let told = if classes > 0 && (requests == 0 || rng.chance(50)) {
            let class = ClassId::new(rng.below(classes));
            let to = placement(problem, class, &mut rng);
            let told = board.delta(class, to);
            assert_eq!(board.apply(class, to), told);
            told
        } else if requests > 0 {
            let [a, b] = [0; 2].map(|_| RequestId::new(rng.below(requests)));
            let [x, y] = [a, b].map(|r| problem.requests()[r.index()]);
            if x.course == y.course && x.student != y.student {
                let told = board.exchange_delta(a, b);
                board.commit_exchange(a, b, told);
                told
            } else {
                let to = places(problem, a, &mut rng);
                let told = board.enrol_delta(a, &to);
                assert_eq!(board.enrol(a, &to), told);
                told
            }
        } else {
            return;
        };
        let after = board.score();
        let differs = (after.hard - before.hard, after.penalty - before.penalty);
        assert_eq!(differs, (i64::from(told.hard), told.penalty), "step {step}");
        assert_eq!(after, check(problem, &board.timetable()).score, "step {step}");
    }
}

/// A random problem: the first byte says of which shape, the second with which kind of constraint,
/// or with all.
pub fn random(data: &[u8]) -> Problem {
    let [shape, kind] = [0, 1].map(|i| data.get(i).copied().unwrap_or(0));
    let is = |bit: u8| shape >> bit & 1 == 1;
    let post_enrolment = is(3) && is(0) && !is(1);
    let of = Shape { units: is(0), travel: is(1) && !is(3), students: is(2) || post_enrolment, post_enrolment };
    let kinds = Kind::ALL.get(kind as usize).map_or(&Kind::ALL[..], std::slice::from_ref);
    common::problem_with(u64::from(shape >> 4), of, kinds)
}

/// A problem with numbers of its block written over, under a checksum that is right. Each change
/// takes eight bytes: the section, what is done, where (two bytes), a number (four).
pub fn forged(problem: &Problem, changes: &[u8]) -> Option<Problem> {
    let block = problem.block();
    let count = u32::from_le_bytes(block.bytes()[12..16].try_into().expect("four bytes"));
    let mut sections: Vec<Vec<u8>> = (0..count as usize).map(|i| block.section(i).to_vec()).collect();
    for change in changes.chunks_exact(8).take(8) {
        let section = &mut sections[change[0] as usize % count as usize];
        let at = u16::from_le_bytes([change[2], change[3]]) as usize;
        let number = u32::from_le_bytes(change[4..].try_into().expect("four bytes"));
        match (change[1] % 4, section.len()) {
            (0, len @ 4..) => section[at % (len / 4) * 4..][..4].copy_from_slice(&number.to_le_bytes()),
            (1, len @ 2..) => section[at % (len / 2) * 2..][..2].copy_from_slice(&(number as u16).to_le_bytes()),
            (2, len @ 4..) => {
                let place = &mut section[at % (len / 4) * 4..][..4];
                let old = u32::from_le_bytes(place.try_into().expect("four bytes"));
                place.copy_from_slice(&old.wrapping_add(number as i8 as u32).to_le_bytes());
            }
            (_, len) => section.resize((len + at % 97).saturating_sub(number as usize % 97), number as u8),
        }
    }
    Problem::new(Block::build(&sections.iter().map(Vec::as_slice).collect::<Vec<_>>())).ok()
}

/// A text of a problem: read, and written again.
pub fn text(text: &[u8], format: Format) {
    if let Some(problem) = read(text, format).filter(is_small) {
        written_back(&problem);
    }
}
