//! A real control group with a real limit, where this machine permits to make one; elsewhere
//! nothing is tested here.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, id};

use memguard::{Bytes, Gauge, Guard, Limits, Roots, Source};

/// A control group that is removed on drop.
struct Group(PathBuf);

impl Group {
    /// Makes a group with a limit below our own group, in either version; `None` where that is not
    /// permitted.
    fn with_limit(limit: Bytes) -> Option<Group> {
        let limits = Limits::detect(&Roots::default(), None);
        limits.candidates().iter().find_map(|candidate| {
            let Source::Cgroup { file, .. } = &candidate.source else { return None };
            let folder = file.parent()?.join(format!("memguard-test-{}", id()));
            fs::create_dir(&folder).ok()?;
            let group = Group(folder);
            let set = |name: &str| fs::write(group.0.join(name), limit.get().to_string());
            (group.0.join("memory.max").exists() && set("memory.max").is_ok()
                || group.0.join("memory.limit_in_bytes").exists() && set("memory.limit_in_bytes").is_ok())
            .then_some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn a_process_in_a_limited_group_finds_its_limit_and_its_usage() {
    let Some(group) = Group::with_limit(Bytes::mib(256)) else {
        needs::skip(needs::Need::ControlGroups, "no control group can be made here");
        return;
    };
    let procs = group.0.join("cgroup.procs");
    let test = std::env::current_exe().expect("this test");
    let output = Command::new("sh")
        .args(["-c", "echo $$ > \"$1\" && exec \"$0\" --ignored --exact inside_the_group"])
        .args([&test, &procs])
        .env("MEMGUARD_TEST_GROUP", &group.0)
        .output()
        .expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Run by the test above, in a process of its own inside the group.
#[test]
#[ignore = "runs inside a control group that another test makes"]
fn inside_the_group() {
    let Some(folder) = std::env::var_os("MEMGUARD_TEST_GROUP") else { return };
    let guard = Guard::of_this_process(None);
    assert_eq!(guard.limit(), Bytes::mib(256), "{}", guard.limits());
    let Source::Cgroup { file, .. } = &guard.limits().holding().source else { panic!("{}", guard.limits()) };
    assert_eq!(file.parent(), Some(Path::new(&folder)));
    let lot = std::hint::black_box(vec![1_u8; 64 << 20]);
    let group = guard.readings().cgroup.expect("the group's usage");
    assert!(group.used >= Bytes::mib(64) && group.used < group.limit, "{group:?}");
    let usage = guard.usage().expect("readable");
    assert!(matches!(usage.gauge, Gauge::Cgroup | Gauge::Process) && usage.fraction() >= 0.25, "{usage:?}");
    drop(lot);
}
