//! What the kernel says of memory: files below `proc` and `sys` of a machine that is made up, and,
//! in `amounts`, amounts as people write them. The first amount is the limit that is asked for.
#![no_main]

use memguard::{Bytes, Gauges, Guard, Level, Limits, Roots, Thresholds, decide};
use std::fs;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let folder = fuzz::folder(data);
    let amounts = fs::read_to_string(folder.path().join("amounts")).unwrap_or_default();
    let amounts: Vec<Bytes> = amounts.lines().filter_map(|line| line.parse().ok()).collect();
    for amount in &amounts {
        let read: Bytes = amount.to_string().parse().expect("what is shown can be read");
        assert!(read.get().abs_diff(amount.get()) <= amount.get() / 19 + 1, "{amount}");
    }
    let roots = Roots { proc: folder.path().join("proc"), system: folder.path().to_owned() };
    let limits = Limits::detect(&roots, amounts.first().copied());
    assert!(limits.to_string().contains(&limits.holding().to_string()));
    let gauges = Gauges::new(&roots, &limits);
    let readings = gauges.read();
    for level in [Level::Calm, Level::Elevated, Level::Emergency, Level::Critical] {
        decide(&readings, &limits, &Thresholds::default(), level);
    }
    let guard = Guard::new(limits, gauges, Thresholds::default());
    if let Some(usage) = guard.usage() {
        let _ = (usage.to_string(), usage.whole(usage.limit), usage.free());
    }
});
