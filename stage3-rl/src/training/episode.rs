//! One repair by the policy, with all that it saw, did and got for it.

use super::practice::PracticeProblem;
use crate::changes::Order;
use crate::disrupt::{Disruption, inject};
use crate::fewest_changes::FewestChanges;
use crate::learned::candidates::{Act, Candidate, Worth};
use crate::learned::chooser::{Choose, Learned};
use crate::learned::features::COUNT;
use crate::learned::network::Network;
use crate::learned::walk::Walk;
use crate::repair_state::RepairState;
use crate::tracked_repair::TrackedRepair;
use moves::Rng;
use pipeline::{Budget, Context};
use std::sync::Arc;
use timetable::{BoardIndex, Problem, Timetable, amend};

/// Steps of an episode at most.
const LONGEST: usize = 120;
/// What all the trouble is worth, and a valid timetable; what a step costs, a class that changes, a
/// class's worth of penalty.
const TROUBLE: f32 = 4.0;
const VALID: f32 = 2.0;
const STEP: f32 = 0.15;
const CHANGE: f32 = 0.15;
const PENALTY: f32 = 0.05;
/// Classes' worth of penalty that count for one step at most.
const MOST: f32 = 3.0;

/// What a policy repairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// A timetable in use, after a disruption.
    Disrupted(Disruption),
    /// Many conflicts at once.
    Injected,
    /// Nothing is broken: the penalty is lowered.
    Polish,
}

impl Task {
    /// Three of twelve are of many conflicts, one is of the penalty; of the others every second one
    /// is hard.
    fn draw(rng: &mut Rng) -> Task {
        match rng.below(12) {
            0..3 => Task::Injected,
            3 => Task::Polish,
            4..8 => Task::Disrupted(Disruption::HARD[rng.below(Disruption::HARD.len())]),
            _ => Task::Disrupted(Disruption::EASY[rng.below(Disruption::EASY.len())]),
        }
    }
}

/// What is learnt from a repair, beside what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Teaching {
    /// Nothing.
    Alone,
    /// Now and then what looking ahead two steps would have chosen.
    LookAhead,
    /// The same; but where a repair is known of which it is proven that none changes fewer classes,
    /// what leads to it.
    Minimum,
    /// Now and then any candidates, as many: from that nothing can be learnt.
    Anything,
}

/// One step in so many is labelled: looking ahead takes long.
const LABELLED: usize = 2;

impl Teaching {
    /// The candidates of which the teacher would choose any: those that mend most and change least.
    fn label(self, walk: &mut Walk<'_, '_>, least: Option<&Timetable>) -> Vec<usize> {
        if self == Teaching::Alone || walk.candidates.len() < 2 || walk.repair.state.search.rng.below(LABELLED) > 0 {
            return Vec::new();
        }
        if let Some(least) = least {
            let leads_there: Vec<usize> =
                (0..walk.candidates.len()).filter(|&i| leads_to(&walk.candidates[i], least)).collect();
            if !leads_there.is_empty() {
                return leads_there;
            }
        }
        let counts = |worth: Worth| (worth.0, worth.1, worth.2);
        let worth: Vec<_> = (0..walk.candidates.len()).map(|i| counts(walk.worth_ahead(i))).collect();
        let best = worth.iter().min().copied();
        let mut label: Vec<usize> = (0..worth.len()).filter(|&i| Some(worth[i]) == best).collect();
        if self == Teaching::Anything {
            let shift = walk.repair.state.search.rng.below(worth.len());
            label.iter_mut().for_each(|i| *i = (*i + shift) % worth.len());
        }
        label
    }
}

/// Steps at most for a repair that changes as few classes as possible.
const SEARCHED: u64 = 50_000;

/// A repair of which it is proven that none changes fewer classes; `None` where none was found.
fn least(problem: &Problem, home: &Timetable, ctx: &Context) -> Option<Timetable> {
    let ctx = Context { stop: ctx.stop.with_budget(Budget::Steps(SEARCHED)), ..ctx.clone() };
    let repaired = FewestChanges::default().repair(problem, home, None, &ctx).ok()?;
    repaired.is_proven().then_some(repaired.timetable)
}

/// Whether a candidate puts all that it moves where a timetable has it.
fn leads_to(candidate: &Candidate, timetable: &Timetable) -> bool {
    match &candidate.act {
        Act::Move(chain) => chain.iter().all(|&(class, to)| timetable.placements[class.index()] == to),
        Act::Reseat(..) => false,
    }
}

/// What was seen and done in one step, and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) features: Vec<[f32; COUNT]>,
    pub(super) chosen: usize,
    /// What the teacher would have chosen any of; none where it was not asked.
    pub(super) label: Vec<usize>,
    /// Logarithm of the probability with which it was chosen, and what the policy thought that
    /// things were worth.
    pub(super) log_probability: f32,
    pub(super) value: f32,
    pub(super) reward: f32,
}

/// One repair.
#[derive(Clone, Debug)]
pub(super) struct Episode {
    pub(super) task: Task,
    pub(super) seen: Vec<Seen>,
    /// What the policy thought that things were worth at the end, where it was cut off.
    pub(super) after: f32,
    pub(super) solved: bool,
    pub(super) changed: u32,
}

impl Episode {
    /// Sum of the rewards.
    pub(super) fn total(&self) -> f32 {
        self.seen.iter().map(|s| s.reward).sum()
    }
}

/// Plays the repair of something drawn by `seed`; `None` where nothing is broken by it.
pub(super) fn play(
    practice_problem: &PracticeProblem,
    network: &Arc<Network>,
    teaching: Teaching,
    seed: u64,
    ctx: &Context,
) -> Option<Episode> {
    let mut rng = crate::rng(seed);
    let task = Task::draw(&mut rng);
    let (problem, home) = set_up(practice_problem, task, seed, &mut rng)?;
    let ctx = Context { seed, stop: ctx.stop.with_budget(Budget::Steps(u64::MAX)), ..ctx.clone() };
    let state = RepairState::new(&problem, Arc::new(BoardIndex::new(&problem)), &home, &ctx);
    if state.search.board.score().is_valid() != (task == Task::Polish) {
        return None;
    }
    let in_use = matches!(task, Task::Disrupted(_));
    let least = if teaching == Teaching::Minimum && in_use { least(&problem, &home, &ctx) } else { None };
    let mut walk = Walk::new(TrackedRepair::new(state, home, Order::Classes), in_use);
    let mut chooser = Learned::new(Arc::clone(network));
    let mut episode = Episode { task, seen: Vec::new(), after: 0.0, solved: false, changed: 0 };
    match task {
        Task::Polish => lower(&mut walk, &mut chooser, &mut episode),
        _ => resolve(&mut walk, &mut chooser, &mut episode, (teaching, least.as_ref()), in_use),
    }
    episode.solved = walk.repair.state.search.board.score().is_valid();
    episode.changed = walk.repair.changes.classes;
    (!episode.seen.is_empty()).then_some(episode)
}

fn set_up(
    practice_problem: &PracticeProblem,
    task: Task,
    seed: u64,
    rng: &mut Rng,
) -> Option<(Arc<Problem>, Timetable)> {
    match task {
        Task::Polish => Some((Arc::clone(&practice_problem.problem), practice_problem.timetable.clone())),
        Task::Injected => {
            let violations = 5 + rng.below(30) as u64;
            let broken = inject(&practice_problem.problem, &practice_problem.timetable, violations, seed)?;
            Some((Arc::clone(&practice_problem.problem), broken))
        }
        Task::Disrupted(kind) => {
            let mut in_use = practice_problem.timetable.clone();
            let changes = kind.draw(&practice_problem.problem, &mut in_use, seed);
            let amended = amend(&practice_problem.problem, &changes).ok()?;
            let home = amended.carry(&practice_problem.problem, &in_use);
            Some((Arc::new(amended.problem), home))
        }
    }
}

fn resolve(
    walk: &mut Walk<'_, '_>,
    chooser: &mut Learned,
    episode: &mut Episode,
    (teaching, least): (Teaching, Option<&Timetable>),
    in_use: bool,
) {
    while walk.offer() {
        let label = teaching.label(walk, least);
        let i = chooser.choose(&walk.candidates, 1.0, &mut walk.repair.state.search.rng);
        if episode.seen.len() == LONGEST {
            episode.after = chooser.value();
            return;
        }
        let features = walk.candidates.iter().map(|c| c.features).collect();
        let (log_probability, value) = (chooser.log_probability(i), chooser.value());
        let before = (walk.trouble(), walk.repair.changes.classes, walk.repair.state.search.board.score().penalty);
        let over = walk.take(i);
        let now = (walk.trouble(), walk.repair.changes.classes, walk.repair.state.search.board.score().penalty);
        let scale = walk.history.state.scale;
        let mut reward = TROUBLE * (before.0 - now.0) as f32 / walk.first as f32 - STEP;
        reward += PENALTY * ((before.2 - now.2) as f32 / scale).clamp(-MOST, MOST);
        if in_use {
            reward += CHANGE * (before.1 as f32 - now.1 as f32);
        }
        if over {
            reward += VALID;
        }
        episode.seen.push(Seen { features, chosen: i, label, log_probability, value, reward });
    }
}

fn lower(walk: &mut Walk<'_, '_>, chooser: &mut Learned, episode: &mut Episode) {
    let mut polish = walk.begin_polish();
    while walk.offer_better(&mut polish) {
        let i = chooser.choose(&walk.candidates, 1.0, &mut walk.repair.state.search.rng);
        if episode.seen.len() == LONGEST / 2 {
            episode.after = chooser.value();
            return;
        }
        let features = walk.candidates.iter().map(|c| c.features).collect();
        let (log_probability, value) = (chooser.log_probability(i), chooser.value());
        let before = walk.repair.state.search.board.score().penalty;
        walk.take_better(&mut polish, i);
        let now = walk.repair.state.search.board.score().penalty;
        let reward = ((before - now) as f32 / walk.history.state.scale).clamp(-MOST, MOST);
        episode.seen.push(Seen { features, chosen: i, label: Vec::new(), log_probability, value, reward });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learned::weights::drawn;

    #[test]
    fn what_is_imitated_leads_to_a_repair_that_changes_as_few_classes_as_possible() {
        let ctx = ::tests::context(1, Budget::Steps(u64::MAX));
        let network = Arc::new(Network::from_named(&drawn(1)));
        let (mut proven, mut labelled) = (0, 0);
        for seed in 0..6 {
            let scene = PracticeProblem::draw(seed, 40, &ctx).expect("a scene");
            for repair in 1..=8 {
                let seed = 100 * seed + repair;
                let mut rng = crate::rng(seed);
                let task = Task::draw(&mut rng);
                let Some((problem, home)) = set_up(&scene, task, seed, &mut rng) else { continue };
                let before = timetable::check(&problem, &home).score;
                if !matches!(task, Task::Disrupted(_)) || before.is_valid() {
                    continue;
                }
                let Some(timetable) = least(&problem, &home, &ctx) else { continue };
                proven += 1;
                assert!(timetable::check(&problem, &timetable).score.is_valid());
                let pairs = home.placements.iter().zip(&timetable.placements);
                let changed = pairs.filter(|(a, b)| a != b).count() as u32;
                assert_eq!(changed, FewestChanges::default().least(&problem, &home, &ctx).unwrap());
                let episode = play(&scene, &network, Teaching::Minimum, seed, &ctx);
                labelled += episode.iter().flat_map(|e| &e.seen).filter(|seen| !seen.label.is_empty()).count();
            }
        }
        assert!(proven > 5 && labelled > 10, "{proven} proven, {labelled} labelled");
    }
}
