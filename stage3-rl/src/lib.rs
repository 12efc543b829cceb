//! Stage 3: conflicts resolved.
//!
//! * [`MinConflicts`]: a class in conflict moves to where it conflicts least, again and again.
//! * [`Rl`]: a policy that was trained chooses how each conflict is resolved.
//! * [`FewestChanges`]: as few classes as possible move, for a timetable that is in use.

mod changes;
mod conflicting;
pub mod disrupt;
mod enrolments;
mod fewest_changes;
mod learned;
mod min_conflicts;
mod repair_state;
mod tracked_repair;
#[cfg(feature = "train")]
pub mod training;

pub use changes::{Order, changed_students};
pub use fewest_changes::{FewestChanges, Repaired};
pub use learned::{FEATURES, Group, Moves, Rl};
pub use min_conflicts::MinConflicts;

/// The stage's own stream of a run's seed.
const STREAM: u64 = 0x0300;

/// The stage's random numbers for a seed.
pub(crate) fn rng(seed: u64) -> moves::Rng {
    moves::Rng::new(seed, STREAM)
}
