//! The implementation `min-conflicts`: repairs a timetable that breaks hard rules or leaves classes
//! unplaced.
//!
//! A class in conflict goes where it conflicts least (Minton et al., *Minimizing conflicts*, 1992),
//! not back to where it has just been (tabu); where that is no better than before, one of those in
//! the way grows heavier, so that other ways are preferred (after the breakout method, Morris,
//! 1993). Students who do not take a course properly, or for whom there is no seat, are helped the
//! same way, request by request.

mod rounds;

use crate::learned::Moves;
use crate::repair_state::RepairState;
use moves::SearchState;
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use std::sync::Arc;
use timetable::BoardIndex;

/// Repairs a timetable. What it returns has no more unplaced classes and no more hard violations
/// than what it was given; where there is nothing to repair, it returns at once.
///
/// With a step budget, a step is one placement, or one way to take a course, looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct MinConflicts;

impl MinConflicts {
    /// As the stage, and tells how often a class moved.
    ///
    /// # Errors
    /// Where there is no timetable, or not enough memory.
    pub fn repair(&self, plan: Plan, ctx: &Context) -> Result<(Plan, Moves), StageError> {
        self.repair_by(plan, false, ctx)
    }

    /// The same, but of equal places a class takes the one where it was given.
    ///
    /// # Errors
    /// Where there is no timetable, or not enough memory.
    pub fn repair_homeward(&self, plan: Plan, ctx: &Context) -> Result<(Plan, Moves), StageError> {
        self.repair_by(plan, true, ctx)
    }

    fn repair_by(&self, mut plan: Plan, homeward: bool, ctx: &Context) -> Result<(Plan, Moves), StageError> {
        let Some(given) = plan.timetable.take() else { return Err(StageError::Lacks("a timetable to repair")) };
        let problem = Arc::clone(&plan.problem);
        let _promised = ctx.ledger.reserve("min-conflicts", Bytes::new(self.memory(&plan).least))?;
        let mut state = RepairState::new(&problem, Arc::new(BoardIndex::new(&problem)), &given, ctx);
        let before = state.search.incumbent.score();
        if before.is_valid() {
            ctx.stop.report_steps(0);
            plan.notes.push("nothing to repair".into());
            let (timetable, score) = state.search.into_best();
            return Ok((plan.with_timetable(timetable, score), Moves::default()));
        }
        if homeward {
            state.homes = given.placements.clone();
        }
        state.repair();
        ctx.stop.report_steps(state.clock.used());
        let after = state.search.incumbent.score();
        plan.notes.push(format!(
            "unplaced classes {} -> {}, hard violations {} -> {}",
            before.unplaced, after.unplaced, before.hard, after.hard
        ));
        let moves = Moves { steps: state.moved, moved: state.moved };
        let (timetable, score) = state.search.into_best();
        Ok((plan.with_timetable(timetable, score), moves))
    }
}

impl Stage for MinConflicts {
    fn name(&self) -> &'static str {
        "min-conflicts"
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        Ok(self.repair(plan, ctx)?.0)
    }

    fn has_work(&self, plan: &Plan) -> bool {
        !plan.score.is_some_and(|score| score.is_valid())
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        let problem = &plan.problem;
        let timetable = (problem.classes().len() + problem.enrolment_slots()) as u64;
        let least = SearchState::max_bytes(problem) + 12 * timetable;
        MemoryRequirement { least, preferred: 2 * least }
    }
}
