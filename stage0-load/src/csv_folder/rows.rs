//! The rows of a table, of a CSV file or of a sheet of a workbook.

use super::records::{MAX_CELLS, Next, Records, kept};
use crate::workbook::{Row, Table};
use std::{io, rc::Rc};

/// Rows, one after the other.
pub(crate) enum Rows {
    /// Of a CSV file.
    Text(Box<Records>),
    /// Of a sheet.
    Table(TableRows),
}

/// The rows of a sheet; rows without a cell are passed over.
pub(crate) struct TableRows {
    rows: Rc<[Row]>,
    /// The row that comes next.
    next: usize,
    /// Columns of the first row: every other has as many at least.
    width: Option<usize>,
    /// The cells of the present row.
    cells: Vec<String>,
    line: u64,
    size: u64,
}

impl Rows {
    /// The rows of a sheet of a workbook of so many bytes.
    pub(crate) fn of(table: &Table, size: u64) -> Rows {
        let rows = table.rows.clone();
        Rows::Table(TableRows { rows, next: 0, width: None, cells: Vec::new(), line: 1, size })
    }

    /// Reads the next row.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        match self {
            Rows::Text(records) => records.next(),
            Rows::Table(table) => Ok(table.next()),
        }
    }

    /// The line, or the row of the sheet, in which the present row begins.
    pub(crate) fn line(&self) -> u64 {
        match self {
            Rows::Text(records) => records.line,
            Rows::Table(table) => table.line,
        }
    }

    /// How many cells the row has.
    pub(crate) fn len(&self) -> usize {
        match self {
            Rows::Text(records) => records.len(),
            Rows::Table(table) => table.cells.len(),
        }
    }

    /// A cell of the row.
    pub(crate) fn cell(&self, i: usize) -> &[u8] {
        match self {
            Rows::Text(records) => records.cell(i),
            Rows::Table(table) => table.cells[i].as_bytes(),
        }
    }

    /// All cells of the row.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|i| self.cell(i))
    }

    /// Bytes of the file as it lies there.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Rows::Text(records) => records.size(),
            Rows::Table(table) => table.size,
        }
    }

    /// What the row takes in memory, about.
    pub(crate) fn kept(&self) -> u64 {
        match self {
            Rows::Text(records) => records.kept(),
            Rows::Table(_) => kept(self.cells()),
        }
    }

    /// How the file is encoded, where that is worth a word.
    pub(crate) fn encoding(&self) -> Option<&'static str> {
        match self {
            Rows::Text(records) => records.encoding(),
            Rows::Table(_) => None,
        }
    }
}

impl TableRows {
    fn next(&mut self) -> Next {
        let Some(row) = self.rows.get(self.next) else { return Next::End };
        self.next += 1;
        self.line = u64::from(row.number);
        let last = row.cells.last().map_or(0, |(column, _)| *column as usize + 1);
        let width = *self.width.get_or_insert(last);
        self.cells.clear();
        self.cells.resize(width.max(last).min(MAX_CELLS), String::new());
        for (column, text) in &row.cells {
            if let Some(cell) = self.cells.get_mut(*column as usize) {
                cell.push_str(text);
            }
        }
        Next::Record
    }
}
