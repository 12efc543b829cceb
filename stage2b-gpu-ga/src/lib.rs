//! Stage 2B: a timetable to a better one.
