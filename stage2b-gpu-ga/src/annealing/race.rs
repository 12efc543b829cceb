//! Which temperature to begin at: short coolings from several race, and the best of them is given most of the budget.

use super::coolings::{COLD, Coolings, HOT, SLICE, Walk};
use crate::walk::Chain;
use moves::fixed::{ONE, Share, product, share};
use moves::{Cooling, RUNGS, Schedule, Seen};
use timetable::Timetable;

/// The temperatures to begin at: the hottest of all divided by these.
const LEVELS: [f64; 5] = [1.0, 4.0, 16.0, 64.0, 256.0];
/// The same for the temperature at which classes that are not placed yet come in.
const FILLING: f64 = 16.0;
/// Heats: the share of the budget at which each ends, and how many levels race in it.
const HEATS: [(f64, usize); 4] = [(0.22, 5), (0.45, 2), (0.7, 1), (1.0, 1)];

/// One of the temperatures to begin at.
#[derive(Clone, Debug)]
struct Level {
    cooling: Cooling,
    /// How often a cooling ended no better than it began; the penalty at which the last one ended.
    failed: u32,
    end: i64,
}

impl Level {
    /// The smaller, the more it promises. Where a cold level has failed it does so again, a hot one ends elsewhere each time.
    fn rank(&self, hotness: usize) -> (u32, i64) {
        (self.failed, if self.failed == 0 { self.end } else { hotness as i64 })
    }
}

/// What one walk is to do in a heat: levels, by number, and how each ended.
type Tasks = Vec<(usize, Option<(i64, [Seen; RUNGS])>)>;

/// Cools walks that begin at the same timetable.
pub(super) fn run(coolings: &Coolings<'_>, walks: &mut [Chain<'_>]) {
    let hottest = hottest(coolings, &mut walks[0]);
    if coolings.warm > 0 {
        let cooling = Cooling::even(schedule(hottest / LEVELS[LEVELS.len() - 1]).from(coolings.warm));
        coolings.each(walks, |_, walk| {
            coolings.cool(walk, &cooling, coolings.used(walk), ONE);
        });
        return;
    }
    let level = |by: f64| Level { cooling: Cooling::even(schedule(hottest / by)), failed: 0, end: i64::MAX };
    let mut levels: Vec<Level> = LEVELS.iter().map(|&by| level(by)).collect();
    let begun = walks.iter().map(|walk| coolings.used(walk)).max().unwrap_or(0).min(ONE);
    let mut from = begun;
    let mut first = walks[0].keep.best.clone();
    for (until, most) in HEATS {
        let begun_at = walks.iter().map(|walk| walk.best()).min().unwrap_or(0);
        let until = begun + product(ONE - begun, share(until));
        let mut order: Vec<usize> = (0..levels.len()).collect();
        order.sort_by_key(|&k| levels[k].rank(k));
        order.truncate(most);
        // Each walk cools from some of them, or some walks from the same.
        let n = walks.len();
        let is_of = |w: usize, k: usize| if n <= order.len() { k % n == w } else { w % order.len() == k };
        let of_walk = |w: usize| -> Tasks {
            let mine = order.iter().enumerate().filter(|&(k, _)| is_of(w, k));
            mine.map(|(_, &level)| (level, None)).collect()
        };
        let tasks: Vec<Tasks> = (0..n).map(of_walk).collect();
        let mut both: Vec<(&mut Chain<'_>, Tasks)> = walks.iter_mut().zip(tasks).collect();
        coolings.each(&mut both, |_, (walk, tasks)| {
            let parts = tasks.len() as u64;
            for (k, (level, end)) in (0..).zip(tasks.iter_mut()) {
                let part = |k: u64| -> Share { from + (until - from) / parts * k };
                walk.go_on_at(&first);
                if *level == 0 {
                    walk.mean_change(coolings.looks(), false);
                }
                let seen = coolings.cool(*walk, &levels[*level].cooling, part(k), part(k + 1));
                *end = Some((walk.penalty(), seen));
            }
        });
        let ended: Vec<Tasks> = both.into_iter().map(|(_, tasks)| tasks).collect();
        // Of several walks from one level, the best counts.
        for &level in &order {
            let of_level = ended.iter().flatten().filter(|task| task.0 == level).filter_map(|task| task.1.as_ref());
            let Some((end, seen)) = of_level.min_by_key(|(end, _)| *end) else { continue };
            let level = &mut levels[level];
            level.failed = if *end < begun_at { 0 } else { level.failed + 1 };
            level.end = *end;
            level.cooling = level.cooling.measured(seen);
        }
        tracing::debug!(?order, ends = ?levels.iter().map(|l| (l.failed, l.end)).collect::<Vec<_>>(), "heat");
        first = best_of(walks);
        from = until;
    }
}

/// The hottest temperature that is of any use, from what changes cost where the walk is.
fn hottest(coolings: &Coolings<'_>, walk: &mut Chain<'_>) -> f64 {
    HOT * walk.mean_change(coolings.looks(), true)
}

fn schedule(from: f64) -> Schedule {
    Schedule::new(from.max(2.0 * COLD), COLD)
}

/// Has a walk place the classes that are not placed yet, at a temperature at which there is much to and fro, until it is too late.
pub(super) fn fill(coolings: &Coolings<'_>, walk: &mut Chain<'_>) {
    if walk.unplaced.is_empty() {
        return;
    }
    let temperature = schedule(hottest(coolings, walk) / FILLING).at(0);
    let most = coolings.most_to_fill();
    while !walk.unplaced.is_empty() && walk.looked() < most && !coolings.is_late_to_fill() {
        let before = walk.looked();
        walk.run(SLICE.min(most) as u32, temperature);
        coolings.add(walk.looked() - before);
    }
    walk.settle();
}

/// The best timetable of them all.
fn best_of(walks: &mut [Chain<'_>]) -> Timetable {
    let best = walks.iter_mut().min_by_key(|walk| walk.best()).expect("walks");
    best.settle();
    best.keep.best.clone()
}
