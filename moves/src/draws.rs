//! The random numbers of a walk: four words for each step, by its number, and more where a step
//! needs more.

use crate::fixed;
use crate::philox::philox;

/// Draws of one walk.
#[derive(Clone, Debug)]
pub struct Draws {
    key: [u32; 2],
    /// Which walk of the seed's it is.
    walk: [u32; 2],
    /// The next step; this one's number is one less.
    next: u64,
    /// Blocks of four words drawn for this step.
    blocks: u32,
    words: [u32; 4],
    /// Words of the last block, after the first, that are used.
    used: usize,
}

/// What is drawn for each step at once.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which class or request.
    pub which: u32,
    /// How much worse it may get.
    pub threshold: u32,
    /// Which time.
    pub time: u16,
    /// Which room.
    pub room: u16,
    /// What changes.
    pub what: u16,
    /// In which way.
    pub how: u16,
}

impl Step {
    #[inline(always)]
    fn of([which, threshold, choice, way]: [u32; 4]) -> Step {
        let halves = |word: u32| (word as u16, (word >> 16) as u16);
        let ((time, room), (what, how)) = (halves(choice), halves(way));
        Step { which, threshold, time, room, what, how }
    }
}

impl Draws {
    /// For a walk, named by two numbers, of a seed.
    pub fn new(seed: u64, walk: [u32; 2]) -> Draws {
        Draws { key: [seed as u32, (seed >> 32) as u32], walk, next: 0, blocks: 0, words: [0; 4], used: 4 }
    }

    #[inline(always)]
    fn block(&mut self) -> [u32; 4] {
        let step = self.next.wrapping_sub(1);
        let high = (step >> 32) as u32 & 0xffff | self.blocks << 16;
        self.blocks += 1;
        philox([step as u32, high, self.walk[0], self.walk[1]], self.key)
    }

    /// The next step's.
    #[inline(always)]
    pub fn next_step(&mut self) -> Step {
        self.blocks = 0;
        self.used = 4;
        self.next += 1;
        Step::of(self.block())
    }

    /// As much again for this step as [`Draws::next_step`] gave.
    #[inline(always)]
    pub fn further(&mut self) -> Step {
        Step::of(self.block())
    }

    /// A further word for this step.
    #[inline(always)]
    pub fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.words = self.block();
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// Below `n` (0 where `n` is 0; `n` below 2^32).
    #[inline(always)]
    pub fn below(&mut self, n: usize) -> usize {
        below(self.word(), n)
    }
}

/// A word as a number below `n` (0 where `n` is 0; `n` below 2^32), by multiplication.
#[inline(always)]
pub fn below(word: u32, n: usize) -> usize {
    ((u64::from(word) * n as u64) >> 32) as usize
}

/// Half a word as a number below `n` (0 where `n` is 0).
#[inline(always)]
pub fn below16(half: u16, n: usize) -> usize {
    (usize::from(half) * n) >> 16
}

/// A temperature, in units of cost divided by the logarithm of 2, with 16 binary places: at 1, a
/// change that costs 1 is accepted half as often as one that costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Temperature(pub u64);

impl Temperature {
    /// What costs nothing is accepted, what costs anything is not.
    pub const ZERO: Temperature = Temperature(0);
    /// The highest: hardly any change is refused.
    pub const MOST: Temperature = Temperature(1 << 42);

    /// From one at which a change that costs 1 is accepted one e-th as often as one that costs
    /// nothing.
    pub fn new(t: f64) -> Temperature {
        Temperature(((t * std::f64::consts::LN_2 * 65_536.0) as u64).min(Self::MOST.0))
    }

    /// How much worse a step may be: `-log2(u) × temperature`, rounded down, for `u` between 0 and
    /// 1 as the word says.
    #[inline(always)]
    pub fn threshold(self, word: u32) -> i64 {
        let word = word | 1;
        let zeros = word.leading_zeros();
        let mantissa = (word << zeros << 1) >> 22;
        let log = ((zeros + 1) << 16) - u32::from(LOG2[mantissa as usize]);
        ((u64::from(log) * self.0) >> 32) as i64
    }
}

/// Logarithms of 1 to 2, in the middle of each 1,024th, with 16 binary places.
pub static LOG2: [u16; 1024] = {
    let mut table = [0; 1024];
    let mut i = 0;
    while i < 1024 {
        table[i] = (fixed::log2(fixed::ONE + ((2 * i as u64 + 1) << 21)) >> 16) as u16;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptance_is_that_of_metropolis() {
        let mut draws = Draws::new(1, [0, 0]);
        let t = 1000.0;
        let temperature = Temperature::new(t);
        let n = 200_000;
        let mut over = [0u32; 6];
        for _ in 0..n {
            let word = draws.next_step().threshold;
            let threshold = temperature.threshold(word);
            let exact = -((f64::from(word | 1) / 2f64.powi(32)).ln()) * t;
            assert!((threshold as f64 - exact).abs() <= 1.5, "{threshold} for {exact}");
            over.iter_mut().enumerate().for_each(|(k, n)| *n += u32::from(threshold >= 1000 * k as i64));
        }
        for (k, &seen) in over.iter().enumerate() {
            let expected = (-(k as f64)).exp() * f64::from(n);
            assert!((f64::from(seen) - expected).abs() < 5.0 * expected.sqrt() + 1.0, "{k}: {seen}, not {expected}");
        }
    }

    #[test]
    fn a_step_has_its_own_words_whatever_others_drew() {
        let (mut plain, mut greedy) = (Draws::new(7, [1, 2]), Draws::new(7, [1, 2]));
        for _ in 0..100 {
            let (a, b) = (plain.next_step(), greedy.next_step());
            assert_eq!((a.which, a.threshold, a.how), (b.which, b.threshold, b.how));
            (0..(a.what % 9)).for_each(|_| {
                greedy.word();
            });
        }
    }
}
