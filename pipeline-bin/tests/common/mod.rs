//! Runs the program in a folder of its own, without the environment of whoever runs the tests.

#![allow(dead_code, reason = "no test file uses all of it")]

pub(crate) mod browser;
#[cfg(target_os = "linux")]
pub(crate) mod group;
pub(crate) mod schema;
pub(crate) mod server;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A small faculty in CB-CTT: two curricula that share a course, a room too small for two of the
/// courses.
pub(crate) const TOY: &str = "Name: Toy
Courses: 4
Rooms: 2
Days: 5
Periods_per_day: 4
Curricula: 2
Constraints: 3

COURSES:
algebra noether 3 3 30
logic goedel 3 2 42
physics meitner 5 4 40
music clara 4 3 18

ROOMS:
small 32
large 50

CURRICULA:
first 3 algebra logic physics
second 2 physics music

UNAVAILABILITY_CONSTRAINTS:
physics 2 0
physics 2 1
logic 4 0

END.
";

/// Two lectures of a course that shall be on two days and can be on one only; a course too large
/// for the only room by three.
pub(crate) const BOUNDED: &str = "Name: Bounded
Courses: 2
Rooms: 1
Days: 2
Periods_per_day: 2
Curricula: 0
Constraints: 2

COURSES:
narrow t 2 2 10
large u 1 1 13

ROOMS:
room 10

CURRICULA:

UNAVAILABILITY_CONSTRAINTS:
narrow 1 0
narrow 1 1

END.
";

/// Two lectures of one teacher and a single period: only one can be placed.
pub(crate) const HOPELESS: &str = "Name: Hopeless
Courses: 2
Rooms: 2
Days: 1
Periods_per_day: 1
Curricula: 1
Constraints: 0

COURSES:
a t 1 1 10
b t 1 1 10

ROOMS:
r1 20
r2 20

CURRICULA:
q 2 a b

UNAVAILABILITY_CONSTRAINTS:

END.
";

/// A Python with these modules; where there is none, that is a skip.
#[track_caller]
pub(crate) fn python(modules: &str) -> Option<String> {
    let program = std::env::var("STAGECOACH_PYTHON").unwrap_or_else(|_| "python3".into());
    let has = Command::new(&program).args(["-c", &format!("import {modules}")]).output();
    if has.is_ok_and(|done| done.status.success()) {
        return Some(program);
    }
    needs::skip(needs::Need::Readers, format!("no Python with {modules} (STAGECOACH_PYTHON names one)"));
    None
}

/// A folder for one test, gone at its end.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a file in the temporary folder");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The program with these arguments (set apart by spaces), in this folder.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stagecoach"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).env_remove("RUST_LOG");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("STAGECOACH_") {
                command.env_remove(name);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program. Whatever it prints with `--json` has to be as its schema says.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        let ran = Ran::of(self.command(arguments).output().expect("the program runs"));
        if arguments.split_whitespace().any(|word| word == "--json") {
            ran.out.lines().for_each(schema::holds);
        }
        ran
    }

    /// Whether OR-Tools is at hand (`stagecoach setup` fetches it); where not, that is a skip.
    #[track_caller]
    pub(crate) fn has_solver(&self) -> bool {
        let doctor = self.run("doctor --json").ends_with(0).last_event();
        let has = doctor["ortools"]["version"].is_string();
        if !has {
            needs::skip(needs::Need::OrTools, &doctor["ortools"]);
        }
        has
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }

    /// The last JSON line of standard output.
    pub(crate) fn last_event(&self) -> serde_json::Value {
        let line = self.out.lines().last().expect("a line");
        serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))
    }

    /// What the last stage noted, which has to be this one.
    #[track_caller]
    pub(crate) fn notes(&self, implementation: &str) -> Vec<String> {
        let history = self.last_event()["history"].clone();
        let last = history.as_array().and_then(|records| records.last()).expect("a record").clone();
        assert_eq!(last["implementation"], implementation);
        last["notes"].as_array().expect("notes").iter().map(|note| note.as_str().expect("text").to_owned()).collect()
    }
}

/// The instances of a family, sorted; none where slow tests are not wanted.
#[track_caller]
pub(crate) fn instances(family: &str) -> Vec<PathBuf> {
    if needs::slow() { needs::instances(family) } else { Vec::new() }
}

/// Everything below a folder: what it is, and what is in it.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let kind = fs::symlink_metadata(&path).expect("its kind");
            if kind.is_symlink() {
                let to = fs::read_link(&path).expect("a link");
                found.insert(path, format!("-> {}", to.display()).into_bytes());
            } else if kind.is_dir() {
                found.insert(path.clone(), b"folder".to_vec());
                folders.push(path);
            } else if kind.is_file() {
                found.insert(path.clone(), fs::read(&path).expect("a file"));
            } else {
                // A pipe would never be read to its end.
                found.insert(path, b"something else".to_vec());
            }
        }
    }
    found
}

/// Whether everything that was there is there, as it was.
#[track_caller]
pub(crate) fn is_whole(before: &BTreeMap<PathBuf, Vec<u8>>, folder: &Path, what: &str) {
    let after = tree(folder);
    for (path, bytes) in before {
        assert!(after.get(path) == Some(bytes), "{what}: {} is not what it was", path.display());
    }
}

/// Somebody's own files, none of them under a name that a run needs.
pub(crate) fn thesis(place: &Place, folder: &str) {
    for name in ["work", "solution", "plan", "stage2b-a1b2c3"] {
        fs::create_dir_all(place.path(folder).join(name)).unwrap();
        place.write(&format!("{folder}/{name}/chapter.txt"), "my own");
        place.write(&format!("{folder}/{name}/.stagecoach-x1y2z3"), "my own");
    }
    for name in ["best.json", "events.jsonl", "plan.txt", ".fetching-a", "run.lock", "a.part"] {
        place.write(&format!("{folder}/{name}"), "my own");
    }
}

/// Waits until `done`, at most half a minute.
#[track_caller]
pub(crate) fn wait_until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
