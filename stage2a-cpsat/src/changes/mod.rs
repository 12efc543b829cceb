//! How few classes have to move for a timetable in use to be valid, by CP-SAT: all classes in one
//! model of the hard rules, in which each class that is elsewhere counts 1. (Where there is nothing
//! valid to begin with, a valid timetable is first looked for near the conflicts, all others
//! staying where they are: that takes moments.) Where that is too large, only those that have to do
//! with the conflicts: how few of them have to move when there is nobody else is how few have to
//! move at least.
//!
//! Where a repair is known, those that a better one could move come first (`ball`), all others
//! staying at home: that is less than all, and proves as much. A proof can be asked for twice, the
//! second time with another seed and without presolve.

mod around;
mod ball;
mod confirmed;
mod relaxed;
mod solver;

use crate::bound::proven;
use crate::exact::find_ortools;
use crate::model::{Links, PartialModel};
use crate::worker::{Answer, Engine, Status, WorkerPool, WorkerProgram};
use around::{around, choices};
use pipeline::{Bytes, Context, MemoryRequirement, Plan, Stage, StageError};
use relaxed::with_only;
use solver::{Solver, SolverReply, time_weight};
use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};
use timetable::{
    Amendments, BlockError, Board, BoardIndex, ClassId, ConstraintId, Problem, Shape, Timetable, amend, check,
};

/// With more times × rooms of all classes they are not taken together; and so many have those near
/// the conflicts.
const MOST_CHOICES: usize = 400_000;
const NEARBY: usize = 100_000;
/// With less time it is not asked: the model has to be built, too.
const LEAST_TIME: Duration = Duration::from_millis(500);
/// Nearby, to begin with: so many choices, one after the other, each with this share of what is
/// left.
const NEAREST: [usize; 3] = [2_000, 10_000, 50_000];
const NEAREST_SHARE: f64 = 0.3;
/// And those that a better repair could move have this share of it.
const BALL_SHARE: f64 = 0.5;
const NONE_IS_VALID: &str = "the solver says that no timetable is valid";
const TOO_LARGE: &str = "too large for one model of CP-SAT: it proves nothing";

/// A timetable in use, made valid with the fewest changes that CP-SAT finds; students take what
/// they take, and where that is not valid, nothing is found. What comes out is as good as that
/// solver's answers: the timetable is checked, the proof is its own.
///
/// With a step budget, a step is a millionth of the solver's deterministic time.
#[derive(Clone, Debug)]
pub struct FewestByCpSat {
    /// The program that workers are, and its arguments before the engine's: it has to call
    /// [`worker::serve`](crate::worker::serve).
    pub worker: (PathBuf, Vec<OsString>),
    /// OR-Tools' library; looked for where this is `None`.
    pub ortools: Option<PathBuf>,
    /// Whether as few classes as possible shall be at other times; only then counts how many are
    /// elsewhere.
    pub times_first: bool,
    /// Whether what is proven is asked for twice.
    pub twice: bool,
}

/// What CP-SAT says.
#[derive(Clone, Debug, Default)]
pub struct Fewest {
    /// At least so many classes have to change; `None` where it says that no timetable is valid.
    pub least: Option<u32>,
    /// At least so many have to be at other times, where those count first.
    pub least_times: u32,
    /// A valid timetable.
    pub timetable: Option<Timetable>,
    /// What people should know.
    pub notes: Vec<String>,
    /// Steps of the solver.
    pub steps: u64,
}

impl FewestByCpSat {
    /// With workers of this program, and the library that is found.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> FewestByCpSat {
        FewestByCpSat { worker: (program, arguments), ortools: None, times_first: false, twice: false }
    }

    /// How few classes have to move from where they are at `home`; `begin` is a timetable from
    /// which to begin, and so many are `known` to have to move.
    ///
    /// # Errors
    /// Where there is not enough memory.
    pub fn fewest_moves(
        &self,
        problem: &Problem,
        home: &Timetable,
        begin: &Timetable,
        known: u32,
        ctx: &Context,
    ) -> Result<Fewest, StageError> {
        let nothing = |why: String| Fewest { least: Some(0), notes: vec![why], ..Fewest::default() };
        let path = match find_ortools(self.ortools.as_deref()) {
            Ok(path) => path,
            Err(why) => return Ok(nothing(format!("{why}: nothing is proven"))),
        };
        if ctx.stop.time_left().is_some_and(|left| left < LEAST_TIME) {
            return Ok(nothing("no time for CP-SAT: nothing is proven".into()));
        }
        let _promised = ctx.ledger.reserve("model", Bytes::new(bytes(problem)))?;
        let (program, arguments) = self.worker.clone();
        let program = WorkerProgram { program, arguments, engine: Engine::CpSat(path) };
        let pool = WorkerPool::new(program, 1, ctx.ledger.clone());
        let mut solver = Solver { pool, ctx, times_first: self.times_first, twice: self.twice, steps: 0 };
        let fewest = fewest(&mut solver, problem, home, begin, known);
        ctx.stop.report_workers(0);
        Ok(Fewest { steps: solver.steps, ..fewest? })
    }
}

fn fewest(
    solver: &mut Solver<'_>,
    problem: &Problem,
    home: &Timetable,
    begin: &Timetable,
    known: u32,
) -> Result<Fewest, StageError> {
    let is_valid = check(problem, begin).score.is_valid();
    let mut first = if is_valid { None } else { nearest(solver, problem, home)? };
    if let Some(begin) = first.as_ref().or(is_valid.then_some(begin))
        && let Some(fewest) = in_the_ball(solver, problem, home, begin, known)?
    {
        if fewest.least.is_some_and(|least| least > 0) {
            return Ok(Fewest { timetable: fewest.timetable.or(first), ..fewest });
        }
        first = fewest.timetable.or(first);
    }
    let begin = first.as_ref().unwrap_or(begin);
    let fewest = match whole(solver, problem, home, begin)? {
        Some(fewest) => fewest,
        None => nearby(solver, problem, home, begin)?,
    };
    Ok(Fewest { timetable: fewest.timetable.or(first), ..fewest })
}

/// A valid timetable in which only classes near the conflicts are elsewhere, where there is one.
fn nearest(solver: &mut Solver<'_>, problem: &Problem, home: &Timetable) -> Result<Option<Timetable>, StageError> {
    let costless = amend(problem, &Amendments { costless: true, ..Amendments::default() }).map_err(failed)?.problem;
    let mut board = Board::with(&costless, Arc::new(BoardIndex::new(&costless)), home);
    let mut before = 0;
    for most in NEAREST {
        let Some((classes, _)) = around(&mut board, home, most) else { continue };
        if classes.len() == before {
            break;
        }
        before = classes.len();
        if let SolverReply::Answer(reply) = solver.fewest_moves(&board, &classes, home, NEAREST_SHARE, false)?
            && let Some(timetable) = timetable(problem, &reply, home)
        {
            return Ok(Some(timetable));
        }
    }
    Ok(None)
}

fn failed(e: BlockError) -> StageError {
    StageError::Failed(e.to_string())
}

/// Asks about the classes that could move in a repair with fewer changes than `begin`; `None` where
/// those are not known, or too many. A bound of 0 where nothing is proven.
fn in_the_ball(
    solver: &mut Solver<'_>,
    problem: &Problem,
    home: &Timetable,
    begin: &Timetable,
    known: u32,
) -> Result<Option<Fewest>, StageError> {
    let changed = changes(home, begin);
    if solver.times_first || changed <= known || students_matter(problem) {
        return Ok(None);
    }
    let costless = amend(problem, &Amendments { costless: true, ..Amendments::default() }).map_err(failed)?.problem;
    let mut board = Board::with(&costless, Arc::new(BoardIndex::new(&costless)), home);
    let Some(classes) = ball::ball(&mut board, home, (changed - 1 - known) as usize, NEARBY) else { return Ok(None) };
    let asked = confirmed::fewest_moves(solver, problem, &board, &classes, home, BALL_SHARE)?;
    let Some(mut fewest) = asked else { return Ok(None) };
    // With more changes classes outside could move, too.
    let proven = fewest.least.map_or(changed, |least| least.min(changed));
    let is_least = proven == changed || fewest.timetable.as_ref().is_some_and(|found| proven == changes(home, found));
    fewest.least = Some(if is_least { proven } else { 0 });
    fewest.notes.retain(|note| note != NONE_IS_VALID);
    Ok(Some(fewest))
}

fn changes(home: &Timetable, timetable: &Timetable) -> u32 {
    home.placements.iter().zip(&timetable.placements).filter(|(was, is)| was != is).count() as u32
}

/// All classes in one model; `None` where that is too large.
fn whole(
    solver: &mut Solver<'_>,
    problem: &Problem,
    home: &Timetable,
    begin: &Timetable,
) -> Result<Option<Fewest>, StageError> {
    if problem.class_ids().map(|class| choices(problem, class)).sum::<usize>() > MOST_CHOICES {
        return Ok(None);
    }
    let costless = amend(problem, &Amendments { costless: true, ..Amendments::default() }).map_err(failed)?.problem;
    let board = Board::with(&costless, Arc::new(BoardIndex::new(&costless)), begin);
    let classes: Vec<ClassId> = costless.class_ids().collect();
    confirmed::fewest_moves(solver, problem, &board, &classes, home, 1.0)
}

/// The classes that have to do with the conflicts: without all others, which proves something; then
/// with all others where they are, which may find something.
fn nearby(
    solver: &mut Solver<'_>,
    problem: &Problem,
    home: &Timetable,
    begin: &Timetable,
) -> Result<Fewest, StageError> {
    let costless = amend(problem, &Amendments { costless: true, ..Amendments::default() }).map_err(failed)?.problem;
    let mut board = Board::with(&costless, Arc::new(BoardIndex::new(&costless)), home);
    let mut fewest = Fewest { least: Some(0), ..Fewest::default() };
    let Some((mut classes, conflicts)) = around(&mut board, home, NEARBY) else {
        fewest.notes.push(TOO_LARGE.into());
        return Ok(fewest);
    };
    board.load(begin);
    // Half as many, as long as they are too many.
    loop {
        let relaxed = with_only(problem, &classes).map_err(failed)?;
        let (there, from) = (relaxed.carry(problem, home), relaxed.carry(problem, begin));
        let part = Board::with(&relaxed.problem, Arc::new(BoardIndex::new(&relaxed.problem)), &from);
        let all: Vec<ClassId> = relaxed.problem.class_ids().collect();
        match confirmed::fewest_moves(solver, &relaxed.problem, &part, &all, &there, 0.5)? {
            None if classes.len() > conflicts => {
                classes.truncate((classes.len() / 2).max(conflicts));
                continue;
            }
            None => fewest.notes.push(TOO_LARGE.into()),
            // Of a part of the classes there is no timetable of all; nor are all students there.
            Some(reply) => {
                let least = if students_matter(problem) { Some(0) } else { reply.least };
                fewest = Fewest { timetable: None, least, ..reply };
            }
        }
        break;
    }
    if fewest.least.is_some()
        && let SolverReply::Answer(reply) = solver.fewest_moves(&board, &classes, home, 1.0, false)?
    {
        fewest.timetable = timetable(problem, &reply, begin);
    }
    Ok(fewest)
}

/// How few of so many classes have to change, as the solver proves; with a line that says so where
/// none of their timetables is valid.
fn bound(problem: &Problem, (part, answer): &(PartialModel, Answer), classes: usize, times_first: bool) -> Fewest {
    if !part.is_whole() || students_matter(problem) {
        return Fewest { least: Some(0), ..Fewest::default() };
    }
    let (least, all) = (proven(answer), classes as i64);
    let weight = if times_first { time_weight(classes) } else { 0 };
    // Dearer than all changes together is what is not valid.
    if answer.status == Status::Infeasible || least > all * (weight + 1) {
        return Fewest { notes: vec![NONE_IS_VALID.into()], ..Fewest::default() };
    }
    // Whatever the rooms count, they are no more than all classes.
    let times = if times_first { ((least - all).max(0) as u64).div_ceil(weight as u64) as u32 } else { 0 };
    Fewest { least: Some(if times_first { times } else { least as u32 }), least_times: times, ..Fewest::default() }
}

/// The timetable of an answer; it is believed when the checker says that it is valid.
fn timetable(problem: &Problem, (part, answer): &(PartialModel, Answer), begin: &Timetable) -> Option<Timetable> {
    if !matches!(answer.status, Status::Optimal | Status::Feasible) {
        return None;
    }
    let mut timetable = begin.clone();
    for (class, at) in part.read(&answer.response)?.places {
        timetable.placements[class.index()] = at;
    }
    Some(timetable).filter(|t| t.fits(problem).is_ok() && check(problem, t).score.is_valid())
}

/// Whether what students choose decides what is valid: the model has them take what they take.
fn students_matter(problem: &Problem) -> bool {
    let several = |requested: &timetable::RequestRow| {
        let configs = problem.courses()[requested.course as usize].configs;
        let subparts = problem.configs()[configs.range()].iter().flat_map(|g| &problem.subparts()[g.subparts.range()]);
        configs.len > 1 || subparts.into_iter().any(|s| s.classes.len > 1)
    };
    let hard = (0..problem.constraints().len())
        .map(ConstraintId::new)
        .any(|id| problem.kind_of(id).shape() == Shape::Students && problem.constraints()[id.index()].hard == 1);
    (hard || problem.meta().student_conflicts_hard == 1) && problem.requests().iter().any(several)
}

impl Stage for FewestByCpSat {
    fn name(&self) -> &'static str {
        "cpsat"
    }

    fn memory(&self, plan: &Plan) -> MemoryRequirement {
        let (least, engine) = (bytes(&plan.problem), Engine::CpSat(PathBuf::new()));
        MemoryRequirement { least, preferred: least + engine.first_guess().get() }
    }

    fn run(&self, mut plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let Some(home) = plan.timetable.take() else { return Err(StageError::Lacks("a timetable in use")) };
        let problem = Arc::clone(&plan.problem);
        let before = check(&problem, &home).score;
        if before.is_valid() {
            ctx.stop.report_steps(0);
            plan.notes.push("nothing to repair".into());
            return Ok(plan.with_timetable(home, before));
        }
        let Fewest { least, timetable, notes, steps, .. } = self.fewest_moves(&problem, &home, &home, 0, ctx)?;
        ctx.stop.report_steps(steps);
        plan.notes.extend(notes);
        if let Some(least) = least.filter(|&least| least > 0) {
            plan.notes.push(format!("at least {least} classes have to change"));
        }
        let timetable = timetable.unwrap_or(home);
        let score = check(&problem, &timetable).score;
        Ok(plan.with_timetable(timetable, score))
    }
}

fn bytes(problem: &Problem) -> u64 {
    let timetable = 4 * (problem.classes().len() + problem.enrolment_slots()) as u64;
    problem.block().bytes().len() as u64
        + BoardIndex::max_bytes(problem)
        + Board::max_bytes(problem)
        + Links::max_bytes(problem)
        + 2 * timetable
}
