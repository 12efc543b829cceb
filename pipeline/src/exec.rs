//! Any program as a stage: it reads a plan's folder and writes another.

use crate::context::Context;
use crate::folder::{PLAN_FILE, PROBLEM_FILE, load_unscored, plan_bytes};
use crate::plan::Plan;
use crate::stage::{Stage, StageError};
use crate::words::{WordsError, split_words};
use memguard::{Bytes, Caps, Ended, Exit, Worker};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// How much of what a program printed is shown when it fails.
const TAIL: u64 = 2_000;

/// A program that is started with two arguments more: the folder of the plan to improve, and an empty folder in which to write
/// `plan.json`. The score may be `null` there; the checker fills it in.
///
/// It finds in its environment `STAGECOACH_SEED`, `STAGECOACH_MEMORY` (bytes; also its limit), `STAGECOACH_THREADS`, and either
/// `STAGECOACH_TIME` (seconds) or `STAGECOACH_STEPS`. When its time is up it gets SIGTERM, half a second later SIGKILL; what it has
/// written by then counts. A program that ends with an exit code other than 0 of its own accord has failed, whatever it wrote.
#[derive(Clone, Debug)]
pub struct ExecStage {
    words: Vec<String>,
}

impl ExecStage {
    /// From a command line (without `exec:`), see [`split_words`].
    ///
    /// # Errors
    /// Where it has no words.
    pub fn new(command_line: &str) -> Result<ExecStage, WordsError> {
        Ok(ExecStage { words: split_words(command_line)? })
    }

    fn start(&self, folders: [&Path; 2], log: &Path, memory: Bytes, ctx: &Context) -> io::Result<Worker> {
        let log = File::create(log)?;
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).args(folders);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.env("STAGECOACH_SEED", ctx.seed.to_string());
        command.env("STAGECOACH_MEMORY", memory.get().to_string());
        command.env("STAGECOACH_THREADS", ctx.threads.to_string());
        for (name, value) in [
            ("STAGECOACH_TIME", ctx.stop.time_left().map(|left| format!("{:.3}", left.as_secs_f64()))),
            ("STAGECOACH_STEPS", ctx.stop.steps().map(|steps| steps.to_string())),
        ] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        memguard::spawn(command, Caps::new(memory))
    }
}

impl Stage for ExecStage {
    fn name(&self) -> &'static str {
        "exec"
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let program = &self.words[0];
        let failed = |what: String| StageError::Failed(format!("`{program}` {what}"));
        let (given, made) = (ctx.work_folder.join("plan-in"), ctx.work_folder.join("plan-out"));
        let log = ctx.work_folder.join("log");
        hand_over(&plan, &given, &made).map_err(|e| failed(format!("not started: {e}")))?;

        let promised = ctx.ledger.reserve("exec", ctx.ledger.free())?;
        let worker = self.start([&given, &made], &log, promised.bytes(), ctx);
        let worker = worker.map_err(|e| failed(format!("cannot be started: {e}")))?;
        let ended = wait(worker, ctx).map_err(|e| failed(format!("cannot be waited for: {e}")))?;
        drop(promised);
        let said = tail(&log);
        said.lines().for_each(|line| tracing::debug!("{program}: {line}"));
        let said = if said.is_empty() { said } else { format!("; it said last:\n{said}") };
        let in_time = match ended.exit {
            Exit::Done => true,
            Exit::Stopped => false,
            how => return Err(failed(format!("{how}{said}"))),
        };
        let mut made = load_unscored(plan.problem.clone(), &made).map_err(|e| {
            let late = if in_time { "" } else { " was stopped when its time was up and" };
            failed(format!("{late} left no plan that can be used: {e}{said}"))
        })?;
        if made.score.is_none() {
            made.score = made.timetable.as_ref().map(|timetable| timetable::check(&plan.problem, timetable).score);
        }
        Ok(made)
    }
}

/// Writes a plan for a program to read; nobody needs it after a power cut, so that nothing waits for the disk.
fn hand_over(plan: &Plan, given: &Path, made: &Path) -> io::Result<()> {
    fs::create_dir(given)?;
    fs::write(given.join(PROBLEM_FILE), plan.problem.block().bytes())?;
    fs::write(given.join(PLAN_FILE), plan_bytes(plan))?;
    fs::create_dir(made)
}

/// Waits for the end of a program, or brings it about.
fn wait(mut worker: Worker, ctx: &Context) -> io::Result<Ended> {
    loop {
        if let Some(ended) = worker.poll()? {
            return Ok(ended);
        }
        if ctx.stop.now() {
            worker.stop();
        }
        thread::sleep(Worker::POLL);
    }
}

/// The last of what a program printed.
fn tail(log: &Path) -> String {
    let read = || {
        let mut file = File::open(log)?;
        let from = file.metadata()?.len().saturating_sub(TAIL);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        io::Result::Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    read().unwrap_or_default()
}
