//! Coolings among the valid timetables alone, side by side, of which the best counts.

use memguard::{stack_size, threads_for};
use moves::fixed::{ONE, Share, product, share};
use moves::walk::Settings;
use moves::{Cooling, RUNGS, Schedule, Seen, Temperature};
use pipeline::{Bytes, Context, OnRefusal, Progress, Reservation, StageError};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use timetable::{Problem, Score, Timetable};

/// Proposals between two looks at the clock.
const SLICE: u64 = 1024;
/// Placements looked at between two reports, in slices.
const REPORT: u64 = 64;
/// Part of the budget, at most, for a whole timetable to begin with.
pub(super) const FILL: f64 = 0.25;
/// Part of the budget for a quick cooling, which measures where the penalty falls.
const QUICK: f64 = 0.1;
/// Proposals at most, all of them accepted, that are looked at to find what changes cost.
const LOOKS: u64 = 200_000;
/// Part of the time for that, at most.
const LOOKS_PART: f64 = 0.02;

/// A walk among the valid timetables.
pub(super) trait Walk: Send {
    /// Proposes so many changes at one temperature.
    fn run(&mut self, proposals: u32, temperature: Temperature);
    /// Placements looked at so far: at least one a proposal.
    fn looked(&self) -> u64;
    /// Changes accepted so far.
    fn accepted(&self) -> u64;
    /// The penalty now.
    fn penalty(&self) -> i64;
    /// The least penalty so far.
    fn best(&self) -> i64;
    /// The best score so far: not valid where classes are left that are not placed.
    fn best_score(&self) -> Score {
        valid(self.best())
    }
    /// The timetable that had it.
    fn best_timetable(&mut self, problem: &Problem) -> Timetable;
    /// What a change costs in the mean, up or down, of so many proposals that are all accepted, or
    /// of fewer where it is over before; afterwards `back` to where it was.
    fn mean_change(&mut self, proposals: u64, back: bool, is_over: &dyn Fn() -> bool) -> f64;
}

/// What the best of some coolings found.
pub(super) struct Found {
    /// The best timetable, or `None` where there was none to begin with in which everything hard
    /// held.
    pub(super) best: Option<(Timetable, Score)>,
    /// Placements looked at in all.
    pub(super) evaluated: u64,
    /// How many walks there were.
    pub(super) walks: u64,
}

impl Found {
    /// Nothing, after so many placements.
    pub(super) fn nothing(evaluated: u64) -> Found {
        Found { best: None, evaluated, walks: 0 }
    }
}

/// What coolings share.
pub(super) struct Coolings<'a> {
    problem: &'a Problem,
    ctx: &'a Context,
    pub(super) walks: u64,
    /// Nothing costs less.
    bound: i64,
    /// The share of the time that was used when it began.
    begun: f64,
    /// Temperatures, and how the budget is shared among them.
    pub(super) settings: Settings,
    /// The share of the way from hot to cold that is left out, for a timetable that is good
    /// already.
    pub(super) warm: Share,
    /// Walks that go on: several, until memory is short.
    alive: AtomicUsize,
    /// Placements that all walks have looked at, and the smallest penalty of them, for progress.
    evaluated: AtomicU64,
    best: AtomicI64,
}

impl<'a> Coolings<'a> {
    /// So many walks, of a problem whose penalty cannot be below `bound`.
    pub(super) fn new(
        problem: &'a Problem,
        ctx: &'a Context,
        walks: usize,
        bound: i64,
        settings: Settings,
    ) -> Coolings<'a> {
        let (evaluated, best) = (AtomicU64::new(0), AtomicI64::new(i64::MAX));
        Coolings {
            problem,
            ctx,
            begun: ctx.stop.time_used().unwrap_or(0.0),
            walks: walks as u64,
            bound,
            settings,
            warm: share(settings.from),
            alive: AtomicUsize::new(1),
            evaluated,
            best,
        }
    }

    /// What one walk may look at to find a valid timetable, and whether it is too late for more of
    /// that.
    pub(super) fn most_to_fill(&self) -> u64 {
        self.ctx.stop.steps().map_or(u64::MAX, |n| ((n / self.walks) as f64 * FILL) as u64)
    }

    /// Whether it is too late to go on looking for a valid timetable.
    pub(super) fn is_late_to_fill(&self) -> bool {
        self.ctx.stop.now()
            || self.ctx.stop.time_used().is_some_and(|used| used > self.begun + FILL * (1.0 - self.begun))
    }

    /// So much was looked at.
    pub(super) fn add(&self, looked: u64) {
        self.evaluated.fetch_add(looked, Ordering::Relaxed);
    }

    /// The share of the budget that this walk has used.
    pub(super) fn used(&self, walk: &impl Walk) -> Share {
        match self.ctx.stop.steps() {
            Some(n) => {
                let all = u128::from((n / self.walks).max(1));
                (u128::from(walk.looked()) * u128::from(ONE) / all).min(u128::from(ONE)) as Share
            }
            None => share(self.ctx.stop.time_used().unwrap_or(1.0)),
        }
    }

    fn is_over(&self, walk: &impl Walk) -> bool {
        self.ctx.stop.now() || walk.best() <= self.bound || self.is_short()
    }

    /// So many walks of those that can be given up go on.
    pub(super) fn go_on_with(&self, walks: usize) {
        self.alive.store(walks, Ordering::Relaxed);
    }

    /// Whether memory is short, and there are walks to be given up. Never where the budget is in
    /// steps: no result depends on memory there.
    pub(super) fn is_short(&self) -> bool {
        self.alive.load(Ordering::Relaxed) > 1 && self.ctx.stop.steps().is_none() && self.ctx.stop.should_shrink()
    }

    /// Proposes until so much of the budget is used; what was seen meanwhile.
    fn stay(&self, walk: &mut impl Walk, temperature: Temperature, until: Share) -> Seen {
        let before = (walk.looked(), walk.accepted());
        let (mut sum, mut slices) = (0i64, 0i64);
        while self.used(walk) < until && !self.is_over(walk) {
            let left = match self.ctx.stop.steps() {
                Some(n) => {
                    let end = (u128::from(n / self.walks) * u128::from(until)).div_ceil(u128::from(ONE)) as u64;
                    end.saturating_sub(walk.looked()).clamp(1, SLICE)
                }
                None => SLICE,
            };
            let begun = walk.looked();
            walk.run(left as u32, temperature);
            sum += walk.penalty();
            slices += 1;
            let looked = walk.looked() - begun;
            let evaluated = self.evaluated.fetch_add(looked, Ordering::Relaxed);
            if evaluated / (SLICE * REPORT) != (evaluated + looked) / (SLICE * REPORT) {
                self.report(walk);
            }
        }
        let mean = if slices == 0 { walk.penalty() } else { sum / slices };
        Seen { mean, proposals: walk.looked() - before.0, accepted: walk.accepted() - before.1 }
    }

    fn report(&self, walk: &mut impl Walk) {
        let best = self.best.fetch_min(walk.best(), Ordering::Relaxed).min(walk.best());
        let (done, total) = (self.evaluated.load(Ordering::Relaxed), self.ctx.stop.steps());
        self.ctx.progress.report(Progress { done, total, best: Some(valid(best)) });
        if walk.best() <= best && self.ctx.best.wants() {
            self.ctx.best.offer(&walk.best_timetable(self.problem), valid(walk.best()));
        }
    }

    /// From hot to cold between two shares of the budget; what was seen at each temperature.
    pub(super) fn cool(&self, walk: &mut impl Walk, cooling: &Cooling, from: Share, to: Share) -> [Seen; RUNGS] {
        std::array::from_fn(|rung| {
            let until = from + product(to.saturating_sub(from), cooling.end(rung));
            let seen = self.stay(walk, cooling.temperature(rung), until);
            tracing::trace!(rung, t = ?cooling.temperature(rung), ?seen, best = walk.best(), "cooling");
            seen
        })
    }

    /// What a change costs in the mean, up or down, where all are accepted; afterwards `back` to
    /// where the walk was.
    pub(super) fn mean_change(&self, walk: &mut impl Walk, back: bool) -> f64 {
        let begun = (walk.looked(), self.used(walk));
        let most = share(LOOKS_PART);
        let looks = self.ctx.stop.steps().map_or(LOOKS, |n| {
            // A thousand where the budget is small, but no more than a quarter of what is left of
            // it.
            let left = (n / self.walks).saturating_sub(begun.0);
            (n / self.walks / 50).clamp(1_000, LOOKS).min(left / 4)
        });
        let is_late = || self.ctx.stop.time_used().is_some_and(|used| share(used) > begun.1 + most);
        let change = walk.mean_change(looks, back, &|| self.ctx.stop.now() || is_late());
        self.add(walk.looked() - begun.0);
        change
    }

    /// From a temperature to the coldest.
    pub(super) fn schedule(&self, from: f64) -> Schedule {
        let cold = self.settings.cold;
        Schedule::new(from.max(2.0 * cold), cold)
    }

    /// The part of a measured cooling that is spread evenly.
    pub(super) fn evenly(&self) -> Share {
        share(self.settings.even)
    }

    /// One whole cooling, from where the walk is.
    fn whole_cooling(&self, walk: &mut impl Walk) {
        let begun = self.used(walk);
        let left = ONE - begun.min(ONE);
        let change = self.mean_change(walk, self.warm > 0);
        let schedule = self.schedule(self.settings.hot * change);
        if self.warm > 0 {
            self.cool(walk, &Cooling::even(schedule.from(self.warm)), begun, ONE);
            return;
        }
        let even = Cooling::even(schedule);
        let quick = begun + product(left, share(QUICK));
        let seen = self.cool(walk, &even, begun, quick);
        let cooling = even.measured(&seen, self.evenly());
        tracing::debug!(change, quick = walk.best(), "cooling");
        self.cool(walk, &cooling, quick, ONE);
    }

    /// Does this with each, side by side.
    pub(super) fn each<T: Send>(&self, all: &mut [T], one: impl Fn(usize, &mut T) + Sync) {
        side_by_side(all, self.ctx.threads, one);
    }

    /// Cools the walks that `one` makes (`None` where it found no valid timetable), side by side.
    pub(super) fn run<W: Walk>(&self, one: impl Fn(usize) -> Option<W> + Sync) -> Found {
        let mut ended: Vec<Option<W>> = (0..self.walks).map(|_| None).collect();
        self.each(&mut ended, |i, ended| {
            *ended = one(i).map(|mut walk| {
                self.whole_cooling(&mut walk);
                walk
            });
        });
        self.found(ended.iter_mut().flatten())
    }

    /// The best of some walks.
    pub(super) fn found<'w, W: Walk + 'w>(&self, walks: impl Iterator<Item = &'w mut W>) -> Found {
        let best = walks.min_by_key(|walk| walk.best_score());
        let best = best.map(|walk| (walk.best_timetable(self.problem), walk.best_score()));
        Found { best, evaluated: self.evaluated.load(Ordering::Relaxed), walks: self.walks }
    }
}

/// Does this with each, on as many threads as there are.
pub(super) fn side_by_side<T: Send>(all: &mut [T], threads: usize, one: impl Fn(usize, &mut T) + Sync) {
    let threads = threads_for(threads.clamp(1, all.len().max(1)));
    let left = Mutex::new(all.iter_mut().enumerate());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some((i, item)) = next() {
            one(i, item);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where no thread can be started, those that there are do its work.
            if thread::Builder::new().stack_size(stack_size()).spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
}

fn valid(penalty: i64) -> Score {
    Score { unplaced: 0, hard: 0, penalty }
}

/// How many walks there shall be: as many as are asked for, else one a thread, or one where the
/// budget is in steps, so that threads do not matter.
pub(super) fn wanted(chains: usize, ctx: &Context) -> usize {
    match (chains, ctx.stop.steps()) {
        (0, Some(_)) => 1,
        (0, None) => threads_for(ctx.threads),
        (n, _) => n,
    }
}

/// For how many walks there is memory side by side, and the promise of it; with steps always for as
/// many as are wanted.
///
/// # Errors
/// Where the memory for one walk is refused.
pub(super) fn room_for(walks: usize, one: Bytes, ctx: &Context) -> Result<(usize, Reservation), StageError> {
    let consumer = ctx.ledger.consumer("walks", OnRefusal::Shrink);
    let mut promised = consumer.reserve(if ctx.stop.steps().is_some() { one.times(walks) } else { one })?;
    if ctx.stop.steps().is_some() {
        return Ok((walks, promised));
    }
    let (more, rest) = consumer.reserve_up_to(walks - 1, one);
    promised.join(rest);
    Ok((1 + more, promised))
}
