//! What was read, and the best rows.

use super::{
    Facts, count,
    document::{Document, Table},
};
use crate::columns::Fault;

/// Rows of the top list that are shown with all their columns.
const IN_DETAIL: usize = 50;

/// What the report is about.
pub(super) fn overview(document: &mut Document, facts: &Facts, faults: &[Fault]) {
    let Facts { asked, survey, .. } = facts;
    let order = if asked.descending { "largest" } else { "smallest" };
    let mut text = format!(
        "{} of {} rows in {} {}. The {order} {} is the best.",
        count(survey.rows),
        count(facts.scanned),
        count(facts.files as u64),
        if facts.files == 1 { "file" } else { "files" },
        asked.by.join(", then ")
    );
    let missing: u64 = survey.groups.iter().map(|group| group.missing).sum();
    if missing > 0 {
        text += &format!(" {} rows have no {}, and count as the worst.", count(missing), asked.by[0]);
    }
    document.text(text);
    document.text(match &asked.within {
        Some(within) => format!(
            "A row is judged by the share of the rows with the same {within} that it beats; equal ones count half. So the mean of all rows \
             is 50 %, whether a {within} is easy or hard. Values of {within}: {}.",
            survey.groups.len()
        ),
        None => "A row is judged by the share of all rows that it beats; equal ones count half. So the mean is 50 %.".to_owned(),
    });
    if survey.groups.iter().any(|group| !group.exact) {
        document.text(
            "Where there are more rows than could be compared one by one, what a row beats is known to about a hundredth of a percent, and \
             the best 1 % are as many rows as the tables say.",
        );
    }
    asked.notes.iter().chain(&survey.notes).chain(&facts.found.notes).for_each(|note| document.text(note));
    for fault in faults {
        document.text(format!("Left out: {fault}"));
    }
}

/// The top list, and the best of each group.
pub(super) fn list(document: &mut Document, facts: &Facts) {
    let Facts { asked, survey, tally, found, .. } = facts;
    document.heading("The best rows");
    let name = |column: &String, numeric: bool| if numeric { format!("#{column}") } else { column.clone() };
    let numeric = |column: usize| found.rows.iter().any(|row| row.values[column].is_number());
    let row = |i: usize, columns: &[usize]| {
        let values = columns.iter().map(|&column| found.rows[i].values[column].to_string());
        std::iter::once((i + 1).to_string()).chain(values).collect::<Vec<_>>()
    };
    let table = |caption: String, columns: &[usize], rows: std::ops::Range<usize>, folded: bool| {
        let names: Vec<String> = columns.iter().map(|&column| name(&found.columns[column], numeric(column))).collect();
        let names: Vec<&str> = std::iter::once("#rank").chain(names.iter().map(String::as_str)).collect();
        Table { rows: rows.map(|i| row(i, columns)).collect(), folded, ..Table::new(caption, &names) }
    };
    let rows = found.rows.len();
    let all: Vec<usize> = (0..found.columns.len()).collect();
    let detailed = rows.min(IN_DETAIL);
    let caption = format!("The best {detailed} of {} rows, all columns", count(survey.rows));
    document.table(table(caption, &all, 0..detailed, false));
    if rows > detailed {
        let chosen = |column: &usize| {
            let name = &found.columns[*column];
            let named = asked.by.contains(name) || asked.axes.contains(name);
            named || [&asked.within, &asked.seed].into_iter().flatten().any(|known| known == name)
        };
        let few: Vec<usize> = all.iter().copied().filter(chosen).collect();
        let caption = format!("For reference: the best {} of {} rows", count(rows as u64), count(survey.rows));
        document.table(table(caption, &few, 0..rows, true));
    }
    let Some(within) = &asked.within else { return };
    let mut names = vec![within.clone(), "#n".to_owned()];
    names.extend(asked.by.iter().map(|name| format!("#{name}")));
    names.extend(survey.axes.iter().map(|axis| axis.name.clone()));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut table = Table::new(format!("The best row of each {within}; the first of equal ones"), &names);
    for (group, leader) in survey.groups.iter().zip(&tally.leaders) {
        let Some(leader) = leader else { continue };
        let keys = leader
            .key
            .iter()
            .take(asked.by.len())
            .map(|rank| rank.number(asked.descending).map_or(String::new(), |x| x.to_string()));
        let values = survey.axes.iter().zip(&leader.values).map(|(axis, &id)| axis.names[id].clone());
        let row = [group.name.clone(), count(group.rows)].into_iter().chain(keys).chain(values).collect();
        table.rows.push(row);
    }
    document.table(table);
}
