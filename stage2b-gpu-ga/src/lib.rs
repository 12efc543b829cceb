//! Stage 2B: a timetable to a better one.
//!
//! * [`Annealing`]: simulated annealing on the board, one or several chains.

mod annealing;
mod walk;

pub use annealing::{Annealing, Settings};
