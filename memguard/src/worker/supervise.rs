//! What a supervisor does: starts a program, adopts what that leaves behind, and ends when nothing
//! of it is left.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::restrict::{die_with, write_file};
use crate::children;

/// The environment variable with the descriptor on which the supervisor says why its program did
/// not begin.
pub(super) const PIPE: &str = "MEMGUARD_SUPERVISOR_PIPE";
/// The signal at which it kills all that it keeps; it gets it from the kernel, too, when its parent
/// ends.
pub(super) const CLEAR: libc::c_int = libc::SIGUSR1;
/// What it passes on to its program.
const PASSED_ON: [libc::c_int; 3] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];
/// How long it tries to kill what it keeps: something may fork as fast as it kills, or belong to
/// another user.
pub(super) const KILL_TIMEOUT: Duration = Duration::from_secs(2);

/// The body of a supervisor (see [`Supervisor`](super::Supervisor)): runs a command line, kills
/// everything that it leaves behind, and ends as it ended, with its exit code or by its signal. To
/// be called before the process has any other thread.
///
/// SIGTERM, SIGINT and SIGHUP are passed on to the program's group. At SIGUSR1, and when the parent
/// ends, everything is killed.
pub fn supervise(words: &[OsString]) -> ! {
    let pipe = std::env::var(PIPE).ok().and_then(|text| text.parse::<RawFd>().ok()).filter(|&fd| fd > 2);
    // SAFETY: whoever started us names a descriptor that is ours alone; a wrong number is an error
    // when it is used.
    let pipe = pipe.map(|fd| unsafe { File::from_raw_fd(fd) });
    match start(words, pipe.as_ref()) {
        Ok(program) => {
            drop(pipe);
            let status = wait(program);
            end_as(clear_out(program).or(status))
        }
        Err(why) => {
            let code = why.raw_os_error().unwrap_or(libc::EINVAL);
            match pipe {
                Some(mut pipe) => drop(pipe.write_all(&code.to_ne_bytes())),
                // Nobody may be there to read it.
                None => drop(writeln!(io::stderr(), "cannot be started: {why}")),
            }
            process::exit(127)
        }
    }
}

/// Prepares this process, and starts the program in a group of its own (what it sends to its own
/// group must not reach the supervisor).
fn start(words: &[OsString], pipe: Option<&File>) -> io::Result<libc::pid_t> {
    let (first, rest) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    adopt()?;
    if let Some(pipe) = pipe {
        // SAFETY: a plain system call on a descriptor of ours.
        unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    let supervisor = process::id();
    let mut command = Command::new(first);
    command.args(rest).env_remove(PIPE).process_group(0);
    // SAFETY: only system calls that are safe in a signal handler, and nothing is allocated.
    unsafe {
        command.pre_exec(move || {
            mask(libc::SIG_SETMASK, &[]);
            die_with(supervisor)
        });
    }
    let program = command.spawn()?.id() as libc::pid_t;
    // The program keeps its score. The kernel's OOM killer shall not take the one process that
    // clears up after it.
    let _ = write_file(c"/proc/self/oom_score_adj", c"0");
    Ok(program)
}

/// Signals wait until they are asked for, orphans below this process become its children, and the
/// end of its parent is a signal.
fn adopt() -> io::Result<()> {
    // Until here the end of the parent kills us (`Restrictions::apply`), and there is nothing to
    // clear up.
    mask(libc::SIG_BLOCK, &[&[libc::SIGCHLD, CLEAR][..], &PASSED_ON].concat());
    // SAFETY: plain system calls. Where SIGCHLD was ignored, nothing could be waited for.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        #[cfg(target_os = "linux")]
        if libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) != 0 || libc::prctl(libc::PR_SET_PDEATHSIG, CLEAR) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

fn signal_set(signals: &[libc::c_int]) -> libc::sigset_t {
    // SAFETY: the set is made by sigemptyset, and outlives the calls.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for &signal in signals {
            libc::sigaddset(&raw mut set, signal);
        }
        set
    }
}

fn mask(how: libc::c_int, signals: &[libc::c_int]) {
    let set = signal_set(signals);
    // SAFETY: a plain system call on a value of our own.
    unsafe { libc::pthread_sigmask(how, &raw const set, std::ptr::null_mut()) };
}

/// How the program ended, or `None` where all is to be killed before it has.
fn wait(program: libc::pid_t) -> Option<libc::c_int> {
    let set = signal_set(&[&[libc::SIGCHLD, CLEAR][..], &PASSED_ON].concat());
    loop {
        let mut signal = 0;
        // SAFETY: both outlive the call; the signals are blocked.
        if unsafe { libc::sigwait(&raw const set, &raw mut signal) } != 0 {
            return None;
        }
        match signal {
            CLEAR => return None,
            libc::SIGCHLD => {
                if let Reaped { program: status @ Some(_), .. } = reap(program) {
                    return status;
                }
            }
            signal => {
                // SAFETY: a plain system call; the program has not been reaped, so that its number
                // is still that of its group.
                unsafe { libc::kill(-program, signal) };
            }
        }
    }
}

/// What [`reap`] found.
struct Reaped {
    /// How the program ended, if it was among those that have.
    program: Option<libc::c_int>,
    /// Whether children are left.
    are_left: bool,
}

/// Takes in all children that have ended, adopted ones included.
fn reap(program: libc::pid_t) -> Reaped {
    let mut found = Reaped { program: None, are_left: true };
    loop {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        match unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) } {
            0 => return found,
            ended if ended == program => found.program = Some(status),
            ended if ended > 0 => {}
            _ => {
                found.are_left = false;
                return found;
            }
        }
    }
}

/// Kills all descendants, again and again until there are none, since what they fork meanwhile is
/// not seen at once. Returns how the program ended, if it ended here.
fn clear_out(program: libc::pid_t) -> Option<libc::c_int> {
    let (began, mut scratch, mut status) = (Instant::now(), children::Scratch::default(), None);
    loop {
        let reaped = reap(program);
        status = status.or(reaped.program);
        // Whoever loses its parent becomes our child, so no child means no descendant.
        if !reaped.are_left || began.elapsed() > KILL_TIMEOUT {
            return status;
        }
        for &pid in children::below(Path::new("/proc"), process::id(), &mut scratch) {
            // SAFETY: a plain system call; only we reap our children, and a number that is free
            // again was a descendant's just now.
            unsafe { libc::kill(pid as libc::pid_t, libc::SIGKILL) };
        }
        thread::sleep(Duration::from_micros(500));
    }
}

/// Ends as the program did; without a core of its own.
fn end_as(status: Option<libc::c_int>) -> ! {
    let signal = match status {
        Some(status) if libc::WIFEXITED(status) => process::exit(libc::WEXITSTATUS(status)),
        Some(status) => libc::WTERMSIG(status),
        None => libc::SIGKILL,
    };
    // SAFETY: plain system calls.
    unsafe {
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_DUMPABLE, 0);
        libc::signal(signal, libc::SIG_DFL);
        mask(libc::SIG_UNBLOCK, &[signal]);
        libc::raise(signal);
    }
    process::exit(128 + signal)
}
