//! What a change would cost.

use std::ops::{Add, AddAssign, Neg};

/// The exact difference that a change makes to the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    /// Change of the number of unplaced classes.
    pub unplaced: i32,
    /// Change of the sum of hard violations.
    pub hard: i32,
    /// The same with each violation times the weight that the board's user gave to its constraint
    /// or room.
    pub weighted: i64,
    /// Change of the penalty.
    pub penalty: i64,
}

impl Delta {
    /// Whether the score gets worse: compared by unplaced classes, then hard violations, then
    /// penalty.
    #[inline]
    pub fn worsens(&self) -> bool {
        (self.unplaced, self.hard, self.penalty) > (0, 0, 0)
    }
}

impl Add for Delta {
    type Output = Delta;

    #[inline]
    fn add(self, o: Delta) -> Delta {
        Delta {
            unplaced: self.unplaced + o.unplaced,
            hard: self.hard + o.hard,
            weighted: self.weighted + o.weighted,
            penalty: self.penalty + o.penalty,
        }
    }
}

impl AddAssign for Delta {
    #[inline]
    fn add_assign(&mut self, o: Delta) {
        *self = *self + o;
    }
}

impl Neg for Delta {
    type Output = Delta;

    fn neg(self) -> Delta {
        Delta { unplaced: -self.unplaced, hard: -self.hard, weighted: -self.weighted, penalty: -self.penalty }
    }
}
