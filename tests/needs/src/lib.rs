//! What a test needs of the machine. A test that lacks something calls [`skip`] and returns: that
//! is printed, and noted for whoever sums up the run. Where the thing is required, the test fails
//! instead.
//!
//! * `STAGECOACH_REQUIRE`: names of [`Need`]s, separated by commas, that must not be missing.
//! * `STAGECOACH_SKIPPED`: a file to which every skip is appended, a line each: where, what, why.

use std::{
    env,
    fmt::{self, Display},
    fs::OpenOptions,
    io::Write,
    panic::Location,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Something that not every machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// OR-Tools (`stagecoach setup` fetches it).
    OrTools,
    /// Instances, in `STAGECOACH_INSTANCES` or `../shared/instances`.
    Instances,
    /// Evaluators that share no code with the project, in `STAGECOACH_TOOLS` or `../shared/tools`.
    Tools,
    /// A control group with a memory limit that a test can make.
    ControlGroups,
    /// `python3`.
    Python,
    /// What tests/requirements.txt names, for the Python in `STAGECOACH_PYTHON` (or `python3`).
    Readers,
    /// The rights of root.
    Root,
    /// Slurm (`slurmctld`, `slurmd`, `munged`).
    Slurm,
    /// LibreOffice (`soffice`).
    Office,
    /// `chromium`, which shows pages without a screen.
    Browser,
    /// Minutes: `STAGECOACH_SLOW`.
    Slow,
}

impl Need {
    /// All of them.
    pub const ALL: [Need; 11] = [
        Need::OrTools,
        Need::Instances,
        Need::Tools,
        Need::ControlGroups,
        Need::Python,
        Need::Readers,
        Need::Root,
        Need::Slurm,
        Need::Office,
        Need::Browser,
        Need::Slow,
    ];

    /// Its name in `STAGECOACH_REQUIRE`.
    pub fn name(self) -> &'static str {
        match self {
            Need::OrTools => "ortools",
            Need::Instances => "instances",
            Need::Tools => "tools",
            Need::ControlGroups => "cgroups",
            Need::Python => "python",
            Need::Readers => "readers",
            Need::Root => "root",
            Need::Slurm => "slurm",
            Need::Office => "office",
            Need::Browser => "browser",
            Need::Slow => "slow",
        }
    }
}

impl Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Says that a test (or a part of it) is skipped for want of something.
///
/// # Panics
/// Where that is required, or `STAGECOACH_REQUIRE` names something unknown.
#[track_caller]
pub fn skip(need: Need, why: impl Display) {
    let at = Location::caller();
    if let Some(wrong) = wrong(&env::var("STAGECOACH_REQUIRE").unwrap_or_default(), need) {
        panic!("{wrong}: {why}");
    }
    let line = format!("{}:{}\t{need}\t{}\n", at.file(), at.line(), why.to_string().replace('\n', " "));
    eprint!("skipped: {line}");
    if let Some(file) = env::var_os("STAGECOACH_SKIPPED") {
        let file = OpenOptions::new().append(true).create(true).open(file);
        let noted = file.and_then(|mut file| file.write_all(line.as_bytes()));
        noted.expect("STAGECOACH_SKIPPED can be written");
    }
}

/// Why a need cannot be skipped.
fn wrong(required: &str, need: Need) -> Option<String> {
    let names = || required.split(',').map(str::trim).filter(|name| !name.is_empty());
    if let Some(unknown) = names().find(|name| Need::ALL.iter().all(|need| need.name() != *name)) {
        let known = Need::ALL.map(Need::name).join(", ");
        return Some(format!("STAGECOACH_REQUIRE names {unknown}, expected some of {known}"));
    }
    names().any(|name| name == need.name()).then(|| format!("STAGECOACH_REQUIRE names {need}, which is missing"))
}

/// A folder named by an environment variable, or of this name in `../shared` beside the workspace;
/// `None` where there is none.
pub fn folder(variable: &str, beside: &str) -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    env::var_os(variable).map(PathBuf::from).or(Some(shared.join(beside))).filter(|folder| folder.is_dir())
}

/// The instances of a family, sorted by name; where there are none, that is a skip.
#[track_caller]
pub fn instances(family: &str) -> Vec<PathBuf> {
    let Some(folder) = folder("STAGECOACH_INSTANCES", "instances") else {
        skip(Need::Instances, format!("no instances of {family} here"));
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder.join(family)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    if files.is_empty() {
        skip(Need::Instances, format!("no instances in {}", folder.join(family).display()));
    }
    files
}

/// One instance (`cb-ctt/comp01.ctt`); where it is missing, that is a skip.
#[track_caller]
pub fn instance(name: &str) -> Option<PathBuf> {
    let file =
        folder("STAGECOACH_INSTANCES", "instances").map(|folder| folder.join(name)).filter(|file| file.is_file());
    if file.is_none() {
        skip(Need::Instances, format!("no {name}"));
    }
    file
}

/// Does this with each, two at a time, for what takes minutes one after the other.
///
/// # Panics
/// Where one of them does.
pub fn two_at_a_time<T: Sync>(all: &[T], one: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(item) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            one(item);
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
}

/// Whether tests that take minutes are wanted: `STAGECOACH_SLOW` is set.
pub fn is_slow() -> bool {
    env::var_os("STAGECOACH_SLOW").is_some()
}

/// The same, for a test that does nothing without: where it is not wanted, that is a skip.
#[track_caller]
pub fn slow() -> bool {
    if !is_slow() {
        skip(Need::Slow, "takes minutes: STAGECOACH_SLOW=1");
    }
    is_slow()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_a_time_each_has_its_turn_and_one_that_fails_is_told() {
        let turns: Vec<AtomicUsize> = (0..100).map(|_| AtomicUsize::new(0)).collect();
        two_at_a_time(&turns, |turn| {
            turn.fetch_add(1, Ordering::Relaxed);
        });
        assert!(turns.iter().all(|turn| turn.load(Ordering::Relaxed) == 1));
        let failed = std::panic::catch_unwind(|| two_at_a_time(&[1, 2, 3], |n| assert_ne!(*n, 2)));
        assert!(failed.is_err());
    }

    #[test]
    fn what_is_required_cannot_be_skipped_and_what_is_unknown_cannot_be_required() {
        assert_eq!(wrong("", Need::OrTools), None);
        assert_eq!(wrong("instances, python", Need::OrTools), None);
        assert!(wrong("instances, ortools", Need::OrTools).unwrap().contains("which is missing"));
        assert!(wrong("instances,or-tools", Need::Slow).unwrap().contains("names or-tools, expected some of ortools"));
    }
}
