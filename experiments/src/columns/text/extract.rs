//! Cuts the values of some columns out of records.

use super::{Format, csv, json, number::number};
use crate::columns::{Cell, Wrong};
use std::ops::Range;

/// The columns that are wanted, and where they stand.
#[derive(Debug)]
pub struct Extractor {
    how: How,
    /// Where each value stands in the record last looked at, quotes and all; `None` where the
    /// record has none.
    found: Vec<Option<Range<usize>>>,
}

#[derive(Debug)]
enum How {
    Json(Vec<json::Finder>),
    /// The places of the columns among the cells, and how many cells a record has.
    Csv {
        delimiter: u8,
        places: Vec<Option<usize>>,
        last: usize,
        count: usize,
    },
}

impl Extractor {
    pub(super) fn new(format: Format, known: &[String], wanted: &[String]) -> Extractor {
        let how = match format {
            Format::JsonLines => How::Json(wanted.iter().map(|name| json::Finder::new(name)).collect()),
            Format::Csv(delimiter) => {
                let places: Vec<_> = wanted.iter().map(|name| known.iter().position(|column| column == name)).collect();
                let last = places.iter().flatten().copied().max().unwrap_or(0);
                How::Csv { delimiter, places, last, count: known.len() }
            }
        };
        Extractor { how, found: vec![None; wanted.len()] }
    }

    /// Looks at a record.
    ///
    /// # Errors
    /// What was found instead of a record, and what was expected.
    pub fn look(&mut self, record: &[u8]) -> Result<(), Wrong> {
        match &self.how {
            How::Json(finders) => {
                if !json::is_object(record) {
                    return Err(Wrong { found: shown(record), expected: "a JSON object a line".into() });
                }
                let flat = json::is_flat(record);
                let base = record.as_ptr() as usize;
                for (finder, found) in finders.iter().zip(&mut self.found) {
                    *found = finder.find(record, flat).map(|value| {
                        let start = value.as_ptr() as usize - base;
                        start..start + value.len()
                    });
                }
            }
            How::Csv { delimiter, places, last, count } => {
                self.found.fill(None);
                let (mut place, mut start) = (0, 0);
                loop {
                    let (cell, rest) = csv::first(&record[start..], *delimiter);
                    for (wanted, found) in places.iter().zip(&mut self.found) {
                        if *wanted == Some(place) {
                            *found = Some(start..start + cell.len());
                        }
                    }
                    match rest {
                        // Whether the rest is whole is seen where the row is read as a whole.
                        Some(_) if place == *last && place + 1 < *count => return Ok(()),
                        Some(rest) => start = record.len() - rest.len(),
                        None => break,
                    }
                    place += 1;
                    if place >= *count {
                        return Err(cells(format!("more than {count}"), *count));
                    }
                }
                if place + 1 < *count {
                    return Err(cells((place + 1).to_string(), *count));
                }
            }
        }
        Ok(())
    }

    /// The number in a column of the record last looked at; `Err` with the text where it is none.
    ///
    /// # Errors
    /// The text that stands there.
    pub fn number(&self, column: usize, record: &[u8]) -> Result<Cell<'static>, String> {
        let Some(range) = self.found[column].clone() else { return Ok(Cell::Null) };
        let text = &record[range];
        let inner = match text {
            [b'"', inner @ .., b'"'] => inner,
            plain => plain,
        };
        number(inner).ok_or_else(|| shown(inner))
    }

    /// The values of the columns from one on, as many as there is scratch space for.
    pub fn cells<'a>(&self, from: usize, record: &'a [u8], scratch: &'a mut [Vec<u8>]) -> Vec<Cell<'a>> {
        (from..).zip(scratch).map(|(column, scratch)| self.cell(column, record, scratch)).collect()
    }

    /// The value in a column of the record last looked at: text, or what a number is that stands
    /// there without quotes. Escapes and doubled quotes are resolved in `scratch`.
    pub fn cell<'a>(&self, column: usize, record: &'a [u8], scratch: &'a mut Vec<u8>) -> Cell<'a> {
        let Some(range) = self.found[column].clone() else { return Cell::Null };
        let text = &record[range];
        match (&self.how, text) {
            (How::Csv { .. }, b"") => Cell::Null,
            (How::Csv { .. }, text) => match csv::unquoted(text) {
                std::borrow::Cow::Borrowed(text) => Cell::Text(text),
                std::borrow::Cow::Owned(text) => {
                    *scratch = text;
                    Cell::Text(scratch)
                }
            },
            (How::Json(_), [b'"', inner @ .., b'"']) if inner.contains(&b'\\') => {
                *scratch = json::unescaped(inner).into_owned().into_bytes();
                Cell::Text(scratch)
            }
            (How::Json(_), [b'"', inner @ .., b'"']) => Cell::Text(inner),
            (How::Json(_), b"null") => Cell::Null,
            (How::Json(_), text) => number(text).unwrap_or(Cell::Text(text)),
        }
    }
}

fn cells(found: String, count: usize) -> Wrong {
    Wrong { found: format!("{found} cells"), expected: format!("{count}, as in the first line") }
}

/// As much of a text as fits into a message.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(200)]);
    let short: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}
