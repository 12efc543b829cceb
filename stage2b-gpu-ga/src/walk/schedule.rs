//! The temperature: where it begins and ends follows from what changes cost on this problem.

use super::draws::Temperature;
use super::fixed;

/// From a first temperature to a last, falling by a constant factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Schedule {
    first: Temperature,
    /// How many times it halves, with 32 binary places.
    halvings: u64,
}

impl Schedule {
    pub(crate) fn new(first: f64, last: f64) -> Schedule {
        let ratio = (first / last).max(1.0) * fixed::ONE as f64;
        Schedule { first: Temperature::new(first), halvings: fixed::log2(ratio as u64) }
    }

    /// At a share of the budget used, 0 to 1.
    #[inline]
    pub(crate) fn at(&self, used: f64) -> Temperature {
        let share = (used.clamp(0.0, 1.0) * fixed::ONE as f64) as u64;
        let falls = (u128::from(self.halvings) * u128::from(share)) >> 32;
        let left = fixed::exp2_neg(falls as u64);
        Temperature(((u128::from(self.first.0) * u128::from(left)) >> 32) as u64)
    }

    /// From where it is at this share on.
    pub(crate) fn from(&self, share: f64) -> Schedule {
        let left = (1.0 - share.clamp(0.0, 1.0)) * fixed::ONE as f64;
        let halvings = (u128::from(self.halvings) * left as u128) >> 32;
        Schedule { first: self.at(share), halvings: halvings as u64 }
    }
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

    #[test]
    fn falls_by_a_constant_factor_from_first_to_last() {
        let schedule = Schedule::new(200.0, 0.5);
        for k in 0..=10 {
            let expected = Temperature::new(200.0 * (0.5f64 / 200.0).powf(f64::from(k) / 10.0)).0 as f64;
            let at = schedule.at(f64::from(k) / 10.0).0 as f64;
            assert!((at / expected - 1.0).abs() < 1e-4, "{at} for {expected}");
            let later = schedule.from(0.3).at(f64::from(k) / 10.0).0 as f64;
            let same = schedule.at(0.3 + 0.07 * f64::from(k)).0 as f64;
            assert!((later / same - 1.0).abs() < 1e-4);
        }
    }
}
