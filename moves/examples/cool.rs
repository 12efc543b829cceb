//! Cools one timeslot problem: `cool FILE MILLIONS FROM TO SEED`. Prints the penalty and proposals a second.
#![allow(clippy::print_stdout, reason = "a program for people")]

use moves::timeslots::{SlotBoard, SlotProblem, SlotWalk};
use moves::{Draws, Temperature};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, millions, from, to, seed] = words.as_slice() else {
        return Err("expected FILE MILLIONS FROM TO SEED".into());
    };
    let problem = stage0_load::load(std::path::Path::new(file))?;
    let slots = SlotProblem::of(&problem)?;
    let mut walk = SlotWalk::new(SlotBoard::empty(&slots), Draws::new(seed.parse()?, [0, 0]));
    let begun = Instant::now();
    let whole = walk.fill(100_000_000, &|| begun.elapsed().as_secs() > 60);
    eprintln!(
        "whole: {whole} after {} proposals, {:.2} s, penalty {}",
        walk.proposals(),
        begun.elapsed().as_secs_f64(),
        walk.best()
    );
    let (all, from, to): (f64, f64, f64) = (millions.parse::<f64>()? * 1e6, from.parse()?, to.parse()?);
    let begun = Instant::now();
    let first = walk.proposals();
    let mut shown = 0;
    loop {
        let done = (walk.proposals() - first) as f64 / all;
        if done >= 1.0 || walk.best() == 0 {
            break;
        }
        let t = from * f64::powf(to / from, done);
        if done * 20.0 >= f64::from(shown) {
            shown += 1;
            eprint!("{t:.2}:{} ", walk.board().penalty());
        }
        walk.run(1024, Temperature::new(t));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let done = walk.proposals() - first;
    let (possible, accepted) = walk.shares();
    let report = timetable::check(&problem, &walk.best_timetable(&problem));
    println!(
        "\n{file} seed {seed}: best {} ({}), {:.0} M proposals, {:.2} M/s, possible {possible:.3}, accepted {accepted:.4}, {seconds:.1} s",
        walk.best(),
        report.score,
        done as f64 / 1e6,
        done as f64 / seconds / 1e6
    );
    Ok(())
}
