//! Timeslot problems: coolings among the valid timetables alone, side by side, of which the best counts.

use super::Annealing;
use memguard::{stack_size, threads_for};
use moves::fixed::{ONE, Share, product, share};
use moves::timeslots::{SlotBoard, SlotProblem, SlotWalk};
use moves::{Cooling, Draws, RUNGS, Schedule, Seen, Temperature};
use pipeline::{Bytes, Context, OnRefusal, Progress, Reservation, StageError};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use timetable::{Problem, Score, Timetable};

/// The second half of the names of these walks.
const STREAM: u32 = 0x2b01;
/// Proposals between two looks at the clock.
const SLICE: u64 = 1024;
/// Slices between two reports.
const REPORT: u64 = 64;
/// Part of the budget, at most, for a whole timetable to begin with.
const FILL: f64 = 0.25;
/// Part of the budget for a quick cooling, which measures where the penalty falls.
const QUICK: f64 = 0.1;
/// Proposals at most, all of them accepted, that are looked at to find what changes cost.
const LOOKS: u64 = 200_000;
/// The hottest temperature, in means of what a change costs; the coldest, in units of penalty.
const HOT: f64 = 12.0;
const COLD: f64 = 0.12;

/// What the best of some coolings found.
pub(super) struct Found {
    /// The best timetable, or `None` where there was no whole one to begin with.
    pub(super) best: Option<(Timetable, Score)>,
    /// Proposals in all.
    pub(super) evaluated: u64,
}

/// What coolings share.
struct Run<'a> {
    problem: &'a Problem,
    ctx: &'a Context,
    walks: u64,
    /// Nothing costs less.
    bound: i64,
    /// Proposals of all walks, and the smallest penalty of them, for progress.
    evaluated: AtomicU64,
    best: AtomicI64,
}

impl Run<'_> {
    /// The share of the budget that this walk has used.
    fn used(&self, walk: &SlotWalk<'_>) -> Share {
        match self.ctx.stop.steps() {
            Some(n) => {
                let all = u128::from((n / self.walks).max(1));
                (u128::from(walk.proposals()) * u128::from(ONE) / all).min(u128::from(ONE)) as Share
            }
            None => share(self.ctx.stop.time_used().unwrap_or(1.0)),
        }
    }

    fn is_over(&self, walk: &SlotWalk<'_>) -> bool {
        self.ctx.stop.now() || walk.best() <= self.bound
    }

    /// Proposes until so much of the budget is used; what was seen meanwhile.
    fn stay(&self, walk: &mut SlotWalk<'_>, temperature: Temperature, until: Share) -> Seen {
        let before = (walk.proposals(), walk.accepted());
        let (mut sum, mut slices) = (0i64, 0i64);
        while self.used(walk) < until && !self.is_over(walk) {
            let left = match self.ctx.stop.steps() {
                Some(n) => {
                    let end = (u128::from(n / self.walks) * u128::from(until)).div_ceil(u128::from(ONE)) as u64;
                    end.saturating_sub(walk.proposals()).clamp(1, SLICE)
                }
                None => SLICE,
            };
            walk.run(left as u32, temperature);
            sum += walk.board().penalty();
            slices += 1;
            let evaluated = self.evaluated.fetch_add(left, Ordering::Relaxed);
            if (evaluated / SLICE).is_multiple_of(REPORT) {
                self.report(walk);
            }
        }
        let mean = if slices == 0 { walk.board().penalty() } else { sum / slices };
        Seen { mean, proposals: walk.proposals() - before.0, accepted: walk.accepted() - before.1 }
    }

    fn report(&self, walk: &SlotWalk<'_>) {
        let best = self.best.fetch_min(walk.best(), Ordering::Relaxed).min(walk.best());
        let (done, total) = (self.evaluated.load(Ordering::Relaxed), self.ctx.stop.steps());
        self.ctx.progress.report(Progress { done, total, best: Some(valid(best)) });
        if walk.best() <= best && self.ctx.best.wants() {
            self.ctx.best.offer(&walk.best_timetable(self.problem), valid(walk.best()));
        }
    }

    /// From hot to cold between two shares of the budget; what was seen at each temperature.
    fn cool(&self, walk: &mut SlotWalk<'_>, cooling: &Cooling, from: Share, to: Share) -> [Seen; RUNGS] {
        std::array::from_fn(|rung| {
            let until = from + product(to.saturating_sub(from), cooling.end(rung));
            self.stay(walk, cooling.temperature(rung), until)
        })
    }

    /// One whole cooling, from where the walk is; from `warm` of the way on, for a timetable that is good already.
    fn whole_cooling(&self, walk: &mut SlotWalk<'_>, warm: Share) {
        let begun = self.used(walk);
        let left = ONE - begun.min(ONE);
        let board = walk.board().clone();
        let looks = self.ctx.stop.steps().map_or(LOOKS, |n| (n / self.walks / 50).clamp(1_000, LOOKS));
        let change = walk.mean_change(looks);
        self.evaluated.fetch_add(looks, Ordering::Relaxed);
        let schedule = Schedule::new((HOT * change).max(2.0 * COLD), COLD);
        if warm > 0 {
            walk.go_on_from(&board);
            self.cool(walk, &Cooling::even(schedule.from(warm)), begun, ONE);
            return;
        }
        let even = Cooling::even(schedule);
        let quick = begun + product(left, share(QUICK));
        let seen = self.cool(walk, &even, begun, quick);
        let cooling = even.measured(&seen);
        tracing::debug!(change, quick = walk.best(), "cooling");
        self.cool(walk, &cooling, quick, ONE);
    }
}

fn valid(penalty: i64) -> Score {
    Score { unplaced: 0, hard: 0, penalty }
}

/// How many coolings there is memory for side by side, and the promise of it; with steps always as many as are wanted.
fn room_for(walks: usize, slots: &SlotProblem, ctx: &Context) -> Result<(usize, Reservation), StageError> {
    let one = Bytes::new(SlotWalk::ask(slots));
    let consumer = ctx.ledger.consumer("coolings", OnRefusal::Shrink);
    let mut promised = consumer.reserve(if ctx.stop.steps().is_some() { one.times(walks) } else { one })?;
    if ctx.stop.steps().is_some() {
        return Ok((walks, promised));
    }
    let (more, rest) = consumer.reserve_up_to(walks - 1, one);
    promised.join(rest);
    Ok((1 + more, promised))
}

/// Anneals a timeslot problem.
///
/// # Errors
/// Where the memory for one walk is refused.
pub(super) fn anneal(
    annealing: &Annealing,
    problem: &Problem,
    slots: &SlotProblem,
    start: &Timetable,
    bound: i64,
    ctx: &Context,
) -> Result<Found, StageError> {
    let wanted = match (annealing.chains, ctx.stop.steps()) {
        (0, Some(_)) => 1,
        (0, None) => threads_for(ctx.threads),
        (n, _) => n,
    };
    let (walks, _promised) = room_for(wanted, slots, ctx)?;
    let (evaluated, best) = (AtomicU64::new(0), AtomicI64::new(i64::MAX));
    let run = Run { problem, ctx, walks: walks as u64, bound, evaluated, best };
    let begin = SlotBoard::with(slots, problem, start);
    let one = |i: usize| -> Option<SlotWalk<'_>> {
        let mut walk = SlotWalk::new(begin.clone(), Draws::new(ctx.seed, [i as u32, STREAM]));
        if !begin.is_whole() {
            let most = ctx.stop.steps().map_or(u64::MAX, |n| ((n / run.walks) as f64 * FILL) as u64);
            let is_late = || ctx.stop.now() || ctx.stop.time_used().is_some_and(|used| used > FILL);
            let is_whole = walk.fill(most, &is_late);
            run.evaluated.fetch_add(walk.proposals(), Ordering::Relaxed);
            if !is_whole {
                return None;
            }
        }
        run.whole_cooling(&mut walk, share(annealing.settings.from));
        Some(walk)
    };
    let threads = threads_for(ctx.threads.clamp(1, walks));
    let mut ended: Vec<Option<SlotWalk<'_>>> = (0..walks).map(|_| None).collect();
    let left = Mutex::new(ended.iter_mut().enumerate());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some((i, walk)) = next() {
            *walk = one(i);
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
    let best = ended.iter().flatten().min_by_key(|walk| walk.best());
    let best = best.map(|walk| (walk.best_timetable(problem), valid(walk.best())));
    Ok(Found { best, evaluated: run.evaluated.into_inner() })
}
