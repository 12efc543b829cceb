//! Mending with a proof: the fewest changes that a search finds, and CP-SAT's word on whether there are fewer.

use pipeline::{Context, MemoryAsk, Plan, Stage, StageError};
use stage2a_cpsat::{Fewest, FewestByCpSat};
use stage3_rl::{FewestChanges, Mended, Order};
use timetable::{Problem, Timetable};

/// The search first; where it does not know that fewer changes are impossible, CP-SAT is asked with what is left of the time. By steps there is
/// the search alone: its result depends on nothing else.
pub(crate) struct Mending {
    search: FewestChanges,
    /// None where no program is known whose workers solve.
    exact: Option<FewestByCpSat>,
}

impl Mending {
    /// What counts first is the same for both.
    pub(crate) fn new(exact: Option<FewestByCpSat>, order: Order) -> Mending {
        let exact = exact.map(|exact| FewestByCpSat { times_first: order == Order::Published, twice: true, ..exact });
        Mending { search: FewestChanges { order }, exact }
    }
}

impl Stage for Mending {
    fn name(&self) -> &'static str {
        self.search.name()
    }

    fn has_work(&self, plan: &Plan) -> bool {
        self.search.has_work(plan)
    }

    fn memory(&self, plan: &Plan) -> MemoryAsk {
        let search = self.search.memory(plan);
        let exact = self.exact.as_ref().map_or(search.preferred, |exact| exact.memory(plan).preferred);
        MemoryAsk { least: search.least, preferred: search.preferred.max(exact) }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let Some(home) = plan.timetable.take() else { return Err(StageError::Lacks("a timetable in use")) };
        let mut mended = self.search.mend(&plan.problem, &home, None, ctx)?;
        let notes = if mended.is_proven() || ctx.stop.steps().is_some() || ctx.stop.now() {
            Vec::new()
        } else {
            self.prove(&plan.problem, &home, &mut mended, ctx)
        };
        plan.notes.extend(mended.notes().into_iter().chain(notes));
        Ok(plan.with_timetable(mended.timetable, mended.score))
    }
}

impl Mending {
    /// Asks CP-SAT, and takes what it finds where that is better; what it notes. What goes wrong costs the proof, not what is mended.
    fn prove(&self, problem: &Problem, home: &Timetable, mended: &mut Mended, ctx: &Context) -> Vec<String> {
        let Some(exact) = &self.exact else {
            return vec!["CP-SAT was not asked: the path of the program `stagecoach` is not known".to_owned()];
        };
        let asked = exact.ask(problem, home, &mended.timetable, mended.least, ctx);
        let Fewest { least, least_times, timetable, notes, .. } = match asked {
            Ok(fewest) => fewest,
            Err(why) => return vec![format!("CP-SAT was not asked: {why}")],
        };
        let least = least.unwrap_or(0);
        // A proof that what is there cannot be is none.
        let is_possible = least <= mended.changed && least_times <= mended.times;
        if timetable.is_some() || !mended.score.is_valid() || is_possible {
            mended.least = mended.least.max(least);
            mended.least_times = mended.least_times.max(least_times);
        }
        let changes = |t: &Timetable| self.search.order.changes(home, t);
        let found = timetable.filter(|t| !mended.score.is_valid() || changes(t) < (mended.times, mended.changed));
        if let Some(found) = found
            && let Ok(better) = self.search.mend(problem, home, Some(&found), ctx)
        {
            *mended = Mended { least: mended.least, least_times: mended.least_times, ..better };
        }
        notes
    }
}
