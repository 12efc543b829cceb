//! Numbers of all kinds as integers in the same order.

use super::Cell;

/// What has no number: null, NaN, an empty cell. It comes after everything that has one.
pub const MISSING: Rank = Rank(0);

/// The place of a number among all numbers, the better the larger.
///
/// The upper 64 bits are the number as a double, made an integer of the same order; the lower bits
/// what was lost by that, so that integers beyond 2⁵³ keep their order, and integers, doubles and
/// decimals can stand in one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank(u128);

/// Added to what a double lost of an integer of 64 bits (at most 1,024 either way).
const BIAS: i128 = 1 << 15;

impl Rank {
    /// The best that there may be.
    pub const BEST: Rank = Rank(u128::MAX);

    /// Of a cell; the largest number is the best where `descending`, the smallest otherwise. `None`
    /// for text.
    #[inline]
    pub fn of(cell: Cell<'_>, descending: bool) -> Option<Rank> {
        Some(match cell {
            Cell::Null => MISSING,
            Cell::Bool(x) => Rank::of_i64(i64::from(x), descending),
            Cell::Int(x) => Rank::of_i64(x, descending),
            Cell::UInt(x) => Rank::exact(x as f64, i128::from(x) - (x as f64) as i128, descending),
            Cell::Float(x) => Rank::of_f64(x, descending),
            Cell::Text(_) => return None,
        })
    }

    /// Of an integer.
    #[inline]
    pub fn of_i64(x: i64, descending: bool) -> Rank {
        Rank::exact(x as f64, i128::from(x) - (x as f64) as i128, descending)
    }

    /// Of a double. NaN is [`MISSING`], and the two zeros are one.
    #[inline]
    pub fn of_f64(x: f64, descending: bool) -> Rank {
        if x.is_nan() { MISSING } else { Rank::exact(x, 0, descending) }
    }

    /// The upper half: comparing it is enough wherever it differs.
    #[inline]
    pub fn coarse(self) -> u64 {
        (self.0 >> 64) as u64
    }

    #[inline]
    fn exact(x: f64, lost: i128, descending: bool) -> Rank {
        let bits = (x + 0.0).to_bits(); // -0.0 becomes 0.0
        let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
        let up = u128::from(ordered) << 64 | (BIAS + lost) as u128;
        Rank(if descending { up } else { !up })
    }

    /// The double that it stands for; `None` where it is missing.
    pub fn number(self, descending: bool) -> Option<f64> {
        if self == MISSING {
            return None;
        }
        let up = if descending { self.0 } else { !self.0 };
        let ordered = (up >> 64) as u64;
        Some(f64::from_bits(if ordered >> 63 == 1 { ordered & !(1 << 63) } else { !ordered }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn integers_beyond_the_doubles_keep_their_order() {
        let numbers = [
            i64::MIN,
            i64::MIN + 1,
            -(1 << 53) - 1,
            -(1 << 53),
            -1,
            0,
            1,
            1 << 53,
            (1 << 53) + 1,
            i64::MAX - 1,
            i64::MAX,
        ];
        for pair in numbers.windows(2) {
            assert!(Rank::of_i64(pair[0], true) < Rank::of_i64(pair[1], true), "{pair:?}");
            assert!(Rank::of_i64(pair[0], false) > Rank::of_i64(pair[1], false), "{pair:?}");
        }
        let [small, large] = [u64::MAX - 1, u64::MAX].map(|x| Rank::of(Cell::UInt(x), true).unwrap());
        assert!(small < large && Rank::of_i64(i64::MAX, true) < small);
    }

    #[test]
    fn what_is_missing_comes_last_either_way_and_infinities_do_not() {
        for descending in [true, false] {
            for x in [f64::INFINITY, f64::NEG_INFINITY, 0.0, f64::MAX, f64::MIN] {
                assert!(Rank::of_f64(x, descending) > MISSING);
                assert_eq!(Rank::of_f64(x, descending).number(descending), Some(x));
            }
            assert_eq!(Rank::of_f64(f64::NAN, descending), MISSING);
            assert_eq!(Rank::of_f64(-f64::NAN, descending), MISSING);
            assert_eq!(Rank::of_f64(-0.0, descending), Rank::of_f64(0.0, descending));
            assert_eq!(Rank::of_f64(7.0, descending), Rank::of_i64(7, descending));
        }
    }

    proptest! {
        #[test]
        fn doubles_and_integers_stand_in_one_order(x in any::<f64>(), y in any::<f64>(), n in any::<i64>()) {
            prop_assume!(!x.is_nan() && !y.is_nan());
            prop_assert_eq!(x.partial_cmp(&y), Some(Rank::of_f64(x, true).cmp(&Rank::of_f64(y, true))));
            // Beyond 2⁵³ there is no double between two neighbours that an integer of 128 bits
            // cannot hold, too.
            if x.abs() < 1e20 {
                let by_hand = (i128::from(n), 0.0).partial_cmp(&(x.floor() as i128, x - x.floor())).unwrap();
                prop_assert_eq!(by_hand, Rank::of_i64(n, true).cmp(&Rank::of_f64(x, true)));
            }
        }
    }
}
