//! Files of each format with random damage: in bytes, lines, sections, encodings. Problems and
//! timetables: whatever they are, `check` ends with an exit code that means something, says no more
//! than a screen of it, and needs no more than 64 MB.
//!
//! Forty of each format; a thousand with `STAGECOACH_SLOW=1`. Every file follows from its seed,
//! which a failure names.
#![cfg(target_os = "linux")]

mod base;
#[path = "../common/mod.rs"]
mod common;
mod damage;
#[path = "../../../stage0-load/tests/workbook_files/mod.rs"]
mod workbook_files;

use base::{Base, sheets};
use common::{Place, TOY};
use damage::Draws;
use std::{
    fs,
    io::Read,
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// Lines of errors at most, and lines on standard output at most.
const MOST_LINES: usize = 50;
/// Memory at most, in bytes.
const MOST_MEMORY: i64 = 64_000_000;
/// Time of the processor at most: far above what is measured, so that only what hangs is found.
const MOST_TIME: Duration = Duration::from_secs(20);

/// A problem in the layout of PE-CTT: four events, two rooms, a feature, three students.
fn pe_ctt() -> String {
    let mut text = "4 2 1 3\n30\n20\n".to_owned();
    let mut numbers = |count: usize, of: fn(usize) -> u8| {
        (0..count).for_each(|i| text += &format!("{}\n", of(i)));
    };
    numbers(12, |i| u8::from(i % 3 != 1)); // who attends what
    numbers(2, |i| i as u8); // features of rooms
    numbers(4, |i| u8::from(i == 2)); // features of events
    numbers(4 * 45, |i| u8::from(i % 7 != 3)); // when an event can be held
    numbers(16, |_| 0); // what comes before what
    text
}

/// What came of a check.
struct Checked {
    status: ExitStatus,
    err: String,
    out: String,
    memory: i64,
    /// Of the processor.
    time: Duration,
}

/// Runs `check`; how it ended, what it said, and what it took.
#[allow(clippy::zombie_processes, reason = "`wait4` waits for it, and gives its memory")]
fn check(place: &Place, arguments: &str) -> Checked {
    let mut command = place.command(&format!("check {arguments}"));
    let printed = place.path("printed.txt");
    command.stdout(fs::File::create(&printed).expect("a file")).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let mut said = Vec::new();
    child.stderr.take().expect("a pipe").read_to_end(&mut said).expect("what it says");
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: a child that nobody else waits for; both places are there and large enough.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &raw mut status, 0, usage.as_mut_ptr()) };
    assert_eq!(waited, child.id() as libc::pid_t);
    // SAFETY: all zeros is a value of it, and the kernel has filled it.
    let usage = unsafe { usage.assume_init() };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    Checked {
        status: ExitStatus::from_raw(status),
        err: String::from_utf8_lossy(&said).into_owned(),
        out: String::from_utf8_lossy(&fs::read(printed).expect("what it prints")).into_owned(),
        memory: usage.ru_maxrss * 1024,
        time: time(usage.ru_utime) + time(usage.ru_stime),
    }
}

/// Checks damaged files of a format; `name` is the damaged one, named in the arguments of `check`.
fn hold(format: &str, place: &Place, base: &Base, name: &str, arguments: &str) {
    let count: u32 = if needs::is_slow() { 1_000 } else { 40 };
    let mut codes = [0; 4];
    let (mut lines, mut memory, mut time, mut of_clock) = (0, 0, Duration::ZERO, (Duration::ZERO, Duration::ZERO));
    base.write_whole(&place.path(name));
    let whole = check(place, arguments);
    assert!(matches!(whole.status.code(), Some(0 | 1)), "{format}, before any damage: {}", whole.err);
    for seed in 0..count {
        base.write(&mut Draws(seed.into()), &place.path(name));
        let begun = Instant::now();
        let checked = check(place, arguments);
        let took = begun.elapsed();
        let (err, out) = (&checked.err, &checked.out);
        let code = checked.status.code().filter(|code| (0..4).contains(code));
        let code = code.unwrap_or_else(|| panic!("{format}, seed {seed}: {}\n{err}", checked.status));
        codes[code as usize] += 1;
        let most = err.lines().count().max(out.lines().count());
        assert!(most <= MOST_LINES, "{format}, seed {seed}: {most} lines\n{err}\n{out}");
        assert!(checked.memory <= MOST_MEMORY, "{format}, seed {seed}: {} bytes of memory", checked.memory);
        assert!(checked.time <= MOST_TIME, "{format}, seed {seed}: {:?} of the processor", checked.time);
        (lines, memory, time) = (most.max(lines), checked.memory.max(memory), checked.time.max(time));
        of_clock = (of_clock.0 + took, of_clock.1.max(took));
    }
    eprintln!(
        "{format}: exit codes 0 to 3: {codes:?}; at most {lines} lines, {:.1} MB, {} ms of the processor; by the clock {} ms on average, {} ms at most",
        memory as f64 / 1e6,
        time.as_millis(),
        (of_clock.0 / count).as_millis(),
        of_clock.1.as_millis()
    );
    assert!(codes[0] + codes[1] > 0 && codes[2] > 0, "{format}: {codes:?}");
}

#[test]
fn cb_ctt() {
    let place = Place::new();
    let base = Base::file(&place.write("base.ctt", TOY));
    hold("CB-CTT", &place, &base, "a.ctt", "a.ctt");
}

#[test]
fn pe_ctt_files() {
    let place = Place::new();
    let base = Base::file(&place.write("base.tim", &pe_ctt()));
    hold("PE-CTT", &place, &base, "a.tim", "a.tim");
}

#[test]
fn itc_2019() {
    let place = Place::new();
    place.run("generate campus base.xml --scale 0.02 --format itc2019").ends_with(0);
    hold("ITC-2019", &place, &Base::file(&place.path("base.xml")), "a.xml", "a.xml");
}

#[test]
fn folders() {
    let place = Place::new();
    place.run("generate demo base").ends_with(0);
    hold("CSV", &place, &Base::folder(&place.path("base")), "a", "a");
}

#[test]
fn xlsx() {
    let place = Place::new();
    place.run("generate demo base").ends_with(0);
    let base = Base::Workbook(workbook_files::xlsx_parts(&sheets(&place.path("base"))));
    hold("XLSX", &place, &base, "a.xlsx", "a.xlsx");
}

#[test]
fn ods() {
    let place = Place::new();
    place.run("generate demo base").ends_with(0);
    let base = Base::Workbook(workbook_files::ods_parts(&sheets(&place.path("base"))));
    hold("ODS", &place, &base, "a.ods", "a.ods");
}

/// Solves a problem, then damages what was found.
fn hold_timetables(format: &str, place: &Place, problem: &str, solution: &str) {
    let quickly = "--steps 3000 --threads 1 --offline -q --out out";
    let ran = place.run(&format!("solve {problem} {quickly}"));
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.err);
    let found = place.path("out").join(solution);
    let base = if found.is_dir() { Base::folder(&found) } else { Base::file(&found) };
    hold(&format!("timetables of {format}"), place, &base, solution, &format!("{problem} {solution}"));
}

#[test]
fn timetables_of_cb_ctt() {
    let place = Place::new();
    place.write("base.ctt", TOY);
    hold_timetables("CB-CTT", &place, "base.ctt", "solution.sol");
}

#[test]
fn timetables_of_pe_ctt() {
    let place = Place::new();
    place.write("base.tim", &pe_ctt());
    hold_timetables("PE-CTT", &place, "base.tim", "solution.sln");
}

#[test]
fn timetables_of_itc_2019() {
    let place = Place::new();
    place.run("generate campus base.xml --scale 0.02 --format itc2019").ends_with(0);
    hold_timetables("ITC-2019", &place, "base.xml", "solution.xml");
}

#[test]
fn timetables_of_folders() {
    let place = Place::new();
    place.run("generate demo base").ends_with(0);
    hold_timetables("CSV", &place, "base", "solution");
}
