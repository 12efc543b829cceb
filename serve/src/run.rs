//! The one run that the server has at work: `solve` as a child, what it says, and its end.

use crate::answer::Refused;
use crate::program::Program;
use serde_json::{Value, json};
use std::{
    os::unix::process::ExitStatusExt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Child,
    sync::watch,
};

/// How long a run may take to write its best so far when the server ends.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// Longest message that is kept.
const MOST_TEXT: usize = 20_000;

/// A run at work, or the last one.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) name: String,
    state: watch::Sender<Value>,
    stop: watch::Sender<bool>,
}

impl Job {
    /// What there is to see of it now, and from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<Value> {
        self.state.subscribe()
    }

    pub(crate) fn is_at_work(&self) -> bool {
        self.state.borrow()["running"] == true
    }

    /// Ends it with its best so far.
    pub(crate) fn stop(&self) {
        // A second signal would have it end without writing anything.
        if self.stop.send_replace(true) {
            return;
        }
        self.state.send_modify(|state| state["stopping"] = true.into());
    }

    /// Follows the child to its end.
    async fn follow(self: Arc<Job>, mut child: Child, mut stop: watch::Receiver<bool>) {
        if let Some(out) = child.stdout.take() {
            let mut lines = BufReader::new(out).lines();
            loop {
                tokio::select! {
                    line = lines.next_line() => match line {
                        Ok(Some(line)) => self.hears(&line),
                        _ => break,
                    },
                    Ok(()) = stop.changed() => terminate(&child),
                }
            }
        }
        let status = child.wait().await.ok();
        self.state.send_modify(|state| {
            state["running"] = false.into();
            state["exit"] = json!(status.and_then(|status| status.code()));
            if let Some(signal) = status.and_then(|status| status.signal()) {
                state["error"] =
                    format!("the run was ended by signal {signal} before it had written its timetable").into();
            }
        });
    }

    /// Notes an event.
    fn hears(&self, line: &str) {
        let Ok(mut event) = serde_json::from_str::<Value>(line) else { return };
        self.state.send_modify(|state| match event["event"].as_str().unwrap_or_default() {
            "stage-begins" => {
                state["stage"] = event["stage"].take();
                state["implementation"] = event["implementation"].take();
                state["progress"] = Value::Null;
            }
            "progress" => {
                let fields = ["best", "memory", "seconds_left", "done", "total"];
                state["progress"] = fields.map(|field| (field.to_owned(), event[field].take())).into_iter().collect();
            }
            "stage-ends" => {
                if let Some(stages) = state["stages"].as_array_mut() {
                    stages.push(event);
                }
                state["progress"] = Value::Null;
            }
            "warning" | "error" => {
                let message: String = event["message"].as_str().unwrap_or_default().chars().take(MOST_TEXT).collect();
                let kind = if event["event"] == "error" { "error" } else { "warning" };
                state[kind] = message.into();
            }
            _ => {}
        });
    }
}

/// Asks a child to end with its best so far, as a terminal or a job scheduler would.
fn terminate(child: &Child) {
    // It has not been waited for: the number is that of no other process.
    if let Some(id) = child.id() {
        // SAFETY: a plain system call.
        unsafe { libc::kill(id as libc::pid_t, libc::SIGTERM) };
    }
}

/// Which run is at work.
#[derive(Debug, Default)]
pub(crate) struct Work(Mutex<Option<Arc<Job>>>);

impl Work {
    /// The run at work, or the last one.
    pub(crate) fn last(&self) -> Option<Arc<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts a run into a folder, where none is at work.
    pub(crate) fn start(
        &self,
        program: &Program,
        name: &str,
        input: &Path,
        out: impl FnOnce() -> (String, std::path::PathBuf),
        words: &[String],
    ) -> Result<String, Refused> {
        let mut work = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = work.as_ref().filter(|job| job.is_at_work()) {
            return Err(Refused::Busy(format!("{} is at work; stop it or wait for its end", job.name)));
        }
        let (run, folder) = out();
        let mut command = program.command(["solve"]);
        command.arg(input).arg("--out").arg(folder).args(words);
        let child = command.spawn()?;
        let state = json!({
            "name": run, "input": name, "running": true, "stopping": false, "stages": [], "stage": null,
            "implementation": null, "progress": null,
        });
        let job =
            Arc::new(Job { name: run.clone(), state: watch::Sender::new(state), stop: watch::Sender::new(false) });
        let stop = job.stop.subscribe();
        tokio::spawn(job.clone().follow(child, stop));
        *work = Some(job);
        Ok(run)
    }

    /// Ends the run at work with its best so far, and waits until that is written.
    pub(crate) async fn end(&self) {
        let Some(job) = self.last().filter(|job| job.is_at_work()) else { return };
        job.stop();
        let mut state = job.watch();
        let _ = tokio::time::timeout(LAST_WORDS, state.wait_for(|state| state["running"] == false)).await;
    }
}
