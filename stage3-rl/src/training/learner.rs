//! The same network in candle, its gradients, and how its weights follow them: actor and critic
//! (proximal policy optimisation, Schulman et al., 2017), with moments of our own (Adam), so that
//! they can be saved.

use super::batch::Batch;
use crate::learned::features::{COUNT, GROUPS, Group};
use crate::learned::network::HIDDEN;
use crate::learned::weights::{Named, SHAPES};
use candle_core::{D, Device, Result, Tensor, Var};
use std::collections::BTreeMap;

/// How far a probability may move in one round, as a share.
const CLIP: f32 = 0.2;
/// What the critic's error counts, beside the actor's.
const CRITIC: f64 = 0.5;
/// The same in a lesson.
const LISTENER: f64 = 0.05;
/// The length of the gradient at most.
const LONGEST: f32 = 0.5;
const DECAY: (f32, f32) = (0.9, 0.999);
const EPSILON: f32 = 1e-8;

/// Weights that learn, with the moments of their gradients; by name, as rows one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Learner {
    pub(super) weights: Named,
    pub(super) first: Named,
    pub(super) second: Named,
    /// Updates so far.
    pub(super) updates: u64,
    without: Option<Group>,
}

/// What an update says about itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NetworkOutput {
    pub(super) critic: f32,
    pub(super) entropy: f32,
    /// Minus the logarithm of the probability of what was to be imitated.
    pub(super) unlike: f32,
}

impl Learner {
    pub(super) fn new(weights: Named, without: Option<Group>) -> Learner {
        let zero: Named = weights.iter().map(|(name, w)| (name.clone(), vec![0.0; w.len()])).collect();
        let mut learner = Learner { weights, first: zero.clone(), second: zero, updates: 0, without };
        learner.leave_out();
        learner
    }

    /// Weights of features that it does without are 0.
    pub(super) fn leave_out(&mut self) {
        let Some(rows) = self.weights.get_mut("each.weight") else { return };
        for (row, group) in rows.chunks_exact_mut(HIDDEN).zip(GROUPS) {
            if self.without == Some(group) {
                row.fill(0.0);
            }
        }
    }

    /// One step of length `rate` against the gradient over a batch; `curious` is what the entropy
    /// of the policy counts.
    pub(super) fn update(&mut self, batch: &Batch, rate: f32, curious: f64) -> Result<NetworkOutput> {
        self.step(rate, |vars| loss(vars, batch, curious))
    }

    /// The same towards what the teacher chose, whatever came of it (imitation).
    pub(super) fn imitate(&mut self, batch: &Batch, rate: f32) -> Result<NetworkOutput> {
        self.step(rate, |vars| likeness(vars, batch))
    }

    fn step(
        &mut self,
        rate: f32,
        loss: impl Fn(&BTreeMap<&str, Var>) -> Result<(Tensor, NetworkOutput)>,
    ) -> Result<NetworkOutput> {
        let device = Device::Cpu;
        let mut vars = BTreeMap::new();
        for (name, shape) in SHAPES {
            vars.insert(name, Var::from_tensor(&Tensor::from_slice(&self.weights[name], &shape, &device)?)?);
        }
        let (loss, output) = loss(&vars)?;
        let gradients = loss.backward()?;
        let mut by_name: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
        for (name, var) in &vars {
            if let Some(gradient) = gradients.get(var) {
                by_name.insert(name, gradient.flatten_all()?.to_vec1()?);
            }
        }
        self.follow(&by_name, rate);
        Ok(output)
    }

    /// Adam (Kingma and Ba, 2015).
    fn follow(&mut self, gradients: &BTreeMap<&str, Vec<f32>>, rate: f32) {
        let length = gradients.values().flatten().map(|g| g * g).sum::<f32>().sqrt();
        let scale = if length > LONGEST { LONGEST / length } else { 1.0 };
        self.updates += 1;
        let unbiased = |decay: f32| 1.0 - decay.powi(self.updates.min(100_000) as i32);
        let (of_first, of_second) = (unbiased(DECAY.0), unbiased(DECAY.1));
        for (&name, gradient) in gradients {
            let weights = self.weights.get_mut(name).expect("every tensor is named");
            let first = self.first.get_mut(name).expect("as many moments as weights");
            let second = self.second.get_mut(name).expect("as many moments as weights");
            for (k, g) in gradient.iter().map(|g| g * scale).enumerate() {
                first[k] = DECAY.0 * first[k] + (1.0 - DECAY.0) * g;
                second[k] = DECAY.1 * second[k] + (1.0 - DECAY.1) * g * g;
                weights[k] -= rate * (first[k] / of_first) / ((second[k] / of_second).sqrt() + EPSILON);
            }
        }
        self.leave_out();
    }
}

/// Scores of a batch's candidates (batch × candidates) and what things are worth (batch).
fn evaluate(vars: &BTreeMap<&str, Var>, batch: &Batch) -> Result<(Tensor, Tensor)> {
    let (n, most) = (batch.len, batch.most);
    let var = |name: &str| vars[name].as_tensor();
    let x = Tensor::from_slice(&batch.features, (n * most, COUNT), &Device::Cpu)?;
    let mask = Tensor::from_slice(&batch.mask, (n, most, 1), &Device::Cpu)?;
    let hidden = x.matmul(var("each.weight"))?.broadcast_add(var("each.bias"))?.relu()?;
    let there = hidden.reshape((n, most, HIDDEN))?.broadcast_mul(&mask)?;
    let mean = there.sum(1)?.broadcast_div(&mask.sum(1)?)?;
    let own = hidden.matmul(var("own.weight"))?.reshape((n, most, HIDDEN))?;
    let shared = mean.matmul(var("mean.weight"))?.broadcast_add(var("own.bias"))?.reshape((n, 1, HIDDEN))?;
    let both = own.broadcast_add(&shared)?.relu()?.reshape((n * most, HIDDEN))?;
    let scores = both.matmul(var("score.weight"))?.broadcast_add(var("score.bias"))?.reshape((n, most))?;
    let state = mean.matmul(var("state.weight"))?.broadcast_add(var("state.bias"))?.relu()?;
    let value = state.matmul(var("value.weight"))?.broadcast_add(var("value.bias"))?.reshape(n)?;
    Ok((scores, value))
}

/// Logarithms of the probabilities of all candidates, of those chosen, where there is a candidate,
/// and what things are worth.
fn chances(vars: &BTreeMap<&str, Var>, batch: &Batch) -> Result<(Tensor, Tensor, Tensor, Tensor)> {
    let n = batch.len;
    let (scores, value) = evaluate(vars, batch)?;
    let mask = Tensor::from_slice(&batch.mask, (n, batch.most), &Device::Cpu)?;
    let scores = (scores + mask.affine(1e9, -1e9)?)?;
    let log = scores.broadcast_sub(&scores.log_sum_exp(D::Minus1)?.unsqueeze(1)?)?;
    let chosen = Tensor::from_slice(&batch.chosen, (n, 1), &Device::Cpu)?;
    let of_chosen = log.gather(&chosen, 1)?.squeeze(1)?;
    Ok((log, of_chosen, mask, value))
}

fn likeness(vars: &BTreeMap<&str, Var>, batch: &Batch) -> Result<(Tensor, NetworkOutput)> {
    let (log, _, mask, value) = chances(vars, batch)?;
    let returns = Tensor::from_slice(&batch.returns, batch.len, &Device::Cpu)?;
    let critic = (value - returns)?.sqr()?.mean_all()?;
    let label = Tensor::from_slice(&batch.label, (batch.len, batch.most), &Device::Cpu)?;
    // Any of those that the teacher takes as equals will do.
    let of_labelled = (&log + label.affine(1e9, -1e9)?)?.log_sum_exp(D::Minus1)?;
    let unlike = of_labelled.mean_all()?.neg()?;
    let entropy = (log.exp()? * (log * mask)?)?.sum(1)?.mean_all()?.neg()?;
    let output =
        NetworkOutput { critic: critic.to_scalar()?, entropy: entropy.to_scalar()?, unlike: unlike.to_scalar()? };
    Ok(((unlike + (critic * LISTENER)?)?, output))
}

fn loss(vars: &BTreeMap<&str, Var>, batch: &Batch, curious: f64) -> Result<(Tensor, NetworkOutput)> {
    let n = batch.len;
    let column = |numbers: &[f32]| Tensor::from_slice(numbers, n, &Device::Cpu);
    let (log, of_chosen, mask, value) = chances(vars, batch)?;
    let ratio = (of_chosen - column(&batch.log_probability)?)?.exp()?;
    let advantage = column(&batch.advantage)?;
    let clipped = ratio.clamp(1.0 - CLIP, 1.0 + CLIP)?;
    let actor = (ratio * &advantage)?.minimum(&(clipped * &advantage)?)?.mean_all()?.neg()?;
    let critic = (value - column(&batch.returns)?)?.sqr()?.mean_all()?;
    let entropy = (log.exp()? * (log * mask)?)?.sum(1)?.mean_all()?.neg()?;
    let output = NetworkOutput { critic: critic.to_scalar()?, entropy: entropy.to_scalar()?, unlike: 0.0 };
    Ok((((actor + (critic * CRITIC)?)? - (entropy * curious)?)?, output))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learned::network::{Network, Scratch};
    use crate::learned::weights::drawn;

    #[test]
    fn plain_matrices_and_candle_say_the_same() {
        let mut rng = crate::rng(5);
        for seed in 0..20 {
            let named = drawn(seed);
            let sets: Vec<Vec<[f32; COUNT]>> = (0..9)
                .map(|_| (0..1 + rng.below(17)).map(|_| std::array::from_fn(|_| 2.0 * rng.unit() - 1.0)).collect())
                .collect();
            let batch = Batch::of(sets.iter().map(|set| (set.as_slice(), 0, 0.0, 0.0, 0.0)));
            let mut vars = BTreeMap::new();
            for (name, shape) in SHAPES {
                let tensor = Tensor::from_slice(&named[name], &shape, &Device::Cpu).expect("a tensor");
                vars.insert(name, Var::from_tensor(&tensor).expect("a variable"));
            }
            let (scores, value) = evaluate(&vars, &batch).expect("scores");
            let (scores, value): (Vec<Vec<f32>>, Vec<f32>) =
                (scores.to_vec2().expect("numbers"), value.to_vec1().expect("numbers"));
            let network = Network::from_named(&named);
            let mut scratch = Scratch::default();
            for (i, set) in sets.iter().enumerate() {
                network.evaluate(set.iter(), &mut scratch);
                assert!((scratch.value - value[i]).abs() < 1e-4);
                for (plain, candle) in scratch.scores.iter().zip(&scores[i]) {
                    assert!((plain - candle).abs() < 1e-4, "{plain} {candle}");
                }
            }
        }
    }

    #[test]
    fn it_learns_which_candidate_is_good() {
        // Of two candidates the one with more of the third feature is good.
        let mut rng = crate::rng(3);
        let mut learner = Learner::new(drawn(1), None);
        let mut scratch = Scratch::default();
        let mut right = 0;
        for round in 0..400 {
            let mut sets = Vec::new();
            for _ in 0..64 {
                let set: Vec<[f32; COUNT]> = (0..2).map(|_| std::array::from_fn(|_| 2.0 * rng.unit() - 1.0)).collect();
                Network::from_named(&learner.weights).evaluate(set.iter(), &mut scratch);
                let s = &scratch.scores;
                let p = 1.0 / (1.0 + (s[1] - s[0]).exp());
                let chosen = usize::from(rng.unit() >= p);
                let good = usize::from(set[1][2] > set[0][2]);
                right += usize::from(round >= 390 && chosen == good);
                let log = if chosen == 0 { p.ln() } else { (1.0 - p).ln() };
                sets.push((set, chosen, log, if chosen == good { 1.0f32 } else { -1.0 }));
            }
            let batch = Batch::of(sets.iter().map(|s| (s.0.as_slice(), s.1, s.2, s.3, s.3)));
            learner.update(&batch, 3e-3, 0.0).expect("an update");
        }
        assert!(right > 600, "{right} of 640");
    }

    #[test]
    fn it_imitates() {
        // The teacher chooses the candidate of three that has the most of the fifth feature.
        let mut rng = crate::rng(6);
        let mut learner = Learner::new(drawn(1), None);
        let mut output = Vec::new();
        for _ in 0..300 {
            let sets: Vec<(Vec<[f32; COUNT]>, usize)> = (0..64)
                .map(|_| {
                    let set: Vec<[f32; COUNT]> =
                        (0..3).map(|_| std::array::from_fn(|_| 2.0 * rng.unit() - 1.0)).collect();
                    let label = (0..3).max_by(|&a, &b| set[a][4].total_cmp(&set[b][4])).expect("three");
                    (set, label)
                })
                .collect();
            let batch = Batch::of(sets.iter().map(|(set, _)| (set.as_slice(), 0, 0.0, 0.0, 0.0)));
            let batch = batch.labelled(sets.iter().map(|(_, label)| vec![*label]));
            output.push(learner.imitate(&batch, 3e-3).expect("an update").unlike);
        }
        assert!(output[0] > 0.9 && output[299] < 0.3, "{} {}", output[0], output[299]);
    }

    #[test]
    fn what_it_does_without_it_does_not_learn() {
        let mut rng = crate::rng(4);
        let mut learner = Learner::new(drawn(1), Some(Group::Penalty));
        let set: Vec<[f32; COUNT]> = (0..3).map(|_| std::array::from_fn(|_| rng.unit())).collect();
        let batch = Batch::of([(set.as_slice(), 1, -1.0, 1.0, 1.0)].into_iter());
        learner.update(&batch, 1e-2, 0.01).expect("an update");
        for (row, group) in learner.weights["each.weight"].chunks_exact(HIDDEN).zip(GROUPS) {
            assert_eq!(row.iter().all(|w| *w == 0.0), group == Group::Penalty);
        }
    }
}
