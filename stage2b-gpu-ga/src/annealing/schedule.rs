//! The temperature: where it begins and ends follows from what changes cost on this problem.

use super::chain::Chain;

/// First and last temperature; between them it falls by a constant factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Schedule {
    pub(super) first: f64,
    pub(super) last: f64,
}

impl Schedule {
    /// At a share of the budget used, 0 to 1.
    #[inline]
    pub(super) fn at(&self, used: f64) -> f64 {
        self.first * (self.last / self.first).powf(used)
    }
}

/// A second beginning, at a share of the budget: warm, not hot, and from there to the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Warmed {
    pub(super) at: f64,
}

impl Warmed {
    /// Where on the schedule the second beginning is.
    const FROM: f64 = 0.2;

    /// The share of the schedule that stands for this share of the budget.
    pub(super) fn used(self, used: f64) -> f64 {
        let since = ((used - self.at) / (1.0 - self.at).max(1e-9)).clamp(0.0, 1.0);
        Self::FROM + (1.0 - Self::FROM) * since
    }
}

/// What worsening changes cost on this board, from proposals of which only improving ones are accepted: (the smaller ones, half of them cost at
/// most this). The smaller ones are the geometric mean of the lowest hundredth and the lowest tenth.
pub(super) fn costs(chain: &mut Chain<'_>, proposals: usize) -> (f64, f64) {
    let ceiling = chain.weights.hard;
    let mut seen: Vec<i64> = Vec::with_capacity(proposals);
    for _ in 0..proposals {
        if let Some(cost) = chain.step(-1)
            && cost > 0
            && cost < ceiling
        {
            seen.push(cost);
        }
    }
    // These steps were no run of the chain's: should it be stopped now, its best has to know of them.
    chain.keep.store(&chain.board);
    if seen.is_empty() {
        return (1.0, 1.0);
    }
    seen.sort_unstable();
    let at = |part: usize| seen[seen.len() / part] as f64;
    ((at(100) * at(10)).sqrt(), at(2))
}
