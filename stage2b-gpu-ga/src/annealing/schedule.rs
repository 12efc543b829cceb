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

/// What worsening changes cost on this board, from proposals of which none is accepted: (a tenth of them cost at most this, half).
pub(super) fn costs(chain: &mut Chain<'_>, proposals: usize) -> (f64, f64) {
    let ceiling = chain.weights.hard;
    let mut seen: Vec<i64> = Vec::with_capacity(proposals);
    for _ in 0..proposals {
        if let Some(cost) = chain.step(i64::MIN / 4)
            && cost > 0
            && cost < ceiling
        {
            seen.push(cost);
        }
    }
    if seen.is_empty() {
        return (1.0, 1.0);
    }
    seen.sort_unstable();
    (seen[seen.len() / 10] as f64, seen[seen.len() / 2] as f64)
}
