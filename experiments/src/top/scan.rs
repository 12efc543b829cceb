//! The first pass: who wins, by the key alone.

use super::{
    Progress, Query, Watch,
    best::{Best, KEYS, Winner, merged},
    group, lines, numbers,
};
use crate::columns::{Fault, MISSING, Rank, Refused, Table};
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What the first pass found.
pub(super) struct Scanned {
    pub(super) winners: Vec<Winner>,
    /// Damage where winners may be.
    pub(super) damaged: Vec<Fault>,
    pub(super) notes: Vec<String>,
    pub(super) rows: u64,
    pub(super) interrupted: bool,
    /// Statistics promised rows that are not there.
    pub(super) deceived: bool,
}

/// A part of the files that one thread looks through.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    /// A row group, and the best rank that it may hold.
    Group { file: usize, group: usize, best: Rank },
    /// A text file.
    Text { file: usize },
}

/// What all threads share.
pub(super) struct Shared<'a> {
    pub(super) query: &'a Query,
    pub(super) tables: &'a [Table],
    pub(super) units: Vec<Unit>,
    next: AtomicUsize,
    floor: AtomicU64,
    pub(super) rows: AtomicU64,
    pub(super) text_bytes: AtomicU64,
    stop: AtomicBool,
    /// Damage, with the best rank that may stand there.
    damage: Mutex<Vec<(Rank, Fault)>>,
    notes: Mutex<Vec<String>>,
    leader: Mutex<Option<[Rank; KEYS]>>,
    /// Threads that are done.
    done: Mutex<usize>,
    is_done: Condvar,
    /// Whether text is unpacked on threads of its own.
    pub(super) ahead: bool,
}

impl Shared<'_> {
    /// What is worse cannot win.
    pub(super) fn floor(&self) -> u64 {
        self.floor.load(Ordering::Relaxed)
    }

    /// A thread's heap has this floor.
    pub(super) fn raise(&self, floor: u64) {
        self.floor.fetch_max(floor, Ordering::Relaxed);
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn damaged(&self, best: Rank, fault: Fault) {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).push((best, fault));
    }

    pub(super) fn note(&self, note: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    /// A row entered a heap; the best of all is shown.
    pub(super) fn entered(&self, key: [Rank; KEYS], leading: &mut [Rank; KEYS]) {
        if key > *leading {
            *leading = key;
            let mut leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner);
            *leader = Some(leader.map_or(key, |best| best.max(key)));
        }
    }
}

/// Looks through all files.
pub(super) fn scan(query: &Query, tables: &[Table], watch: &dyn Watch, trusts: bool) -> Result<Scanned, Refused> {
    let units = units(query, tables);
    let texts = units.iter().filter(|unit| matches!(unit, Unit::Text { .. })).count();
    let promised = if trusts && query.filter.is_empty() { promised(query, tables, &units) } else { 0 };
    let shared = Shared {
        query,
        tables,
        units,
        next: AtomicUsize::new(0),
        floor: AtomicU64::new(promised),
        rows: AtomicU64::new(0),
        text_bytes: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        damage: Mutex::default(),
        notes: Mutex::default(),
        leader: Mutex::default(),
        done: Mutex::new(0),
        is_done: Condvar::new(),
        ahead: texts > 0 && texts < query.threads,
    };
    let winners = thread::scope(|scope| {
        let begin = |_| thread::Builder::new().name("top".into()).spawn_scoped(scope, || work(&shared));
        let threads: Vec<_> = (0..query.threads).map(begin).collect();
        let begun = threads.iter().filter(|thread| thread.is_ok()).count();
        wait(&shared, begun, watch);
        let heaps: Vec<Best> = threads.into_iter().flatten().filter_map(|thread| thread.join().ok()).collect();
        (begun > 0 && heaps.len() == begun).then(|| merged(heaps.into_iter().flat_map(Best::into_winners), query.n))
    });
    let winners = winners.ok_or_else(|| Refused::Usage("a thread could not be started, or failed".into()))?;
    let floor = winners.last().filter(|_| winners.len() == query.n).map_or(0, |worst| worst.key[0].coarse());
    let damage = shared.damage.into_inner().unwrap_or_else(PoisonError::into_inner);
    let interrupted = shared.stop.load(Ordering::Relaxed);
    // Damage where nobody can win is as good as not seen, which it is where others raised the floor
    // earlier.
    let mut damaged: Vec<Fault> = Vec::new();
    for (_, fault) in damage.into_iter().filter(|(best, _)| best.coarse() >= floor) {
        match damaged.iter_mut().find(|known| known.file == fault.file) {
            Some(known) if fault.place < known.place => *known = fault,
            Some(_) => {}
            None => damaged.push(fault),
        }
    }
    damaged.sort_by(|a, b| a.file.cmp(&b.file));
    let mut notes = shared.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    notes.sort();
    Ok(Scanned {
        deceived: damaged.is_empty() && !interrupted && floor < promised,
        winners,
        damaged,
        notes,
        rows: shared.rows.into_inner(),
        interrupted,
    })
}

/// Text first, as it takes long; then row groups, those that may hold the best first.
fn units(query: &Query, tables: &[Table]) -> Vec<Unit> {
    let (mut texts, mut groups) = (Vec::new(), Vec::new());
    for (file, table) in tables.iter().enumerate() {
        match table {
            Table::Text(_) => texts.push(Unit::Text { file }),
            Table::Parquet(table) => {
                let key = table.columns().iter().find(|column| column.name == query.by[0]);
                for group in 0..table.groups() {
                    let range = |column: Option<&_>| column.and_then(|column| table.range(group, column));
                    let named = |i: usize| table.columns().iter().find(|c| c.name == query.filter.columns[i]);
                    if !query.filter.may_hold(&|i| range(named(i))) {
                        continue;
                    }
                    let best = match key {
                        None => MISSING,
                        Some(_) => range(key).map_or(Rank::BEST, |range| range.best(query.descending)),
                    };
                    groups.push((Reverse(best), file, group));
                }
            }
        }
    }
    groups.sort_unstable();
    texts.extend(groups.into_iter().map(|(Reverse(best), file, group)| Unit::Group { file, group, best }));
    texts
}

/// A floor before anything is read: a page whose best value is known holds a row with it, so the
/// N-th best page is as bad as the N-th best row can be.
fn promised(query: &Query, tables: &[Table], units: &[Unit]) -> u64 {
    let mut best: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    for unit in units {
        let Unit::Group { file, group, best: of_group } = *unit else { continue };
        let (Table::Parquet(table), false) = (&tables[file], of_group == MISSING) else { continue };
        if best.len() == query.n && best.peek().is_some_and(|Reverse(worst)| of_group.coarse() <= *worst) {
            continue;
        }
        let Some(key) = table.columns().iter().find(|column| column.name == query.by[0]) else { continue };
        let Ok(Some(pages)) = table.page_ranks(group, key, query.descending) else { continue };
        for rank in pages.best.iter().filter(|rank| **rank != Rank::BEST && **rank != MISSING) {
            best.push(Reverse(rank.coarse()));
            if best.len() > query.n {
                best.pop();
            }
        }
    }
    if best.len() == query.n { best.peek().map_or(0, |Reverse(worst)| *worst) } else { 0 }
}

/// Takes one unit after the other.
fn work(shared: &Shared<'_>) -> Best {
    let _done = Done(shared);
    let mut best = Best::new(shared.query.n, shared.query.kept_lines());
    while !shared.stopped() {
        let Some(unit) = shared.units.get(shared.next.fetch_add(1, Ordering::Relaxed)) else { break };
        match *unit {
            Unit::Group { file, group, best: of_group } => group::search(shared, file, group, of_group, &mut best),
            Unit::Text { file } => lines::search(shared, file, &mut best),
        }
    }
    best
}

/// Says that a thread is done, however it ends.
struct Done<'a>(&'a Shared<'a>);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        *self.0.done.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.is_done.notify_all();
    }
}

/// Shows how far it is until all threads are done.
fn wait(shared: &Shared<'_>, threads: usize, watch: &dyn Watch) {
    let mut ticks = 0_u32;
    let mut done = shared.done.lock().unwrap_or_else(PoisonError::into_inner);
    while *done < threads {
        done = shared.is_done.wait_timeout(done, Duration::from_millis(50)).unwrap_or_else(PoisonError::into_inner).0;
        if watch.is_cancelled() {
            shared.stop.store(true, Ordering::Relaxed);
        }
        ticks += 1;
        if ticks.is_multiple_of(20) {
            let leader = *shared.leader.lock().unwrap_or_else(PoisonError::into_inner);
            let (by, descending) = (shared.query.by.len(), shared.query.descending);
            watch.progress(&Progress {
                rows: shared.rows.load(Ordering::Relaxed),
                text_bytes: shared.text_bytes.load(Ordering::Relaxed),
                best: leader.map(|key| numbers(&key[..by], descending)),
            });
        }
    }
}
