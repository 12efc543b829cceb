//! The walk: random changes of a timetable, accepted when they cost no more than chance at the present temperature allows. What
//! annealing and the genetic algorithm share.

mod adopt;
mod alike;
mod chain;
mod domains;
mod eject;
mod enrol;
mod keep;
mod room_paths;
mod schedule;
mod settings;
mod together;

pub(crate) use chain::{Chain, FIRM, Mix, Weights};
pub(crate) use domains::Domains;
pub(crate) use keep::Keep;
pub(crate) use moves::fixed::{FACTORS, ONE, Share, share};
pub(crate) use moves::{Draws, LOG2, Schedule, Temperature};
pub(crate) use schedule::since_warmed;
pub use settings::Settings;
