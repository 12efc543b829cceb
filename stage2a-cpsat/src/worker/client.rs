//! The other end of a worker: starting one, asking, and telling apart how it ended.

use super::engine::Engine;
use super::frames;
use cp_sat::prost::Message;
use cp_sat::proto::{CpSolverResponse, CpSolverStatus, SatParameters};
use crossbeam_channel::{Receiver, Select, TryRecvError};
use memguard::{Bytes, Caps, Exit, Tail, Worker, WorkerOutcome};
use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How a worker is started: a program that calls [`serve`](super::serve) with the engine that its
/// last argument names.
#[derive(Clone, Debug)]
pub struct WorkerProgram {
    /// The program.
    pub program: PathBuf,
    /// Its arguments before the engine's.
    pub arguments: Vec<OsString>,
    /// What it solves with.
    pub engine: Engine,
}

/// What the solver says of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing is better.
    Optimal,
    /// A solution, maybe not the best.
    Feasible,
    /// There is none.
    Infeasible,
    /// None was found in time.
    Unknown,
    /// The model is wrong.
    Invalid,
}

/// A solver's answer; nothing in it is to be trusted.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it says.
    pub status: Status,
    /// Cost of the solution.
    pub objective: f64,
    /// No solution costs less.
    pub bound: f64,
    /// What else it says.
    pub info: String,
    /// All of it: values of the variables, where there is a solution.
    pub response: CpSolverResponse,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WorkerError {
    /// The worker ended.
    #[error("the solver {}{}", outcome.exit, told(said))]
    Exited {
        /// How.
        outcome: WorkerOutcome,
        /// The last of what it wrote to standard error.
        said: String,
    },
    /// The worker cannot use the library.
    #[error("the library {0}")]
    Library(String),
    /// What it wrote is no answer.
    #[error("the solver's output is not an answer")]
    Garbage,
    /// It did not stop when asked.
    #[error("the solver did not end in time")]
    Hung,
}

/// What a worker said last, as a part of a message.
fn told(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; its last output:\n{said}") }
}

/// What a worker sends.
pub(super) enum WorkerEvent {
    Ready(String),
    Failed(String),
    Answer(Vec<u8>),
    Garbage,
    End,
}

/// A worker that is started and can be asked. To be used by one thread, the one that started it: it
/// dies with that.
#[derive(Debug)]
pub struct Solver {
    worker: Worker,
    input: Option<ChildStdin>,
    /// What it writes to standard error, shown where it fails.
    said: Option<Tail>,
    events: Receiver<WorkerEvent>,
    version: Option<String>,
    /// When the present question has to be answered, and by when at the latest.
    pending: Option<Pending>,
    memory: Bytes,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    until: Instant,
    stopped: Option<Instant>,
}

/// A solver that is told to stop does so within this, or is killed: presolve is not always polled.
const GRACE: Duration = Duration::from_millis(1_500);

/// What a worker wrote before it ended is read within this.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// How much of its standard error is kept.
const TAIL: usize = 1_000;

/// A worker that does not end by itself is given so long to say how it ended, and is ended then.
const ENDING: Duration = Duration::from_millis(100);

impl Solver {
    /// Starts a worker that may take so much memory.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(program: &WorkerProgram, memory: Bytes) -> io::Result<Solver> {
        let mut command = Command::new(&program.program);
        command.args(&program.arguments).arg(program.engine.argument());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut worker = memguard::spawn(command, Caps::new(memory))?;
        let input = worker.stdin();
        let output = worker.stdout();
        let said = worker.stderr().map(|said| Tail::of(said, TAIL)).transpose()?;
        let (sender, events) = crossbeam_channel::unbounded();
        thread::Builder::new().stack_size(memguard::stack_size()).spawn(move || {
            let Some(mut output) = output else { return };
            loop {
                let (event, more) = match frames::read(&mut output) {
                    Ok(Some((frames::READY, bytes))) => {
                        (WorkerEvent::Ready(String::from_utf8_lossy(&bytes).into()), true)
                    }
                    Ok(Some((frames::FAILED, bytes))) => {
                        (WorkerEvent::Failed(String::from_utf8_lossy(&bytes).into()), true)
                    }
                    Ok(Some((frames::ANSWER, bytes))) => (WorkerEvent::Answer(bytes), true),
                    Ok(Some(_)) => (WorkerEvent::Garbage, false),
                    Err(e) if e.kind() == io::ErrorKind::InvalidData => (WorkerEvent::Garbage, false),
                    Ok(None) | Err(_) => (WorkerEvent::End, false),
                };
                if sender.send(event).is_err() || !more {
                    break;
                }
            }
        })?;
        Ok(Solver { worker, input, said, events, version: None, pending: None, memory })
    }

    /// The library's version, once it is open.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.worker.id()
    }

    /// The most memory that it had.
    pub fn peak(&self) -> Option<Bytes> {
        self.worker.peak()
    }

    /// What it may take.
    pub fn memory(&self) -> Bytes {
        self.memory
    }

    /// Whether a question is open.
    pub fn is_busy(&self) -> bool {
        self.pending.is_some()
    }

    /// Asks it to solve a serialised model until a moment at the latest.
    ///
    /// # Errors
    /// Where it is no more; [`poll`](Solver::poll) says how it ended.
    pub fn submit(&mut self, model: &[u8], parameters: &SatParameters, until: Instant) -> io::Result<()> {
        let mut bytes = Vec::new();
        parameters.encode(&mut bytes).map_err(io::Error::other)?;
        self.pending = Some(Pending { until, stopped: None });
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        frames::write(input, frames::PARAMETERS, &bytes)?;
        frames::write(input, frames::MODEL, model)
    }

    /// Asks it to end the search with the best so far.
    pub fn stop(&mut self) {
        if let Some(pending) = &mut self.pending
            && pending.stopped.is_none()
        {
            pending.stopped = Some(Instant::now());
            if let Some(input) = &mut self.input {
                let _ = frames::write(input, frames::STOP, &[]);
            }
        }
    }

    /// Looks after it. The answer, or why there is none, once that is known; after a loss it is of
    /// no more use.
    pub fn poll(&mut self) -> Option<Result<Answer, WorkerError>> {
        loop {
            match self.events.try_recv() {
                Ok(WorkerEvent::Ready(version)) => self.version = Some(version),
                Ok(WorkerEvent::Failed(why)) => return self.lose(|_| WorkerError::Library(why)),
                Ok(WorkerEvent::Answer(bytes)) => {
                    let Some(answer) = self.pending.take().and_then(|_| decode(&bytes)) else {
                        return self.lose(|_| WorkerError::Garbage);
                    };
                    return Some(Ok(answer));
                }
                Ok(WorkerEvent::Garbage) => return self.lose(|_| WorkerError::Garbage),
                Ok(WorkerEvent::End) | Err(TryRecvError::Disconnected) => return self.lose_exited(),
                Err(TryRecvError::Empty) => break,
            }
        }
        let now = Instant::now();
        if let Some(pending) = self.pending {
            if pending.stopped.is_some_and(|since| now > since + GRACE) {
                return self.lose(|_| WorkerError::Hung);
            }
            if now >= pending.until {
                self.stop();
            }
        }
        match self.worker.poll() {
            Ok(None) => None,
            // What it wrote last may still be in the pipe.
            Ok(Some(_)) => loop {
                match self.events.recv_timeout(LAST_WORDS) {
                    Ok(WorkerEvent::Failed(why)) => break self.lose(|_| WorkerError::Library(why)),
                    Ok(WorkerEvent::Answer(bytes)) => match self.pending.take().and_then(|_| decode(&bytes)) {
                        Some(answer) => break Some(Ok(answer)),
                        None => break self.lose(|_| WorkerError::Garbage),
                    },
                    Ok(WorkerEvent::Ready(version)) => self.version = Some(version),
                    Ok(WorkerEvent::Garbage) => break self.lose(|_| WorkerError::Garbage),
                    Ok(WorkerEvent::End) | Err(_) => break self.lose_exited(),
                }
            },
            Err(_) => self.lose_exited(),
        }
    }

    /// Waits until the library is open.
    ///
    /// # Errors
    /// Why it is not.
    pub fn ready(&mut self, until: Instant) -> Result<String, WorkerError> {
        loop {
            if let Some(Err(lost)) = self.poll() {
                return Err(lost);
            }
            if let Some(version) = &self.version {
                return Ok(version.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WorkerError::Hung);
            }
            self.wait_for_event(left);
        }
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// Why there is none.
    pub fn wait(&mut self) -> Result<Answer, WorkerError> {
        loop {
            if let Some(answer) = self.poll() {
                return answer;
            }
            self.wait_for_event(Duration::MAX);
        }
    }

    /// What it sends; ready when [`poll`](Solver::poll) has something to do.
    pub(super) fn events(&self) -> &Receiver<WorkerEvent> {
        &self.events
    }

    /// How long [`poll`](Solver::poll) may wait where nothing is sent.
    pub(crate) fn next_poll(&self) -> Duration {
        let grace = |pending: &Pending| pending.stopped.map_or(pending.until, |since| since + GRACE);
        let now = Instant::now();
        let until = self.pending.as_ref().map(|pending| grace(pending).saturating_duration_since(now));
        let next = self.worker.next_poll();
        until.map_or(next, |until| until.min(next)).max(Duration::from_millis(1))
    }

    /// Waits until something is sent, but not for longer than this, or than the worker can be left
    /// alone.
    fn wait_for_event(&self, longest: Duration) {
        let mut select = Select::new();
        select.recv(&self.events);
        let _ = select.ready_timeout(self.next_poll().min(longest));
    }

    fn lose_exited(&mut self) -> Option<Result<Answer, WorkerError>> {
        let said = |solver: &Solver| solver.said.as_ref().map(Tail::text).unwrap_or_default();
        let (lost, said) = (self.lose(|outcome| WorkerError::Exited { outcome, said: String::new() }), said(self));
        lost.map(|lost| {
            lost.map_err(|why| match why {
                WorkerError::Exited { outcome, .. } => WorkerError::Exited { outcome, said },
                why => why,
            })
        })
    }

    fn lose(&mut self, why: impl FnOnce(WorkerOutcome) -> WorkerError) -> Option<Result<Answer, WorkerError>> {
        self.pending = None;
        self.input = None;
        // A moment, for the kernel to say how it ended; then it is ended.
        let until = Instant::now() + ENDING;
        let exit = self.worker.exit();
        while !matches!(self.worker.poll(), Ok(Some(_)) | Err(_)) && Instant::now() < until {
            let _ = exit.recv_timeout(self.worker.next_poll().min(ENDING / 10));
        }
        let ended = self.worker.kill();
        let ended = ended.unwrap_or(WorkerOutcome { exit: Exit::Stopped, peak: None, ran: Duration::ZERO });
        Some(Err(why(ended)))
    }
}

fn decode(bytes: &[u8]) -> Option<Answer> {
    let mut response = CpSolverResponse::decode(bytes).ok()?;
    let status = match response.status() {
        CpSolverStatus::Optimal => Status::Optimal,
        CpSolverStatus::Feasible => Status::Feasible,
        CpSolverStatus::Infeasible => Status::Infeasible,
        CpSolverStatus::ModelInvalid => Status::Invalid,
        CpSolverStatus::Unknown => Status::Unknown,
    };
    // Its last bits differ from run to run: in steps it is always the same.
    response.deterministic_time = (response.deterministic_time * 1e6).round() * 1e-6;
    Some(Answer {
        status,
        objective: response.objective_value,
        bound: response.best_objective_bound,
        info: response.solution_info.clone(),
        response,
    })
}
