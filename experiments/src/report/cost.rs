//! What configurations cost, and what they beat: the Pareto front.

use super::{
    Facts, count,
    document::{Document, Table},
    percent,
    plot::{self, Point, short},
    shares::file_name,
    tally::OfConfiguration,
};

/// Points of a picture at most; those of the front are always among them.
const POINTS: usize = 3_000;
/// Rows of a table of a front.
const ROWS: usize = 100;

pub(super) fn section(document: &mut Document, facts: &Facts) {
    let Facts { asked, survey, tally, .. } = facts;
    document.heading("Cost and quality");
    let used: Vec<(usize, &OfConfiguration)> =
        tally.configurations.iter().enumerate().filter(|(_, configuration)| configuration.sum.n > 0).collect();
    if used.is_empty() {
        document.text("There are no parameters, or too many configurations to compare them one by one (65,536 at most). Name fewer columns with --axes.");
        return;
    }
    let (least, most) = used.iter().map(|(_, c)| c.sum.n).fold((u64::MAX, 0), |(a, b), n| (a.min(n), b.max(n)));
    let rows = if least == most { count(least) } else { format!("{} to {}", count(least), count(most)) };
    document.text(format!(
        "{} configurations (one value of each parameter), of {rows} rows each. A configuration is on the front if none beats more and costs \
         no more. Means over rows; a configuration of few rows may be there by luck.",
        count(used.len() as u64)
    ));
    if asked.costs.is_empty() {
        document.text("No column says what a row costs. Name one with --cost.");
    }
    for (i, cost) in asked.costs.iter().enumerate() {
        let points: Vec<(usize, &OfConfiguration, f64)> =
            used.iter().filter_map(|&(id, c)| Some((id, c, c.cost(i)?))).collect();
        if points.is_empty() {
            continue;
        }
        document.subheading(format!("{cost} against quality"));
        let front = front(&points);
        let mut pictured: Vec<Point> = Vec::new();
        let step = points.len().div_ceil(POINTS);
        for (at, &(id, c, x)) in points.iter().enumerate() {
            let on_front = front.contains(&at);
            if on_front || at % step == 0 {
                let y = c.sum.mean() * 100.0;
                let title =
                    format!("{}: beats {y:.1} %, {cost} {}, n {}", names(facts, id).join(", "), short(x), c.sum.n);
                pictured.push(Point { x, y, title, front: on_front });
            }
        }
        let shown = if step > 1 { format!("; every {step}th configuration is shown") } else { String::new() };
        let caption = format!(
            "Mean {cost} and mean quality of {} configurations; red: the front{shown}",
            count(points.len() as u64)
        );
        let svg = plot::scatter(&pictured, &format!("{cost} (mean)"), "beats, % (mean)");
        document.plot(file_name("cost", cost), caption, svg);
        let mut columns =
            vec![format!("#{cost} (mean)"), "#beats (mean)".into(), "#n".into(), "#in the best 10 %".into()];
        columns.extend(survey.axes.iter().map(|axis| axis.name.clone()));
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mut table = Table::new(format!("The front of {cost} and quality, the cheapest first"), &columns);
        for &at in front.iter().take(ROWS) {
            let (id, c, x) = points[at];
            let mut row = vec![short(x), percent(c.sum.mean()), count(c.sum.n), count(c.best)];
            row.extend(names(facts, id));
            table.rows.push(row);
        }
        document.table(table);
    }
}

/// The points that none is better and no dearer than, the cheapest first. Of equal ones the first.
fn front(points: &[(usize, &OfConfiguration, f64)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    let quality = |i: usize| points[i].1.sum.mean();
    order.sort_by(|&a, &b| points[a].2.total_cmp(&points[b].2).then(quality(b).total_cmp(&quality(a))).then(a.cmp(&b)));
    let mut best = f64::NEG_INFINITY;
    order.retain(|&i| {
        let better = quality(i) > best;
        best = best.max(quality(i));
        better
    });
    order
}

/// The values of a configuration.
pub(super) fn names(facts: &Facts, mut id: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for axis in facts.survey.axes.iter().rev() {
        names.push(axis.names[id % axis.names.len()].clone());
        id /= axis.names.len();
    }
    names.reverse();
    names
}
