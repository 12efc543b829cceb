//! Sheets of ODS, cell by cell, from the stream of elements in `content.xml`.

use super::Wrong;
use super::cells::{COLUMNS, Cells, ROWS};
use super::xlsx::{clock_text, number_text};
use crate::log::{Log, Stop};
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use std::io::{BufReader, Cursor};
use zip::ZipArchive;

fn broken(e: impl std::fmt::Display) -> Wrong {
    (format!("it cannot be read: {e}"), "an undamaged .ods".into())
}

/// Calls `each` with every event of the content, until it has had enough.
fn events(bytes: &[u8], mut each: impl FnMut(Event<'_>) -> Result<bool, Wrong>) -> Result<(), Wrong> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let content = archive.by_name("content.xml").map_err(broken)?;
    let mut reader = Reader::from_reader(BufReader::new(content));
    reader.config_mut().expand_empty_elements = true;
    let mut buf = Vec::new();
    loop {
        buf.clear();
        match reader.read_event_into(&mut buf).map_err(broken)? {
            Event::Eof => return Ok(()),
            event => {
                if !each(event)? {
                    return Ok(());
                }
            }
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.attributes().with_checks(false).flatten().find(|a| a.key.0 == name)?;
    attribute.normalized_value(XmlVersion::Explicit1_0).ok().map(|value| value.into_owned())
}

/// The names of the sheets.
pub(super) fn names(bytes: &[u8], log: &mut Log) -> Result<Vec<String>, Stop> {
    let mut names = Vec::new();
    let read = events(bytes, |event| {
        if let Event::Start(tag) = event
            && tag.name().0 == "table:table"
        {
            names.push(attribute(&tag, "table:name").unwrap_or_default());
        }
        Ok(names.len() < 10_000)
    });
    read.map_err(|(found, expected)| {
        log.fault(0, format!("a workbook: {found}"), expected);
        Stop
    })?;
    Ok(names)
}

/// Where the reader is in a sheet, and what the open cell holds.
#[derive(Default)]
struct Open {
    row: u32,
    rows: u32,
    column: u32,
    columns: u32,
    /// What the cell's attributes say; else its text counts.
    value: Option<String>,
    text: String,
    paragraphs: u32,
    in_cell: bool,
    in_paragraph: bool,
    /// Depth inside a remark or a drawing, which are no text of the cell.
    aside: u32,
    /// The cells of the open row: column, how often, text.
    cells: Vec<(u32, u32, String)>,
}

/// Reads the sheet at a position.
pub(super) fn read(bytes: &[u8], position: usize, cells: &mut Cells<'_>) -> Result<(), Wrong> {
    let (mut table, mut open) = (0usize, Open::default());
    events(bytes, |event| {
        match event {
            Event::Start(tag) if tag.name().0 == "table:table" => table += 1,
            Event::End(tag) if tag.name().0 == "table:table" => return Ok(table <= position),
            event if table == position + 1 => open.event(event, cells)?,
            _ => {}
        }
        Ok(true)
    })
}

impl Open {
    fn event(&mut self, event: Event<'_>, cells: &mut Cells<'_>) -> Result<(), Wrong> {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => return self.end(tag.name().0, cells),
            Event::Text(text) if self.in_paragraph && self.aside == 0 => self.text += &text,
            Event::CData(text) if self.in_paragraph && self.aside == 0 => self.text += &text,
            Event::GeneralRef(name) if self.in_paragraph && self.aside == 0 => self.text.push_str(&entity(&name)?),
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let repeated = |name: &str| attribute(tag, name).and_then(|n| n.parse().ok()).unwrap_or(1u32);
        match tag.name().0 {
            _ if self.aside > 0 => self.aside += 1,
            "office:annotation" | "draw:frame" | "draw:custom-shape" => self.aside = 1,
            "table:table-row" => {
                self.rows = repeated("table:number-rows-repeated");
                self.column = 0;
            }
            "table:table-cell" | "table:covered-table-cell" => {
                self.columns = repeated("table:number-columns-repeated");
                self.value = value(tag);
                self.text.clear();
                (self.paragraphs, self.in_cell) = (0, true);
            }
            "text:p" | "text:h" if self.in_cell => {
                if self.paragraphs > 0 {
                    self.text.push('\n');
                }
                (self.paragraphs, self.in_paragraph) = (self.paragraphs + 1, true);
            }
            "text:s" if self.in_paragraph => {
                let spaces = repeated("text:c").min(1000);
                self.text.extend(std::iter::repeat_n(' ', spaces as usize));
            }
            "text:tab" if self.in_paragraph => self.text.push('\t'),
            "text:line-break" if self.in_paragraph => self.text.push('\n'),
            _ => {}
        }
    }

    fn end(&mut self, name: &str, cells: &mut Cells<'_>) -> Result<(), Wrong> {
        match name {
            _ if self.aside > 0 => self.aside -= 1,
            "text:p" | "text:h" => self.in_paragraph = false,
            "table:table-cell" | "table:covered-table-cell" => {
                self.in_cell = false;
                let text = self.value.take().unwrap_or_else(|| std::mem::take(&mut self.text));
                if !text.trim().is_empty() {
                    self.cells.push((self.column, self.columns.min(COLUMNS), text));
                }
                self.column = self.column.saturating_add(self.columns);
            }
            "table:table-row" => {
                let rows = if self.cells.is_empty() { 0 } else { self.rows.min(ROWS) };
                // Every cell is counted as it is added, so repeating too much is refused.
                for row in 0..rows {
                    for (column, columns, text) in &self.cells {
                        for c in 0..*columns {
                            cells.add(self.row.saturating_add(row), column.saturating_add(c), text)?;
                        }
                    }
                }
                self.cells.clear();
                self.row = self.row.saturating_add(self.rows);
            }
            _ => {}
        }
        Ok(())
    }
}

/// What the attributes of a cell say; `None` where its text does.
fn value(tag: &BytesStart<'_>) -> Option<String> {
    match attribute(tag, "office:value-type")?.as_str() {
        "float" | "percentage" | "currency" => {
            let value = attribute(tag, "office:value")?;
            Some(value.parse().map_or(value, number_text))
        }
        "time" => {
            let value = attribute(tag, "office:time-value")?;
            Some(duration(&value).map_or(value, clock_text))
        }
        "date" => attribute(tag, "office:date-value").map(|date| date.replace("T00:00:00", "")),
        "boolean" => attribute(tag, "office:boolean-value"),
        _ => attribute(tag, "office:string-value"),
    }
}

/// `PT09H00M00S` in seconds.
fn duration(text: &str) -> Option<u32> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?.split(['.', ',']).next()?;
    let (h, m, s): (u32, u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?, seconds.parse().ok()?);
    (h < 1000 && m < 60 && s < 60).then_some(h * 3600 + m * 60 + s)
}

/// One of the five entities of XML, or a character by its number.
fn entity(name: &str) -> Result<String, Wrong> {
    let named = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => name.strip_prefix('#').and_then(|number| {
            let hex = number.strip_prefix('x');
            let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            code.and_then(char::from_u32)
        }),
    };
    named.map(String::from).ok_or_else(|| broken(format!("entity {name:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_seconds() {
        assert_eq!(duration("PT09H00M00S"), Some(9 * 3600));
        assert_eq!(duration("PT13H30M05.000S"), Some(13 * 3600 + 30 * 60 + 5));
        assert_eq!([duration("PT9"), duration("P1D"), duration("PTxH00M00S")], [None; 3]);
        assert_eq!((clock_text(9 * 3600), clock_text(61)), ("09:00".into(), "00:01:01".into()));
    }
}
