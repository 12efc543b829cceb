//! Simulated annealing: several walks under one falling temperature.

mod stage;
mod timeslots;

pub use stage::Annealing;
