//! Wilcoxon's signed-rank test for pairs.

use super::{ranks_by, z_two_sided};

/// Up to so many pairs the distribution is counted out, ties included; beyond that it is taken as
/// normal.
const EXACT: usize = 60;

/// What the test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SignedRank {
    /// How likely it is that differences as one-sided as these, or more so, come from a
    /// distribution that is symmetric about zero. 1 where nothing differs.
    pub(crate) p: f64,
    /// The ranks of the differences above zero less those of the ones below.
    pub(crate) balance: f64,
}

/// Tests differences. Those of zero say nothing and are left out; infinite ones are larger than all
/// others.
pub(crate) fn signed_rank(differences: &[f64]) -> SignedRank {
    let differences: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0 && !d.is_nan()).collect();
    if differences.is_empty() {
        return SignedRank { p: 1.0, balance: 0.0 };
    }
    let ranks = ranks_by(&differences, |a, b| a.abs().total_cmp(&b.abs()));
    let above: f64 = ranks.iter().zip(&differences).filter(|(_, d)| **d > 0.0).map(|(rank, _)| rank).sum();
    let p = if ranks.len() <= EXACT { exact(&ranks, above) } else { normal(&ranks, above) };
    SignedRank { p, balance: 2.0 * above - ranks.iter().sum::<f64>() }
}

/// Counts the signs by which the ranks of one side come to a sum as far from its middle.
fn exact(ranks: &[f64], above: f64) -> f64 {
    // Shared ranks are halves: everything is counted twice.
    let doubled: Vec<usize> = ranks.iter().map(|rank| (rank * 2.0) as usize).collect();
    let all: usize = doubled.iter().sum();
    let mut likely = vec![0.0; all + 1];
    likely[0] = 1.0;
    let mut most = 0;
    for rank in doubled {
        for sum in (0..=most).rev() {
            let half = likely[sum] / 2.0;
            likely[sum] = half;
            likely[sum + rank] += half;
        }
        most += rank;
    }
    let above = (above * 2.0) as usize;
    let tail = above.min(all - above);
    (2.0 * likely[..=tail].iter().sum::<f64>()).min(1.0)
}

/// Conover, 5.7, (5): ties are in the sum of the squares.
fn normal(ranks: &[f64], above: f64) -> f64 {
    let (all, squares) = ranks.iter().fold((0.0, 0.0), |(all, squares), rank| (all + rank, squares + rank * rank));
    z_two_sided((2.0 * above - all) / f64::sqrt(squares))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p_of(differences: &[f64]) -> f64 {
        signed_rank(differences).p
    }

    fn close(x: f64, y: f64) {
        assert!((x - y).abs() < 1e-9, "{x} is not {y}");
    }

    #[test]
    fn small_samples_are_counted_out() {
        // One of 2^n ways of signs, on each side.
        close(p_of(&[1.0, 2.0, 3.0, 4.0, 5.0]), 2.0 / 32.0);
        close(p_of(&[-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]), 2.0 / 64.0);
        // The smallest the other way round: sums of 0 and 1 on that side.
        close(p_of(&[-1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 4.0 / 64.0);
        // All sizes tie: as many signs as that, or more, of eight.
        close(p_of(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0]), 2.0 * 9.0 / 256.0);
        close(p_of(&[1.0, -1.0]), 1.0);
        assert_eq!(signed_rank(&[-1.0, 2.0, 3.0]).balance, 4.0);
    }

    #[test]
    fn zeros_say_nothing_and_what_is_infinite_is_largest() {
        close(p_of(&[0.0, 0.0]), 1.0);
        close(p_of(&[0.0, 1.0, 2.0, 3.0, 4.0, f64::INFINITY]), 2.0 / 32.0);
        let with = |largest| p_of(&[1.0, 2.0, 3.0, largest, 5.0, -6.0]);
        close(with(f64::INFINITY), with(1e300));
    }

    #[test]
    fn a_worked_example_has_its_published_value() {
        // Darwin's maize: heights of 15 pairs of plants, in eighths of an inch (Fisher, The Design of
        // Experiments, 1935); the test's p is 0.0413 (SciPy 1.17: 0.041259765625).
        let maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48].map(f64::from);
        close(p_of(&maize), 0.041259765625);
    }

    #[test]
    fn beyond_what_is_counted_out_the_normal_distribution_is_close() {
        let ranks: Vec<f64> = (1..=60).map(f64::from).collect();
        for above in [500.0, 700.0, 900.0] {
            let (exact, normal) = (exact(&ranks, above), normal(&ranks, above));
            assert!((exact - normal).abs() < 0.01, "{exact} {normal}");
        }
    }
}
