//! Bytes of what grows with the input, as asked for and as held:
//! `cargo bench -p tests --bench sizes -- FILE...`.

#![allow(clippy::print_stdout)] // its table is what it is for

use std::{path::Path, sync::Arc, time::Duration};

use pipeline::{Budget, Bytes, Cancel, Context, Ledger, NoProgress, Plan, Stage, Stop};
use stage2a_cpsat::Greedy;
use stage2b_gpu_ga::Annealing;
use stage3_rl::MinConflicts;
use timetable::*;

fn main() {
    for file in std::env::args().skip(1).filter(|a| !a.starts_with('-')) {
        let problem = Arc::new(stage0_load::load(Path::new(&file)).unwrap_or_else(|e| panic!("{e}")));
        let ledger = Ledger::new(Bytes::gb(4), Bytes::ZERO);
        let context = Context {
            seed: 1,
            stop: Stop::new(Cancel::default(), Budget::Until(std::time::Instant::now() + Duration::from_secs(5))),
            ledger: ledger.clone(),
            threads: 1,
            progress: Arc::new(NoProgress),
            best: Arc::new(NoProgress),
            work_folder: std::env::temp_dir(),
            judge: pipeline::checker(),
        };
        let plan = Greedy.run(Plan::new(Arc::clone(&problem)), &context).expect("a timetable");
        let timetable = plan.timetable.as_ref().expect("a timetable");
        let board = Board::with(&problem, Arc::new(BoardIndex::new(&problem)), timetable);
        let row = |what: &str, asked: u64, held: Option<u64>| {
            let held = held.map_or_else(|| "-".to_owned(), |held| Bytes::new(held).to_string());
            println!("{what:<28} {:>10} {held:>10}", Bytes::new(asked).to_string());
        };
        println!("\n{file}\n{:<28} {:>10} {:>10}", "", "asked", "held");
        let block = problem.block().bytes().len() as u64;
        row("problem (block)", block, Some(block));
        let own = 4 * (timetable.placements.len() + timetable.enrolment.len()) as u64;
        row("timetable", own, Some(own));
        row("board index", BoardIndex::max_bytes(&problem), Some(board.index().bytes()));
        row("board", Board::max_bytes(&problem), Some(board.bytes()));
        row("conflict table", ConflictTable::max_bytes(&problem), None);
        for stage in [&Greedy as &dyn Stage, &Annealing::default(), &MinConflicts] {
            row(&format!("stage {}", stage.name()), stage.memory(&plan).least, None);
        }
        row("promised by greedy", ledger.peak().get(), None);
    }
}
