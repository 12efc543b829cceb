//! Annealing of timeslot problems: from whatever timetable, by steps and by time, on any number of
//! threads.

use pipeline::{Budget, Cancel, Context, Plan, Stage, Stop};
use stage2b_gpu_ga::{Annealing, Genetic, Gpu};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Rng, random_timetable};
use timetable::{Problem, Score, Timetable, check};

fn context(threads: usize, budget: Budget) -> Context {
    Context { threads, ..tests::context(3, budget) }
}

/// A curriculum-based problem of 30 courses with three lectures each, in 30 periods and five rooms:
/// three of five rooms are taken at any time.
fn school() -> Arc<Problem> {
    let mut text = String::from(
        "Name: School\nCourses: 30\nRooms: 5\nDays: 5\nPeriods_per_day: 6\nCurricula: 12\nConstraints: 2\n\nCOURSES:\n",
    );
    let mut rng = Rng::new(4);
    for c in 0..30 {
        let _ = writeln!(text, "c{c} t{} 3 {} {}", c % 14, 2 + c % 2, 20 + rng.below(60));
    }
    text += "\nROOMS:\nr0 30\nr1 45\nr2 60\nr3 75\nr4 80\n\nCURRICULA:\n";
    for q in 0..12 {
        let members: Vec<usize> = (0..4).map(|k| (q * 5 + k * 7) % 30).collect();
        let names: Vec<String> = members.iter().map(|c| format!("c{c}")).collect();
        let _ = writeln!(text, "q{q} 4 {}", names.join(" "));
    }
    text += "\nUNAVAILABILITY_CONSTRAINTS:\nc0 0 0\nc1 4 5\n\nEND.\n";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("school.ctt");
    std::fs::write(&file, text).expect("a file");
    Arc::new(tests::load(&file))
}

fn plan(problem: &Arc<Problem>, timetable: Timetable) -> Plan {
    let score = check(problem, &timetable).score;
    Plan::new(Arc::clone(problem)).with_timetable(timetable, score)
}

fn annealed(annealing: Annealing, plan: &Plan, ctx: &Context) -> (Timetable, Score) {
    let made = annealing.run(plan.clone(), ctx).expect("a plan");
    let timetable = made.timetable.expect("a timetable");
    let score = check(&plan.problem, &timetable).score;
    assert_eq!(made.score, Some(score), "the score claimed is the one that the checker counts");
    (timetable, score)
}

#[test]
fn whatever_it_begins_with_it_ends_valid() {
    let problem = school();
    let nothing = Timetable::empty(&problem);
    let anything = random_timetable(&problem, &mut Rng::new(7));
    for start in [nothing, anything] {
        let plan = plan(&problem, start);
        assert!(!plan.score.unwrap().is_valid());
        let (_, score) = annealed(Annealing::default(), &plan, &context(1, Budget::Steps(400_000)));
        assert!(score.is_valid() && score.penalty < 300, "{score}");
    }
}

#[test]
fn by_steps_the_threads_do_not_matter_and_neither_does_what_is_done_at_once() {
    let plan = plan(&school(), Timetable::empty(&school()));
    for chains in [0, 3] {
        let annealing = Annealing { chains, ..Annealing::default() };
        let with = |threads| annealed(annealing, &plan, &context(threads, Budget::Steps(300_000)));
        assert_eq!(with(1), with(2));
        assert_eq!(with(1), with(5));
    }
}

#[test]
fn a_good_timetable_never_gets_worse_however_few_steps_there_are() {
    let problem = school();
    let empty = plan(&problem, Timetable::empty(&problem));
    let (good, before) = annealed(Annealing::default(), &empty, &context(1, Budget::Steps(1_000_000)));
    for steps in [0, 1, 500, 20_000, 100_000] {
        let (_, after) =
            annealed(Annealing::default(), &plan(&problem, good.clone()), &context(1, Budget::Steps(steps)));
        assert!(after <= before, "{steps}: {before} -> {after}");
    }
    // Warm: from where only small steps are accepted.
    let mut warm = Annealing::default();
    warm.settings.from = 0.6;
    let (_, after) = annealed(warm, &plan(&problem, good), &context(1, Budget::Steps(100_000)));
    assert!(after <= before);
}

#[test]
fn too_few_steps_for_a_whole_timetable_give_the_best_effort() {
    let problem = school();
    let anything = plan(&problem, random_timetable(&problem, &mut Rng::new(8)));
    for steps in [0, 10, 1_000] {
        let (_, after) = annealed(Annealing::default(), &anything, &context(1, Budget::Steps(steps)));
        assert!(after <= anything.score.unwrap());
    }
}

#[test]
fn by_time_it_ends_in_time_on_all_threads_and_at_once_when_it_is_cancelled() {
    let plan = plan(&school(), Timetable::empty(&school()));
    let began = Instant::now();
    let ctx = context(2, Budget::Until(began + Duration::from_millis(400)));
    let (_, score) = annealed(Annealing::default(), &plan, &ctx);
    assert!(score.is_valid(), "{score}");
    let cancel = Cancel::default();
    let budget = Budget::Until(Instant::now() + Duration::from_secs(100));
    let ctx = Context { stop: Stop::new(cancel.clone(), budget), ..ctx };
    std::thread::scope(|threads| {
        let running = threads.spawn(|| annealed(Annealing::default(), &plan, &ctx));
        std::thread::sleep(Duration::from_millis(200));
        cancel.cancel();
        assert!(running.join().expect("no panic").1.is_valid());
    });
    assert!(began.elapsed() < Duration::from_secs(50), "it was cancelled");
}

#[test]
fn the_genetic_algorithm_begins_with_a_whole_timetable() {
    let problem = school();
    let empty = plan(&problem, Timetable::empty(&problem));
    let with = |threads| {
        let ga = Genetic { gpu: Gpu::Off, population: 4, ..Genetic::default() };
        let made = ga.run(empty.clone(), &context(threads, Budget::Steps(200_000))).expect("a plan");
        let score = check(&problem, made.timetable.as_ref().expect("a timetable")).score;
        assert_eq!(made.score, Some(score));
        assert!(score.is_valid(), "{score}");
        (made.timetable, score)
    };
    assert_eq!(with(1), with(3));
}
