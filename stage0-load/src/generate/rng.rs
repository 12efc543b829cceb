//! Named streams of random numbers. Draws are computed here from the raw 64 bits, so that another
//! version of a library cannot change an instance.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// One stream: what is drawn for one purpose never depends on how much is drawn for another.
pub(crate) struct Rng(ChaCha8Rng);

impl Rng {
    pub(crate) fn new(seed: u64, stream: u64) -> Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Rng(rng)
    }

    /// 0 to `n - 1`, each about equally often (off by less than `n` in 2^32).
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// `from` to `to`, both included.
    pub(crate) fn between(&mut self, from: u32, to: u32) -> u32 {
        from + self.below((to - from) as usize + 1) as u32
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i + 1));
        }
    }

    /// The positions `0..n` in random order.
    pub(crate) fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// A position, by weight.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|&w| w as usize).sum());
        for (i, &w) in weights.iter().enumerate() {
            if left < w as usize {
                return i;
            }
            left -= w as usize;
        }
        weights.len() - 1
    }
}

/// `total` in parts as the weights ask, each at least `least`, in whole numbers that add up exactly
/// (largest remainders; of equal ones the first).
pub(crate) fn apportion(total: u32, weights: &[u32], least: u32) -> Vec<u32> {
    let sum: u64 = weights.iter().map(|&w| u64::from(w)).sum::<u64>().max(1);
    let to_share = u64::from(total.saturating_sub(least * weights.len() as u32));
    let mut parts: Vec<u32> = weights.iter().map(|&w| least + (to_share * u64::from(w) / sum) as u32).collect();
    let mut by_rest: Vec<usize> = (0..weights.len()).collect();
    by_rest.sort_by_key(|&i| std::cmp::Reverse(to_share * u64::from(weights[i]) % sum));
    let given: u32 = parts.iter().sum();
    for &i in by_rest.iter().cycle().take(total.saturating_sub(given) as usize) {
        parts[i] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_follow_the_weights() {
        // 10 in parts as 1:1:1 with at least 1 each: 7 more, 2 each and the odd one to the first.
        assert_eq!(apportion(10, &[1, 1, 1], 1), [4, 3, 3]);
        // 7 as 1:2: 2.33 and 4.67, the larger rest gets the seventh.
        assert_eq!(apportion(7, &[1, 2], 0), [2, 5]);
    }

    #[test]
    fn streams_of_one_seed_differ_and_a_stream_repeats() {
        let draw = |seed, stream| {
            let mut rng = Rng::new(seed, stream);
            (0..8).map(|_| rng.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }
}
