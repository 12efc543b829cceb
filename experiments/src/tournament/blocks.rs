//! Blocks: an instance and a seed, the same for all who race. They are shuffled once, so that every
//! five hold each family.

use moves::Draws;
use std::collections::BTreeMap;

/// So many at a time hold each family, where there are no more families than that.
const HAND: usize = 5;

/// An instance and a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    /// The instance, by its position in the arena.
    pub(super) instance: usize,
    /// Which of its seeds, from 0: every instance has had its first before any has its second.
    pub(super) round: u64,
}

/// An endless sequence of blocks.
pub(super) struct Blocks {
    draws: Draws,
    /// The instances of each family.
    families: Vec<Vec<usize>>,
    /// What is left of each family's round, and its number.
    left: Vec<(Vec<usize>, u64)>,
    dealt: Vec<Block>,
}

impl Blocks {
    /// Of instances of these families.
    pub(super) fn new(families: &[String], seed: u64) -> Blocks {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (instance, family) in families.iter().enumerate() {
            by_name.entry(family).or_default().push(instance);
        }
        let families: Vec<Vec<usize>> = by_name.into_values().collect();
        let left = families.iter().map(|_| (Vec::new(), 0)).collect();
        Blocks { draws: Draws::new(seed, [super::stream::BLOCKS, 0]), families, left, dealt: Vec::new() }
    }

    /// The block of a number.
    pub(super) fn get(&mut self, number: usize) -> Block {
        while self.dealt.len() <= number && !self.families.is_empty() {
            self.deal();
        }
        self.dealt[number]
    }

    /// Five more: one of each family in turn, beginning with any, in any order.
    fn deal(&mut self) {
        self.draws.next_step();
        let mut order: Vec<usize> = (0..self.families.len()).collect();
        shuffle(&mut order, &mut self.draws);
        let mut hand = Vec::new();
        let mut turns = order.iter().cycle();
        while hand.len() < HAND {
            if let Some(&family) = turns.next() {
                hand.push(self.draw(family));
            }
        }
        shuffle(&mut hand, &mut self.draws);
        self.dealt.extend(hand);
    }

    fn draw(&mut self, family: usize) -> Block {
        if self.left[family].0.is_empty() {
            let mut instances = self.families[family].clone();
            shuffle(&mut instances, &mut self.draws);
            let round = self.left[family].1;
            self.left[family] = (instances, round + 1);
        }
        let (left, next) = &mut self.left[family];
        Block { instance: left.pop().unwrap_or_default(), round: *next - 1 }
    }
}

/// Fisher and Yates.
pub(super) fn shuffle<T>(items: &mut [T], draws: &mut Draws) {
    for i in (1..items.len()).rev() {
        items.swap(i, draws.below(i + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn families() -> Vec<String> {
        ["ctt", "xml", "ctt", "ctt", "folder", "xml"].map(String::from).to_vec()
    }

    #[test]
    fn every_five_hold_each_family_and_no_block_is_there_twice() {
        let families = families();
        let mut blocks = Blocks::new(&families, 3);
        let first: Vec<Block> = (0..100).map(|number| blocks.get(number)).collect();
        assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 100);
        for hand in first.chunks(5) {
            let held: BTreeSet<&str> = hand.iter().map(|block| families[block.instance].as_str()).collect();
            assert_eq!(held.len(), 3);
        }
    }

    #[test]
    fn every_instance_of_a_family_has_its_turn_before_any_has_another() {
        let mut blocks = Blocks::new(&families(), 3);
        let mut times = [0; 6];
        for number in 0..60 {
            times[blocks.get(number).instance] += 1;
            let apart = |family: &[usize]| {
                let of = || family.iter().map(|&i| times[i]);
                of().max().zip(of().min()).map(|(most, least): (i32, i32)| most - least)
            };
            // Within five they are in any order.
            if number % 5 == 4 {
                assert!(apart(&[0, 2, 3]) <= Some(1) && apart(&[1, 5]) <= Some(1), "{times:?}");
            }
        }
    }

    #[test]
    fn the_same_seed_deals_the_same() {
        let of = |seed| {
            let mut blocks = Blocks::new(&families(), seed);
            (0..30).map(|number| blocks.get(number)).collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
