//! What stages that search share.
//!
//! * [`Draws`], [`Temperature`]: random streams by counter, and acceptance in integers: the same on every machine.
//! * [`exhaustive`]: small problems, searched to their end.
//! * [`timeslots`]: problems whose times all are slots of one grid, and moves that never leave the valid timetables.

mod cooling;
mod draws;
pub mod exhaustive;
pub mod fixed;
mod philox;
mod schedule;
pub mod timeslots;

pub use cooling::{Cooling, RUNGS, Seen};
pub use draws::{Draws, LOG2, Step, Temperature, below, below16};
pub use schedule::Schedule;
