//! Stage 2A: clusters to a valid timetable.
