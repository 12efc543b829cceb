//! The folder in memory: one row of a table for one line of a file, references resolved to
//! positions.

use super::calendar::{Calendar, Window};
use super::rules::Rules;

/// A whole folder. Made by reading one, by [`crate::generate`] or from a problem; becomes a problem
/// or a folder again.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// Days, slots, weeks, and the problem's name.
    pub calendar: Calendar,
    /// What holds hard, what costs how much.
    pub rules: Rules,
    /// `rooms.csv`.
    pub rooms: Vec<Room>,
    /// `teachers.csv`.
    pub teachers: Vec<Teacher>,
    /// `students.csv`.
    pub students: Vec<Student>,
    /// `courses.csv`.
    pub courses: Vec<Course>,
    /// `enrolments.csv`: positions of student and course.
    pub enrolments: Vec<(u32, u32)>,
    /// `fixed.csv`.
    pub fixed: Vec<Fixed>,
}

/// A room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// Its id.
    pub id: String,
    /// Seats.
    pub capacity: u32,
    /// What it has, including its type.
    pub features: Vec<String>,
    /// When it cannot be used.
    pub unavailable: Vec<Window>,
    /// Where it was read, 0 if it was not.
    pub line: u64,
}

/// A teacher; what is `None` is as in the rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Teacher {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// When they do not teach.
    pub unavailable: Vec<Window>,
    /// Most slots a day.
    pub max_daily_load: Option<u32>,
    /// Most slots in a row.
    pub max_consecutive: Option<u32>,
    /// Most idle slots a day between the first and the last class.
    pub max_gaps: Option<u32>,
    /// Slots of the day within which there must be a break for lunch.
    pub lunch: Option<(u16, u16)>,
    /// Where they were read, 0 if they were not.
    pub line: u64,
}

/// A student.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Student {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Programme, year or the like; only for people.
    pub group: String,
    /// Where they were read, 0 if they were not.
    pub line: u64,
}

/// Where the sessions of a course can be held.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RoomsWanted {
    /// In any room with seats and features enough.
    #[default]
    Suitable,
    /// No room is needed.
    NoRoom,
    /// In these (positions in [`Tables::rooms`]).
    Listed(Vec<u32>),
}

/// A course, taught in sections that all have the same sessions a week.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The department; only for people.
    pub department: String,
    /// Who teaches section 1, 2, ... (positions in [`Tables::teachers`]); begun again where there
    /// are more sections.
    pub teachers: Vec<Vec<u32>>,
    /// How many sections; `None`: as many as the students need.
    pub sections: Option<u32>,
    /// Most students in a section.
    pub section_size: Option<u32>,
    /// Sessions a week.
    pub sessions: u32,
    /// Slots of each session.
    pub length: u16,
    /// What its rooms must have.
    pub features: Vec<String>,
    /// Where it can be held.
    pub rooms: RoomsWanted,
    /// When it can be held; empty: at any time.
    pub times: Vec<Window>,
    /// Weeks in which it is held, bit 0 the first; 0: all.
    pub weeks: u64,
    /// Where it was read, 0 if it was not.
    pub line: u64,
}

/// A session that is fixed in time, room or both. Numbers count from 1, as in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fixed {
    /// Position in [`Tables::courses`].
    pub course: u32,
    /// Section.
    pub section: u32,
    /// Session of the week.
    pub session: u32,
    /// Day and first slot, from 0.
    pub time: Option<(u16, u16)>,
    /// Position in [`Tables::rooms`].
    pub room: Option<u32>,
    /// Where it was read, 0 if it was not.
    pub line: u64,
}

impl Tables {
    /// How many students each course has.
    pub fn enrolled(&self) -> Vec<u32> {
        let mut enrolled = vec![0; self.courses.len()];
        for &(_, course) in &self.enrolments {
            enrolled[course as usize] += 1;
        }
        enrolled
    }
}

impl Course {
    /// How many sections it has for that many students: as said, or cut to capacity; at least one.
    pub fn sections_for(&self, enrolled: u32) -> u32 {
        let cut = || self.section_size.filter(|&s| s > 0).map_or(1, |size| enrolled.div_ceil(size));
        self.sections.unwrap_or_else(cut).max(1)
    }

    /// Seats that a room for one of its sections must have.
    pub fn seats_for(&self, enrolled: u32) -> u32 {
        match (self.section_size, enrolled) {
            (Some(size), 0) => size,
            (Some(size), n) => size.min(n),
            (None, n) => n.div_ceil(self.sections_for(n)),
        }
    }

    /// Students in one of its sections at most, where there is a limit: where none is given, but
    /// rooms are chosen by their seats, as many as these are chosen for.
    pub fn limit_for(&self, enrolled: u32) -> Option<u32> {
        let by_rooms = self.rooms == RoomsWanted::Suitable && self.sections_for(enrolled) > 1 && enrolled > 0;
        self.section_size.or_else(|| by_rooms.then(|| self.seats_for(enrolled)))
    }

    /// Why a room is none for one of its sessions: `40 seats, 60 are needed`, `no lab`.
    pub fn lacks(&self, room: &Room, enrolled: u32) -> Option<String> {
        let seats = self.seats_for(enrolled);
        let seat = if room.capacity == 1 { "seat" } else { "seats" };
        let few = (room.capacity < seats).then(|| format!("{} {seat}, {seats} are needed", room.capacity));
        let missing: Vec<&str> =
            self.features.iter().filter(|f| !room.features.contains(f)).map(String::as_str).collect();
        let missing = (!missing.is_empty()).then(|| format!("no {}", missing.join(", no ")));
        match (few, missing) {
            (Some(few), Some(missing)) => Some(format!("{few}, and {missing}")),
            (few, missing) => few.or(missing),
        }
    }

    /// Who teaches a section (from 0).
    pub fn teachers_of(&self, section: u32) -> &[u32] {
        if self.teachers.is_empty() { &[] } else { &self.teachers[section as usize % self.teachers.len()] }
    }

    /// Its weeks in a calendar of that many.
    pub fn weeks_in(&self, weeks: u32) -> u64 {
        if self.weeks == 0 { u64::MAX >> (64 - weeks.clamp(1, 64)) } else { self.weeks }
    }
}
