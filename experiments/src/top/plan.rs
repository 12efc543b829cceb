//! What is asked for, and what it takes.

use super::best::{KEYS, Winner};
use crate::columns::{Bounds, Refused, Table, filter::Filter};
use memguard::Bytes;

/// What the program takes whatever it does.
const BASE: u64 = 12_000_000;
/// Least bytes that a page may take: what the writers of this world make by default.
const PAGE: u64 = 1_200_000;
/// About what a value takes, text included.
const VALUE: u64 = 40;
/// Columns of a row that are reckoned with before the files are opened.
const COLUMNS: u64 = 12;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    /// The columns that count, the first most, four at most.
    pub by: Vec<String>,
    /// Whether the largest is the best.
    pub descending: bool,
    /// How many rows.
    pub n: usize,
    /// Which rows count.
    pub filter: Filter,
    /// Threads at most: fewer where the memory bound allows no more.
    pub threads: usize,
    /// Most memory of the whole program.
    pub memory: Bytes,
}

/// What will be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Files that are searched.
    pub files: usize,
    /// Rows, where all files say how many they have.
    pub rows: Option<u64>,
    /// Bytes of the text files, as they lie there.
    pub text_bytes: u64,
    /// Threads.
    pub threads: usize,
    /// What footers take.
    pub footers: Bytes,
    /// What the best rows take.
    pub best: Bytes,
    /// What a page may take at most, packed or unpacked.
    pub page: Bytes,
    /// The bound that holds for everything.
    pub bound: Bytes,
    /// What cannot be shown, and columns that some files lack.
    pub notes: Vec<String>,
}

impl Query {
    /// What the best rows take: in the heap of each thread, once more when they are merged, and
    /// their values.
    fn best(&self) -> u64 {
        let heaps = (self.threads as u64 + 1) * size_of::<Winner>() as u64;
        (self.n as u64).saturating_mul(heaps + COLUMNS * VALUE)
    }

    /// What is left for pages, lines and windows of each thread, if footers take their share.
    fn share(&self) -> Option<u64> {
        let rest = self.memory.get().checked_sub(BASE)?.checked_sub(self.footers())?.checked_sub(self.best())?;
        Some(rest / self.threads as u64)
    }

    /// Most bytes that footers may take.
    fn footers(&self) -> u64 {
        self.memory.get() / 4
    }

    /// Pages that a thread holds at a time, packed and unpacked, with room for the allocator.
    fn pages(&self) -> u64 {
        3 * (self.by.len() + self.filter.columns.len()) as u64
    }

    /// Bytes of lines that a thread may keep.
    pub(super) fn kept_lines(&self) -> usize {
        (self.share().unwrap_or(0) / 4) as usize
    }

    /// Most bytes that the values of the best rows may take.
    pub(super) fn values(&self) -> u64 {
        // When they are read, the heaps are gone, and so are the windows.
        self.memory.get().saturating_sub(BASE + self.footers()) / 2
    }

    /// The same with as many threads as the memory bound allows.
    ///
    /// # Errors
    /// It does not allow one.
    pub(super) fn fitted(&self) -> Result<Query, Refused> {
        let with = |threads: usize| Query { threads, ..self.clone() };
        let fits = (1..=self.threads).rev().map(with).find(|query| query.bounds().is_ok());
        fits.map_or_else(|| with(self.threads.min(1)).bounds().map(|_| self.clone()), Ok)
    }

    /// What may be held of a file.
    pub(super) fn bounds(&self) -> Result<Bounds, Refused> {
        if self.by.is_empty() || self.by.len() > KEYS {
            return Err(Refused::Usage(format!("--by names {} columns, expected 1 to {KEYS}", self.by.len())));
        }
        if self.n == 0 || self.threads == 0 {
            return Err(Refused::Usage("no rows or no threads, expected one at least".into()));
        }
        let needed = BASE + self.best() + self.threads as u64 * self.pages() * PAGE;
        let share = self.share().filter(|share| *share >= self.pages() * PAGE).ok_or_else(|| Refused::Memory {
            what: format!("the best {} rows on {} threads", self.n, self.threads),
            needed: Bytes::new(needed + needed / 3),
            bound: self.memory,
        })?;
        let temporary = memguard::disk_free(&std::env::temp_dir()).map_or(0, |free| free.get());
        Ok(Bounds {
            page: (share / self.pages()).min(1 << 30) as usize,
            line: (share / 8).min(1 << 30) as usize,
            window: (share / 2).max(1 << 17).ilog2().min(27),
            unpacked: temporary / 2,
        })
    }
}

impl Plan {
    pub(super) fn new(query: &Query, tables: &[Table]) -> Result<Plan, Refused> {
        let footers: u64 = tables
            .iter()
            .map(|table| match table {
                Table::Parquet(table) => table.bytes() as u64,
                Table::Text(_) => 256,
            })
            .sum();
        if footers > query.footers() {
            return Err(Refused::Memory {
                what: format!("the footers of {} files", tables.len()),
                needed: Bytes::new(footers * 4),
                bound: query.memory,
            });
        }
        let mut notes = Vec::new();
        let mut names: Vec<&String> = query.by.iter().chain(&query.filter.columns).collect();
        names.dedup();
        for name in names {
            has_column(name, tables, &mut notes)?;
        }
        for table in tables {
            if let Table::Parquet(table) = table {
                check_kinds(query, table)?;
                if !table.left_out.is_empty() {
                    let lists = table.left_out.join(", ");
                    notes.push(format!("{}: columns with lists are not shown: {lists}", table.path().display()));
                }
            }
        }
        let rows = tables.iter().map(|table| match table {
            Table::Parquet(table) => Some(table.rows()),
            Table::Text(_) => None,
        });
        let text_bytes = tables.iter().map(|table| match table {
            Table::Parquet(_) => 0,
            Table::Text(table) => table.size,
        });
        Ok(Plan {
            files: tables.len(),
            rows: rows.sum(),
            text_bytes: text_bytes.sum(),
            threads: query.threads,
            footers: Bytes::new(footers),
            best: Bytes::new(query.best()),
            page: Bytes::new(query.bounds()?.page as u64),
            bound: query.memory,
            notes,
        })
    }
}

/// That some file has a column; files that lack it are noted. JSON lines may have it later on.
fn has_column(name: &str, tables: &[Table], notes: &mut Vec<String>) -> Result<(), Refused> {
    let may_have = |table: &Table| matches!(table, Table::Text(table) if table.is_json());
    let has = |table: &Table| table.column_names().contains(&name);
    if !tables.iter().any(|table| has(table) || may_have(table)) {
        return Err(unknown(name, tables));
    }
    let without: Vec<_> = tables.iter().filter(|table| !has(table) && !may_have(table)).collect();
    if let Some(first) = without.first() {
        let more = if without.len() > 1 { format!(" and {} other files", without.len() - 1) } else { String::new() };
        notes.push(format!("{}{more}: no column {name}; in its rows it is missing", first.path().display()));
    }
    Ok(())
}

/// A column that no file has.
pub(super) fn unknown(name: &str, tables: &[Table]) -> Refused {
    let mut known: Vec<&str> = Vec::new();
    for column in tables.iter().flat_map(Table::column_names) {
        if !known.contains(&column) && known.len() < 40 {
            known.push(column);
        }
    }
    Refused::Column { column: name.to_owned(), known: known.join(", ") }
}

fn check_kinds(query: &Query, table: &crate::columns::ParquetTable) -> Result<(), Refused> {
    let refused = |column: &str, found: &str, expected: &str| Refused::Kind {
        file: table.path().to_owned(),
        column: column.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    };
    for column in table.columns() {
        if query.by.contains(&column.name) && !column.is_number() {
            return Err(refused(&column.name, "text", "numbers to order rows by"));
        }
        if query.filter.compared_with_text().contains(&column.name.as_str()) && column.is_number() && !column.is_truth()
        {
            return Err(refused(&column.name, "numbers", "text, as --where compares it with text"));
        }
    }
    Ok(())
}
