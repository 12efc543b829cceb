//! The stage `milp` in the whole program: its engine is part of it, so nothing has to be fetched.

mod common;

use common::{Place, Ran, TOY};

#[test]
fn every_part_of_a_small_problem_is_solved_to_the_end() {
    let place = Place::new();
    place.write("toy.ctt", TOY);
    place.run("stage louvain toy.ctt clustered").ends_with(0);
    let ran = place.run("stage milp clustered solved --time 60 --json").ends_with(0);
    let notes = ran.notes("milp");
    let clusters = notes.iter().find(|note| note.contains("clusters: ")).expect("the clusters");
    assert!(clusters.ends_with(" optimal"), "{notes:?}");
}

#[test]
fn by_steps_the_threads_do_not_matter() {
    let place = Place::new();
    place.run("generate campus campus --scale 0.01").ends_with(0);
    place.run("stage louvain campus clustered").ends_with(0);
    for threads in [1, 2] {
        place.run(&format!("stage milp clustered by{threads} --steps 2000000 --threads {threads}")).ends_with(0);
    }
    let (one, two) = (place.read("by1/plan.json"), place.read("by2/plan.json"));
    assert!(one.contains("clusters: ") && !one.contains("not used any more"), "the solver was at work");
    assert_eq!(one, two);
}

#[test]
fn what_it_ends_with_is_no_worse_than_greedys_and_confirmed() {
    let place = Place::new();
    place.run("generate campus campus --scale 0.03").ends_with(0);
    place.run("stage louvain campus clustered").ends_with(0);
    let penalty = |ran: &Ran| ran.last_event()["score"]["penalty"].as_i64().expect("a penalty");
    let greedy = penalty(&place.run("stage greedy clustered greedy --time 5 --json").ends_with(0));
    let milp = penalty(&place.run("stage milp clustered solved --steps 5000000 --json").ends_with(0));
    assert!(milp < greedy, "{milp} after {greedy}");
    place.run("check campus solved").ends_with(0);
}
