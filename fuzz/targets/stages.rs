//! A small problem, and the stages that work inside this process: what each claims is what the
//! checker finds, and no worse than what it was given. The first byte says how the problem is
//! written: as ITC-2019, CB-CTT, PE-CTT, or as changes of a random one.
#![no_main]

// Of its crate alone, as the rest of it takes long to build.
#[path = "../../stage2a-cpsat/src/greedy/mod.rs"]
mod greedy;

use pipeline::{Budget, Bytes, Cancel, Context, Ledger, NoProgress, Plan, Stage, Stop};
use stage1_louvain::{Components, Leiden, Louvain};
use stage2b_gpu_ga::{Annealing, Genetic, Gpu};
use stage3_rl::{FewestChanges, MinConflicts, Rl};
use std::sync::{Arc, LazyLock};
use timetable::{Format, Problem, Score, Timetable, check};

const STEPS: u64 = 300;

/// One after the other, from nothing on.
static IN_TURN: LazyLock<[Box<dyn Stage>; 7]> = LazyLock::new(|| {
    [
        Box::new(Louvain { min: 2, max: 6 }),
        Box::new(greedy::Greedy),
        Box::new(Genetic { population: 3, generations: 4, gpu: Gpu::Off, ..Genetic::default() }),
        Box::new(Leiden { min: 2, max: 6 }),
        Box::new(Components),
        Box::new(Rl::default()),
        Box::new(MinConflicts),
    ]
});

/// Each by itself, on a timetable in which nothing need hold.
static ALONE: LazyLock<[Box<dyn Stage>; 5]> = LazyLock::new(|| {
    [
        Box::new(greedy::Greedy),
        Box::new(Annealing::default()),
        Box::new(MinConflicts),
        Box::new(FewestChanges::default()),
        Box::new(Rl::default()),
    ]
});

fn judge(problem: &Problem, timetable: &Timetable) -> Score {
    check(problem, timetable).score
}

fn run(stages: &[Box<dyn Stage>], mut plan: Plan) -> Plan {
    for stage in stages {
        let ctx = Context {
            seed: 1,
            stop: Stop::new(Cancel::default(), Budget::Steps(STEPS)),
            ledger: Ledger::new(Bytes::gib(64), Bytes::ZERO),
            threads: 1,
            progress: Arc::new(NoProgress),
            best: Arc::new(NoProgress),
            work_folder: std::env::temp_dir(),
            judge: pipeline::checker(),
        };
        let made = stage.run(plan.clone(), &ctx).unwrap_or_else(|why| panic!("{}: {why}", stage.name()));
        // Greedy takes up a timetable, but need not make it better where hard rules are broken
        // already.
        let given = if stage.name() == "greedy" { Plan::new(plan.problem) } else { plan };
        pipeline::confirm(&given, &made, &judge).unwrap_or_else(|why| panic!("{}: {why}", stage.name()));
        plan = made;
    }
    plan
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((&how, data)) = data.split_first() else { return };
    let problem = match how % 4 {
        0 => fuzz::read(data, Format::Itc2019),
        1 => fuzz::read(data, Format::CbCtt),
        2 => fuzz::read(data, Format::PeCtt),
        _ => fuzz::forged(&fuzz::random(data), data.get(2..).unwrap_or_default()),
    };
    let Some(problem) = problem.filter(fuzz::is_small).map(Arc::new) else { return };
    let made = run(&*IN_TURN, Plan::new(problem.clone()));
    let timetable = fuzz::any_timetable(&problem, data.len() as u64);
    assert_eq!(timetable.fits(&problem), Ok(()));
    let score = judge(&problem, &timetable);
    let plan = Plan { clusters: made.clusters, ..Plan::new(problem) }.with_timetable(timetable, score);
    for stage in ALONE.chunks(1) {
        run(stage, plan.clone());
    }
});
