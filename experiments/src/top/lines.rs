//! Looks through a text file.

use super::{
    best::{Best, KEYS, Place},
    scan::Shared,
};
use crate::columns::{Extractor, Fault, MISSING, Rank, Record, Records, Table, TextTable, Wrong};
use std::sync::atomic::Ordering;

/// Records after which rows and bytes are counted.
const COUNTED: u64 = 1 << 12;

/// Looks through a text file. Damage there leaves the whole file out, as all of it is read whatever
/// is found elsewhere.
pub(super) fn search(shared: &Shared<'_>, file: usize, winners: &mut Best) {
    let Table::Text(table) = &shared.tables[file] else { return };
    let searched = table.records(shared.ahead && table.compressed).and_then(|records| {
        let query = shared.query;
        Search {
            shared,
            table,
            file,
            key: table.extractor(&query.by[..1]),
            others: table.extractor(&[&query.by[1..], &query.filter.columns[..]].concat()),
            is_alone: query.by.len() == 1 && query.filter.is_empty(),
            leading: [MISSING; KEYS],
            scratch: vec![Vec::new(); query.filter.columns.len()],
        }
        .run(records, winners)
    });
    if let Err(fault) = searched {
        shared.damaged(Rank::BEST, fault);
    }
}

struct Search<'a> {
    shared: &'a Shared<'a>,
    table: &'a TextTable,
    file: usize,
    key: Extractor,
    others: Extractor,
    /// Whether the first column of the key is all that is asked for.
    is_alone: bool,
    leading: [Rank; KEYS],
    /// For each column of the filter, where escapes are resolved.
    scratch: Vec<Vec<u8>>,
}

impl Search<'_> {
    fn run(&mut self, mut records: Records, winners: &mut Best) -> Result<(), Fault> {
        let (mut rows, mut bytes, mut floor) = (0, 0, 0);
        loop {
            if rows % COUNTED == 0 {
                self.shared.text_bytes.fetch_add(records.bytes - bytes, Ordering::Relaxed);
                bytes = records.bytes;
                floor = self.shared.floor().max(winners.floor());
                if self.shared.stopped() {
                    break;
                }
            }
            let Some(record) = records.next_record()? else { break };
            match self.offer(&record, &mut floor, winners) {
                Ok(()) => rows += 1,
                // Who is still writing has not ended the last line.
                Err(wrong) if !record.ended && !self.table.compressed => {
                    let path = self.table.path().display();
                    self.shared.note(format!("{path}:{}: the last line is not finished: {wrong}", record.line));
                    break;
                }
                Err(wrong) => return Err(Fault::line(self.table.path(), record.line, wrong.found, wrong.expected)),
            }
            if rows % COUNTED == 0 {
                self.shared.rows.fetch_add(COUNTED, Ordering::Relaxed);
            }
        }
        self.shared.rows.fetch_add(rows % COUNTED, Ordering::Relaxed);
        self.shared.text_bytes.fetch_add(records.bytes - bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Offers a record if it may win.
    #[inline]
    fn offer(&mut self, record: &Record<'_>, floor: &mut u64, winners: &mut Best) -> Result<(), Wrong> {
        let query = self.shared.query;
        self.key.look(record.text)?;
        let number = |extractor: &Extractor, i: usize| {
            let cell = extractor.number(i, record.text);
            cell.map_err(|found| Wrong { found, expected: "a number to order rows by".into() })
        };
        let rank = Rank::of(number(&self.key, 0)?, query.descending).unwrap_or(MISSING);
        if rank.coarse() < *floor {
            return Ok(());
        }
        let mut key = [MISSING; KEYS];
        key[0] = rank;
        if !self.is_alone {
            self.others.look(record.text)?;
            let keys = query.by.len() - 1;
            for (i, place) in key[1..=keys].iter_mut().enumerate() {
                *place = Rank::of(number(&self.others, i)?, query.descending).unwrap_or(MISSING);
            }
            let cells = self.others.cells(keys, record.text, &mut self.scratch);
            if !query.filter.holds(&mut |column| cells[column]) {
                return Ok(());
            }
        }
        let place = Place { file: self.file as u32, row: record.number };
        if winners.offer(key, place, Some((record.line, record.text))) {
            self.shared.entered(key, &mut self.leading);
            self.shared.raise(winners.floor());
            *floor = winners.floor().max(*floor);
        }
        Ok(())
    }
}
