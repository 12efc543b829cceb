//! The checker against evaluators written by others, on timetables of every sort: valid, nearly
//! valid, with classes left out, and random ones in which every rule is broken a thousand times.
//!
//! Runs over the instances in `STAGECOACH_INSTANCES` (or `../shared/instances` beside the
//! workspace) and the evaluators in `STAGECOACH_TOOLS` (or `../shared/tools`): a few timetables of
//! a few small instances, with `STAGECOACH_SLOW=1` more of all of them, with
//! `STAGECOACH_TIMETABLES=n` n of each. Without them there is nothing to do.

use std::{env, sync::Arc};

use pipeline::{Budget, Plan, Stage};
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::Annealing;
use tests::*;
use timetable::*;

const SMALL: [&str; 5] = ["comp01", "comp05", "lums-sum17", "wbg-fal10", "bet-sum18"];

fn timetables_wanted() -> u64 {
    let default = if is_slow() { 24 } else { 8 };
    env::var("STAGECOACH_TIMETABLES").map_or(default, |n| n.parse().expect("a number"))
}

fn stage(stage: &dyn Stage, plan: Plan, seed: u64, steps: u64) -> Plan {
    let context = context(seed, Budget::Steps(steps));
    stage.run(plan, &context).expect("a timetable")
}

/// Some classes elsewhere, every other time some nowhere; some students in other classes, some in
/// none.
fn disturb(problem: &Problem, timetable: &mut Timetable, rng: &mut Rng) {
    let leave_out = rng.below(2) == 0;
    for _ in 0..1 + rng.below(20) {
        let class = ClassId::new(rng.below(problem.classes().len()));
        let nowhere = leave_out && rng.below(3) == 0;
        timetable.placements[class.index()] =
            if nowhere { Placement::NOWHERE } else { random_placement(problem, class, rng) };
        if !problem.requests().is_empty() {
            let request = RequestId::new(rng.below(problem.requests().len()));
            let places = &mut timetable.enrolment[problem.requests()[request.index()].slots.range()];
            match rng.below(5) {
                0 => places.fill(NONE),
                _ => places.copy_from_slice(&random_enrolment(problem, request, rng)),
            }
        }
    }
}

/// Timetables of every instance of a family, each with what the checker and the evaluator say.
fn compare(family: &str, evaluator: &str, agree: impl Fn(&Report, &serde_json::Value)) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("solution");
    for instance in instances(family) {
        if !is_slow() && !SMALL.contains(&name(&instance).as_str()) {
            continue;
        }
        let Some(mut evaluator) = Evaluator::start(evaluator, &instance) else { return };
        let problem = Arc::new(load(&instance));
        let mut plan = stage(&Greedy, Plan::new(Arc::clone(&problem)), 1, 3_000_000);
        let (mut valid, wanted) = (0, timetables_wanted());
        for i in 0..wanted {
            let mut rng = Rng::new(i);
            let timetable = match i % 4 {
                0 => random_timetable(&problem, &mut rng),
                1 => {
                    let mut timetable = plan.timetable.clone().expect("a timetable");
                    disturb(&problem, &mut timetable, &mut rng);
                    timetable
                }
                _ => {
                    plan = stage(&Annealing::default(), plan, i, 3_000);
                    plan.timetable.clone().expect("a timetable")
                }
            };
            stage0_load::write_solution(&problem, &timetable, &file, &Default::default()).unwrap();
            let report = check(&problem, &timetable);
            valid += u64::from(report.score.is_valid());
            agree(&report, &evaluator.verdict(&file));
        }
        eprintln!("{}: {wanted} timetables, {valid} valid", name(&instance));
        assert!(valid > 0 && valid < wanted, "{}: both sorts are wanted", instance.display());
    }
}

fn hard(verdict: &serde_json::Value) -> i64 {
    verdict["hard_count"].as_i64().expect("a number")
}

#[test]
fn the_checker_agrees_with_the_evaluator_of_itc_2019() {
    compare("itc2019", "eval_itc2019.py", |report, verdict| {
        assert_eq!(report.score.penalty, verdict["total"].as_i64().unwrap(), "{verdict}");
        for (rule, key) in
            [(Rule::TimePenalty, "time"), (Rule::RoomPenalty, "room"), (Rule::StudentConflict, "student")]
        {
            assert_eq!(report.tally(rule).penalty, verdict[key].as_i64().unwrap(), "{rule}");
        }
        // The evaluator counts a hard group constraint once, and a class with too many students
        // once; otherwise as the checker does.
        let entries = |v: &Violation| if v.rule == Rule::RoomUnavailable { v.amount } else { 1 };
        let counted: i64 = report.violations.iter().filter(|v| v.rule != Rule::Unplaced).map(entries).sum();
        // A class without a time is in no solution file, so that for the evaluator its students are
        // not enrolled.
        if report.score.unplaced == 0 {
            assert_eq!(counted, hard(verdict));
        }
        assert_eq!(u64::from(report.score.unplaced), verdict["unassigned"].as_u64().unwrap());
    });
}

#[test]
fn the_checker_agrees_with_the_evaluator_of_cb_ctt() {
    compare("cb-ctt", "eval_cbctt.py", |report, verdict| {
        assert_eq!(report.score.penalty, verdict["total"].as_i64().unwrap(), "{verdict}");
        let part = |kind| report.tally(Rule::Constraint(kind)).penalty;
        let parts = [
            (Kind::MinWorkingDays, "min_days"),
            (Kind::IsolatedLectures, "compactness"),
            (Kind::RoomStability, "stability"),
        ];
        for (kind, key) in parts {
            assert_eq!(part(kind), verdict[key].as_i64().unwrap(), "{kind}");
        }
        // It counts clashes of a period together, so only whether there are any is the same.
        assert_eq!(report.score.is_valid(), hard(verdict) == 0);
    });
}
