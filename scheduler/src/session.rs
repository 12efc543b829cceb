//! A run from a loaded plan to files on disk.

use crate::config::{Config, RunBudget};
use crate::error::{Error, SolutionError};
use crate::host::{Host, Recorder};
use crate::inputs::{Input, PLAN_FOLDER, Reading, load_watched, stem};
use crate::interim::InterimWriter;
use crate::output_folder::{OutputFolder, can_be_ours, of_run};
use crate::{closed_rooms, ortools, polishing, preflight, solutions, stages};
use memguard::Guard;
use pipeline::{
    Budget, Cancel, Checkpoint, EVENTS_FILE, Event, FolderError, GuardedMemory, Observer, Owned, Plan, RUN_FILE, Run,
    RunInfo, Runner, Step, load_plan_for, read_events, save_plan,
};
use stage0_load::{
    SolutionInfo, Words,
    csv_folder::{Labels, Origin},
};
use std::{
    env, iter,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use timetable::{Problem, Report, Timetable, check};

/// What a resumed run is read from, in the output folder.
pub const RESUME_FILE: &str = "resume.toml";

/// Where a solution goes that can neither be written in its folder nor in the temporary one: disks
/// that may have room, and memory.
const ELSEWHERE: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// Where a run's files go.
#[derive(Clone, Debug)]
pub struct Target {
    /// The output folder.
    pub folder: OutputFolder,
    /// What the files are, for people: `a run on comp02`.
    pub about: String,
    /// What the command writes beside the run's own files.
    pub more: Vec<String>,
    /// Whether what an earlier run left there may be replaced.
    pub replace: bool,
}

/// Everything that a run needs beside its plan.
pub struct Session {
    /// Where its files go.
    pub target: Target,
    /// What it is set to.
    pub config: Config,
    /// Watches the memory of this process.
    pub guard: Guard,
    /// Who started it.
    pub host: Arc<dyn Host>,
    /// Ends the run with its best so far.
    pub cancel: Cancel,
    /// When the program began.
    pub started: Instant,
    /// Whether it runs although its input asks for what cannot be.
    pub anyway: bool,
    /// How the input is read.
    pub reading: Reading,
}

/// What came of it.
pub struct RunOutcome {
    /// What was solved: the problem's name, or that of its file where the format has none.
    pub name: String,
    /// The plan as the last stage left it.
    pub plan: Plan,
    /// Its timetable; nothing is placed where there is none.
    pub timetable: Timetable,
    /// What the checker says of it.
    pub report: Report,
    /// How the stages ended.
    pub events: Vec<Event>,
    /// Whether the run was cancelled.
    pub interrupted: bool,
    /// Where the solution is: the output folder, or another where that could not be written.
    pub folder: PathBuf,
    /// The plan's, where everything could be saved.
    pub plan_folder: Option<PathBuf>,
    /// The solution's file, or its folder.
    pub solution: PathBuf,
    /// What people call things, where the problem came as a folder.
    pub labels: Option<Labels>,
    /// Where everything stands in the tables of the input, where it was read from such.
    pub origin: Option<Origin>,
}

impl RunOutcome {
    /// The user's words for its problem.
    pub fn words(&self) -> Words<'_> {
        Words::new(&self.plan.problem, self.origin.as_ref(), self.labels.as_ref().map(|labels| &labels.calendar))
    }
}

/// A run about to begin: a new one, or one that goes on.
struct PreparedRun {
    plan: Plan,
    checkpoint: Checkpoint,
    first: usize,
    /// How its finished stages ended.
    earlier: Vec<Event>,
}

impl Session {
    /// A run that begins now, and watches memory.
    pub fn new(config: Config, target: Target, host: Arc<dyn Host>) -> Session {
        let guard = Guard::of_this_process(config.memory.value);
        let (cancel, started) = (Cancel::default(), Instant::now());
        Session { target, config, guard, host, cancel, started, anyway: false, reading: Reading::Strict }
    }

    /// Loads, runs, saves. Without an input, the run in the output folder goes on.
    pub fn solve(&mut self, input: Option<&Path>, resume: bool, offline: bool) -> Result<RunOutcome, Error> {
        stages::steps(&self.config.stages, &self.config.stage_settings())?;
        preflight::before_loading(&self.guard)?;
        let load = |path| load_watched(path, self.reading, &self.guard, self.host.as_ref());
        let loaded = input.map(load).transpose()?;
        self.solve_input(loaded, input, resume, offline)
    }

    /// The same, with what was loaded from the input. A run that goes on was checked when it began.
    fn solve_input(
        &mut self,
        loaded: Option<Input>,
        input: Option<&Path>,
        resume: bool,
        offline: bool,
    ) -> Result<RunOutcome, Error> {
        if let Some(loaded) = &loaded {
            self.host.has_loaded(&loaded.plan.problem);
        }
        if let (Some(loaded), false) = (&loaded, resume) {
            loaded.is_possible(self.anyway)?;
        }
        let (plan, origin) = loaded.map_or((None, None), |loaded| (Some(loaded.plan), loaded.origin));
        let labels = plan.as_ref().zip(input).and_then(|(plan, from)| solutions::labels(&plan.problem, from));
        let steps = self.steps(plan.as_ref(), offline)?;
        let ran = self.run(plan, labels, &steps, resume)?;
        let of_file = || input.map_or(String::new(), |path| stem(path).to_string_lossy().into_owned());
        let name = if ran.name.is_empty() { of_file() } else { ran.name.clone() };
        Ok(RunOutcome { name, origin, ..ran })
    }

    /// The steps of a run on this plan, with what they need fetched; the clock stands still
    /// meanwhile. (A run that goes on without its input was settled when it began.)
    pub fn steps(&mut self, plan: Option<&Plan>, offline: bool) -> Result<Vec<Step>, Error> {
        if let Some(plan) = plan {
            if let Some(said) = self.config.settle_by_features(&plan.problem) {
                tracing::info!("settings by features: {said}");
            }
            self.started += polishing::settle(&mut self.config, &plan.problem, offline, self.host.as_ref());
        }
        self.started += ortools::prepare(&self.config, offline, self.host.as_ref());
        Ok(stages::steps(&self.config.stages, &self.config.stage_settings())?)
    }

    /// Runs a plan that is loaded, or the one in the output folder.
    pub fn run(
        &self,
        plan: Option<Plan>,
        labels: Option<Labels>,
        steps: &[Step],
        resume: bool,
    ) -> Result<RunOutcome, Error> {
        let loaded = self.started.elapsed();
        let begun = Instant::now();
        let is_there = match &self.target.folder {
            OutputFolder::Named(folder) => folder.join(PLAN_FOLDER).join(RUN_FILE).is_file(),
            OutputFolder::New(_) => false,
        };
        let (ready, folder) = match plan {
            Some(plan) if !(resume && is_there) => {
                preflight::before_running(&self.guard, &plan, steps)?;
                let folder = self.target.folder.settle()?;
                (self.begin(plan, steps, &folder)?, folder)
            }
            plan => {
                let folder = self.target.folder.settle()?;
                (self.go_on(plan, steps, &folder)?, folder)
            }
        };
        let plan_folder = folder.join(PLAN_FOLDER);
        let labels = labels.or_else(|| solutions::labels(&ready.plan.problem, &folder));
        let saving = begun.elapsed();
        let observer = Arc::new(Recorder::new(self.host.observer()));
        let runner = self.runner(&folder, self.budget(loaded, saving), observer.clone());
        self.host.begins();
        let write = |plan: &Plan, timetable: &Timetable| {
            self.write_solution(plan, timetable, labels.as_ref(), &folder, &ready.checkpoint)
        };
        let interim =
            InterimWriter { cancel: &self.cancel, problem: &ready.plan.problem.clone(), folder: &plan_folder };
        let run = interim.beside(&write, || runner.run(ready.plan, steps, ready.first, Some(&ready.checkpoint)));
        let mut run = run?;
        // What an earlier interruption saved may be better than what this one leaves.
        if run.interrupted
            && let Ok(saved) = load_plan_for(run.plan.problem.clone(), &plan_folder)
            && saved.score.is_some_and(|saved| run.plan.score.is_none_or(|score| saved < score))
        {
            run.plan.score = saved.score;
            run.plan.timetable = saved.timetable;
        }

        if closed_rooms::leave(&mut run.plan)
            && ready.checkpoint.is_sound()
            && ready.checkpoint.is_own()
            && let Err(why) = save_plan(&plan_folder, &run.plan)
        {
            tracing::warn!("the plan still has them: {why}");
        }

        let timetable = run.plan.timetable.clone().unwrap_or_else(|| Timetable::empty(&run.plan.problem));
        // Side by side: after Ctrl-C somebody waits.
        let (solution, report) = thread::scope(|threads| {
            let evaluate = || check(&run.plan.problem, &timetable);
            let thread = thread::Builder::new().stack_size(memguard::stack_size()).spawn_scoped(threads, evaluate);
            let solution = write(&run.plan, &timetable);
            (solution, thread.map_or_else(|_| Ok(evaluate()), |thread| thread.join()))
        });
        let solution = solution?;
        let report = report.map_err(|_| Error::Checker)?;
        let events = ready.earlier.into_iter().chain(observer.ended()).collect();
        let Run { plan, interrupted, .. } = run;
        let plan_folder = (ready.checkpoint.is_sound() && ready.checkpoint.is_own()).then_some(plan_folder);
        // What goes with the solution goes where that is.
        let folder = solution.parent().map_or(folder, Path::to_owned);
        let origin = None;
        let name = plan.problem.name(plan.problem.meta().name).to_owned();
        Ok(RunOutcome {
            name,
            plan,
            timetable,
            report,
            events,
            interrupted,
            folder,
            plan_folder,
            solution,
            labels,
            origin,
        })
    }

    /// Runs steps without a checkpoint.
    pub fn alone(&self, plan: Plan, steps: &[Step]) -> Result<Run, Error> {
        self.within(plan, steps, self.budget(self.started.elapsed(), Duration::ZERO), self.host.observer())
    }

    /// The same with a budget of its own.
    pub fn within(
        &self,
        plan: Plan,
        steps: &[Step],
        budget: Budget,
        observer: Arc<dyn Observer>,
    ) -> Result<Run, Error> {
        let work_folder = std::env::temp_dir();
        let runner = self.runner(&work_folder, budget, observer);
        self.host.begins();
        Ok(runner.run(plan, steps, 0, None)?)
    }

    fn info(&self, steps: &[Step]) -> RunInfo {
        let steps = steps.iter().map(|step| format!("{} {}", step.slot, step.stage.name())).collect();
        RunInfo { configuration: self.config.identity(), seed: self.config.seed.value, steps }
    }

    /// The files that a run may write in the output folder.
    fn files(&self, problem: &Problem) -> Vec<String> {
        let more = self.target.more.iter().cloned();
        of_run().chain([RESUME_FILE.to_owned()]).chain(solutions::files(problem.format())).chain(more).collect()
    }

    /// Makes files of the output folder ours, where they are not yet; what is said of them stays.
    pub fn claim(&self, folder: &Path, files: Vec<String>) -> Result<(), FolderError> {
        let mut owned = Owned::of(folder)?;
        let about = if owned.is_empty() { self.target.about.clone() } else { owned.about().to_owned() };
        owned.claim(&about, files)
    }

    fn begin(&self, plan: Plan, steps: &[Step], folder: &Path) -> Result<PreparedRun, Error> {
        // Another run may have ended there meanwhile.
        OutputFolder::Named(folder.to_owned()).holds_nothing(self.target.replace, "")?;
        let mut owned = Owned::of(folder)?;
        owned.claim(&self.target.about, self.files(&plan.problem))?;
        let plan_folder = folder.join(PLAN_FOLDER);
        let checkpoint = Checkpoint::create(&plan_folder, &self.info(steps), &plan)?;
        // What an earlier run left is replaced as a whole.
        let of_plan = |name: &str| Path::new(name).parent() == Some(Path::new(PLAN_FOLDER));
        owned.remove_all_but(|name| of_plan(name) || !can_be_ours(name))?;
        let resume = folder.join(RESUME_FILE);
        let text = self.config.to_resume();
        stage0_load::write_file(&resume, |w| w.write_all(text.as_bytes()))
            .map_err(|source| Error::io(&resume, source))?;
        Ok(PreparedRun { plan, checkpoint, first: 0, earlier: Vec::new() })
    }

    /// Goes on with the run in the folder, which must be the one for `plan`, where that is given.
    fn go_on(&self, plan: Option<Plan>, steps: &[Step], out: &Path) -> Result<PreparedRun, Error> {
        let folder = &out.join(PLAN_FOLDER);
        if !folder.join(RUN_FILE).is_file() {
            return Err(Error::NoRun(out.to_owned()));
        }
        self.claim(out, of_run().collect())?;
        let resumed = Checkpoint::resume(folder, &self.info(steps))?;
        self.claim(out, self.files(&resumed.plan.problem))?;
        if let Some(given) = plan
            && given.problem.block().hash() != resumed.plan.problem.block().hash()
        {
            return Err(Error::OtherProblem(folder.clone()));
        }
        let judge = Runner::new(0, Budget::Steps(0)).judge;
        let plan = resumed.start(self.budget(Duration::ZERO, Duration::ZERO), judge.as_ref());
        let mut earlier = if folder.join(EVENTS_FILE).is_file() { read_events(folder)?.0 } else { Vec::new() };
        earlier.retain(|event| !event.interrupted);
        tracing::info!("going on after {} finished stages", resumed.finished);
        Ok(PreparedRun { plan, checkpoint: resumed.checkpoint, first: resumed.finished, earlier })
    }

    /// What the stages may spend: of time, what is left when the solution has been written.
    fn budget(&self, loading: Duration, saving: Duration) -> Budget {
        match self.config.spend.value {
            RunBudget::Steps(steps) => Budget::Steps(steps),
            RunBudget::Time(time) => {
                // The last check and writing the solution take about half as long as reading and
                // checking the input did; the last checkpoint takes what the first did.
                let reserve = Duration::from_millis(60) + saving * 2 + loading / 2;
                Budget::Until(self.started + time.0.saturating_sub(reserve.min(time.0 / 4)))
            }
        }
    }

    fn runner(&self, work_folder: &Path, budget: Budget, observer: Arc<dyn Observer>) -> Runner {
        let mut memory = GuardedMemory::new(self.guard.clone(), self.config.threads.value);
        for stage in &self.config.stages {
            if let Ok(thresholds) = stage.thresholds() {
                memory = memory.with(stage.slot, thresholds);
            }
        }
        Runner {
            cancel: self.cancel.clone(),
            threads: self.config.threads.value,
            work_folder: work_folder.into(),
            memory: Arc::new(memory),
            observer,
            ..Runner::new(self.config.seed.value, budget)
        }
    }

    fn write_solution(
        &self,
        plan: &Plan,
        timetable: &Timetable,
        labels: Option<&Labels>,
        folder: &Path,
        checkpoint: &Checkpoint,
    ) -> Result<PathBuf, SolutionError> {
        let names: Vec<&str> = plan.history.iter().map(|record| record.implementation.as_str()).collect();
        let info = SolutionInfo {
            runtime_seconds: self.started.elapsed().as_secs_f64(),
            cores: self.config.threads.value as u32,
            technique: format!("Stagecoach: {}", names.join(", ")),
            ..SolutionInfo::default()
        };
        let name = solutions::name(plan.problem.format());
        let write = |path: PathBuf| -> Result<PathBuf, SolutionError> {
            solutions::write(&plan.problem, timetable, labels, &path, &info)?;
            Ok(path)
        };
        // The folder may have gone while the run was at work, be another one now, or its disk be
        // full: what was found is not lost with it.
        let claim = || -> Result<(), SolutionError> {
            if checkpoint.is_taken() {
                return Err(SolutionError::Replaced(folder.to_owned()));
            }
            Ok(self.claim(folder, self.files(&plan.problem))?)
        };
        claim().and_then(|()| write(folder.join(name))).or_else(|why| {
            let elsewhere = ELSEWHERE.iter().map(PathBuf::from);
            for place in iter::once(env::temp_dir()).chain(elsewhere) {
                // Gone again where the solution cannot be written there either.
                let Ok(made) = tempfile::Builder::new().prefix("stagecoach-").tempdir_in(&place) else { continue };
                if let Ok(path) = write(made.path().join(name)) {
                    tracing::warn!("{why}: the solution is in {}", path.display());
                    let _ = made.keep();
                    return Ok(path);
                }
            }
            Err(why)
        })
    }
}
