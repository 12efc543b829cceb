//! Simulated annealing: random changes, accepted when they cost no more than chance at the present temperature allows.

mod chain;
mod domains;
mod enrol;
mod keep;
mod random;
mod schedule;
mod stage;

pub use stage::{Annealing, Settings};
