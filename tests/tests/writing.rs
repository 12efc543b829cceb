//! Every place in the program that removes, renames, truncates or overwrites a file is named here,
//! with the reason why it can only meet what the program made itself. A new one fails this test
//! until somebody has looked at it and has named it, too.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What can destroy: calls, as they are written.
const CALLS: [&str; 23] = [
    "remove_dir_all(",
    "remove_dir(",
    "remove_file(",
    "rename(",
    "File::create(",
    "fs::write(",
    "fs::copy(",
    "OpenOptions::new(",
    "File::options(",
    ".truncate(true)",
    "set_len(",
    ".persist(",
    ".persist_noclobber(",
    "hard_link(",
    "symlink(",
    "set_permissions(",
    "disable_cleanup(",
    "libc::unlink",
    "libc::rmdir",
    "libc::open(",
    // What replaces a file by way of `atomic-files`. (`write_whole` is asked with names that the
    // caller has claimed; `Onto::Free` replaces nothing.)
    "rename_own(",
    "Onto::Own",
    "remove_part(",
];

/// File, call, how often, and why it is harmless.
const NAMED: [(&str, &str, usize, &str); 38] = [
    (
        "atomic-files/src/lib.rs",
        "rename_own(",
        2,
        "`write_whole`: the file that it has just written onto the name that its caller has claimed",
    ),
    (
        "atomic-files/src/lib.rs",
        ".persist(",
        1,
        "a whole file onto one that its caller may replace, or onto a free name where the disk cannot promise the same",
    ),
    ("atomic-files/src/lib.rs", ".persist_noclobber(", 1, "a whole file onto a name, only where that is free"),
    (
        "atomic-files/src/lib.rs",
        "remove_file(",
        2,
        "a half-written file under a name that is ours: the one it will have, with `.part` after it",
    ),
    (
        "atomic-files/src/lib.rs",
        "remove_part(",
        2,
        "see `remove_file(` there: what a killed run has left of the same file",
    ),
    (
        "atomic-files/src/lib.rs",
        "rename(",
        1,
        "a whole file or folder of ours onto its own name, both in a folder of ours",
    ),
    (
        "experiments/src/store/compact.rs",
        "rename_own(",
        1,
        "a Parquet file of ours onto a number that no part has, in a folder whose lock is held",
    ),
    (
        "experiments/src/store/compact.rs",
        "remove_file(",
        2,
        "a half-written Parquet file of ours; a segment that is in a part",
    ),
    ("experiments/src/store/folder.rs", "File::options(", 1, "the lock of a sweep, in a folder that has its mark"),
    (
        "experiments/src/store/folder.rs",
        "Onto::Own",
        1,
        "mark, grids and problems of a sweep, each under a name made of what it holds, and the text of its grid: whoever has written that name has written the same",
    ),
    ("experiments/src/store/rebuild.rs", "rename_own(", 1, "the new index onto the old one, lock held"),
    ("experiments/src/store/rebuild.rs", "remove_part(", 1, "the index's own files, of which all is in other files"),
    (
        "experiments/src/store/recover.rs",
        "remove_file(",
        2,
        "a half-written Parquet file of ours, or one whose segments are all there; lock held",
    ),
    ("experiments/src/store/segment.rs", "File::options(", 1, "a new segment, only where nothing has its name"),
    ("experiments/src/sweep/slot.rs", "set_len(", 1, "a temporary file without a name"),
    (
        "experiments/src/tournament/profile.rs",
        "rename_own(",
        2,
        "the folder in which trials of a tournament write, and the Parquet file that is made of it, onto names that are free; lock held",
    ),
    (
        "experiments/src/tournament/profile.rs",
        "remove_file(",
        1,
        "what trials wrote, by its names, when all of it is in the Parquet file",
    ),
    ("experiments/src/tournament/profile.rs", "remove_dir(", 1, "that folder, where it is empty then"),
    (
        "experiments/src/tournament/profile.rs",
        "remove_part(",
        1,
        "a half-written Parquet file of ours, in a folder whose lock is held",
    ),
    ("memguard/src/gauge.rs", "OpenOptions::new(", 1, "clear_refs of this very process, in /proc"),
    (
        "memguard/src/worker/restrict.rs",
        "libc::open(",
        1,
        "files of the kernel: a control group's list of processes, oom_score_adj",
    ),
    ("memguard/src/worker/worker_cgroup.rs", "fs::write(", 2, "limit and end of a control group that we have made"),
    (
        "memguard/src/worker/worker_cgroup.rs",
        "remove_dir(",
        2,
        "empty control groups, ours or of a process of ours that is dead",
    ),
    ("pipeline-bin/src/allocator.rs", "libc::open(", 1, "the limits of this process, in /proc, only to be read"),
    (
        "pipeline/src/checkpoint.rs",
        "File::options(",
        1,
        "the lock of a run: claimed, never truncated, no link followed",
    ),
    ("pipeline/src/events.rs", "OpenOptions::new(", 1, "the log of a run: claimed, appended to, no link followed"),
    ("pipeline/src/events.rs", "set_len(", 1, "cuts off the torn last line of the log of a run"),
    ("pipeline/src/exec.rs", "fs::write(", 2, "the plan for a foreign program, in a folder that was made just before"),
    ("pipeline/src/owned.rs", "Onto::Own", 1, "the list of own files onto an earlier one that is ours"),
    ("pipeline/src/owned.rs", "remove_file(", 1, "a file on the list of own files"),
    ("serve/src/upload.rs", "rename(", 1, "an upload that is whole, onto an empty folder that this request has made"),
    (
        "stage0-load/src/atomic.rs",
        "Onto::Own",
        1,
        "a whole file onto the one that a caller may replace: claimed, or one that `are_free` has let pass",
    ),
    ("stage0-load/src/unfinished.rs", "remove_dir(", 1, "an empty folder that this process has made"),
    ("stage0-load/src/unfinished.rs", "remove_file(", 1, "a file that this process has made under a free name"),
    (
        "stage2a-cpsat/src/ortools/setup.rs",
        "File::create(",
        1,
        "files of OR-Tools, in a unique folder that was made just before",
    ),
    ("stage2a-cpsat/src/ortools/setup.rs", "rename(", 1, "OR-Tools, whole, onto a name that is free"),
    (
        "stage2b-gpu-ga/src/device/kinds.rs",
        "fs::write(",
        1,
        "a test makes the kernels' list of kinds when it is told to",
    ),
    ("stage3-rl/src/training/mod.rs", "OpenOptions::new(", 1, "the log of a training: claimed, appended to"),
];

/// How often each call stands in a text, tests at its end left out.
fn calls(text: &str) -> BTreeMap<&'static str, usize> {
    let code = text.split("\nmod tests {").next().unwrap_or_default();
    let lines = || code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let count = |call: &str| lines().map(|line| line.matches(call).count()).sum();
    CALLS.into_iter().map(|call| (call, count(call))).filter(|(_, n)| *n > 0).collect()
}

/// The sources of the program: all but tests, benchmarks, examples and what fuzzes it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir()
            && !["tests", "benches", "examples", "fuzz", "target"].contains(&name.as_str())
            && !name.starts_with('.')
        {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_call_that_could_destroy_a_file_is_named_with_its_reason() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace");
    let sources = sources(&workspace);
    assert!(sources.len() > 200, "{} sources found", sources.len());
    let mut found = BTreeMap::new();
    for source in sources {
        let name = source.strip_prefix(&workspace).expect("below the workspace").to_string_lossy().into_owned();
        for (call, count) in calls(&fs::read_to_string(&source).expect("a source")) {
            found.insert((name.clone(), call), count);
        }
    }
    let named: BTreeMap<_, _> = NAMED.iter().map(|&(file, call, n, _)| ((file.to_owned(), call), n)).collect();
    let differs: Vec<String> = found
        .keys()
        .chain(named.keys())
        .filter(|key| found.get(*key) != named.get(*key))
        .map(|key| format!("{} {}: {:?}, named {:?}", key.0, key.1, found.get(key), named.get(key)))
        .collect();
    assert!(differs.is_empty(), "look at these, and name them in {}:\n{}", file!(), differs.join("\n"));
    assert!(NAMED.iter().all(|(.., why)| why.len() > 20), "every one has its reason");
}

#[test]
fn a_call_is_found_wherever_it_stands() {
    let text = "// remove_file(x)\nfs::remove_file(a); fs::remove_file(b);\nfile.persist(p)\n\n#[cfg(test)]\nmod tests {\nfs::write(a)";
    assert_eq!(calls(text), BTreeMap::from([("remove_file(", 2), (".persist(", 1)]));
}
