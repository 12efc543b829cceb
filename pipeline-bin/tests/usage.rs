//! Bad usage, bad input, configuration: what is refused, and how it is said.

mod common;

use common::{HOPELESS, Place, Ran, TOY};

#[test]
fn without_an_input_or_with_an_unknown_flag_the_exit_code_is_2() {
    let place = Place::new();
    assert!(place.run("solve").ends_with(2).err.contains("<INPUT>"));
    place.run("solve toy.ctt --fast").ends_with(2);
    place.run("fly").ends_with(2);
    place.run("solve toy.ctt --time 5 --steps 100").ends_with(2);
    assert!(place.run("solve toy.ctt --time soon").ends_with(2).err.contains("`soon`"));
    assert!(place.run("solve toy.ctt --memory much").ends_with(2).err.contains("`much`"));
}

#[test]
fn a_missing_input_is_named() {
    let place = Place::new();
    assert!(place.run("solve nowhere.ctt").ends_with(2).err.contains("nowhere.ctt"));
    assert!(place.run("check nowhere.ctt x.sol").ends_with(2).err.contains("nowhere.ctt"));
}

#[test]
fn what_is_wrong_in_an_input_is_named_with_its_line() {
    let place = Place::new();
    place.write("bad.ctt", &TOY.replace("music clara 4 3 18", "music clara four 3 18"));
    let err = place.run("solve bad.ctt").ends_with(2).err;
    assert!(err.contains("bad.ctt:13") && err.contains("four"), "{err}");
}

#[test]
fn an_unknown_key_in_the_configuration_is_named_with_its_line() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.write("stagecoach.toml", "seed = 3\n\n[stage2b]\nuse = \"annealing\"\nheat = 7\n");
    let err = place.run("solve toy.ctt").ends_with(2).err;
    assert!(err.contains("stagecoach.toml:5") && err.contains("heat"), "{err}");
}

#[test]
fn an_unknown_implementation_is_refused_before_anything_is_read() {
    let place = Place::new();
    let err = place.run("solve nowhere.ctt --stage2b magic").ends_with(2).err;
    assert!(err.contains("magic") && err.contains("annealing"), "{err}");
    assert!(place.run("stage magic nowhere.ctt out").ends_with(2).err.contains("magic"));
}

#[test]
fn the_configuration_in_force_is_shown_with_where_it_comes_from() {
    let place = Place::new();
    place.write("stagecoach.toml", "seed = 3\ntime = \"2m\"\nthreads = 1\n");
    let mut command = place.command("solve --print-config --threads 2");
    let output = command.env("STAGECOACH_SEED", "5").env("STAGECOACH_STAGE1_USE", "components").output().unwrap();
    let out = common::Ran::of(output).ends_with(0).out;
    let has = |key: &str, origin: &str| {
        out.lines().any(|line| line.split_once('#').is_some_and(|(k, o)| k.trim() == key && o.trim() == origin))
    };
    assert!(has("seed = 5", "environment"), "{out}");
    assert!(has("time = 120", "stagecoach.toml"), "{out}");
    assert!(has("threads = 2", "flag"), "{out}");
    assert!(has("use = \"components\"", "environment"), "{out}");
    assert!(has("use = \"annealing\"", "auto: one walk a thread"), "{out}");
    for (flags, name, why) in [
        ("--steps 9", "annealing", "auto: one walk, whatever the threads"),
        ("--population 4", "ga", "auto: a population is asked for"),
        ("--gpu all", "ga", "auto: a device is asked for"),
        ("--population 4 --stage2b annealing", "annealing", "flag"),
    ] {
        let out = place.run(&format!("solve --print-config {flags}")).ends_with(0).out;
        let line = format!("{:<32} # {why}", format!("use = \"{name}\""));
        assert!(out.lines().any(|shown| shown == line), "{flags}: {out}");
    }
}

#[test]
fn a_bad_value_in_the_environment_is_named() {
    let place = Place::new();
    let output = place.command("solve --print-config").env("STAGECOACH_STEPS", "many").output().unwrap();
    assert!(common::Ran::of(output).ends_with(2).err.contains("STAGECOACH_STEPS"));
}

#[test]
fn a_budget_that_nothing_fits_into_ends_with_3_and_the_figures() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let err = place.run("solve toy.ctt --memory 1M").ends_with(3).err;
    assert!(err.contains("1.0 MB") && err.contains("--memory") && err.contains("at least"), "{err}");
}

#[test]
fn a_budget_that_the_problem_does_not_fit_into_ends_with_3_and_the_figures() {
    let place = Place::new();
    place.run("generate campus campus --scale 0.3").ends_with(0);
    let err = place.run("solve campus --memory 20M --time 20").ends_with(3).err;
    assert!(err.contains("20.0 MB") && err.contains("too small"), "{err}");
}

#[test]
fn an_input_that_cannot_be_solved_is_refused_unless_it_is_to_be_searched_anyway() {
    let place = Place::new();
    place.write("hopeless.ctt", HOPELESS);
    let quickly = "--steps 5000 --stage2b none --stage3 none --out out";
    let why = "a-1 and b-1 are both to be held on Mon 1: t teaches both (`TeacherClash`)";
    let ran = place.run(&format!("solve hopeless.ctt {quickly}")).ends_with(2);
    assert!(ran.err.contains(why) && ran.err.contains("Maybe") && ran.err.contains("--anyway"), "{}", ran.err);
    assert!(!place.path("out").exists());
    let event = place.run(&format!("solve hopeless.ctt {quickly} --json")).ends_with(2).last_event();
    assert_eq!((&event["event"], &event["findings"][0]["check"]), (&"error".into(), &"clash".into()), "{event}");

    let ran = place.run(&format!("solve hopeless.ctt {quickly} --anyway")).ends_with(1);
    assert!(ran.err.contains(why), "{}", ran.err);
    assert!(ran.out.contains("NOT VALID") && ran.out.contains("Unplaced classes (1)"), "{}", ran.out);
    assert!(place.path("out/solution.sol").is_file());
    // What goes on was to be searched anyway when it began.
    place.run("solve hopeless.ctt --resume --out out --steps 5000").ends_with(1);
}

#[test]
fn a_stage_that_makes_a_timetable_refuses_what_cannot_be_and_the_others_do_not_ask() {
    let place = Place::new();
    place.write("hopeless.ctt", HOPELESS);
    place.run("stage louvain hopeless.ctt one").ends_with(0);
    let err = place.run("stage greedy one two").ends_with(2).err;
    assert!(err.contains("t teaches both (`TeacherClash`)"), "{err}");
    place.run("stage greedy one two --anyway").ends_with(1);
    place.run("stage min-conflicts two three --steps 1000").ends_with(1);
}

#[test]
fn an_input_is_checked_without_a_timetable() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.write("hopeless.ctt", HOPELESS);
    let out = place.run("check toy.ctt").ends_with(0).out;
    assert_eq!(
        out,
        "Toy: 4 courses, 15 classes, 0 students, 2 rooms, 20 slots a week\nnothing was found that cannot work\n"
    );
    let out = place.run("check hopeless.ctt").ends_with(2).out;
    assert!(out.contains("1 thing cannot work\nerror: a-1 and b-1 are both to be held on Mon 1"), "{out}");
    let event = place.run("check hopeless.ctt --json").ends_with(2).last_event();
    assert_eq!((&event["possible"], &event["errors"]), (&false.into(), &1.into()), "{event}");
    assert_eq!(event["findings"][0]["classes"], serde_json::json!(["a-1", "b-1"]), "{event}");
}

#[test]
fn the_doctor_shows_every_limit_and_which_one_holds() {
    let place = Place::new();
    let out = place.run("doctor --memory 123M").ends_with(0).out;
    assert!(out.contains("Memory limit: 123.0 MB (--memory)") && out.contains("holds: it is the smallest"), "{out}");
    assert!(out.contains("MemTotal") && out.contains("sysinfo"), "{out}");
    let event = place.run("doctor --json").ends_with(0).last_event();
    assert!(event["memory"]["limit"].as_u64().is_some_and(|bytes| bytes > 0));
}

#[test]
fn what_cannot_be_printed_is_an_error_and_whoever_stops_reading_is_none() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let output = place.command("stage greedy toy.ctt out --json").stdout(full).output().expect("it runs");
    let ran = Ran::of(output).ends_with(2);
    assert!(ran.err.contains("standard output cannot be written to"), "{}", ran.err);
    place.run("check toy.ctt out").ends_with(0);
    let mut child = place.command("stage greedy toy.ctt out2 --json").spawn().expect("it runs");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("its end").code(), Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn the_program_runs_where_there_is_no_library_of_c_plus_plus() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_stagecoach")).expect("the program");
    let name = b"libstdc++.so";
    assert!(!program.windows(name.len()).any(|bytes| bytes == name), "it is linked with libstdc++");
}
