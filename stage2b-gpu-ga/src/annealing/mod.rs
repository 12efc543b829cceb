//! Simulated annealing: several walks under one falling temperature.

mod coolings;
mod general;
mod race;
mod stage;
mod timeslots;

pub use stage::Annealing;
