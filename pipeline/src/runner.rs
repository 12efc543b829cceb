//! Runs stages one after the other, and does for every stage what no stage should have to do.

use crate::checkpoint::Checkpoint;
use crate::confirm::{Judge, checker, confirm_safely};
use crate::context::{BestSink, Context, NoProgress, ProgressSink};
use crate::events::Event;
use crate::folder::saving_bytes;
use crate::memory::{Memory, MemoryUse, UnwatchedMemory};
use crate::plan::{Outcome, Plan, StageRecord};
use crate::shares::Shares;
use crate::stage::{Stage, StageError};
use crate::stop::{Budget, Cancel, Stop};
use crate::watch;
use memguard::{Bytes, Ledger};
use std::{
    cell::OnceCell,
    path::PathBuf,
    sync::Arc,
    time::{Instant, SystemTime},
};
use timetable::FitError;

/// One step of a run.
pub struct Step {
    /// Its place in the pipeline (`stage2b`); log lines begin with it.
    pub slot: String,
    /// What is run.
    pub stage: Box<dyn Stage>,
    /// Its share of the budget; 0 for one that is quick and may use all that is left (see
    /// [`Shares`]).
    pub share: u32,
}

/// Is told what a run does; every method may do nothing.
pub trait Observer: Send + Sync {
    /// A stage is about to run; returns who receives its progress.
    fn starts(&self, _slot: &str, _implementation: &str, _budget: Budget) -> Arc<dyn ProgressSink> {
        Arc::new(NoProgress)
    }

    /// A stage has ended; `plan` is the plan that goes on.
    fn ends(&self, _event: &Event, _plan: &Plan) {}
}

impl Observer for NoProgress {}

/// What a run needs beside its plan and steps. [`Runner::new`] gives one that watches nothing and
/// saves nothing.
pub struct Runner {
    /// Seed of all random numbers; every step gets a stream of its own.
    pub seed: u64,
    /// For all steps together.
    pub budget: Budget,
    /// Stops the run: the stage at work returns its best, those after it do not start.
    pub cancel: Cancel,
    /// How many threads a stage may use.
    pub threads: usize,
    /// Where stages may put what does not fit into memory; each gets a folder of its own in it,
    /// removed afterwards.
    pub work_folder: PathBuf,
    /// Who watches memory.
    pub memory: Arc<dyn Memory>,
    /// Who confirms scores; the checker, but in tests.
    pub judge: Arc<dyn Judge>,
    /// Who shows what happens.
    pub observer: Arc<dyn Observer>,
}

/// What became of a run.
#[derive(Debug)]
pub struct Run {
    /// The best plan, confirmed by the checker.
    pub plan: Plan,
    /// Steps that have ended (an interrupted one has not).
    pub finished: usize,
    /// Whether it was cancelled before its last step ended.
    pub interrupted: bool,
}

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A stage was refused its memory in a run by steps: without the stage the result would depend
    /// on free memory. What was reached before is saved; resumed with more memory, the run ends as
    /// if nothing had happened.
    #[error(
        "{stage}: {why} ({in_use}); a run by steps does not go on without it, as its result would depend on free memory"
    )]
    Memory {
        /// The stage's place in the pipeline.
        stage: String,
        /// What was refused.
        why: Box<StageError>,
        /// What is in use, of which limit.
        in_use: String,
    },
    /// The plan given is none for its problem.
    #[error("the plan given cannot be used: {0}")]
    Plan(FitError),
}

impl Runner {
    /// One thread, memory not watched, scores confirmed by the checker.
    pub fn new(seed: u64, budget: Budget) -> Runner {
        Runner {
            seed,
            budget,
            cancel: Cancel::default(),
            threads: 1,
            work_folder: std::env::temp_dir(),
            memory: Arc::new(UnwatchedMemory(u64::MAX)),
            judge: checker(),
            observer: Arc::new(NoProgress),
        }
    }

    /// Runs the steps from `first` on (those before it are done: a run that is resumed). Whatever a
    /// stage does, the plan that comes back is confirmed and no worse than the one given. With a
    /// checkpoint, everything is saved as it is reached.
    ///
    /// # Errors
    /// Where the plan given does not fit its problem, or a run by steps lacks memory; any other
    /// failure of a stage is in the plan's history instead.
    pub fn run(
        &self,
        mut plan: Plan,
        steps: &[Step],
        first: usize,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Run, RunError> {
        let _span = tracing::info_span!("run", seed = self.seed).entered();
        let mut shares = Shares::new(self.budget, steps.iter().map(|s| s.share).collect(), first);
        let done = &plan.history[plan.history.len().saturating_sub(first)..];
        shares.already_used(done.iter().filter_map(|record| record.steps).sum());
        shares.check_took(self.confirm_first(&mut plan)?);
        let mut finished = first;
        for index in first..steps.len() {
            if self.cancel.is_cancelled() {
                break;
            }
            let event = self.step(&mut plan, steps, index, &mut shares, checkpoint)?;
            if let Some(checkpoint) = checkpoint {
                checkpoint.append(&event);
                if event.interrupted {
                    checkpoint.keep_interrupted(index, &plan);
                } else {
                    checkpoint.keep_finished(&plan);
                }
            }
            self.observer.ends(&event, &plan);
            if event.interrupted {
                break;
            }
            finished += 1;
        }
        Ok(Run { plan, finished, interrupted: finished < steps.len() })
    }

    /// Puts the checker's word in the place of whatever score the plan came with. Returns the time
    /// that took.
    fn confirm_first(&self, plan: &mut Plan) -> Result<std::time::Duration, RunError> {
        let started = Instant::now();
        plan.score = match &plan.timetable {
            Some(timetable) => {
                timetable.fits(&plan.problem).map_err(RunError::Plan)?;
                Some(self.judge.score(&plan.problem, timetable))
            }
            None => None,
        };
        drop_contradicted(plan);
        Ok(started.elapsed())
    }

    /// Runs one step; `plan` becomes the plan that goes on.
    fn step(
        &self,
        plan: &mut Plan,
        steps: &[Step],
        index: usize,
        shares: &mut Shares,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Event, RunError> {
        let Step { slot, stage, .. } = &steps[index];
        let _span = tracing::info_span!("stage", %slot, implementation = %stage.name()).entered();
        let started = Instant::now();
        let budget = shares.next(started, |k| steps[k].stage.has_work(plan));
        let stop = Stop::new(self.cancel.clone(), budget);
        plan.notes.clear();
        let (made, memory) = self.attempt(plan, steps, index, &stop, checkpoint);
        let made = match made {
            Err(why) if stop.steps().is_some() && why.is_memory() => return Err(self.lacks_memory(slot, why)),
            made => made,
        };
        let interrupted = self.cancel.is_cancelled();
        if stop.is_halted() && stop.steps().is_some() && !interrupted {
            return Err(self.lacks_memory(slot, StageError::Failed("memory was critical".into())));
        }
        let seconds = started.elapsed().as_secs_f64();
        // What a stage that failed did not report, it leaves to those after it.
        let charged = shares.charge(budget, stop.steps_used().or(made.is_err().then_some(0)));

        let checking = Instant::now();
        let (outcome, taken) = self.judged(plan, made);
        shares.check_took(checking.elapsed());
        let before = plan.score;
        let mut notes = Vec::new();
        if let Some(made) = taken {
            plan.clusters = made.clusters;
            plan.timetable = made.timetable;
            plan.score = made.score;
            plan.bound = made.bound;
            drop_contradicted(plan);
            notes = tidy(made.notes);
        }
        if stop.is_halted() {
            notes.push("stopped early: memory was critical".into());
        }
        match &outcome {
            Outcome::Taken => {}
            Outcome::Refused(why) => {
                tracing::warn!("[{}] plan of `{}` refused: {why}", slot.to_uppercase(), stage.name())
            }
            Outcome::Failed(why) => tracing::warn!("[{}] `{}` failed: {why}", slot.to_uppercase(), stage.name()),
        }
        plan.history.push(StageRecord {
            stage: slot.clone(),
            implementation: stage.name().into(),
            outcome: outcome.clone(),
            before,
            after: plan.score,
            steps: charged,
            notes,
        });
        let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        Ok(Event {
            stage: slot.clone(),
            implementation: stage.name().into(),
            outcome,
            interrupted,
            before,
            after: plan.score,
            seconds,
            steps: charged,
            memory,
            at,
        })
    }

    fn lacks_memory(&self, slot: &str, why: StageError) -> RunError {
        RunError::Memory { stage: slot.into(), why: Box::new(why), in_use: self.memory.in_use() }
    }

    /// Runs a stage inside its memory scope; a panic is an error like any other.
    fn attempt(
        &self,
        plan: &Plan,
        steps: &[Step],
        index: usize,
        stop: &Stop,
        checkpoint: Option<&Checkpoint>,
    ) -> (Result<Plan, StageError>, MemoryUse) {
        let Step { slot, stage, .. } = &steps[index];
        let mut scope = self.memory.enter(slot);
        let ledger = OnceCell::new();
        let made = watch::while_watched(scope.as_mut(), stop, || {
            let headroom = self.memory.headroom();
            let least = stage.memory(plan).least;
            // What a checkpoint takes is never promised.
            let reserve = saving_bytes(&plan.problem);
            let limit = headroom.planned.max(least.saturating_add(reserve));
            let ledger = ledger.get_or_init(|| Ledger::new(Bytes::new(limit), Bytes::new(reserve)));
            if least > headroom.most {
                return Err(StageError::Memory { needed: least, available: headroom.most });
            }
            let name = format!("{slot}-");
            let mut folder = tempfile::Builder::new();
            let folder = folder.prefix(&name);
            // Where the run's own folder is full or has gone, most stages need none.
            let folder = folder.tempdir_in(&self.work_folder).or_else(|_| folder.tempdir());
            let folder =
                folder.map_err(|e| StageError::Failed(format!("no work folder in {:?}: {e}", self.work_folder)))?;
            let best: Arc<dyn BestSink> = match checkpoint {
                Some(checkpoint) => checkpoint.best_sink(index, &plan.problem),
                None => Arc::new(NoProgress),
            };
            let context = Context {
                seed: stream(self.seed, steps, index),
                stop: stop.clone(),
                ledger: ledger.clone(),
                threads: self.threads,
                progress: self.observer.starts(slot, stage.name(), stop.budget()),
                best,
                work_folder: folder.path().into(),
                judge: Arc::clone(&self.judge),
            };
            stage.run(plan.clone(), &context)
        });
        (made, scope.leave(ledger.get().map_or(0, |ledger| ledger.peak().get())))
    }

    /// The outcome, and the plan where it is taken. The checker sees a stage's plan only here, so
    /// what it trips over is the stage's failure, too.
    fn judged(&self, given: &Plan, made: Result<Plan, StageError>) -> (Outcome, Option<Plan>) {
        match made {
            Err(why) => (Outcome::Failed(why.to_string()), None),
            Ok(made) => match confirm_safely(given, &made, self.judge.as_ref()) {
                Ok(()) => (Outcome::Taken, Some(made)),
                Err(why) => (Outcome::Refused(why.to_string()), None),
            },
        }
    }
}

/// A bound that was proven earlier and that a valid timetable goes below was none.
fn drop_contradicted(plan: &mut Plan) {
    if let (Some(bound), Some(score)) = (plan.bound, plan.score)
        && score.is_valid()
        && score.penalty < bound
    {
        tracing::warn!(
            "there is a valid timetable with a penalty of {}, so nothing was proven of {bound}",
            score.penalty
        );
        plan.bound = None;
    }
}

/// A stream of random numbers for each step, told apart by slot (and how often that came before),
/// so that leaving out one step does not change what the others draw.
fn stream(seed: u64, steps: &[Step], index: usize) -> u64 {
    let slot = &steps[index].slot;
    let earlier = steps[..index].iter().filter(|s| s.slot == *slot).count() as u64;
    // FNV-1a over the name, then the finaliser of SplitMix64.
    let name = slot.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut z = seed ^ name.wrapping_add(earlier.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Notes go into `plan.json`, which is bounded; a stage that talks too much is cut short.
fn tidy(notes: Vec<String>) -> Vec<String> {
    const LINES: usize = 1_000;
    const LENGTH: usize = 1_000;
    let more = notes.len().saturating_sub(LINES);
    let mut tidy: Vec<String> = notes.into_iter().take(LINES).map(|n| n.chars().take(LENGTH).collect()).collect();
    if more > 0 {
        tidy.push(format!("and {more} notes more"));
    }
    tidy
}
