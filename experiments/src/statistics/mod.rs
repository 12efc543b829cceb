//! Tests and intervals. Sources: Conover, Practical Nonparametric Statistics (3rd edition), 5.7 and
//! 5.8; Holm 1979; Wilson 1927; for the functions Numerical Recipes, 6.2 and 6.4.

mod bootstrap;
mod wilcoxon;

pub(crate) use bootstrap::{interval, median};
pub(crate) use wilcoxon::signed_rank;

use std::cmp::Ordering;

/// The share of a normal distribution that lies within this many standard deviations: 95 %.
pub(crate) const Z95: f64 = 1.959_963_984_540_054;

/// What a Friedman test says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Friedman {
    /// Blocks that hold every treatment.
    pub(crate) blocks: usize,
    /// The mean rank of each treatment; 1 is the best.
    pub(crate) ranks: Vec<f64>,
    /// The statistic, corrected for ties; distributed as χ² with one degree of freedom less than
    /// there are treatments.
    pub(crate) chi2: f64,
    /// How likely such differences, or larger ones, are if there are none.
    pub(crate) p: f64,
    /// For each two treatments, in order, how likely their difference is: Conover's test, not
    /// corrected for the number of pairs.
    pub(crate) pairs: Vec<(usize, usize, f64)>,
}

impl Friedman {
    /// With the pairs corrected by Holm.
    pub(crate) fn corrected(mut self) -> Friedman {
        holm(&mut self.pairs);
        self
    }
}

/// Friedman's test over blocks, each with the [ranks] of every treatment. `None` with fewer than
/// two blocks or treatments, or where nothing differs.
pub(crate) fn friedman(blocks: &[Vec<f64>]) -> Option<Friedman> {
    let b = blocks.len() as f64;
    let k = blocks.first()?.len();
    if blocks.len() < 2 || k < 2 {
        return None;
    }
    let mut sums = vec![0.0; k];
    let mut squares = 0.0; // A: of all ranks
    for block in blocks {
        for (sum, &rank) in sums.iter_mut().zip(block) {
            *sum += rank;
            squares += rank * rank;
        }
    }
    let kf = k as f64;
    let middle = b * kf * (kf + 1.0) * (kf + 1.0) / 4.0; // C
    let spread: f64 = sums.iter().map(|sum| sum * sum).sum();
    if squares - middle <= 1e-9 {
        return None; // every block is one tie
    }
    let chi2 = (kf - 1.0) * (spread - b * middle) / (squares - middle);
    let df = (b - 1.0) * (kf - 1.0);
    // Conover's least difference: |R_i - R_j| > t · sqrt(2 (b A - Σ R²) / ((b-1)(k-1))).
    let error = (2.0 * (b * squares - spread) / df).max(0.0).sqrt();
    let mut pairs = Vec::new();
    for i in 0..k {
        for j in i + 1..k {
            let difference = (sums[i] - sums[j]).abs();
            let p = match error {
                0.0 if difference == 0.0 => 1.0,
                0.0 => 0.0,
                error => t_two_sided(difference / error, df),
            };
            pairs.push((i, j, p));
        }
    }
    let ranks = sums.iter().map(|sum| sum / b).collect();
    Some(Friedman { blocks: blocks.len(), ranks, chi2, p: chi2_above(chi2, kf - 1.0), pairs })
}

/// Ranks of values of which the larger is the better: from the best (1); equal values share the
/// mean of theirs.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    ranks_by(values, |a, b| b.total_cmp(a))
}

/// Ranks in this order, from the first (1); equal values share the mean of theirs.
pub(crate) fn ranks_by<T>(values: &[T], order: impl Fn(&T, &T) -> Ordering) -> Vec<f64> {
    let mut sorted: Vec<usize> = (0..values.len()).collect();
    sorted.sort_by(|&a, &b| order(&values[a], &values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut at = 0;
    while at < sorted.len() {
        let differs = |&i: &usize| order(&values[sorted[i]], &values[sorted[at]]).is_ne();
        let end = (at..sorted.len()).find(differs).unwrap_or(sorted.len());
        for &i in &sorted[at..end] {
            ranks[i] = (at + 1 + end) as f64 / 2.0;
        }
        at = end;
    }
    ranks
}

/// Holm's correction, in place.
fn holm(pairs: &mut [(usize, usize, f64)]) {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by(|&a, &b| pairs[a].2.total_cmp(&pairs[b].2));
    let mut least: f64 = 0.0;
    for (i, &pair) in order.iter().enumerate() {
        least = least.max((pairs[pair].2 * (order.len() - i) as f64).min(1.0));
        pairs[pair].2 = least;
    }
}

/// Wilson's interval for a share, 95 %.
pub(crate) fn wilson(hits: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (n, p, z2) = (n as f64, hits as f64 / n as f64, Z95 * Z95);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// How much of a χ² distribution lies above `x`.
pub(crate) fn chi2_above(x: f64, df: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_above(df / 2.0, x / 2.0) }
}

/// How much of Student's distribution lies beyond `t`, both sides.
pub(crate) fn t_two_sided(t: f64, df: f64) -> f64 {
    beta(df / (df + t * t), df / 2.0, 0.5)
}

/// How likely a difference of this many standard errors is, both sides.
pub(crate) fn z_two_sided(z: f64) -> f64 {
    chi2_above(z * z, 1.0)
}

fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 6] = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.120_865_097_386_617_9e-2,
        -0.539_523_938_495_3e-5,
    ];
    let t = x + 5.5 - (x + 0.5) * (x + 5.5).ln();
    let series = COEFFICIENTS.iter().zip(1..).fold(1.000_000_000_190_015, |sum, (c, i)| sum + c / (x + f64::from(i)));
    -t + (2.506_628_274_631_000_5 * series / x).ln()
}

/// The upper incomplete gamma function, regularised.
fn gamma_above(a: f64, x: f64) -> f64 {
    let scale = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..10_000 {
            term *= x / (a + f64::from(n));
            sum += term;
            if term < sum * 1e-15 {
                break;
            }
        }
        return (1.0 - sum * scale).clamp(0.0, 1.0);
    }
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / tiny, 1.0 / b);
    let mut h = d;
    for i in 1..10_000 {
        let an = -f64::from(i) * (f64::from(i) - a);
        b += 2.0;
        d = 1.0 / not_zero(an * d + b);
        c = not_zero(b + an / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (scale * h).clamp(0.0, 1.0)
}

/// The incomplete beta function, regularised.
fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let scale = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        (scale * beta_fraction(x, a, b) / a).clamp(0.0, 1.0)
    } else {
        (1.0 - scale * beta_fraction(1.0 - x, b, a) / b).clamp(0.0, 1.0)
    }
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let (mut c, mut d) = (1.0, 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0)));
    let mut h = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        for numerator in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / not_zero(1.0 + numerator * d);
            c = not_zero(1.0 + numerator / c);
            h *= d * c;
        }
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    h
}

fn not_zero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(x: f64, y: f64) {
        assert!((x - y).abs() < 1e-4 * y.abs().max(0.01), "{x} is not {y}");
    }

    #[test]
    fn distributions_are_those_of_the_tables() {
        close(chi2_above(3.841_459, 1.0), 0.05);
        close(chi2_above(5.991_465, 2.0), 0.05);
        close(chi2_above(18.307_04, 10.0), 0.05);
        close(chi2_above(29.588_30, 10.0), 0.001);
        close(t_two_sided(12.706_2, 1.0), 0.05);
        close(t_two_sided(2.228_139, 10.0), 0.05);
        close(t_two_sided(3.169_273, 10.0), 0.01);
        close(z_two_sided(Z95), 0.05);
        assert_eq!(t_two_sided(0.0, 5.0), 1.0);
    }

    #[test]
    fn friedman_and_conover_are_those_of_a_worked_example() {
        // Conover, 5.8, example 1: twelve home owners rank four grasses.
        let ranks = [
            [4.0, 3.0, 2.0, 1.0],
            [4.0, 2.0, 3.0, 1.0],
            [3.0, 1.5, 1.5, 4.0],
            [3.0, 1.0, 2.0, 4.0],
            [4.0, 2.0, 1.0, 3.0],
            [2.0, 2.0, 2.0, 4.0],
            [1.0, 3.0, 2.0, 4.0],
            [2.0, 4.0, 1.0, 3.0],
            [3.5, 1.0, 2.0, 3.5],
            [4.0, 1.0, 3.0, 2.0],
            [4.0, 2.0, 3.0, 1.0],
            [3.5, 1.0, 2.0, 3.5],
        ];
        let blocks: Vec<Vec<f64>> = ranks.iter().map(|block| block.to_vec()).collect();
        let found = friedman(&blocks).unwrap();
        close(found.chi2, 8.0973);
        assert!((found.p - 0.0440).abs() < 0.0005, "{}", found.p);
        close(found.ranks.iter().map(|rank| rank * 12.0).sum::<f64>(), 120.0);
        close(found.ranks[0] * 12.0, 38.0);
        close(found.ranks[1] * 12.0, 23.5);
        // Sums of ranks that differ by more than 11.5 differ at 5 %, before Holm: 38 and 23.5, 38
        // and 24.5, 34 and 23.5 hardly not.
        let raw = |i: usize, j: usize| {
            let (sums, squares): (Vec<f64>, f64) = (
                (0..4).map(|k| ranks.iter().map(|block| block[k]).sum()).collect(),
                ranks.iter().flatten().map(|rank| rank * rank).sum(),
            );
            let spread: f64 = sums.iter().map(|sum| sum * sum).sum();
            t_two_sided((sums[i] - sums[j]).abs() / (2.0 * (12.0 * squares - spread) / 33.0).sqrt(), 33.0)
        };
        assert!(raw(0, 1) < 0.05 && raw(0, 2) < 0.05 && raw(1, 3) > 0.05);
        assert!(found.pairs.iter().all(|&(i, j, p)| (p - raw(i, j)).abs() < 1e-12));
        assert!(found.corrected().pairs.iter().all(|&(i, j, p)| p >= raw(i, j)));
    }

    #[test]
    fn equal_values_share_their_ranks_and_nothing_to_tell_apart_is_no_test() {
        assert_eq!(ranks(&[5.0, 7.0, 5.0, 1.0]), [2.5, 1.0, 2.5, 4.0]);
        assert_eq!(friedman(&[vec![1.5, 1.5], vec![1.5, 1.5]]), None);
        let score = |hard, penalty| Some((0, hard, penalty));
        let least_first = [score(0, 5), None, score(1, 0), score(0, 5), None];
        let last = |one: &Option<(i32, i32, i32)>| (one.is_none(), *one);
        assert_eq!(ranks_by(&least_first, |a, b| last(a).cmp(&last(b))), [1.5, 4.5, 3.0, 1.5, 4.5]);
        assert_eq!(friedman(&[vec![1.0, 2.0]]), None);
    }

    #[test]
    fn holm_multiplies_the_smallest_most_and_keeps_the_order() {
        let mut pairs = [(0, 1, 0.03), (0, 2, 0.01), (1, 2, 0.04)];
        holm(&mut pairs);
        assert_eq!(pairs.map(|pair| (pair.2 * 1e6).round() / 1e6), [0.06, 0.03, 0.06]);
    }

    #[test]
    fn wilson_stays_between_nothing_and_all() {
        let (low, high) = wilson(0, 10);
        assert!(low == 0.0 && (high - 0.2775).abs() < 0.001, "{high}");
        let (low, high) = wilson(5, 10);
        assert!((low - 0.2366).abs() < 0.001 && (high - 0.7634).abs() < 0.001);
    }
}
