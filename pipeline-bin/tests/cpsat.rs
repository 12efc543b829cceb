//! The stage `cpsat` in the whole program. What needs OR-Tools says so and does nothing where it is
//! missing (`stagecoach setup` fetches it).

mod common;

use common::{BOUNDED, Place, Ran, TOY, instances, wait_until};
use std::{fs, path::Path, thread, time::Duration};

/// One class with a time of three slots, in ITC-2019's format.
const LONG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<problem name="long" nrDays="5" nrWeeks="2" slotsPerDay="40">
  <optimization time="1" room="1" distribution="1" student="1"/>
  <rooms><room id="1" capacity="20"/></rooms>
  <courses><course id="1"><config id="1"><subpart id="1"><class id="1" limit="10">
    <room id="1" penalty="0"/><time days="10000" start="8" length="3" weeks="11" penalty="0"/>
  </class></subpart></config></course></courses>
  <distributions/>
  <students/>
</problem>
"#;

/// A place with a small campus, clustered.
fn clustered() -> Place {
    let place = Place::new();
    place.run("generate campus campus --scale 0.03").ends_with(0);
    place.run("stage louvain campus clustered").ends_with(0);
    place
}

/// The processes that were started by one.
fn children(parent: u32) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>()).collect()
}

#[test]
fn every_cluster_is_solved_and_told_as_the_solver_says() {
    let place = Place::new();
    if !place.has_solver() {
        return;
    }
    place.write("toy.ctt", TOY);
    place.run("stage louvain toy.ctt clustered").ends_with(0);
    let ran = place.run("stage cpsat clustered solved --steps 4000000 --json").ends_with(0);
    let notes = ran.notes("cpsat");
    let clusters = notes.iter().find(|note| note.contains("clusters: ")).expect("the clusters");
    let (_, list) = clusters.split_once(": ").expect("a list");
    assert!(list.split(", ").all(|one| one.ends_with("optimal") || one.ends_with("feasible")), "{notes:?}");
}

#[test]
fn by_steps_the_threads_do_not_matter() {
    let place = clustered();
    if !place.has_solver() {
        return;
    }
    for threads in [1, 2] {
        place.run(&format!("stage cpsat clustered by{threads} --steps 4000000 --threads {threads}")).ends_with(0);
    }
    let (one, two) = (place.read("by1/plan.json"), place.read("by2/plan.json"));
    assert!(one.contains("clusters: ") && !one.contains("not used any more"), "the solver was at work");
    assert_eq!(one, two);
}

#[test]
fn by_steps_nothing_depends_on_how_long_all_classes_are_at_work() {
    let Some(file) = needs::instance("itc2019/lums-sum17.xml.gz") else { return };
    let place = Place::new();
    if !place.has_solver() {
        return;
    }
    // Two clusters are all classes: nothing else can be asked until one of them is solved.
    place.run(&format!("stage louvain {} clustered", file.display())).ends_with(0);
    let plans: Vec<String> = (1..=2)
        .map(|threads| {
            let run = format!("stage cpsat clustered by{threads} --steps 800000 --seed 3 --threads {threads}");
            place.run(&run).ends_with(0);
            place.read(&format!("by{threads}/plan.json"))
        })
        .collect();
    assert!(plans[0].contains("neighbourhoods"), "more was asked for");
    assert_eq!(plans[0], plans[1]);
}

#[test]
fn solvers_that_are_killed_cost_an_attempt_and_none_is_left_behind() {
    let place = clustered();
    if !place.has_solver() {
        return;
    }
    let run =
        place.command("stage cpsat clustered solved --force --time 60 --threads 2 --json").spawn().expect("it runs");
    wait_until("a solver is at work", || !children(run.id()).is_empty());
    thread::sleep(Duration::from_millis(300));
    let killed = children(run.id());
    for &pid in &killed {
        // SAFETY: a plain system call; the process is a child of ours.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
    wait_until("another one has begun", || children(run.id()).iter().any(|pid| !killed.contains(pid)));
    thread::sleep(Duration::from_secs(3));
    let last = children(run.id());
    // SAFETY: a plain system call; the child has not been waited for.
    unsafe { libc::kill(run.id() as i32, libc::SIGINT) };
    let ran = Ran::of(run.wait_with_output().expect("its end")).ends_with(130);
    assert!(ran.err.contains("a solver failed"), "{}", ran.err);
    assert!(!ran.notes("cpsat").iter().any(|note| note.contains("not used any more")), "{:?}", ran.notes("cpsat"));
    wait_until("none is left", || last.iter().all(|pid| !Path::new(&format!("/proc/{pid}")).exists()));
}

#[test]
fn interrupted_it_keeps_its_best() {
    let place = clustered();
    if !place.has_solver() {
        return;
    }
    let run =
        place.command("stage cpsat clustered solved --force --time 60 --threads 2 --json").spawn().expect("it runs");
    wait_until("a solver is at work", || !children(run.id()).is_empty());
    thread::sleep(Duration::from_millis(500));
    // SAFETY: a plain system call; the child has not been waited for.
    unsafe { libc::kill(run.id() as i32, libc::SIGINT) };
    let ran = Ran::of(run.wait_with_output().expect("its end")).ends_with(130);
    assert_eq!(ran.last_event()["score"]["unplaced"], 0);
    place.run("check campus solved").ends_with(0);
}

#[test]
fn a_sound_timetable_is_polished_by_neighbourhoods_alone() {
    let place = clustered();
    if !place.has_solver() {
        return;
    }
    let penalty = |ran: &Ran| ran.last_event()["score"]["penalty"].as_i64().expect("a penalty");
    let greedy = penalty(&place.run("stage greedy clustered greedy --time 5 --json").ends_with(0));
    let ran = place.run("stage cpsat greedy polished --steps 2000000 --json").ends_with(0);
    let notes = ran.notes("cpsat");
    assert!(penalty(&ran) < greedy, "{} after {greedy}", penalty(&ran));
    assert!(notes.iter().any(|note| note.contains("neighbourhoods")), "{notes:?}");
    assert!(!notes.iter().any(|note| note.contains("clusters")), "{notes:?}");
}

#[test]
fn a_long_run_with_long_times_is_polished_by_itself_and_no_other() {
    let place = Place::new();
    if !place.has_solver() {
        return;
    }
    place.write("long.xml", LONG);
    place.write("short.ctt", TOY);
    // What costs nothing cannot get better: no run lasts.
    for (input, time, polished) in [("long.xml", 300, true), ("long.xml", 299, false), ("short.ctt", 300, false)] {
        let ran = place.run(&format!("solve {input} --time {time} --offline --out out --force --json")).ends_with(0);
        assert_eq!(ran.last_event()["score"]["penalty"], 0, "{input}");
        let plan = place.read("out/plan/plan.json");
        assert_eq!(plan.contains("cpsat, annealing"), polished, "{input} in {time} s: {plan}");
        // Settled when it began: it goes on as what it was.
        assert_eq!(place.read("out/resume.toml").contains("use = \"cpsat\""), polished);
        place.run("solve --resume --out out").ends_with(0);
        place.run("solve --resume --out out --polish auto").ends_with(0);
    }
    let mut command = place.command("solve long.xml --time 300 --offline --out out --force");
    command.env("STAGECOACH_ORTOOLS", "/nonexistent/libortools.so.9");
    Ran::of(command.output().expect("it runs")).ends_with(0);
    assert!(!place.read("out/plan/plan.json").contains("cpsat"), "there is no solver");
}

#[test]
fn where_polishing_does_not_pay_annealing_has_the_time() {
    let place = Place::new();
    if !place.has_solver() {
        return;
    }
    // Seventy lectures, each with three students more than any room has seats: nothing can get
    // better, and nobody has proven it.
    let courses: String = (0..70).map(|k| format!("c{k} t{k} 1 1 13\n")).collect();
    let head =
        "Name: Large\nCourses: 70\nRooms: 2\nDays: 5\nPeriods_per_day: 9\nCurricula: 0\nConstraints: 0\n\nCOURSES:\n";
    let rest = "\nROOMS:\na 10\nb 10\n\nCURRICULA:\n\nUNAVAILABILITY_CONSTRAINTS:\n\nEND.\n";
    place.write("large.ctt", &format!("{head}{courses}{rest}"));
    let ran = place.run("solve large.ctt --steps 3000000 --polish cpsat --out out --json").ends_with(0);
    assert_eq!(ran.last_event()["score"]["penalty"], 210);
    let plan: serde_json::Value = serde_json::from_str(&place.read("out/plan/plan.json")).expect("a plan");
    let record = plan["history"].as_array().expect("stages").iter().find(|record| record["stage"] == "polish");
    let notes = record.expect("polishing")["notes"].as_array().expect("notes");
    let share = |name: &str| -> f64 {
        let begin = format!("{name}: ");
        let note = notes.iter().filter_map(|note| note.as_str()?.strip_prefix(&begin)).next().expect("a line of each");
        let (_, share) = note.split_once(", ").expect("its share");
        share.strip_suffix(" % of the budget").expect("a share").parse().expect("a number")
    };
    // CP-SAT gives back three fifths of each turn.
    assert!(share("cpsat") < share("annealing"), "{notes:?}");
}

#[test]
fn what_is_known_to_be_optimal_is_not_polished() {
    let place = Place::new();
    place.write("bounded.ctt", BOUNDED);
    let ran = place.run("solve bounded.ctt --steps 3000000 --polish annealing --out out --json").ends_with(0);
    assert_eq!(ran.last_event()["score"]["penalty"], 8);
    assert_eq!(ran.last_event()["bound"], 8, "it was searched to its end");
    if !place.has_solver() {
        return;
    }
    let turns = place.run("solve bounded.ctt --steps 3000000 --polish cpsat --offline --out turns --json").ends_with(0);
    assert_eq!(turns.last_event()["score"]["penalty"], 8);
    assert!(!place.read("turns/plan/plan.json").contains("turn"), "nobody had a turn");
}

#[test]
fn by_steps_a_run_with_polishing_is_the_same_on_any_threads_and_when_it_goes_on() {
    let place = clustered();
    if !place.has_solver() {
        return;
    }
    // Little annealing, so that something is left to polish.
    place.write("stagecoach.toml", "[stage2b]\nshare = 1\n[polish]\nuse = \"cpsat\"\n");
    for threads in [1, 2] {
        let run = format!("solve clustered --steps 3000000 --threads {threads} --out by{threads}");
        place.run(&run).ends_with(0);
    }
    let (one, two) = (place.read("by1/plan/plan.json"), place.read("by2/plan/plan.json"));
    assert!(one.contains("neighbourhoods") && !one.contains("not used any more"), "the solver was at work");
    assert_eq!(one, two);
    place.run("solve --resume --out by1").ends_with(0);
    assert_eq!(place.read("by1/plan/plan.json"), two);
}

#[test]
fn without_the_library_it_is_greedy_and_says_so() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let mut command = place.command("solve toy.ctt --stage2a cpsat --time 3 --out out");
    command.env("STAGECOACH_ORTOOLS", "/nonexistent/libortools.so.9");
    let ran = Ran::of(command.output().expect("it runs")).ends_with(0);
    assert!(ran.err.contains("no OR-Tools at /nonexistent/libortools.so.9"), "{}", ran.err);
    // A file that is no library is found out by a worker, not by the program.
    let library = place.write("libortools.so.9", "not a library");
    let mut command = place.command("solve toy.ctt --stage2a cpsat --time 3 --out out2");
    command.env("STAGECOACH_ORTOOLS", &library);
    let ran = Ran::of(command.output().expect("it runs")).ends_with(0);
    assert!(ran.err.contains("the solver is not used any more") && ran.err.contains("cannot be opened"), "{}", ran.err);
}

/// With `STAGECOACH_SLOW=1`: every CB-CTT instance at hand by greedy and CP-SAT alone.
#[test]
fn alone_it_ends_valid_on_every_cb_ctt_instance() {
    let files = instances("cb-ctt");
    if files.is_empty() || !Place::new().has_solver() {
        return;
    }
    needs::two_at_a_time(&files, |file| {
        let place = Place::new();
        place.run(&format!("stage louvain {} clustered --force", file.display())).ends_with(0);
        let ran = place.run("stage cpsat clustered solved --force --time 10 --threads 1 --json").ends_with(0);
        let notes = ran.notes("cpsat");
        eprintln!("{}: {} {notes:?}", file.display(), ran.last_event()["score"]);
        assert!(notes.iter().any(|note| note.contains("optimal") || note.contains("feasible")), "{notes:?}");
    });
}
