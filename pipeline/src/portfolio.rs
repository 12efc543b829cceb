//! Stages that take turns: one stage made of several, in which the budget goes to whichever gained
//! most with it.

use crate::confirm::{ConfirmError, confirm_safely};
use crate::context::{Context, Progress, ProgressSink};
use crate::plan::Plan;
use crate::stage::{MemoryRequirement, Stage, StageError};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use timetable::Score;

/// The first turn of each stage, as a share of the budget; it doubles where nothing was gained.
const FIRST_TURN: f64 = 0.25;
/// Who gains nothing and uses less than this of a turn has nothing to do: no solver, no memory for
/// it.
const IDLE_BELOW: f64 = 0.01;
/// A share too small for a turn of its own; and one that is too small for anything.
const MIN_TURN: f64 = 0.05;
const MIN_LEFT: f64 = 0.005;

/// Stages that improve a timetable by turns.
///
/// Each has a turn; from then on the next turn belongs to the stage that gained most with its last
/// one, for the time it took, and where none gained anything to the one that has had least. A
/// turn's plan is taken as the runner takes a stage's: where the checker confirms it and it is no
/// worse. With a budget in steps the turns depend on seed and input alone.
pub struct Portfolio {
    name: &'static str,
    stages: Vec<Box<dyn Stage>>,
}

/// A stage, and how it has done.
struct Member<'a> {
    stage: &'a dyn Stage,
    /// Gained in its last turn, for all of the budget; without end before its first.
    rate: f64,
    /// Share of the budget for its next turn.
    next: f64,
    turns: u32,
    used: f64,
    gained: i64,
    /// What it said last.
    notes: Vec<String>,
    /// Why it has no more turns: it failed, or left its turn at once.
    failed: Option<StageError>,
    is_idle: bool,
}

impl Portfolio {
    /// These stages, under one name; each begins with a turn, in this order.
    pub fn new(name: &'static str, stages: Vec<Box<dyn Stage>>) -> Portfolio {
        Portfolio { name, stages }
    }
}

impl Stage for Portfolio {
    fn name(&self) -> &'static str {
        self.name
    }

    /// One works at a time: what suffices for any is enough to go on, what the largest would like
    /// is enough for all.
    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        let asks: Vec<MemoryRequirement> = self.stages.iter().map(|stage| stage.memory(plan)).collect();
        MemoryRequirement {
            least: asks.iter().map(|ask| ask.least).min().unwrap_or(0),
            preferred: asks.iter().map(|ask| ask.preferred).max().unwrap_or(0),
        }
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let members = self.stages.iter().map(|stage| Member::new(stage.as_ref())).collect();
        let mut run = PortfolioRun { ctx, plan, members, steps_used: 0, units_done: 0, longest_check: 0.0 };
        for turn in 0.. {
            let left = 1.0 - run.spent() - run.longest_check;
            if ctx.stop.now() || left < MIN_LEFT || run.plan.is_optimal() {
                break;
            }
            let Some(member) = run.next_member() else { break };
            run.run_turn(member, turn, left)?;
        }
        run.end()
    }
}

/// A run of stages by turns.
struct PortfolioRun<'a> {
    ctx: &'a Context,
    /// The best so far.
    plan: Plan,
    members: Vec<Member<'a>>,
    steps_used: u64,
    /// What people were told is done.
    units_done: u64,
    /// Share of the budget that confirming a plan took.
    longest_check: f64,
}

impl PortfolioRun<'_> {
    /// The share of the budget that is gone.
    fn spent(&self) -> f64 {
        match self.ctx.stop.steps() {
            Some(steps) => self.steps_used as f64 / steps.max(1) as f64,
            None => self.ctx.stop.time_used().unwrap_or(1.0),
        }
    }

    /// The one with the best rate, of equals the one who used least.
    fn next_member(&self) -> Option<usize> {
        let able = (0..self.members.len()).filter(|&k| self.members[k].is_able());
        let before = |a: usize, b: usize| {
            let (a, b) = (&self.members[a], &self.members[b]);
            b.rate.total_cmp(&a.rate).then(a.used.total_cmp(&b.used))
        };
        able.min_by(|&a, &b| before(a, b))
    }

    /// A player's turn.
    fn run_turn(&mut self, member: usize, turn: u64, left: f64) -> Result<(), StageError> {
        let (ctx, begun, before) = (self.ctx, self.spent(), self.plan.score);
        let next = self.members[member].next;
        let length = if left - next < MIN_TURN { left } else { next };
        // By time a part is one of what is left.
        let stop = ctx.stop.part(if ctx.stop.steps().is_some() { length } else { length / (1.0 - begun) });
        stop.forget_steps();
        let (sink, earlier) = (ctx.progress.clone(), self.units_done);
        let progress = Arc::new(OffsetProgress { sink, earlier, total: ctx.stop.steps(), done: 0.into() });
        let seed = ctx.seed.wrapping_add(turn);
        let part = Context { seed, stop: stop.clone(), progress: progress.clone(), ..ctx.clone() };
        let (stage, given) = (self.members[member].stage, self.plan.clone());
        let made = catch_unwind(AssertUnwindSafe(|| stage.run(given, &part)));
        let made = made.unwrap_or_else(|_| Err(StageError::Failed("it panicked".into())));
        self.units_done = progress.done_in_all();
        if let Some(most) = stop.steps() {
            // A stage that does not count has used all, unless it failed.
            let unreported = if made.is_ok() { most } else { 0 };
            self.steps_used += stop.steps_used().unwrap_or(unreported).min(most);
            self.units_done = self.steps_used;
        }
        let share = self.spent() - begun;
        let why = match made {
            // By steps the result would depend on free memory.
            Err(why) if stop.steps().is_some() && why.is_memory() => {
                return Err(why);
            }
            Err(why) => Some(why),
            Ok(mut made) => {
                self.members[member].notes = std::mem::take(&mut made.notes);
                self.take(made).err().map(|why| StageError::Failed(why.to_string()))
            }
        };
        self.longest_check = self.longest_check.max(self.spent() - begun - share);
        // Whatever became of its workers, they are gone.
        ctx.stop.report_workers(0);
        let member = &mut self.members[member];
        member.learn(before, self.plan.score, share);
        member.is_idle = member.rate == 0.0 && share < IDLE_BELOW * length && !ctx.stop.now();
        member.failed = why;
        tracing::debug!(stage = stage.name(), share, rate = member.rate, "turn");
        Ok(())
    }

    /// Takes a turn's plan, where the checker confirms it.
    fn take(&mut self, made: Plan) -> Result<(), ConfirmError> {
        confirm_safely(&self.plan, &made, self.ctx.judge.as_ref())?;
        self.plan = Plan { history: std::mem::take(&mut self.plan.history), ..made };
        Ok(())
    }

    fn end(mut self) -> Result<Plan, StageError> {
        self.ctx.stop.report_steps(self.steps_used);
        if self.members.iter().all(|member| !member.is_able() && member.gained == 0)
            && let Some(why) = self.members.iter_mut().find_map(|member| member.failed.take())
        {
            return Err(why);
        }
        self.plan.notes = self.members.into_iter().filter(|member| member.turns > 0).flat_map(Member::lines).collect();
        Ok(self.plan)
    }
}

impl<'a> Member<'a> {
    fn new(stage: &'a dyn Stage) -> Member<'a> {
        let (rate, next) = (f64::INFINITY, FIRST_TURN);
        Member { stage, rate, next, turns: 0, used: 0.0, gained: 0, notes: Vec::new(), failed: None, is_idle: false }
    }

    fn is_able(&self) -> bool {
        self.failed.is_none() && !self.is_idle
    }

    fn learn(&mut self, before: Option<Score>, after: Option<Score>, share: f64) {
        let gained = match (before, after) {
            (Some(before), Some(after)) => after.gained_on(before),
            (None, Some(_)) => 1,
            _ => 0,
        };
        self.turns += 1;
        self.used += share;
        self.gained += gained;
        self.rate = gained as f64 / share.max(1e-6);
        if gained == 0 {
            self.next *= 2.0;
        }
    }

    fn lines(self) -> Vec<String> {
        let turns = if self.turns == 1 { "turn" } else { "turns" };
        let name = self.stage.name();
        let mut lines = vec![format!("{name}: {} {turns}, {:.0} % of the budget", self.turns, 100.0 * self.used)];
        let idle = || self.is_idle.then(|| "it did nothing in its turn".to_owned());
        let why = self.failed.map(|why| why.to_string()).or_else(idle);
        lines.extend(why.map(|why| format!("{name} was not run again: {why}")));
        lines.extend(self.notes);
        lines
    }
}

/// Progress of a turn, told as that of the whole.
struct OffsetProgress {
    sink: Arc<dyn ProgressSink>,
    earlier: u64,
    total: Option<u64>,
    done: AtomicU64,
}

impl OffsetProgress {
    fn done_in_all(&self) -> u64 {
        self.earlier + self.done.load(Ordering::Relaxed)
    }
}

impl ProgressSink for OffsetProgress {
    fn report(&self, progress: Progress) {
        self.done.fetch_max(progress.done, Ordering::Relaxed);
        self.sink.report(Progress { done: self.done_in_all(), total: self.total, ..progress });
    }
}
