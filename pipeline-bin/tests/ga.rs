//! The stage `ga` in the whole program.

mod common;

use common::{Place, TOY};

#[test]
fn by_steps_neither_threads_nor_memory_nor_a_device_matter() {
    let place = Place::new();
    place.run("generate campus campus --scale 0.02").ends_with(0);
    for (name, how) in [
        ("one", "--threads 1"),
        ("two", "--threads 2"),
        ("little", "--threads 2 --memory 64MB"),
        ("off", "--threads 2 --gpu off"),
        ("far", "--threads 2 --gpu 97"),
    ] {
        let run = format!("solve campus --stage2b ga --population 3 --steps 800000 --out {name} {how}");
        place.run(&run).ends_with(0);
    }
    let plan = |name: &str| place.read(&format!("{name}/plan/plan.json"));
    let one = plan("one");
    for name in ["two", "little", "off", "far"] {
        assert_eq!(one, plan(name), "{name}");
    }
}

#[test]
fn a_device_that_is_not_there_is_said_and_the_processor_does_the_work() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let ran = place.run("solve toy.ctt --time 2 --stage2b ga --gpu 97").ends_with(0);
    assert!(ran.err.contains("runs on the CPU"), "{}", ran.err);
    let ran = place.run("solve toy.ctt --time 2 --stage2b ga --gpu nowhere").ends_with(2);
    assert!(ran.err.contains("`nowhere`, expected auto, all, off or a device's number"), "{}", ran.err);
}

#[test]
fn another_population_is_another_run() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --steps 100000 --stage2b ga --out run").ends_with(0);
    let ran = place.run("solve toy.ctt --steps 100000 --stage2b ga --out run --population 5 --resume").ends_with(2);
    assert!(ran.err.contains("population"), "{}", ran.err);
}

#[test]
fn what_is_measured_is_told() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let ran = place.run("bench ga toy.ctt --gpu off --threads 1 --json").ends_with(0);
    let event = ran.last_event();
    for what in ["board", "population"] {
        for unit in ["evaluations_per_second", "moves_per_second"] {
            assert!(event[what][unit].as_f64().is_some_and(|n| n > 100.0), "{event}");
        }
    }
    assert!(event["device"].is_null());
    place.run("bench ga nowhere.ctt").ends_with(2);
}
