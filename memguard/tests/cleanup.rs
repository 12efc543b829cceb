//! Cleanup on a fake tree, whose resident size stays what the test writes.

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use common::Tree;
use memguard::{ByteDelta, Bytes, Cleanup, CleanupOutcome};

fn counter() -> (Arc<AtomicU32>, impl Fn() + Send + Sync + 'static) {
    let count = Arc::new(AtomicU32::new(0));
    let inner = Arc::clone(&count);
    (count, move || {
        inner.fetch_add(1, Ordering::Relaxed);
    })
}

#[test]
fn what_a_cache_gave_back_is_what_was_freed() {
    let tree = Arc::new(Tree::new());
    tree.status(500_000, 500_000, 1, 1);
    let cleanup = Cleanup::new();
    let shrinking = Arc::clone(&tree);
    let _cache = cleanup.register("a cache", move || {
        shrinking.status(400_000, 500_000, 1, 1);
    });
    let gauges = tree.gauges(&tree.limits(None));
    let freed = ByteDelta::freed(Bytes::kib(100_000), Bytes::ZERO);
    assert_eq!(cleanup.run(&gauges), CleanupOutcome::Freed(Some(freed)));
    assert_eq!(freed.to_string(), "102.4 MB");
}

#[test]
fn caches_are_dropped_in_the_order_of_registration_until_they_are_no_longer_registered() {
    let cleanup = Cleanup::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    let registered: Vec<_> = ["first", "second", "third"]
        .into_iter()
        .map(|name| {
            let order = Arc::clone(&order);
            cleanup.register(name, move || order.lock().expect("no panic").push(name))
        })
        .collect();
    cleanup.drop_caches();
    drop(registered);
    cleanup.drop_caches();
    assert_eq!(*order.lock().expect("no panic"), ["first", "second", "third"]);
}

#[test]
fn a_cache_that_panics_does_not_stop_the_cleanup() {
    let tree = Tree::new();
    tree.status(1000, 1000, 1, 1);
    let cleanup = Cleanup::new();
    let _bad = cleanup.register("bad", || panic!("on purpose"));
    let (count, count_up) = counter();
    let _good = cleanup.register("good", count_up);
    assert!(matches!(cleanup.run(&tree.gauges(&tree.limits(None))), CleanupOutcome::Freed(Some(_))));
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn a_cache_may_end_its_own_registration_while_it_is_dropped() {
    let cleanup = Cleanup::new();
    let own = Arc::new(Mutex::new(None));
    let (count, count_up) = counter();
    let inner = Arc::clone(&own);
    let registered = cleanup.register("once", move || {
        count_up();
        inner.lock().expect("no panic").take();
    });
    *own.lock().expect("no panic") = Some(registered);
    cleanup.drop_caches();
    cleanup.drop_caches();
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn a_cleanup_from_within_a_cleanup_does_not_start() {
    let tree = Tree::new();
    tree.status(1000, 1000, 1, 1);
    let gauges = Arc::new(tree.gauges(&tree.limits(None)));
    let cleanup = Cleanup::new();
    let inner = Arc::new(Mutex::new(None));
    let (again, inner_gauges, seen) = (cleanup.clone(), Arc::clone(&gauges), Arc::clone(&inner));
    let _cache = cleanup.register("again", move || *seen.lock().expect("no panic") = Some(again.run(&inner_gauges)));
    cleanup.run(&gauges);
    assert_eq!(*inner.lock().expect("no panic"), Some(CleanupOutcome::AlreadyRunning));
}

#[test]
fn after_three_cleanups_in_vain_none_is_made_until_usage_has_moved() {
    let tree = Tree::new();
    tree.status(500_000, 500_000, 1, 1);
    let gauges = tree.gauges(&tree.limits(None));
    let cleanup = Cleanup::new();
    let (count, count_up) = counter();
    let _cache = cleanup.register("empty", count_up);
    let nothing = CleanupOutcome::Freed(Some(ByteDelta::default()));
    for _ in 0..3 {
        assert_eq!(cleanup.run(&gauges), nothing);
    }
    assert_eq!(cleanup.run(&gauges), CleanupOutcome::InVain);
    assert_eq!(count.load(Ordering::Relaxed), 3);
    tree.status(600_000, 600_000, 1, 1);
    assert_eq!(cleanup.run(&gauges), nothing);
    assert_eq!(count.load(Ordering::Relaxed), 4);
}

#[test]
fn where_resident_cannot_be_read_what_was_freed_is_unknown() {
    let tree = Tree::new();
    assert_eq!(Cleanup::new().run(&tree.gauges(&tree.limits(None))), CleanupOutcome::Freed(None));
}
