//! The campus: a public university with the proportions of a real one.
//!
//! At scale 1: 1,332 offerings cut into 2,494 sections of 30 to 60 students, 8,305 sessions a week,
//! 19,058 students with 117,716 enrolments (47.2 a section, 6.2 a student, 25 to 30 % outside their
//! department), 2,320 teachers, 127 departments, 1,147 rooms. Every count is exact, and scaled and
//! rounded at other scales.

use super::campus_counts::Counts;
use super::campus_courses::{self, Offering};
use super::campus_students::{self, Cohort};
use super::rng::Rng;
use crate::csv_folder::{Calendar, Course, Hold, Room, Rules, Student, Tables, Teacher};

/// Seats of the rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomSeats {
    /// 60 in every room.
    Sixty,
    /// 30 to 100, every number about equally often.
    ThirtyToHundred,
}

/// Slots of the week, six days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeekSlots {
    /// Nine a day.
    FiftyFour,
    /// Eight a day.
    FortyEight,
}

/// Which campus to generate.
#[derive(Clone, Copy, Debug)]
pub struct Campus {
    /// Another seed, another campus.
    pub seed: u64,
    /// Factor of all counts; taken within 0.01 to 10.
    pub scale: f64,
    /// Slots of the week.
    pub slots: WeekSlots,
    /// Seats of the rooms.
    pub rooms: RoomSeats,
    /// Weeks of the term, 1 to 64; every session is held in each of them.
    pub weeks: u32,
}

impl Campus {
    /// At scale 1, 54 slots, rooms of 60, 15 weeks.
    pub fn new(seed: u64) -> Campus {
        Campus { seed, scale: 1.0, slots: WeekSlots::FiftyFour, rooms: RoomSeats::Sixty, weeks: 15 }
    }

    /// The counts at this scale.
    pub fn counts(&self) -> Counts {
        let scale = self.scale.clamp(0.01, 10.0);
        let scaled = |n: u32| ((f64::from(n) * scale).round() as u32).max(1);
        let sections = scaled(2_494);
        Counts {
            departments: scaled(127),
            offerings: scaled(1_332),
            sections,
            sessions: scaled(8_305),
            students: scaled(19_058),
            enrolments: (u64::from(sections) * 472 / 10) as u32,
            teachers: scaled(2_320).min(sections),
            rooms: scaled(1_147),
        }
    }

    /// The campus as tables, to be written as a folder or made a problem.
    pub fn tables(&self) -> Tables {
        let counts = self.counts();
        let offerings = campus_courses::offerings(self.seed, &counts);
        let cohorts = campus_students::cohorts(self.seed, &counts, &offerings);
        let enrolments = campus_students::enrol(self.seed, &counts, &offerings, &cohorts);
        let slots = if self.slots == WeekSlots::FiftyFour { 9 } else { 8 };
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].map(str::to_owned).to_vec();
        let calendar = Calendar {
            name: format!("campus-{}", self.seed),
            weeks: self.weeks.clamp(1, 64),
            days,
            slots: Calendar::hourly(8 * 60, 50, 10, slots),
            term: None,
        };
        let mut rules = Rules { same_room: Hold::Costs(1), ..Rules::default() };
        rules.teachers.max_daily_load = Some(6);
        rules.teachers.max_consecutive = Some(4);
        Tables {
            calendar,
            rules,
            rooms: rooms(self.seed, self.rooms, counts.rooms),
            teachers: (0..counts.teachers).map(|i| teacher(i as usize)).collect(),
            students: students(&cohorts),
            courses: courses(self.seed, &counts, &offerings),
            enrolments,
            fixed: Vec::new(),
        }
    }
}

fn rooms(seed: u64, seats: RoomSeats, n: u32) -> Vec<Room> {
    let mut rng = Rng::new(seed, 10);
    let mut capacities: Vec<u32> = match seats {
        RoomSeats::Sixty => vec![60; n as usize],
        // From 100 downwards, so that even a handful of rooms has one that is large enough for any
        // section.
        RoomSeats::ThirtyToHundred => (0..n).map(|i| 100 - (u64::from(i) * 71 / u64::from(n)) as u32).collect(),
    };
    rng.shuffle(&mut capacities);
    let room = |(i, capacity)| Room { id: format!("r{:04}", i + 1), capacity, ..Room::default() };
    capacities.into_iter().enumerate().map(room).collect()
}

fn teacher(i: usize) -> Teacher {
    Teacher { id: format!("t{:05}", i + 1), name: format!("Teacher {}", i + 1), ..Teacher::default() }
}

fn students(cohorts: &[Cohort]) -> Vec<Student> {
    let groups = cohorts.iter().flat_map(|c| std::iter::repeat_n(c, c.size as usize));
    let student = |(i, c): (usize, &Cohort)| Student {
        id: format!("s{:06}", i + 1),
        name: format!("Student {}", i + 1),
        group: format!("d{:03}-{}", c.department + 1, c.stage + 1),
        line: 0,
    };
    groups.enumerate().map(student).collect()
}

/// Every teacher gets a section; what is left over are second sections, always the one after the
/// teacher's first.
fn courses(seed: u64, counts: &Counts, offerings: &[Offering]) -> Vec<Course> {
    let mut rng = Rng::new(seed, 11);
    // 1 where a section has a teacher of its own, 0 where it has that of the section before: never
    // two zeros in a row.
    let mut begins = vec![1u32; counts.sections as usize];
    let mut odd: Vec<usize> = (1..begins.len()).step_by(2).collect();
    rng.shuffle(&mut odd);
    for &i in odd.iter().take((counts.sections - counts.teachers) as usize) {
        begins[i] = 0;
    }
    let mut next_section = 0;
    let mut teachers_so_far = 0u32;
    let mut out: Vec<Course> = Vec::new();
    let mut number = 0;
    for (i, o) in offerings.iter().enumerate() {
        number = if i > 0 && offerings[i - 1].department == o.department { number + 1 } else { 1 };
        let mut teachers = Vec::new();
        for _ in 0..o.sections {
            teachers_so_far += begins[next_section];
            next_section += 1;
            teachers.push(vec![teachers_so_far - 1]);
        }
        // Room for one in twenty more than there are, so that students can change sections.
        let size = (o.enrolled * 21).div_ceil(o.sections * 20).min(60);
        out.push(Course {
            id: format!("d{:03}-{:02}", o.department + 1, number),
            name: format!("Course {number} of department {}", o.department + 1),
            department: format!("d{:03}", o.department + 1),
            teachers,
            sections: Some(o.sections),
            section_size: Some(size),
            sessions: o.sessions,
            length: 1,
            ..Course::default()
        });
    }
    out
}
