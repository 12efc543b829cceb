//! Simulated annealing: several walks under one falling temperature.

mod stage;

pub use stage::Annealing;
