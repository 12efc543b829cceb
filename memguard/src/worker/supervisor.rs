//! A program that is kept: a small process of our own between us and it, after whose end nothing is
//! left of what it started.

use std::ffi::{OsStr, OsString};
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::process::Command;

use super::{Caps, Roots, Worker, WorkerCgroup, spawn_in, supervise};

/// How the supervisor is started: a program, usually our own, with arguments after which it calls
/// [`supervise`](super::supervise()) with all that follow.
///
/// A worker from [`spawn`](super::spawn) leads a group of processes, and the group ends with it.
/// What leaves that group (`setsid`, a daemon) stays. A supervisor adopts what its program leaves
/// behind, in whichever group, and ends only when all of it has ended; so it does when its parent
/// ends, however that happens.
#[derive(Debug, Clone)]
pub struct Supervisor {
    /// The program.
    pub program: PathBuf,
    /// Its arguments before the command line of the program to keep.
    pub arguments: Vec<OsString>,
}

impl Supervisor {
    /// The command that starts a program under this supervisor. What is added to it (arguments,
    /// environment, folder, standard input and output) is the program's.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(program);
        command
    }
}

/// As [`spawn`](super::spawn), for a command from [`Supervisor::command`]: when the worker ends,
/// nothing that its program has started is left.
///
/// # Errors
///
/// What the system says, of the supervisor or of its program.
pub fn spawn_supervised(command: Command, caps: Caps) -> io::Result<Worker> {
    let roots = Roots::default();
    let group = WorkerCgroup::make(&roots, caps.memory);
    spawn_supervised_in(command, caps, roots, group)
}

/// The same without a control group, even where one could be made.
///
/// # Errors
///
/// What the system says, of the supervisor or of its program.
pub fn spawn_supervised_without_group(command: Command, caps: Caps) -> io::Result<Worker> {
    spawn_supervised_in(command, caps, Roots::default(), None)
}

fn spawn_supervised_in(
    mut command: Command,
    caps: Caps,
    roots: Roots,
    group: Option<WorkerCgroup>,
) -> io::Result<Worker> {
    let (started, starting) = io::pipe()?;
    command.env(supervise::PIPE, starting.as_raw_fd().to_string());
    let supervisor = command.get_program().to_owned();
    let worker = spawn_in(command, caps, roots, group, Some(&starting));
    let mut worker =
        worker.map_err(|why| io::Error::new(why.kind(), format!("its supervisor, {}: {why}", supervisor.display())))?;
    worker.is_supervised = true;
    has_begun(started, starting)?;
    Ok(worker)
}

/// Waits until the supervisor has started its program, or says why it could not.
fn has_begun(mut started: PipeReader, starting: PipeWriter) -> io::Result<()> {
    // The supervisor has the other end.
    drop(starting);
    let mut ready = libc::pollfd { fd: started.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: `ready` outlives the call, and is one.
    let said = unsafe { libc::poll(&raw mut ready, 1, supervise::KILL_TIMEOUT.as_millis() as libc::c_int) };
    let mut code = [0; 4];
    // It closes its end when its program has begun, or is stopped before it comes to that; where it
    // ended early, its exit says so.
    if said > 0 && started.read(&mut code)? == code.len() {
        return Err(io::Error::from_raw_os_error(i32::from_ne_bytes(code)));
    }
    Ok(())
}
