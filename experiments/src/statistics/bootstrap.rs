//! Intervals by drawing the sample again from itself (Efron 1979; percentiles).

use moves::Draws;

/// The median; between two values in the middle, their mean. Infinite values are allowed; 0 for
/// none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => 0.0,
        _ if n % 2 == 1 => values[n / 2],
        _ => mean(values[n / 2 - 1], values[n / 2]),
    }
}

/// Of two infinities of different sign it is nothing.
fn mean(a: f64, b: f64) -> f64 {
    let mean = a / 2.0 + b / 2.0;
    if mean.is_nan() { 0.0 } else { mean }
}

/// The interval that holds 95 % of the medians of `resamples` samples, each drawn from these values
/// as often as there are of them.
pub(crate) fn interval(values: &[f64], resamples: usize, draws: &mut Draws) -> (f64, f64) {
    if values.is_empty() || resamples == 0 {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    let mut sample = vec![0.0; values.len()];
    let mut medians: Vec<f64> = (0..resamples)
        .map(|_| {
            draws.next_step();
            sample.iter_mut().for_each(|one| *one = values[draws.below(values.len())]);
            median(&mut sample)
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    let cut = (resamples as f64 * 0.025) as usize;
    (medians[cut], medians[resamples - 1 - cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_in_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&mut [f64::NEG_INFINITY, f64::INFINITY]), 0.0);
        assert_eq!(median(&mut [f64::INFINITY, 1.0, f64::INFINITY, 2.0]), f64::INFINITY);
        assert_eq!(median(&mut []), 0.0);
    }

    #[test]
    fn an_interval_is_that_of_the_order_statistics() {
        // The median of 25 draws from 1 to 25 lies in 95 % of cases between the 8th and the 18th value
        // (binomial: the 25 draws hold 13 below with these odds).
        let values: Vec<f64> = (1..=25).map(f64::from).collect();
        let (low, high) = interval(&values, 2_000, &mut Draws::new(7, [1, 2]));
        assert!((7.0..=9.0).contains(&low) && (17.0..=19.0).contains(&high), "{low} {high}");
        assert_eq!(interval(&values, 2_000, &mut Draws::new(7, [1, 2])), (low, high));
        assert_eq!(interval(&[5.0], 100, &mut Draws::new(7, [1, 2])), (5.0, 5.0));
    }
}
