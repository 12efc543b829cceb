//! Which values of each axis perform, and how often they occur among the best.

use super::{
    Facts, count,
    document::{Document, Table},
    percent, plot,
    quality::LEVELS,
    tally::OfValue,
};
use crate::statistics::{Z95, wilson};

pub(super) fn section(document: &mut Document, facts: &Facts) {
    let Facts { survey, tally, .. } = facts;
    document.heading("What the best have in common");
    if survey.axes.is_empty() {
        document.text("There is no parameter with several values to compare. Name columns with --axes.");
        return;
    }
    let levels: Vec<String> =
        LEVELS.iter().zip(tally.all.best).map(|(level, n)| format!("{level} % are {}", count(n))).collect();
    document.text(format!(
        "Of {} rows the best {}; rows that are equal stay together. A value that does not matter has the same share among the best as among \
         all; × says how much larger it is. Intervals are those of 95 % (Wilson for shares, normal for means), as if rows were \
         independent; rows of one instance are less so, and the last section compares by blocks.",
        count(tally.all.sum.n),
        levels.join(", ")
    ));
    for (axis, values) in survey.axes.iter().zip(&tally.values) {
        document.subheading(&axis.name);
        let mut order: Vec<usize> = (0..values.len()).filter(|&i| values[i].sum.n > 0).collect();
        order.sort_by(|&a, &b| values[b].sum.mean().total_cmp(&values[a].sum.mean()).then(a.cmp(&b)));
        let names: Vec<String> = ["value", "#n", "#of all", "#beats (mean)"]
            .map(String::from)
            .into_iter()
            .chain(LEVELS.iter().map(|level| format!("#best {level} %")))
            .chain(["#best 10 %, interval".to_owned()])
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut table = Table::new(format!("{}: the values, the best first", axis.name), &names);
        for &i in &order {
            table.rows.push(row(&axis.names[i], &values[i], &tally.all));
        }
        table.rows.push(saturation(values, &tally.all));
        document.table(table);
        let rows: Vec<_> = order
            .iter()
            .take(40)
            .map(|&i| {
                let (mean, half) = (values[i].sum.mean(), Z95 * values[i].sum.variance_of_mean().sqrt());
                let half = if half.is_finite() { half } else { 0.0 };
                (
                    format!("{} (n {})", axis.names[i], values[i].sum.n),
                    mean * 100.0,
                    (mean - half) * 100.0,
                    (mean + half) * 100.0,
                )
            })
            .collect();
        let caption = format!("{}: how much of its group a row beats on average, with 95 % intervals", axis.name);
        document.plot(file_name("values", &axis.name), caption, plot::intervals(&rows, "beats, %", Some(50.0)));
    }
}

fn row(name: &str, value: &OfValue, all: &OfValue) -> Vec<String> {
    let of_all = value.sum.n as f64 / all.sum.n.max(1) as f64;
    let mut row = vec![name.to_owned(), count(value.sum.n), percent(of_all), percent(value.sum.mean())];
    for (own, best) in value.best.iter().zip(all.best) {
        let share = *own as f64 / best.max(1) as f64;
        row.push(format!("{} ×{:.2}", percent(share), share / of_all));
    }
    let (low, high) = wilson(value.best[2], all.best[2]);
    row.push(format!("{} to {}", percent(low), percent(high)));
    row
}

/// How many values there would be if all were equally frequent: the exponential of the entropy.
fn saturation(values: &[OfValue], all: &OfValue) -> Vec<String> {
    let effective = |counts: &dyn Fn(&OfValue) -> u64, total: u64| {
        let entropy: f64 = values
            .iter()
            .map(|value| counts(value) as f64 / total.max(1) as f64)
            .filter(|share| *share > 0.0)
            .map(|share| -share * share.ln())
            .sum();
        format!("{:.1}", entropy.exp())
    };
    let mut row = vec!["effective number of values".to_owned(), count(all.sum.n)];
    row.push(effective(&|value| value.sum.n, all.sum.n));
    row.push(String::new());
    for (level, best) in all.best.iter().enumerate() {
        row.push(effective(&|value| value.best[level], *best));
    }
    row.push(String::new());
    row
}

/// A name for a file out of what may be anything.
pub(super) fn file_name(kind: &str, name: &str) -> String {
    let safe: String = name.chars().take(40).map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{kind}-{safe}")
}
