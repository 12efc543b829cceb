//! Limit detection on fake trees.

mod common;

use std::fs;
use std::path::Path;

use common::{Tree, V1_MOUNTS, V1_UNLIMITED, V2_MOUNT};
use memguard::{Bytes, Candidate, CgroupVersion, Limits, Roots, Source, Verdict};

const MACHINE: Bytes = Bytes::kib(16_000_000);

/// The candidate that was read from a file of the tree.
fn from_file<'l>(limits: &'l Limits, tree: &Tree, path: &str) -> &'l Candidate {
    let wanted = tree.path(path);
    let is_it = |candidate: &&Candidate| matches!(&candidate.source, Source::Cgroup { file, .. } if *file == wanted);
    limits.candidates().iter().find(is_it).unwrap_or_else(|| panic!("no candidate {path} in\n{limits}"))
}

fn of<'l>(limits: &'l Limits, source: &Source) -> &'l Candidate {
    limits.candidates().iter().find(|candidate| candidate.source == *source).expect("the candidate")
}

fn holding_file(limits: &Limits) -> &Path {
    match &limits.holding().source {
        Source::Cgroup { file, .. } => file,
        other => panic!("{other} holds"),
    }
}

#[test]
fn without_any_other_limit_the_machine_holds() {
    let limits = Tree::new().limits(None);
    assert_eq!(limits.holding().source, Source::MemTotal);
    assert_eq!(limits.bytes(), MACHINE);
    assert_eq!(of(&limits, &Source::RlimitAs).verdict, Verdict::Unlimited);
    assert_eq!(of(&limits, &Source::Addressable).verdict, Verdict::NotSmallest);
}

#[test]
fn the_explicit_limit_holds_where_it_is_the_smallest_and_not_where_it_is_larger() {
    let tree = Tree::new();
    assert_eq!(tree.limits(Some(Bytes::gb(2))).holding().source, Source::Explicit);
    let larger = tree.limits(Some(Bytes::gb(20)));
    assert_eq!(larger.holding().source, Source::MemTotal);
    assert_eq!(of(&larger, &Source::Explicit).verdict, Verdict::NotSmallest);
}

#[test]
fn of_two_equal_limits_the_one_that_the_user_asked_for_is_named() {
    let limits = Tree::new().limits(Some(MACHINE));
    assert_eq!(limits.holding().source, Source::Explicit);
    let holding = limits.candidates().iter().filter(|candidate| candidate.verdict == Verdict::Holds);
    assert_eq!(holding.count(), 1);
}

#[test]
fn a_version_2_limit_of_our_own_group_holds() {
    let tree = Tree::new();
    tree.v2("/job").file("sys/fs/cgroup/job/memory.max", "4000000000\n");
    let limits = tree.limits(None);
    assert_eq!(limits.bytes(), Bytes::gb(4));
    assert_eq!(holding_file(&limits), tree.path("sys/fs/cgroup/job/memory.max"));
    let root = from_file(&limits, &tree, "sys/fs/cgroup/memory.max");
    assert_eq!(root.verdict, Verdict::Absent);
}

#[test]
fn a_smaller_version_2_limit_two_levels_up_holds() {
    let tree = Tree::new();
    tree.v2("/a/b/c")
        .file("sys/fs/cgroup/a/memory.max", "1000000000\n")
        .file("sys/fs/cgroup/a/b/memory.max", "max\n")
        .file("sys/fs/cgroup/a/b/c/memory.max", "3000000000\n");
    let limits = tree.limits(None);
    assert_eq!(limits.bytes(), Bytes::gb(1));
    assert_eq!(holding_file(&limits), tree.path("sys/fs/cgroup/a/memory.max"));
    assert_eq!(from_file(&limits, &tree, "sys/fs/cgroup/a/b/memory.max").verdict, Verdict::Unlimited);
    assert_eq!(from_file(&limits, &tree, "sys/fs/cgroup/a/b/c/memory.max").verdict, Verdict::NotSmallest);
}

#[test]
fn a_group_beside_ours_is_not_asked() {
    let tree = Tree::new();
    tree.v2("/a/b").file("sys/fs/cgroup/a/b/memory.max", "3000000000\n").file("sys/fs/cgroup/a/x/memory.max", "1000\n");
    assert_eq!(tree.limits(None).bytes(), Bytes::gb(3));
}

#[test]
fn the_version_2_throttle_counts_as_a_limit_where_it_is_set() {
    let tree = Tree::new();
    tree.v2("/job")
        .file("sys/fs/cgroup/job/memory.max", "4000000000\n")
        .file("sys/fs/cgroup/job/memory.high", "3000000000\n");
    let limits = tree.limits(None);
    assert_eq!(limits.bytes(), Bytes::gb(3));
    assert_eq!(holding_file(&limits), tree.path("sys/fs/cgroup/job/memory.high"));
}

#[test]
fn a_version_1_limit_of_our_own_group_holds() {
    let tree = Tree::new();
    tree.v1("/job")
        .file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "500000000\n")
        .file("sys/fs/cgroup/memory/memory.limit_in_bytes", V1_UNLIMITED);
    let limits = tree.limits(None);
    assert_eq!(limits.bytes(), Bytes::mb(500));
    let Source::Cgroup { version, .. } = &limits.holding().source else { panic!("{limits}") };
    assert_eq!(*version, CgroupVersion::V1);
    let root = from_file(&limits, &tree, "sys/fs/cgroup/memory/memory.limit_in_bytes");
    assert_eq!(root.verdict, Verdict::Unlimited);
}

#[test]
fn the_huge_number_of_version_1_is_no_limit_whatever_the_page_size() {
    for unlimited in ["9223372036854771712", "9223372036854710272", "9223372036854775807", "18446744073709551615"] {
        let tree = Tree::new();
        tree.v1("/").file("sys/fs/cgroup/memory/memory.limit_in_bytes", unlimited);
        let limits = tree.limits(None);
        assert_eq!(limits.holding().source, Source::MemTotal);
        let group = from_file(&limits, &tree, "sys/fs/cgroup/memory/memory.limit_in_bytes");
        assert_eq!((group.value, &group.verdict), (None, &Verdict::Unlimited));
    }
}

#[test]
fn a_version_1_limit_that_a_container_hides_is_found_in_memory_stat() {
    let tree = Tree::new();
    tree.v1("/")
        .file("sys/fs/cgroup/memory/memory.limit_in_bytes", V1_UNLIMITED)
        .file("sys/fs/cgroup/memory/memory.stat", "cache 1\nhierarchical_memory_limit 700000000\n")
        .file("sys/fs/cgroup/memory/memory.usage_in_bytes", "70000000\n")
        .status(1, 1, 1, 1);
    let limits = tree.limits(None);
    assert_eq!(limits.bytes(), Bytes::mb(700));
    let usage = tree.gauges(&limits).read().cgroup.expect("a group with a limit");
    assert_eq!((usage.used, usage.limit), (Bytes::mb(70), Bytes::mb(700)));
}

#[test]
fn on_a_hybrid_system_both_versions_are_asked() {
    let tree = Tree::new();
    let unified = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
    tree.file("proc/self/cgroup", "9:name=systemd:/\n4:memory:/job\n0::/job\n")
        .file("proc/self/mountinfo", &format!("{V1_MOUNTS}{unified}"))
        .file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "800000000\n")
        .file("sys/fs/cgroup/unified/job/cgroup.procs", "1\n");
    let limits = tree.limits(None);
    assert_eq!(limits.bytes(), Bytes::mb(800));
    assert_eq!(from_file(&limits, &tree, "sys/fs/cgroup/unified/job/memory.max").verdict, Verdict::Absent);
}

#[test]
fn in_a_container_without_a_namespace_the_root_of_the_mount_is_our_group() {
    let tree = Tree::new();
    tree.file("proc/self/cgroup", "4:memory:/docker/abc/inner\n")
        .file(
            "proc/self/mountinfo",
            "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro master:9 - cgroup cgroup rw,memory\n",
        )
        .file("sys/fs/cgroup/memory/memory.limit_in_bytes", "900000000\n")
        .file("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "600000000\n");
    let limits = tree.limits(None);
    assert_eq!(holding_file(&limits), tree.path("sys/fs/cgroup/memory/inner/memory.limit_in_bytes"));
    assert_eq!(from_file(&limits, &tree, "sys/fs/cgroup/memory/memory.limit_in_bytes").value, Some(Bytes::mb(900)));
}

#[test]
fn a_group_that_cannot_be_seen_is_taken_to_be_the_mount_point() {
    for own in ["/docker/abc", "/../outside"] {
        let tree = Tree::new();
        tree.v2(own).file("sys/fs/cgroup/memory.max", "900000000\n");
        assert_eq!(tree.limits(None).bytes(), Bytes::mb(900), "{own}");
    }
}

#[test]
fn the_mount_that_shows_more_levels_is_taken() {
    let tree = Tree::new();
    let narrow = "50 23 0:26 /a/b /mnt/my\\040groups rw - cgroup2 cgroup2 rw\n";
    tree.file("proc/self/cgroup", "0::/a/b\n")
        .file("proc/self/mountinfo", &format!("{narrow}{V2_MOUNT}"))
        .file("mnt/my groups/memory.max", "3000000000\n")
        .file("sys/fs/cgroup/a/memory.max", "2000000000\n")
        .file("sys/fs/cgroup/a/b/memory.max", "3000000000\n");
    assert_eq!(tree.limits(None).bytes(), Bytes::gb(2));
    fs::remove_dir_all(tree.path("sys")).expect("removed");
    let limits = tree.limits(None);
    assert_eq!(holding_file(&limits), tree.path("mnt/my groups/memory.max"));
}

#[test]
fn resource_limits_count_by_their_soft_value() {
    let tree = Tree::new();
    tree.rlimits("8000000000", "2000000000");
    let limits = tree.limits(None);
    assert_eq!(limits.holding().source, Source::RlimitData);
    assert_eq!(limits.bytes(), Bytes::gb(2));
    assert_eq!(of(&limits, &Source::RlimitAs).value, Some(Bytes::gb(8)));
}

#[test]
fn what_cannot_be_read_is_named_with_its_reason_and_the_rest_still_counts() {
    let tree = Tree::new();
    // A folder in place of a file can't be read by anyone, root included.
    fs::create_dir_all(tree.path("sys/fs/cgroup/job/memory.max")).expect("a folder");
    tree.v2("/job").file("sys/fs/cgroup/memory.max", "a lot\n").file("proc/meminfo", "MemFree: 1 kB\n");
    let limits = tree.limits(Some(Bytes::gb(1)));
    assert_eq!(limits.holding().source, Source::Explicit);
    let own = from_file(&limits, &tree, "sys/fs/cgroup/job/memory.max");
    assert!(matches!(&own.verdict, Verdict::Unreadable(reason) if !reason.is_empty()), "{own}");
    let root = from_file(&limits, &tree, "sys/fs/cgroup/memory.max");
    assert!(root.to_string().ends_with("can't be read: `a lot` is not a number of bytes"), "{root}");
    assert!(matches!(of(&limits, &Source::MemTotal).verdict, Verdict::Unreadable(_)));
}

#[test]
fn where_nothing_can_be_read_what_can_be_addressed_is_left() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    let roots = Roots { proc: empty.path().join("proc"), system: empty.path().to_path_buf() };
    let limits = Limits::detect(&roots, None);
    assert_eq!(limits.holding().source, Source::Addressable);
    assert_eq!(limits.bytes(), Bytes::new(isize::MAX as u64));
    assert_eq!(limits.candidates()[0].source, Source::CgroupList(empty.path().join("proc/self/cgroup")));
    assert_eq!(limits.candidates()[0].verdict, Verdict::Absent);
}

#[test]
fn nonsense_in_every_file_is_survived() {
    let tree = Tree::new();
    for file in ["proc/meminfo", "proc/self/cgroup", "proc/self/mountinfo", "proc/self/limits", "proc/self/status"] {
        fs::write(tree.path(file), [0xff, b'\n', b':', b' ', b'-', b' ', 0, b'\\', b'7', b'7', b'7']).expect("written");
    }
    let limits = tree.limits(None);
    assert_eq!(limits.holding().source, Source::Addressable);
    assert_eq!(tree.gauges(&limits).read().resident, None);
}

#[test]
fn every_candidate_says_in_one_line_what_it_is_and_why_it_holds_or_not() {
    let tree = Tree::new();
    tree.rlimits("8000000000", "unlimited");
    let text = tree.limits(Some(Bytes::gb(2))).to_string();
    assert_eq!(
        text,
        "--memory: 2.0 GB, holds: it is the smallest\n\
         RLIMIT_AS: 8.0 GB, does not hold: another is smaller\n\
         RLIMIT_DATA: sets no limit\n\
         MemTotal: 16.4 GB, does not hold: another is smaller\n\
         addressable memory: 9.2 EB, does not hold: another is smaller"
    );
}
