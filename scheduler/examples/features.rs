//! The features of problems, by which settings may be chosen (`[[when]]` in `stagecoach.toml`).
//!
//!     cargo run --release --example features -- INPUT...

use scheduler::FEATURES;
use std::{env, error::Error, io::Write, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for input in env::args().skip(1) {
        let problem = scheduler::load(Path::new(&input))?.problem;
        let of = |feature: &scheduler::Feature| format!("{} {:.4}", feature.name, feature.of(&problem));
        writeln!(out, "{input}: {}", FEATURES.iter().map(of).collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}
