//! Trials as workers: processes of the same program, capped, gone with the sweep.

use super::launch::{Job, Launch, Running};
use memguard::{Bytes, Caps, Worker, WorkerOutcome, spawn};
use std::{
    env,
    fs::File,
    io::{self, Write},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Between being asked to stop and being killed: a stage polls every few milliseconds, a check of a
/// large timetable takes seconds.
const GRACE: Duration = Duration::from_secs(20);

/// Starts `PROGRAM COMMAND`.
#[derive(Clone, Debug)]
pub struct Processes {
    /// The program.
    pub program: PathBuf,
    /// Its command that runs a trial ([`crate::trial::run`]).
    pub trial: &'static str,
    /// Its command that turns segments into Parquet.
    pub compact: &'static str,
}

impl Launch for Processes {
    fn launch(&mut self, job: &Job, lines: &File, errors: &File) -> io::Result<Box<dyn Running>> {
        let mut command = Command::new(&self.program);
        command.arg(self.trial).stdin(Stdio::piped());
        // What a trial says there is for when it fails.
        if env::var_os("RUST_LOG").is_none() {
            command.env("RUST_LOG", "warn");
        }
        command.stdout(Stdio::from(lines.try_clone()?)).stderr(Stdio::from(errors.try_clone()?));
        let cap = Bytes::new(job.start.cap);
        let mut caps = Caps { grace: GRACE, ..Caps::new(cap) };
        if let Some(ms) = job.deadline {
            caps = caps.until(Instant::now() + Duration::from_millis(ms));
        }
        let mut worker = spawn(command, caps)?;
        if let Some(mut stdin) = worker.stdin() {
            // One that has ended already says why.
            let _ = stdin.write_all(&serde_json::to_vec(job)?);
        }
        Ok(Box::new(worker))
    }

    fn compactor(&self) -> Option<Command> {
        let mut command = Command::new(&self.program);
        command.arg(self.compact);
        Some(command)
    }
}

impl Running for Worker {
    fn poll(&mut self) -> io::Result<Option<WorkerOutcome>> {
        Worker::poll(self)
    }

    fn stop(&mut self) {
        Worker::stop(self);
    }

    fn kill(&mut self) -> io::Result<WorkerOutcome> {
        Worker::kill(self)
    }

    fn private(&mut self) -> Bytes {
        Worker::private(self)
    }
}
