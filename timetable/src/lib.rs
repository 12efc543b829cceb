//! The problem, a timetable, its score: pure data and rules, no input or output but the mapped
//! block, no threads.
//!
//! * [`Problem`]: what is to be solved, one [`Block`] of plain integers with typed views; made by
//!   [`ProblemBuilder`].
//! * [`Timetable`]: where each class is and which classes each student takes.
//! * [`Kind`]: the constraints; [`Rule`], [`Score`]: what is counted.
//! * [`amend()`]: the problem with something changed.
//! * [`check()`]: the rules as the literature writes them, simple and slow; gives a [`Report`].

#[macro_use]
mod kind;

mod amend;
mod block;
mod board;
mod builder;
mod checker;
mod counts;
mod ids;
mod placement;
mod problem;
mod rows;
mod score;
mod validate;

pub use amend::{Absence, Amended, Amendments, Attendance, NewClass, Widened, amend};
pub use block::{Block, BlockError, VERSION as BLOCK_VERSION};
pub use board::{Board, BoardIndex, BoardTables, ConflictTable, Delta, Seats};
pub use builder::{ClassSpec, ConstraintSpec, Meta, ProblemBuilder};
pub use checker::{
    Cost, Meeting, Report, Tally, Violation, can_attend_both, check, check_costs, pair_holds, violations_of,
};
pub use counts::{MAX_DAY_PLACES, MAX_HARD, MAX_PLACES, MAX_TALLIED};
pub use ids::*;
pub use kind::{Kind, Shape};
pub use placement::{FitError, Placement, Timetable};
pub use problem::{Format, Problem};
pub use rows::*;
pub use score::{Rule, Score};
pub use validate::{MAX_COUNTED_SLOTS, MAX_PENALTY, MAX_WEIGHT};
