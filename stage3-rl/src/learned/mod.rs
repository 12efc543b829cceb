//! The implementation `rl`: a policy that was trained chooses how conflicts are resolved.
//!
//! A conflict is drawn, what can be done about it is listed (`candidates`), described (`features`)
//! and scored by a small network (`network`), and one is done (`walk`). Others that choose, at
//! random or greedily, use the same; they are there to be compared with.

pub(crate) mod candidates;
pub(crate) mod chooser;
pub(crate) mod features;
mod history;
pub(crate) mod network;
mod polish;
pub(crate) mod walk;
pub(crate) mod weights;

pub use features::{COUNT as FEATURES, Group};

use crate::changes::Order;
use crate::min_conflicts::MinConflicts;
use crate::repair_state::RepairState;
use crate::tracked_repair::TrackedRepair;
use chooser::{Choose, FewestConflicts, GreedyChoice, LookAhead, RandomChoice};
use moves::{Incumbent, SearchState};
use network::Network;
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use std::path::Path;
use std::sync::Arc;
use timetable::BoardIndex;
use walk::Walk;

/// Weights that were trained by `stagecoach train`; docs/rl.md says how.
const SHIPPED: &[u8] = include_bytes!("policy.safetensors");

/// Who chooses.
#[derive(Clone, Debug)]
enum Policy {
    Network(Arc<Network>),
    /// There are no weights, for this reason.
    Missing(String),
    RandomChoice,
    /// What has the fewest in its way.
    FewestConflicts,
    GreedyChoice,
    /// One step further: at all candidates, or at so many that a network thinks most of.
    LookAhead(Option<(Arc<Network>, usize)>),
}

/// Repairs a timetable that breaks hard rules or leaves classes unplaced, as a policy says, and
/// then lowers the penalty as long as that pays. What it returns has no more unplaced classes and
/// no more hard violations than what it was given.
///
/// With a step budget, a step is one placement, or one way to take a course, looked at.
#[derive(Clone, Debug)]
pub struct Rl {
    name: &'static str,
    policy: Policy,
    in_use: bool,
}

impl Default for Rl {
    fn default() -> Rl {
        Rl { name: "rl", policy: from_bytes(SHIPPED, "the shipped weights"), in_use: false }
    }
}

impl Rl {
    /// With weights of a file. Where they cannot be read, it does what [`MinConflicts`] does, and
    /// says so in the plan's notes.
    pub fn with_weights(path: &Path) -> Rl {
        let policy = match std::fs::read(path) {
            Ok(bytes) => from_bytes(&bytes, &path.display().to_string()),
            Err(e) => Policy::Missing(format!("{}: {e}", path.display())),
        };
        Rl { policy, ..Rl::default() }
    }

    /// Why it has no weights and does what [`MinConflicts`] does; nothing where it has some, or needs
    /// none.
    pub fn missing(&self) -> Option<&str> {
        match &self.policy {
            Policy::Missing(why) => Some(why),
            _ => None,
        }
    }

    /// With weights that were drawn, not learned.
    pub fn untrained(seed: u64) -> Rl {
        let network = Arc::new(Network::from_named(&weights::drawn(seed)));
        Rl { name: "untrained", policy: Policy::Network(network), ..Rl::default() }
    }

    /// Any candidate is chosen.
    pub fn random() -> Rl {
        Rl { name: "random", policy: Policy::RandomChoice, ..Rl::default() }
    }

    /// The candidate is chosen that has the fewest in its way.
    pub fn at_once() -> Rl {
        Rl { name: "best at once", policy: Policy::FewestConflicts, ..Rl::default() }
    }

    /// The candidate that mends most is chosen, where those in its way have gone elsewhere, if they
    /// can: one step of looking ahead.
    pub fn look_ahead() -> Rl {
        Rl { name: "look-ahead 1", policy: Policy::GreedyChoice, ..Rl::default() }
    }

    /// The same with one step more: what could be done next about those that stay in conflict.
    pub fn look_further() -> Rl {
        Rl { name: "look-ahead 2", policy: Policy::LookAhead(None), ..Rl::default() }
    }

    /// The policy chooses so many candidates, and looking ahead one of them.
    pub fn looking_at(self, most: usize) -> Rl {
        let policy = match self.policy {
            Policy::Network(network) => Policy::LookAhead(Some((network, most))),
            other => other,
        };
        Rl { policy, ..self }
    }

    /// For a timetable that is in use: it is to change little, and its penalty is left alone.
    pub fn in_use(self) -> Rl {
        Rl { in_use: true, ..self }
    }

    /// What the policy thinks of candidates that are described by these features (docs/rl.md), the
    /// higher the better; nothing where it has no weights, or where there are no candidates.
    pub fn scores(&self, candidates: &[[f32; FEATURES]]) -> Vec<f32> {
        let mut scratch = network::Scratch::default();
        match &self.policy {
            Policy::Network(network) if !candidates.is_empty() => network.evaluate(candidates.iter(), &mut scratch),
            _ => {}
        }
        scratch.scores
    }

    /// As the stage, and tells how many candidates were chosen and how many classes moved.
    ///
    /// # Errors
    /// Where there is no timetable, or not enough memory.
    pub fn repair(&self, mut plan: Plan, ctx: &Context) -> Result<(Plan, Moves), StageError> {
        let mut chooser: Box<dyn Choose> = match &self.policy {
            Policy::Network(network) => Box::new(chooser::Learned::new(Arc::clone(network))),
            Policy::RandomChoice => Box::new(RandomChoice),
            Policy::FewestConflicts => Box::new(FewestConflicts),
            Policy::GreedyChoice => Box::new(GreedyChoice),
            Policy::LookAhead(of) => {
                let of = of.as_ref().map(|(network, most)| (chooser::Learned::new(Arc::clone(network)), *most));
                Box::new(LookAhead { of })
            }
            Policy::Missing(why) => {
                plan.notes.push(format!("min-conflicts instead of rl: {why}"));
                return MinConflicts.repair(plan, ctx);
            }
        };
        let Some(given) = plan.timetable.take() else { return Err(StageError::Lacks("a timetable to repair")) };
        let problem = Arc::clone(&plan.problem);
        let _promised = ctx.ledger.reserve(self.name, Bytes::new(self.memory(&plan).least))?;
        let state = RepairState::new(&problem, Arc::new(BoardIndex::new(&problem)), &given, ctx);
        let before = state.search.incumbent.score();
        // As the board has it: of students who have no choice it knows that they are enrolled.
        let home = state.search.incumbent.best().clone();
        let mut walk = Walk::new(TrackedRepair::new(state, home, Order::Classes), self.in_use);
        walk.run(&mut *chooser);
        let left = walk.trouble();
        let left_over = left > 0 && !walk.repair.state.clock.is_over();
        if left_over {
            walk.leave_to_min_conflicts();
        }
        let repaired = walk.repair.state.search.board.score();
        let (steps, moved) = (walk.steps, walk.moves);
        if repaired.is_valid() && !self.in_use {
            walk.polish(&mut *chooser);
        }
        ctx.stop.report_steps(walk.repair.state.clock.used());
        let mut after = walk.repair.state.search.board.score();
        let mut timetable = walk.repair.state.search.board.timetable();
        if after.unplaced > before.unplaced || after.hard > before.hard || after >= before {
            (timetable, after) = (walk.repair.home, before);
        }
        if !before.is_valid() {
            plan.notes.push(format!(
                "unplaced classes {} -> {}, hard violations {} -> {}, in {steps} steps",
                before.unplaced, after.unplaced, before.hard, after.hard
            ));
        }
        if left_over {
            plan.notes.push(format!("{left} of them were left to min-conflicts"));
        }
        if after.is_valid() && !self.in_use {
            plan.notes.push(format!("penalty {} -> {}", repaired.penalty, after.penalty));
        }
        Ok((plan.with_timetable(timetable, after), Moves { steps, moved }))
    }
}

fn from_bytes(bytes: &[u8], name: &str) -> Policy {
    match Network::from_bytes(bytes) {
        Ok(network) => Policy::Network(Arc::new(network)),
        Err(why) => Policy::Missing(format!("{name}: {why}")),
    }
}

/// How a repair came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// Decisions: a class, or a chain of classes, was moved.
    pub steps: u64,
    /// Classes that were moved, each time that they were.
    pub moved: u64,
}

impl Stage for Rl {
    fn name(&self) -> &'static str {
        self.name
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
        let people = problem.students().len() as u64;
        let incumbents = Incumbent::max_bytes(problem);
        let least = SearchState::max_bytes(problem) + incumbents + 16 * timetable + 8 * people;
        MemoryRequirement { least, preferred: least }
    }
}
