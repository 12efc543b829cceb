//! Timeslot problems: every possible time of every class is one slot of a common grid (two possible
//! times are the same slot, or do not touch). So are the instances of CB-CTT and PE-CTT, and
//! schools whose sessions all have one length.
//!
//! * [`SlotProblem`]: such a problem as tables and bit rows, by its structure alone.
//! * [`SlotBoard`]: a timetable of it, with its penalty.
//! * [`SlotWalk`]: changes that take along whatever stands in their way, all or nothing, so that a
//!   valid timetable stays valid.

mod board;
mod chain;
mod day_rules;
mod difference;
mod gather;
mod grid;
mod lists;
mod problem;
mod rooms;
mod start;
mod walk;

pub use board::SlotBoard;
pub use problem::{SlotProblem, Unfit};
pub use walk::SlotWalk;
