//! Workers: processes that cannot take more memory than they may, cannot outlive us, and leave
//! nobody behind.

mod exit;
mod restrict;
mod supervise;
mod supervisor;
mod tail;
mod worker_cgroup;

use std::ffi::CString;
use std::io::{self, PipeWriter};
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{self, Child, ChildStderr, ChildStdin, ChildStdout, Command};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use crate::{Bytes, Roots, children, procfs};
pub use exit::{Exit, WorkerOutcome};
use exit::{ExitEvidence, StopReason};
use restrict::Restrictions;
pub use supervise::supervise;
pub use supervisor::{Supervisor, spawn_supervised, spawn_supervised_without_group};
pub use tail::Tail;
use worker_cgroup::WorkerCgroup;

/// What a worker may take.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// Memory of it and its children together. Where a control group can be made, the kernel kills
    /// at this; elsewhere [`Worker::poll`] does, and `RLIMIT_DATA` refuses what is far beyond
    /// ([`Caps::SLACK`]).
    pub memory: Bytes,
    /// When it is asked to stop.
    pub deadline: Option<Instant>,
    /// Between being asked to stop (SIGTERM) and being killed.
    pub grace: Duration,
    /// How much rather than us the kernel's OOM killer takes it, 0 to 1000.
    pub oom_score_adj: u16,
}

impl Caps {
    /// What `RLIMIT_DATA` leaves above the cap: stacks of threads and what an allocator has
    /// reserved count there, too, used or not.
    pub const SLACK: Bytes = Bytes::mib(256);

    /// At most `memory`, for as long as it takes; half a second between SIGTERM and SIGKILL.
    pub fn new(memory: Bytes) -> Caps {
        Caps { memory, deadline: None, grace: Duration::from_millis(500), oom_score_adj: 500 }
    }

    /// The same until a deadline.
    pub fn until(self, deadline: Instant) -> Caps {
        Caps { deadline: Some(deadline), ..self }
    }
}

/// A worker at work, from [`spawn`]: leader of a process group of its own. Dropping it kills the
/// group; from [`spawn_supervised`], all that its program has started.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    /// The child is a supervisor, and what it keeps is the worker.
    is_supervised: bool,
    caps: Caps,
    roots: Roots,
    group: Option<WorkerCgroup>,
    scratch: children::Scratch,
    started: Instant,
    stop_reason: Option<(StopReason, Instant)>,
    peak: Option<Bytes>,
    oom_kills: Option<Bytes>,
    ended: Option<WorkerOutcome>,
    /// Disconnected when the leader has ended; made when it is first asked for.
    exit: Option<Receiver<()>>,
}

/// Starts a program as a worker: in a group of processes of its own, capped, to be killed when the
/// thread that started it ends.
///
/// ```no_run
/// use memguard::{Bytes, Caps, Exit, spawn};
/// use std::process::Command;
///
/// let mut worker = spawn(Command::new("solve-a-cluster"), Caps::new(Bytes::mb(200)))?;
/// match worker.wait()?.exit {
///     Exit::Done => println!("read what it wrote"),
///     Exit::OverCap | Exit::OutOfMemory => println!("again, alone, with more memory or less work"),
///     other => println!("it {other}"),
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// What the system says.
pub fn spawn(command: Command, caps: Caps) -> io::Result<Worker> {
    let roots = Roots::default();
    let group = WorkerCgroup::make(&roots, caps.memory);
    spawn_in(command, caps, roots, group, None)
}

/// The same without a control group, even where one could be made.
///
/// # Errors
///
/// What the system says.
pub fn spawn_without_group(command: Command, caps: Caps) -> io::Result<Worker> {
    spawn_in(command, caps, Roots::default(), None, None)
}

/// Whether [`spawn`] can put a worker into a control group of its own: one is made, and removed
/// again.
pub fn can_make_groups() -> bool {
    WorkerCgroup::make(&Roots::default(), Caps::SLACK).is_some()
}

/// `open` is a descriptor that the program is to have, too.
fn spawn_in(
    mut command: Command,
    caps: Caps,
    roots: Roots,
    group: Option<WorkerCgroup>,
    open: Option<&PipeWriter>,
) -> io::Result<Worker> {
    let adj = CString::new(caps.oom_score_adj.min(1000).to_string()).unwrap_or_default();
    let data = caps.memory.saturating_add(Caps::SLACK).get();
    let restrictions = Restrictions {
        parent: process::id(),
        data: group.is_none().then_some(data),
        procs_file: group.as_ref().and_then(WorkerCgroup::procs_file),
        oom_score_adj: adj,
        open: open.map(AsRawFd::as_raw_fd),
    };
    command.process_group(0);
    // SAFETY: between fork and exec only system calls are made that are safe in a signal handler,
    // and nothing is allocated.
    unsafe {
        command.pre_exec(move || restrictions.apply());
    }
    let oom_kills = oom_kills(&roots);
    let child = command.spawn()?;
    let scratch = children::Scratch::default();
    let started = Instant::now();
    let (is_supervised, stop_reason, peak, ended) = (false, None, None, None);
    Ok(Worker {
        child,
        is_supervised,
        caps,
        roots,
        group,
        scratch,
        started,
        stop_reason,
        peak,
        oom_kills,
        ended,
        exit: None,
    })
}

/// How often the kernel's OOM killer has been at work on this machine.
fn oom_kills(roots: &Roots) -> Option<Bytes> {
    let mut buffer = Vec::new();
    procfs::read_into(&roots.proc.join("vmstat"), &mut buffer).and_then(|text| procfs::stat_line(text, "oom_kill"))
}

impl Worker {
    /// How often a worker's memory has to be looked at, where no control group caps it.
    pub const POLL: Duration = Duration::from_millis(5);

    /// Its process id, and that of its group; where it is kept, its supervisor's.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, the first time, where the command asked for a pipe.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its standard error, the first time, where the command asked for a pipe.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Its standard output, the first time, where the command asked for a pipe.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether its cap is a control group's, which the kernel enforces by itself.
    pub fn is_in_a_group(&self) -> bool {
        self.group.is_some()
    }

    /// The most memory that it was seen to have so far.
    pub fn peak(&self) -> Option<Bytes> {
        let counted = self.group.as_ref().and_then(WorkerCgroup::peak);
        counted.or(self.peak).or(self.ended.and_then(|ended| ended.peak))
    }

    /// What it and its children have for themselves alone now: pages of files that they share with
    /// others do not count.
    pub fn private(&mut self) -> Bytes {
        match self.ended {
            Some(_) => Bytes::ZERO,
            None => children::private_of(&self.roots.proc, self.child.id(), &mut self.scratch),
        }
    }

    /// Asks it to stop: SIGTERM now, SIGKILL when [`Caps::grace`] has passed.
    /// [`poll`](Worker::poll) sees to that.
    pub fn stop(&mut self) {
        self.request_stop(StopReason::Stop);
    }

    /// Looks after it: enforces cap, deadline and grace. How it ended, once it has; then nothing of
    /// its group is left.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn poll(&mut self) -> io::Result<Option<WorkerOutcome>> {
        if self.ended.is_some() {
            return Ok(self.ended);
        }
        if self.has_ended()? {
            return self.reap().map(Some);
        }
        let resident = if self.is_supervised { children::resident_below } else { children::resident_of };
        let used = resident(&self.roots.proc, self.child.id(), &mut self.scratch);
        self.peak = self.peak.max(used);
        let now = Instant::now();
        let is_over = used.is_some_and(|used| used > self.caps.memory) && self.group.is_none();
        if is_over {
            self.stop_reason.get_or_insert((StopReason::OverCap, now));
        } else if self.caps.deadline.is_some_and(|deadline| now >= deadline) {
            self.request_stop(StopReason::Deadline);
        }
        if is_over || self.stop_reason.is_some_and(|(_, since)| now >= since + self.caps.grace) {
            if self.is_supervised {
                return self.reap().map(Some);
            }
            self.signal(libc::SIGKILL);
        }
        Ok(None)
    }

    /// Waits for its end, looking after it meanwhile.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn wait(&mut self) -> io::Result<WorkerOutcome> {
        let exit = self.exit();
        loop {
            if let Some(ended) = self.poll()? {
                return Ok(ended);
            }
            let _ = exit.recv_timeout(self.next_poll());
        }
    }

    /// Disconnected as soon as it has ended, to be waited for beside other things; then
    /// [`poll`](Worker::poll) says how. A thread waits for it; where none can be started it is
    /// never disconnected, and `poll` has to be called every [`next_poll`](Worker::next_poll).
    pub fn exit(&mut self) -> Receiver<()> {
        if let Some(exit) = &self.exit {
            return exit.clone();
        }
        let (open, exit) = crossbeam_channel::bounded::<()>(0);
        let id = self.child.id();
        let waiter = thread::Builder::new().stack_size(crate::stack_size()).spawn(move || {
            // Where it has been reaped meanwhile, that is an error, and an end, too.
            while has_ended(id, 0).is_err_and(|e| e.kind() == io::ErrorKind::Interrupted) {}
            drop(open);
        });
        let exit = if waiter.is_ok() { exit } else { crossbeam_channel::never() };
        self.exit = Some(exit.clone());
        exit
    }

    /// How long [`poll`](Worker::poll) may wait: until a deadline, and, where no control group caps
    /// the worker's memory, until that has to be looked at again.
    pub fn next_poll(&self) -> Duration {
        let look = if self.group.is_some() { Self::POLL * 20 } else { Self::POLL };
        let stop = self.stop_reason.map(|(_, since)| since + self.caps.grace);
        let until = stop.or(self.caps.deadline).map_or(look, |at| at.saturating_duration_since(Instant::now()));
        until.clamp(Duration::from_millis(1), look)
    }

    /// Kills it and its group (where it is kept, all that it has started) now, and waits for its
    /// end.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<WorkerOutcome> {
        if let Some(ended) = self.ended {
            return Ok(ended);
        }
        self.stop_reason.get_or_insert((StopReason::Stop, Instant::now()));
        self.reap()
    }

    fn request_stop(&mut self, why: StopReason) {
        if self.stop_reason.is_none() && self.ended.is_none() {
            self.stop_reason = Some((why, Instant::now()));
            self.signal(libc::SIGTERM);
        }
    }

    /// Sends a signal to the whole group, or to the supervisor, which passes it on.
    fn signal(&self, signal: libc::c_int) {
        if self.ended.is_none() {
            let pid = self.child.id() as libc::pid_t;
            // SAFETY: a plain system call; the leader has not been reaped, so its number still
            // names it, its group, and no other.
            unsafe { libc::kill(if self.is_supervised { pid } else { -pid }, signal) };
        }
    }

    /// Has the supervisor kill all that it keeps, and waits for its end. Where it does not come to
    /// it (somebody has stopped it), we do.
    fn clear_out(&mut self) -> io::Result<()> {
        let (began, patience) = (Instant::now(), supervise::KILL_TIMEOUT + Duration::from_millis(500));
        self.signal(supervise::CLEAR);
        let exit = self.exit();
        while !self.has_ended()? {
            if began.elapsed() > patience {
                for &pid in children::below(&self.roots.proc, self.child.id(), &mut self.scratch) {
                    // SAFETY: a plain system call on what was below the supervisor just now.
                    unsafe { libc::kill(pid as libc::pid_t, libc::SIGKILL) };
                }
                self.signal(if began.elapsed() > 2 * patience { libc::SIGKILL } else { libc::SIGCONT });
            }
            let _ = exit.recv_timeout(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Whether the leader has ended; it is not reaped yet, so its number stays ours.
    fn has_ended(&self) -> io::Result<bool> {
        has_ended(self.child.id(), libc::WNOHANG)
    }

    /// Kills what is left of the group, or of what is kept, and says how the leader ended.
    fn reap(&mut self) -> io::Result<WorkerOutcome> {
        if self.is_supervised {
            self.clear_out()?;
        } else {
            self.signal(libc::SIGKILL);
        }
        let status = self.child.wait()?;
        let peak = self.peak();
        // An allocation beyond the resource limit is refused; what then ends the worker is its own
        // doing.
        let near = peak.is_some_and(|peak| peak > self.caps.memory.scaled(0.9));
        let by_rlimit = self.group.is_none() && near && !status.success();
        let evidence = ExitEvidence {
            code: status.code(),
            signal: status.signal(),
            stop_reason: self.stop_reason.map(|(why, _)| why),
            refused: by_rlimit || self.group.as_ref().is_some_and(WorkerCgroup::has_killed),
            oom_kills: self.oom_kills.zip(oom_kills(&self.roots)).is_some_and(|(before, after)| after > before),
        };
        let ended = WorkerOutcome { exit: evidence.exit(), peak, ran: self.started.elapsed() };
        self.ended = Some(ended);
        self.group = None;
        Ok(ended)
    }
}

/// Whether a child has ended, which stays to be reaped; waits for that unless `flags` says not to.
fn has_ended(id: u32, flags: libc::c_int) -> io::Result<bool> {
    // SAFETY: all-zero is a valid siginfo_t, a plain C structure.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: `info` outlives the call.
    if unsafe { libc::waitid(libc::P_PID, id, &raw mut info, libc::WEXITED | libc::WNOWAIT | flags) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: waitid has filled in the fields of SIGCHLD, or left them 0 where nothing has ended.
    Ok(unsafe { info.si_pid() } != 0)
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
