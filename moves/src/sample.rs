//! A few of many, by chance, without knowing how many there are.

use crate::Rng;

/// A sample of what is offered one by one, each as likely to be in it as any other: reservoir
/// sampling (Vitter, *Random sampling with a reservoir*, 1985).
#[derive(Clone, Debug)]
pub struct Sample<T> {
    /// What is in it now.
    pub items: Vec<T>,
    /// How many there are at most.
    most: usize,
    /// How many were offered.
    seen: usize,
}

impl<T> Sample<T> {
    /// An empty sample of at most so many.
    pub fn new(most: usize) -> Sample<T> {
        Sample { items: Vec::new(), most, seen: 0 }
    }

    /// How many were offered.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Begins anew, with nothing.
    pub fn clear(&mut self) {
        self.items.clear();
        self.seen = 0;
    }

    /// Takes the item in, or not, by chance. A number is drawn only where the sample is full.
    #[inline]
    pub fn offer(&mut self, item: T, rng: &mut Rng) {
        self.seen += 1;
        if self.items.len() < self.most {
            self.items.push(item);
            return;
        }
        let k = rng.below(self.seen);
        if k < self.most {
            self.items[k] = item;
        }
    }

    /// Takes the item in, in the place of the first where the sample is full.
    pub fn insist(&mut self, item: T) {
        self.seen += 1;
        if self.items.len() < self.most {
            self.items.push(item);
        } else {
            self.items[0] = item;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_as_likely_as_any_other() {
        let mut rng = Rng::new(1, 2);
        let mut times = [0u32; 20];
        for _ in 0..20_000 {
            let mut sample = Sample::new(5);
            (0..20usize).for_each(|item| sample.offer(item, &mut rng));
            assert_eq!((sample.items.len(), sample.seen()), (5, 20));
            sample.items.iter().for_each(|&item| times[item] += 1);
        }
        // 5,000 each, with a standard deviation of 61.
        assert!(times.iter().all(|n| (4_700..5_300).contains(n)), "{times:?}");
    }

    #[test]
    fn what_is_insisted_on_is_in() {
        let mut rng = Rng::new(1, 2);
        let mut sample = Sample::new(2);
        (0..10).for_each(|item| sample.offer(item, &mut rng));
        sample.insist(99);
        assert!(sample.items.contains(&99) && sample.items.len() == 2);
    }
}
