//! Generated instances: any size from a seed; the same seed gives the same bytes.

mod campus;
mod campus_counts;
mod campus_courses;
mod campus_students;
mod demo;
mod rng;
#[cfg(test)]
mod tests;

pub use campus::{Campus, RoomSeats, WeekSlots};
pub use campus_counts::Counts;

use crate::csv_folder::Tables;
use timetable::Problem;

/// A public university: [`Campus`] says how large and which variant.
pub fn campus(campus: &Campus) -> Problem {
    campus.tables().problem().expect("generated tables are a problem")
}

/// A small faculty (60 sections, 300 students, 12 rooms) that shows every rule a folder can hold.
pub fn demo(seed: u64) -> Problem {
    demo_tables(seed).problem().expect("generated tables are a problem")
}

/// [`demo`] as tables, to be written as a folder.
pub fn demo_tables(seed: u64) -> Tables {
    demo::tables(seed)
}
