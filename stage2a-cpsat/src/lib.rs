//! Stage 2A: clusters to a valid timetable.
//!
//! * [`Greedy`]: hardest class first, then ejection chains until every class has its place.
//! * [`CpSat`]: greedy's timetable, cluster by cluster and then neighbourhood by neighbourhood solved by OR-Tools' CP-SAT.

mod cpsat;
mod greedy;
mod luck;
mod model;
pub mod ortools;
pub mod worker;

pub use cpsat::CpSat;
pub use greedy::Greedy;
