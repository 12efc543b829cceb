//! The program itself as a child: what a terminal would start.

use crate::answer::Refused;
use serde_json::Value;
use std::{ffi::OsStr, io, path::PathBuf, process::Stdio, time::Duration};
use tokio::{io::AsyncReadExt, process::Command, sync::Mutex, time::timeout};

/// Longest time for a check, a page, a workbook.
const LONGEST: Duration = Duration::from_secs(300);
/// Most bytes that it may print.
const MOST_BYTES: u64 = 64 << 20;

/// The program.
#[derive(Debug)]
pub(crate) struct Program {
    path: PathBuf,
    /// One at a time, so that memory is that of one.
    turn: Mutex<()>,
}

impl Program {
    pub(crate) fn new(path: PathBuf) -> Program {
        Program { path, turn: Mutex::default() }
    }

    /// A command of it that prints events. It ends with its handle, and a terminal's Ctrl-C does not
    /// reach it: the server tells it when to stop.
    pub(crate) fn command<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Command {
        let mut command = Command::new(&self.path);
        command.args(words).arg("--json");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.process_group(0).kill_on_drop(true);
        command
    }

    /// Runs a command to its end; gives its last event.
    pub(crate) async fn ask<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) -> Result<Value, Refused> {
        let _turn = self.turn.lock().await;
        let mut child = self.command(words).spawn()?;
        let mut out = child
            .stdout
            .take()
            .map(|out| out.take(MOST_BYTES))
            .ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        let mut bytes = Vec::new();
        let ran = async {
            out.read_to_end(&mut bytes).await?;
            drop(out);
            child.wait().await
        };
        let status = timeout(LONGEST, ran).await.map_err(|_| too_long())??;
        let last = bytes.split(|&byte| byte == b'\n').rfind(|line| !line.is_empty()).unwrap_or_default();
        serde_json::from_slice(last)
            .map_err(|_| Refused::Failed(format!("the program ended without a word ({status})")))
    }
}

fn too_long() -> Refused {
    Refused::Failed(format!("it took longer than {} seconds", LONGEST.as_secs()))
}

/// An event that is an error is why something was not done.
pub(crate) fn done(event: Value) -> Result<Value, Refused> {
    match event["message"].as_str() {
        Some(message) if event["event"] == "error" => Err(Refused::Content(message.to_owned())),
        _ => Ok(event),
    }
}
