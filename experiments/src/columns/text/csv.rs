//! Cells of CSV records.

use crate::columns::Fault;
use std::{borrow::Cow, path::Path};

/// What sets cells apart: a comma, or a semicolon or a tab where the first line has these and no
/// commas.
pub(super) fn delimiter(names: &[u8]) -> u8 {
    let has = |byte: u8| names.contains(&byte);
    if has(b',') {
        b','
    } else if has(b'\t') {
        b'\t'
    } else if has(b';') {
        b';'
    } else {
        b','
    }
}

/// The names of the columns. One without a name (as pandas writes its index) is called `column1` by
/// its place.
pub(super) fn names(path: &Path, line: &[u8], delimiter: u8) -> Result<Vec<String>, Fault> {
    let expected = "names of columns";
    let mut names = Vec::new();
    for (i, cell) in cells(line, delimiter).iter().enumerate() {
        let name = std::str::from_utf8(cell).map_err(|_| Fault::line(path, 1, "bytes that are not UTF-8", expected))?;
        let name = name.trim();
        if name.chars().any(char::is_control) {
            return Err(Fault::line(path, 1, "control characters", expected));
        }
        names.push(if name.is_empty() { format!("column{}", i + 1) } else { name.to_owned() });
    }
    let mut sorted = names.clone();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Fault::line(path, 1, format!("two columns named {}", twice[0]), "columns with names of their own"));
    }
    Ok(names)
}

/// All cells of a record.
pub(super) fn cells(record: &[u8], delimiter: u8) -> Vec<Cow<'_, [u8]>> {
    let mut cells = Vec::new();
    let mut rest = Some(record);
    while let Some(text) = rest {
        let (cell, after) = first(text, delimiter);
        cells.push(unquoted(cell));
        rest = after;
    }
    cells
}

/// The first cell as it stands there, and what follows its delimiter.
pub(super) fn first(text: &[u8], delimiter: u8) -> (&[u8], Option<&[u8]>) {
    if text.first() != Some(&b'"') {
        return match memchr::memchr(delimiter, text) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
    }
    let mut open = false;
    for (at, &byte) in text.iter().enumerate() {
        if byte == b'"' {
            open = !open;
        } else if byte == delimiter && !open {
            return (&text[..at], Some(&text[at + 1..]));
        }
    }
    (text, None)
}

/// A cell without its quotes.
pub(super) fn unquoted(cell: &[u8]) -> Cow<'_, [u8]> {
    let [b'"', inner @ .., b'"'] = cell else { return Cow::Borrowed(cell) };
    if !inner.contains(&b'"') {
        return Cow::Borrowed(inner);
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut quoted = false;
    for &byte in inner {
        if byte == b'"' && !quoted {
            quoted = true; // the first of two that stand for one
            continue;
        }
        quoted = false;
        text.push(byte);
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_delimiters_line_ends_and_quotes() {
        let text = |record: &str| -> Vec<String> {
            cells(record.as_bytes(), b',').iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
        };
        assert_eq!(text("a,\"b,c\",\"d\"\"e\",\"f\ng\","), ["a", "b,c", "d\"e", "f\ng", ""]);
        assert_eq!(text("\"\",x\"y"), ["", "x\"y"]);
        assert_eq!(text(""), [""]);
    }
}
