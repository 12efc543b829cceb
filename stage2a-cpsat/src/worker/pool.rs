//! The workers: as many as there are threads and memory for, started when there is work, capped,
//! replaced when lost.

use super::{Answer, Engine, Solver, WorkerError, WorkerProgram};
use cp_sat::proto::SatParameters;
use crossbeam_channel::{Receiver, Select};
use memguard::{Admission, Bytes, Exit, Ledger, OnRefusal, Refused, Reservation};
use std::{
    io,
    time::{Duration, Instant},
};

/// A worker with what it was promised.
struct PooledWorker {
    solver: Solver,
    promised: Reservation,
}

/// Workers at hand.
pub(crate) struct WorkerPool {
    program: WorkerProgram,
    /// No worker gets less.
    least: Bytes,
    workers: Vec<Option<PooledWorker>>,
    admission: Admission,
    ledger: Ledger,
    /// The most that any had.
    pub(crate) peak: Bytes,
    pub(crate) lost: u64,
}

/// A worker's number.
pub(crate) type WorkerId = usize;

/// Why there is no worker.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PoolError {
    /// There is no memory for one.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It cannot be started.
    #[error(transparent)]
    Start(#[from] io::Error),
}

impl WorkerPool {
    pub(crate) fn new(program: WorkerProgram, threads: usize, ledger: Ledger) -> WorkerPool {
        let workers = (0..threads.max(1)).map(|_| None).collect();
        let admission = Admission::new(program.engine.first_guess());
        let least = program.engine.least();
        WorkerPool { least, program, workers, admission, ledger, peak: Bytes::ZERO, lost: 0 }
    }

    /// What workers solve with.
    pub(crate) fn engine(&self) -> &Engine {
        &self.program.engine
    }

    /// How many are at hand.
    pub(crate) fn size(&self) -> usize {
        self.workers.iter().flatten().count()
    }

    pub(crate) fn at_work(&self) -> usize {
        self.workers.iter().flatten().filter(|m| m.solver.is_busy()).count()
    }

    /// A worker without work; a new one where there is memory for it.
    ///
    /// # Errors
    /// Where there is none, and none at work: there is no memory for any, or it cannot be started.
    pub(crate) fn idle(&mut self, level: memguard::Level) -> Result<Option<WorkerId>, PoolError> {
        let idle = |m: &Option<PooledWorker>| m.as_ref().is_some_and(|m| !m.solver.is_busy());
        if let Some(id) = self.workers.iter().position(idle) {
            return Ok(Some(id));
        }
        let running = self.size();
        let Some(id) = self.workers.iter().position(Option::is_none) else { return Ok(None) };
        let free = self.ledger.free();
        let wanted =
            if running == 0 { self.admission.expected().min(free).max(self.least) } else { self.admission.expected() };
        if running > 0 && !self.admission.admits(running, free, level) {
            return Ok(None);
        }
        self.start(id, wanted.max(self.least)).map(Some)
    }

    /// The only worker, while none is at work, with so much memory at least.
    ///
    /// # Errors
    /// Where there is no memory for it, or it cannot be started.
    pub(crate) fn alone(&mut self, memory: Bytes) -> Result<WorkerId, PoolError> {
        let fits = |m: &Option<PooledWorker>| m.as_ref().is_some_and(|m| m.promised.bytes() >= memory);
        if let Some(id) = self.workers.iter().position(fits) {
            return Ok(id);
        }
        self.workers.iter_mut().for_each(|m| *m = None);
        self.start(0, memory.max(self.least))
    }

    fn start(&mut self, id: WorkerId, memory: Bytes) -> Result<WorkerId, PoolError> {
        let promised = self.reserve(memory)?;
        let solver = Solver::start(&self.program, memory)?;
        self.workers[id] = Some(PooledWorker { solver, promised });
        Ok(id)
    }

    fn reserve(&self, memory: Bytes) -> Result<Reservation, Refused> {
        self.ledger.consumer("solvers", OnRefusal::Shrink).reserve(memory)
    }

    pub(crate) fn submit(
        &mut self,
        id: WorkerId,
        model: &[u8],
        parameters: &SatParameters,
        until: Instant,
    ) -> io::Result<()> {
        let worker = self.workers[id].as_mut().ok_or(io::ErrorKind::NotFound)?;
        worker.solver.submit(model, parameters, until)
    }

    /// What is known of a worker's question, once it is. A worker that is lost is gone then, with
    /// what it was promised.
    pub(crate) fn poll(&mut self, id: WorkerId) -> Option<Result<Answer, (WorkerError, Bytes)>> {
        let worker = self.workers[id].as_mut()?;
        let events = worker.solver.poll()?;
        let peak = worker.solver.peak().unwrap_or(Bytes::ZERO);
        self.peak = self.peak.max(peak);
        match events {
            Ok(answer) => {
                // The cap stays what it was promised; the next one that is started gets what the
                // last ones took.
                self.admission.learn(peak.max(self.least.scaled(0.8)));
                Some(Ok(answer))
            }
            Err(why) => {
                let cap = worker.promised.bytes();
                self.lost += 1;
                if let WorkerError::Exited { outcome: ended, .. } = &why
                    && matches!(ended.exit, Exit::OverCap | Exit::OutOfMemory)
                {
                    self.admission.learn(cap);
                }
                self.workers[id] = None;
                Some(Err((why, cap)))
            }
        }
    }

    /// Waits until a worker sends something or the run is cancelled, but not for longer than
    /// `longest`, or than any worker can be left alone.
    pub(crate) fn wait(&self, cancelled: &Receiver<()>, longest: Duration) {
        let mut select = Select::new();
        let busy = || self.workers.iter().flatten().map(|w| &w.solver).filter(|solver| solver.is_busy());
        busy().for_each(|solver| {
            select.recv(solver.events());
        });
        select.recv(cancelled);
        let next = busy().map(Solver::next_poll).fold(longest, Duration::min);
        let _ = select.ready_timeout(next);
    }

    /// Has all searches end with the best so far.
    pub(crate) fn stop_all(&mut self) {
        self.workers.iter_mut().flatten().for_each(|m| m.solver.stop());
    }

    /// Ends a worker.
    pub(crate) fn end(&mut self, id: WorkerId) {
        self.workers[id] = None;
    }

    /// Ends the largest worker; its number, where it was at work.
    pub(crate) fn give_up_largest(&mut self) -> Option<WorkerId> {
        let peak = |m: &Option<PooledWorker>| m.as_ref().map(|m| m.solver.peak().unwrap_or(Bytes::ZERO));
        let largest =
            (0..self.workers.len()).filter(|&p| self.workers[p].is_some()).max_by_key(|&p| peak(&self.workers[p]))?;
        let was_at_work = self.workers[largest].as_ref().is_some_and(|m| m.solver.is_busy());
        self.workers[largest] = None;
        was_at_work.then_some(largest)
    }
}
