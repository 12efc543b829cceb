//! Looks through a row group of a Parquet file.

use super::{
    best::{Best, KEYS, Place},
    scan::Shared,
};
use crate::columns::{Cell, Column, Cursor, Fault, Locations, MISSING, ParquetTable, Rank, Table};
use std::sync::atomic::Ordering;

/// Rows that are looked at together at most.
const CHUNK: usize = 8_192;

/// Rows that stand together in a page of the key, and the best rank that they may have.
struct Chunk {
    from: usize,
    to: usize,
    best: Rank,
}

/// A column that is read where a row may win, and only there.
struct Lazy<'a> {
    column: Option<&'a Column>,
    cursor: Option<Cursor<'a>>,
}

/// Looks through a row group. Damage is noted with the best rank that may stand there.
pub(super) fn search(shared: &Shared<'_>, file: usize, group: usize, best: Rank, winners: &mut Best) {
    let Table::Parquet(table) = &shared.tables[file] else { return };
    let rows = table.first_row(group + 1) - table.first_row(group);
    if best.coarse() >= shared.floor()
        && let Err(fault) = (Search { shared, table, file, group }).run(best, rows as usize, winners)
    {
        shared.damaged(best, fault);
    }
    shared.rows.fetch_add(rows, Ordering::Relaxed);
}

struct Search<'a> {
    shared: &'a Shared<'a>,
    table: &'a ParquetTable,
    file: usize,
    group: usize,
}

impl<'a> Search<'a> {
    fn column(&self, name: &str) -> Option<&'a Column> {
        self.table.columns().iter().find(|column| column.name == name)
    }

    fn run(&self, best: Rank, rows: usize, winners: &mut Best) -> Result<(), Fault> {
        let query = self.shared.query;
        let key = self.column(&query.by[0]);
        let lazy = |name: &String| Lazy { column: self.column(name), cursor: None };
        let mut others: Vec<Lazy<'a>> = query.by[1..].iter().chain(&query.filter.columns).map(lazy).collect();
        let pages = match key {
            Some(key) => self.table.page_ranks(self.group, key, query.descending)?,
            None => None,
        };
        let mut chunks = Vec::new();
        match pages {
            None => cut(0, rows, best, &mut chunks),
            Some(pages) => {
                for (i, &from) in pages.first_rows.iter().enumerate() {
                    let to = pages.first_rows.get(i + 1).copied().unwrap_or(rows);
                    // What the file says of the whole and of its parts may differ: the smaller
                    // holds.
                    cut(from, to, pages.best[i].min(best), &mut chunks);
                }
            }
        }
        let locations = match key {
            Some(key) => self.table.pages(self.group, key)?,
            None => None,
        };
        if let (Some(key), None) = (key, &locations) {
            self.table.prefetch(self.group, key);
        }
        if let Some(locations) = &locations {
            let floor = self.shared.floor();
            let firsts: Vec<u64> = chunks.iter().filter(|c| c.best.coarse() >= floor).map(|c| c.from as u64).collect();
            self.table.prefetch_pages(locations, &firsts);
        }
        let mut leading = [MISSING; KEYS];
        let mut cursor = None;
        let mut ranks = Vec::new();
        for chunk in chunks {
            if chunk.best.coarse() < self.shared.floor() || self.shared.stopped() {
                continue;
            }
            let length = chunk.to - chunk.from;
            match key {
                None => {
                    ranks.clear();
                    ranks.resize(length, MISSING);
                }
                Some(key) => {
                    if let Err(fault) = self.ranks(&mut cursor, key, &locations, &chunk, &mut ranks) {
                        if locations.is_none() {
                            return Err(fault); // no other page can be found
                        }
                        self.shared.damaged(chunk.best, fault);
                        cursor = None;
                        continue;
                    }
                }
            }
            if let Err(fault) = self.offer(&chunk, &ranks, &mut others, winners, &mut leading) {
                let worst = ranks.iter().copied().max().unwrap_or(MISSING);
                self.shared.damaged(worst, fault);
                others.iter_mut().for_each(|other| other.cursor = None);
            }
        }
        Ok(())
    }

    /// The ranks of the rows of a chunk.
    fn ranks(
        &self,
        cursor: &mut Option<Cursor<'a>>,
        key: &'a Column,
        locations: &Option<Locations>,
        chunk: &Chunk,
        ranks: &mut Vec<Rank>,
    ) -> Result<(), Fault> {
        let cursor = match cursor {
            Some(cursor) => cursor,
            None => cursor.insert(self.table.cursor(self.group, key, locations.clone())?),
        };
        cursor.seek(chunk.from)?;
        let rows = cursor.read(chunk.to - chunk.from)?;
        cursor.ranks(rows, self.shared.query.descending, ranks);
        Ok(())
    }

    /// Offers the rows of a chunk that may win.
    fn offer(
        &self,
        chunk: &Chunk,
        ranks: &[Rank],
        others: &mut [Lazy<'a>],
        winners: &mut Best,
        leading: &mut [Rank; KEYS],
    ) -> Result<(), Fault> {
        let query = self.shared.query;
        let mut floor = self.shared.floor().max(winners.floor());
        let first = self.table.first_row(self.group) + chunk.from as u64;
        let mut read = others.is_empty();
        for (i, &rank) in ranks.iter().enumerate() {
            if rank.coarse() < floor {
                continue;
            }
            if !read {
                others.iter_mut().try_for_each(|other| self.read(other, chunk))?;
                read = true;
            }
            let value = |other: usize| others[other].cursor.as_ref().map_or(Cell::Null, |cursor| cursor.cell(i));
            let keys = query.by.len() - 1;
            if !query.filter.holds(&mut |column| value(keys + column)) {
                continue;
            }
            let mut key = [MISSING; KEYS];
            key[0] = rank;
            for other in 0..keys {
                key[other + 1] = Rank::of(value(other), query.descending).unwrap_or(MISSING);
            }
            let place = Place { file: self.file as u32, row: first + i as u64 };
            if winners.offer(key, place, None) {
                self.shared.entered(key, leading);
                floor = floor.max(winners.floor());
                self.shared.raise(winners.floor());
            }
        }
        Ok(())
    }

    /// Reads the rows of a chunk in another column.
    fn read(&self, other: &mut Lazy<'a>, chunk: &Chunk) -> Result<(), Fault> {
        let Some(column) = other.column else { return Ok(()) };
        if other.cursor.as_ref().is_none_or(|cursor| cursor.next_row() > chunk.from) {
            other.cursor = Some(self.table.cursor(self.group, column, self.table.pages(self.group, column)?)?);
        }
        let Some(cursor) = &mut other.cursor else { return Ok(()) };
        cursor.seek(chunk.from)?;
        cursor.read(chunk.to - chunk.from)?;
        Ok(())
    }
}

/// Cuts rows into chunks.
fn cut(from: usize, to: usize, best: Rank, chunks: &mut Vec<Chunk>) {
    let mut at = from;
    while at < to {
        let end = to.min(at + CHUNK);
        chunks.push(Chunk { from: at, to: end, best });
        at = end;
    }
}
