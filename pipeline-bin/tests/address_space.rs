//! Runs with a limited address space (`ulimit -v`) or data size (`ulimit -d`): whatever the limit
//! and the number of threads, the program solves the problem or says that memory is too small and
//! how much it needs. It never ends by a signal or a panic, and more memory is never worse than
//! less.
//!
//! With `STAGECOACH_SLOW=1` on a finer grid, with other commands and larger problems.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod common;

use common::{Place, TOY};
use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Output},
};

/// `-v` or `-d` of `ulimit`.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Space,
    Data,
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// The system or its loader could not even begin the program.
    NotBegun,
    /// Exit code 3.
    TooSmall,
    /// Exit code 0 or 1 with what was written.
    Done(i32, Option<Vec<u8>>),
}

fn limited(command: &Command, kind: Kind, kilobytes: u64) -> Output {
    let flag = match kind {
        Kind::Space => "-v",
        Kind::Data => "-d",
    };
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {flag} {kilobytes} && exec \"$0\" \"$@\"")]);
    shell.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.output().expect("a shell")
}

/// Runs the program under a limit; `{n}` in its arguments is a name of its own.
fn run(place: &Place, arguments: &str, kind: Kind, kilobytes: u64) -> Came {
    let name = format!("out-{kind:?}-{kilobytes}");
    let out = place.path(&name);
    let _ = fs::remove_dir_all(&out);
    let output = limited(&place.command(&arguments.replace("{n}", &name)), kind, kilobytes);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let case = format!("{kind:?} {kilobytes} kB: {arguments}: {}\n{said}", output.status);
    assert!(!said.contains("panicked") && !said.contains("has 0"), "{case}");
    match output.status.code() {
        // `execve` ends what it cannot load by a signal, and the loader by its own code; neither
        // has begun the program.
        None if output.status.signal() == Some(libc::SIGSEGV) && said.is_empty() => Came::NotBegun,
        Some(127) if said.contains("error while loading shared libraries") => Came::NotBegun,
        Some(3) => {
            let limit = match kind {
                Kind::Space => "RLIMIT_AS",
                Kind::Data => "RLIMIT_DATA",
            };
            assert!(said.contains("error: the memory budget") && said.contains("MB") && said.contains(limit), "{case}");
            Came::TooSmall
        }
        Some(code @ (0 | 1)) => Came::Done(code, solution(&out)),
        _ => panic!("{case}"),
    }
}

fn solution(out: &Path) -> Option<Vec<u8>> {
    ["solution.sol", "timetable.csv"].iter().find_map(|name| fs::read(out.join(name)).ok())
}

/// From one limit to the next it gets better or stays as it is, with the same result; the largest
/// suffices.
fn never_worse(place: &Place, arguments: &str, kind: Kind, sizes: &[u64]) {
    let mut before = Came::NotBegun;
    for &size in sizes {
        let now = run(place, arguments, kind, size);
        match (&before, &now) {
            (Came::NotBegun, _) | (Came::TooSmall, Came::TooSmall | Came::Done(..)) => {}
            (Came::Done(..), Came::Done(..)) => {
                assert_eq!(before, now, "{kind:?} {size} kB: another result: {arguments}");
            }
            _ => panic!("{kind:?} {size} kB: {now:?} after {before:?}: {arguments}"),
        }
        before = now;
    }
    assert!(matches!(before, Came::Done(..)), "{kind:?} {sizes:?}: {arguments}");
}

/// 14 lectures.
fn toy(place: &Place) -> &'static str {
    place.write("toy.ctt", TOY);
    "solve toy.ctt --steps 20000 --offline -q --out {n}"
}

#[test]
fn whatever_the_address_space_a_run_fits_or_says_what_it_takes() {
    let place = Place::new();
    let solve = toy(&place);
    let sizes = [5_000, 12_000, 20_000, 24_000, 28_000, 32_000, 36_000, 40_000, 60_000, 120_000, 250_000, 2_000_000];
    for threads in [1, 8, 32] {
        never_worse(&place, &format!("{solve} --threads {threads}"), Kind::Space, &sizes);
    }
}

#[test]
fn whatever_the_data_size_a_run_fits_or_says_what_it_takes() {
    let place = Place::new();
    let solve = toy(&place);
    let sizes = [500, 2_000, 4_000, 8_000, 12_000, 16_000, 20_000, 30_000, 60_000, 250_000, 2_000_000];
    for threads in [1, 32] {
        never_worse(&place, &format!("{solve} --threads {threads}"), Kind::Data, &sizes);
    }
}

/// Room for the program as it is compiled for tests (38 MB), and little more.
const FEW_KB: u64 = 72_000;

#[test]
fn many_threads_fit_where_one_does_and_find_the_same() {
    let place = Place::new();
    let solve = toy(&place);
    let alone = run(&place, &format!("{solve} --threads 1"), Kind::Space, FEW_KB);
    assert!(matches!(alone, Came::Done(0, Some(_))), "{alone:?}");
    for arguments in ["--threads 32", "--threads 32 --stage1 leiden"] {
        assert_eq!(run(&place, &format!("{solve} {arguments}"), Kind::Space, FEW_KB), alone, "{arguments}");
    }
    let ga = |threads| run(&place, &format!("{solve} --stage2b ga --threads {threads}"), Kind::Space, FEW_KB);
    assert_eq!(ga(1), ga(32));
}

#[test]
fn by_time_there_are_as_many_chains_as_threads_fit() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    for stage in ["annealing", "ga"] {
        let solve = format!("solve toy.ctt --time 0.3 --offline -q --threads 32 --stage2b {stage} --out {{n}}");
        for size in [20_000, 45_000, 90_000] {
            run(&place, &solve, Kind::Space, size);
        }
    }
}

#[test]
fn other_commands_end_the_same_way() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    for arguments in ["doctor", "check toy.ctt empty.sol", "convert toy.ctt {n}.ctt", "generate demo {n}", "--help"] {
        place.write("empty.sol", "");
        for size in [20_000, 24_000, 30_000, 60_000] {
            run(&place, arguments, Kind::Space, size);
            run(&place, arguments, Kind::Data, size / 3);
        }
    }
}

#[test]
fn a_finer_grid_of_limits_threads_and_problems() {
    if !needs::slow() {
        return;
    }
    let place = Place::new();
    let solve = toy(&place);
    place.run("generate campus campus --scale 0.1").ends_with(0);
    let space: Vec<u64> = (4..48).map(|n| n * 2_500).chain((0..5).map(|n| 125_000 << n)).collect();
    let data: Vec<u64> = (1..40).map(|n| n * 2_500).chain((0..5).map(|n| 125_000 << n)).collect();
    let mut all = vec![solve.to_owned(), "solve campus --steps 50000 --offline -q --out {n}".to_owned()];
    all.push("demo --steps 20000 --offline -q --out {n}".to_owned());
    all.push(format!("{solve} --stage2b ga"));
    all.push(format!("{solve} --stage2a milp --polish milp"));
    if let Some(file) = needs::instance("cb-ctt/comp05.ctt") {
        all.push(format!("solve {} --steps 100000 --offline -q --out {{n}}", file.display()));
    }
    for arguments in &all {
        for threads in [1, 2, 4, 8, 16, 32] {
            let arguments = format!("{arguments} --threads {threads}");
            never_worse(&place, &arguments, Kind::Space, &space);
            never_worse(&place, &arguments, Kind::Data, &data);
        }
    }
}
