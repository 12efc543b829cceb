//! The sheets `calendar` and `rules` as the TOML of the files that they stand for.
//!
//! The first column names a key, the columns beside it hold its value or values:
//!
//! | days | Mon | Tue | Wed |
//! |---|---|---|---|
//! | slots | 09:00-09:50 | 10:00-10:50 | |
//!
//! In `rules` a key is a rule, or one of another table, as `teachers.lunch`; `avoid` is followed by
//! the time and what it costs.

use super::Table;
use std::fmt::Write as _;

/// The text of a file, and the row that each of its lines came from.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) text: String,
    pub(crate) rows: Vec<u64>,
}

/// Keys whose values are lists.
const LISTS: [&str; 3] = ["days", "slots", "holidays"];

/// The sheet as TOML.
pub(crate) fn settings(table: &Table, is_rules: bool) -> Settings {
    let mut out = Settings::default();
    let mut avoided = Vec::new();
    for row in table.rows.iter() {
        let Some((0, key)) = row.cells.first().map(|(column, key)| (*column, key.trim().to_lowercase())) else {
            continue;
        };
        let values: Vec<&str> = row.cells[1..].iter().map(|(_, text)| text.trim()).collect();
        let row = u64::from(row.number);
        if is_rules && key == "avoid" {
            avoided.push((row, values));
            continue;
        }
        let name = match key.split_once('.') {
            Some((table, key)) => format!("{}.{}", quoted(table), quoted(key)),
            None if is_rules => format!("rules.{}", quoted(&key)),
            None => quoted(&key),
        };
        let value = match values.as_slice() {
            _ if LISTS.contains(&key.as_str()) => list(&values),
            [one] => scalar(one, key == "name" || key.ends_with("lunch")),
            many => list(many),
        };
        out.line(row, &format!("{name} = {value}"));
    }
    for (row, values) in avoided {
        out.line(row, "[[avoid]]");
        if let Some(when) = values.first() {
            out.line(row, &format!("when = {}", quoted(when)));
        }
        if let Some(penalty) = values.get(1) {
            out.line(row, &format!("penalty = {}", scalar(penalty, false)));
        }
    }
    out
}

impl Settings {
    fn line(&mut self, row: u64, text: &str) {
        self.rows.push(row);
        self.text += text;
        self.text.push('\n');
    }
}

/// A list, of cells or of parts of one cell; a single number stands for itself.
fn list(values: &[&str]) -> String {
    let parts: Vec<&str> =
        values.iter().flat_map(|value| value.split([';', ','])).map(str::trim).filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        [one] if is_number(one) => scalar(one, false),
        _ => format!("[{}]", parts.iter().map(|p| quoted(p)).collect::<Vec<_>>().join(", ")),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit())
}

fn scalar(text: &str, is_text: bool) -> String {
    let number = text.trim_start_matches('0');
    match (is_text, is_number(text)) {
        (false, true) => {
            if number.is_empty() {
                "0".into()
            } else {
                number.into()
            }
        }
        _ => quoted(text),
    }
}

/// A text in quotes, on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // A string takes all that is written to it.
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::*;

    fn table(rows: &[(u32, &[&str])]) -> Table {
        let rows = rows.iter().map(|(number, cells)| Row {
            number: *number,
            cells: cells.iter().zip(0..).map(|(text, column)| (column, (*text).into())).collect(),
        });
        Table { name: "calendar".into(), rows: rows.collect() }
    }

    #[test]
    fn rows_become_keys_and_each_line_knows_its_row() {
        let calendar = table(&[
            (1, &["name", "Hill \"x\""]),
            (3, &["Days", "Mon", "Tue"]),
            (4, &["weeks", "15"]),
            (5, &["slots", "4"]),
        ]);
        assert_eq!(
            settings(&calendar, false),
            Settings {
                text: "\"name\" = \"Hill \\\"x\\\"\"\n\"days\" = [\"Mon\", \"Tue\"]\n\"weeks\" = 15\n\"slots\" = 4\n"
                    .into(),
                rows: vec![1, 3, 4, 5],
            }
        );
        let rules = table(&[(1, &["avoid", "Fri", "2"]), (2, &["same_room", "hard"]), (3, &["teachers.lunch", "3-4"])]);
        assert_eq!(
            settings(&rules, true),
            Settings {
                text: "rules.\"same_room\" = \"hard\"\n\"teachers\".\"lunch\" = \"3-4\"\n[[avoid]]\nwhen = \"Fri\"\npenalty = 2\n".into(),
                rows: vec![2, 3, 1, 1, 1],
            }
        );
    }
}
