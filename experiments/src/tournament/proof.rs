//! The proof: the winner and the defaults on instances that were never raced on.

use super::race::{Cost, difference};
use super::stream;
use crate::grid::Instance;
use crate::statistics::{interval, median, signed_rank};
use moves::Draws;
use serde::{Serialize, Serializer};

/// Samples that are drawn for the interval.
const RESAMPLES: usize = 2_000;
/// What chance would do more seldom counts as proven.
const CHANCE: f64 = 0.05;
/// With fewer instances even a winner that is ahead on all of them may be so by chance: 2 of 2⁵ ways
/// of signs are more than one in twenty.
pub(super) const LEAST_INSTANCES: usize = 6;

/// The winner beside the defaults.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proof {
    /// What a trial may spend.
    pub budget: String,
    /// Seeds of each instance.
    pub seeds: u64,
    /// Each instance.
    pub instances: Vec<Compared>,
    /// The median, over instances, of the winner's penalty by that of the defaults.
    #[serde(serialize_with = "finite")]
    pub ratio: f64,
    /// From here on the median lies with 95 % confidence.
    #[serde(serialize_with = "finite")]
    pub low: f64,
    /// Up to here.
    #[serde(serialize_with = "finite")]
    pub high: f64,
    /// How likely such differences are by chance: Wilcoxon's signed ranks over instances.
    pub p: f64,
    /// Instances on which the winner is better.
    pub better: usize,
    /// On which it is worse.
    pub worse: usize,
    /// On which there is no difference.
    pub equal: usize,
}

/// An instance on which the two were compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub instance: String,
    /// The median, over seeds, of the winner's penalty by that of the defaults: 0 where the winner
    /// alone is valid, endless where the defaults alone are.
    #[serde(serialize_with = "finite")]
    pub ratio: f64,
}

/// In JSON what is endless is text.
fn finite<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.serialize_str("infinite") }
}

impl Proof {
    /// Compares costs: for each instance and each of its seeds, first the defaults, then the
    /// winner. Seeds of one instance are not independent, so they count as one, by their median.
    pub(super) fn of(instances: &[Instance], costs: &[Vec<(Cost, Cost)>], budget: String, seed: u64) -> Proof {
        let of_instance = |pairs: &Vec<(Cost, Cost)>| {
            let mut differences: Vec<f64> = pairs.iter().map(|(default, winner)| difference(winner, default)).collect();
            median(&mut differences)
        };
        let differences: Vec<f64> = costs.iter().map(of_instance).collect();
        let mut draws = Draws::new(seed, [stream::RESAMPLES, 0]);
        let (low, high) = interval(&differences, RESAMPLES, &mut draws);
        let count = |which: fn(&f64) -> bool| differences.iter().filter(|one| which(one)).count();
        let compared = instances.iter().zip(&differences);
        Proof {
            budget,
            seeds: costs.iter().map(Vec::len).max().unwrap_or(0) as u64,
            instances: compared
                .map(|(instance, difference)| Compared { instance: instance.name.clone(), ratio: difference.exp() })
                .collect(),
            ratio: median(&mut differences.clone()).exp(),
            low: low.exp(),
            high: high.exp(),
            p: signed_rank(&differences).p,
            better: count(|one| *one < 0.0),
            worse: count(|one| *one > 0.0),
            equal: count(|one| *one == 0.0),
        }
    }

    /// Whether the winner is better by more than chance.
    pub fn holds(&self) -> bool {
        self.p < CHANCE && self.ratio < 1.0 && self.high < 1.0
    }

    /// In a line: `median ratio 0.931 (95 %: 0.902 to 0.957), p = 0.0003; better on 17 of 20
    /// instances, worse on 2`.
    pub fn in_words(&self) -> String {
        let Proof { ratio, low, high, p, better, worse, .. } = self;
        let n = self.instances.len();
        let p = if *p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") };
        let (ratio, low, high) = (in_digits(*ratio), in_digits(*low), in_digits(*high));
        format!(
            "median ratio {ratio} (95 %: {low} to {high}), {p}; better on {better} of {n} instances, worse on {worse}"
        )
    }
}

/// A ratio with four digits; 0 and `infinite` where one of the two alone is valid.
pub(super) fn in_digits(ratio: f64) -> String {
    match ratio {
        0.0 => "0".to_owned(),
        ratio if ratio.is_infinite() => "infinite".to_owned(),
        ratio => format!("{ratio:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use timetable::Score;

    fn score(penalty: i64) -> Cost {
        Some(Score { unplaced: 0, hard: 0, penalty })
    }

    fn proof(costs: &[Vec<(Cost, Cost)>]) -> Proof {
        let instance = |n: usize| Instance { name: format!("i{n}"), path: "".into(), hash: String::new(), bytes: 0 };
        let instances: Vec<Instance> = (0..costs.len()).map(instance).collect();
        Proof::of(&instances, costs, "9 steps".into(), 1)
    }

    #[test]
    fn a_winner_that_is_better_almost_everywhere_is_proven() {
        let costs: Vec<Vec<(Cost, Cost)>> = (0..20)
            .map(|n| (0..3).map(|seed| (score(999 + n), score(if n == 7 { 1099 } else { 899 + seed }))).collect())
            .collect();
        let proof = proof(&costs);
        assert!(proof.holds(), "{proof:?}");
        assert_eq!((proof.better, proof.worse, proof.equal, proof.seeds), (19, 1, 0, 3));
        assert!((0.88..0.91).contains(&proof.ratio) && proof.low <= proof.ratio && proof.ratio <= proof.high);
    }

    #[test]
    fn neither_a_few_instances_nor_chance_nor_many_runs_of_the_same_prove_anything() {
        let better = (score(999), score(899));
        assert!(!proof(&vec![vec![better; 100]; 5]).holds(), "five instances, however many seeds");
        assert!(proof(&vec![vec![better]; 6]).holds());
        let mixed: Vec<_> = (0..20).map(|n| vec![if n % 2 == 0 { better } else { (score(899), score(999)) }]).collect();
        assert!(!proof(&mixed).holds());
        assert!(!proof(&vec![vec![(score(5), score(5)); 3]; 20]).holds());
    }

    #[test]
    fn a_winner_that_fails_is_no_winner_and_json_has_no_endless_numbers() {
        let proof = proof(&vec![vec![(score(9), None)]; 8]);
        assert!(!proof.holds() && proof.worse == 8);
        assert_eq!(serde_json::to_value(&proof).unwrap()["ratio"], "infinite");
    }
}
