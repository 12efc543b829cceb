//! The second pass: whole rows, of the winners only.

use super::{
    Query, Row,
    best::{Place, Winner},
};
use crate::columns::{Fault, Locations, ParquetTable, Refused, Table, TextTable, Value};
use memguard::Bytes;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

/// What the second pass found.
pub(super) struct Fetched {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
    pub(super) damaged: Vec<Fault>,
}

/// Winners of one file, or of one row group of it: their places among the winners, in the order of
/// the file.
struct Task {
    file: usize,
    group: usize,
    winners: Vec<usize>,
}

/// The values of a row: those of a Parquet file in its order, those of a text with their names.
enum Values {
    Listed(Vec<Value>),
    Named(Vec<(String, Value)>),
}

type Outcome = Result<Vec<(usize, Values)>, Fault>;

/// Reads the rows of the winners.
pub(super) fn fetch(query: &Query, tables: &[Table], winners: &[Winner]) -> Result<Fetched, Refused> {
    let tasks = tasks(tables, winners);
    let (next, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
    let outcomes: Mutex<Vec<(usize, Outcome)>> = Mutex::default();
    let most = query.values();
    let work = || {
        while let Some((i, task)) = {
            let i = next.fetch_add(1, Ordering::Relaxed);
            tasks.get(i).map(|task| (i, task))
        } {
            if bytes.load(Ordering::Relaxed) > most {
                return;
            }
            let outcome = match &tables[task.file] {
                Table::Parquet(table) => of_group(table, task, winners),
                Table::Text(table) => of_text(table, task, winners),
            };
            if let Ok(rows) = &outcome {
                bytes.fetch_add(rows.iter().map(|(_, values)| values.bytes()).sum(), Ordering::Relaxed);
            }
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((i, outcome));
        }
    };
    thread::scope(|scope| {
        for _ in 1..query.threads.min(tasks.len()) {
            // Without it the others do its work.
            let _ = thread::Builder::new().name("top".into()).spawn_scoped(scope, work);
        }
        work();
    });
    if bytes.load(Ordering::Relaxed) > most {
        let needed = bytes.load(Ordering::Relaxed).saturating_mul(2).saturating_add(query.memory.get());
        let what = format!("the values of {} rows", winners.len());
        return Err(Refused::Memory { what, needed: Bytes::new(needed), bound: query.memory });
    }
    let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(i, _)| *i);
    let (mut rows, mut damaged): (Vec<Option<Values>>, Vec<Fault>) =
        (winners.iter().map(|_| None).collect(), Vec::new());
    for (_, outcome) in outcomes {
        match outcome {
            Ok(found) => found.into_iter().for_each(|(winner, values)| rows[winner] = Some(values)),
            Err(fault) if damaged.iter().all(|known| known.file != fault.file) => damaged.push(fault),
            Err(_) => {}
        }
    }
    let (columns, rows) = aligned(tables, winners, rows);
    Ok(Fetched { columns, rows, damaged })
}

fn tasks(tables: &[Table], winners: &[Winner]) -> Vec<Task> {
    let mut tasks: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (i, winner) in winners.iter().enumerate() {
        let file = winner.place.file as usize;
        let group = match &tables[file] {
            Table::Parquet(table) => table.group_of(winner.place.row),
            Table::Text(_) => 0,
        };
        tasks.entry((file, group)).or_default().push(i);
    }
    let task = |((file, group), mut places): ((usize, usize), Vec<usize>)| {
        places.sort_by_key(|&i| winners[i].place.row);
        Task { file, group, winners: places }
    };
    tasks.into_iter().map(task).collect()
}

/// Rows of a row group, a column at a time.
fn of_group(table: &ParquetTable, task: &Task, winners: &[Winner]) -> Outcome {
    let first = table.first_row(task.group);
    let places: Vec<u64> = task.winners.iter().map(|&i| winners[i].place.row - first).collect();
    let mut all_pages: Vec<Option<Locations>> = Vec::new();
    for column in table.columns() {
        let pages = table.pages(task.group, column)?;
        match &pages {
            Some(pages) => table.prefetch_pages(pages, &places),
            None => table.prefetch(task.group, column),
        }
        all_pages.push(pages);
    }
    let mut rows: Vec<Vec<Value>> = places.iter().map(|_| Vec::with_capacity(table.columns().len())).collect();
    for (column, pages) in table.columns().iter().zip(all_pages) {
        let mut cursor = table.cursor(task.group, column, pages)?;
        for (row, &place) in rows.iter_mut().zip(&places) {
            cursor.seek(place as usize)?;
            cursor.read(1)?;
            row.push(column.value(cursor.cell(0)));
        }
    }
    Ok(task.winners.iter().copied().zip(rows.into_iter().map(Values::Listed)).collect())
}

/// Records of a text: those that were kept, and where there was no room for all, those that are
/// read again.
fn of_text(table: &TextTable, task: &Task, winners: &[Winner]) -> Outcome {
    let mut rows = Vec::new();
    let mut missing: HashMap<u64, usize> = HashMap::new();
    for &i in &task.winners {
        match &winners[i].line {
            Some((line, record)) => rows.push((i, Values::Named(table.row(record, *line)?))),
            None => _ = missing.insert(winners[i].place.row, i),
        }
    }
    let mut records = if missing.is_empty() { None } else { Some(table.records(false)?) };
    while let Some(records) = &mut records
        && !missing.is_empty()
    {
        let Some(record) = records.next_record()? else {
            return Err(Fault::of(table.path(), "fewer lines than before", "a file that nobody changes"));
        };
        if let Some(i) = missing.remove(&record.number) {
            rows.push((i, Values::Named(table.row(record.text, record.line)?)));
        }
    }
    Ok(rows)
}

/// All rows with the same columns: those of the files in their order, then what else the rows name.
fn aligned(tables: &[Table], winners: &[Winner], values: Vec<Option<Values>>) -> (Vec<String>, Vec<Row>) {
    let mut columns: Vec<String> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut place = |name: &str, columns: &mut Vec<String>| {
        if let Some(&place) = known.get(name) {
            return place;
        }
        known.insert(name.to_owned(), columns.len());
        columns.push(name.to_owned());
        columns.len() - 1
    };
    let of_tables: Vec<Vec<usize>> = tables
        .iter()
        .map(|table| table.column_names().into_iter().map(|name| place(name, &mut columns)).collect())
        .collect();
    let mut rows = Vec::with_capacity(winners.len());
    for (winner, values) in winners.iter().zip(values) {
        let Some(values) = values else { continue };
        let Place { file, row } = winner.place;
        let file = file as usize;
        let mut of_row = vec![Value::Null; columns.len()];
        let mut put = |place: usize, value: Value| {
            if place >= of_row.len() {
                of_row.resize(place + 1, Value::Null);
            }
            of_row[place] = value;
        };
        match values {
            Values::Listed(values) => of_tables[file].iter().zip(values).for_each(|(&place, value)| put(place, value)),
            Values::Named(values) => {
                for (name, value) in values {
                    put(place(&name, &mut columns), value);
                }
            }
        }
        rows.push(Row { file, row, values: of_row });
    }
    rows.iter_mut().for_each(|row| row.values.resize(columns.len(), Value::Null));
    (columns, rows)
}

impl Values {
    fn bytes(&self) -> u64 {
        let bytes: usize = match self {
            Values::Listed(values) => values.iter().map(Value::bytes).sum(),
            Values::Named(values) => values.iter().map(|(name, value)| name.capacity() + 24 + value.bytes()).sum(),
        };
        bytes as u64
    }
}
