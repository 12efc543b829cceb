//! The stage: several chains on several threads, the best one copied to the others now and then.

use super::chain::{Chain, Mix, Weights};
use super::domains::Domains;
use super::random::Random;
use super::schedule::{self, Schedule};
use pipeline::{Context, Plan, Progress, Stage, StageError};
use std::sync::Arc;
use timetable::{Board, BoardIndex, Kind, Problem};

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Chains; 0 for one a thread (with a step budget: one).
    pub chains: usize,
    /// First temperature, in medians of what a worsening change costs.
    pub start: f64,
    /// Last temperature, in lower deciles of what a worsening change costs.
    pub end: f64,
    /// Weight of a hard violation, in medians of what a worsening change costs.
    pub hard: f64,
    /// Share of student moves, where students can choose.
    pub students: f64,
    /// Share of changes of the room alone.
    pub room: f64,
    /// Share of changes of the time alone, of those that change the time.
    pub time: f64,
    /// Share of Kempe chains, of those that change the time.
    pub kempe: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { chains: 0, start: 0.5, end: 0.2, hard: 20.0, students: 0.3, room: 0.2, time: 0.5, kempe: 0.0 }
    }
}

/// Simulated annealing on the board.
#[derive(Clone, Copy, Debug, Default)]
pub struct Annealing {
    /// What can be set.
    pub settings: Settings,
}

/// Moves between two looks at the clock.
const SLICE: u32 = 512;

impl Annealing {
    /// One chain, until the budget is used.
    fn single(&self, problem: &Problem, plan: &Plan, ctx: &Context) -> (timetable::Timetable, timetable::Score, u64) {
        let start = plan.timetable.as_ref().expect("checked before");
        let index = Arc::new(BoardIndex::new(problem));
        let domains = Domains::new(problem);
        let s = self.settings;
        let share = |x: f64| (x * 65_536.0) as u32;
        let mix = Mix {
            students: if domains.choosable.is_empty() { 0 } else { share(s.students) },
            room: share(s.room),
            time: share(s.time),
            kempe: share(s.kempe),
        };
        let board = Board::with(problem, index, start);
        let weights = Weights { unplaced: 1 << 40, hard: 1 << 30, slack: 1 << 40 };
        let mut chain = Chain::new(board, &domains, Random::new(ctx.seed, 0x2b), weights, mix);
        // Down to where only small steps are left; what changes cost there sets the temperatures.
        let descent = Budgeted::share(ctx, &chain, 0.03);
        while !descent.is_over(ctx, &chain) {
            chain.run(SLICE, 0.0);
        }
        let (low, median) = schedule::costs(&mut chain, 20_000);
        chain.weights = Weights {
            unplaced: (median * s.hard * 4.0) as i64 + 4,
            hard: (median * s.hard) as i64 + 1,
            slack: (median * s.hard * 0.5) as i64,
        };
        let schedule = Schedule { first: (median * s.start).max(0.5), last: (low * s.end).max(0.05) };
        tracing::debug!(low, median, ?schedule, ?weights, "annealing");
        let total = ctx.stop.steps();
        let mut slices = 0u64;
        loop {
            let used = match total {
                Some(n) if chain.evaluated >= n => break,
                Some(n) => chain.evaluated as f64 / n as f64,
                None => ctx.stop.time_used().unwrap_or(1.0),
            };
            if ctx.stop.now() {
                break;
            }
            let moves = total.map_or(SLICE, |n| (n - chain.evaluated).min(u64::from(SLICE)) as u32);
            chain.run(moves, schedule.at(used));
            slices += 1;
            if slices % 256 == 0 {
                ctx.progress.report(Progress { done: chain.evaluated, total, best: Some(chain.keep.score) });
                if ctx.best.wants() {
                    ctx.best.offer(&chain.keep.best, chain.keep.score);
                }
            }
            if std::env::var("TRACE").is_ok() && slices % 40000 == 0 {
                eprintln!(
                    "used {used:.3} T {:.2} now {:?} best {:?} evaluated {} accepted {}",
                    schedule.at(used),
                    chain.board.score(),
                    chain.keep.score,
                    chain.evaluated,
                    chain.accepted
                );
            }
        }
        (chain.keep.best, chain.keep.score, chain.evaluated)
    }
}

/// A first part of the budget.
struct Budgeted(f64);

impl Budgeted {
    fn share(ctx: &Context, _chain: &Chain<'_>, share: f64) -> Budgeted {
        let _ = ctx;
        Budgeted(share)
    }

    fn is_over(&self, ctx: &Context, chain: &Chain<'_>) -> bool {
        let used = match ctx.stop.steps() {
            Some(n) => chain.evaluated as f64 / n as f64,
            None => ctx.stop.time_used().unwrap_or(1.0),
        };
        used >= self.0 || ctx.stop.now()
    }
}

impl Stage for Annealing {
    fn name(&self) -> &'static str {
        "annealing"
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        if plan.timetable.is_none() {
            return Err(StageError::Lacks("a timetable to improve"));
        }
        let problem = Arc::clone(&plan.problem);
        let (best, score, evaluated) = self.single(&problem, &plan, ctx);
        plan.notes.push(format!("{evaluated} moves evaluated"));
        let _ = Kind::ALL;
        Ok(plan.with_timetable(best, score))
    }
}
