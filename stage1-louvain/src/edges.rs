//! Gathers weighted pairs; the same pair may come often. Memory follows the number of distinct
//! pairs, and is reserved before it is taken.

use pipeline::{Bytes, Refused, Reservation};
use rayon::prelude::*;

/// Pairs that a buffer may hold before it is merged; more where there are four times as many
/// distinct ones.
const LEAST_BUFFER: usize = 1 << 18;
/// What it begins with.
const FIRST_BUFFER: usize = 1 << 10;

type Pair = (u64, u64);

/// Pairs with their weights, and the promise of what they take.
pub(crate) type SummedPairs = (Vec<(u32, u32, u64)>, Reservation);

/// Why there are no pairs.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// There was no memory for all of them.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It was told to stop.
    #[error("stopped before the graph was built")]
    Stopped,
}

/// Sums weights of pairs of numbers.
pub(crate) struct PairSums<'a> {
    /// Distinct pairs in order, `a << 32 | b` with `a < b`.
    sorted: Vec<Pair>,
    buffer: Vec<Pair>,
    promised: Reservation,
    stop: &'a dyn Fn() -> bool,
    /// Nothing is gathered any more.
    given_up: Option<GraphError>,
}

impl<'a> PairSums<'a> {
    /// Reserves what it takes with `promised`, which may be empty at first; gives up when `stop`
    /// says so.
    pub(crate) fn new(promised: Reservation, stop: &'a dyn Fn() -> bool) -> PairSums<'a> {
        PairSums { sorted: Vec::new(), buffer: Vec::new(), promised, stop, given_up: None }
    }

    /// Adds to the weight of a pair; a pair of a number with itself is left out.
    #[inline]
    pub(crate) fn add(&mut self, a: u32, b: u32, weight: u64) {
        if a == b || weight == 0 {
            return;
        }
        if self.buffer.len() == self.buffer.capacity() {
            self.make_room();
            if self.given_up.is_some() {
                return;
            }
        }
        let (low, high) = (a.min(b), a.max(b));
        self.buffer.push((u64::from(low) << 32 | u64::from(high), weight));
    }

    /// The pairs `(a, b, weight)` in order, each once.
    pub(crate) fn finish(mut self) -> Result<SummedPairs, GraphError> {
        self.merge();
        match self.given_up {
            Some(why) => Err(why),
            None => {
                let pairs = self.sorted.into_iter().map(|(key, weight)| ((key >> 32) as u32, key as u32, weight));
                Ok((pairs.collect(), self.promised))
            }
        }
    }

    /// A larger buffer, or where there is no memory for that, an empty one.
    #[cold]
    fn make_room(&mut self) {
        if (self.stop)() {
            return self.give_up(GraphError::Stopped);
        }
        let (now, most) = (self.buffer.capacity(), LEAST_BUFFER.max(self.sorted.len() / 4));
        let next = (2 * now).clamp(FIRST_BUFFER, most.max(FIRST_BUFFER));
        // When it is full, both lists are merged into a third one.
        if now < most && self.promise(2 * (self.sorted.len() + next)).is_ok() {
            self.buffer.reserve_exact(next - now);
        } else {
            self.merge();
        }
    }

    fn promise(&mut self, pairs: usize) -> Result<(), Refused> {
        self.promised.resize(Bytes::of::<Pair>(pairs))
    }

    fn give_up(&mut self, why: GraphError) {
        self.given_up = Some(why);
        (self.sorted, self.buffer) = (Vec::new(), Vec::new());
    }

    fn merge(&mut self) {
        if self.given_up.is_some() || self.buffer.is_empty() {
            return;
        }
        let most = self.sorted.len() + self.buffer.len();
        if let Err(refused) = self.promise(self.sorted.capacity() + self.buffer.capacity() + most) {
            return self.give_up(refused.into());
        }
        self.buffer.par_sort_unstable();
        let mut merged: Vec<Pair> = Vec::with_capacity(most);
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
        merged.shrink_to_fit();
        self.sorted = merged;
        self.buffer.clear();
        let kept = self.promise(self.sorted.capacity() + self.buffer.capacity());
        debug_assert!(kept.is_ok(), "less than before");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipeline::Ledger;

    #[test]
    fn sums_are_those_of_adding_one_by_one_however_often_the_buffer_fills() {
        let ledger = Ledger::new(Bytes::gb(1), Bytes::ZERO);
        let mut sums = PairSums::new(ledger.reserve("pairs", Bytes::ZERO).expect("nothing is always there"), &|| false);
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
        let (pairs, promised) = sums.finish().expect("there is enough");
        assert_eq!(pairs, slow);
        assert!(promised.bytes() >= Bytes::of::<Pair>(pairs.len()) && promised.bytes() <= Bytes::mb(5));
    }

    #[test]
    fn with_little_memory_the_buffer_stays_small_and_with_too_little_it_is_refused() {
        let gather = |bytes| {
            let ledger = Ledger::new(bytes, Bytes::ZERO);
            let mut sums =
                PairSums::new(ledger.reserve("pairs", Bytes::ZERO).expect("nothing is always there"), &|| false);
            for i in 0..200_000_u32 {
                sums.add(i % 1000, 1000 + i % 7, 1);
            }
            (sums.finish().map(|(pairs, _)| pairs), ledger.peak())
        };
        let (all, most) = gather(Bytes::gb(1));
        let all = all.expect("there is enough");
        assert_eq!(all.len(), 7000);
        // 7,000 pairs, their copy and a buffer.
        let (same, peak) = gather(Bytes::kb(500));
        assert_eq!(same.expect("it is just enough"), all);
        assert!(peak <= Bytes::kb(500) && peak < most);
        let refused = gather(Bytes::kb(100)).0.expect_err("they do not fit");
        assert!(matches!(refused, GraphError::Refused(refused) if &*refused.consumer == "pairs"));
    }
}
