//! Which temperature to begin at: short coolings from several race, and the best of them is given
//! most of the budget. Meanwhile it turns out how often moves of groups are worth it.

use super::coolings::{Coolings, Walk};
use super::stage::drop_worse_half;
use moves::fixed::{ONE, Share, product, share};
use moves::walk::{Brought, Chain};
use moves::{Cooling, RUNGS, Seen};
use timetable::Timetable;

/// The temperatures to begin at: the hottest of all divided by these.
const LEVELS: [f64; 5] = [1.0, 4.0, 16.0, 64.0, 256.0];
/// The same for the temperature at which classes that are not placed yet come in.
const FILLING: f64 = 16.0;
/// Proposals between two looks at the clock meanwhile.
const FEW: u64 = 32;
/// The share of the race that its first heat is.
const FIRST: f64 = 22.0 / 45.0;

/// Heats: the share of the budget at which each ends, and how many levels race in it. The last is
/// the cooling that counts.
fn heats(race: f64) -> [(f64, usize); 3] {
    [(race * FIRST, LEVELS.len()), (race, 2), (1.0, 1)]
}

/// One of the temperatures to begin at.
#[derive(Clone, Debug)]
struct Level {
    cooling: Cooling,
    /// How often a cooling ended no better than it began; the penalty at which the last one ended.
    failed: u32,
    end: i64,
}

impl Level {
    /// The smaller, the more it promises. Where a cold level has failed it does so again, a hot one
    /// ends elsewhere each time.
    fn rank(&self, hotness: usize) -> (u32, i64) {
        (self.failed, if self.failed == 0 { self.end } else { hotness as i64 })
    }

    /// A cooling that began at one penalty ended at another.
    fn rate(&mut self, end: i64, begun_at: i64, seen: &[Seen; RUNGS], evenly: Share) {
        self.failed = if end < begun_at { 0 } else { self.failed + 1 };
        self.end = end;
        self.cooling = self.cooling.measured(seen, evenly);
    }
}

/// A level's cooling in a heat: the level, by number, and how it ended.
type Task = (usize, Option<(i64, [Seen; RUNGS])>);

/// Cools walks that begin at the same timetable. Where memory gets short, the better half goes on;
/// `fewer` is told how many that are.
pub(super) fn run(coolings: &Coolings<'_>, walks: &mut Vec<Chain<'_>>, mut fewer: impl FnMut(usize)) {
    let hottest = hottest(coolings, &mut walks[0]);
    if coolings.warm > 0 {
        let cooling = Cooling::even(coolings.schedule(hottest / LEVELS[LEVELS.len() - 1]).from(coolings.warm));
        coolings.each(walks, |_, walk| {
            coolings.cool(walk, &cooling, coolings.used(walk), ONE);
        });
        return;
    }
    let level = |by: f64| Level { cooling: Cooling::even(coolings.schedule(hottest / by)), failed: 0, end: i64::MAX };
    let mut levels = LEVELS.map(level);
    let begun = walks.iter().map(|walk| coolings.used(walk)).max().unwrap_or(0).min(ONE);
    walks.iter_mut().for_each(|walk| walk.brought = Brought::default());
    let mut from = begun;
    let mut heats = heats(coolings.settings.race).into_iter();
    let mut heat = heats.next();
    while let Some((until, most)) = heat {
        let until = begun + product(ONE - begun, share(until));
        coolings.go_on_with(walks.len());
        let first = best_of(walks);
        let begun_at = walks.iter().map(|walk| walk.best()).min().unwrap_or(0);
        let order = best_levels(&levels, most);
        let mut tasks = share_out(&order, walks.len());
        let mut both: Vec<(&mut Chain<'_>, &mut Vec<Task>)> = walks.iter_mut().zip(&mut tasks).collect();
        coolings.each(&mut both, |_, (walk, tasks)| {
            let part = until.saturating_sub(from) / tasks.len() as u64;
            for (k, (level, end)) in (0..).zip(tasks.iter_mut()) {
                walk.go_on_at(&first);
                if *level == 0 && coolings.used(*walk) < until {
                    // The hottest begins where nothing is left of the old order.
                    coolings.mean_change(*walk, false);
                }
                let cooling = &levels[*level].cooling;
                let seen = coolings.cool(*walk, cooling, from + part * k, from + part * (k + 1));
                *end = Some((walk.penalty(), seen));
                if most == LEVELS.len() {
                    walk.mix.group = walk.brought.group_share();
                    tracing::debug!(brought = ?walk.brought, group = walk.mix.group, "moves of groups");
                }
            }
        });
        if coolings.is_short() {
            // The same heat again, with fewer: one that was cut short tells nothing about levels.
            from = coolings.used(&walks[0]);
            drop_worse_half(walks);
            fewer(walks.len());
            heat = if from < until { heat } else { heats.next() };
            continue;
        }
        for (level, ended) in order.iter().map(|&k| (k, tasks.iter().flatten().filter(move |task| task.0 == k))) {
            // Of several walks from one level, the best counts.
            let had_time = |(_, seen): &&(i64, [Seen; RUNGS])| seen.iter().any(|seen| seen.proposals > 0);
            let best = ended.filter_map(|task| task.1.as_ref()).filter(had_time).min_by_key(|(end, _)| *end);
            if let Some((end, seen)) = best {
                levels[level].rate(*end, begun_at, seen, coolings.evenly());
            }
        }
        tracing::debug!(?order, ends = ?levels.each_ref().map(|l| (l.failed, l.end)), "heat");
        from = until;
        heat = heats.next();
    }
}

/// The levels that promise most.
fn best_levels(levels: &[Level], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by_key(|&k| levels[k].rank(k));
    order.truncate(most);
    order
}

/// Each walk cools from some of the levels; where there are more walks than levels, several from
/// one.
fn share_out(order: &[usize], walks: usize) -> Vec<Vec<Task>> {
    let is_of = |w: usize, k: usize| if walks <= order.len() { k % walks == w } else { w % order.len() == k };
    let of_walk = |w: usize| order.iter().enumerate().filter(|&(k, _)| is_of(w, k)).map(|(_, &k)| (k, None)).collect();
    (0..walks).map(of_walk).collect()
}

/// The hottest temperature that is of any use, from what changes cost where the walk is.
fn hottest(coolings: &Coolings<'_>, walk: &mut Chain<'_>) -> f64 {
    coolings.settings.hot * coolings.mean_change(walk, true)
}

/// Has a walk place the classes that are not placed yet, at a temperature at which there is much to
/// and fro, until it is too late.
pub(super) fn fill(coolings: &Coolings<'_>, walk: &mut Chain<'_>) {
    if walk.unplaced.is_empty() {
        return;
    }
    let temperature = coolings.schedule(hottest(coolings, walk) / FILLING).at(0);
    let most = coolings.most_to_fill();
    while !walk.unplaced.is_empty() && walk.looked() < most && !coolings.is_late_to_fill() {
        let before = walk.looked();
        // Few at a time: looking over the places of a class takes long.
        walk.run(FEW.min(most) as u32, temperature);
        coolings.add(walk.looked() - before);
    }
    walk.settle();
}

/// The best timetable of them all.
fn best_of(walks: &mut [Chain<'_>]) -> Timetable {
    let best = walks.iter_mut().min_by_key(|walk| walk.best()).expect("walks");
    best.settle();
    best.incumbent.best().clone()
}
