//! The genetic algorithm: a population of timetables that walk under one falling temperature, and
//! take over clusters from each other.

mod bench;
mod evolve;
mod parts;
mod population;
mod restart;
mod run;
mod stage;
mod width;

pub use bench::{DeviceFigures, Figures, MeasureError, measure};
pub(crate) use parts::Parts;
pub(crate) use population::Shape;
pub use stage::{Genetic, Gpu, GpuError};
#[cfg(test)]
pub(crate) use {
    bench::NeverStops,
    evolve::{Common, Evolution, GenerationBudget, Worker},
    run::{EvolutionOutcome, evolve},
};
