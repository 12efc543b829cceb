//! Workers: capped, stopped, never left behind. The programs are shells, or this test itself in
//! another role.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use memguard::{Bytes, Caps, Exit, Worker, WorkerOutcome, spawn, spawn_without_group};

const ROOMY: Caps =
    Caps { memory: Bytes::gib(1), deadline: None, grace: Duration::from_millis(200), oom_score_adj: 500 };

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn run(script: &str, caps: Caps) -> WorkerOutcome {
    spawn(shell(script), caps).expect("a shell").wait().expect("its end")
}

/// This test as a program that plays `role`.
fn actor(role: &str, stage: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--ignored", "--exact", role, "--nocapture"]).env("MEMGUARD_TEST_STAGE", stage);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn stage() -> PathBuf {
    PathBuf::from(std::env::var_os("MEMGUARD_TEST_STAGE").expect("only run by other tests"))
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros()
}

fn is_alive(pid: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn how_a_worker_ended_is_told_apart() {
    assert_eq!(run("exit 0", ROOMY).exit, Exit::Done);
    assert_eq!(run("exit 3", ROOMY).exit, Exit::Failed(3));
    assert_eq!(run("kill -SEGV $$", ROOMY).exit, Exit::Crashed(libc::SIGSEGV));
    let killed = run("kill -KILL $$", ROOMY).exit;
    // Something else on the machine may have run out of memory in this very moment.
    assert!(matches!(killed, Exit::Crashed(libc::SIGKILL) | Exit::OutOfMemory), "{killed}");
    let late = ROOMY.until(Instant::now() + Duration::from_millis(50));
    assert_eq!(run("sleep 60", late).exit, Exit::Deadline);
    assert!(spawn(Command::new("/nonexistent/program"), ROOMY).is_err());
}

#[test]
fn a_worker_that_does_not_listen_is_killed_with_its_children() {
    let place = tempfile::tempdir().expect("a folder");
    let pids = place.path().join("pids");
    let script = format!(
        "trap '' TERM; sh -c 'trap \"\" TERM; sleep 60' & echo $! > {0}; echo $$ >> {0}; wait; sleep 60",
        pids.display()
    );
    let mut worker = spawn(shell(&script), ROOMY).expect("a shell");
    wait_until("both have begun", || fs::read_to_string(&pids).is_ok_and(|text| text.lines().count() == 2));
    let asked = Instant::now();
    worker.stop();
    let ended = worker.wait().expect("its end");
    assert_eq!(ended.exit, Exit::Stopped);
    assert!(asked.elapsed() >= ROOMY.grace);
    let pids = fs::read_to_string(&pids).expect("two numbers");
    wait_until("nobody is left", || pids.lines().all(|pid| !is_alive(pid)));
}

#[test]
fn a_worker_that_listens_has_time_to_finish() {
    let place = tempfile::tempdir().expect("a folder");
    let ready = place.path().join("ready");
    let script = format!("trap 'exit 0' TERM; touch {}; while :; do sleep 0.01; done", ready.display());
    let mut worker = spawn(shell(&script), ROOMY).expect("a shell");
    wait_until("it listens", || ready.exists());
    worker.stop();
    assert_eq!(worker.wait().expect("its end").exit, Exit::Done);
}

#[test]
fn a_dropped_worker_is_gone() {
    let worker = spawn(shell("sleep 60"), ROOMY).expect("a shell");
    let pid = worker.id().to_string();
    assert!(is_alive(&pid));
    drop(worker);
    assert!(!is_alive(&pid));
}

#[test]
fn the_kernel_is_told_to_take_a_worker_first() {
    let mut command = Command::new("cat");
    command.arg("/proc/self/oom_score_adj").stdout(Stdio::piped());
    let mut worker = spawn(command, ROOMY).expect("cat");
    assert_eq!(worker.wait().expect("its end").exit, Exit::Done);
    assert!(worker.peak().is_none_or(|peak| peak < Bytes::mb(100)), "{:?}", worker.peak());
    let mut child = Command::new("sh");
    child.args(["-c", "cat /proc/self/oom_score_adj"]).stdout(Stdio::piped());
    let mut text = String::new();
    let caps = Caps { oom_score_adj: 321, ..ROOMY };
    let place = tempfile::NamedTempFile::new().expect("a file");
    child.stdout(place.reopen().expect("the file"));
    spawn(child, caps).expect("a shell").wait().expect("its end");
    place.reopen().expect("the file").read_to_string(&mut text).expect("text");
    assert_eq!(text.trim(), "321");
}

/// Lets a worker allocate without end; how long after passing its cap it was gone, and how it
/// ended.
fn hog(start: impl Fn(Command, Caps) -> std::io::Result<Worker>) -> (Duration, WorkerOutcome) {
    let place = tempfile::tempdir().expect("a folder");
    let caps = Caps::new(Bytes::mib(128));
    let mut worker = start(actor("role_hog", place.path()), caps).expect("this test");
    let ended = worker.wait().expect("its end");
    let gone = now();
    let crossed: u128 =
        fs::read_to_string(place.path().join("crossed")).map_or(gone, |text| text.parse().expect("a time"));
    (Duration::from_micros(gone.saturating_sub(crossed) as u64), ended)
}

#[test]
fn without_a_group_a_worker_is_stopped_soon_after_its_cap() {
    let (after, ended) = hog(spawn_without_group);
    assert_eq!(ended.exit, Exit::OverCap, "{ended:?}");
    assert!(ended.peak.is_some_and(|peak| peak > Bytes::mib(100)), "{ended:?}");
    assert!(after < Duration::from_secs(5), "{after:?} after crossing the cap");
    eprintln!("stopped {after:?} after crossing the cap, peak {}", ended.peak.unwrap_or_default());
}

#[test]
fn in_a_group_a_worker_never_passes_its_cap() {
    let probe = spawn(shell("exit 0"), ROOMY).expect("a shell");
    if !probe.is_in_a_group() {
        needs::skip(needs::Need::ControlGroups, "no control group can be made here");
        return;
    }
    drop(probe);
    let (_, ended) = hog(spawn);
    assert_eq!(ended.exit, Exit::OverCap, "{ended:?}");
    let peak = ended.peak.expect("counted by the group");
    assert!(peak > Bytes::mib(100) && peak <= Bytes::mib(128), "{peak}");
    eprintln!("peak {peak} under a cap of {}", Bytes::mib(128));
}

/// Writes to more and more memory; notes when it has passed its cap of 128 MiB.
#[test]
#[ignore = "a role in other tests"]
fn role_hog() {
    let mut all = Vec::new();
    let mut noted = false;
    loop {
        all.push(vec![1_u8; 1 << 20]);
        let statm = fs::read_to_string("/proc/self/statm").expect("its own memory");
        let pages: u64 = statm.split(' ').nth(1).expect("resident").parse().expect("a number");
        if pages * 4096 > 128 << 20 && !noted {
            noted = true;
            // Under another name first: it may be stopped in the middle of writing.
            fs::write(stage().join("crossing"), now().to_string()).expect("a file");
            fs::rename(stage().join("crossing"), stage().join("crossed")).expect("the same folder");
        }
        if all.len() > 16_384 {
            return;
        }
    }
}

#[test]
fn a_worker_does_not_outlive_its_parent() {
    let place = tempfile::tempdir().expect("a folder");
    let mut parent = actor("role_parent", place.path()).spawn().expect("this test");
    let file = place.path().join("worker");
    wait_until("the worker has begun", || fs::read_to_string(&file).is_ok_and(|pid| pid.ends_with('\n')));
    let pid = fs::read_to_string(&file).expect("a number");
    assert!(is_alive(pid.trim()));
    parent.kill().expect("SIGKILL");
    parent.wait().expect("its end");
    wait_until("the worker is gone", || !is_alive(pid.trim()));
    // Its control group, if there was one, is cleared away by whoever makes the next.
    let left_by = format!("memguard-worker-{}-", parent.id());
    let left = || {
        let groups = fs::read_to_string("/proc/self/cgroup").expect("its groups");
        let own = groups.lines().find_map(|line| line.split_once(":memory:").map(|(_, path)| format!("/memory{path}")));
        let own = own.or_else(|| groups.lines().find_map(|line| line.strip_prefix("0::").map(str::to_owned)));
        let own = fs::read_dir(format!("/sys/fs/cgroup{}", own.expect("a group")));
        let names = own.into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.filter(|name| name.to_string_lossy().starts_with(&left_by)).count()
    };
    wait_until("its group is gone", || {
        let next = spawn(shell("exit 0"), ROOMY).expect("a shell");
        !next.is_in_a_group() || left() == 0
    });
}

/// Starts a worker and waits for it.
#[test]
#[ignore = "a role in another test"]
fn role_parent() {
    let file = stage().join("worker");
    let script = format!("echo $$ > {}; exec sleep 60", file.display());
    let _ = spawn(shell(&script), ROOMY).expect("a shell").wait();
}
