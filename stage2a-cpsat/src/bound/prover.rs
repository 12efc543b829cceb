//! What is asked when: parts, those again that were not solved to the end, then a small problem as
//! a whole.

use super::parts::Most;
use crate::model::{CostTarget, Links, Relaxed, Rooms};
use crate::solve_requests::{SolveError, SolveRequest, solve_all};
use crate::worker::{Answer, Status, WorkerPool};
use cp_sat::proto::SatParameters;
use pipeline::{Context, Progress};
use timetable::{Board, ClassId, ConstraintId};

/// Parts at first.
const SMALL: Most = Most { bundles: 10, choices: 1_500 };
/// Shares of the time that is left: for parts the first time; for a whole problem with its rooms
/// counted.
const FIRST: f64 = 0.35;
const COUNTED: f64 = 0.2;
/// Seconds for a part at least.
const LEAST_SECONDS: f64 = 0.2;
/// So many sets of classes that cannot all be placed are looked at closely, and how long each
/// question about them may take.
const MOST_HOPELESS: usize = 3;
const SHRINK_SECONDS: f64 = 2.0;
/// A problem of so many choices of time and room at most is taken as a whole.
const WHOLE: usize = 8_000;

pub(super) struct Prover<'a, 'p> {
    board: &'a Board<'p>,
    links: &'a Links,
    bundles: Vec<Vec<ClassId>>,
    pool: WorkerPool,
    ctx: &'a Context,
    /// What a valid timetable is known to cost.
    reached: Option<i64>,
    bound: i64,
    used: f64,
    lines: Vec<String>,
    /// Classes that cannot all be placed, in words.
    hopeless: Vec<String>,
}

/// A part and what is proven of it.
struct PartialModel {
    bundles: Vec<usize>,
    proven: i64,
    is_closed: bool,
}

impl<'a, 'p> Prover<'a, 'p> {
    pub(super) fn new(
        board: &'a Board<'p>,
        links: &'a Links,
        bundles: Vec<Vec<ClassId>>,
        pool: WorkerPool,
        ctx: &'a Context,
        reached: Option<i64>,
    ) -> Prover<'a, 'p> {
        Prover {
            board,
            links,
            bundles,
            pool,
            ctx,
            reached,
            bound: 0,
            used: 0.0,
            lines: Vec::new(),
            hopeless: Vec::new(),
        }
    }

    pub(super) fn bound(&self) -> i64 {
        self.bound
    }

    pub(super) fn steps_used(&self) -> u64 {
        (self.used * 1e6) as u64
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.clone()
    }

    pub(super) fn run(&mut self) -> Result<(), SolveError> {
        let single = |k| PartialModel { bundles: vec![k], proven: 0, is_closed: false };
        let mut parts: Vec<PartialModel> = (0..self.bundles.len()).map(single).collect();
        let ended = self.prove_all(&mut parts);
        let open = parts.iter().filter(|part| !part.is_closed).count();
        self.lines.append(&mut self.hopeless);
        self.lines.push(match self.bound {
            0 => "nothing above 0 is proven".into(),
            bound => format!("no valid timetable costs less than {bound}"),
        });
        self.lines.push(format!("{} parts, {open} of them not solved to the end", parts.len()));
        ended
    }

    /// Small parts, then a problem that is small as a whole, then larger and larger parts; what is
    /// left goes to those that are open.
    fn prove_all(&mut self, parts: &mut Vec<PartialModel>) -> Result<(), SolveError> {
        let by_steps = self.ctx.stop.steps().is_some();
        let mut most = SMALL;
        while !self.is_over() {
            *parts = self.merged(std::mem::take(parts), most);
            self.prove(parts, FIRST)?;
            // Of what has no timetable there is nothing else to say.
            if by_steps || !self.hopeless.is_empty() {
                return Ok(());
            }
            if most.bundles == SMALL.bundles && self.links.are_slots() && self.size() <= WHOLE && !self.is_over() {
                self.whole()?;
            }
            // Those that take long by themselves will not be solved together with others.
            let open = parts.iter().filter(|part| !part.is_closed).count();
            if open * 3 > parts.len() || parts.len() == 1 || most.bundles >= self.bundles.len() {
                break;
            }
            most = Most { bundles: most.bundles * 2, choices: most.choices * 2 };
        }
        while !self.is_over() && !by_steps && parts.iter().any(|part| !part.is_closed) {
            self.prove(parts, 1.0)?;
        }
        Ok(())
    }

    /// Parts merged into larger ones, of which is proven what was proven of the smaller ones
    /// together.
    fn merged(&self, parts: Vec<PartialModel>, most: Most) -> Vec<PartialModel> {
        let mut before = vec![0; self.bundles.len()];
        for (k, part) in parts.iter().enumerate() {
            part.bundles.iter().for_each(|&bundle| before[bundle] = k);
        }
        let from = parts.iter().map(|part| part.bundles.clone()).collect();
        let merged = super::parts::parts(self.board.problem(), &self.bundles, from, most).into_iter().map(|bundles| {
            let mut within: Vec<usize> = bundles.iter().map(|&bundle| before[bundle]).collect();
            within.sort_unstable();
            within.dedup();
            let proven = within.iter().map(|&k| parts[k].proven).sum();
            let is_closed = within.len() == 1 && parts[within[0]].is_closed;
            PartialModel { bundles, proven, is_closed }
        });
        merged.collect()
    }

    /// Nothing is left to prove, or no time.
    fn is_over(&self) -> bool {
        self.ctx.stop.now() || self.is_done()
    }

    fn is_done(&self) -> bool {
        self.reached.is_some_and(|reached| self.bound >= reached)
    }

    fn seconds(&self) -> f64 {
        self.ctx.stop.time_left().map_or(60.0, |left| left.as_secs_f64())
    }

    /// Times × rooms of all bundles.
    fn size(&self) -> usize {
        let problem = self.board.problem();
        self.bundles.iter().map(|b| problem.times_of(b[0]).len() * problem.rooms_of(b[0]).len().max(1)).sum()
    }

    /// Asks for the parts that are open, in a share of the time that is left.
    fn prove(&mut self, parts: &mut [PartialModel], share: f64) -> Result<(), SolveError> {
        let open: Vec<usize> = (0..parts.len()).filter(|&k| !parts[k].is_closed).collect();
        let seconds = self.seconds() * share * self.ctx.threads as f64 / open.len().max(1) as f64;
        let seconds = seconds.max(LEAST_SECONDS);
        let each = self.ctx.stop.steps().map(|steps| steps as f64 * 1e-6 / open.len() as f64);
        let (board, links, bundles) = (self.board, self.links, &self.bundles);
        let members: Vec<Vec<usize>> = open.iter().map(|&k| parts[k].bundles.clone()).collect();
        let mut waiting = open.iter().copied().zip(members);
        let mut next = || {
            let (k, members) = waiting.next()?;
            let members: Vec<&[ClassId]> = members.iter().map(|&b| bundles[b].as_slice()).collect();
            let model = Relaxed::build(board, links, &members, Rooms::Counted, None).bytes();
            let seconds = seconds.min(self.ctx.stop.time_left().map_or(f64::INFINITY, |left| left.as_secs_f64()));
            Some((
                k,
                SolveRequest {
                    model,
                    parameters: parameters(2, (seconds, each)),
                    seconds: if each.is_some() { 600.0 } else { seconds },
                },
            ))
        };
        let mut sum: i64 = parts.iter().map(|part| part.proven).sum();
        let (mut answered, count) = (0, open.len() as u64);
        let mut used = vec![0.0; parts.len()];
        let (mut best, mut infeasible) = (self.bound, Vec::new());
        let mut on_answer = |k: usize, answer: Option<Answer>| {
            let Some(answer) = answer else { return true };
            used[k] = answer.response.deterministic_time;
            let part = &mut parts[k];
            part.is_closed |= matches!(answer.status, Status::Optimal | Status::Infeasible);
            if answer.status == Status::Infeasible {
                infeasible.push(k);
            }
            let proven = proven(&answer).max(part.proven);
            sum += proven - part.proven;
            part.proven = proven;
            best = best.max(sum);
            answered += 1;
            self.ctx.progress.report(Progress { done: answered, total: Some(count), best: None });
            true
        };
        let ended = solve_all(&mut self.pool, self.ctx, &mut next, &mut on_answer);
        // Whoever was faster changes nothing, not even the last digit.
        self.used += used.iter().sum::<f64>();
        infeasible.sort_unstable();
        self.bound = best;
        ended?;
        for k in infeasible {
            if self.hopeless.len() < MOST_HOPELESS {
                let core = self.shrunk(parts[k].bundles.clone())?;
                self.hopeless.push(self.described(&core));
            }
        }
        Ok(())
    }

    /// Of bundles that cannot all be placed, a few that cannot: each without which the others can
    /// be placed stays. Whatever is left out is asked for anew, so nothing rests on what a solver
    /// says of why.
    fn shrunk(&mut self, mut core: Vec<usize>) -> Result<Vec<usize>, SolveError> {
        let mut k = 0;
        while k < core.len() && core.len() > 1 && !self.ctx.stop.now() {
            let without: Vec<usize> = core.iter().copied().filter(|&bundle| bundle != core[k]).collect();
            let members: Vec<&[ClassId]> = without.iter().map(|&b| self.bundles[b].as_slice()).collect();
            let model = Relaxed::build(self.board, self.links, &members, Rooms::Counted, None).bytes();
            let steps = self.ctx.stop.steps().map(|_| SHRINK_SECONDS);
            let parameters = parameters(1, (SHRINK_SECONDS, steps));
            let seconds = if steps.is_some() { 600.0 } else { SHRINK_SECONDS };
            let mut request = Some((0, SolveRequest { model, parameters, seconds }));
            let mut used = 0.0;
            let mut is_hopeless = false;
            let on_answer = &mut |_: usize, answer: Option<Answer>| {
                used = answer.as_ref().map_or(0.0, |answer| answer.response.deterministic_time);
                is_hopeless = answer.is_some_and(|answer| answer.status == Status::Infeasible);
                true
            };
            solve_all(&mut self.pool, self.ctx, &mut || request.take(), on_answer)?;
            self.used += used;
            if is_hopeless {
                core = without;
            } else {
                k += 1;
            }
        }
        Ok(core)
    }

    /// Classes that cannot all be placed, and the rules between them.
    fn described(&self, core: &[usize]) -> String {
        let problem = self.board.problem();
        let classes: Vec<ClassId> = core.iter().flat_map(|&b| &self.bundles[b]).copied().collect();
        let names: Vec<&str> = classes.iter().map(|&class| problem.class_name(class)).collect();
        let mut rules: Vec<u32> = classes.iter().flat_map(|&class| self.links.of(class)).copied().collect();
        rules.sort_unstable();
        rules.dedup();
        let is_between = |id: &ConstraintId| {
            let inside = problem.classes_of(*id).iter().filter(|&&class| classes.contains(&ClassId(class))).count();
            problem.constraints()[id.index()].hard == 1 && inside > usize::from(classes.len() > 1)
        };
        let rules = rules.into_iter().map(ConstraintId).filter(is_between);
        let rules =
            rules.map(|id| format!("{} {}", problem.kind_of(id), problem.name(problem.constraints()[id.index()].name)));
        let mut rules: Vec<String> = rules.map(|rule| rule.trim().to_owned()).collect();
        rules.sort_unstable();
        rules.dedup();
        let rules = if rules.is_empty() { "their times and rooms".to_owned() } else { listed(&rules) };
        format!("the solver says that these cannot all be placed: {}; for {rules}", listed(&names))
    }

    /// All of it: with its rooms counted, then unit by unit whether it can cost no more than what
    /// is proven.
    fn whole(&mut self) -> Result<(), SolveError> {
        let all: Vec<&[ClassId]> = self.bundles.iter().map(Vec::as_slice).collect();
        let seconds = self.seconds() * COUNTED;
        let model = Relaxed::build(self.board, self.links, &all, Rooms::Counted, None).bytes();
        let mut request = Some((0, SolveRequest { model, parameters: parameters(2, (seconds, None)), seconds }));
        let (mut best, mut is_hopeless) = (self.bound, false);
        let on_answer = &mut |_: usize, answer: Option<Answer>| {
            is_hopeless |= answer.as_ref().is_some_and(|answer| answer.status == Status::Infeasible);
            best = answer.map_or(best, |answer| best.max(proven(&answer)));
            true
        };
        solve_all(&mut self.pool, self.ctx, &mut || request.take(), on_answer)?;
        self.bound = best;
        if is_hopeless {
            self.hopeless.push("the solver says that not all classes can be placed".into());
            return Ok(());
        }
        // Parts and the counted whole know nothing of changing rooms.
        let counted = best;
        while !self.is_over() {
            let seconds = self.seconds();
            let within = CostTarget { cost: self.bound, without_changes: counted };
            let model = Relaxed::build(self.board, self.links, &all, Rooms::Given, Some(within)).bytes();
            // Two ways of looking for the same; the first that knows is enough.
            let mut ways = (0..self.ctx.threads.clamp(1, 2)).map(|way| {
                let parameters =
                    SatParameters { random_seed: Some(way as i32), ..parameters(way as i32, (seconds, None)) };
                (way, SolveRequest { model: model.clone(), parameters, seconds })
            });
            let mut is_impossible = None;
            let on_answer = &mut |_: usize, answer: Option<Answer>| {
                match answer.map(|answer| answer.status) {
                    Some(Status::Infeasible) => is_impossible = Some(true),
                    Some(Status::Optimal | Status::Feasible) => is_impossible = Some(false),
                    _ => return true,
                }
                false
            };
            solve_all(&mut self.pool, self.ctx, &mut || ways.next(), on_answer)?;
            if is_impossible != Some(true) {
                break;
            }
            self.bound += 1;
        }
        Ok(())
    }
}

/// The first few.
fn listed<S: AsRef<str>>(names: &[S]) -> String {
    const MOST: usize = 12;
    let some: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(MOST);
    if more > 0 { format!("{} and {more} more", some.join(", ")) } else { some.join(", ") }
}

/// What an answer proves: costs are whole numbers. Nothing is proven by an answer that says that
/// there is no solution.
pub(crate) fn proven(answer: &Answer) -> i64 {
    match answer.status {
        Status::Optimal | Status::Feasible | Status::Unknown if answer.bound.is_finite() => {
            (answer.bound - 1e-6).ceil().clamp(0.0, 1e15) as i64
        }
        _ => 0,
    }
}

fn parameters(linear: i32, (seconds, steps): (f64, Option<f64>)) -> SatParameters {
    SatParameters {
        num_workers: Some(1),
        log_search_progress: Some(false),
        log_to_stdout: Some(false),
        // It would take Ctrl-C away from us.
        catch_sigint_signal: Some(false),
        linearization_level: Some(linear),
        max_time_in_seconds: steps.is_none().then_some(seconds),
        max_deterministic_time: steps,
        ..SatParameters::default()
    }
}
