//! The size of a campus.

/// How many of everything a campus has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Departments.
    pub departments: u32,
    /// Courses offered.
    pub offerings: u32,
    /// Sections of all courses.
    pub sections: u32,
    /// Sessions a week of all sections.
    pub sessions: u32,
    /// Students.
    pub students: u32,
    /// Courses taken by students.
    pub enrolments: u32,
    /// Teachers; each has a section, some have two.
    pub teachers: u32,
    /// Rooms.
    pub rooms: u32,
}
