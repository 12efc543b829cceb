//! Which values differ by more than chance, over instances and seeds.

use super::{
    Facts, count,
    document::{Document, Table},
    likely, plot,
    shares::file_name,
};
use crate::statistics::{Friedman, friedman, ranks};

/// Values that are compared in pairs at most.
const COMPARED: usize = 24;
/// Pairs that are listed.
const LISTED: usize = 60;

pub(super) fn section(document: &mut Document, facts: &Facts) {
    let Facts { asked, survey, tally, .. } = facts;
    document.heading("Significance");
    if survey.axes.is_empty() {
        document.text("There is nothing to compare.");
        return;
    }
    let seed = if tally.seeds > 1 { asked.seed.as_deref() } else { None };
    let block = match (&asked.within, seed) {
        (Some(within), Some(seed)) => format!("each {within} with each {seed}"),
        (Some(only), None) => format!("each {only}"),
        (None, Some(only)) => format!("each {only}"),
        (None, None) => "all rows together, so there is one block only and nothing can be tested".to_owned(),
    };
    document.text(format!(
        "A block is {block}. In a block each value has the mean of what its rows beat, and from that a rank, 1 being the best; only blocks with \
         rows of all values count. Friedman's test says whether the values differ at all, Conover's which of them do, corrected by Holm \
         over the pairs of a parameter. Values that differ in few blocks may still differ: a large p is no proof that they are equal.",
    ));
    for (axis, (name, blocks)) in survey.axes.iter().map(|axis| &axis.name).zip(&tally.blocks).enumerate() {
        let values = &survey.axes[axis].names;
        document.subheading(name);
        if values.len() > COMPARED {
            document.text(format!("{} values, more than the {COMPARED} that are compared in pairs.", values.len()));
            continue;
        }
        let whole: Vec<Vec<f64>> = blocks
            .chunks(values.len())
            .filter(|block| block.iter().all(|sum| sum.n > 0))
            .map(|block| ranks(&block.iter().map(|sum| sum.mean()).collect::<Vec<_>>()))
            .collect();
        match friedman(&whole) {
            None => document.text(format!(
                "{} blocks hold all {} values: too few, or no difference at all.",
                whole.len(),
                values.len()
            )),
            Some(test) => tested(document, name, values, &test.corrected()),
        }
    }
}

fn tested(document: &mut Document, name: &str, values: &[String], test: &Friedman) {
    document.text(format!(
        "{} blocks, {} values: χ² = {:.2} with {} {} of freedom, p = {}.",
        count(test.blocks as u64),
        values.len(),
        test.chi2,
        values.len() - 1,
        if values.len() == 2 { "degree" } else { "degrees" },
        likely(test.p)
    ));
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| test.ranks[a].total_cmp(&test.ranks[b]).then(a.cmp(&b)));
    let mut ranks = Table::new(format!("{name}: mean ranks over {} blocks", test.blocks), &["value", "#mean rank"]);
    ranks.rows = order.iter().map(|&i| vec![values[i].clone(), format!("{:.2}", test.ranks[i])]).collect();
    document.table(ranks);
    let mut pairs = test.pairs.clone();
    pairs.sort_by(|a, b| a.2.total_cmp(&b.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    let shown = pairs.len().min(LISTED);
    let caption = format!("{name}: pairs, the clearest {shown} of {}, over {} blocks", pairs.len(), test.blocks);
    let mut table = Table {
        folded: pairs.len() > 10,
        ..Table::new(caption, &["better", "worse", "#ranks apart", "#p, corrected"])
    };
    for &(i, j, p) in &pairs[..shown] {
        let (better, worse) = if test.ranks[i] <= test.ranks[j] { (i, j) } else { (j, i) };
        let apart = format!("{:.2}", test.ranks[worse] - test.ranks[better]);
        table.rows.push(vec![values[better].clone(), values[worse].clone(), apart, likely(p)]);
    }
    document.table(table);
    let rows: Vec<_> =
        order.iter().map(|&i| (values[i].clone(), test.ranks[i], test.ranks[i], test.ranks[i])).collect();
    let caption = format!("{name}: mean ranks, the best (1) to the left, over {} blocks", test.blocks);
    document.plot(file_name("ranks", name), caption, plot::intervals(&rows, "mean rank", None));
}
