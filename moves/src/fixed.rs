//! Logarithms and powers in integers, the same on every machine: no floating point decides what a
//! walk accepts.

/// One, in numbers with 32 binary places.
pub const ONE: u64 = 1 << 32;

/// A share, 0 to 1, with 32 binary places.
pub type Share = u64;

/// The share nearest below.
pub fn share(x: f64) -> Share {
    (x.clamp(0.0, 1.0) * ONE as f64) as u64
}

/// A product of numbers with 32 binary places.
pub fn product(x: u64, y: u64) -> u64 {
    ((u128::from(x) * u128::from(y)) >> 32) as u64
}

/// The base-2 logarithm of `x` ≥ 1 (32 binary places), with 32 binary places, rounded down: by
/// squaring, a place at a time.
pub const fn log2(x: u64) -> u64 {
    let whole = 31 - x.leading_zeros() as u64;
    let mut m = (x >> whole) as u128; // from 1 to below 2
    let mut log = whole << 32;
    let mut place = 1 << 31;
    while place > 0 {
        m = (m * m) >> 32;
        if m >= 2 * ONE as u128 {
            m >>= 1;
            log |= place;
        }
        place >>= 1;
    }
    log
}

/// 2^-(1/2), 2^-(1/4) and so on, each the root of the one before.
pub const FACTORS: [u64; 32] = {
    let mut factors = [0; 32];
    let (mut i, mut factor) = (0, ONE / 2);
    while i < 32 {
        factor = ((factor as u128) << 32).isqrt() as u64;
        factors[i] = factor;
        i += 1;
    }
    factors
};

/// 2 to the power of `-x`, both with 32 binary places.
pub fn exp2_neg(x: u64) -> u64 {
    let whole = x >> 32;
    if whole >= 32 {
        return 0;
    }
    let mut power = ONE;
    for (place, factor) in FACTORS.iter().enumerate() {
        if x >> (31 - place) & 1 == 1 {
            power = (power * factor + (1 << 31)) >> 32;
        }
    }
    power >> whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn logarithms_and_powers_are_those_of_floating_point(x in ONE..u64::MAX / 2, y in 0..40 * ONE) {
            let one = ONE as f64;
            prop_assert!((log2(x) as f64 / one - (x as f64 / one).log2()).abs() < 1e-6);
            let power = (-(y as f64) / one).exp2();
            prop_assert!((exp2_neg(y) as f64 / one - power).abs() < 1e-8);
        }
    }
}
