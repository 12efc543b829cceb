//! Any program as a stage: it reads a plan's folder and writes another.

use crate::command_line::{CommandLineError, split_words};
use crate::context::Context;
use crate::folder::{PLAN_FILE, PROBLEM_FILE, load_unscored, plan_bytes};
use crate::plan::Plan;
use crate::stage::{Stage, StageError};
use crossbeam_channel::select;
use memguard::{Bytes, Caps, Exit, Supervisor, Tail, Worker, WorkerOutcome};
use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// How much of what a program printed is shown when it fails.
const TAIL: usize = 2_000;
/// Characters of a command line in a message.
const MOST_NAME: usize = 80;

/// A program that is started with two arguments more: the folder of the plan to improve, and an
/// empty folder in which to write `plan.json`. The score may be `null` there; the checker fills it
/// in.
///
/// It finds in its environment `STAGECOACH_SEED`, `STAGECOACH_MEMORY` (bytes; also its limit),
/// `STAGECOACH_THREADS`, and either `STAGECOACH_TIME` (seconds) or `STAGECOACH_STEPS`. When its
/// time is up it gets SIGTERM, half a second later SIGKILL; what it has written by then counts. A
/// program that ends with an exit code other than 0 of its own accord has failed, whatever it
/// wrote.
///
/// When it ends, its group of processes ends with it; with a supervisor
/// ([`ExecStage::supervised_by`]), everything that it has started.
#[derive(Clone, Debug)]
pub struct ExecStage {
    words: Vec<String>,
    /// The command line, for messages.
    name: String,
    supervisor: Option<Supervisor>,
}

impl ExecStage {
    /// From a command line (without `exec:`): words at white space, quotes and backslashes as in a
    /// POSIX shell, `#` begins a comment, nothing is expanded.
    ///
    /// # Errors
    /// Where it has no words.
    pub fn new(command_line: &str) -> Result<ExecStage, CommandLineError> {
        Ok(ExecStage { words: split_words(command_line)?, name: short(command_line.trim()), supervisor: None })
    }

    /// The program runs under a supervisor, so that nothing it starts outlives it or this process,
    /// daemons included.
    #[must_use]
    pub fn supervised_by(self, supervisor: Supervisor) -> ExecStage {
        ExecStage { supervisor: Some(supervisor), ..self }
    }

    fn start(&self, folders: [&Path; 2], memory: Bytes, ctx: &Context) -> io::Result<(Worker, Tail)> {
        let (said, saying) = io::pipe()?;
        let mut command = match &self.supervisor {
            Some(supervisor) => supervisor.command(&self.words[0]),
            None => Command::new(&self.words[0]),
        };
        command.args(&self.words[1..]).args(folders);
        command.stdin(Stdio::null()).stdout(saying.try_clone()?).stderr(saying);
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
        let spawn = if self.supervisor.is_some() { memguard::spawn_supervised } else { memguard::spawn };
        let worker = spawn(command, Caps::new(memory))?;
        Ok((worker, Tail::of(said, TAIL)?))
    }
}

impl Stage for ExecStage {
    fn name(&self) -> &'static str {
        "exec"
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        let program = &self.name;
        // The work folder is gone when anybody reads this.
        let scratch = format!("{}/", ctx.work_folder.display());
        let failed = |what: String| StageError::Failed(format!("`{program}` {what}").replace(&scratch, ""));
        let (given, made) = (ctx.work_folder.join("plan-in"), ctx.work_folder.join("plan-out"));
        hand_over(&plan, &given, &made).map_err(|e| failed(format!("not started: {e}")))?;

        let promised = ctx.ledger.reserve("exec", ctx.ledger.free())?;
        let started = self.start([&given, &made], promised.bytes(), ctx);
        let (worker, tail) = started.map_err(|e| failed(format!("cannot be started: {e}")))?;
        let ended = wait(worker, ctx).map_err(|e| failed(format!("cannot be waited for: {e}")))?;
        drop(promised);
        let said = tail.text();
        said.lines().for_each(|line| tracing::debug!("{program}: {line}"));
        let said = if said.is_empty() { said } else { format!("; its last output:\n{said}") };
        let in_time = match ended.exit {
            Exit::Done => true,
            Exit::Stopped => false,
            how => return Err(failed(format!("{how}{said}"))),
        };
        let mut made = load_unscored(plan.problem.clone(), &made).map_err(|e| {
            let late = if in_time { "" } else { "was stopped when its time was up and " };
            let why = e.to_string().replace(&format!("{}/", made.display()), "");
            failed(format!("{late}left no plan that can be used: {why}{said}"))
        })?;
        if made.score.is_none() {
            made.score = made.timetable.as_ref().map(|timetable| timetable::check(&plan.problem, timetable).score);
        }
        Ok(made)
    }
}

/// A command line in a message: whole, or without its middle.
fn short(line: &str) -> String {
    let line: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = |part: &[char]| part.iter().collect::<String>();
    if line.len() <= MOST_NAME {
        return text(&line);
    }
    let half = MOST_NAME / 2;
    format!("{} … {}", text(&line[..half]).trim_end(), text(&line[line.len() - half..]).trim_start())
}

/// Writes a plan for a program to read; nobody needs it after a power cut, so that nothing waits
/// for the disk.
fn hand_over(plan: &Plan, given: &Path, made: &Path) -> io::Result<()> {
    fs::create_dir(given)?;
    fs::write(given.join(PROBLEM_FILE), plan.problem.block().bytes())?;
    fs::write(given.join(PLAN_FILE), plan_bytes(plan))?;
    fs::create_dir(made)
}

/// Halts and deadlines are looked at so often.
const LOOK: Duration = Duration::from_millis(20);

/// Waits for the end of a program, or brings it about.
fn wait(mut worker: Worker, ctx: &Context) -> io::Result<WorkerOutcome> {
    let exit = worker.exit();
    let mut cancelled = ctx.stop.cancelled().clone();
    loop {
        if let Some(ended) = worker.poll()? {
            return Ok(ended);
        }
        if ctx.stop.now() {
            worker.stop();
            cancelled = crossbeam_channel::never();
        }
        let left = ctx.stop.time_left().filter(|left| !left.is_zero()).unwrap_or(LOOK);
        select! {
            recv(exit) -> _ => {}
            recv(cancelled) -> _ => {}
            default(worker.next_poll().min(LOOK).min(left)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_line_keeps_its_program_and_its_end() {
        assert_eq!(short("python3 my_stage.py"), "python3 my_stage.py");
        assert_eq!(short("sh -c 'a\nb'"), "sh -c 'a b'");
        let long = short(&format!("python3 /home/{}/improve.py --seed 7", "x/".repeat(100)));
        assert!(long.starts_with("python3 /home/x/") && long.ends_with("/improve.py --seed 7"), "{long}");
        assert!(long.chars().count() <= MOST_NAME + 3, "{long}");
        assert!(short(&"ä".repeat(200)).contains(" … "));
    }
}
