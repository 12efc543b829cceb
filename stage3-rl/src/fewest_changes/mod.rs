//! The implementation `fewest-changes`: repairs a timetable that is in use.
//!
//! What counts is, in this order: classes placed, hard rules, how few classes change, how few
//! students notice, the penalty. Whoever is in conflict is resolved by a chain of moves as short as
//! possible (`chains`); then changed classes are taken up again, a few at a time, and placed anew,
//! at home if that is possible (`rounds`), as long as it pays. How few changes are possible at all
//! is bounded (`bound`).

mod bound;
mod chains;
mod rounds;

use crate::changes::Order;
use crate::repair_state::RepairState;
use crate::tracked_repair::TrackedRepair;
use moves::{Incumbent, SearchState};
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use std::sync::Arc;
use timetable::{BoardIndex, Problem, Score, Timetable};

/// Repairs a timetable that is in use: the one that it is given. What it returns has no more
/// unplaced classes and no more hard violations; where there is nothing to repair, it is the same.
///
/// With a step budget, a step is one placement, or one way to take a course, looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct FewestChanges {
    /// What counts first.
    pub order: Order,
}

/// A timetable that was mended.
#[derive(Clone, Debug)]
pub struct Repaired {
    /// As it is now.
    pub timetable: Timetable,
    /// Its score.
    pub score: Score,
    /// What counted first.
    pub order: Order,
    /// Classes that are at another time, where that counts first; else 0.
    pub times: u32,
    /// Classes that are not where they were.
    pub changed: u32,
    /// Students whose week is another.
    pub students: u32,
    /// At least so many classes have to change.
    pub least: u32,
    /// At least so many have to be at another time, where that counts first.
    pub least_times: u32,
}

impl Repaired {
    /// What people should know.
    pub fn notes(&self) -> Vec<String> {
        let said = |n: u32, least: u32| match n == least && self.score.is_valid() {
            true => "which is proven to be the least".to_owned(),
            false => format!("at least {least} have to"),
        };
        let count = |n: u32, one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
        let times = count(self.times, "class changes its time", "classes change their time");
        let times = format!("{times}, {}", said(self.times, self.least_times));
        let times = (self.order == Order::Published).then_some(times);
        let changed = count(self.changed, "class changes", "classes change");
        let changed = format!("{changed}, {}", said(self.changed, self.least));
        let students = count(self.students, "student notices", "students notice");
        times.into_iter().chain([changed, students]).collect()
    }

    /// Whether nothing that counts first can be less.
    pub fn is_proven(&self) -> bool {
        self.score.is_valid()
            && match self.order {
                Order::Classes => self.changed == self.least,
                // As few times as possible may take more rooms than the fewest classes do.
                Order::Published => self.times == self.least_times && self.changed == self.least.max(self.times),
            }
    }
}

impl FewestChanges {
    /// How many classes have to change at least, whatever is done: those that cannot stay, and one
    /// of each two in each other's way.
    ///
    /// # Errors
    /// Where there is not enough memory.
    pub fn least(&self, problem: &Problem, home: &Timetable, ctx: &Context) -> Result<u32, StageError> {
        let _promised = ctx.ledger.reserve("fewest-changes", Bytes::new(bytes(problem)))?;
        Ok(RepairState::new(problem, Arc::new(BoardIndex::new(problem)), home, ctx).have_to_change(home))
    }

    /// Mends the timetable in use, `home`; or goes on from one that was mended already.
    ///
    /// # Errors
    /// Where there is not enough memory.
    pub fn repair(
        &self,
        problem: &Problem,
        home: &Timetable,
        mended: Option<&Timetable>,
        ctx: &Context,
    ) -> Result<Repaired, StageError> {
        let _promised = ctx.ledger.reserve("fewest-changes", Bytes::new(bytes(problem)))?;
        let mut state = RepairState::new(problem, Arc::new(BoardIndex::new(problem)), home, ctx);
        let least = state.have_to_change(home);
        let least_times = if self.order == Order::Published { state.have_to_change_time(home) } else { 0 };
        // As the board has it: of students who have no choice it knows that they are enrolled.
        let at_home = state.search.incumbent.best().clone();
        let mut repair = TrackedRepair::new(state, at_home, self.order);
        match mended {
            None => repair.run(),
            Some(mended) => repair.go_on_from(mended),
        }
        ctx.stop.report_steps(repair.state.clock.used());
        let (best, best_cost) = repair.incumbent.into_best();
        let (times, changed, students) = (best_cost.times, best_cost.changed, best_cost.students);
        let (score, order) = (best_cost.score(), self.order);
        Ok(Repaired { timetable: best, score, order, times, changed, students, least, least_times })
    }
}

impl Stage for FewestChanges {
    fn name(&self) -> &'static str {
        "fewest-changes"
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let Some(home) = plan.timetable.take() else { return Err(StageError::Lacks("a timetable in use")) };
        let mended = self.repair(&plan.problem, &home, None, ctx)?;
        plan.notes.extend(mended.notes());
        Ok(plan.with_timetable(mended.timetable, mended.score))
    }

    fn has_work(&self, plan: &Plan) -> bool {
        !plan.score.is_some_and(|score| score.is_valid())
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        let least = bytes(&plan.problem);
        MemoryRequirement { least, preferred: least }
    }
}

fn bytes(problem: &Problem) -> u64 {
    let timetable = (problem.classes().len() + problem.enrolment_slots()) as u64;
    SearchState::max_bytes(problem)
        + Incumbent::max_bytes(problem)
        + 16 * timetable
        + 8 * problem.students().len() as u64
}
