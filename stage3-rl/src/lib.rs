//! Stage 3: conflicts resolved.
//!
//! * [`MinConflicts`]: a class in conflict moves to where it conflicts least, again and again.
//! * [`Rl`]: a policy that was trained chooses how each conflict is resolved.
//! * [`FewestChanges`]: as few classes as possible move, for a timetable that is in use.

mod bench;
mod changes;
pub mod disrupt;
mod enrolments;
mod fewest_changes;
mod learned;
mod luck;
mod mend;
mod min_conflicts;
mod suspects;
#[cfg(feature = "train")]
pub mod training;

pub use changes::{Order, changed_students};
pub use fewest_changes::{FewestChanges, Mended};
pub use learned::{FEATURES, Group, Moves, Rl};
pub use min_conflicts::MinConflicts;
