//! Random numbers for hot loops.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// A fast generator; each chain has its own.
#[derive(Clone, Debug)]
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(super) fn new(seed: u64, stream: u64) -> Random {
        let mut first = Xoshiro256PlusPlus::seed_from_u64(seed);
        Random(Xoshiro256PlusPlus::seed_from_u64(first.next_u64() ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Below `n` (0 where `n` is 0; `n` below 2^32), by multiplication.
    #[inline(always)]
    pub(super) fn below(&mut self, n: usize) -> usize {
        (((self.0.next_u64() >> 32) * n as u64) >> 32) as usize
    }

    /// True in `share` of 65,536 cases.
    #[inline(always)]
    pub(super) fn chance(&mut self, share: u32) -> bool {
        ((self.0.next_u64() >> 48) as u32) < share
    }

    /// `-ln(u)` for a uniform `u` in (0, 1]: how many temperatures worse a move may be.
    #[inline(always)]
    pub(super) fn patience(&mut self) -> f64 {
        let u = ((self.0.next_u64() >> 11) + 1) as f64 * (1.0 / (1u64 << 53) as f64);
        -u.ln()
    }
}
