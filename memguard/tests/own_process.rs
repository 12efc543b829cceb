//! The running system, with the system's allocator.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use memguard::{Bytes, Gauges, Guard, Limits, Roots};

fn gauges() -> (Limits, Gauges) {
    let limits = Limits::detect(&Roots::default(), None);
    let gauges = Gauges::new(&Roots::default(), &limits);
    (limits, gauges)
}

#[test]
fn this_process_can_be_read() {
    let (limits, gauges) = gauges();
    let readings = gauges.read();
    let resident = readings.resident.expect("VmRSS");
    assert!(resident > Bytes::kb(500) && resident < limits.bytes(), "{resident}");
    assert!(readings.peak.expect("VmHWM") >= resident);
    assert!(readings.address_space.expect("VmSize") >= resident);
    assert!(readings.closest(&limits).expect("readable").fraction() < 1.0);
}

#[test]
fn the_allocators_gauge_shows_nothing_where_jemalloc_is_only_linked() {
    let (_, gauges) = gauges();
    assert_eq!(gauges.read().allocated, None);
}

#[cfg(feature = "sysinfo")]
#[test]
fn the_memory_of_the_machine_is_found_and_sysinfo_agrees() {
    let limits = Limits::detect(&Roots::default(), None);
    let machine = limits.candidates().iter().find(|candidate| candidate.source == memguard::Source::MemTotal);
    assert!(machine.and_then(|machine| machine.value).is_some());
    let [total, group] = memguard::cross_check(&limits);
    assert!(total.agrees(), "{total}");
    assert!(group.to_string().starts_with("limit of the control group: ours "), "{group}");
}

#[test]
fn what_a_child_has_resident_is_counted() {
    let (_, gauges) = gauges();
    if gauges.read().children.is_none() {
        return; // This kernel does not list children.
    }
    let mut child = Command::new("sh").args(["-c", "read line"]).stdin(Stdio::piped()).spawn().expect("a shell");
    let with_child = gauges.read().children;
    drop(child.stdin.take());
    child.wait().expect("it ends");
    assert!(with_child > Some(Bytes::ZERO), "{with_child:?}");
}

#[test]
fn a_guard_of_this_process_takes_the_explicit_limit() {
    let guard = Guard::of_this_process(Some(Bytes::mb(50)));
    assert!(guard.limit() <= Bytes::mb(50));
    assert!(guard.usage().is_some());
}
