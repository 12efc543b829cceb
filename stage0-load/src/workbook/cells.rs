//! Collects the cells of a sheet; what they take in memory is counted before they are kept.

use super::{Row, Wrong};
use crate::log::Memory;
use std::rc::Rc;

/// What a cell and a row take besides the text, in bytes.
const KEPT_BY_CELL: u64 = 48;
const KEPT_BY_ROW: u64 = 48;
/// Most rows and columns of a sheet, as of the programs that write them.
pub(super) const ROWS: u32 = 1 << 20;
pub(super) const COLUMNS: u32 = 1 << 14;

/// The cells of one sheet.
pub(super) struct Cells<'m> {
    memory: &'m mut Memory,
    rows: Vec<Row>,
    is_sorted: bool,
}

impl<'m> Cells<'m> {
    pub(super) fn new(memory: &'m mut Memory) -> Cells<'m> {
        Cells { memory, rows: Vec::new(), is_sorted: true }
    }

    /// Adds a cell; row and column count from 0. An empty one is passed over.
    pub(super) fn add(&mut self, row: u32, column: u32, text: &str) -> Result<(), Wrong> {
        if text.trim().is_empty() {
            return Ok(());
        }
        if row >= ROWS || column >= COLUMNS {
            return Err((
                format!("a cell in row {}, column {}", u64::from(row) + 1, u64::from(column) + 1),
                format!("at most {ROWS} rows and {COLUMNS} columns"),
            ));
        }
        self.count(KEPT_BY_CELL + text.len() as u64)?;
        if self.rows.last().is_none_or(|last| last.number != row + 1) {
            self.is_sorted &= self.rows.last().is_none_or(|last| last.number < row + 1);
            self.count(KEPT_BY_ROW)?;
            self.rows.push(Row { number: row + 1, cells: Vec::new() });
        }
        let cells = &mut self.rows.last_mut().expect("a row was just added").cells;
        self.is_sorted &= cells.last().is_none_or(|(last, _)| *last < column);
        cells.push((column, text.into()));
        Ok(())
    }

    fn count(&mut self, bytes: u64) -> Result<(), Wrong> {
        self.memory.kept = self.memory.kept.saturating_add(bytes);
        self.memory.fault().map_or(Ok(()), Err)
    }

    /// The rows, in their order; of two cells at one place the first counts.
    pub(super) fn into_rows(mut self) -> Rc<[Row]> {
        if !self.is_sorted {
            self.rows.sort_by_key(|row| row.number);
            let mut rows: Vec<Row> = Vec::with_capacity(self.rows.len());
            for row in self.rows {
                match rows.last_mut().filter(|last| last.number == row.number) {
                    Some(last) => last.cells.extend(row.cells),
                    None => rows.push(row),
                }
            }
            for row in &mut rows {
                row.cells.sort_by_key(|(column, _)| *column);
                row.cells.dedup_by_key(|(column, _)| *column);
            }
            self.rows = rows;
        }
        self.rows.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_in_any_order_become_rows_in_theirs() {
        let mut memory = Memory { kept: 0, most: 10_000 };
        let mut cells = Cells::new(&mut memory);
        for (row, column, text) in [(4, 1, "d"), (0, 2, "b"), (0, 0, "a"), (4, 0, "c"), (4, 0, "again"), (2, 0, " ")] {
            cells.add(row, column, text).expect("room for it");
        }
        let row = |number, cells: [(u32, &str); 2]| Row { number, cells: cells.map(|(c, t)| (c, t.into())).to_vec() };
        assert_eq!(*cells.into_rows(), [row(1, [(0, "a"), (2, "b")]), row(5, [(0, "c"), (1, "d")])]);
    }

    #[test]
    fn cells_beyond_the_memory_or_the_sheet_are_refused() {
        let mut memory = Memory { kept: 0, most: 1_000 };
        let mut cells = Cells::new(&mut memory);
        assert!(cells.add(ROWS, 0, "x").is_err() && cells.add(0, COLUMNS, "x").is_err());
        assert!((0..100).any(|i| cells.add(i, 0, "x").is_err()));
    }
}
