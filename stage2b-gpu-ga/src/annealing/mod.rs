//! Simulated annealing: random changes, accepted when they cost no more than chance at the present temperature allows.

mod alike;
mod chain;
mod domains;
mod enrol;
mod keep;
mod random;
mod schedule;
mod stage;
mod together;

pub use stage::{Annealing, Settings};
