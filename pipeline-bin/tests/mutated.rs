//! Files of each format with random damage: in bytes, lines, sections, encodings. Whatever they
//! are, `check` ends with an exit code that means something, says no more than a screen of it, and
//! needs no more than 64 MB.
//!
//! Forty of each format; a thousand with `STAGECOACH_SLOW=1`. Every file follows from its seed,
//! which a failure names.
#![cfg(target_os = "linux")]

mod common;

use common::{Place, TOY};
use std::{
    fs,
    io::Read,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
};

/// Lines of errors at most.
const MOST_LINES: usize = 50;
/// Memory at most, in bytes.
const MOST_MEMORY: i64 = 64_000_000;

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

/// Pseudo-random numbers (splitmix64).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Damages a file once.
fn damage(text: &mut Vec<u8>, draws: &mut Draws) {
    let at = draws.below(text.len());
    match draws.below(10) {
        // Bytes.
        0 => text.splice(at..(at + 1).min(text.len()), [draws.below(256) as u8]).for_each(drop),
        1 => text.truncate(at),
        2 => text.splice(at..at, vec![b"0-9,;\"<>/ \n\0"[draws.below(12)]; 1 + draws.below(4)]).for_each(drop),
        3 => {
            let numbers: [&[u8]; 6] = [b"-1", b"99999999999999999999", b"0", b"1e9", b"NaN", b"4294967296"];
            let digit = (0..text.len()).map(|i| (at + i) % text.len()).find(|&i| text[i].is_ascii_digit());
            let digit = digit.unwrap_or(at);
            text.splice(digit..(digit + 1).min(text.len()), numbers[draws.below(6)].iter().copied()).for_each(drop);
        }
        // Lines, and sections of lines.
        kind @ 4..=7 => {
            let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
            if lines.is_empty() {
                return;
            }
            let (from, to) = (draws.below(lines.len()), draws.below(lines.len()));
            let long = 1 + draws.below(if kind % 2 == 0 { 1 } else { 12 });
            let end = (from + long).min(lines.len());
            match kind {
                4 | 5 => lines.drain(from..end).for_each(drop),
                6 => lines.swap(from, to),
                _ => {
                    let again: Vec<Vec<u8>> = lines[from..end].to_vec();
                    lines.splice(to..to, again).for_each(drop);
                }
            }
            *text = lines.concat();
        }
        // Encodings.
        8 => {
            let units: Vec<u16> = String::from_utf8_lossy(text).encode_utf16().collect();
            *text = [0xff, 0xfe].into_iter().chain(units.into_iter().flat_map(u16::to_le_bytes)).collect();
        }
        _ => {
            let newline: &[u8] = if draws.below(2) == 0 { b"\r" } else { b"\r\n" };
            let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').collect();
            *text = lines.join(newline);
        }
    }
}

/// Runs `check`; how it ended, what it said, and the most memory that it had.
#[allow(clippy::zombie_processes, reason = "`wait4` waits for it, and gives its memory")]
fn check(place: &Place, input: &str) -> (ExitStatus, String, i64) {
    let mut command = place.command(&format!("check {input}"));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut said = Vec::new();
    child.stderr.take().expect("a pipe").read_to_end(&mut said).expect("what it says");
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    // SAFETY: a child that nobody else waits for; both places are there and large enough.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &raw mut status, 0, usage.as_mut_ptr()) };
    assert_eq!(waited, child.id() as libc::pid_t);
    // SAFETY: all zeros is a value of it, and the kernel has filled it.
    let memory = unsafe { usage.assume_init() }.ru_maxrss * 1024;
    (ExitStatus::from_raw(status), String::from_utf8_lossy(&said).into_owned(), memory)
}

fn hold(format: &str, base: &Path, name: &str, is_folder: bool) {
    let count = if needs::is_slow() { 1_000 } else { 40 };
    let place = Place::new();
    let mut codes = [0; 4];
    let mut most = (0, 0);
    for seed in 0..count {
        let mut draws = Draws(seed);
        let input = place.path(name);
        if is_folder {
            fs::create_dir_all(&input).unwrap();
            let mut files: Vec<_> = fs::read_dir(base).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            let chosen = draws.below(files.len());
            for (i, file) in files.iter().enumerate() {
                let mut text = fs::read(file).unwrap();
                if i == chosen {
                    (0..=draws.below(3)).for_each(|_| damage(&mut text, &mut draws));
                }
                fs::write(input.join(file.file_name().unwrap()), text).unwrap();
            }
        } else {
            let mut text = fs::read(base).unwrap();
            (0..=draws.below(3)).for_each(|_| damage(&mut text, &mut draws));
            fs::write(&input, text).unwrap();
        }
        let (status, said, memory) = check(&place, name);
        let code = status.code().filter(|code| (0..4).contains(code));
        let code = code.unwrap_or_else(|| panic!("{format}, seed {seed}: {status}\n{said}"));
        codes[code as usize] += 1;
        let lines = said.lines().count();
        assert!(lines <= MOST_LINES, "{format}, seed {seed}: {lines} lines\n{said}");
        assert!(memory <= MOST_MEMORY, "{format}, seed {seed}: {memory} bytes of memory");
        most = (most.0.max(lines), most.1.max(memory));
    }
    eprintln!("{format}: exit codes 0 to 3: {codes:?}; at most {} lines, {:.1} MB", most.0, most.1 as f64 / 1e6);
    assert!(codes[0] > 0 && codes[2] > 0, "{format}: {codes:?}");
}

#[test]
fn cb_ctt() {
    let place = Place::new();
    place.write("base.ctt", TOY);
    hold("CB-CTT", &place.path("base.ctt"), "a.ctt", false);
}

#[test]
fn pe_ctt_files() {
    let place = Place::new();
    place.write("base.tim", &pe_ctt());
    hold("PE-CTT", &place.path("base.tim"), "a.tim", false);
}

#[test]
fn itc_2019() {
    let place = Place::new();
    place.run("generate campus base.xml --scale 0.02 --format itc2019").ends_with(0);
    hold("ITC-2019", &place.path("base.xml"), "a.xml", false);
}

#[test]
fn folders() {
    let place = Place::new();
    place.run("generate demo base").ends_with(0);
    hold("CSV", &place.path("base"), "a", true);
}
