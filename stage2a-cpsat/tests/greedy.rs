//! What `greedy` promises.

use pipeline::{Budget, Cancel, Plan, Stage, Stop};
use stage2a_cpsat::Greedy;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tests::{builder, context, lone_class, planted, run};
use timetable::*;

const STEPS: Budget = Budget::Steps(20_000_000);

fn seconds(n: u64) -> Budget {
    Budget::Until(Instant::now() + Duration::from_secs(n))
}

fn place(time: u16, room: u16) -> Placement {
    Placement { time, room }
}

#[test]
fn problems_that_have_a_solution_are_solved() {
    for seed in 0..30 {
        let problem = Arc::new(planted(seed));
        let plan = run(&Greedy, Plan::new(problem), &context(seed, STEPS));
        assert!(plan.score.unwrap().is_valid(), "seed {seed}: {}", plan.score.unwrap());
        assert!(plan.notes.is_empty());
    }
}

#[test]
fn a_class_in_the_way_is_pushed_out_and_placed_elsewhere() {
    let mut b = builder(3);
    let room = b.room("r", 10, &[], &[]);
    let [t0, t1] = [0, 1].map(|s| b.time(1, 1, s, 1));
    // `free` stands where alone `bound` can be.
    let free = lone_class(&mut b, "free", &[(t0, 0), (t1, 9)], &[(room, 0)]);
    let bound = lone_class(&mut b, "bound", &[(t0, 0)], &[(room, 0)]);
    let problem = Arc::new(b.build().unwrap());
    let mut plan = Plan::new(Arc::clone(&problem));
    let mut given = Timetable::empty(&problem);
    given.placements[free.index()] = place(0, 0);
    let score = check(&problem, &given).score;
    plan = plan.with_timetable(given, score);
    let plan = run(&Greedy, plan, &context(1, STEPS));
    assert_eq!(plan.timetable.unwrap().placements, [place(1, 0), place(0, 0)]);
    assert_eq!(bound.index(), 1);
}

#[test]
fn what_cannot_be_placed_is_reported_with_what_is_in_the_way() {
    let mut b = builder(3);
    let room = b.room("r", 10, &[], &[]);
    let t = b.time(1, 1, 0, 1);
    for name in ["algebra", "biology"] {
        lone_class(&mut b, name, &[(t, 0)], &[(room, 0)]);
    }
    let plan = run(&Greedy, Plan::new(Arc::new(b.build().unwrap())), &context(1, STEPS));
    assert_eq!(plan.score.unwrap(), Score { unplaced: 1, hard: 0, penalty: 0 });
    let [note] = &plan.notes[..] else { panic!("one note, not {:?}", plan.notes) };
    assert!(note.contains("algebra") && note.contains("biology") && note.contains("slot 0 in r"), "{note}");
}

#[test]
fn a_class_that_no_change_could_place_is_given_up_at_once() {
    let mut b = builder(3);
    let t = b.time(1, 1, 0, 1);
    let room = b.room("r", 10, &[t], &[]);
    lone_class(&mut b, "never", &[(t, 0)], &[(room, 0)]);
    let plan = run(&Greedy, Plan::new(Arc::new(b.build().unwrap())), &context(1, seconds(60)));
    assert_eq!(plan.score.unwrap().unplaced, 1);
    assert!(plan.notes[0].contains("never: no time and room"), "{:?}", plan.notes);
}

#[test]
fn many_unplaced_classes_are_counted_instead_of_named() {
    let mut b = builder(3);
    let t = b.time(1, 1, 0, 1);
    let room = b.room("r", 10, &[t], &[]);
    for i in 0..70 {
        lone_class(&mut b, &format!("c{i}"), &[(t, 0)], &[(room, 0)]);
    }
    let plan = run(&Greedy, Plan::new(Arc::new(b.build().unwrap())), &context(1, STEPS));
    assert_eq!(plan.notes.len(), 51);
    assert!(plan.notes[50].contains("20 more"));
}

/// Two configurations; in the first a lecture of 4 with labs of 2 and 2, and one of 3 with a lab of
/// 2 only: 6 seats; in the second 2.
fn tight(b: &mut ProblemBuilder) -> CourseId {
    let t = b.time(1, 1, 0, 1);
    let course = b.course("tight");
    let class = |b: &mut ProblemBuilder, name: &str, limit| {
        b.class(ClassSpec { name, limit: Some(limit), times: &[(t, 0)], rooms: &[] })
    };
    b.config("with labs");
    b.subpart("lectures");
    let (l1, l2) = (class(b, "l1", 4), class(b, "l2", 3));
    b.subpart("labs");
    for (name, parent) in [("b1", l1), ("b2", l1), ("b3", l2)] {
        let lab = class(b, name, 2);
        b.set_parent(lab, parent);
    }
    b.config("without");
    b.subpart("lectures");
    class(b, "m", 2);
    course
}

#[test]
fn everyone_gets_a_seat_where_seats_are_exactly_enough() {
    let mut b = builder(3);
    let course = tight(&mut b);
    for s in 0..8 {
        b.student(&format!("s{s}"), &[course]);
    }
    let plan = run(&Greedy, Plan::new(Arc::new(b.build().unwrap())), &context(1, STEPS));
    assert!(plan.score.unwrap().is_valid(), "{}", plan.score.unwrap());
}

#[test]
fn students_for_whom_there_is_no_seat_are_left_out_rather_than_limits_passed() {
    let mut b = builder(3);
    let course = tight(&mut b);
    for s in 0..10 {
        b.student(&format!("s{s}"), &[course]);
    }
    let problem = Arc::new(b.build().unwrap());
    let plan = run(&Greedy, Plan::new(Arc::clone(&problem)), &context(1, STEPS));
    let report = check(&problem, &plan.timetable.unwrap());
    assert_eq!((report.tally(Rule::Enrolment).hard, report.tally(Rule::ClassLimit).hard), (2, 0));
    assert!(plan.notes.iter().any(|n| n.contains("2 requests")), "{:?}", plan.notes);
}

#[test]
fn a_step_budget_and_a_seed_give_one_result_on_any_number_of_threads() {
    for steps in [500, 5_000, 50_000] {
        let problem = Arc::new(planted(3));
        let result = |threads| {
            let mut ctx = context(7, Budget::Steps(steps));
            ctx.threads = threads;
            let plan = run(&Greedy, Plan::new(Arc::clone(&problem)), &ctx);
            (plan.timetable, plan.score, plan.notes, ctx.stop.steps_used())
        };
        let first = result(1);
        assert!(first.3.unwrap() <= steps);
        assert_eq!(first, result(8));
    }
}

#[test]
fn a_cancelled_run_returns_at_once_with_what_it_has() {
    let cancel = Cancel::default();
    cancel.cancel();
    let mut ctx = context(1, seconds(60));
    ctx.stop = Stop::new(cancel, ctx.stop.budget());
    let start = Instant::now();
    let plan = run(&Greedy, Plan::new(Arc::new(planted(1))), &ctx);
    assert_eq!(plan.score.unwrap().hard, 0);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_given_timetable_comes_back_no_worse() {
    let problem = Arc::new(planted(5));
    let first = run(&Greedy, Plan::new(Arc::clone(&problem)), &context(1, STEPS));
    let mut given = first.timetable.unwrap();
    let again = run(
        &Greedy,
        Plan::new(Arc::clone(&problem)).with_timetable(given.clone(), first.score.unwrap()),
        &context(2, STEPS),
    );
    assert!(again.score <= first.score);
    // Three classes taken away and one moved into another: all are placed again.
    given.placements[..3].fill(Placement::NOWHERE);
    given.placements[3] = Placement { time: 1, ..given.placements[3] };
    let score = check(&problem, &given).score;
    let again = run(&Greedy, Plan::new(problem).with_timetable(given, score), &context(2, STEPS));
    assert!(again.score.unwrap().is_valid());
}

#[test]
fn clusters_decide_the_order_and_not_whether_all_are_placed() {
    let problem = Arc::new(planted(6));
    let n = problem.classes().len() as u32;
    let mut plan = Plan::new(problem);
    plan.clusters =
        Some(Arc::new(pipeline::Clusters { of: (0..n).map(|c| c % 4).collect(), count: 4, colour: vec![0; 4] }));
    assert!(run(&Greedy, plan, &context(1, STEPS)).score.unwrap().is_valid());
}

#[test]
fn too_little_memory_is_said_before_anything_is_done() {
    let mut ctx = context(1, STEPS);
    ctx.ledger = pipeline::Ledger::new(pipeline::Bytes::new(10), pipeline::Bytes::ZERO);
    let refused = Greedy.run(Plan::new(Arc::new(planted(1))), &ctx).expect_err("ten bytes are too few");
    assert!(refused.to_string().contains("10 B of 10 B are free"), "{refused}");
}

/// One of the instances at hand.
#[track_caller]
fn instance(name: &str) -> Option<Arc<Problem>> {
    needs::instance(name).map(|file| Arc::new(stage0_load::load(&file).expect("a sound instance")))
}

#[test]
fn known_instances_get_a_valid_timetable() {
    let names = [
        "cb-ctt/comp01.ctt",
        "cb-ctt/comp05.ctt",
        "itc2019/lums-sum17.xml.gz",
        "itc2019/bet-fal17.xml.gz",
        "itc2019/yach-fal17.xml.gz",
        "pe-ctt/comp-2007-2-8.tim.gz",
        "pe-ctt/comp-2007-2-1.tim.gz",
    ];
    for problem in names.iter().filter_map(|n| instance(n)) {
        let plan = run(&Greedy, Plan::new(problem), &context(1, seconds(60)));
        assert!(plan.score.unwrap().is_valid(), "{}", plan.score.unwrap());
    }
}
