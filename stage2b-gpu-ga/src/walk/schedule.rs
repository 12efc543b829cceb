//! The temperature: where it begins and ends follows from what changes cost on this problem.

use moves::Temperature;
use moves::fixed::{self, Share, product};

/// From a first temperature to a last, falling by a constant factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    pub(crate) first: Temperature,
    /// How many times it halves, with 32 binary places.
    pub(crate) halvings: u64,
}

impl Schedule {
    pub(crate) fn new(first: f64, last: f64) -> Schedule {
        let ratio = (first / last).max(1.0) * fixed::ONE as f64;
        Schedule { first: Temperature::new(first), halvings: fixed::log2(ratio as u64) }
    }

    /// At a share of the budget used.
    #[inline]
    pub(crate) fn at(&self, used: Share) -> Temperature {
        let left = fixed::exp2_neg(product(self.halvings, used.min(fixed::ONE)));
        Temperature(product(self.first.0, left))
    }

    /// From where it is at this share on.
    pub(crate) fn from(&self, used: Share) -> Schedule {
        let left = fixed::ONE - used.min(fixed::ONE);
        Schedule { first: self.at(used), halvings: product(self.halvings, left) }
    }
}

/// Where one begins again that went back to its best: warm, not hot.
const WARM: Share = fixed::ONE / 5;

/// The share of the schedule that stands for this share of the budget, for one that went back to its best at `at`: warm, and from there to
/// the end.
pub(crate) fn since_warmed(at: Share, used: Share) -> Share {
    let (since, left) = (used.saturating_sub(at), fixed::ONE.saturating_sub(at));
    let since = (since << 32).checked_div(left).unwrap_or(fixed::ONE).min(fixed::ONE);
    WARM + product(fixed::ONE - WARM, since)
}

/// What worsening changes cost, from those seen: (the smaller ones, half of them cost at most this). The smaller ones are the geometric
/// mean of the lowest hundredth and the lowest tenth.
pub(crate) fn costs(mut seen: Vec<i64>) -> (f64, f64) {
    if seen.is_empty() {
        return (1.0, 1.0);
    }
    seen.sort_unstable();
    let at = |part: usize| seen[seen.len() / part] as f64;
    ((at(100) * at(10)).sqrt(), at(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use moves::fixed::share;

    #[test]
    fn falls_by_a_constant_factor_from_first_to_last() {
        let schedule = Schedule::new(200.0, 0.5);
        for k in 0..=10 {
            let expected = Temperature::new(200.0 * (0.5f64 / 200.0).powf(f64::from(k) / 10.0)).0 as f64;
            let at = schedule.at(share(f64::from(k) / 10.0)).0 as f64;
            assert!((at / expected - 1.0).abs() < 1e-4, "{at} for {expected}");
            let later = schedule.from(share(0.3)).at(share(f64::from(k) / 10.0)).0 as f64;
            let same = schedule.at(share(0.3 + 0.07 * f64::from(k))).0 as f64;
            assert!((later / same - 1.0).abs() < 1e-4);
        }
    }
}
