//! One question to CP-SAT: some classes of a problem, how few of them have to move.

use crate::ask::{Nobody, Question, ask};
use crate::model::{Cut, Links, Part, Stay, Wanted};
use crate::worker::{Answer, Team};
use cp_sat::proto::SatParameters;
use pipeline::{Context, StageError};
use timetable::{Board, ClassId, Timetable};

/// What one class at another time counts where those count first: more than all classes that are elsewhere.
pub(super) fn time_weight(classes: usize) -> i64 {
    classes as i64 + 1
}

/// What comes of a question.
pub(super) enum Told {
    /// It was too large for a model.
    TooLarge,
    /// There was no answer, for this reason.
    Nothing(String),
    /// The model, and the answer.
    Answer(Box<(Part, Answer)>),
}

pub(super) struct Solver<'a> {
    pub(super) team: Team,
    pub(super) ctx: &'a Context,
    /// Whether classes at other times count first.
    pub(super) times_first: bool,
    /// Whether what is proven is asked for twice.
    pub(super) twice: bool,
    /// Steps of answers so far.
    pub(super) steps: u64,
}

impl Solver<'_> {
    /// Asks how few of these classes have to be elsewhere than at `home`, all others staying where they are on the board, with a share of what is
    /// left to spend; `again`, with another seed and without presolve.
    ///
    /// # Errors
    /// Where there is not enough memory.
    pub(super) fn ask(
        &mut self,
        board: &Board<'_>,
        classes: &[ClassId],
        home: &Timetable,
        share: f64,
        again: bool,
    ) -> Result<Told, StageError> {
        let links = Links::new(board.problem());
        let stay = Some(Stay { home, time: if self.times_first { time_weight(classes.len()) } else { 0 } });
        let wanted = Wanted { classes, requests: &[], cut: Cut::NONE, hint: None, apart: false, stay };
        let Some(part) = Part::build(board, &links, wanted) else { return Ok(Told::TooLarge) };
        let mut question = Some((0, self.question(&part, share, again)));
        let mut answer: Option<Answer> = None;
        let asked = ask(&mut self.team, self.ctx, &mut || question.take(), &mut |_, heard| {
            answer = heard;
            true
        });
        match asked {
            Ok(()) => {}
            Err(Nobody::Refused(refused)) if self.ctx.stop.steps().is_some() => return Err(refused.into()),
            Err(Nobody::Memory(cap)) => {
                return Err(StageError::Memory { needed: 2 * cap.get(), available: cap.get() });
            }
            Err(Nobody::Refused(refused)) => return Ok(Told::Nothing(format!("no memory for a solver: {refused}"))),
            Err(Nobody::Other(why)) => return Ok(Told::Nothing(format!("the solver was given up: {why}"))),
        }
        let Some(answer) = answer else { return Ok(Told::Nothing("the solver had no answer in time".into())) };
        self.steps += (answer.response.deterministic_time * 1e6) as u64;
        Ok(Told::Answer(Box::new((part, answer))))
    }

    fn question(&self, part: &Part, share: f64, again: bool) -> Question {
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
        Question { model: part.bytes(), parameters, seconds }
    }
}
