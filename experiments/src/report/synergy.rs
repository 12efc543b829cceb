//! What pairs of choices give beyond their parts.

use super::{
    Facts, count,
    document::{Document, Table},
    likely, plot,
    shares::file_name,
    tally::{Sum, pairs},
};
use crate::statistics::{Z95, z_two_sided};

/// Pairs of values that are listed.
const LISTED: usize = 40;
/// Pairs of axes that are drawn.
const DRAWN: usize = 4;
/// Percentage points that are drawn in full colour.
const FULL: f64 = 10.0;
/// Rows that a pair of values needs.
const ROWS: u64 = 2;

/// Two values of two axes.
struct Pair {
    axes: (usize, usize),
    values: (usize, usize),
    sum: Sum,
    expected: f64,
    synergy: f64,
    half: f64,
    p: f64,
}

pub(super) fn section(document: &mut Document, facts: &Facts) {
    let Facts { survey, tally, .. } = facts;
    document.heading("Synergy of pairs");
    if survey.axes.len() < 2 {
        document.text("There are fewer than two parameters with several values.");
        return;
    }
    let mut found: Vec<Pair> = Vec::new();
    for (pair, axes) in pairs(survey.axes.len()).enumerate() {
        found.extend(of_axes(facts, axes, &tally.pairs[pair]));
    }
    let tested = found.len();
    // Bonferroni over all pairs that were looked at, as the largest are picked out of them.
    for pair in &mut found {
        pair.p = (pair.p * tested as f64).min(1.0);
    }
    found.sort_by(|a, b| {
        let by_size = b.synergy.abs().total_cmp(&a.synergy.abs());
        a.p.total_cmp(&b.p).then(by_size).then((a.axes, a.values).cmp(&(b.axes, b.values)))
    });
    let clear = found.iter().filter(|pair| pair.p < 0.05).count();
    document.text(format!(
        "What two values together beat, less what they would if each added its own share (mean of one + mean of the other − mean of all), in \
         percentage points. {} pairs of values with {ROWS} rows at least were looked at, {} differ from zero at 5 % after Bonferroni's \
         correction. Intervals are of 95 %, each by itself, as if rows were independent.",
        count(tested as u64),
        count(clear as u64)
    ));
    let columns = ["pair", "#n", "#beats", "#expected", "#synergy", "#interval", "#p, corrected"];
    let shown = found.len().min(LISTED);
    let mut table = Table::new(format!("The {shown} clearest of {} pairs of values", count(tested as u64)), &columns);
    for pair in &found[..shown] {
        let [a, b] = [(pair.axes.0, pair.values.0), (pair.axes.1, pair.values.1)]
            .map(|(axis, value)| format!("{} = {}", survey.axes[axis].name, survey.axes[axis].names[value]));
        let points = |x: f64| format!("{:+.1}", x * 100.0);
        table.rows.push(vec![
            format!("{a}, {b}"),
            count(pair.sum.n),
            format!("{:.1} %", pair.sum.mean() * 100.0),
            format!("{:.1} %", pair.expected * 100.0),
            points(pair.synergy),
            format!("{} to {}", points(pair.synergy - pair.half), points(pair.synergy + pair.half)),
            likely(pair.p),
        ]);
    }
    document.table(table);
    draw(document, facts, &found);
}

/// The pairs of values of two axes.
fn of_axes(facts: &Facts, axes: (usize, usize), sums: &[Sum]) -> Vec<Pair> {
    let tally = &facts.tally;
    let (first, second) = (&tally.values[axes.0], &tally.values[axes.1]);
    let all = &tally.all.sum;
    let mut found = Vec::new();
    for (a, of_a) in first.iter().enumerate() {
        for (b, of_b) in second.iter().enumerate() {
            let sum = sums[a * second.len() + b];
            if sum.n < ROWS {
                continue;
            }
            let expected = of_a.sum.mean() + of_b.sum.mean() - all.mean();
            let synergy = sum.mean() - expected;
            // The rows of the pair are among those of its parts: its mean enters with the weight
            // that is left.
            let weight =
                1.0 - sum.n as f64 / of_a.sum.n as f64 - sum.n as f64 / of_b.sum.n as f64 + sum.n as f64 / all.n as f64;
            let rest = |part: &Sum| {
                let others = part.n - sum.n;
                part.variance_of_mean().min(1.0) * others as f64 / part.n as f64
            };
            let variance = weight * weight * sum.variance_of_mean() + rest(&of_a.sum) + rest(&of_b.sum);
            let error = variance.sqrt();
            if !error.is_finite() {
                continue;
            }
            let p = if error > 0.0 { z_two_sided(synergy / error) } else { 1.0 };
            found.push(Pair { axes, values: (a, b), sum, expected, synergy, half: Z95 * error, p });
        }
    }
    found
}

/// Draws the pairs of axes with the clearest pairs of values.
fn draw(document: &mut Document, facts: &Facts, found: &[Pair]) {
    let mut drawn: Vec<(usize, usize)> = Vec::new();
    for pair in found {
        if !drawn.contains(&pair.axes) && drawn.len() < DRAWN {
            drawn.push(pair.axes);
        }
    }
    for axes in drawn {
        let (a, b) = (&facts.survey.axes[axes.0], &facts.survey.axes[axes.1]);
        if a.names.len() > 40 || b.names.len() > 40 {
            continue;
        }
        let mut values = vec![vec![None; b.names.len()]; a.names.len()];
        for pair in found.iter().filter(|pair| pair.axes == axes) {
            values[pair.values.0][pair.values.1] = Some(pair.synergy * 100.0);
        }
        let n: u64 = found.iter().filter(|pair| pair.axes == axes).map(|pair| pair.sum.n).sum();
        let caption =
            format!("{} (rows) and {} (columns): synergy in percentage points, n {}", a.name, b.name, count(n));
        document.plot(
            file_name("pairs", &format!("{}-{}", a.name, b.name)),
            caption,
            plot::heat(&a.names, &b.names, &values, FULL),
        );
    }
}
