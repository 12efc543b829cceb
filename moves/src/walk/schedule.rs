//! The temperature: where it begins and ends follows from what changes cost on this problem.

use crate::fixed::{self, Share, product};

/// Where one begins again that went back to its best: warm, not hot.
const WARM: Share = fixed::ONE / 5;

/// The share of the schedule that stands for this share of the budget, for one that went back to
/// its best at `at`: warm, and from there to the end.
pub fn since_warmed(at: Share, used: Share) -> Share {
    let (since, left) = (used.saturating_sub(at), fixed::ONE.saturating_sub(at));
    let since = (since << 32).checked_div(left).unwrap_or(fixed::ONE).min(fixed::ONE);
    WARM + product(fixed::ONE - WARM, since)
}

/// What worsening changes cost, from those seen: (the smaller ones, half of them cost at most
/// this). The smaller ones are the geometric mean of the lowest hundredth and the lowest tenth.
pub(super) fn costs(mut seen: Vec<i64>) -> (f64, f64) {
    if seen.is_empty() {
        return (1.0, 1.0);
    }
    seen.sort_unstable();
    let at = |part: usize| seen[seen.len() / part] as f64;
    ((at(100) * at(10)).sqrt(), at(2))
}
