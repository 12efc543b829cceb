//! New configurations: drawn evenly for the first race, bred from the elites after that.
//!
//! M. López-Ibáñez, J. Dubois-Lacoste, L. Pérez Cáceres, M. Birattari, T. Stützle: The irace package
//! (Operations Research Perspectives 3, 2016), 4.3; crossover beside it is ours.

use super::blocks::shuffle;
use super::model::{Model, Sampler};
use super::parameters::{Domain, Point, Space};
use crate::settings::Settings;
use moves::Draws;
use serde_json::Value;
use std::collections::BTreeSet;

/// So often another configuration is drawn in the place of one that was there already, or makes
/// none.
const ATTEMPTS: usize = 200;
/// A number that falls out of its range so often takes the end that is nearer.
const NORMAL_ATTEMPTS: usize = 1_000;

/// A parent: the better its rank, the more children.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parent<'r> {
    pub(super) number: u32,
    pub(super) point: &'r Point,
    pub(super) model: &'r Model,
}

/// How a configuration came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase", tag = "from")]
pub enum Birth {
    /// The defaults.
    Default,
    /// Given in the arena.
    Given,
    /// Drawn evenly.
    Drawn,
    /// Around one elite.
    Parent {
        /// Which.
        parent: u32,
    },
    /// Each value from one of two.
    Cross {
        /// The one.
        parent: u32,
        /// The other.
        other: u32,
    },
}

/// A configuration that is new.
#[derive(Clone, Debug)]
pub(super) struct Child {
    pub(super) point: Point,
    pub(super) birth: Birth,
    pub(super) model: Model,
    pub(super) settings: Settings,
}

/// Draws configurations that are not there yet.
pub(super) struct Breeder<'s> {
    space: &'s Space,
    draws: Draws,
    /// What is left to be drawn of each parameter: choices, or equal parts of a range.
    bags: Vec<Vec<usize>>,
    /// Equal parts of a range.
    parts: usize,
}

impl<'s> Breeder<'s> {
    /// For a race of a seed.
    pub(super) fn new(space: &'s Space, seed: u64, race: usize) -> Breeder<'s> {
        let draws = Draws::new(seed, [super::stream::BREED, race as u32]);
        Breeder { space, draws, bags: vec![Vec::new(); space.parameters.len()], parts: 1 }
    }

    /// `count` new ones, or as many as there are; `known` holds the hashes of all there were. No
    /// parents: drawn evenly. The first of the parents is the best.
    pub(super) fn breed(&mut self, count: usize, parents: &[Parent<'_>], known: &mut BTreeSet<[u8; 32]>) -> Vec<Child> {
        self.parts = if parents.is_empty() { count.max(1) } else { 1 };
        let mut children = Vec::new();
        for nth in 0..count {
            let child = (0..ATTEMPTS).find_map(|attempt| {
                self.draws.next_step();
                // Every second one is a cross, unless that gives nothing new.
                let is_cross = nth % 2 == 1 && parents.len() > 1 && attempt < ATTEMPTS / 2;
                let (point, birth, model) = match parents {
                    [] => (self.even(), Birth::Drawn, Model::new(self.space)),
                    _ if is_cross => self.cross(parents),
                    _ => self.around(parents),
                };
                let settings = Settings::of(&self.space.layer(&point)).ok()?;
                known.insert(settings.hash).then_some(Child { point, birth, model, settings })
            });
            children.extend(child);
        }
        children
    }

    /// Every value as likely as any other; each choice and each part of a range before any comes
    /// again (McKay, Beckman, Conover 1979).
    fn even(&mut self) -> Point {
        let mut point = self.space.unset();
        for at in 0..point.len() {
            if self.space.counts(&point, at) {
                point[at] = Some(self.even_value(at));
            }
        }
        point
    }

    fn even_value(&mut self, at: usize) -> Value {
        let domain = &self.space.parameters[at].domain;
        match domain {
            Domain::Choices(values) => values[self.take(at, values.len())].clone(),
            Domain::Integer(_) | Domain::Real(_) => {
                let Some((range, half)) = domain.range() else { return Value::Null };
                let (low, high) = range.ends(half);
                let part = self.take(at, self.parts) as f64 + self.unit();
                domain.value(range.unscaled(low + part / self.parts as f64 * (high - low)))
            }
        }
    }

    /// One of `n`, none again before all were there.
    fn take(&mut self, at: usize, n: usize) -> usize {
        if self.bags[at].is_empty() {
            let mut bag: Vec<usize> = (0..n).collect();
            shuffle(&mut bag, &mut self.draws);
            self.bags[at] = bag;
        }
        self.bags[at].pop().unwrap_or_default()
    }

    /// Around one of the parents.
    fn around(&mut self, parents: &[Parent<'_>]) -> (Point, Birth, Model) {
        let parent = parents[self.weighted(parents.len())];
        let mut point = self.space.unset();
        for at in 0..point.len() {
            if self.space.counts(&point, at) {
                point[at] = Some(self.near_value(at, parent));
            }
        }
        (point, Birth::Parent { parent: parent.number }, parent.model.clone())
    }

    fn near_value(&mut self, at: usize, parent: Parent<'_>) -> Value {
        let domain = &self.space.parameters[at].domain;
        match (domain, parent.model.sampler(at)) {
            (Domain::Choices(values), Sampler::Choice { weights }) => {
                let mut left = self.unit() * weights.iter().sum::<f64>();
                let drawn = weights.iter().position(|weight| {
                    left -= weight;
                    left < 0.0
                });
                values[drawn.unwrap_or(values.len() - 1)].clone()
            }
            (_, &Sampler::Number { sigma }) => {
                let own = self.space.at(parent.point, at).filter(|value| domain.has(value));
                match (domain.range(), own.and_then(|value| value.as_f64())) {
                    (Some((range, half)), Some(own)) => {
                        let x = self.truncated(range.scaled(own), sigma, range.ends(half));
                        domain.value(range.unscaled(x))
                    }
                    // It did not count for the parent, or is outside of the range by default.
                    _ => self.even_value(at),
                }
            }
            _ => self.even_value(at),
        }
    }

    /// Each value from one of two parents that has it.
    fn cross(&mut self, parents: &[Parent<'_>]) -> (Point, Birth, Model) {
        let first = self.weighted(parents.len());
        let second = (first + 1 + self.draws.below(parents.len() - 1)) % parents.len();
        let (one, other) = (parents[first], parents[second]);
        let mut point = self.space.unset();
        for at in 0..point.len() {
            if !self.space.counts(&point, at) {
                continue;
            }
            let from = if self.draws.below(2) == 0 { [one, other] } else { [other, one] };
            // One that leaves it open has it, too.
            let has = from.iter().find(|parent| self.space.counts(parent.point, at));
            point[at] = match has {
                Some(parent) => parent.point[at].clone(),
                None => Some(self.near_value(at, one)),
            };
        }
        (point, Birth::Cross { parent: one.number, other: other.number }, one.model.clone())
    }

    /// One of `n`, the first the likeliest: (n - i) of n (n + 1) / 2.
    fn weighted(&mut self, n: usize) -> usize {
        let mut left = self.draws.below(n * (n + 1) / 2);
        for i in 0..n {
            let weight = n - i;
            if left < weight {
                return i;
            }
            left -= weight;
        }
        n - 1
    }

    /// Above 0 and below 1.
    fn unit(&mut self) -> f64 {
        (f64::from(self.draws.word()) + 0.5) / 4_294_967_296.0
    }

    /// Normal about `middle`, between the ends (Box and Muller 1958).
    fn truncated(&mut self, middle: f64, sigma: f64, (low, high): (f64, f64)) -> f64 {
        for _ in 0..NORMAL_ATTEMPTS {
            let radius = (-2.0 * self.unit().ln()).sqrt();
            let x = middle + sigma * radius * (std::f64::consts::TAU * self.unit()).cos();
            if (low..=high).contains(&x) {
                return x;
            }
        }
        middle.clamp(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::tests::space;
    use super::*;
    use serde_json::json;

    fn parent<'r>(point: &'r Point, model: &'r Model) -> Parent<'r> {
        Parent { number: 7, point, model }
    }

    fn known() -> BTreeSet<[u8; 32]> {
        BTreeSet::new()
    }

    #[test]
    fn what_is_drawn_evenly_reaches_everything_and_is_never_there_twice() {
        let space = space();
        let children = Breeder::new(&space, 1, 1).breed(300, &[], &mut known());
        assert_eq!(children.len(), 300);
        let hashes: BTreeSet<_> = children.iter().map(|child| child.settings.hash).collect();
        assert_eq!(hashes.len(), 300);
        for (at, parameter) in space.parameters.iter().enumerate() {
            for child in &children {
                let value = &child.point[at];
                assert_eq!(value.is_some(), space.counts(&child.point, at));
                assert!(value.as_ref().is_none_or(|value| parameter.domain.has(value)), "{value:?}");
            }
        }
        let shares: BTreeSet<i64> = children.iter().filter_map(|child| child.point[2].as_ref()?.as_i64()).collect();
        assert!(shares.contains(&10) && shares.contains(&90));
        for choice in ["annealing", "ga", "none"] {
            let times = children.iter().filter(|child| child.point[0] == Some(json!(choice))).count();
            assert!((90..=110).contains(&times), "{choice}: {times}");
        }
        // By logarithms as many are between 2 and 11 as between 12 and 64.
        let populations: Vec<i64> = children.iter().filter_map(|child| child.point[1].as_ref()?.as_i64()).collect();
        let small = populations.iter().filter(|&&population| population <= 11).count() as f64;
        assert!((0.35..0.65).contains(&(small / populations.len() as f64)), "{small} of {}", populations.len());
    }

    #[test]
    fn of_a_few_that_are_drawn_each_choice_is_there_and_numbers_are_spread() {
        let space = space();
        for seed in 0..20 {
            let children = Breeder::new(&space, seed, 1).breed(6, &[], &mut known());
            for choice in ["annealing", "ga", "none"] {
                assert!(children.iter().any(|child| child.point[0] == Some(json!(choice))), "{seed} {choice}");
            }
            let mut shares: Vec<i64> = children.iter().filter_map(|child| child.point[2].as_ref()?.as_i64()).collect();
            shares.sort_unstable();
            assert!(shares[0] < 24 && shares[5] > 76, "{seed} {shares:?}");
        }
    }

    #[test]
    fn the_same_seed_and_race_breed_the_same_and_others_do_not() {
        let space = space();
        let of = |seed, race| {
            let children = Breeder::new(&space, seed, race).breed(20, &[], &mut known());
            children.into_iter().map(|child| child.point).collect::<Vec<_>>()
        };
        assert_eq!(of(3, 2), of(3, 2));
        assert!(of(3, 2) != of(4, 2) && of(3, 2) != of(3, 3));
    }

    #[test]
    fn children_come_closer_to_their_parent_with_each_race() {
        let space = space();
        let point =
            space.point(&json!({"stage2b": {"use": "ga", "share": 40, "elevated": 0.6}, "population": 16})).unwrap();
        let mut model = Model::new(&space);
        let mut spread = |narrowed: usize| {
            for _ in 0..narrowed {
                model.narrow(&space, &point, 30, 0.5);
            }
            let children = Breeder::new(&space, 5, 2).breed(200, &[parent(&point, &model)], &mut known());
            let far = children.iter().filter_map(|child| child.point[2].as_ref()?.as_f64()).map(|x| (x - 40.0).abs());
            let far: Vec<f64> = far.collect();
            let same = children.iter().filter(|child| child.point[0] == point[0]).count();
            (far.iter().sum::<f64>() / far.len() as f64, same as f64 / children.len() as f64)
        };
        let (before, after) = (spread(0), spread(2));
        assert!(after.0 < before.0 / 2.0, "{before:?} {after:?}");
        assert!(before.1 < 0.5 && after.1 > 0.7, "{before:?} {after:?}");
    }

    #[test]
    fn a_cross_has_each_value_from_one_of_two() {
        let space = space();
        let of = |share, elevated| {
            space.point(&json!({"stage2b": {"use": "none", "share": share, "elevated": elevated}})).unwrap()
        };
        let (one, other, model) = (of(20, 0.51), of(80, 0.69), Model::new(&space));
        let parents = [parent(&one, &model), Parent { number: 8, ..parent(&other, &model) }];
        let children = Breeder::new(&space, 1, 2).breed(40, &parents, &mut known());
        let crossed: Vec<_> = children.iter().filter(|child| matches!(child.birth, Birth::Cross { .. })).collect();
        assert!(!crossed.is_empty());
        for child in crossed {
            for at in 0..4 {
                assert!(child.point[at] == one[at] || child.point[at] == other[at]);
            }
        }
    }

    #[test]
    fn the_better_a_parent_the_more_children() {
        let space = space();
        let mut breeder = Breeder::new(&space, 1, 1);
        let mut counts = [0; 3];
        for _ in 0..6_000 {
            breeder.draws.next_step();
            counts[breeder.weighted(3)] += 1;
        }
        let near = |count: usize, expected: usize| count.abs_diff(expected) < 200;
        assert!(near(counts[0], 3000) && near(counts[1], 2000) && near(counts[2], 1000), "{counts:?}");
    }

    #[test]
    fn where_everything_was_there_nothing_new_is_bred() {
        let space = Space::new(
            json!({}),
            vec![super::super::parameters::Parameter {
                key: "gpu".into(),
                domain: Domain::Choices(vec![json!("off"), json!("all")]),
                conditions: vec![],
            }],
        )
        .unwrap();
        let mut known = known();
        assert_eq!(Breeder::new(&space, 1, 1).breed(9, &[], &mut known).len(), 2);
        assert!(Breeder::new(&space, 1, 2).breed(9, &[], &mut known).is_empty());
    }
}
