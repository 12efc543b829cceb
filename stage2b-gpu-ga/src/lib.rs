//! Stage 2B: a timetable to a better one.
//!
//! * [`Annealing`]: simulated annealing on the board, one or several chains.
//! * [`Genetic`]: a population of timetables that take over clusters from each other, improved by annealing between generations.

mod annealing;
mod device;
mod genetic;
mod walk;

pub use annealing::Annealing;
pub use device::{FoundDevice, found_device};
pub use genetic::{DeviceFigures, Figures, Genetic, Gpu, measure};
pub use walk::Settings;
