//! Lower bounds in the whole program. What needs OR-Tools says so and does nothing where it is
//! missing (`stagecoach setup` fetches it).

mod common;

use common::{BOUNDED, HOPELESS, Place, Ran, TOY, instances};
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn what_cannot_be_had_for_less_is_proven_and_said() {
    let place = Place::new();
    if !place.has_solver() {
        return;
    }
    place.write("bounded.ctt", BOUNDED);
    // 5 for the missing day, 3 for the students without a seat.
    let ran = place.run("stage bound bounded.ctt proven --steps 1000000 --json").ends_with(0);
    assert_eq!(ran.last_event()["bound"], 8);
    let ran = place.run("solve bounded.ctt --steps 1000000 --proof bound --out out --json").ends_with(0);
    assert_eq!((&ran.last_event()["bound"], &ran.last_event()["score"]["penalty"]), (&8.into(), &8.into()));
    let ran = place.run("solve bounded.ctt --steps 1000000 --proof bound --out out2").ends_with(0);
    assert!(ran.out.contains("Optimal: no valid timetable costs less"), "{}", ran.out);
    // What is proven stays with the plan.
    let ran = place.run("stage annealing out2/plan again --steps 1000").ends_with(0);
    assert!(ran.out.contains("Optimal"), "{}", ran.out);
}

#[test]
fn what_cannot_be_placed_is_named_with_its_rules_and_nothing_else() {
    let place = Place::new();
    if !place.has_solver() {
        return;
    }
    place.write("hopeless.ctt", HOPELESS);
    let ran = place.run("stage bound hopeless.ctt proven --steps 1000000").ends_with(0);
    let line = ran.out.lines().find(|line| line.contains("cannot all be placed")).unwrap_or_default();
    assert!(line.contains("for CurriculumClash") || line.contains("TeacherClash"), "{}", ran.out);
}

#[test]
fn by_steps_what_is_proven_does_not_depend_on_threads() {
    let place = Place::new();
    if !place.has_solver() {
        return;
    }
    place.run("generate campus campus --scale 0.02").ends_with(0);
    for threads in [1, 2] {
        place.run(&format!("stage bound campus by{threads} --steps 3000000 --threads {threads}")).ends_with(0);
    }
    assert_eq!(place.read("by1/plan.json"), place.read("by2/plan.json"));
}

#[test]
fn without_the_library_nothing_is_proven_and_that_is_said() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    let mut command = place.command("solve toy.ctt --proof bound --time 3 --out out");
    command.env("STAGECOACH_ORTOOLS", "/nonexistent/libortools.so.9");
    let ran = Ran::of(command.output().expect("it runs")).ends_with(0);
    let line =
        ran.err.lines().find(|line| line.contains("no OR-Tools at /nonexistent/libortools.so.9")).unwrap_or_default();
    assert!(line.ends_with("nothing is proven"), "{}", ran.err);
}

/// With `STAGECOACH_SLOW=1`: every CB-CTT instance at hand. The runner refuses a bound that the
/// timetable contradicts.
#[test]
fn most_cb_ctt_instances_have_a_bound_above_zero() {
    let files = instances("cb-ctt");
    if files.is_empty() || !Place::new().has_solver() {
        return;
    }
    let above = AtomicUsize::new(0);
    needs::two_at_a_time(&files, |file| {
        let place = Place::new();
        place.run(&format!("solve {} --time 2 --out better --force", file.display())).ends_with(0);
        let ran = place.run("stage bound better/plan proven --force --time 5 --threads 1 --json").ends_with(0);
        let record = ran.last_event();
        eprintln!("{}: {} of {}", file.display(), record["bound"], record["score"]["penalty"]);
        assert_eq!(record["history"].as_array().and_then(|h| h.last()).expect("a record")["outcome"], "taken");
        above.fetch_add(usize::from(record["bound"].as_i64().unwrap_or(0) > 0), Ordering::Relaxed);
    });
    let above = above.into_inner();
    assert!(above * 3 >= files.len() * 2, "{above} of {}", files.len());
}
