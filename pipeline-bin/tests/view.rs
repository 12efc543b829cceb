//! `view`: pages of runs and solutions.

mod common;

use common::{Place, TOY};

#[test]
fn a_run_its_plan_and_its_solution_give_a_page_with_the_same_names() {
    let place = Place::new();
    place.run("generate demo faculty").ends_with(0);
    place.run("solve faculty --steps 20000 --out out -q");
    let said = place.run("view out").ends_with(0);
    let address = format!("file://{}", place.path("timetable.html").canonicalize().unwrap().display());
    assert_eq!(said.out, format!("To look at: {address}\n"));
    place.run("view out/plan --out pages").ends_with(0);
    place.run("view faculty out/solution --out again.html").ends_with(0);
    let sizes = ["timetable.html", "pages/timetable.html", "out/timetable.html"].map(|page| place.read(page).len());
    let without_run = place.read("again.html").len();
    // The names come from the files beside the plan, the stages from its events.
    assert_eq!(sizes[0], sizes[1]);
    assert!(sizes[0].abs_diff(sizes[2]) < 200, "{sizes:?}");
    assert!(without_run < sizes[0] && without_run + 2000 > sizes[0], "{without_run}, {sizes:?}");
}

#[test]
fn a_page_that_is_there_stays_unless_told_otherwise() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --steps 2000 --out out -q").ends_with(0);
    place.write("mine.html", "my own");
    let ran = place.run("view toy.ctt out/solution.sol --out mine.html").ends_with(2);
    assert!(ran.err.contains("mine.html: it exists; --force replaces it"), "{}", ran.err);
    assert_eq!(place.read("mine.html"), "my own");
    place.run("view toy.ctt out/solution.sol --out mine.html --force").ends_with(0);
    assert!(place.read("mine.html").starts_with("<!doctype html>"));
    // What is read is never written to.
    place.run("view out --out out/timetable.html --force").ends_with(2);
}

#[test]
fn what_has_no_timetable_is_refused_and_so_is_a_timetable_of_something_else() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("generate demo faculty").ends_with(0);
    let ran = place.run("view toy.ctt").ends_with(2);
    assert!(ran.err.contains("toy.ctt: no timetable in it"), "{}", ran.err);
    place.run("solve toy.ctt --steps 2000 --out out -q").ends_with(0);
    place.run("view faculty out/solution.sol").ends_with(2);
    place.run("view toy.ctt out/solution.sol --compare nothing").ends_with(2);
    assert!(!place.path("timetable.html").exists());
}

#[test]
fn two_runs_are_compared_and_a_repair_shows_what_it_changed() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("solve toy.ctt --steps 2000 --out out -q").ends_with(0);
    place.run("repair out --close-room small --steps 2000 --out mended -q");
    place.run("view mended --compare out --out compared.html").ends_with(0);
    let (made, compared) = (place.read("mended/timetable.html"), place.read("compared.html"));
    place.run("view mended --out alone.html").ends_with(0);
    assert!(place.read("alone.html").len() < compared.len());
    assert!(made.len().abs_diff(compared.len()) < 200, "{} and {}", made.len(), compared.len());
}
