//! With jemalloc installed: its gauge, and that a cleanup gives freed memory back to the system.
#![cfg(all(feature = "jemalloc", target_os = "linux"))]

use std::hint::black_box;
use std::sync::Mutex;

use memguard::{Bytes, Gauges, Guard, Limits, Roots, Thresholds};

#[global_allocator]
static ALLOCATOR: memguard::Allocator = memguard::Allocator;

/// These tests measure the whole process, so one runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

const LOT: Bytes = Bytes::mib(128);

fn filled() -> Vec<u8> {
    black_box(vec![1; LOT.get() as usize])
}

/// Pieces of 1 KiB: what jemalloc keeps when they are freed. One large piece it gives back at once
/// by itself.
fn pieces() -> Vec<Vec<u8>> {
    black_box((0..LOT.get() / 1024).map(|_| vec![1; 1024]).collect())
}

#[test]
fn the_allocators_gauge_follows_what_is_allocated() {
    let _alone = ALONE.lock().unwrap_or_else(|broken| broken.into_inner());
    let limits = Limits::detect(&Roots::default(), None);
    let gauges = Gauges::new(&Roots::default(), &limits);
    let before = gauges.read().allocated.expect("jemalloc is installed");
    let lot = filled();
    let with = gauges.read().allocated.expect("jemalloc is installed");
    drop(lot);
    let after = gauges.read().allocated.expect("jemalloc is installed");
    assert!(with >= before.saturating_add(LOT.scaled(0.9)), "{before} then {with}");
    assert!(after < with.saturating_sub(LOT.scaled(0.9)), "{with} then {after}");
}

#[test]
fn a_cleanup_gives_freed_memory_back_to_the_system() {
    let _alone = ALONE.lock().unwrap_or_else(|broken| broken.into_inner());
    let guard = Guard::of_this_process(None);
    let scope = guard.scope("TEST", Thresholds::default());
    drop(pieces());
    let report = scope.finish(true);
    assert!(report.freed.get() > LOT.scaled(0.5).get() as i64, "freed {}", report.freed);
    let peak = report.peak.expect("readable");
    assert!(peak.bytes > LOT, "{peak}");
}

#[test]
fn a_peak_is_that_of_its_own_scope_where_the_kernel_lets_us_set_it_back() {
    let _alone = ALONE.lock().unwrap_or_else(|broken| broken.into_inner());
    let guard = Guard::of_this_process(None);
    let first = guard.scope("FIRST", Thresholds::default());
    drop(filled());
    let first = first.finish(true).peak.expect("readable");
    let second = guard.scope("SECOND", Thresholds::default());
    let second = second.finish(false).peak.expect("readable");
    assert!(first.exact && first.bytes > LOT, "{first}");
    assert!(second.bytes < first.bytes.saturating_sub(LOT.scaled(0.5)), "{first} then {second}");
    assert!(guard.peak().expect("readable").bytes >= first.bytes);
}

#[test]
fn reading_again_and_again_allocates_nothing_that_stays() {
    let _alone = ALONE.lock().unwrap_or_else(|broken| broken.into_inner());
    let guard = Guard::of_this_process(None);
    let last_of = |readings: u32| (0..readings).fold(None, |_, _| guard.readings().allocated);
    let first = last_of(50).expect("jemalloc is installed");
    let last = last_of(2000).expect("jemalloc is installed");
    assert!(last <= first.saturating_add(Bytes::kib(64)), "{first} then {last}");
}
