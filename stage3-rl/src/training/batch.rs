//! What many episodes have shown, as tensors want it.

use super::episode::Episode;
use crate::learned::features::COUNT;

/// What is later counts less, each step by this factor; and how far advantages look ahead (Schulman
/// et al., 2016).
const DISCOUNT: f32 = 0.98;
const LOOK: f32 = 0.95;

/// Steps side by side: candidates padded to the most that one has.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    pub(super) len: usize,
    pub(super) most: usize,
    /// Step × candidate × feature.
    pub(super) features: Vec<f32>,
    /// Step × candidate: 1 where there is one.
    pub(super) mask: Vec<f32>,
    pub(super) chosen: Vec<u32>,
    pub(super) log_probability: Vec<f32>,
    pub(super) advantage: Vec<f32>,
    pub(super) returns: Vec<f32>,
    /// Step × candidate: 1 where the teacher would choose it; empty where there is no teacher.
    pub(super) label: Vec<f32>,
}

/// Candidates, which was chosen, with what logarithm of its probability, how much better it was
/// than expected, and what came after.
pub(super) type Row<'a> = (&'a [[f32; COUNT]], usize, f32, f32, f32);

impl Batch {
    pub(super) fn of<'a>(rows: impl Iterator<Item = Row<'a>>) -> Batch {
        let rows: Vec<Row<'a>> = rows.collect();
        let most = rows.iter().map(|r| r.0.len()).max().unwrap_or(0);
        let mut batch = Batch { len: rows.len(), most, ..Batch::default() };
        for (features, chosen, log_probability, advantage, returns) in rows {
            features.iter().for_each(|f| batch.features.extend(f));
            batch.features.resize(batch.features.len() + (most - features.len()) * COUNT, 0.0);
            batch.mask.extend((0..most).map(|k| f32::from(u8::from(k < features.len()))));
            batch.chosen.push(chosen as u32);
            batch.log_probability.push(log_probability);
            batch.advantage.push(advantage);
            batch.returns.push(returns);
        }
        batch
    }
}

impl Batch {
    /// With what a teacher would choose any of, in each step.
    pub(super) fn labelled(self, labels: impl Iterator<Item = Vec<usize>>) -> Batch {
        let mut label = vec![0.0; self.mask.len()];
        for (step, labels) in labels.enumerate() {
            labels.into_iter().for_each(|k| label[step * self.most + k] = 1.0);
        }
        Batch { label, ..self }
    }
}

/// For each step how much better it went than the critic had expected, and what it should have
/// expected.
pub(super) fn advantages(episode: &Episode) -> Vec<(f32, f32)> {
    let (mut after, mut sum) = (episode.after, 0.0);
    let mut out = Vec::with_capacity(episode.seen.len());
    for seen in episode.seen.iter().rev() {
        let surprise = seen.reward + DISCOUNT * after - seen.value;
        sum = surprise + DISCOUNT * LOOK * sum;
        after = seen.value;
        out.push((sum, sum + seen.value));
    }
    out.reverse();
    out
}
