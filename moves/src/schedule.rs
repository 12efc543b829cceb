//! A temperature that falls.

use crate::draws::Temperature;
use crate::fixed::{self, Share, product};

/// From a first temperature to a last, falling by a constant factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// The first temperature.
    pub first: Temperature,
    /// How many times it halves, with 32 binary places.
    pub halvings: u64,
}

impl Schedule {
    /// From a first temperature to a last.
    pub fn new(first: f64, last: f64) -> Schedule {
        let ratio = (first / last).max(1.0) * fixed::ONE as f64;
        Schedule { first: Temperature::new(first), halvings: fixed::log2(ratio as u64) }
    }

    /// At a share of the budget used.
    #[inline]
    pub fn at(&self, used: Share) -> Temperature {
        let left = fixed::exp2_neg(product(self.halvings, used.min(fixed::ONE)));
        Temperature(product(self.first.0, left))
    }

    /// From where it is at this share on.
    pub fn from(&self, used: Share) -> Schedule {
        let left = fixed::ONE - used.min(fixed::ONE);
        Schedule { first: self.at(used), halvings: product(self.halvings, left) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed::share;

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
