//! Gauges on fake trees, and which of them decides.

mod common;

use std::fs;

use common::Tree;
use memguard::{Bytes, Gauge, LimitHits, Readings};

const GROUP: &str = "sys/fs/cgroup/job";

#[test]
fn the_status_of_the_process_gives_resident_peak_address_space_and_data() {
    let tree = Tree::new();
    tree.status(1000, 2000, 9000, 3000);
    let readings = tree.gauges(&tree.limits(None)).read();
    assert_eq!(readings.resident, Some(Bytes::kib(1000)));
    assert_eq!(readings.peak, Some(Bytes::kib(2000)));
    assert_eq!(readings.address_space, Some(Bytes::kib(9000)));
    assert_eq!(readings.data, Some(Bytes::kib(3000)));
    assert_eq!(readings.available, Some(Bytes::kib(12_000_000)));
}

#[test]
fn what_cannot_be_read_is_none_and_never_a_panic() {
    let tree = Tree::new();
    tree.v2("/job").file(&format!("{GROUP}/memory.max"), "1000000000\n");
    let limits = tree.limits(None);
    fs::remove_dir_all(tree.path("proc")).expect("removed");
    assert_eq!(tree.gauges(&limits).read(), Readings::default());
    assert_eq!(Readings::default().closest(&limits), None);
}

#[test]
fn version_2_usage_is_without_reclaimable_page_cache() {
    let tree = Tree::new();
    tree.v2("/job")
        .file(&format!("{GROUP}/memory.max"), "1000000000\n")
        .file(&format!("{GROUP}/memory.current"), "700000000\n")
        .file(
            &format!("{GROUP}/memory.stat"),
            "anon 1\nfile 600000000\nshmem 100000000\ninactive_file 300000000\nactive_file 100000000\n",
        );
    let usage = tree.gauges(&tree.limits(None)).read().cgroup.expect("usage");
    assert_eq!((usage.used, usage.limit), (Bytes::mb(300), Bytes::gb(1)));
}

#[test]
fn version_1_usage_takes_the_cache_of_the_whole_subtree() {
    let tree = Tree::new();
    let group = "sys/fs/cgroup/memory/job";
    tree.v1("/job")
        .file(&format!("{group}/memory.limit_in_bytes"), "1000000000\n")
        .file(&format!("{group}/memory.usage_in_bytes"), "700000000\n")
        .file(
            &format!("{group}/memory.stat"),
            "inactive_file 1\nactive_file 1\ntotal_inactive_file 400000000\ntotal_active_file 100000000\n",
        );
    let usage = tree.gauges(&tree.limits(None)).read().cgroup.expect("usage");
    assert_eq!(usage.used, Bytes::mb(200));
}

#[test]
fn without_memory_stat_all_of_the_usage_counts() {
    let tree = Tree::new();
    tree.v2("/job")
        .file(&format!("{GROUP}/memory.max"), "1000000000\n")
        .file(&format!("{GROUP}/memory.current"), "700000000\n");
    assert_eq!(tree.gauges(&tree.limits(None)).read().cgroup.expect("usage").used, Bytes::mb(700));
}

#[test]
fn of_several_limited_groups_the_one_closest_to_its_limit_is_read() {
    let tree = Tree::new();
    tree.v2("/job/inner")
        .file(&format!("{GROUP}/inner/memory.max"), "1000000000\n")
        .file(&format!("{GROUP}/inner/memory.current"), "300000000\n")
        .file(&format!("{GROUP}/memory.max"), "4000000000\n")
        .file(&format!("{GROUP}/memory.current"), "3800000000\n");
    let limits = tree.limits(None);
    assert_eq!(limits.bytes(), Bytes::gb(1));
    let gauges = tree.gauges(&limits);
    let usage = gauges.read().cgroup.expect("usage");
    assert_eq!((usage.used, usage.limit), (Bytes::mb(3800), Bytes::gb(4)));
    let (folder, same) = gauges.closest().expect("a group");
    assert!(folder.ends_with("job"), "{}", folder.display());
    assert_eq!(same, usage);
}

#[test]
fn children_and_their_children_are_counted_over_all_threads() {
    let tree = Tree::new();
    tree.status(1000, 1000, 1000, 1000)
        .file("proc/self/task/1/children", "10 ")
        .file("proc/self/task/2/children", "11 12 ")
        .file("proc/10/status", "VmRSS:\t 100 kB\n")
        .file("proc/10/task/10/children", "20 ")
        .file("proc/11/status", "VmRSS:\t 10 kB\n")
        .file("proc/11/task/11/children", "")
        .file("proc/20/status", "VmRSS:\t 1 kB\n");
    // 12 has ended meanwhile: 100 + 10 + 1.
    let readings = tree.gauges(&tree.limits(None)).read();
    assert_eq!(readings.children, Some(Bytes::kib(111)));
    assert_eq!(readings.ours(), Some(Bytes::kib(1111)));
}

#[test]
fn a_ring_of_children_ends() {
    let tree = Tree::new();
    tree.file("proc/self/task/1/children", "10").file("proc/10/task/10/children", "10").file("proc/10/status", "");
    assert_eq!(tree.gauges(&tree.limits(None)).read().children, Some(Bytes::ZERO));
}

#[test]
fn a_kernel_that_does_not_list_children_gives_no_reading_of_them() {
    let tree = Tree::new();
    tree.status(1000, 1000, 1000, 1000).file("proc/self/task/1/comm", "x");
    let readings = tree.gauges(&tree.limits(None)).read();
    assert_eq!(readings.children, None);
    assert_eq!(readings.ours(), Some(Bytes::kib(1000)));
}

#[test]
fn the_gauge_closest_to_its_limit_decides() {
    let tree = Tree::new();
    tree.rlimits("40000000000", "20000000000");
    let limits = tree.limits(Some(Bytes::gb(10)));
    let closest = |readings: Readings| readings.closest(&limits).expect("a usage");
    let resident = Readings { resident: Some(Bytes::gb(3)), ..Readings::default() };

    let process = closest(resident);
    assert_eq!((process.gauge, process.used, process.limit), (Gauge::Process, Bytes::gb(3), Bytes::gb(10)));
    let family = closest(Readings { children: Some(Bytes::gb(4)), ..resident });
    assert_eq!((family.gauge, family.used), (Gauge::Process, Bytes::gb(7)));
    // 3 of the 4 GB that the process has or the machine could still give.
    let machine = closest(Readings { available: Some(Bytes::gb(1)), ..resident });
    assert_eq!((machine.gauge, machine.limit), (Gauge::Machine, Bytes::gb(4)));
    let mapped = closest(Readings { address_space: Some(Bytes::gb(36)), ..resident });
    assert_eq!(mapped.gauge, Gauge::AddressSpace);
    let heap = closest(Readings { data: Some(Bytes::gb(19)), ..resident });
    // 256 threads of 1.25 MiB are set aside.
    let stacks = Bytes::mib(320);
    assert_eq!((heap.gauge, heap.limit), (Gauge::Data, Bytes::gb(20).saturating_sub(stacks)));
    assert_eq!(heap.to_string(), "19.0 GB (96.6 %)");
    assert_eq!(heap.free(), Bytes::gb(1).saturating_sub(stacks));
    assert_eq!(heap.whole(heap.limit), Bytes::gb(20));
    let with_threads = closest(Readings { data: Some(Bytes::gb(19)), stacks, ..resident });
    assert_eq!(with_threads.used, Bytes::gb(19).saturating_sub(stacks));
    assert_eq!(process.whole(process.limit), process.limit);
}

const PRESSURE: &str =
    "some avg10=30.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=20.50 avg60=0.00 avg300=0.00 total=1\n";

#[test]
fn pressure_is_that_of_the_own_group_or_else_of_the_machine() {
    let tree = Tree::new();
    tree.v2("/job").file(&format!("{GROUP}/memory.max"), "1000000000\n").file("proc/pressure/memory", PRESSURE);
    let limits = tree.limits(None);
    let of_machine = tree.gauges(&limits).read().pressure.expect("of the machine");
    assert_eq!((of_machine.some, of_machine.full), (3000, 2050));
    tree.file(&format!("{GROUP}/memory.pressure"), &PRESSURE.replace("20.50", "0.00"));
    assert_eq!(tree.gauges(&limits).read().pressure.map(|p| p.full), Some(0));
}

#[test]
fn hits_of_all_limited_groups_are_counted_together() {
    let tree = Tree::new();
    tree.v2("/job/inner")
        .file(&format!("{GROUP}/inner/memory.max"), "1000000000\n")
        .file(&format!("{GROUP}/inner/memory.events"), "low 0\nhigh 0\nmax 5\noom 0\noom_kill 0\n")
        .file(&format!("{GROUP}/memory.max"), "4000000000\n")
        .file(&format!("{GROUP}/memory.events"), "low 0\nhigh 0\nmax 2\noom 1\noom_kill 1\n");
    assert_eq!(tree.gauges(&tree.limits(None)).read().hits, Some(LimitHits { limit: 7, kills: 1 }));
    // Not a count that a kernel shows.
    tree.file(&format!("{GROUP}/memory.events"), &format!("max {0}\noom_kill {0}\n", u64::MAX));
    assert_eq!(tree.gauges(&tree.limits(None)).read().hits, Some(LimitHits { limit: u64::MAX, kills: u64::MAX }));
}

#[test]
fn version_1_counts_hits_in_two_files() {
    let tree = Tree::new();
    let group = "sys/fs/cgroup/memory/job";
    tree.v1("/job")
        .file(&format!("{group}/memory.limit_in_bytes"), "1000000000\n")
        .file(&format!("{group}/memory.failcnt"), "9\n")
        .file(&format!("{group}/memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    assert_eq!(tree.gauges(&tree.limits(None)).read().hits, Some(LimitHits { limit: 9, kills: 2 }));
    tree.file(&format!("{group}/memory.failcnt"), "many\n");
    assert_eq!(tree.gauges(&tree.limits(None)).read().hits, None);
}
