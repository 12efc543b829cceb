//! The problem, a timetable, its score: pure data and rules.
