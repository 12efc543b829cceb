//! Settings by features: one split of all problems in two, each half with the configuration that
//! was best on those of its instances that were raced on.
//!
//! A model as small as that is what a handful of instances can teach. Whether it is any good is for
//! the proof to say, on instances that were not raced on.

use super::news::name;
use super::proof::Proof;
use scheduler::{Condition, FEATURES, Feature};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use timetable::Problem;

/// What becomes of it, in the tournament's folder.
pub(super) const TABLE: &str = "by-features.toml";
/// Each half has so many instances at least.
const LEAST: usize = 2;
/// One instance counts no more than this, however much better it is there: the logarithm of a ratio.
const MOST: f64 = 1.0;

/// By configuration: how it did on each instance that was raced on, as the logarithm of the ratio of
/// its penalties to those of the defaults; `None` where it did not run.
pub(super) type Results = BTreeMap<u32, Vec<Option<f64>>>;

/// A feature, a bound, and the configurations below it and from it on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    feature: &'static Feature,
    bound: f64,
    pub(super) below: u32,
    pub(super) from: u32,
}

/// Every feature of a problem.
pub(super) fn features(problem: &Problem) -> Vec<f64> {
    FEATURES.iter().map(|feature| feature.of(problem)).collect()
}

impl Split {
    /// The split that would have done best on what was raced on; `None` where none would have done
    /// better than one configuration for all. `features`: those of each instance.
    pub(super) fn learn(features: &[Vec<f64>], results: &Results) -> Option<Split> {
        let everyone: Vec<usize> = (0..features.len()).collect();
        let (mut least, _) = best(&everyone, results)?;
        let mut split = None;
        for (at, feature) in FEATURES.iter().enumerate() {
            for bound in bounds(features.iter().map(|of| of[at]).collect()) {
                let (below, from): (Vec<usize>, Vec<usize>) = everyone.iter().partition(|&&i| features[i][at] < bound);
                if below.len() < LEAST || from.len() < LEAST {
                    continue;
                }
                let (Some((a, below)), Some((b, from))) = (best(&below, results), best(&from, results)) else {
                    continue;
                };
                if below != from && a + b < least {
                    least = a + b;
                    split = Some(Split { feature, bound, below, from });
                }
            }
        }
        split
    }

    /// The configuration for a problem with these features.
    pub(super) fn choose(&self, features: &[f64]) -> u32 {
        let at = FEATURES.iter().position(|feature| feature.name == self.feature.name);
        let is_below = at.is_some_and(|at| features[at] < self.bound);
        if is_below { self.below } else { self.from }
    }

    /// Both halves: the condition, and the configuration.
    pub(super) fn halves(&self) -> [(Condition, u32); 2] {
        let condition = |is_below| Condition::new(self.feature, is_below, self.bound);
        [(condition(true), self.below), (condition(false), self.from)]
    }
}

/// Numbers between those that there are, with few digits.
fn bounds(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values.dedup();
    let between = |pair: &[f64]| {
        let middle = (pair[0] + pair[1]) / 2.0;
        // The shortest number that still lies between the two.
        let short = (0..=16).map(|digits| format!("{middle:.digits$e}").parse().unwrap_or(middle));
        short.into_iter().find(|short| pair[0] < *short && *short <= pair[1]).unwrap_or(middle)
    };
    values.windows(2).map(between).collect()
}

/// The configuration that did best on some instances, among those that ran on all of them: the sum
/// of how it did there, and its number.
fn best(instances: &[usize], results: &Results) -> Option<(f64, u32)> {
    let sum = |of: &Vec<Option<f64>>| -> Option<f64> {
        instances.iter().map(|&i| of[i].map(|one| one.clamp(-MOST, MOST))).sum()
    };
    let all = results.iter().filter_map(|(&number, of)| Some((sum(of)?, number)));
    all.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ByFeatures {
    /// Both halves.
    pub halves: [Half; 2],
    /// Whether it is better than the defaults by more than chance, on what is held out.
    pub is_better: bool,
    /// On what is held out, by steps.
    pub proof: Proof,
    /// The same by time, where that was asked for.
    pub confirmed: Option<Proof>,
}

/// A half of all problems.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Half {
    /// Which.
    #[serde(rename = "if", serialize_with = "as_text")]
    pub condition: Condition,
    /// Its configuration.
    pub configuration: u32,
    /// What that sets.
    pub sets: Value,
}

fn as_text<S: Serializer>(condition: &Condition, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(condition)
}

impl ByFeatures {
    /// As a configuration file, with its evidence; `None` where it is no better than the defaults.
    pub fn to_toml(&self) -> Option<String> {
        if !self.is_better {
            return None;
        }
        let mut text = "# Found by `stagecoach tournament`: settings by features, beside the defaults on instances that\n# were never raced on.\n".to_owned();
        for proof in [&self.proof].into_iter().chain(&self.confirmed) {
            let _ = writeln!(text, "#   {}, seeds: {}: {}", proof.budget, proof.seeds, proof.in_words());
        }
        for half in &self.halves {
            let sets = toml::to_string(&half.sets["annealing"]).unwrap_or_default();
            if sets.is_empty() {
                continue;
            }
            let _ = write!(text, "\n[[when]] # {}\nif = \"{}\"\n", name(half.configuration), half.condition);
            sets.lines().for_each(|line| {
                let _ = writeln!(text, "annealing.{line}");
            });
        }
        Some(text)
    }

    /// In a line.
    pub fn in_words(&self) -> String {
        let half = |half: &Half| format!("{} where {}", name(half.configuration), half.condition);
        let proof = self.confirmed.as_ref().unwrap_or(&self.proof);
        let verdict = if self.is_better { "better than the defaults" } else { "no better than the defaults" };
        format!("{}, {}: {verdict}: {}", half(&self.halves[0]), half(&self.halves[1]), proof.in_words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of problems with so many classes, and nothing else.
    fn of(classes: &[f64]) -> Vec<Vec<f64>> {
        let one = |&classes: &f64| FEATURES.iter().map(|f| if f.name == "classes" { classes } else { 1.0 }).collect();
        classes.iter().map(one).collect()
    }

    #[test]
    fn a_split_gives_each_half_what_was_best_there() {
        let features = of(&[100.0, 120.0, 900.0, 1000.0]);
        let results = Results::from([
            (0, vec![Some(0.0); 4]),
            (3, vec![Some(-0.2), Some(-0.1), Some(0.3), Some(0.2)]),
            (5, vec![Some(0.1), Some(0.2), Some(-0.1), Some(f64::NEG_INFINITY)]),
        ]);
        let split = Split::learn(&features, &results).unwrap();
        assert_eq!((split.feature.name, split.bound), ("classes", 500.0));
        let chosen: Vec<u32> = features.iter().map(|of| split.choose(of)).collect();
        assert_eq!(chosen, [3, 3, 5, 5]);
        let [below, from] = split.halves();
        assert_eq!((below.0.to_string(), from.0.to_string()), ("classes < 500".into(), "classes >= 500".into()));
    }

    #[test]
    fn where_one_configuration_is_best_everywhere_there_is_no_split() {
        let features = of(&[100.0, 120.0, 900.0, 1000.0]);
        let results = Results::from([(0, vec![Some(0.0); 4]), (3, vec![Some(-0.2); 4])]);
        assert!(Split::learn(&features, &results).is_none());
        // Nor by one instance alone, nor by what did not run on all of a half.
        let results = Results::from([(0, vec![Some(0.0); 4]), (3, vec![Some(-0.4), Some(0.5), Some(0.5), Some(0.5)])]);
        assert!(Split::learn(&features, &results).is_none());
        let results = Results::from([(0, vec![Some(0.0); 4]), (3, vec![Some(-0.9), None, None, Some(0.5)])]);
        assert!(Split::learn(&features, &results).is_none());
        assert!(Split::learn(&of(&[7.0, 7.0, 7.0]), &Results::from([(0, vec![Some(0.0); 3])])).is_none());
    }

    #[test]
    fn bounds_lie_between_and_are_short() {
        assert_eq!(bounds(vec![10.0, 1.0, 1.0, 1.01, 25_000.0]), [1.005, 6.0, 10_000.0]);
    }
}
