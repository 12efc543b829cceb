//! Who chooses among candidates.

use super::candidates::Candidate;
use super::network::{Network, Scratch};
use crate::luck::Luck;
use std::sync::Arc;

/// Chooses among the candidates of one step.
pub(crate) trait Choose: Send {
    /// One of the candidates, of which there is at least one. `heat` says how much they are to be taken as equals; 1: no more and no less than
    /// the chooser thinks.
    fn choose(&mut self, candidates: &[Candidate], heat: f32, luck: &mut Luck) -> usize;
}

/// Any.
pub(crate) struct Anyhow;

impl Choose for Anyhow {
    fn choose(&mut self, candidates: &[Candidate], _heat: f32, luck: &mut Luck) -> usize {
        luck.below(candidates.len())
    }
}

/// What mends most now; of equals what changes and costs least.
pub(crate) struct Greedily;

impl Choose for Greedily {
    fn choose(&mut self, candidates: &[Candidate], _heat: f32, luck: &mut Luck) -> usize {
        let key = |c: &Candidate| (c.trouble(), c.facts.changed, c.facts.students, c.facts.penalty);
        let least = candidates.iter().map(key).min();
        let equal: Vec<usize> = (0..candidates.len()).filter(|&i| Some(key(&candidates[i])) == least).collect();
        equal[luck.below(equal.len())]
    }
}

/// What the network says: each candidate with the probability that it gives it, or nearer to equal ones where that did not help.
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
    fn choose(&mut self, candidates: &[Candidate], heat: f32, luck: &mut Luck) -> usize {
        self.network.evaluate(candidates.iter().map(|c| &c.features), &mut self.scratch);
        let scores = &self.scratch.scores;
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = scores.iter().map(|s| exp((s - most) / heat)).sum();
        let mut left = luck.share() * sum;
        for (i, s) in scores.iter().enumerate() {
            left -= exp((s - most) / heat);
            if left < 0.0 {
                return i;
            }
        }
        scores.len() - 1
    }
}

/// e to the power of a number that is not above 0, as every machine computes it: (1 + x / 1024) to the power of 1024.
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
