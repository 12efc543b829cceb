//! A child process that cannot outlive us, cannot take more memory than it may, and leaves nobody behind.

use std::{
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{self, Command, ExitStatus},
};

/// A started program, leader of a process group of its own. Dropping it kills the group.
pub(crate) struct Child {
    child: process::Child,
    reaped: bool,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With exit code 0.
    Well,
    /// Because it was asked to, or was killed after that.
    Stopped,
    /// Otherwise: in words.
    Failed(String),
}

impl Child {
    /// Starts it with at most `memory` bytes of heap and private maps (`RLIMIT_DATA`), to be killed when our thread ends.
    pub(crate) fn start(mut command: Command, memory: u64) -> io::Result<Child> {
        command.process_group(0);
        let parent = process::id();
        // SAFETY: between fork and exec only system calls that are safe in a signal handler are made, and nothing is allocated.
        unsafe {
            command.pre_exec(move || restrict(memory, parent));
        }
        Ok(Child { child: command.spawn()?, reaped: false })
    }

    /// Sends a signal to the whole group.
    pub(crate) fn signal(&self, signal: libc::c_int) {
        if !self.reaped {
            // SAFETY: a plain system call; the leader has not been reaped, so its number still names this group and no other.
            unsafe { libc::kill(-(self.child.id() as libc::pid_t), signal) };
        }
    }

    /// Whether the leader has ended; it is not reaped yet, so its number stays ours.
    pub(crate) fn has_ended(&self) -> io::Result<bool> {
        // SAFETY: all-zero is a valid siginfo_t, a plain C structure.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        // SAFETY: `info` outlives the call, and the child is ours and not reaped.
        if unsafe { libc::waitid(libc::P_PID, self.child.id(), &raw mut info, flags) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: waitid has filled in the fields of SIGCHLD, or left them 0 where nothing has ended.
        Ok(unsafe { info.si_pid() } != 0)
    }

    /// Kills what is left of the group and says how the leader ended.
    pub(crate) fn reap(&mut self, asked_to_stop: bool) -> io::Result<Ended> {
        self.signal(libc::SIGKILL);
        self.reaped = true;
        let status = self.child.wait()?;
        Ok(match status {
            s if s.success() => Ended::Well,
            _ if asked_to_stop => Ended::Stopped,
            s => Ended::Failed(in_words(s)),
        })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.reaped {
            let _ = self.reap(true);
        }
    }
}

/// Runs in the child before the program.
fn restrict(memory: u64, parent: u32) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: memory, rlim_max: memory };
    // SAFETY: plain system calls on values of our own.
    unsafe {
        if libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) != 0 {
            return Err(io::Error::last_os_error());
        }
        #[cfg(target_os = "linux")]
        {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
                return Err(io::Error::last_os_error());
            }
            // Our parent may have ended before it was asked for.
            if libc::getppid() as u32 != parent {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
    }
    let _ = parent;
    Ok(())
}

fn in_words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (_, Some(signal)) => format!("was ended by signal {signal}"),
        _ => format!("ended in an unknown way ({status})"),
    }
}
