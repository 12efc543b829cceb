//! Cools one timeslot problem: `cool FILE MILLIONS SEED [PILOT]`. Prints the penalty and proposals a second.
#![allow(clippy::print_stdout, reason = "a program for people")]

use moves::timeslots::{SlotBoard, SlotProblem, SlotWalk};
use moves::{Cooling, Draws, RUNGS, Schedule, Temperature};
use std::time::Instant;

fn cool(walk: &mut SlotWalk<'_>, cooling: &Cooling, budget: u64, show: bool) -> [i64; RUNGS] {
    let first = walk.proposals();
    std::array::from_fn(|rung| {
        let end = first + (u128::from(budget) * u128::from(cooling.end(rung)) >> 32) as u64;
        let (mut sum, mut n) = (0, 0);
        while walk.proposals() < end && walk.best() > 0 {
            walk.run((end - walk.proposals()).min(256) as u32, cooling.temperature(rung));
            sum += walk.board().penalty();
            n += 1;
        }
        if show && rung % 3 == 0 {
            eprint!("{:.2}:{} ", cooling.temperature(rung).0 as f64 / 65536.0 / 0.6931, walk.board().penalty());
        }
        sum / n.max(1)
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (file, millions, seed) = (&words[0], words[1].parse::<f64>()?, words[2].parse()?);
    let pilot: f64 = words.get(3).map_or(Ok(0.1), |w| w.parse())?;
    let problem = stage0_load::load(std::path::Path::new(file))?;
    let slots = SlotProblem::of(&problem)?;
    let mut walk = SlotWalk::new(SlotBoard::empty(&slots), Draws::new(seed, [0, 0]));
    let begun = Instant::now();
    let whole = walk.fill(100_000_000, &|| begun.elapsed().as_secs() > 60);
    eprintln!("whole: {whole} after {} proposals, {:.2} s", walk.proposals(), begun.elapsed().as_secs_f64());
    let (mut sum, mut n, mut last) = (0i64, 0i64, walk.board().penalty());
    for _ in 0..200_000 {
        walk.run(1, Temperature::new(1e9));
        let now = walk.board().penalty();
        n += i64::from(now != last);
        sum += (now - last).abs();
        last = now;
    }
    let change = sum as f64 / n.max(1) as f64;
    let begun = Instant::now();
    let first = walk.proposals();
    let even = Cooling::even(Schedule::new(12.0 * change, 0.12));
    let means = cool(&mut walk, &even, (millions * 1e6 * pilot) as u64, false);
    let after_pilot = walk.best();
    let cooling = even.measured(&means);
    eprintln!("hot {:.0}, pilot {after_pilot}", 12.0 * change);
    cool(&mut walk, &cooling, (millions * 1e6 * (1.0 - pilot)) as u64, true);
    let seconds = begun.elapsed().as_secs_f64();
    let done = walk.proposals() - first;
    let report = timetable::check(&problem, &walk.best_timetable(&problem));
    println!(
        "\n{file} seed {seed}: best {} ({}), pilot {after_pilot}, {:.0} M proposals, {:.2} M/s, {seconds:.1} s",
        walk.best(),
        report.score,
        done as f64 / 1e6,
        done as f64 / seconds / 1e6
    );
    Ok(())
}
