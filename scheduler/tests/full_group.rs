//! What is said where a control group above the own one is full, and its limit is not the smallest.

use memguard::{Gauges, Guard, Limits, Roots, Thresholds};
use scheduler::{Config, Layer, Reading, load_as, preflight, steps};
use std::{fs, path::Path};

/// A machine in which this process is in the group `/pod/own`.
fn guard(root: &Path) -> Guard {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    };
    write("proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable: 12000000 kB\n");
    write("proc/self/status", "VmRSS: 7000 kB\nVmHWM: 7000 kB\nVmSize: 100000 kB\n");
    write("proc/self/cgroup", "0::/pod/own\n");
    write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n");
    for (group, limit, used) in [("pod/own", "1000000000\n", "20000000\n"), ("pod", "2000000000\n", "1990000000\n")] {
        write(&format!("sys/fs/cgroup/{group}/memory.max"), limit);
        write(&format!("sys/fs/cgroup/{group}/memory.current"), used);
        write(&format!("sys/fs/cgroup/{group}/memory.stat"), "inactive_file 0\nactive_file 0\n");
    }
    let roots = Roots { proc: root.join("proc"), system: root.to_owned() };
    let limits = Limits::detect(&roots, None);
    let gauges = Gauges::new(&roots, &limits);
    Guard::new(limits, gauges, Thresholds::default())
}

#[test]
fn the_group_that_is_full_is_named_with_its_own_usage_and_limit() {
    let place = tempfile::tempdir().expect("a folder");
    let faculty = place.path().join("faculty");
    stage0_load::generate::demo_tables(1).write(&faculty).expect("written");
    let plan = load_as(&faculty, Reading::Strict).expect("a problem").plan;
    let config = Config::gather(None, Layer::default()).expect("a configuration");
    let all = steps(&config.stages, &config.stage_settings()).expect("steps");
    let why = preflight::before_running(&guard(place.path()), &plan, &all).expect_err("it is full").to_string();
    assert!(
        why.contains("/sys/fs/cgroup/pod (1.99 GB of 2 GB in use)")
            || why.contains("cgroup/pod (2.0 GB of 2.0 GB in use)"),
        "{why}"
    );
    assert!(!why.contains("pod/own"), "{why}");
}
