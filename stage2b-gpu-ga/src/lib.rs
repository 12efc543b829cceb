//! Stage 2B: a timetable to a better one.
//!
//! * [`Annealing`]: simulated annealing on the board, one or several chains.
//! * [`Genetic`]: a population of timetables that take over clusters from each other, improved by annealing between generations.

mod annealing;
mod device;
mod genetic;
mod walk;

use pipeline::{Budget, Context};

pub use annealing::Annealing;
pub use device::{FoundDevice, found_device};
pub use genetic::{DeviceFigures, Figures, Genetic, Gpu, measure};
pub use walk::Settings;

/// What is left of a context when so many steps are used.
pub(crate) fn without(ctx: &Context, used: u64) -> Context {
    let left = ctx.stop.steps().map(|n| Budget::Steps(n.saturating_sub(used)));
    Context { stop: left.map_or_else(|| ctx.stop.clone(), |left| ctx.stop.with_budget(left)), ..ctx.clone() }
}
