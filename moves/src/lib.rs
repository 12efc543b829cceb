//! What stages that search share.
//!
//! * [`Draws`], [`Temperature`]: random streams by counter, and acceptance in integers: the same on
//!   every machine.
//! * [`Rng`]: random numbers for searches that draw one after the other; [`Sample`]: a few of many
//!   by chance.
//! * [`Incumbent`]: the best timetable so far. [`Journal`]: what a search has changed and may take
//!   back. [`Tabu`]: where classes do not go back to.
//! * [`enrolments`]: other classes for a student.
//! * [`walk`]: moves accepted by temperature, for annealing and the genetic algorithm.
//! * [`SearchState`]: the board with its conflict table, for searches that go where least is in the
//!   way: greedy, min-conflicts, `rl` and `fewest-changes`.
//! * [`exhaustive`]: small problems, searched to their end.
//! * [`timeslots`]: problems whose times all are slots of one grid, and moves that never leave the
//!   valid timetables.

mod cooling;
mod draws;
pub mod enrolments;
pub mod exhaustive;
pub mod fixed;
mod incumbent;
mod journal;
mod philox;
mod rng;
mod sample;
mod schedule;
mod search_state;
mod tabu;
pub mod timeslots;
pub mod walk;

pub use cooling::{Cooling, RUNGS, Seen};
pub use draws::{Draws, LOG2, Step, Temperature, below, below16};
pub use incumbent::Incumbent;
pub use journal::{Changeable, Changed, Journal};
pub use rng::Rng;
pub use sample::Sample;
pub use schedule::Schedule;
pub use search_state::SearchState;
pub use tabu::Tabu;
