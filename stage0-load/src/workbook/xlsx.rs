//! Sheets of XLSX, cell by cell.

use super::{Wrong, cells::Cells};
use crate::log::{Log, Stop};
use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx};
use std::io::Cursor;

pub(super) type Book = Xlsx<Cursor<Vec<u8>>>;

/// Opens a workbook.
pub(super) fn open(bytes: Cursor<Vec<u8>>, log: &mut Log) -> Result<Book, Stop> {
    Xlsx::new(bytes).map_err(|e| {
        log.fault(0, format!("a workbook that cannot be read: {e}"), "an undamaged .xlsx");
        Stop
    })
}

/// The names of its sheets.
pub(super) fn names(book: &Book) -> Vec<String> {
    book.sheet_names()
}

/// Reads a sheet.
pub(super) fn read(book: &mut Book, name: &str, cells: &mut Cells<'_>) -> Result<(), Wrong> {
    let broken = |e: calamine::XlsxError| (format!("it cannot be read: {e}"), "an undamaged .xlsx".to_owned());
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let text = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::SharedString(text) => (*text).to_owned(),
            other => text_of(&Data::from(other.clone())),
        };
        cells.add(row, column, &text)?;
    }
    Ok(())
}

/// What a cell shows, in the words of the CSV files.
fn text_of(value: &Data) -> String {
    match value {
        Data::Float(number) => number_text(*number),
        Data::DateTime(when) => when_text(when),
        other => other.to_string(),
    }
}

/// A number; a whole one without decimals.
pub(super) fn number_text(number: f64) -> String {
    number.to_string() // Rust writes 120.0 as 120
}

/// A time of the day as `09:00`, a date as `2026-09-01`.
fn when_text(when: &ExcelDateTime) -> String {
    let serial = when.as_f64();
    let seconds = (serial * 86_400.0).round();
    if (0.0..=86_400.0).contains(&seconds) {
        return clock_text(seconds as u32);
    }
    let (year, month, day, hour, minute, ..) = when.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if hour == 0 && minute == 0 { date } else { format!("{date} {hour:02}:{minute:02}") }
}

/// Seconds of the day as `09:00`, or `09:00:30`.
pub(super) fn clock_text(seconds: u32) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if s == 0 { format!("{h:02}:{m:02}") } else { format!("{h:02}:{m:02}:{s:02}") }
}
