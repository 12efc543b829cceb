//! The stage: several chains on several threads, the best one copied over the worst now and then.

use super::coolings::{Found, room_for, side_by_side, wanted};
use super::general::{self, shared_bytes, walk_bytes};
use super::timeslots;
use crate::{how_many, without};
use moves::fixed::{Share, share};
use moves::timeslots::SlotProblem;
use moves::walk::{Chain, Domains, Settings, Weights, since_warmed};
use moves::{Draws, Temperature, exhaustive};
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Progress, Stage, StageError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use timetable::{Board, BoardIndex, Problem, Score, Timetable};

/// Simulated annealing on the board.
#[derive(Clone, Copy, Debug, Default)]
pub struct Annealing {
    /// Chains; 0 for one a thread (with a step budget: one, so that the threads do not matter).
    pub chains: usize,
    /// How it walks.
    pub settings: Settings,
}

/// The second half of the names of annealing's walks.
const STREAM: u32 = 0x2b00;
/// Moves between two looks at the clock.
const SLICE: u32 = 512;
/// Part of the budget for the descent that comes first.
const DESCENT: f64 = 0.03;
/// Rounds of annealing, after each of which the best chain may replace the worst, and violations
/// get heavier.
const ROUNDS: u32 = 400;
/// Rounds between two replacements.
const EXCHANGE: u32 = 40;
/// Rounds at which a chain that is still in violation goes back to its best and stays where no hard
/// rule is violated.
const TURN_BACK: [u32; 2] = [190, 320];
/// Before this share of the budget, violations do not get heavier: while it is hot, they come and
/// go.
const HEAVIER_FROM: f64 = 0.25;

/// What chains share while they run.
struct Run<'a> {
    ctx: &'a Context,
    chains: u64,
    /// Moves of all chains, for progress.
    evaluated: AtomicU64,
}

impl Run<'_> {
    /// Share of the budget that this chain has used.
    fn used(&self, chain: &Chain<'_>) -> Share {
        match self.ctx.stop.steps() {
            Some(n) => share((chain.evaluated * self.chains) as f64 / n.max(1) as f64),
            None => share(self.ctx.stop.time_used().unwrap_or(1.0)),
        }
    }

    /// Runs one chain until it has used `until` of the budget.
    fn advance(&self, chain: &mut Chain<'_>, until: f64, temperature: impl Fn(&Chain<'_>, Share) -> Temperature) {
        loop {
            let used = self.used(chain);
            if used >= share(until) || self.ctx.stop.now() {
                chain.settle();
                return;
            }
            let moves = match self.ctx.stop.steps() {
                Some(n) => ((n as f64 * until / self.chains as f64).ceil() as u64)
                    .saturating_sub(chain.evaluated)
                    .clamp(1, u64::from(SLICE)) as u32,
                None => SLICE,
            };
            let temperature = temperature(chain, used);
            chain.run(moves, temperature);
            self.evaluated.fetch_add(u64::from(moves), Ordering::Relaxed);
        }
    }

    /// Runs all chains until each has used `until` of the budget, on as many threads as there are.
    fn advance_all(
        &self,
        chains: &mut [Chain<'_>],
        until: f64,
        temperature: &(impl Fn(&Chain<'_>, Share) -> Temperature + Sync),
    ) {
        side_by_side(chains, self.ctx.threads, |_, chain| self.advance(chain, until, temperature));
    }

    fn report(&self, best: &Chain<'_>) {
        let (done, total) = (self.evaluated.load(Ordering::Relaxed), self.ctx.stop.steps());
        self.ctx.progress.report(Progress { done, total, best: Some(best.incumbent.score()) });
        if self.ctx.best.wants() {
            self.ctx.best.offer(best.incumbent.best(), best.incumbent.score());
        }
    }
}

fn best_of(chains: &[Chain<'_>]) -> usize {
    (0..chains.len()).min_by_key(|&i| (chains[i].incumbent.score(), i)).expect("at least one chain")
}

impl Annealing {
    fn anneal(
        &self,
        problem: &Problem,
        start: &Timetable,
        ctx: &Context,
    ) -> Result<(Timetable, Score, u64, u64), StageError> {
        let _shared = ctx.ledger.reserve("annealing", Bytes::new(shared_bytes(problem)))?;
        let (n, mut promised) = room_for(wanted(self.chains, ctx), Bytes::new(walk_bytes(problem)), ctx)?;
        let index = Arc::new(BoardIndex::new(problem));
        let domains = Domains::new(problem);
        let mix = self.settings.mix(&domains);
        let run = Run { ctx, chains: n as u64, evaluated: AtomicU64::new(0) };
        let board = Board::with(problem, index, start);
        let mut chains: Vec<Chain<'_>> = (0..n)
            .map(|i| {
                Chain::new(board.clone(), &domains, Draws::new(ctx.seed, [i as u32, STREAM]), Weights::DESCENT, mix)
            })
            .collect();
        drop(board);
        // Down to where only small steps are left; what changes cost there sets the temperatures.
        run.advance_all(&mut chains, DESCENT, &|_, _| Temperature::ZERO);
        let (weights, schedule) = self.settings.tempers(&mut chains[0]);
        chains.iter_mut().for_each(|chain| chain.weights = weights);
        // Moves of chains that were given up.
        let mut gone = 0;
        for round in 1..=ROUNDS {
            let until = DESCENT + (1.0 - DESCENT) * f64::from(round) / f64::from(ROUNDS);
            run.advance_all(&mut chains, until, &|chain, used| {
                schedule.at(chain.warmed.map_or(used, |at| since_warmed(at, used)))
            });
            if until > HEAVIER_FROM {
                chains.iter_mut().for_each(|c| c.make_violations_heavier(1));
            }
            if TURN_BACK.contains(&round) {
                chains.iter_mut().for_each(|c| c.turn_back(share(until)));
            }
            run.report(&chains[best_of(&chains)]);
            if chains.len() > 1 && round % EXCHANGE == 0 {
                exchange(&mut chains);
            }
            if chains.len() > 1 && ctx.stop.steps().is_none() && ctx.stop.should_shrink() {
                gone += drop_worse_half(&mut chains);
                promised.shrink(promised.bytes().saturating_sub(Bytes::new(walk_bytes(problem)).times(chains.len())));
            }
            let best = &chains[best_of(&chains)];
            if ctx.stop.now() || best.incumbent.score() == Score::default() {
                break;
            }
            tracing::trace!(round, t = ?schedule.at(share(until)), now = %chains[0].board.score(), best = %best.incumbent.score());
        }
        let evaluated = gone + chains.iter().map(|c| c.evaluated).sum::<u64>();
        let best = chains.swap_remove(best_of(&chains));
        let (timetable, score) = best.incumbent.into_best();
        Ok((timetable, score, evaluated, run.chains))
    }
}

/// Memory is short: the better half of the chains goes on. Returns how many moves the others
/// evaluated.
pub(super) fn drop_worse_half(chains: &mut Vec<Chain<'_>>) -> u64 {
    let all = chains.len();
    chains.sort_by_key(|c| c.incumbent.score());
    let gone = chains.drain(all.div_ceil(2)..).map(|c| c.evaluated).sum();
    tracing::info!("memory is short: going on with {} of {all} chains", chains.len());
    gone
}

/// The chain with the worst board goes on from the board of the best.
fn exchange(chains: &mut [Chain<'_>]) {
    let key = |c: &Chain<'_>| (c.board.score(), c.incumbent.score());
    let best = (0..chains.len()).min_by_key(|&i| (key(&chains[i]), i)).expect("chains");
    let worst = (0..chains.len()).max_by_key(|&i| (key(&chains[i]), i)).expect("chains");
    if best != worst {
        let board = chains[best].board.clone();
        chains[worst].go_on_from(board);
    }
}

impl Annealing {
    /// The search that stays valid. What was given comes back where nothing better was found;
    /// nothing where there is no valid timetable to begin with.
    fn among_valid(&self, plan: &mut Plan, start: &Timetable, ctx: &Context) -> Result<Found, StageError> {
        let mut looked = 0;
        // One that begins warm comes after one that has tried that.
        if self.settings.from == 0.0 {
            match searched_to_the_end(plan, start, ctx)? {
                Found { best: None, evaluated, .. } => looked = evaluated,
                found => return Ok(found),
            }
        }
        let found = self.among_valid_by_chance(plan, start, &without(ctx, looked))?;
        Ok(Found { evaluated: found.evaluated + looked, ..found })
    }

    fn among_valid_by_chance(&self, plan: &Plan, start: &Timetable, ctx: &Context) -> Result<Found, StageError> {
        let bound = plan.bound.unwrap_or(0);
        let mut found = {
            let _promised = ctx.ledger.reserve("timeslots", Bytes::new(SlotProblem::max_bytes(&plan.problem)))?;
            match SlotProblem::of(&plan.problem) {
                Ok(slots) => Some(timeslots::anneal(self, &plan.problem, &slots, start, bound, ctx)?),
                Err(why) => {
                    tracing::debug!("the general board: no timeslot problem: {why}");
                    None
                }
            }
        };
        if found.is_none() && plan.score.is_none_or(|score| score.hard == 0) {
            found = Some(general::anneal(self, &plan.problem, start, bound, ctx)?);
        }
        let mut found = found.unwrap_or(Found::nothing(0));
        let better = found.best.take().filter(|(_, score)| plan.score.is_none_or(|given| *score < given));
        let given = plan.score.filter(Score::is_valid).map(|given| (start.clone(), given));
        Ok(Found { best: better.or(given), ..found })
    }
}

/// Changes that a search of all that there is looks at, at most; and its part of the budget.
const EXHAUSTIVE: u64 = 2_000_000;
const EXHAUSTIVE_PART: f64 = 0.25;

/// A small problem, searched to its end: the best timetable, and that none is better. None where it
/// is too large.
fn searched_to_the_end(plan: &mut Plan, start: &Timetable, ctx: &Context) -> Result<Found, StageError> {
    let problem = Arc::clone(&plan.problem);
    if !exhaustive::is_small(&problem) {
        return Ok(Found::nothing(0));
    }
    let ask = Bytes::new(BoardIndex::max_bytes(&problem) + exhaustive::max_bytes(&problem));
    let _promised = match ctx.ledger.reserve("search", ask) {
        // By time it goes without.
        Err(_) if ctx.stop.steps().is_none() => return Ok(Found::nothing(0)),
        promised => promised?,
    };
    let most = ctx.stop.steps().map_or(EXHAUSTIVE, |n| EXHAUSTIVE.min((n as f64 * EXHAUSTIVE_PART) as u64));
    let stop = || ctx.stop.now() || ctx.stop.time_used().is_some_and(|used| used > EXHAUSTIVE_PART);
    let given = plan.score.filter(Score::is_valid);
    let index = Arc::new(BoardIndex::new(&problem));
    let ended = exhaustive::search(&problem, &index, given.map_or(i64::MAX, |score| score.penalty), most, &stop);
    let evaluated = ended.looked;
    if !ended.is_complete {
        return Ok(Found::nothing(evaluated));
    }
    let score = |penalty| Score { unplaced: 0, hard: 0, penalty };
    let found = ended.best.map(|(timetable, penalty)| (timetable, score(penalty)));
    let Some(best) = found.or(given.map(|given| (start.clone(), given))) else {
        plan.notes.push("searched completely: no timetable keeps all hard rules".to_owned());
        return Ok(Found::nothing(evaluated));
    };
    plan.bound = Some(best.1.penalty);
    plan.notes.push(format!("searched completely: no valid timetable costs less than {}", best.1.penalty));
    Ok(Found { best: Some(best), evaluated, walks: 0 })
}

impl Stage for Annealing {
    fn name(&self) -> &'static str {
        "annealing"
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        let (one, shared) = (walk_bytes(&plan.problem), shared_bytes(&plan.problem));
        let small = if exhaustive::is_small(&plan.problem) { exhaustive::max_bytes(&plan.problem) } else { 0 };
        let shared = shared + SlotProblem::max_bytes(&plan.problem) + small;
        MemoryRequirement { least: shared + one, preferred: shared + 4 * one }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        if plan.is_optimal() {
            ctx.stop.report_steps(0);
            return Ok(plan);
        }
        let Some(start) = plan.timetable.take() else {
            return Err(StageError::Lacks("a timetable to improve"));
        };
        let problem = Arc::clone(&plan.problem);
        let Found { best, evaluated, walks } = self.among_valid(&mut plan, &start, ctx)?;
        let (best, score, evaluated, walks) = match best {
            Some((best, score)) if score.is_valid() => (best, score, evaluated, walks),
            best => {
                let start = best.map_or(start, |(best, _)| best);
                let (best, score, more, walks) = self.anneal(&problem, &start, &without(ctx, evaluated))?;
                (best, score, evaluated + more, walks)
            }
        };
        ctx.stop.report_steps(evaluated);
        plan.notes.extend(how_many("walk", walks, evaluated, ctx));
        tracing::info!(walks, evaluated, "annealing");
        Ok(plan.with_timetable(best, score))
    }
}
