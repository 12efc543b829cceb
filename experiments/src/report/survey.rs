//! The first pass: which values the axes have, which groups there are, and a sample of the keys of
//! each group.

use super::{
    question::{Asked, Places},
    scan::Chunk,
};
use crate::columns::{Cell, Fault, MISSING, Rank, Refused, Table};
use crate::top::KEYS;
use rustc_hash::FxHashMap as HashMap;
use std::{cmp::Ordering, collections::BinaryHeap, io::Write};

/// Most values of an axis: the pairs of two axes are 65,536 at most.
pub(super) const VALUES: usize = 256;
/// Parts of the range of an axis of numbers that has more values.
const BINS: usize = 10;
/// Keys that are sampled, of all groups together.
const SAMPLE: usize = 262_144;
/// Keys that are sampled of a group at most.
const OF_GROUP: usize = 8_192;
/// Most groups.
const GROUPS: usize = 1_024;

/// A key, the larger the better.
pub(super) type Key = [Rank; KEYS];

/// An axis: its values in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Axis {
    pub(super) name: String,
    /// The names of its values.
    pub(super) names: Vec<String>,
    ids: HashMap<Box<[u8]>, u32>,
    /// Where its numbers are taken together: the least, the width of a part.
    bins: Option<(f64, f64)>,
}

/// A group of rows that are compared with each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) name: String,
    /// Rows, those without a key included.
    pub(super) rows: u64,
    /// Rows without a key.
    pub(super) missing: u64,
    /// Sampled keys in order, each once.
    pub(super) edges: Vec<Key>,
    /// Whether all keys are sampled.
    pub(super) exact: bool,
}

/// What the first pass found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) groups: Vec<Group>,
    group_ids: HashMap<Box<[u8]>, u32>,
    pub(super) axes: Vec<Axis>,
    pub(super) seed: Option<Axis>,
    pub(super) rows: u64,
    pub(super) notes: Vec<String>,
}

/// What a thread has seen of an axis.
#[derive(Default)]
struct Seen {
    values: HashMap<Box<[u8]>, ()>,
    too_many: bool,
    only_numbers: bool,
    min: f64,
    max: f64,
}

#[derive(Default)]
struct SeenGroup {
    rows: u64,
    missing: u64,
    /// Those with the smallest numbers drawn.
    sample: BinaryHeap<(u64, Key)>,
}

/// What a thread has seen.
#[derive(Default)]
pub(super) struct State {
    groups: HashMap<Box<[u8]>, SeenGroup>,
    axes: Vec<Seen>,
    seed: Seen,
    scratch: Vec<u8>,
}

impl State {
    pub(super) fn new(axes: usize) -> State {
        State { axes: (0..axes).map(|_| Seen::new()).collect(), seed: Seen::new(), ..State::default() }
    }

    /// Sees rows.
    pub(super) fn see(
        &mut self,
        chunk: &Chunk<'_>,
        asked: &Asked,
        places: Places,
        tables: &[Table],
    ) -> Result<(), Fault> {
        for (row, place) in chunk.rows() {
            let key = key(chunk, row, asked, tables)?;
            let cell = places.within.map_or(Cell::Null, |column| chunk.cell(column, row));
            let name = text(cell, &mut self.scratch);
            if !self.groups.contains_key(name) {
                self.groups.insert(name.into(), SeenGroup::default());
            }
            let most = capacity(self.groups.len());
            if let Some(group) = self.groups.get_mut(name) {
                group.rows += 1;
                if key[0] == MISSING {
                    group.missing += 1;
                } else {
                    group.draw(drawn(chunk.file, place), key, most);
                }
            }
            if let Some(column) = places.seed {
                self.seed.see(chunk.cell(column, row), &mut self.scratch);
            }
            for (i, seen) in self.axes.iter_mut().enumerate() {
                seen.see(chunk.cell(places.axes + i, row), &mut self.scratch);
            }
        }
        Ok(())
    }
}

impl SeenGroup {
    fn draw(&mut self, number: u64, key: Key, most: usize) {
        if self.sample.len() >= most && self.sample.peek().is_some_and(|largest| number >= largest.0) {
            return;
        }
        self.sample.push((number, key));
        while self.sample.len() > most {
            self.sample.pop();
        }
    }
}

impl Seen {
    fn new() -> Seen {
        Seen { only_numbers: true, min: f64::INFINITY, max: f64::NEG_INFINITY, ..Seen::default() }
    }

    fn see(&mut self, cell: Cell<'_>, scratch: &mut Vec<u8>) {
        if !self.too_many || self.only_numbers {
            match number(cell) {
                Some(x) => (self.min, self.max) = (self.min.min(x), self.max.max(x)),
                None if cell == Cell::Null => {}
                None => self.only_numbers = false,
            }
        }
        if self.too_many {
            return;
        }
        let name = text(cell, scratch);
        if !self.values.contains_key(name) {
            self.values.insert(name.into(), ());
            self.too_many = self.values.len() > VALUES;
        }
    }

    fn merge(&mut self, other: Seen) {
        self.values.extend(other.values);
        self.too_many |= other.too_many || self.values.len() > VALUES;
        self.only_numbers &= other.only_numbers;
        (self.min, self.max) = (self.min.min(other.min), self.max.max(other.max));
    }

    /// The axis; `None` where its values are too many and no numbers.
    fn axis(self, name: &str) -> Option<Axis> {
        let name = name.to_owned();
        if !self.too_many {
            let mut values: Vec<Box<[u8]>> = self.values.into_keys().collect();
            values.sort_by(|a, b| order(a, b));
            let names = values.iter().map(|value| shown(value)).collect();
            let ids = values.into_iter().zip(0..).collect();
            return Some(Axis { name, names, ids, bins: None });
        }
        if !self.only_numbers || self.min >= self.max {
            return None;
        }
        let width = (self.max - self.min) / BINS as f64;
        let edge = |i: usize| super::plot::short(self.min + width * i as f64);
        let mut names: Vec<String> = (0..BINS).map(|i| format!("{} to {}", edge(i), edge(i + 1))).collect();
        names.push("(missing)".into());
        Some(Axis { name, names, ids: HashMap::default(), bins: Some((self.min, width)) })
    }
}

impl Axis {
    /// Which value this is.
    #[inline]
    pub(super) fn id(&self, cell: Cell<'_>, scratch: &mut Vec<u8>) -> usize {
        match self.bins {
            None => self.ids.get(text(cell, scratch)).map_or(0, |&id| id as usize),
            Some((min, width)) => match number(cell) {
                Some(x) => (((x - min) / width) as usize).min(BINS - 1),
                None => BINS,
            },
        }
    }
}

impl Survey {
    /// Puts together what the threads have seen; the same whatever their number.
    pub(super) fn of(states: Vec<State>, asked: &mut Asked) -> Result<Survey, Refused> {
        let mut merged = State::new(asked.axes.len());
        let mut notes = Vec::new();
        for state in states {
            for (name, mut seen) in state.groups {
                let group = merged.groups.entry(name).or_default();
                group.rows += seen.rows;
                group.missing += seen.missing;
                group.sample.append(&mut seen.sample);
            }
            merged.axes.iter_mut().zip(state.axes).for_each(|(all, seen)| all.merge(seen));
            merged.seed.merge(state.seed);
        }
        if merged.groups.len() > GROUPS {
            let found = format!("{} has {} values", asked.within.as_deref().unwrap_or(""), merged.groups.len());
            return Err(Refused::Usage(format!(
                "{found}, expected {GROUPS} at most to compare rows within\nMaybe use --within"
            )));
        }
        let most = capacity(merged.groups.len());
        let mut groups: Vec<(Box<[u8]>, SeenGroup)> = merged.groups.into_iter().collect();
        groups.sort_by(|a, b| order(&a.0, &b.0));
        let mut survey = Survey::default();
        for (i, (name, mut seen)) in groups.into_iter().enumerate() {
            while seen.sample.len() > most {
                seen.sample.pop();
            }
            let mut edges: Vec<Key> = seen.sample.into_iter().map(|(_, key)| key).collect();
            let exact = edges.len() as u64 == seen.rows - seen.missing;
            edges.sort_unstable();
            edges.dedup();
            survey.rows += seen.rows;
            survey.groups.push(Group { name: shown(&name), rows: seen.rows, missing: seen.missing, edges, exact });
            survey.group_ids.insert(name, i as u32);
        }
        let names = std::mem::take(&mut asked.axes);
        for (name, seen) in names.into_iter().zip(merged.axes) {
            match seen.axis(&name) {
                Some(axis) if axis.names.len() < 2 => {
                    notes.push(format!("{name} has one value only, and is left out."))
                }
                Some(axis) => {
                    survey.axes.push(axis);
                    asked.axes.push(name);
                }
                None => {
                    notes.push(format!("{name} has more than {VALUES} values that are no numbers, and is left out."))
                }
            }
        }
        survey.seed = asked.seed.as_deref().and_then(|name| merged.seed.axis(name));
        survey.notes = notes;
        Ok(survey)
    }

    /// The group of a row.
    #[inline]
    pub(super) fn group(&self, cell: Cell<'_>, scratch: &mut Vec<u8>) -> usize {
        self.group_ids.get(text(cell, scratch)).map_or(0, |&id| id as usize)
    }
}

/// The key of a row; missing as a whole where its first column is.
#[inline]
pub(super) fn key(chunk: &Chunk<'_>, row: usize, asked: &Asked, tables: &[Table]) -> Result<Key, Fault> {
    let mut key = [MISSING; KEYS];
    for (column, place) in key.iter_mut().enumerate().take(asked.by.len()) {
        let cell = chunk.cell(column, row);
        let cell = match cell {
            Cell::Text(text) => crate::columns::parse_number(text).ok_or_else(|| {
                let found =
                    format!("`{}` in column {}", shown(text).chars().take(60).collect::<String>(), asked.by[column]);
                Fault::of(tables[chunk.file].path(), found, "a number to judge rows by")
            })?,
            cell => cell,
        };
        *place = Rank::of(cell, asked.descending).unwrap_or(MISSING);
    }
    Ok(key)
}

/// The number that a value is, if it is one.
pub(super) fn number(cell: Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Text(text) => crate::columns::parse_number(text).and_then(Cell::number),
        cell => cell.number(),
    }
}

/// A value as text.
#[inline]
fn text<'a>(cell: Cell<'a>, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    scratch.clear();
    // Writing to memory does not fail.
    let _ = match cell {
        Cell::Text(text) => return text,
        Cell::Null => return b"(missing)",
        Cell::Bool(x) => write!(scratch, "{x}"),
        Cell::Int(x) => write!(scratch, "{x}"),
        Cell::UInt(x) => write!(scratch, "{x}"),
        Cell::Float(x) => write!(scratch, "{x}"),
    };
    scratch
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Numbers by their size, then text.
fn order(a: &[u8], b: &[u8]) -> Ordering {
    match (number(Cell::Text(a)), number(Cell::Text(b))) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// Keys of a group that are sampled where there are so many groups. It only falls, so that no
/// thread drops what all together keep.
fn capacity(groups: usize) -> usize {
    (SAMPLE / groups.max(1)).min(OF_GROUP)
}

/// A number for a row, as if drawn by chance, always the same (the finaliser of SplitMix64).
fn drawn(file: usize, row: u64) -> u64 {
    let mut x = row.wrapping_add((file as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
