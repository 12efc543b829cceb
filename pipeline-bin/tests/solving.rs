//! Solving, checking, converting, stages alone and foreign ones.

mod common;

use common::{Place, TOY, bytes};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::Path,
    time::{Duration, Instant},
};

#[test]
fn the_demo_solves_its_faculty_and_makes_a_page_to_look_at() {
    let place = Place::new();
    let ran = place.run("demo --time 4 --out demo").ends_with(0);
    assert!(ran.out.contains("valid, penalty") && ran.out.contains("Score by kind"), "{}", ran.out);
    let page = place.read("demo/timetable.html");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n") && page.len() < 2_000_000);
    let link = ran.out.lines().find_map(|line| line.strip_prefix("To look at: file://")).expect("a link");
    assert_eq!(Path::new(link), place.path("demo/timetable.html").canonicalize().unwrap());
    assert!(place.path("demo/solution/timetable.csv").is_file());
    assert!(place.path("demo/plan/plan.json").is_file());
}

#[test]
fn not_everybody_in_the_demo_can_have_what_they_want() {
    let place = Place::new();
    let event = place.run("demo --steps 300000 --out demo --json").ends_with(0).last_event();
    // A teacher who wants neither of the two times; a practical session in unpopular hours, and a
    // session that is fixed at nine.
    assert!(event["by_kind"]["Availability"]["penalty"].as_i64() >= Some(20), "{}", event["by_kind"]);
    assert!(event["by_kind"]["TimePenalty"]["penalty"].as_i64() >= Some(2), "{}", event["by_kind"]);
    assert!(event["score"]["penalty"].as_i64() < Some(100), "{}", event["score"]);
    let line = place.read("demo/solution/timetable.csv");
    let ensemble = line.lines().filter(|line| line.starts_with("MUS203,"));
    let times: Vec<String> =
        ensemble.map(|line| line.split(',').skip(3).take(4).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(times.len(), 2);
    assert!(
        times.contains(&"Tue 13:00 14:50 STUDIO".to_owned()) && times.contains(&"Thu 13:00 14:50 STUDIO".to_owned()),
        "{times:?}"
    );
}

#[test]
fn a_valid_timetable_ends_with_0_and_the_check_agrees() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let solved = place.run("solve toy.ctt --steps 20000 --out out --json").ends_with(0).last_event();
    assert_eq!(solved["event"], "result");
    assert_eq!(solved["valid"], true);
    let file = place.run("check toy.ctt out/solution.sol --json").ends_with(0).last_event();
    let plan = place.run("check toy.ctt out --json").ends_with(0).last_event();
    assert_eq!(file["score"], solved["score"]);
    assert_eq!(plan["score"], solved["score"]);
}

#[test]
fn what_lies_in_the_output_folder_stays_and_nothing_temporary_is_left() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --out fresh --steps 100000 -q").ends_with(0);
    for name in ["work", "thesis"] {
        fs::create_dir_all(place.path("out").join(name)).unwrap();
        place.write(&format!("out/{name}/chapter.txt"), "my own");
    }
    place.run("solve toy.ctt --out out --steps 100000 -q").ends_with(0);
    let names = |folder: &str| -> BTreeSet<OsString> {
        fs::read_dir(place.path(folder)).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    let ours =
        BTreeSet::from(["own-files.json", "plan", "resume.toml", "solution.sol", "timetable.html"].map(OsString::from));
    assert_eq!(names("fresh"), ours);
    assert_eq!(names("out"), &ours | &BTreeSet::from(["work", "thesis"].map(OsString::from)));
    for name in ["work", "thesis"] {
        assert_eq!(place.read(&format!("out/{name}/chapter.txt")), "my own");
    }
}

#[test]
fn a_timetable_with_violations_ends_with_1_and_names_them() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    // Two lectures of the curriculum `first` at one time in one room; all others are missing.
    place.write("bad.sol", "algebra large 0 0\nlogic large 0 0\n");
    let out = place.run("check toy.ctt bad.sol").ends_with(1).out;
    assert!(out.contains("NOT VALID: 13 classes unplaced, 2 hard violations"), "{out}");
    assert!(out.contains("RoomClash") && out.contains("CurriculumClash"), "{out}");
}

#[test]
fn a_solution_of_another_problem_is_refused() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.write("bad.sol", "chemistry large 0 0\n");
    assert!(place.run("check toy.ctt bad.sol").ends_with(2).err.contains("chemistry"));
}

#[test]
fn the_same_seed_gives_the_same_plan_whatever_the_threads() {
    let place = Place::new();
    place.run("generate demo faculty").ends_with(0);
    let plan = |out: &str, flags: &str| {
        let ran = place.run(&format!("solve faculty --steps 30000 --out {out} {flags}"));
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
        bytes(&place.path(out).join("plan/plan.json"))
    };
    let first = plan("a", "--seed 9 --threads 1");
    assert!(first == plan("b", "--seed 9 --threads 1"), "twice the same");
    assert!(first == plan("c", "--seed 9 --threads 2"), "with two threads");
    assert!(first == plan("d", "--seed 9 --threads 2 --memory 1GiB"), "with another memory budget");
    assert!(first != plan("e", "--seed 10 --threads 1"), "another seed");
}

#[test]
fn the_time_covers_everything() {
    let place = Place::new();
    place.run("generate campus campus --scale 0.05").ends_with(0);
    let started = Instant::now();
    let ran = place.run("solve campus --time 3 --out out");
    let took = started.elapsed();
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    assert!(took < Duration::from_millis(4000), "{took:?}\n{}", ran.err);
    assert!(place.path("out/solution/timetable.csv").is_file());
}

#[test]
fn machines_get_one_object_a_line() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let ran = place.run("solve toy.ctt --time 2 --json --out out").ends_with(0);
    let events: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|e| e["event"].as_str().unwrap()).collect();
    assert!(names.starts_with(&["stage-begins"]) && names.ends_with(&["result"]), "{names:?}");
    assert!(names.contains(&"progress") && names.contains(&"stage-ends"), "{names:?}");
    assert!(place.run("solve nowhere.ctt --json").ends_with(2).last_event()["event"] == "error");
}

#[test]
fn a_line_for_each_stage_says_what_came_of_it_and_more_is_told_where_it_is_asked_for() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let ran = place.run("solve toy.ctt --steps 2000 --out out").ends_with(0);
    let first = ran.err.lines().next().unwrap_or_default();
    assert_eq!(first, "Toy: 4 courses, 15 classes, 0 students, 2 rooms, 20 slots a week");
    for stage in ["stage2a greedy", "stage2b annealing", "stage3 min-conflicts"] {
        let line =
            ran.err.lines().find(|line| line.starts_with(&format!("{stage}: 15 of 15 classes placed (penalty ")));
        assert!(line.is_some_and(|line| line.ends_with(" s)")), "{stage}: {}", ran.err);
    }
    assert!(!ran.err.contains("[STAGE") && !ran.out.contains("modularity"), "{}{}", ran.err, ran.out);
    let ran = place.run("solve toy.ctt --steps 2000 --out out2 -v").ends_with(0);
    assert!(
        ran.err.contains("[STAGE2A] memory before: ") && ran.err.contains("[STAGE2B] memory after: "),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("stage1: modularity"), "{}", ran.out);
    let quiet = place.run("solve toy.ctt --steps 2000 --out out3 -q").ends_with(0);
    assert_eq!(quiet.err, "");
}

#[test]
fn a_mistyped_command_is_never_pointed_to_a_hidden_one() {
    let place = Place::new();
    let hidden = ["solver-worker", "sweep-trial", "sweep-compact", "program-supervisor"];
    for command in hidden {
        let typed = &command[..command.len() - 1];
        let err = place.run(typed).ends_with(2).err;
        assert!(err.contains(typed) && !err.contains(&format!("'{command}'")), "{err}");
    }
    let err = place.run("slove").ends_with(2).err;
    assert!(err.contains("'solve'"), "{err}");
}

#[test]
fn problems_and_timetables_are_converted() {
    let place = Place::new();
    place.run("generate campus campus.xml.gz --scale 0.02 --format itc2019").ends_with(0);
    place.run("solve campus.xml.gz --steps 2000000 --stage2b none --out campus").ends_with(0);
    place.run("check campus.xml.gz campus/solution.xml").ends_with(0);
    place.write("toy.ctt", TOY);
    place.run("convert toy.ctt again.ctt").ends_with(0);
    place.run("solve toy.ctt --steps 5000 --out out").ends_with(0);
    place.run("convert toy.ctt copy.sol --solution out").ends_with(0);
    assert_eq!(place.read("copy.sol"), place.read("out/solution.sol"));
    place.run("convert toy.ctt folder --solution out/solution.sol --format csv").ends_with(0);
    assert!(place.read("folder/timetable.csv").contains("algebra"));
    // The same problem has the same score in its other file.
    place.run("check again.ctt copy.sol").ends_with(0);
}

#[test]
fn stages_run_alone_from_plan_to_plan() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("stage louvain toy.ctt one").ends_with(0);
    place.run("stage greedy one two --steps 50000").ends_with(0);
    let greedy = place.run("check toy.ctt two --json").ends_with(0).last_event();
    place.run("stage annealing two three --steps 50000").ends_with(0);
    let annealed = place.run("check toy.ctt three --json").ends_with(0).last_event();
    let penalty = |event: &serde_json::Value| event["score"]["penalty"].as_i64().unwrap();
    assert!(penalty(&annealed) <= penalty(&greedy));
    assert!(place.read("three/plan.json").contains("\"stage\":\"stage2b\""));
}

#[test]
fn an_improving_stage_without_a_timetable_says_what_it_lacks() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let out = place.run("stage annealing toy.ctt out --steps 100").ends_with(1).out;
    assert!(out.contains("failed: the plan lacks"), "{out}");
}

#[test]
fn a_folder_is_translated_into_another_that_says_the_same() {
    let place = Place::new();
    place.run("generate demo faculty").ends_with(0);
    place.run("convert faculty copy --format csv").ends_with(0);
    place.run("solve faculty --steps 500000 --out out --json").ends_with(0);
    let check = |input: &str| {
        let mut event = place.run(&format!("check {input} out/solution --json")).ends_with(0).last_event();
        // What clocks say of the slots is no part of a problem.
        for cost in event["costs"].as_array_mut().unwrap() {
            cost.as_object_mut().unwrap().remove("text");
            cost["places"].as_array_mut().unwrap().iter_mut().for_each(|place| place["time"] = Value::Null);
        }
        event
    };
    let event = check("faculty");
    assert!(event["costs"].as_array().is_some_and(|costs| costs.len() > 2), "{event}");
    assert_eq!(event, check("copy"));
}

/// The stage of the README, in Python: tries one change and leaves it to the checker to say what it
/// is worth.
const FOREIGN: &str = include_str!("../../examples/foreign.py");

#[test]
fn a_program_in_python_can_be_a_stage() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.write("foreign.py", FOREIGN);
    place.write("stagecoach.toml", "[stage2b]\nuse = \"exec:python3 foreign.py\"\n");
    let ran = place.run("solve toy.ctt --time 10 --out out").ends_with(0);
    let history = place.read("out/plan/plan.json");
    assert!(history.contains("\"implementation\":\"exec\""), "{history}");
    // Taken or refused as worse, never failed.
    assert!(!ran.out.contains("failed"), "{}", ran.out);
}

#[test]
fn a_foreign_stage_that_fails_costs_its_own_improvement_only() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let mut command = place.command("solve toy.ctt --time 10 --out out --stage2b");
    let ran = common::Ran::of(command.arg("exec:sh -c 'echo no luck; exit 3'").output().unwrap()).ends_with(0);
    assert!(ran.out.contains("failed") && ran.out.contains("no luck"), "{}", ran.out);
    place.run("check toy.ctt out/solution.sol").ends_with(0);
}

/// A school of one day: what is fixed for two sections is beyond doubt, not beyond notice.
fn school(place: &Place) {
    std::fs::create_dir_all(place.path("school")).unwrap();
    place.write("school/calendar.toml", "days = [\"Mon\"]\nslots = 4\n");
    place.write("school/rooms.csv", "id,capacity,features\nSMALL,1,\nBIG,9,lab\n");
    place.write("school/courses.csv", "id,sections,sessions,features\nBIO,2,1,\nLAB,1,1,lab\n");
    place.write("school/teachers.csv", "id\nann\n");
    place.write("school/students.csv", "id\n1\n2\n3\n4\n");
    place.write("school/enrolments.csv", "student,course\n1,BIO\n2,BIO\n3,BIO\n4,BIO\n1,LAB\n");
}

#[test]
fn a_session_fixed_in_a_room_that_does_not_do_is_named_with_its_line() {
    let place = Place::new();
    school(&place);
    place.write("school/fixed.csv", "course,section,session,room\nBIO,1,1,SMALL\nBIO,2,1,BIG\nLAB,1,1,SMALL\n");
    let refused = place.run("solve school --steps 2000 --out out").ends_with(2).err;
    let err = place.run("solve school --steps 2000 --out out --anyway").ends_with(0).err;
    for said in [
        "BIO-1.1 (courses.csv:2) is fixed (fixed.csv:2) in room SMALL (rooms.csv:2), which has 1 seat, 2 are needed",
        "LAB-1.1 (courses.csv:3) is fixed (fixed.csv:4) in room SMALL (rooms.csv:2), which has no lab",
    ] {
        assert!(refused.contains(said) && err.contains(said), "{said}: {refused}{err}");
    }
    assert!(!err.contains("fixed.csv:3"), "{err}");
}

#[test]
fn tables_come_before_the_plan_of_an_earlier_run_beside_them() {
    let place = Place::new();
    school(&place);
    place.run("solve school --steps 2000 --out out -q").ends_with(0);
    std::fs::create_dir(place.path("school/plan")).unwrap();
    for entry in std::fs::read_dir(place.path("out/plan")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), place.path("school/plan").join(entry.file_name())).unwrap();
    }
    place.write("school/courses.csv", "id,sections,sessions,features\nBIO9,2,1,\n");
    place.write("school/enrolments.csv", "student,course\n1,BIO9\n");
    let ran = place.run("solve school --steps 2000 --out again").ends_with(0);
    assert!(ran.err.contains("its tables are read, not the plan of an earlier run"), "{}", ran.err);
    assert!(place.read("again/solution/timetable.csv").contains("BIO9"));
    // The plan itself is an input like any other.
    let ran = place.run("solve school/plan --steps 2000 --out old").ends_with(0);
    assert!(!place.read("old/solution/timetable.csv").contains("BIO9") && !ran.err.contains("tables"), "{}", ran.err);
}

#[test]
fn names_keep_their_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    school(&place);
    let folders = [b"sch\xf6ol".as_slice(), b"sch\xe9ol"].map(OsStr::from_bytes);
    for name in folders {
        let copy = place.path("school").with_file_name(name);
        std::fs::create_dir(&copy).unwrap();
        for entry in std::fs::read_dir(place.path("school")).unwrap().map(Result::unwrap) {
            std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
        let solve = |flags: &str| {
            let mut command = place.command(&format!("solve {flags}"));
            common::Ran::of(command.arg(name).output().expect("the program runs")).ends_with(0)
        };
        solve("--steps 2000 -q");
        let out = place.path("stagecoach-out").join(name);
        assert!(out.join("solution/timetable.csv").is_file(), "{}", out.display());
        // It is found again, too.
        solve("--resume --steps 2000 -q");
    }
    assert_eq!(std::fs::read_dir(place.path("stagecoach-out")).unwrap().count(), folders.len());
}

#[test]
fn where_there_is_nothing_to_place_every_stage_leaves_the_plan_as_it_is() {
    let place = Place::new();
    let header = "Name: n\nCourses: 0\nRooms: 1\nDays: 1\nPeriods_per_day: 2\nCurricula: 0\nConstraints: 0\n";
    let sections = "COURSES:\nROOMS:\nr 5\nCURRICULA:\nUNAVAILABILITY_CONSTRAINTS:\nEND.\n";
    place.write("empty.ctt", &format!("{header}{sections}"));
    place.write(
        "empty.xml",
        "<problem name=\"n\" nrDays=\"1\" slotsPerDay=\"2\" nrWeeks=\"1\"><optimization time=\"1\" room=\"1\" \
         distribution=\"1\" student=\"1\"/><rooms/><courses/></problem>",
    );
    for input in ["empty.ctt", "empty.xml"] {
        for (k, stages) in
            ["", "--stage2b ga --population 2", "--stage2a milp --stage2b none", "--stage1 leiden --stage3 rl"]
                .iter()
                .enumerate()
        {
            let ran =
                place.run(&format!("solve {input} --out out-{k}-{input} --steps 50 --json {stages}")).ends_with(0);
            let ended = ran.last_event();
            assert_eq!(ended["score"]["penalty"], 0, "{input} {stages}: {ended}");
            assert!(!ran.err.contains("failed"), "{input} {stages}: {}", ran.err);
        }
        for stage in ["components", "leiden", "greedy"] {
            place.run(&format!("stage {stage} {input} plan-{stage}-{input} --steps 50")).ends_with(0);
        }
    }
}
