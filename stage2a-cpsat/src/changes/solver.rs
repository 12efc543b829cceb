//! One question to CP-SAT: some classes of a problem, how few of them have to move.

use crate::model::{Cut, Links, ModelSpec, PartialModel, StayCosts};
use crate::solve_requests::{SolveError, SolveRequest, solve_all};
use crate::worker::{Answer, WorkerPool};
use cp_sat::proto::SatParameters;
use pipeline::{Context, StageError};
use timetable::{Board, ClassId, Timetable};

/// What one class at another time counts where those count first: more than all classes that are
/// elsewhere.
pub(super) fn time_weight(classes: usize) -> i64 {
    classes as i64 + 1
}

/// What comes of a question.
pub(super) enum SolverReply {
    /// It was too large for a model.
    TooLarge,
    /// There was no answer, for this reason.
    Nothing(String),
    /// The model, and the answer.
    Answer(Box<(PartialModel, Answer)>),
}

pub(super) struct Solver<'a> {
    pub(super) pool: WorkerPool,
    pub(super) ctx: &'a Context,
    /// Whether classes at other times count first.
    pub(super) times_first: bool,
    /// Whether what is proven is asked for twice.
    pub(super) twice: bool,
    /// Steps of answers so far.
    pub(super) steps: u64,
}

impl Solver<'_> {
    /// Asks how few of these classes have to be elsewhere than at `home`, all others staying where
    /// they are on the board, with a share of what is left to spend; `again`, with another
    /// seed and without presolve.
    ///
    /// # Errors
    /// Where there is not enough memory.
    pub(super) fn fewest_moves(
        &mut self,
        board: &Board<'_>,
        classes: &[ClassId],
        home: &Timetable,
        share: f64,
        again: bool,
    ) -> Result<SolverReply, StageError> {
        let links = Links::new(board.problem());
        let stay = Some(StayCosts { home, time: if self.times_first { time_weight(classes.len()) } else { 0 } });
        let spec = ModelSpec { classes, requests: &[], cut: Cut::NONE, hint: None, rooms_later: false, stay };
        let Some(part) = PartialModel::build(board, &links, spec) else { return Ok(SolverReply::TooLarge) };
        let mut request = Some((0, self.request(&part, share, again)));
        let mut answer: Option<Answer> = None;
        let asked = solve_all(&mut self.pool, self.ctx, &mut || request.take(), &mut |_, received| {
            answer = received;
            true
        });
        match asked {
            Ok(()) => {}
            Err(SolveError::Refused(refused)) if self.ctx.stop.steps().is_some() => return Err(refused.into()),
            Err(SolveError::Memory(cap)) => {
                return Err(StageError::Memory { needed: 2 * cap.get(), available: cap.get() });
            }
            Err(SolveError::Refused(refused)) => {
                return Ok(SolverReply::Nothing(format!("no memory for a solver: {refused}")));
            }
            Err(SolveError::Other(why)) => {
                return Ok(SolverReply::Nothing(format!("the solver was not used any more: {why}")));
            }
        }
        let Some(answer) = answer else { return Ok(SolverReply::Nothing("the solver had no answer in time".into())) };
        self.steps += (answer.response.deterministic_time * 1e6) as u64;
        Ok(SolverReply::Answer(Box::new((part, answer))))
    }

    fn request(&self, part: &PartialModel, share: f64, again: bool) -> SolveRequest {
        let steps = self.ctx.stop.steps().map(|steps| steps.saturating_sub(self.steps) as f64 * share);
        let seconds = self.ctx.stop.time_left().map_or(0.0, |left| left.as_secs_f64() * share);
        let parameters = SatParameters {
            num_workers: Some(if steps.is_some() { 1 } else { self.ctx.threads.min(8) as i32 }),
            random_seed: Some(((self.ctx.seed ^ u64::from(again)) & 0x3fff_ffff) as i32),
            cp_model_presolve: again.then_some(false),
            log_search_progress: Some(false),
            log_to_stdout: Some(false),
            // It would take Ctrl-C away from us.
            catch_sigint_signal: Some(false),
            max_time_in_seconds: steps.is_none().then_some((seconds - 0.3).max(0.05)),
            max_deterministic_time: steps.map(|steps| steps * 1e-6),
            ..SatParameters::default()
        };
        // By steps a question takes as long as it takes.
        let seconds = if steps.is_some() { 86_400.0 } else { seconds };
        SolveRequest { model: part.bytes(), parameters, seconds }
    }
}
