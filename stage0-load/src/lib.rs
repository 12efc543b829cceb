//! Stage 0: files to a problem, a timetable to files, generated instances.

mod fault;

pub use fault::{Fault, FaultLog, Faults};
