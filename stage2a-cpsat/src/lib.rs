//! Stage 2A: clusters to a valid timetable.
//!
//! * [`Greedy`]: hardest class first, then ejection chains until every class has its place.
//! * [`CpSat`]: greedy's timetable, cluster by cluster and then neighbourhood by neighbourhood
//!   solved by OR-Tools' CP-SAT.
//! * [`Milp`]: the same by an engine of mixed-integer programming.
//! * [`Bound`]: what no valid timetable can cost less than.
//! * [`FewestByCpSat`]: a timetable in use, made valid with the fewest changes.

mod bound;
mod changes;
#[cfg(test)]
#[path = "../../timetable/tests/common/mod.rs"]
mod common;
mod exact;
mod greedy;
mod milp;
mod model;
pub mod ortools;
mod solve_requests;
pub mod worker;

pub use bound::Bound;
pub use changes::{Fewest, FewestByCpSat};
pub use exact::{CpSat, Milp};
pub use greedy::Greedy;
