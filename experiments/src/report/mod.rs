//! Reports over any number of results, in a bounded amount of memory, while they are still being
//! written or afterwards.
//!
//! Every row is judged among the rows of its group (by default those of its instance): by the share
//! of them that it *beats*, ties counting half. That is a fair scale where scores of instances
//! differ, and where a score is several columns of which the first counts most. Three passes, each
//! over the few columns that it needs:
//!
//! 1. `survey`: the values of the axes, the groups, and a sample of the keys of each group.
//! 2. `quality`: how many rows lie between the sampled keys. Where a group has more rows than are
//!    sampled (8,192 at most), what a row beats is known to about a hundredth of a percent.
//! 3. `tally`: sums for values, pairs, configurations, blocks; from them come all tables.

mod best;
mod cost;
pub mod document;
mod plot;
mod quality;
mod question;
mod scan;
mod shares;
mod significance;
mod survey;
mod synergy;
mod tally;
mod write;

pub(crate) use plot::intervals;
pub use question::Question;
pub(crate) use write::escape;

use crate::{
    columns::{self, Bounds, Cell, Fault, Refused, Table},
    top::{self, Found, Progress, Query, Watch},
};
use document::Document;
use quality::Ruler;
use scan::{Scan, WorkerOutcome};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};
use survey::Survey;
use tally::{Tally, Tallying};

/// Rows of the top list.
const TOP: usize = 1_000;
/// What the program and the sums take beside footers and pages.
const BASE: u64 = 48_000_000;
/// Pages that a thread holds at a time, packed and unpacked: those of some ten columns.
const PAGES: u64 = 24;
/// Least that a thread takes: with pages of a megabyte, as most writers make them.
const THREAD: u64 = PAGES * 1_200_000;

/// A report, and what was left out.
#[derive(Debug, Clone)]
pub struct Report {
    /// What it says.
    pub document: Document,
    /// Files that were left out.
    pub faults: Vec<Fault>,
    /// Rows that count.
    pub rows: u64,
}

/// What all sections are made of.
struct Facts {
    asked: question::Asked,
    survey: Survey,
    tally: Tally,
    found: Found,
    files: usize,
    scanned: u64,
}

/// Makes a report. `None` where it was stopped.
///
/// # Errors A column that no file has, nothing to judge rows by, a memory bound that is too small,
/// no file that can be read.
pub fn report(question: &Question, files: &[PathBuf], watch: &dyn Watch) -> Result<Option<Report>, Refused> {
    let (bounds, threads) = bounds(question)?;
    let question = &Question { threads, ..question.clone() };
    let mut faults = Vec::new();
    let mut tables: Vec<Table> = Vec::new();
    for file in files {
        match columns::open(file, bounds) {
            Ok(table) => tables.push(table),
            Err(fault) => faults.push(fault),
        }
    }
    loop {
        if tables.is_empty() {
            return Err(faults.into_iter().next().map_or(Refused::Usage("no files".into()), Refused::Damaged));
        }
        match facts(question, &tables, watch)? {
            Ok(facts) => {
                faults.extend(facts.found.faults.iter().cloned());
                let (rows, document) = (facts.survey.rows, document(question, &facts, &faults));
                return Ok(Some(Report { document, faults, rows }));
            }
            Err(WorkerOutcome::Cancelled) => return Ok(None),
            Err(WorkerOutcome::Damaged(damaged)) => {
                tables.retain(|table| damaged.iter().all(|fault| fault.file != table.path()));
                faults.extend(damaged);
            }
        }
    }
}

/// What may be held of a file, and on how many threads.
fn bounds(question: &Question) -> Result<(Bounds, usize), Refused> {
    let rest = question.memory.get().saturating_sub(BASE);
    let threads = (rest / THREAD).min(question.threads as u64);
    if threads == 0 {
        let needed = memguard::Bytes::new(BASE + THREAD);
        return Err(Refused::Memory { what: "a report".into(), needed, bound: question.memory });
    }
    let share = rest / threads;
    let temporary = memguard::disk_free(&std::env::temp_dir()).map_or(0, |free| free.get());
    let bounds = Bounds {
        page: (share / PAGES).min(1 << 30) as usize,
        line: (share / 8).min(1 << 30) as usize,
        window: (share / 2).ilog2().min(27),
        unpacked: temporary / 2,
    };
    Ok((bounds, threads as usize))
}

/// The three passes, and the best rows.
fn facts(question: &Question, tables: &[Table], watch: &dyn Watch) -> Result<Result<Facts, WorkerOutcome>, Refused> {
    let mut asked = question.settle(tables)?;
    let is_cancelled = || watch.is_cancelled();
    let read = AtomicU64::new(0);
    let scan = |filter| Scan { tables, filter, threads: question.threads, is_cancelled: &is_cancelled, rows: &read };
    let shown = |read: &AtomicU64| {
        watch.progress(&Progress { rows: read.load(Ordering::Relaxed), text_bytes: 0, best: None });
    };
    let filter = asked.filter.clone();
    let (columns, places) = asked.columns();
    let seen = {
        let asked = &asked;
        scan(&filter).run(&columns, &|| survey::State::new(asked.axes.len()), &|state, chunk| {
            state.see(chunk, asked, places, tables)
        })
    };
    let states = match seen {
        Ok(states) => states,
        Err(ended) => return Ok(Err(ended)),
    };
    let mut survey = Survey::of(states, &mut asked)?;
    if survey.rows > 0 && survey.groups.iter().all(|group| group.missing == group.rows) {
        let known: Vec<&str> = tables.iter().take(1).flat_map(Table::column_names).collect();
        return Err(Refused::Column {
            column: asked.by[0].clone(),
            known: format!("{}, with numbers", known.join(", ")),
        });
    }
    shown(&read);
    let rulers: Vec<Ruler> = survey.groups.iter_mut().map(Ruler::new).collect();
    let (columns, places) = asked.columns();
    let (few, _) = columns.split_at(places.axes);
    let count = || rulers.iter().map(|ruler| vec![0_u64; ruler.parts()]).collect::<Vec<_>>();
    let counted = scan(&filter).run(few, &|| (count(), Vec::new()), &|(counts, scratch), chunk| {
        for (row, _) in chunk.rows() {
            let key = survey::key(chunk, row, &asked, tables)?;
            let group = survey.group(places.within.map_or(Cell::Null, |column| chunk.cell(column, row)), scratch);
            counts[group][rulers[group].part(&key)] += 1;
        }
        Ok(())
    });
    let counted = match counted {
        Ok(counted) => counted,
        Err(ended) => return Ok(Err(ended)),
    };
    shown(&read);
    let mut counts = count();
    for (of_thread, _) in counted {
        let cells = counts.iter_mut().flatten().zip(of_thread.into_iter().flatten());
        cells.for_each(|(all, own)| *all += own);
    }
    let worths: Vec<_> = counts.iter().map(|counts| quality::worths(counts)).collect();
    let tallying = Tallying { survey: &survey, rulers: &rulers, worths: &worths, asked: &asked, places, tables };
    let tallied = scan(&filter).run(&columns, &|| tallying.begin(), &|state, chunk| tallying.add(state, chunk));
    let tally = match tallied {
        Ok(states) => states.into_iter().map(|state| state.tally).reduce(|mut all, own| {
            all.merge(&own);
            all
        }),
        Err(ended) => return Ok(Err(ended)),
    };
    shown(&read);
    let Some(tally) = tally else { return Ok(Err(WorkerOutcome::Cancelled)) };
    let query = Query {
        by: asked.by.clone(),
        descending: asked.descending,
        n: TOP,
        filter: asked.filter.clone(),
        threads: question.threads,
        memory: question.memory,
    };
    let paths: Vec<PathBuf> = tables.iter().map(|table| table.path().to_owned()).collect();
    let found = top::find(&query, &paths, watch)?;
    if found.interrupted {
        return Ok(Err(WorkerOutcome::Cancelled));
    }
    let scanned = read.load(Ordering::Relaxed) / 3;
    Ok(Ok(Facts { asked, survey, tally, found, files: tables.len(), scanned }))
}

fn document(question: &Question, facts: &Facts, faults: &[Fault]) -> Document {
    let mut document = Document { title: question.title.clone(), ..Document::default() };
    best::overview(&mut document, facts, faults);
    best::list(&mut document, facts);
    shares::section(&mut document, facts);
    cost::section(&mut document, facts);
    synergy::section(&mut document, facts);
    significance::section(&mut document, facts);
    document
}

/// A share as percent.
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A count with commas.
fn count(n: u64) -> String {
    let digits = n.to_string();
    let comma = |i: usize| i > 0 && (digits.len() - i).is_multiple_of(3);
    digits.char_indices().flat_map(|(i, digit)| comma(i).then_some(',').into_iter().chain([digit])).collect()
}

/// How likely, as tables show it.
fn likely(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".into() } else { format!("{p:.4}") }
}

#[cfg(test)]
mod tests;
