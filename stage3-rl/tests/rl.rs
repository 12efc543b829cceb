//! What `rl` promises, whoever chooses.

use pipeline::{Budget, Plan, Progress, ProgressSink, Stage, StageError};
use stage3_rl::disrupt::inject;
use stage3_rl::{MinConflicts, Rl};
use std::sync::{Arc, Mutex};
use tests::{anywhere, context, plan_of, planted, run};
use timetable::*;

const STEPS: Budget = Budget::Steps(20_000_000);

/// Everybody who chooses.
fn choosers() -> [Rl; 6] {
    [Rl::default(), Rl::untrained(5), Rl::random(), Rl::look_ahead(), Rl::at_once(), Rl::look_further()]
}

/// A valid timetable.
fn solved(problem: &Arc<Problem>, seed: u64) -> Timetable {
    let plan = plan_of(problem, Timetable::empty(problem));
    let plan = MinConflicts.run(plan, &context(seed, STEPS)).expect("a plan");
    assert!(plan.score.expect("a score").is_valid());
    plan.timetable.expect("a timetable")
}

#[test]
fn the_policy_makes_what_is_thrown_together_valid() {
    for seed in 0..20 {
        let problem = Arc::new(planted(seed));
        let plan = plan_of(&problem, anywhere(&problem, seed));
        assert!(plan.score.unwrap().hard > 10);
        let plan = run(&Rl::default(), plan, &context(seed, STEPS));
        assert!(plan.score.unwrap().is_valid(), "seed {seed}: {}", plan.score.unwrap());
    }
}

#[test]
fn nobody_leaves_more_hard_violations_or_unplaced_classes_than_there_were() {
    for seed in 0..12 {
        let problem = Arc::new(planted(seed));
        let home = solved(&problem, seed);
        let broken = inject(&problem, &home, 10, seed).expect("ten conflicts");
        let before = check(&problem, &broken).score;
        for way in choosers() {
            for steps in [0, 100, 3_000, 100_000] {
                for way in [way.clone(), way.clone().in_use()] {
                    let plan = plan_of(&problem, broken.clone());
                    let after = run(&way, plan, &context(seed, Budget::Steps(steps))).score.unwrap();
                    assert!(after.hard <= before.hard && after.unplaced <= before.unplaced, "{}", way.name());
                    assert!(after <= before);
                }
            }
        }
    }
}

#[test]
fn a_valid_timetable_stays_valid_and_costs_no_more() {
    let mut less = 0;
    for seed in 0..10 {
        let problem = Arc::new(planted(seed));
        let home = solved(&problem, seed);
        let before = check(&problem, &home).score;
        let after = run(&Rl::default(), plan_of(&problem, home.clone()), &context(seed, STEPS)).score.unwrap();
        assert!(after.is_valid() && after.penalty <= before.penalty);
        less += usize::from(after.penalty < before.penalty);
        // One that is in use is left alone.
        let plan = run(&Rl::default().in_use(), plan_of(&problem, home.clone()), &context(seed, STEPS));
        assert_eq!(plan.timetable, Some(home));
    }
    assert!(less >= 8, "the penalty of {less} of 10 fell");
}

#[test]
fn the_same_seed_gives_the_same_timetable() {
    for way in choosers() {
        let problem = Arc::new(planted(3));
        let broken = anywhere(&problem, 4);
        let once = |seed| {
            let plan = plan_of(&problem, broken.clone());
            run(&way, plan, &context(seed, Budget::Steps(200_000))).timetable.unwrap()
        };
        assert!(once(1) == once(1) && once(1) != once(2), "{}", way.name());
    }
}

#[test]
fn without_weights_it_is_min_conflicts_and_says_so() {
    let problem = Arc::new(planted(1));
    let broken = anywhere(&problem, 1);
    let folder = std::env::temp_dir().join(format!("stagecoach-weights-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let damaged = folder.join("damaged.safetensors");
    std::fs::write(&damaged, b"no weights at all").unwrap();
    let plain = run(&MinConflicts, plan_of(&problem, broken.clone()), &context(1, STEPS));
    for path in [damaged, folder.join("missing.safetensors")] {
        let plan = run(&Rl::with_weights(&path), plan_of(&problem, broken.clone()), &context(1, STEPS));
        assert_eq!(plan.timetable, plain.timetable);
        let line = &plan.notes[0];
        assert!(
            line.starts_with("min-conflicts instead of rl") && line.contains(&path.display().to_string()),
            "{line}"
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn without_a_timetable_it_says_what_it_lacks() {
    let plan = Plan::new(Arc::new(planted(1)));
    assert!(matches!(Rl::default().run(plan, &context(1, STEPS)), Err(StageError::Lacks(_))));
}

/// What was reported, in its order.
#[derive(Default)]
struct Told(Mutex<Vec<Score>>);

impl ProgressSink for Told {
    fn report(&self, progress: Progress) {
        self.0.lock().unwrap().extend(progress.best);
    }
}

#[test]
fn what_is_reported_gets_better_and_better() {
    let problem = Arc::new(planted(2));
    let broken = anywhere(&problem, 2);
    let told = Arc::new(Told::default());
    let progress: Arc<dyn ProgressSink> = told.clone();
    let ctx = pipeline::Context { progress, ..context(2, STEPS) };
    run(&Rl::default(), plan_of(&problem, broken), &ctx);
    let scores = told.0.lock().unwrap();
    let trouble = |s: &Score| (s.hard + i64::from(s.unplaced), if s.is_valid() { s.penalty } else { 0 });
    assert!(scores.len() > 5 && scores.windows(2).all(|two| trouble(&two[1]) < trouble(&two[0]) || two[1].is_valid()));
}
