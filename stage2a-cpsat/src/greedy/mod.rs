//! The implementation `greedy`: students take their seats, classes are placed hardest first, and
//! those that find no place push others out of theirs, again and again, until all are placed or the
//! budget is spent.
//!
//! The chains are guided by how often each class could not be placed: of all placements that one
//! looks best whose occupants were placed easily so far (Nagata and Bräysy, *A powerful route
//! minimization heuristic for the vehicle routing problem with time windows*, 2009; the same
//! thought as the conflict statistics of Müller, Barták and Rudová, *Conflict-based statistics*,
//! 2004).

mod chain;
mod construct;
mod construction_state;
mod enrol;
mod order;
mod reasons;
mod rooms;

use crate::greedy::construction_state::ConstructionState;
use moves::SearchState;
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use std::sync::Arc;
use timetable::BoardIndex;

/// Places classes hardest first and by ejection chains; enrols students. Breaks no hard rule: what
/// cannot be placed without that stays unplaced, and a note says what is in the way.
///
/// A timetable that the plan already has is taken on. With a step budget, a step is one placement
/// whose cost is computed, or 16 that are looked at in the conflict table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Greedy;

impl Stage for Greedy {
    fn name(&self) -> &'static str {
        "greedy"
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let problem = Arc::clone(&plan.problem);
        let _promised = ctx.ledger.reserve("greedy", Bytes::new(self.memory(&plan).least))?;
        let index = Arc::new(BoardIndex::new(&problem));
        let mut state = ConstructionState::new(&problem, index, plan.timetable.as_ref(), ctx);
        state.enrol_everyone();
        let order = order::hardest_first(&problem, plan.clusters.as_deref());
        state.construct(&order);
        state.chain();
        state.finish();
        ctx.stop.report_steps(state.clock.used());
        plan.notes.extend(state.reasons());
        let (timetable, score) = state.search.into_best();
        Ok(plan.with_timetable(timetable, score))
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        // A copy of the present timetable is given and returned.
        let problem = &plan.problem;
        let timetable = (problem.classes().len() + problem.enrolment_slots()) as u64;
        let least = SearchState::max_bytes(problem) + 12 * timetable;
        MemoryRequirement { least, preferred: 2 * least }
    }
}
