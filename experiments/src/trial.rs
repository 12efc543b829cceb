//! The worker's side: one trial in a process of its own, told through standard input, telling
//! through its descriptor of a segment.

use crate::error::Error;
use crate::lines::{End, Line, Point, Start};
use crate::settings::Settings;
use crate::store::{Compacted, Folder, State, compact, now};
use crate::sweep::Job;
use crate::tournament::{Profile, Spent};
use memguard::{Exit, Guard};
use pipeline::{Cancel, Event, Observer, Outcome, Plan, Progress, ProgressSink};
use scheduler::{Host, OutputFolder, Reading, Session, Target, preflight};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{FromRawFd, OwnedFd},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use timetable::{Problem, Score};

/// No job is longer.
const MOST: u64 = 4 << 20;
/// Points come at least so far apart at first; after every [`POINTS`] of them twice as far.
const APART: Duration = Duration::from_millis(250);
const POINTS: u32 = 200;

/// What is asked of the process that compacts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compaction {
    /// The sweep's folder.
    pub folder: PathBuf,
    /// The number of the part.
    pub number: u32,
    /// The names of the segments.
    pub segments: Vec<String>,
}

/// Reads a [`Compaction`] from standard input, does it, and gives what is to be written to standard
/// output.
///
/// # Errors
/// What [`compact`] says.
pub fn compact_as_told() -> Result<Compacted, Error> {
    let what: Compaction = told()?;
    compact(&Folder::open(&what.folder)?, what.number, &what.segments)
}

/// Whatever was told through standard input.
fn told<T: for<'de> Deserialize<'de>>() -> Result<T, Error> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(MOST).read_to_end(&mut bytes).map_err(Error::io("standard input".as_ref()))?;
    serde_json::from_slice(&bytes)
        .map_err(|e| Error::Input(format!("standard input: {e}; this command is for sweeps alone")))
}

/// Runs the trial that standard input describes; its lines go to what is standard output until now.
/// `cancel` ends it with its best.
///
/// # Errors
/// Where nothing can be read or written. Whatever else goes wrong is a line.
pub fn run(cancel: &Cancel, started: Instant) -> Result<(), Error> {
    let job: Job = told()?;
    let lines = take_stdout().map_err(Error::io("standard output".as_ref()))?;
    let guard = Guard::of_this_process(Some(memguard::Bytes::new(job.start.cap)));
    let teller = Arc::new(Teller::new(lines, job.start, guard.clone(), started));
    let line = match attempt(&job, cancel, started, &guard, &teller) {
        Ok(end) if cancel.is_cancelled() => Line::Stop(end),
        Ok(end) => Line::End(end),
        // Whether it was the trial's own memory is for the sweep to say, which sees what others
        // take.
        Err(Refusal { state: State::Oom, why }) => Line::Stop(teller.end(State::Oom, None, None, Some(why))),
        Err(Refusal { state, why }) => Line::End(teller.end(state, None, None, Some(why))),
    };
    teller.write(&line).map_err(Error::io("the segment".as_ref()))
}

/// Standard output as a file of our own that no child inherits; what prints all the same goes to
/// standard error.
fn take_stdout() -> io::Result<File> {
    // SAFETY: plain system calls on descriptors that every process begins with; the copy is ours
    // alone.
    unsafe {
        let copy = libc::fcntl(libc::STDOUT_FILENO, libc::F_DUPFD_CLOEXEC, 3);
        if copy < 0 || libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(File::from(OwnedFd::from_raw_fd(copy)))
    }
}

/// Why a trial has no result.
struct Refusal {
    state: State,
    why: String,
}

fn refused<E: std::fmt::Display>(state: State) -> impl Fn(E) -> Refusal {
    move |why| Refusal { state, why: format!("{why:#}") }
}

fn attempt(job: &Job, cancel: &Cancel, started: Instant, guard: &Guard, teller: &Arc<Teller>) -> Result<End, Refusal> {
    // SAFETY: the block lies in the sweep's own folder under the name of its content, and is
    // written once, by rename.
    let problem = unsafe { Problem::map(&job.block) };
    let problem =
        problem.map_err(|e| Refusal { state: State::Failed, why: format!("{}: {e}", job.block.display()) })?;
    let plan = Plan::new(Arc::new(problem));
    let mut config = Settings::of(&job.layer).map_err(refused(State::BadConfig))?.config(job.start.seed, job.budget);
    let cap = memguard::Bytes::new(job.start.cap);
    config.memory.value = Some(config.memory.value.map_or(cap, |asked| asked.min(cap)));
    let target =
        Target { folder: OutputFolder::New("trial".into()), about: String::new(), more: Vec::new(), replace: false };
    let host = Arc::new(Told(teller.clone()));
    let mut session = Session {
        target,
        config,
        guard: guard.clone(),
        host,
        cancel: cancel.clone(),
        started,
        anyway: true,
        reading: Reading::Strict,
    };
    let steps =
        session.steps(Some(&plan), true).map_err(|e| Refusal { state: State::BadConfig, why: format!("{e:#}") })?;
    preflight::before_running(guard, &plan, &steps).map_err(refused(State::Oom))?;
    let run = session.alone(plan, &steps).map_err(|e| {
        let state = if matches!(e, scheduler::Error::Memory(_)) { State::Oom } else { State::Failed };
        Refusal { state, why: format!("{e:#}") }
    })?;
    if let Some(folder) = &job.profile {
        let stages = teller.stages.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let written = Profile { start: job.start, stages }.write(folder);
        written.map_err(|e| Refusal { state: State::Failed, why: format!("{}: {e}", folder.display()) })?;
    }
    if let Some(folder) = &job.keep {
        keep(folder, &run.plan).map_err(refused(State::Failed))?;
    }
    let steps = run.plan.history.iter().filter_map(|record| record.steps).reduce(|sum, steps| sum + steps);
    let broken = run.plan.history.iter().find_map(|record| match &record.outcome {
        Outcome::Taken => None,
        Outcome::Refused(why) => Some(format!("{} {}: refused: {why}", record.stage, record.implementation)),
        Outcome::Failed(why) => Some(format!("{} {}: {why}", record.stage, record.implementation)),
    });
    // A program in the place of a stage has a cap of its own, below that of the trial.
    let over = [Exit::OverCap, Exit::OutOfMemory].map(|exit| exit.to_string());
    if let Some(why) = broken.as_ref().filter(|why| over.iter().any(|over| why.ends_with(over))) {
        return Err(Refusal { state: State::Oom, why: why.clone() });
    }
    let state = if broken.is_some() { State::Failed } else { State::Done };
    Ok(teller.end(state, run.plan.score, steps, broken))
}

/// Keeps the plan in a new folder.
fn keep(folder: &std::path::Path, plan: &Plan) -> Result<(), String> {
    let made = std::fs::create_dir(folder).map_err(|e| format!("{}: {e}", folder.display()));
    made.and_then(|()| pipeline::save_plan(folder, plan).map(drop).map_err(|e| e.to_string()))
}

/// Shows a run to whoever reads the segment.
struct Told(Arc<Teller>);

impl Host for Told {
    fn observer(&self) -> Arc<dyn Observer> {
        self.0.clone()
    }
}

impl Observer for Teller {
    fn starts(&self, _slot: &str, _implementation: &str, _budget: pipeline::Budget) -> Arc<dyn ProgressSink> {
        Arc::new(Sink(self.shared.clone()))
    }

    fn ends(&self, event: &Event, _plan: &Plan) {
        self.shared.promised(event.memory.before.unwrap_or(0) + event.memory.promised.unwrap_or(0));
        self.shared.point(event.after, true);
        let spent = Spent {
            stage: event.stage.clone(),
            implementation: event.implementation.clone(),
            seconds: event.seconds,
            steps: event.steps,
            memory: event.memory,
        };
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).push(spent);
    }
}

/// Writes lines of a trial.
struct Teller {
    shared: Arc<Shared>,
    /// What the stages took.
    stages: Mutex<Vec<Spent>>,
}

struct Shared {
    start: Start,
    guard: Guard,
    started: Instant,
    points: Mutex<Points>,
}

/// When there is a point.
struct Points {
    file: File,
    last: Option<Instant>,
    apart: Duration,
    count: u32,
    /// The most memory that was seen, children included.
    peak: u64,
    /// The most that was in use before a stage and promised to it.
    needed: u64,
    is_broken: bool,
}

struct Sink(Arc<Shared>);

impl ProgressSink for Sink {
    fn report(&self, progress: Progress) {
        self.0.point(progress.best, false);
    }
}

impl Shared {
    /// A stage had, with what was in use before it, so much at most.
    fn promised(&self, bytes: u64) {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        points.needed = points.needed.max(bytes);
    }

    /// A point, where enough time has passed since the last, or one is due.
    fn point(&self, best: Option<Score>, is_due: bool) {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let is_early = points.last.is_some_and(|last| last.elapsed() < points.apart);
        if points.is_broken || (is_early && !is_due) {
            return;
        }
        points.last = Some(Instant::now());
        points.count += 1;
        if points.count.is_multiple_of(POINTS) {
            points.apart *= 2;
        }
        let readings = self.guard.readings();
        points.peak = points.peak.max(readings.ours().unwrap_or_default().get());
        let point = Point {
            id: self.start.id,
            t: self.started.elapsed().as_millis() as u64,
            u: best.map(|best| best.unplaced),
            h: best.map(|best| best.hard),
            p: best.map(|best| best.penalty),
            rss: readings.resident.unwrap_or_default().get() / 1024,
        };
        // What was cut short is not followed by another point: it would make damage of what is
        // torn.
        points.is_broken = points.file.write_all(&Line::Point(point).encode()).is_err();
    }
}

impl Teller {
    fn new(file: File, start: Start, guard: Guard, started: Instant) -> Teller {
        let points = Points { file, last: None, apart: APART, count: 0, peak: 0, needed: 0, is_broken: false };
        let shared = Arc::new(Shared { start, guard, started, points: Mutex::new(points) });
        Teller { shared, stages: Mutex::default() }
    }

    /// The last line, whole or not at all: where points are torn it is left to the sweep.
    fn write(&self, line: &Line) -> io::Result<()> {
        let mut points = self.shared.points.lock().unwrap_or_else(PoisonError::into_inner);
        if points.is_broken {
            return Err(io::ErrorKind::StorageFull.into());
        }
        points.file.write_all(&line.encode())
    }

    fn end(&self, state: State, score: Option<Score>, steps: Option<u64>, why: Option<String>) -> End {
        let shared = &self.shared;
        let (seen, needed) = {
            let points = shared.points.lock().unwrap_or_else(PoisonError::into_inner);
            (points.peak, points.needed)
        };
        let peak = shared.guard.peak().map_or(0, |peak| peak.bytes.get()).max(seen);
        End {
            start: shared.start,
            state,
            score,
            ms: shared.started.elapsed().as_millis() as u64,
            steps,
            peak,
            needed: needed.max(peak),
            cpu: cpu_ms(),
            // A line is bounded.
            why: why.map(|why| why.chars().take(2_000).collect()),
            version: crate::version().into(),
            at: now(),
        }
    }
}

/// Milliseconds of processor time of this process and of its children that have ended.
fn cpu_ms() -> u64 {
    let of = |who| {
        // SAFETY: all-zero is a valid rusage, a plain C structure, which the call fills in.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(who, &raw mut usage);
            usage
        };
        let ms = |time: libc::timeval| (time.tv_sec * 1000 + time.tv_usec / 1000) as u64;
        ms(usage.ru_utime) + ms(usage.ru_stime)
    };
    of(libc::RUSAGE_SELF) + of(libc::RUSAGE_CHILDREN)
}
