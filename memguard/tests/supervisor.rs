//! Programs under a supervisor: nothing that they start outlives them or us, whatever it does. The
//! programs are shells, and python3 for what a shell cannot do.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use memguard::{
    Bytes, Caps, Exit, Supervisor, Worker, WorkerOutcome, spawn, spawn_supervised, spawn_supervised_without_group,
};

const ROOMY: Caps =
    Caps { memory: Bytes::gib(1), deadline: None, grace: Duration::from_millis(200), oom_score_adj: 500 };
/// What a descendant has in its environment, so that it is found wherever it has gone.
const MARK: &str = "MEMGUARD_TEST_MARK";

fn supervisor() -> Supervisor {
    Supervisor { program: env!("CARGO_BIN_EXE_memguard-supervisor").into(), arguments: Vec::new() }
}

/// A shell that runs a script, marked by a folder.
fn shell(script: &str, place: &Path) -> Command {
    let mut command = supervisor().command("sh");
    command.args(["-c", script]).env(MARK, place).current_dir(place);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The processes that have the mark of a folder.
fn marked(place: &Path) -> Vec<PathBuf> {
    let mark = format!("{MARK}={}", place.display()).into_bytes();
    let processes = fs::read_dir("/proc").expect("/proc").flatten().map(|entry| entry.path());
    let of_it = |process: &PathBuf| {
        fs::read(process.join("environ")).is_ok_and(|text| text.split(|&byte| byte == 0).any(|word| word == mark))
    };
    processes.filter(of_it).collect()
}

/// What runs besides the supervisor.
fn programs(place: &Path) -> usize {
    let is_supervisor = |process: &PathBuf| {
        fs::read_to_string(process.join("comm")).is_ok_and(|name| name.starts_with("memguard-superv"))
    };
    marked(place).into_iter().filter(|process| !is_supervisor(process)).count()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs a script to its end with and without a control group; nothing of it may be left.
fn run(script: &str, caps: Caps) -> WorkerOutcome {
    let mut ends = [spawn_supervised, spawn_supervised_without_group].into_iter().map(|start| {
        let place = tempfile::tempdir().expect("a folder");
        let ended = start(shell(script, place.path()), caps).expect("a shell").wait().expect("its end");
        assert_eq!(marked(place.path()), [] as [PathBuf; 0], "{script}");
        ended
    });
    let (first, second) = (ends.next().expect("two"), ends.next().expect("two"));
    assert_eq!(first.exit, second.exit, "{script}");
    first
}

/// Starts a script that makes the file `ready` when it has begun.
fn begun(script: &str, place: &Path) -> Worker {
    let worker = spawn_supervised(shell(script, place), ROOMY).expect("a shell");
    wait_until("it has begun", || place.join("ready").exists());
    worker
}

/// Leaves its group twice over, as a daemon does, and does not listen.
const DAEMON: &str = "(setsid sh -c 'trap \"\" TERM HUP; (setsid sh -c \"touch ready; sleep 60\") & sleep 60' &) ; \
                      while [ ! -e ready ]; do sleep 0.01; done";

#[test]
fn how_a_kept_program_ended_is_told_apart() {
    assert_eq!(run("exit 0", ROOMY).exit, Exit::Done);
    assert_eq!(run("exit 3", ROOMY).exit, Exit::Failed(3));
    assert_eq!(run("exit 127", ROOMY).exit, Exit::Failed(127));
    for signal in [libc::SIGSEGV, libc::SIGABRT, libc::SIGTERM, libc::SIGUSR1] {
        assert_eq!(run(&format!("kill -{signal} $$"), ROOMY).exit, Exit::Crashed(signal));
    }
    let killed = run("kill -KILL $$", ROOMY).exit;
    // Something else on the machine may have run out of memory in this very moment.
    assert!(matches!(killed, Exit::Crashed(libc::SIGKILL) | Exit::OutOfMemory), "{killed}");
    let late = ROOMY.until(Instant::now() + Duration::from_millis(50));
    assert_eq!(run("sleep 60", late).exit, Exit::Deadline);
}

#[test]
fn a_program_that_cannot_be_started_is_an_error_as_without_a_supervisor() {
    let place = tempfile::tempdir().expect("a folder");
    let start =
        |program: &Path| spawn_supervised(supervisor().command(program), ROOMY).map(|_| ()).expect_err("no program");
    let missing = Path::new("/nonexistent/program");
    assert_eq!(start(missing).to_string(), Command::new(missing).spawn().expect_err("no program").to_string());
    let plain = place.path().join("plain");
    fs::write(&plain, "not executable").expect("a file");
    assert_eq!(start(&plain).kind(), std::io::ErrorKind::PermissionDenied);
    let nobody = Supervisor { program: missing.into(), arguments: Vec::new() };
    let why = spawn_supervised(nobody.command("sh"), ROOMY).map(|_| ()).expect_err("no supervisor");
    assert!(why.to_string().contains("its supervisor, /nonexistent/program"), "{why}");
}

#[test]
fn what_left_the_group_ends_with_the_program() {
    assert_eq!(run(DAEMON, ROOMY).exit, Exit::Done);
    assert_eq!(run(&format!("{DAEMON}; exit 5"), ROOMY).exit, Exit::Failed(5));
    assert_eq!(run(&format!("{DAEMON}; kill -KILL 0"), ROOMY).exit, Exit::Crashed(libc::SIGKILL));
}

#[test]
fn what_left_the_group_ends_at_the_deadline_and_with_a_dropped_worker() {
    let late = ROOMY.until(Instant::now() + Duration::from_millis(400));
    assert_eq!(run(&format!("trap '' TERM; {DAEMON}; while :; do sleep 1; done"), late).exit, Exit::Deadline);
    let place = tempfile::tempdir().expect("a folder");
    let worker = begun(&format!("{DAEMON}; sleep 60"), place.path());
    assert!(programs(place.path()) >= 3, "the daemon is there");
    drop(worker);
    assert_eq!(marked(place.path()), [] as [PathBuf; 0]);
}

#[test]
fn a_program_that_listens_has_time_to_finish() {
    let place = tempfile::tempdir().expect("a folder");
    let mut worker = begun("trap 'exit 0' TERM; touch ready; while :; do sleep 0.01; done", place.path());
    worker.stop();
    assert_eq!(worker.wait().expect("its end").exit, Exit::Done);
}

#[test]
fn a_supervisor_that_was_stopped_does_not_save_its_program() {
    let place = tempfile::tempdir().expect("a folder");
    let worker = begun("kill -STOP $PPID; touch ready; sleep 60", place.path());
    drop(worker);
    assert_eq!(marked(place.path()), [] as [PathBuf; 0]);
}

#[test]
fn a_program_begins_as_without_a_supervisor() {
    let script = "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; cat /proc/self/oom_score_adj; ls /proc/self/fd; env | sort; [ $$ = $(ps -o pgid= -p $$) ]; echo $?";
    let says = |mut command: Command, start: fn(Command, Caps) -> std::io::Result<Worker>| {
        command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut worker = start(command, ROOMY).expect("a shell");
        let mut text = String::new();
        worker.stdout().expect("piped").read_to_string(&mut text).expect("text");
        worker.wait().expect("its end");
        text
    };
    assert_eq!(says(supervisor().command("sh"), spawn_supervised), says(Command::new("sh"), spawn));
}

#[test]
fn a_kept_program_is_held_to_its_cap() {
    let python = "python3 -c 'x = []\nwhile True: x.append(bytearray(10_000_000))'";
    if !Command::new("python3").arg("-V").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        needs::skip(needs::Need::Python, "no python3");
        return;
    }
    let ended = run(python, Caps::new(Bytes::mib(128)));
    assert_eq!(ended.exit, Exit::OverCap, "{ended:?}");
    assert!(ended.peak.is_some_and(|peak| peak > Bytes::mib(100)), "{ended:?}");
}

/// Starts a fork bomb of a few hundred processes, each in a session of its own, which go on when
/// they are alone.
#[test]
fn many_that_fork_are_all_killed() {
    let place = tempfile::tempdir().expect("a folder");
    let bomb = "bomb() { for i in 1 2 3 4 5 6; do [ $1 -gt 0 ] && (bomb $(($1 - 1)); while :; do (sleep 0.05); done) & done; }; \
                bomb 2; touch ready; wait";
    let worker = begun(bomb, place.path());
    wait_until("many have begun", || programs(place.path()) > 40);
    let began = Instant::now();
    drop(worker);
    assert_eq!(marked(place.path()), [] as [PathBuf; 0], "after {:?}", began.elapsed());
}

/// Starts this test as a program that starts a kept one, and kills it.
#[test]
fn nothing_outlives_the_parent() {
    let place = tempfile::tempdir().expect("a folder");
    let mut parent = Command::new(std::env::current_exe().expect("this test"));
    parent.args(["--ignored", "--exact", "role_parent", "--nocapture"]).env("MEMGUARD_TEST_PLACE", place.path());
    let mut parent: Child = parent.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("this test");
    wait_until("the daemon has begun", || place.path().join("ready").exists());
    assert!(programs(place.path()) >= 3);
    parent.kill().expect("SIGKILL");
    assert_eq!(parent.wait().expect("its end").signal(), Some(libc::SIGKILL));
    wait_until("all are gone", || marked(place.path()).is_empty());
}

/// Starts a kept daemon and waits for it.
#[test]
#[ignore = "a role in another test"]
fn role_parent() {
    let place = PathBuf::from(std::env::var_os("MEMGUARD_TEST_PLACE").expect("only run by another test"));
    let script = format!("trap '' TERM HUP INT USR1; {DAEMON}; sleep 60");
    let _ = spawn_supervised(shell(&script, &place), ROOMY).expect("a shell").wait();
}

/// What a supervisor costs: about as long as starting one small program more.
#[test]
fn a_supervisor_takes_a_few_milliseconds() {
    let place = tempfile::tempdir().expect("a folder");
    let median = |start: &dyn Fn() -> Worker| {
        let took = |_| {
            let began = Instant::now();
            start().wait().expect("its end");
            began.elapsed()
        };
        let mut took: Vec<Duration> = (0..15).map(took).collect();
        took.sort();
        took[7]
    };
    let kept = median(&|| spawn_supervised(shell("exit 0", place.path()), ROOMY).expect("a shell"));
    let alone = median(&|| {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 0"]).stdin(Stdio::null());
        spawn(command, ROOMY).expect("a shell")
    });
    eprintln!("{kept:?} from start to end, {alone:?} without a supervisor, medians of 15");
    assert!(kept < alone + Duration::from_millis(300));
}
