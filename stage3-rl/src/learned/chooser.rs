//! Who chooses among candidates.

use super::candidates::Candidate;
use super::network::{Network, Scratch};
use moves::Rng;
use std::sync::Arc;

/// Chooses among the candidates of one step.
pub(crate) trait Choose: Send {
    /// One of the candidates, of which there is at least one. `heat` says how much they are to be
    /// taken as equals; 1: no more and no less than the chooser thinks.
    fn choose(&mut self, candidates: &[Candidate], heat: f32, rng: &mut Rng) -> usize;

    /// Those of which it is to be tried what could be done next, before one of them is chosen for
    /// that; none where [`Choose::choose`] decides.
    fn to_look_at(&mut self, _candidates: &[Candidate]) -> Vec<usize> {
        Vec::new()
    }
}

/// Any.
pub(crate) struct RandomChoice;

impl Choose for RandomChoice {
    fn choose(&mut self, candidates: &[Candidate], _heat: f32, rng: &mut Rng) -> usize {
        rng.below(candidates.len())
    }
}

/// What has the fewest in its way, whatever becomes of them; of equals what changes and costs
/// least.
pub(crate) struct FewestConflicts;

impl Choose for FewestConflicts {
    fn choose(&mut self, candidates: &[Candidate], _heat: f32, rng: &mut Rng) -> usize {
        least(candidates, rng, |c| {
            (c.facts.resolved, c.facts.way, c.facts.weight, c.facts.changed, c.facts.students, c.facts.penalty)
        })
    }
}

/// One of those for which this is least.
fn least<K: Ord>(candidates: &[Candidate], rng: &mut Rng, key: impl Fn(&Candidate) -> K) -> usize {
    let least = candidates.iter().map(&key).min();
    let equal: Vec<usize> = (0..candidates.len()).filter(|&i| Some(key(&candidates[i])) == least).collect();
    equal[rng.below(equal.len())]
}

/// Looks one step further: at all candidates, or at those that a network thinks most of.
pub(crate) struct LookAhead {
    pub(crate) of: Option<(Learned, usize)>,
}

impl Choose for LookAhead {
    fn choose(&mut self, candidates: &[Candidate], heat: f32, rng: &mut Rng) -> usize {
        match &mut self.of {
            Some((learned, _)) => learned.choose(candidates, heat, rng),
            None => GreedyChoice.choose(candidates, heat, rng),
        }
    }

    fn to_look_at(&mut self, candidates: &[Candidate]) -> Vec<usize> {
        let mut all: Vec<usize> = (0..candidates.len()).collect();
        if let Some((learned, most)) = &mut self.of {
            learned.network.evaluate(candidates.iter().map(|c| &c.features), &mut learned.scratch);
            let scores = &learned.scratch.scores;
            all.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
            all.truncate(*most);
        }
        all
    }
}

/// What mends most now, with those in the way gone where they can; of equals what changes and costs
/// least: one step of looking ahead.
pub(crate) struct GreedyChoice;

impl Choose for GreedyChoice {
    fn choose(&mut self, candidates: &[Candidate], _heat: f32, rng: &mut Rng) -> usize {
        least(candidates, rng, Candidate::worth)
    }
}

/// What the network says: each candidate with the probability that it gives it, or nearer to equal
/// ones where that did not help.
pub(crate) struct Learned {
    network: Arc<Network>,
    scratch: Scratch,
}

impl Learned {
    pub(crate) fn new(network: Arc<Network>) -> Learned {
        Learned { network, scratch: Scratch::default() }
    }

    /// How well things stood when it last chose.
    #[cfg(feature = "train")]
    pub(crate) fn value(&self) -> f32 {
        self.scratch.value
    }

    /// The logarithm of the probability of each candidate when it last chose.
    #[cfg(feature = "train")]
    pub(crate) fn log_probability(&self, i: usize) -> f32 {
        let scores = &self.scratch.scores;
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = scores.iter().map(|s| exp(s - most)).sum();
        scores[i] - most - sum.ln()
    }
}

impl Choose for Learned {
    fn choose(&mut self, candidates: &[Candidate], heat: f32, rng: &mut Rng) -> usize {
        self.network.evaluate(candidates.iter().map(|c| &c.features), &mut self.scratch);
        let scores = &self.scratch.scores;
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = scores.iter().map(|s| exp((s - most) / heat)).sum();
        let mut left = rng.unit() * sum;
        for (i, s) in scores.iter().enumerate() {
            left -= exp((s - most) / heat);
            if left < 0.0 {
                return i;
            }
        }
        scores.len() - 1
    }
}

/// e to the power of a number that is not above 0, as every machine computes it: (1 + x / 1024) to
/// the power of 1024.
fn exp(x: f32) -> f32 {
    let mut y = (1.0 + x / 1024.0).max(0.0);
    for _ in 0..10 {
        y *= y;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_near_enough() {
        for x in [0.0f32, -0.1, -1.0, -3.0, -10.0, -40.0, -2000.0] {
            assert!((exp(x) - x.exp()).abs() < 1e-3, "{x}");
        }
    }
}
