//! The third pass: sums over values, pairs of values, configurations and blocks. All of them are
//! integers, so that they are the same for any number of threads.

use super::{
    quality::{LEVELS, Ruler, Worth},
    question::{Asked, Places},
    scan::Chunk,
    survey::{Key, Survey, key, number},
};
use crate::columns::{Cell, Fault, MISSING, Table};

/// Most configurations: more are not looked at one by one.
const CONFIGURATIONS: usize = 65_536;
/// Most cells of blocks and values, of all axes together.
const BLOCK_CELLS: usize = 1 << 20;
/// What costs are multiplied with to be integers.
const COST: f64 = 1_000.0;

/// Rows, and what they beat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) n: u64,
    beats: u64,
    squares: u128,
}

impl Sum {
    #[inline]
    fn add(&mut self, beats: u32) {
        self.n += 1;
        self.beats += u64::from(beats);
        self.squares += u128::from(beats) * u128::from(beats);
    }

    pub(super) fn merge(&mut self, other: &Sum) {
        self.n += other.n;
        self.beats += other.beats;
        self.squares += other.squares;
    }

    /// The mean share that a row beats.
    pub(super) fn mean(&self) -> f64 {
        self.beats as f64 / self.n.max(1) as f64 / 1e6
    }

    /// The variance of the mean.
    pub(super) fn variance_of_mean(&self) -> f64 {
        if self.n < 2 {
            return f64::INFINITY;
        }
        let n = self.n as f64;
        let (sum, squares) = (self.beats as f64 / 1e6, self.squares as f64 / 1e12);
        ((squares - sum * sum / n) / (n - 1.0)).max(0.0) / n
    }
}

/// A value of an axis.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OfValue {
    pub(super) sum: Sum,
    /// Rows among the best, by level.
    pub(super) best: [u64; LEVELS.len()],
}

/// A configuration: one value of each axis.
#[derive(Debug, Clone, Default)]
pub(super) struct OfConfiguration {
    pub(super) sum: Sum,
    /// Rows among the best 10 %.
    pub(super) best: u64,
    /// For each cost: rows that have it, and what they cost.
    costs: Vec<(u64, i128)>,
}

impl OfConfiguration {
    /// The mean cost.
    pub(super) fn cost(&self, i: usize) -> Option<f64> {
        let &(n, sum) = self.costs.get(i)?;
        (n > 0).then(|| sum as f64 / COST / n as f64)
    }
}

/// The best row of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leader {
    pub(super) key: Key,
    /// File and row.
    pub(super) place: (usize, u64),
    /// Its value of each axis.
    pub(super) values: Vec<usize>,
}

/// All sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) all: OfValue,
    /// By axis and value.
    pub(super) values: Vec<Vec<OfValue>>,
    /// By pair of axes (see [`pairs`]), value of the first, value of the second.
    pub(super) pairs: Vec<Vec<Sum>>,
    /// By configuration, the last axis fastest; empty where there are too many.
    pub(super) configurations: Vec<OfConfiguration>,
    /// By axis, block and value.
    pub(super) blocks: Vec<Vec<Sum>>,
    /// Parts of each group: by seed, or one where seeds are too many.
    pub(super) seeds: usize,
    pub(super) leaders: Vec<Option<Leader>>,
}

/// The pairs of so many axes.
pub(super) fn pairs(axes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..axes).flat_map(move |a| (a + 1..axes).map(move |b| (a, b)))
}

/// What the third pass needs.
pub(super) struct Tallying<'a> {
    pub(super) survey: &'a Survey,
    pub(super) rulers: &'a [Ruler],
    pub(super) worths: &'a [Vec<Worth>],
    pub(super) asked: &'a Asked,
    pub(super) places: Places,
    pub(super) tables: &'a [Table],
}

/// A thread's sums, and what it needs to make them.
pub(super) struct State {
    pub(super) tally: Tally,
    ids: Vec<usize>,
    scratch: Vec<u8>,
}

impl Tallying<'_> {
    pub(super) fn begin(&self) -> State {
        let sizes: Vec<usize> = self.survey.axes.iter().map(|axis| axis.names.len()).collect();
        let product = sizes
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size).filter(|product| *product <= CONFIGURATIONS));
        let configurations = if sizes.is_empty() { 0 } else { product.unwrap_or(0) };
        let one = OfConfiguration { costs: vec![(0, 0); self.asked.costs.len()], ..OfConfiguration::default() };
        let groups = self.survey.groups.len();
        let all_values: usize = sizes.iter().sum();
        let seeds = self.survey.seed.as_ref().map_or(1, |seed| seed.names.len());
        let seeds = if groups * seeds * all_values > BLOCK_CELLS { 1 } else { seeds };
        let fits = groups * seeds * all_values <= BLOCK_CELLS;
        let tally = Tally {
            all: OfValue::default(),
            values: sizes.iter().map(|&size| vec![OfValue::default(); size]).collect(),
            pairs: pairs(sizes.len()).map(|(a, b)| vec![Sum::default(); sizes[a] * sizes[b]]).collect(),
            configurations: vec![one; configurations],
            blocks: sizes
                .iter()
                .map(|&size| vec![Sum::default(); if fits { groups * seeds * size } else { 0 }])
                .collect(),
            seeds,
            leaders: vec![None; groups],
        };
        State { tally, ids: vec![0; sizes.len()], scratch: Vec::new() }
    }

    pub(super) fn add(&self, state: &mut State, chunk: &Chunk<'_>) -> Result<(), Fault> {
        let State { tally, ids, scratch } = state;
        for (row, place) in chunk.rows() {
            let key = key(chunk, row, self.asked, self.tables)?;
            let cell = self.places.within.map_or(Cell::Null, |column| chunk.cell(column, row));
            let group = self.survey.group(cell, scratch);
            let Worth { beats, levels } = self.worths[group][self.rulers[group].part(&key)];
            for (i, axis) in self.survey.axes.iter().enumerate() {
                ids[i] = axis.id(chunk.cell(self.places.axes + i, row), scratch);
            }
            tally.all.add(beats, levels);
            for (values, &id) in tally.values.iter_mut().zip(&*ids) {
                values[id].add(beats, levels);
            }
            for (pair, (a, b)) in pairs(ids.len()).enumerate() {
                let width = self.survey.axes[b].names.len();
                tally.pairs[pair][ids[a] * width + ids[b]].add(beats);
            }
            if !tally.configurations.is_empty() {
                let mixed =
                    self.survey.axes.iter().zip(&*ids).fold(0, |mixed, (axis, id)| mixed * axis.names.len() + id);
                let configuration = &mut tally.configurations[mixed];
                configuration.sum.add(beats);
                configuration.best += u64::from(levels >= 3);
                for (i, cost) in configuration.costs.iter_mut().enumerate() {
                    if let Some(x) = number(chunk.cell(self.places.costs + i, row)).filter(|x| x.is_finite()) {
                        cost.0 += 1;
                        cost.1 += (x * COST).round() as i128;
                    }
                }
            }
            let seed = match (&self.survey.seed, self.places.seed) {
                (Some(axis), Some(column)) if tally.seeds > 1 => axis.id(chunk.cell(column, row), scratch),
                _ => 0,
            };
            let block = group * tally.seeds + seed;
            for ((blocks, &id), axis) in tally.blocks.iter_mut().zip(&*ids).zip(&self.survey.axes) {
                if let Some(sum) = blocks.get_mut(block * axis.names.len() + id) {
                    sum.add(beats);
                }
            }
            if key[0] != MISSING {
                let leads = tally.leaders[group]
                    .as_ref()
                    .is_none_or(|leader| key > leader.key || (key == leader.key && (chunk.file, place) < leader.place));
                if leads {
                    tally.leaders[group] = Some(Leader { key, place: (chunk.file, place), values: ids.clone() });
                }
            }
        }
        Ok(())
    }
}

impl OfValue {
    #[inline]
    fn add(&mut self, beats: u32, levels: u8) {
        self.sum.add(beats);
        for best in &mut self.best[LEVELS.len() - usize::from(levels)..] {
            *best += 1;
        }
    }

    fn merge(&mut self, other: &OfValue) {
        self.sum.merge(&other.sum);
        self.best.iter_mut().zip(other.best).for_each(|(a, b)| *a += b);
    }
}

impl Tally {
    /// The sums of all threads.
    pub(super) fn merge(&mut self, other: &Tally) {
        self.all.merge(&other.all);
        let values = self.values.iter_mut().flatten().zip(other.values.iter().flatten());
        values.for_each(|(a, b)| a.merge(b));
        self.pairs.iter_mut().flatten().zip(other.pairs.iter().flatten()).for_each(|(a, b)| a.merge(b));
        self.blocks.iter_mut().flatten().zip(other.blocks.iter().flatten()).for_each(|(a, b)| a.merge(b));
        for (a, b) in self.configurations.iter_mut().zip(&other.configurations) {
            a.sum.merge(&b.sum);
            a.best += b.best;
            a.costs.iter_mut().zip(&b.costs).for_each(|(a, b)| *a = (a.0 + b.0, a.1 + b.1));
        }
        for (a, b) in self.leaders.iter_mut().zip(&other.leaders) {
            let better = match (&*a, b) {
                (Some(x), Some(y)) => y.key > x.key || (y.key == x.key && y.place < x.place),
                (None, Some(_)) => true,
                (_, None) => false,
            };
            if better {
                a.clone_from(b);
            }
        }
    }
}
