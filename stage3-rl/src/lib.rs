//! Stage 3: conflicts resolved.
//!
//! * [`MinConflicts`]: a class in conflict moves to where it conflicts least, again and again.

mod min_conflicts;

pub use min_conflicts::MinConflicts;
