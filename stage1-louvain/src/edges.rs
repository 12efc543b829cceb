//! Gathers weighted pairs; the same pair may come often. Memory follows the number of distinct pairs.

use rayon::prelude::*;

const LEAST_BUFFER: usize = 1 << 18;

/// Sums weights of pairs of numbers.
#[derive(Debug, Default)]
pub(crate) struct PairSums {
    /// Distinct pairs in order, `a << 32 | b` with `a < b`.
    sorted: Vec<(u64, u64)>,
    buffer: Vec<(u64, u64)>,
}

impl PairSums {
    /// Adds to the weight of a pair; a pair of a number with itself is left out.
    #[inline]
    pub(crate) fn add(&mut self, a: u32, b: u32, weight: u64) {
        if a == b || weight == 0 {
            return;
        }
        let (low, high) = (a.min(b), a.max(b));
        self.buffer.push((u64::from(low) << 32 | u64::from(high), weight));
        if self.buffer.len() >= LEAST_BUFFER.max(self.sorted.len()) {
            self.merge();
        }
    }

    /// The pairs `(a, b, weight)` in order, each once.
    pub(crate) fn finish(mut self) -> Vec<(u32, u32, u64)> {
        self.merge();
        self.sorted.into_iter().map(|(key, weight)| ((key >> 32) as u32, key as u32, weight)).collect()
    }

    fn merge(&mut self) {
        self.buffer.par_sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(self.sorted.len() + self.buffer.len() / 2);
        let (mut old, mut new) = (self.sorted.iter().copied().peekable(), self.buffer.iter().copied().peekable());
        loop {
            let (key, weight) = match (old.peek(), new.peek()) {
                (Some(a), Some(b)) if a.0 <= b.0 => old.next(),
                (_, Some(_)) => new.next(),
                (Some(_), None) => old.next(),
                (None, None) => break,
            }
            .expect("peeked");
            match merged.last_mut() {
                Some(last) if last.0 == key => last.1 += weight,
                _ => merged.push((key, weight)),
            }
        }
        self.sorted = merged;
        self.buffer.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_adding_one_by_one_however_often_the_buffer_fills() {
        let mut sums = PairSums::default();
        let mut slow = std::collections::BTreeMap::new();
        let mut random = crate::random::SplitMix::new(1);
        for _ in 0..3 * LEAST_BUFFER {
            let (a, b, weight) = (random.below(300) as u32, random.below(300) as u32, random.below(5) as u64);
            sums.add(a, b, weight);
            if a != b && weight > 0 {
                *slow.entry((a.min(b), a.max(b))).or_insert(0) += weight;
            }
        }
        let slow: Vec<_> = slow.into_iter().map(|((a, b), w)| (a, b, w)).collect();
        assert_eq!(sums.finish(), slow);
    }
}
