//! Scopes on a fake tree: the lines in the log, the report, the peaks.

mod common;

use std::fs;
use std::io;
use std::sync::{Arc, Mutex};

use common::Tree;
use memguard::{Bytes, Guard, Level, Peak, Thresholds};
use tracing_subscriber::fmt::MakeWriter;

/// What was logged, line by line.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Log;

    fn make_writer(&'w self) -> Log {
        self.clone()
    }
}

/// Runs `work` and returns what it logged at the level `info` or above.
fn logged(work: impl FnOnce()) -> Vec<String> {
    let log = Log::default();
    let format = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false);
    let subscriber = format.without_time().with_target(false).with_level(false).finish();
    tracing::subscriber::with_default(subscriber, work);
    let bytes = log.0.lock().expect("no panic").clone();
    String::from_utf8(bytes).expect("text").lines().map(str::to_owned).collect()
}

/// A tree on which this process has so many MB resident, and a guard with a limit of 2 GB.
fn guarded(resident: u64) -> (Arc<Tree>, Guard) {
    let tree = Arc::new(Tree::new());
    resident_mb(&tree, resident);
    let guard = tree.guard(Some(Bytes::gb(2)));
    (tree, guard)
}

/// Makes so many MB resident; multiples of 16 MB are whole KiB.
fn resident_mb(tree: &Tree, megabytes: u64) {
    let kib = megabytes * 1_000_000 / 1024;
    tree.status(kib, kib, 1, 1);
}

#[test]
fn a_calm_scope_says_what_was_used_before_and_after() {
    let (tree, guard) = guarded(400);
    let lines = logged(|| {
        let scope = guard.scope("STAGE2A", Thresholds::default());
        resident_mb(&tree, 600);
        let report = scope.finish(false);
        assert_eq!(report.name, "STAGE2A");
        assert_eq!(report.before.expect("readable").percent(), "20.0 %");
        assert_eq!(report.after.expect("readable").percent(), "30.0 %");
        assert_eq!(report.freed.get(), 0);
    });
    assert_eq!(lines, ["[STAGE2A] memory before: 400.0 MB (20.0 %)", "[STAGE2A] memory after: 600.0 MB (30.0 %)"]);
}

#[test]
fn high_memory_at_the_end_forces_a_cleanup() {
    let (tree, guard) = guarded(400);
    let shrinking = Arc::clone(&tree);
    let _cache = guard.register_cache("cache", move || resident_mb(&shrinking, 640));
    let lines = logged(|| {
        let scope = guard.scope("STAGE2A", Thresholds::default().with_emergency(0.75).expect("valid"));
        resident_mb(&tree, 1536);
        let report = scope.finish(false);
        assert_eq!(report.freed.get(), 896_000_000);
        assert_eq!(report.after.expect("readable").used, Bytes::mb(640));
    });
    assert_eq!(
        lines,
        [
            "[STAGE2A] memory before: 400.0 MB (20.0 %)",
            "[STAGE2A] high memory (76.8 %), forcing cleanup",
            "[STAGE2A] freed 896.0 MB",
            "[STAGE2A] memory after: 640.0 MB (32.0 %)",
        ]
    );
}

#[test]
fn a_scope_that_always_cleans_up_does_so_in_calm_as_well() {
    let (tree, guard) = guarded(512);
    let shrinking = Arc::clone(&tree);
    let _cache = guard.register_cache("cache", move || resident_mb(&shrinking, 384));
    let lines =
        logged(|| assert_eq!(guard.scope("STAGE2B", Thresholds::default()).finish(true).freed.get(), 128_000_000));
    assert_eq!(
        lines,
        [
            "[STAGE2B] memory before: 512.0 MB (25.6 %)",
            "[STAGE2B] freed 128.0 MB",
            "[STAGE2B] memory after: 384.0 MB (19.2 %)",
        ]
    );
}

#[test]
fn a_dropped_scope_ends_like_a_finished_one_even_in_a_panic() {
    let (_tree, guard) = guarded(400);
    let lines = logged(|| {
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _scope = guard.scope("STAGE3", Thresholds::default());
            panic!("on purpose");
        }));
        assert!(panicked.is_err());
    });
    assert_eq!(lines, ["[STAGE3] memory before: 400.0 MB (20.0 %)", "[STAGE3] memory after: 400.0 MB (20.0 %)"]);
}

#[test]
fn a_check_cleans_up_in_an_emergency_and_says_what_level_is_left() {
    let (tree, guard) = guarded(400);
    let shrinking = Arc::clone(&tree);
    let _cache = guard.register_cache("cache", move || resident_mb(&shrinking, 1472));
    let lines = logged(|| {
        let mut scope = guard.scope("STAGE3", Thresholds::default());
        assert_eq!(scope.check(), Level::Calm);
        resident_mb(&tree, 1728);
        assert_eq!(scope.check(), Level::Elevated);
        assert_eq!(scope.level(), Level::Elevated);
        assert_eq!(scope.finish(false).freed.get(), 256_000_000);
    });
    assert_eq!(lines[1..3], ["[STAGE3] high memory (86.4 %), forcing cleanup", "[STAGE3] freed 256.0 MB"]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn cleanups_that_free_nothing_are_not_forced_a_fourth_time() {
    let (_tree, guard) = guarded(1920);
    let lines = logged(|| {
        let mut scope = guard.scope("STAGE3", Thresholds::default());
        for _ in 0..10 {
            assert_eq!(scope.check(), Level::Critical);
        }
    });
    let forced = lines.iter().filter(|line| line.contains("forcing cleanup")).count();
    assert_eq!(forced, 3, "{lines:#?}");
}

#[test]
fn the_percentage_is_that_of_the_control_group_where_that_is_closer_to_its_limit() {
    let tree = Tree::new();
    tree.v2("/job").file("sys/fs/cgroup/job/memory.max", "2000000000\n");
    tree.file("sys/fs/cgroup/job/memory.current", "900000000\n");
    resident_mb(&tree, 400);
    let guard = tree.guard(None);
    let lines = logged(|| drop(guard.scope("STAGE1", Thresholds::default())));
    assert_eq!(lines[0], "[STAGE1] memory before: 900.0 MB (45.0 %)");
}

#[test]
fn where_nothing_can_be_read_the_lines_say_so() {
    let tree = Tree::new();
    let guard = tree.guard(None);
    let lines = logged(|| assert_eq!(guard.scope("STAGE0", Thresholds::default()).finish(false).peak, None));
    assert_eq!(lines, ["[STAGE0] memory before: unknown", "[STAGE0] memory after: unknown"]);
}

#[test]
fn where_the_mark_can_be_set_back_the_peak_is_the_kernels() {
    let tree = Tree::new();
    tree.file("proc/self/clear_refs", "").status(100, 100, 1, 1);
    let guard = tree.guard(None);
    let scope = guard.scope("STAGE1", Thresholds::default());
    assert_eq!(fs::read_to_string(tree.path("proc/self/clear_refs")).expect("readable"), "5");
    tree.status(200, 300, 1, 1);
    assert_eq!(scope.finish(false).peak, Some(Peak { bytes: Bytes::kib(300), exact: true }));
    assert_eq!(guard.peak(), Some(Peak { bytes: Bytes::kib(300), exact: true }));
}

#[test]
fn a_system_that_takes_the_command_and_does_not_set_the_mark_back_is_not_believed() {
    let tree = Tree::new();
    tree.file("proc/self/clear_refs", "").status(100, 900, 1, 1);
    let guard = tree.guard(None);
    let scope = guard.scope("STAGE1", Thresholds::default());
    assert_eq!(scope.finish(false).peak, Some(Peak { bytes: Bytes::kib(100), exact: false }));
    assert_eq!(guard.peak(), Some(Peak { bytes: Bytes::kib(900), exact: true }));
}

#[test]
fn an_outer_scope_keeps_the_peak_from_before_an_inner_one_set_the_mark_back() {
    let tree = Tree::new();
    tree.file("proc/self/clear_refs", "").status(100, 100, 1, 1);
    let guard = tree.guard(None);
    let outer = guard.scope("OUTER", Thresholds::default());
    tree.status(200, 800, 1, 1);
    // The mark of 800 is read for the outer scope before it is set back for the inner one.
    let peaks = guard.peak();
    assert_eq!(peaks.map(|peak| peak.bytes), Some(Bytes::kib(800)));
    tree.status(200, 200, 1, 1);
    let inner = guard.scope("INNER", Thresholds::default());
    tree.status(150, 250, 1, 1);
    assert_eq!(inner.finish(false).peak.map(|peak| peak.bytes), Some(Bytes::kib(250)));
    assert_eq!(outer.finish(false).peak.map(|peak| peak.bytes), Some(Bytes::kib(800)));
}

#[test]
fn where_the_mark_cannot_be_set_back_an_old_peak_is_not_taken_for_ours() {
    let tree = Tree::new();
    tree.status(100, 900, 1, 1);
    let guard = tree.guard(None);
    let scope = guard.scope("STAGE1", Thresholds::default());
    tree.status(400, 900, 1, 1);
    guard.readings();
    tree.status(200, 900, 1, 1);
    let sampled = scope.finish(false).peak.expect("sampled");
    assert_eq!(sampled, Peak { bytes: Bytes::kib(400), exact: false });
    assert_eq!(sampled.to_string(), "at least 409.6 kB");

    let higher = guard.scope("STAGE1", Thresholds::default());
    tree.status(200, 1000, 1, 1);
    assert_eq!(higher.finish(false).peak, Some(Peak { bytes: Bytes::kib(1000), exact: true }));
}
