//! Stage 2B: a timetable to a better one.
//!
//! * [`Annealing`]: simulated annealing on the board, one or several chains.
//! * [`Genetic`]: a population of timetables that take over clusters from each other, improved by
//!   annealing between generations.

mod annealing;
mod device;
mod genetic;

use pipeline::{Budget, Context};

pub use annealing::Annealing;
pub use device::{DeviceError, FoundDevice, NoEngine, TooLarge, found_device};
pub use genetic::{DeviceFigures, Figures, Genetic, Gpu, GpuError, MeasureError, measure};
pub use moves::walk::Settings;

/// What is left of a context when so many steps are used.
pub(crate) fn without(ctx: &Context, used: u64) -> Context {
    let left = ctx.stop.steps().map(|n| Budget::Steps(n.saturating_sub(used)));
    Context { stop: left.map_or_else(|| ctx.stop.clone(), |left| ctx.stop.with_budget(left)), ..ctx.clone() }
}

/// For the notes: how many walks or individuals there were, and, by steps, how many moves they
/// evaluated.
pub(crate) fn how_many(what: &str, n: u64, evaluated: u64, ctx: &Context) -> Option<String> {
    let who = (n > 0).then(|| format!("{n} {what}{}", if n == 1 { "" } else { "s" }));
    let moves = ctx.stop.steps().map(|_| format!("{evaluated} moves evaluated"));
    let both: Vec<String> = who.into_iter().chain(moves).collect();
    (!both.is_empty()).then(|| both.join(", "))
}
