//! Goes over all rows of all files, some columns at a time, in a bounded amount of memory.

use crate::columns::{Cell, Cursor, Fault, ParquetTable, Table, TextTable, filter::Filter};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};
use std::thread;

/// Rows that are handed over together at most.
const CHUNK: usize = 4_096;

/// What is read, and how.
pub(super) struct Scan<'a> {
    pub(super) tables: &'a [Table],
    pub(super) filter: &'a Filter,
    pub(super) threads: usize,
    pub(super) is_cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Rows that were read, filter or not.
    pub(super) rows: &'a AtomicU64,
}

/// Why a pass did not get to its end.
#[derive(Debug)]
pub(super) enum WorkerOutcome {
    /// Somebody stopped it.
    Cancelled,
    /// These files are damaged.
    Damaged(Vec<Fault>),
}

/// Consecutive rows of a file. Rows that the filter does not let through are not in
/// [`Chunk::rows`].
pub(super) struct Chunk<'a> {
    /// The file, by its place.
    pub(super) file: usize,
    /// The first row, in the file.
    first: u64,
    /// The rows that count, counted from the first.
    rows: &'a [u32],
    columns: &'a Columns<'a>,
}

enum Columns<'a> {
    Parquet(&'a [Option<Cursor<'a>>]),
    /// For each row and column where its text lies, and how it is meant.
    Text {
        width: usize,
        cells: &'a [Held],
        text: &'a [u8],
    },
}

/// A cell of a text file.
#[derive(Clone, Copy)]
enum Held {
    Value(Cell<'static>),
    Text(u32, u32),
}

impl Chunk<'_> {
    /// The rows that count: their places in the chunk and in the file.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.rows.iter().map(|&row| (row as usize, self.first + u64::from(row)))
    }

    /// The value of a column, by its place among those that were asked for.
    #[inline]
    pub(super) fn cell(&self, column: usize, row: usize) -> Cell<'_> {
        match self.columns {
            Columns::Parquet(cursors) => cursors[column].as_ref().map_or(Cell::Null, |cursor| cursor.cell(row)),
            Columns::Text { width, cells, text } => match cells[row * width + column] {
                Held::Value(cell) => cell,
                Held::Text(from, to) => Cell::Text(&text[from as usize..to as usize]),
            },
        }
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Group(usize, usize),
    Text(usize),
}

impl Scan<'_> {
    /// Hands all rows to `each`, which may find a row to be wrong. There is a state for each
    /// thread.
    ///
    /// # Errors It was stopped, or files are damaged: then no state is of any use.
    pub(super) fn run<S: Send>(
        &self,
        columns: &[String],
        begin: &(dyn Fn() -> S + Sync),
        each: &(dyn Fn(&mut S, &Chunk<'_>) -> Result<(), Fault> + Sync),
    ) -> Result<Vec<S>, WorkerOutcome> {
        let mut wanted = columns.to_vec();
        wanted.extend(self.filter.columns.iter().cloned());
        let mut units = Vec::new();
        for (file, table) in self.tables.iter().enumerate() {
            match table {
                Table::Text(_) => units.push(Unit::Text(file)),
                Table::Parquet(table) => units.extend((0..table.groups()).map(|group| Unit::Group(file, group))),
            }
        }
        let texts = units.iter().filter(|unit| matches!(unit, Unit::Text(_))).count();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let faults: Mutex<Vec<Fault>> = Mutex::default();
        let pass = Pass { scan: self, wanted: &wanted, own: columns.len(), stop: &stop, ahead: texts < self.threads };
        let work = || {
            let mut state = begin();
            while let Some(&unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let done = match unit {
                    Unit::Group(file, group) => match &self.tables[file] {
                        Table::Parquet(table) => pass.group(table, file, group, &mut |chunk| each(&mut state, chunk)),
                        Table::Text(_) => Ok(()),
                    },
                    Unit::Text(file) => match &self.tables[file] {
                        Table::Text(table) => pass.text(table, file, &mut |chunk| each(&mut state, chunk)),
                        Table::Parquet(_) => Ok(()),
                    },
                };
                if let Err(fault) = done {
                    let mut faults = faults.lock().unwrap_or_else(PoisonError::into_inner);
                    // One fault a file: the first by its place, whatever the threads.
                    match faults.iter_mut().find(|known| known.file == fault.file) {
                        Some(known) if fault.place < known.place => *known = fault,
                        Some(_) => {}
                        None => faults.push(fault),
                    }
                }
            }
            state
        };
        let mut states: Vec<S> = thread::scope(|scope| {
            let begin = |_| thread::Builder::new().name("report".into()).spawn_scoped(scope, work);
            let threads: Vec<_> = (1..self.threads).map(begin).collect();
            let own = work();
            let others = threads.into_iter().flatten().filter_map(|thread| thread.join().ok());
            std::iter::once(own).chain(others.collect::<Vec<_>>()).collect()
        });
        if stop.load(Ordering::Relaxed) {
            return Err(WorkerOutcome::Cancelled);
        }
        let mut faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !faults.is_empty() {
            faults.sort_by(|a, b| a.file.cmp(&b.file));
            states.clear();
            return Err(WorkerOutcome::Damaged(faults));
        }
        Ok(states)
    }
}

/// One way over the files.
struct Pass<'a> {
    scan: &'a Scan<'a>,
    wanted: &'a [String],
    /// So many of the wanted columns are the caller's; the others are the filter's.
    own: usize,
    stop: &'a AtomicBool,
    ahead: bool,
}

type Each<'a> = dyn FnMut(&Chunk<'_>) -> Result<(), Fault> + 'a;

impl Pass<'_> {
    fn group(&self, table: &ParquetTable, file: usize, group: usize, each: &mut Each<'_>) -> Result<(), Fault> {
        let mut cursors = Vec::new();
        for name in self.wanted {
            let column = table.columns().iter().find(|column| column.name == *name);
            if let Some(column) = column {
                table.prefetch(group, column);
            }
            cursors.push(column.map(|column| table.cursor(group, column, None)).transpose()?);
        }
        let (mut first, end) = (table.first_row(group), table.first_row(group + 1));
        let mut rows = Vec::with_capacity(CHUNK);
        while first < end && self.goes_on() {
            let length = CHUNK.min((end - first) as usize);
            for cursor in cursors.iter_mut().flatten() {
                cursor.read(length)?;
            }
            rows.clear();
            for row in 0..length {
                let value = |column: usize| cursors[self.own + column].as_ref().map_or(Cell::Null, |c| c.cell(row));
                if self.scan.filter.holds(&mut |column| value(column)) {
                    rows.push(row as u32);
                }
            }
            each(&Chunk { file, first, rows: &rows, columns: &Columns::Parquet(&cursors) })?;
            self.scan.rows.fetch_add(length as u64, Ordering::Relaxed);
            first += length as u64;
        }
        Ok(())
    }

    fn text(&self, table: &TextTable, file: usize, each: &mut Each<'_>) -> Result<(), Fault> {
        let mut records = table.records(self.ahead && table.compressed)?;
        let mut extractor = table.extractor(self.wanted);
        let width = self.wanted.len();
        let mut scratch = vec![Vec::new(); width];
        let (mut text, mut cells, mut rows): (Vec<u8>, Vec<Held>, Vec<u32>) = (Vec::new(), Vec::new(), Vec::new());
        let (mut first, mut length) = (0_u64, 0_usize);
        loop {
            let record = records.next_record()?;
            let ended = match &record {
                None => true,
                Some(record) => match extractor.look(record.text) {
                    Ok(()) => false,
                    // Who is still writing has not ended the last line.
                    Err(_) if !record.ended && !table.compressed => true,
                    Err(wrong) => return Err(Fault::line(table.path(), record.line, wrong.found, wrong.expected)),
                },
            };
            if let (Some(record), false) = (record, ended) {
                let found = extractor.cells(0, record.text, &mut scratch);
                if self.scan.filter.holds(&mut |column| found[self.own + column]) {
                    rows.push(length as u32);
                }
                for cell in found {
                    cells.push(match cell {
                        Cell::Text(bytes) => {
                            let from = text.len() as u32;
                            text.extend_from_slice(bytes);
                            Held::Text(from, text.len() as u32)
                        }
                        Cell::Null => Held::Value(Cell::Null),
                        Cell::Bool(x) => Held::Value(Cell::Bool(x)),
                        Cell::Int(x) => Held::Value(Cell::Int(x)),
                        Cell::UInt(x) => Held::Value(Cell::UInt(x)),
                        Cell::Float(x) => Held::Value(Cell::Float(x)),
                    });
                }
                length += 1;
            }
            if length == CHUNK || text.len() > 1 << 20 || (ended && length > 0) {
                let columns = Columns::Text { width, cells: &cells, text: &text };
                each(&Chunk { file, first, rows: &rows, columns: &columns })?;
                self.scan.rows.fetch_add(length as u64, Ordering::Relaxed);
                first += length as u64;
                (length, _) = (0, rows.clear());
                cells.clear();
                text.clear();
                if !self.goes_on() {
                    return Ok(());
                }
            }
            if ended {
                return Ok(());
            }
        }
    }

    fn goes_on(&self) -> bool {
        if (self.scan.is_cancelled)() {
            self.stop.store(true, Ordering::Relaxed);
        }
        !self.stop.load(Ordering::Relaxed)
    }
}
