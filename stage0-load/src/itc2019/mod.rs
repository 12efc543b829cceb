//! ITC-2019: problems and solutions as XML (Müller, Rudová, Müllerová: "University course
//! timetabling and International Timetabling Competition 2019").

mod bits;
mod courses;
mod distributions;
mod load;
mod quotes;
mod rooms;
mod solution;
mod students;
mod write_problem;
mod write_solution;
mod written_time;
mod xml;

pub(crate) use load::load;
pub(crate) use solution::read_solution;
pub(crate) use write_problem::{obstacles, write_problem};
pub(crate) use write_solution::write_solution;
