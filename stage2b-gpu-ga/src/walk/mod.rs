//! The walk: random changes of a timetable, accepted when they cost no more than chance at the present temperature allows. What
//! annealing and the genetic algorithm share.

mod alike;
mod chain;
mod domains;
mod draws;
mod enrol;
mod fixed;
mod keep;
mod philox;
mod schedule;
mod together;

pub(crate) use chain::{Chain, Mix, Weights};
pub(crate) use domains::Domains;
pub(crate) use draws::{Draws, Temperature};
pub(crate) use schedule::{Schedule, costs};
