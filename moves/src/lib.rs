//! What stages that search share.
//!
//! * [`Draws`], [`Temperature`]: random streams by counter, and acceptance in integers: the same on
//!   every machine.
//! * [`Rng`]: random numbers for searches that draw one after the other.
//! * [`exhaustive`]: small problems, searched to their end.
//! * [`timeslots`]: problems whose times all are slots of one grid, and moves that never leave the
//!   valid timetables.

mod cooling;
mod draws;
pub mod exhaustive;
pub mod fixed;
mod philox;
mod rng;
mod schedule;
pub mod timeslots;

pub use cooling::{Cooling, RUNGS, Seen};
pub use draws::{Draws, LOG2, Step, Temperature, below, below16};
pub use rng::Rng;
pub use schedule::Schedule;
