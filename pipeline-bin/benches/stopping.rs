//! How long after Ctrl-C the program has ended, at random moments in every stage:
//! `cargo bench -p pipeline-bin --bench stopping [-- STAGE...]`.
//!
//! A hundred moments for each stage (`STAGECOACH_MOMENTS=n` for another number) on a generated
//! campus (`STAGECOACH_SCALE=1` by default). Every tenth time what was written is checked.

#![allow(clippy::print_stdout)] // its table is what it is for

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

fn variable<T: std::str::FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn program(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagecoach"));
    command.args(arguments.split_whitespace()).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &str) {
    let ran = program(folder, arguments).output().expect("the program runs");
    assert!(matches!(ran.status.code(), Some(0 | 1)), "{arguments}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// Interrupts `arguments` after `wait`; how long it then took, or `None` where it had ended before.
fn interrupted(folder: &Path, arguments: &str, wait: Duration) -> Option<Duration> {
    let child = program(folder, arguments).spawn().expect("the program runs");
    std::thread::sleep(wait);
    // SAFETY: `kill` takes two numbers; the child has not been waited for, so its id is still its
    // own.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    let sent = Instant::now();
    let ran = child.wait_with_output().expect("its end");
    let took = sent.elapsed();
    match ran.status.code() {
        Some(130) => Some(took),
        Some(0 | 1) => None,
        other => panic!("{arguments}: {other:?}\n{}", String::from_utf8_lossy(&ran.stderr)),
    }
}

fn main() {
    let (moments, scale) = (variable("STAGECOACH_MOMENTS", 100), variable("STAGECOACH_SCALE", 1.0));
    let named: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path();
    run(folder, &format!("generate campus campus --scale {scale}"));
    run(folder, "stage none campus empty");
    run(folder, "stage louvain empty clustered");
    run(folder, "stage greedy clustered placed --time 60");
    // Most of it unplaced: enough to repair.
    run(folder, "stage greedy clustered partly --steps 1000");
    let deaf = folder.join("deaf.sh");
    fs::write(&deaf, "#!/bin/sh\ntrap '' TERM\nsleep 60\n").expect("a script");
    fs::set_permissions(&deaf, fs::Permissions::from_mode(0o755)).expect("may be run");
    println!("{:<32} {:>8} {:>8} {:>8} {:>8} {:>9}", "", "moments", "median", "99th", "most", "had ended");
    let mut seed = 1_u64;
    for (name, arguments, longest) in [
        ("louvain", "stage louvain empty out --time 100".to_owned(), 1.2),
        ("greedy", "stage greedy clustered out --time 100".to_owned(), 2.5),
        ("cpsat", "stage cpsat placed out --time 100".to_owned(), 4.0),
        ("ga", "stage ga placed out --time 100".to_owned(), 4.0),
        ("annealing", "stage annealing placed out --time 100".to_owned(), 4.0),
        ("min-conflicts", "stage min-conflicts partly out --time 100".to_owned(), 4.0),
        ("exec, deaf to SIGTERM", format!("stage exec:{} placed out --time 100", deaf.display()), 1.5),
        ("solve: loading and all stages", "solve campus --time 100 --out out".to_owned(), 8.0),
    ] {
        if !named.is_empty() && !named.iter().any(|n| name.starts_with(n.as_str())) {
            continue;
        }
        let (mut took, mut ended) = (Vec::new(), 0);
        for moment in 0..moments {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let wait = Duration::from_secs_f64(longest * (seed >> 33) as f64 / (1_u64 << 31) as f64);
            let _ = fs::remove_dir_all(folder.join("out"));
            match interrupted(folder, &arguments, wait) {
                Some(time) => took.push(time),
                None => ended += 1,
            }
            let plans = ["out/plan.json", "out/plan/plan.json"].map(|plan| fs::read_to_string(folder.join(plan)));
            // Without a timetable there is nothing to check yet.
            if moment % 10 == 0 && plans.iter().flatten().any(|plan| plan.contains("\"timetable\":{")) {
                run(folder, "check campus out");
            }
        }
        took.sort();
        // The smallest that so many are not above.
        let at = |share: f64| took.get(((took.len() as f64 * share).ceil() as usize).saturating_sub(1));
        let seconds = |time: Option<&Duration>| time.map_or("-".to_owned(), |t| format!("{:.3} s", t.as_secs_f64()));
        let (median, most) = (seconds(at(0.5)), seconds(took.last()));
        println!("{name:<32} {moments:>8} {median:>8} {:>8} {most:>8} {ended:>9}", seconds(at(0.99)));
    }
}
