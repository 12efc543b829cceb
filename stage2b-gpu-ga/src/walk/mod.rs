//! The walk: random changes of a timetable, accepted when they cost no more than chance at the
//! present temperature allows. What annealing and the genetic algorithm share.

mod adopt;
mod brought;
mod chain;
mod domains;
mod eject;
mod enrol;
mod incumbent;
mod kempe;
mod linked;
mod room_paths;
mod schedule;
mod settings;

pub(crate) use brought::Brought;
pub(crate) use chain::{Chain, FIRM, Mix, Weights};
pub(crate) use domains::Domains;
pub(crate) use incumbent::Incumbent;
pub(crate) use moves::fixed::{FACTORS, ONE, Share, share};
pub(crate) use moves::{Draws, LOG2, Schedule, Temperature};
pub(crate) use schedule::since_warmed;
pub use settings::Settings;
