//! Torn lines, damaged files, full disks, others at the index: nothing that was recorded is lost,
//! and what is wrong is named.

mod common;

use common::{Behaviour, Deaf, Place, options};
use experiments::lines::Line;
use experiments::{Index, Outcome, State, rebuild, recover, verify};
use pipeline::Cancel;
use std::{fs, path::PathBuf, time::Duration};

/// The segments of a sweep that was stopped hard: as they lie while it runs.
fn segments(place: &Place) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(place.folder.wal()).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Two trials in one segment, which nobody has compacted: the bytes of its lines.
fn lines() -> Vec<Vec<u8>> {
    let place = Place::new();
    let mut jobs = Vec::new();
    place
        .run_as(
            &place.seeds(2),
            experiments::Options { jobs: 1, ..options() },
            &Cancel::default(),
            |job| {
                jobs.push(job.clone());
                Behaviour::done()
            },
            &mut Deaf,
        )
        .unwrap();
    jobs.iter()
        .flat_map(|job| {
            let point = experiments::lines::Point { id: job.start.id, t: 1, u: None, h: None, p: None, rss: 1 };
            [Line::Start(job.start), Line::Point(point), Line::End(common::end(job, State::Done))]
        })
        .map(|line| line.encode())
        .collect()
}

#[test]
fn a_segment_that_is_cut_at_any_byte_of_its_last_two_lines_costs_at_most_the_trial_at_work() {
    let lines = lines();
    let whole: Vec<u8> = lines.concat();
    let last_two = whole.len() - lines[4].len() - lines[5].len();
    for cut in last_two..=whole.len() {
        let place = Place::new();
        let grid = place.seeds(2);
        place.folder.keep_grid(&grid).unwrap();
        fs::write(place.folder.wal().join("0-1.jsonl"), &whole[..cut]).unwrap();
        let mut ran = 0;
        let ending = place.run(&grid, |_| {
            ran += 1;
            Behaviour::done()
        });
        // Only a last line with its newline has ended.
        let expected = usize::from(cut < whole.len());
        assert_eq!((ending.unwrap().outcome, ran), (Outcome::Done, expected), "cut at {cut} of {}", whole.len());
        assert_eq!(place.count(State::Done), 2);
        let lived = place.rows();
        rebuild(&place.folder, &place.folder.lock().unwrap()).unwrap();
        assert_eq!(place.rows(), lived, "cut at {cut}");
    }
}

#[test]
fn a_damaged_line_in_the_middle_is_an_error_with_its_file_and_position() {
    let lines = lines();
    let mut whole: Vec<u8> = lines.concat();
    whole[5] ^= 1;
    let place = Place::new();
    fs::write(place.folder.wal().join("0-1.jsonl"), &whole).unwrap();
    let mut index = Index::open(&place.folder.index(), Duration::from_secs(1)).unwrap();
    let why = recover(&place.folder, &mut index).unwrap_err().to_string();
    assert!(why.contains("0-1.jsonl: the line at byte 0 is damaged"), "{why}");
}

#[test]
fn a_trial_whose_last_line_is_torn_has_failed_and_the_next_one_counts() {
    let place = Place::new();
    for torn in [0, 1, 40, 200] {
        let grid = place.seeds(6 + torn as u64);
        let behave =
            |job: &experiments::Job| Behaviour { torn: (job.start.seed == 2).then_some(torn), ..Behaviour::done() };
        place.run(&grid, behave).unwrap();
    }
    assert_eq!(place.count(State::Failed), 1);
    place.is_sound();
}

#[test]
fn a_damaged_parquet_file_is_named_and_the_good_ones_are_read() {
    let place = Place::new();
    for seeds in [5, 10, 15] {
        place.run(&place.seeds(seeds), |_| Behaviour::done()).unwrap();
    }
    let path = place.folder.results().join("part-2.parquet");
    let good = fs::read(&path).unwrap();
    for at in [0, 10, good.len() / 2, good.len() - 20, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        fs::write(&path, bytes).unwrap();
        let verified = verify(&place.folder, false).unwrap();
        assert!(verified.faults.iter().any(|fault| fault.path == path), "byte {at}: {:?}", verified.faults);
        let others = |name: &str| verified.faults.iter().any(|fault| fault.path.ends_with(name));
        assert!(!others("part-1.parquet") && !others("part-3.parquet"), "byte {at}");
    }
    fs::write(&path, &good[..good.len() / 2]).unwrap();
    assert!(!verify(&place.folder, false).unwrap().faults.is_empty());
    // The index does not need it, and lists everything.
    assert_eq!(place.rows().len(), 15);
    fs::write(&path, good).unwrap();
    place.is_sound();
}

#[test]
fn an_index_that_is_gone_or_no_index_at_all_is_made_again_row_by_row() {
    let place = Place::new();
    let behave = |job: &experiments::Job| match job.start.cell % 5 {
        3 if job.start.ooms == 0 => Behaviour::ends(memguard::Exit::OverCap),
        4 => Behaviour::ends(memguard::Exit::Crashed(9)),
        _ => Behaviour::done(),
    };
    place.run(&place.seeds(40), behave).unwrap();
    place.run(&place.seeds(60), behave).unwrap();
    let lived = place.rows();
    assert_eq!(lived.len(), 60);
    for text in [None, Some("no database")] {
        match text {
            None => fs::remove_file(place.folder.index()).unwrap(),
            Some(text) => fs::write(place.folder.index(), text).unwrap(),
        }
        rebuild(&place.folder, &place.folder.lock().unwrap()).unwrap();
        assert_eq!(place.rows(), lived);
        place.is_sound();
    }
    // Without an index the next sweep finds everything by itself.
    fs::remove_file(place.folder.index()).unwrap();
    assert_eq!(place.run(&place.seeds(60), |job| panic!("{job:?}")).unwrap().ran, 0);
    assert_eq!(place.rows(), lived);
}

#[test]
fn compaction_may_be_killed_at_any_point() {
    // What it leaves: nothing, a half-written file, one file of two, both without a row, the row
    // with segments still there.
    for point in 0..5 {
        let place = Place::new();
        let grid = place.seeds(4);
        place.folder.keep_grid(&grid).unwrap();
        fs::write(place.folder.wal().join("0-1.jsonl"), lines().concat()).unwrap();
        let names = ["0-1.jsonl".to_owned()];
        match point {
            1 => fs::write(place.folder.results().join("part-1.parquet.tmp"), "half").unwrap(),
            2 => {
                experiments::compact(&place.folder, 1, &names).unwrap();
                fs::remove_file(place.folder.series().join("part-1.parquet")).unwrap();
            }
            3 => drop(experiments::compact(&place.folder, 1, &names).unwrap()),
            4 => {
                // As after a power cut that took the last transactions: the part is there, its
                // segments are not.
                experiments::compact(&place.folder, 1, &names).unwrap();
                fs::remove_file(place.folder.wal().join("0-1.jsonl")).unwrap();
            }
            _ => {}
        }
        let mut ran = 0;
        place
            .run(&grid, |_| {
                ran += 1;
                Behaviour::done()
            })
            .unwrap();
        assert_eq!((ran, place.count(State::Done)), (2, 4), "point {point}");
        place.is_sound();
        assert!(segments(&place).is_empty(), "point {point}");
    }
}

#[test]
fn while_somebody_else_holds_the_index_the_sweep_waits_and_loses_nothing() {
    let place = Place::new();
    let grid = place.seeds(200);
    // The index exists before somebody holds it.
    place.run(&place.seeds(1), |_| Behaviour::done()).unwrap();
    let path = place.folder.index();
    let held = std::thread::spawn(move || {
        let other = rusqlite::Connection::open(path).unwrap();
        other.busy_timeout(Duration::from_secs(5)).unwrap();
        for _ in 0..3 {
            other.execute_batch("BEGIN EXCLUSIVE").unwrap();
            std::thread::sleep(Duration::from_millis(300));
            other.execute_batch("COMMIT").unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let ending = place.run(&grid, |_| Behaviour { polls: 3, ..Behaviour::done() }).unwrap();
    held.join().unwrap();
    assert_eq!((ending.outcome, place.count(State::Done)), (Outcome::Done, 200));
    place.is_sound();
}

#[test]
fn on_a_full_disk_nothing_more_is_begun_and_with_room_it_goes_on() {
    // Mounting is for root.
    let place = tempfile::tempdir().unwrap();
    let Some(_mounted) = Small::mount(place.path(), "6m") else {
        needs::skip(needs::Need::Root, "no small file system can be mounted here");
        return;
    };
    let place = Place::at(&place.path().join("a.sweep"));
    let grid = place.seeds(20_000);
    let ending = place.run(&grid, |_| Behaviour::done()).unwrap();
    assert_eq!(ending.outcome, Outcome::NoRoom);
    // What has ended is in the segments, whether the index has room for it or not.
    let text: String = segments(&place).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let done = text.lines().filter(|line| line.starts_with("{\"k\":\"end\"") && line.ends_with("\"}")).count();
    assert!(done > 100, "{done}");
    Small::grow(place.folder.path().parent().unwrap(), "200m");
    let mut ran = 0;
    let ending = place.run(&grid, |_| {
        ran += 1;
        Behaviour::done()
    });
    assert_eq!((ending.unwrap().outcome, place.count(State::Done)), (Outcome::Done, 20_000));
    assert!(ran <= 20_000 - done + 8, "{ran} of {} left", 20_000 - done);
    place.is_sound();
}

/// A small file system.
struct Small(PathBuf);

impl Small {
    fn mount(at: &std::path::Path, size: &str) -> Option<Small> {
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .output();
        mount.is_ok_and(|done| done.status.success()).then(|| Small(at.to_owned()))
    }

    fn grow(at: &std::path::Path, size: &str) {
        let mount =
            std::process::Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(at).output().unwrap();
        assert!(mount.status.success(), "{mount:?}");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).output();
    }
}
