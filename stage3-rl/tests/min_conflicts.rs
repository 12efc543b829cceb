//! What `min-conflicts` promises.

use pipeline::{Budget, Cancel, Plan, Stage, StageError, Stop};
use stage3_rl::MinConflicts;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tests::{Xorshift, anywhere, builder, context, lone_class, plan_of, planted, run};
use timetable::*;

const STEPS: Budget = Budget::Steps(20_000_000);

fn seconds(n: u64) -> Budget {
    Budget::Until(Instant::now() + Duration::from_secs(n))
}

#[test]
fn a_timetable_thrown_together_is_made_valid() {
    for seed in 0..20 {
        let problem = Arc::new(planted(seed));
        let plan = plan_of(&problem, anywhere(&problem, seed));
        assert!(plan.score.unwrap().hard > 10);
        let plan = run(&MinConflicts, plan, &context(seed, STEPS));
        assert!(plan.score.unwrap().is_valid(), "seed {seed}: {}", plan.score.unwrap());
    }
}

#[test]
fn a_planted_conflict_is_resolved_by_the_only_swap() {
    let mut b = builder(3);
    let room = b.room("r", 10, &[], &[]);
    let [t0, t1] = [0, 1].map(|s| b.time(1, 1, s, 1));
    // Both can be at 0, only the first at 1; the second waits.
    lone_class(&mut b, "a", &[(t0, 0), (t1, 5)], &[(room, 0)]);
    lone_class(&mut b, "b", &[(t0, 0)], &[(room, 0)]);
    let problem = Arc::new(b.build().unwrap());
    let place = |time| Placement { time, room: 0 };
    for second in [Placement::NOWHERE, place(0)] {
        let mut given = Timetable::empty(&problem);
        given.placements = vec![place(0), second];
        let plan = run(&MinConflicts, plan_of(&problem, given), &context(1, STEPS));
        assert_eq!(plan.timetable.unwrap().placements, [place(1), place(0)]);
    }
}

#[test]
fn hard_rules_about_whole_groups_are_repaired() {
    let mut b = builder(10);
    let times: Vec<(TimeId, u32)> = (0..20).map(|i| (b.time(1, 1 << (i / 4), (i % 4) * 2, 2), 0)).collect();
    let classes: Vec<ClassId> = (0..8).map(|i| lone_class(&mut b, &format!("c{i}"), &times, &[])).collect();
    let mut rule = |kind, params: &[u32]| {
        b.constraint(ConstraintSpec { kind, name: "", penalty: None, params, classes: &classes, times: &[] });
    };
    // Four days of two classes of two slots, not next to each other.
    rule(Kind::MaxDayLoad, &[4]);
    rule(Kind::MaxDays, &[4]);
    rule(Kind::MaxBlock, &[2, 0]);
    rule(Kind::NotOverlap, &[]);
    rule(Kind::MinWorkingDays, &[4]);
    let problem = Arc::new(b.build().unwrap());
    for seed in 0..10 {
        let plan = run(&MinConflicts, plan_of(&problem, anywhere(&problem, seed)), &context(seed, STEPS));
        assert!(plan.score.unwrap().is_valid(), "seed {seed}: {}", plan.score.unwrap());
    }
}

/// One course of three classes for two students each; `seats` students.
fn sections(students: usize) -> Arc<Problem> {
    let mut b = builder(3);
    let t = b.time(1, 1, 0, 1);
    let course = b.course("course");
    b.config("");
    b.subpart("");
    for name in ["x", "y", "z"] {
        b.class(ClassSpec { name, limit: Some(2), times: &[(t, 0)], rooms: &[] });
    }
    for s in 0..students {
        b.student(&format!("s{s}"), &[course]);
    }
    Arc::new(b.build().unwrap())
}

#[test]
fn students_without_a_class_and_in_overfull_ones_find_seats() {
    let problem = sections(6);
    let mut given = Timetable::empty(&problem);
    given.placements.fill(Placement { time: 0, room: Placement::NO_ROOM });
    // Five in the first class, one nowhere.
    given.enrolment[..5].fill(0);
    let plan = run(&MinConflicts, plan_of(&problem, given), &context(1, STEPS));
    assert!(plan.score.unwrap().is_valid(), "{}", plan.score.unwrap());
}

#[test]
fn where_seats_are_too_few_nothing_gets_worse_and_the_rest_is_repaired() {
    let problem = sections(7);
    let mut given = Timetable::empty(&problem);
    given.placements.fill(Placement { time: 0, room: Placement::NO_ROOM });
    given.enrolment[..4].fill(0);
    let plan = run(&MinConflicts, plan_of(&problem, given), &context(1, STEPS));
    // Six have seats; the seventh either has none or sits in a full class.
    assert_eq!(plan.score.unwrap().hard, 1);
}

#[test]
fn it_never_returns_worse_than_it_was_given() {
    for seed in 0..20 {
        let problem = Arc::new(planted(seed));
        let mut d = Xorshift::new(seed);
        let mut given = anywhere(&problem, seed);
        for _ in 0..d.below(30) {
            given.placements[d.below(problem.classes().len())] = Placement::NOWHERE;
        }
        let plan = plan_of(&problem, given);
        let before = plan.score.unwrap();
        for steps in [0, 10, 300, 3_000] {
            let after = run(&MinConflicts, plan.clone(), &context(seed, Budget::Steps(steps))).score.unwrap();
            assert!(after <= before && after.hard <= before.hard && after.unplaced <= before.unplaced);
        }
    }
}

#[test]
fn a_timetable_that_cannot_be_repaired_comes_back_no_worse_and_soon() {
    let mut b = builder(3);
    let t = b.time(1, 1, 0, 1);
    let room = b.room("r", 10, &[t], &[]);
    lone_class(&mut b, "never", &[(t, 0)], &[(room, 0)]);
    let problem = Arc::new(b.build().unwrap());
    let start = Instant::now();
    let plan = run(&MinConflicts, plan_of(&problem, Timetable::empty(&problem)), &context(1, seconds(60)));
    assert_eq!(plan.score.unwrap().unplaced, 1);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_valid_timetable_is_returned_as_it_is_with_a_note() {
    let problem = sections(0);
    let mut given = Timetable::empty(&problem);
    given.placements.fill(Placement { time: 0, room: Placement::NO_ROOM });
    let ctx = context(1, seconds(60));
    let plan = run(&MinConflicts, plan_of(&problem, given.clone()), &ctx);
    assert_eq!(plan.timetable, Some(given));
    assert_eq!(plan.notes, ["nothing to repair"]);
    assert_eq!(ctx.stop.steps_used(), Some(0));
}

#[test]
fn a_step_budget_and_a_seed_give_one_result_on_any_number_of_threads() {
    for steps in [50, 1_000, 10_000] {
        let problem = Arc::new(planted(3));
        let result = |threads| {
            let mut ctx = context(7, Budget::Steps(steps));
            ctx.threads = threads;
            let plan = run(&MinConflicts, plan_of(&problem, anywhere(&problem, 1)), &ctx);
            (plan.timetable, plan.score, plan.notes, ctx.stop.steps_used())
        };
        let first = result(1);
        assert!(first.3.unwrap() <= steps);
        assert_eq!(first, result(8));
    }
}

#[test]
fn a_cancelled_repair_returns_what_it_was_given() {
    let problem = Arc::new(planted(1));
    let given = anywhere(&problem, 1);
    let cancel = Cancel::default();
    cancel.cancel();
    let mut ctx = context(1, seconds(60));
    ctx.stop = Stop::new(cancel, ctx.stop.budget());
    assert_eq!(run(&MinConflicts, plan_of(&problem, given.clone()), &ctx).timetable, Some(given));
}

#[test]
fn without_a_timetable_there_is_nothing_to_repair() {
    let plan = Plan::new(sections(1));
    assert!(matches!(MinConflicts.run(plan, &context(1, STEPS)), Err(StageError::Lacks(_))));
}

/// One of the instances at hand.
#[track_caller]
fn instance(name: &str) -> Option<Arc<Problem>> {
    needs::instance(name).map(|file| Arc::new(stage0_load::load(&file).expect("a sound instance")))
}

#[test]
fn known_instances_thrown_together_are_made_valid() {
    for name in
        ["cb-ctt/comp01.ctt", "itc2019/lums-sum17.xml.gz", "itc2019/wbg-fal10.xml.gz", "pe-ctt/comp-2007-2-8.tim.gz"]
    {
        let Some(problem) = instance(name) else { continue };
        let plan = run(&MinConflicts, plan_of(&problem, anywhere(&problem, 1)), &context(1, seconds(120)));
        assert!(plan.score.unwrap().is_valid(), "{name}: {}", plan.score.unwrap());
    }
}
