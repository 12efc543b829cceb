//! Stage 2A: clusters to a valid timetable.
//!
//! * [`Greedy`]: hardest class first, then ejection chains until every class has its place.

mod greedy;

pub use greedy::Greedy;
