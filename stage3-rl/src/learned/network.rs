//! The policy as plain matrices: scores for candidates, whatever their order and number, and how
//! well things stand.

use super::features::COUNT;

/// Width of the layers between.
pub(crate) const HIDDEN: usize = 32;

/// Weights of one layer: for each input a row of outputs, then what is added.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layer<const IN: usize, const OUT: usize> {
    pub(crate) weights: Vec<[f32; OUT]>,
    pub(crate) bias: [f32; OUT],
}

impl<const IN: usize, const OUT: usize> Layer<IN, OUT> {
    /// `out += x × weights`; sums in the order of the inputs, so that every machine gets the same.
    fn add(&self, x: &[f32; IN], out: &mut [f32; OUT]) {
        for (&x, row) in x.iter().zip(&self.weights) {
            for (out, &w) in out.iter_mut().zip(row) {
                *out += x * w;
            }
        }
    }
}

/// Scores candidates: each by itself, then each with the mean of all.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Network {
    pub(crate) each: Layer<COUNT, HIDDEN>,
    /// Of the candidate itself; its bias is that of both.
    pub(crate) own: Layer<HIDDEN, HIDDEN>,
    /// Of the mean of all candidates.
    pub(crate) mean: Layer<HIDDEN, HIDDEN>,
    pub(crate) score: Layer<HIDDEN, 1>,
    pub(crate) state: Layer<HIDDEN, HIDDEN>,
    pub(crate) value: Layer<HIDDEN, 1>,
}

/// Room for one evaluation, and what came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    hidden: Vec<[f32; HIDDEN]>,
    /// A score for each candidate.
    pub(crate) scores: Vec<f32>,
    /// How well things stand.
    pub(crate) value: f32,
}

fn positive<const N: usize>(x: &mut [f32; N]) {
    x.iter_mut().for_each(|x| *x = x.max(0.0));
}

impl Network {
    /// Scores candidates, of which there is at least one.
    pub(crate) fn evaluate<'c>(&self, candidates: impl Iterator<Item = &'c [f32; COUNT]>, scratch: &mut Scratch) {
        scratch.hidden.clear();
        scratch.scores.clear();
        let mut mean = [0.0; HIDDEN];
        for features in candidates {
            let mut hidden = self.each.bias;
            self.each.add(features, &mut hidden);
            positive(&mut hidden);
            mean.iter_mut().zip(&hidden).for_each(|(mean, &h)| *mean += h);
            scratch.hidden.push(hidden);
        }
        let n = scratch.hidden.len() as f32;
        mean.iter_mut().for_each(|mean| *mean /= n);
        let mut shared = self.own.bias;
        self.mean.add(&mean, &mut shared);
        for hidden in &scratch.hidden {
            let mut both = shared;
            self.own.add(hidden, &mut both);
            positive(&mut both);
            let mut score = self.score.bias;
            self.score.add(&both, &mut score);
            scratch.scores.push(score[0]);
        }
        let mut state = self.state.bias;
        self.state.add(&mean, &mut state);
        positive(&mut state);
        let mut value = self.value.bias;
        self.value.add(&state, &mut value);
        scratch.value = value[0];
    }
}
