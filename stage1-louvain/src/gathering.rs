//! What is gathered while a conflict graph is built, and in which currency.

use crate::edges::PairSums;

/// The weight of one student shared.
pub const UNIT: u64 = 256;
/// The weight of a hard constraint shared: as much as forty students.
pub const HARD: u64 = 40 * UNIT;

/// What is gathered while the graph is built.
pub(crate) struct Gathering<'a> {
    pub(crate) pairs: PairSums<'a>,
    pub(crate) wide_groups: Vec<Vec<u32>>,
    pub(crate) wide_courses: Vec<Vec<u32>>,
    pub(crate) wide_pairs: Vec<(u32, u32)>,
}
