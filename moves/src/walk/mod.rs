//! The walk: random changes of a timetable, accepted when they cost no more than chance at the
//! present temperature allows. Annealing and the genetic algorithm walk.
//!
//! The moves, each in a file of its own: a class goes elsewhere, or exchanges its place with
//! another (`relocate`); a student takes other classes (`students`); Kempe chains, and classes that
//! shall be alike move together (`kempe`, `linked`); ejection chains (`eject`); rooms by augmenting
//! paths (`room_paths`); a cluster as another timetable has it (`adopt`).
//!
//! These ejection chains are one level deep and drawn by the thousand. The other two searches that
//! have some look for other things: those of greedy follow the weights of a conflict table and
//! never take anything back (Nagata and Bräysy); those of `fewest-changes` are searched to their
//! end for the fewest changes. What all three need, they share: the
//! [journal](crate::Journal), the [incumbent](crate::Incumbent).

mod adopt;
mod brought;
mod chain;
mod domains;
mod eject;
mod kempe;
mod linked;
mod relocate;
mod room_paths;
mod schedule;
mod settings;
mod students;
mod weights;

pub use brought::Brought;
pub use chain::Chain;
pub use domains::Domains;
pub use linked::LinkedClasses;
pub use schedule::since_warmed;
pub use settings::Settings;
pub use weights::{FIRM, Mix, Weights};
