//! Rows of results, as a table, CSV or JSON lines.

use crate::args::RowFormat;
use crate::{output, tables};
use experiments::top::{Found, Row};
use scheduler::names::clean;
use std::io::{self, Write};

/// Widest cell of a table.
const WIDE: usize = 40;

/// Prints rows to standard output.
pub(crate) fn print(found: &Found, format: RowFormat) {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = write(found, format, &mut text);
    output::text(String::from_utf8_lossy(&text));
}

/// Writes rows.
pub(crate) fn write(found: &Found, format: RowFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        RowFormat::Table => out.write_all(table(found).as_bytes()),
        RowFormat::Csv => {
            csv_line(found.columns.iter().map(String::as_str), out)?;
            for row in &found.rows {
                let cells: Vec<String> = row.values.iter().map(ToString::to_string).collect();
                csv_line(cells.iter().map(String::as_str), out)?;
            }
            Ok(())
        }
        RowFormat::Jsonl => found.rows.iter().try_for_each(|row| writeln!(out, "{}", Object(found, row))),
    }
}

/// A row as a JSON object.
pub(crate) fn object(found: &Found, row: &Row) -> serde_json::Value {
    let fields = found.columns.iter().zip(&row.values).map(|(name, value)| (name.clone(), value.to_json()));
    serde_json::Value::Object(fields.collect())
}

/// A row as a JSON object whose names keep their order.
struct Object<'a>(&'a Found, &'a Row);

impl std::fmt::Display for Object<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.0.columns.iter().zip(&self.1.values).enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{}:{}", serde_json::Value::from(name.as_str()), value.to_json())?;
        }
        f.write_str("}")
    }
}

fn csv_line<'a>(cells: impl Iterator<Item = &'a str>, out: &mut dyn Write) -> io::Result<()> {
    for (i, cell) in cells.enumerate() {
        let comma = if i == 0 { "" } else { "," };
        if cell.contains([',', '"', '\n', '\r']) {
            write!(out, "{comma}\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            write!(out, "{comma}{cell}")?;
        }
    }
    writeln!(out)
}

fn table(found: &Found) -> String {
    let short = |text: &str| {
        let text = clean(text);
        if text.chars().count() <= WIDE {
            text.to_string()
        } else {
            text.chars().take(WIDE - 1).chain(['…']).collect()
        }
    };
    let rank = |text: String, cells: Vec<String>| [vec![text], cells].concat();
    let mut lines = vec![rank("rank".into(), found.columns.iter().map(|name| short(name)).collect())];
    for (i, row) in found.rows.iter().enumerate() {
        lines.push(rank((i + 1).to_string(), row.values.iter().map(|value| short(&value.to_string())).collect()));
    }
    let numbers = |column: usize| found.rows.iter().any(|row| row.values[column].is_number());
    let right: Vec<usize> =
        std::iter::once(0).chain((0..found.columns.len()).filter(|&c| numbers(c)).map(|c| c + 1)).collect();
    tables::columns(&lines, &right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use experiments::columns::Value;

    fn found() -> Found {
        let values = vec![Value::Int(3), Value::Text("a,\"b\"\n".into()), Value::Null];
        Found {
            columns: ["z", "name", "gap"].map(String::from).into(),
            rows: vec![Row { file: 0, row: 7, values }],
            files: vec!["f".into()],
            faults: Vec::new(),
            notes: Vec::new(),
            scanned: 1,
            interrupted: false,
        }
    }

    #[test]
    fn a_row_is_written_so_that_it_can_be_read_again() {
        let text = |format| {
            let mut text = Vec::new();
            write(&found(), format, &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        assert_eq!(text(RowFormat::Csv), "z,name,gap\n3,\"a,\"\"b\"\"\n\",\n");
        assert_eq!(text(RowFormat::Jsonl), "{\"z\":3,\"name\":\"a,\\\"b\\\"\\n\",\"gap\":null}\n");
        assert!(text(RowFormat::Table).lines().count() == 2, "a line break in a cell breaks no line");
    }
}
