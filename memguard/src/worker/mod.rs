//! Workers: processes that cannot take more memory than they may, cannot outlive us, and leave nobody behind.

mod exit;
mod keep;
mod keeper;
mod pen;
mod restrict;

use std::ffi::CString;
use std::io::{self, PipeWriter};
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{self, Child, ChildStdin, ChildStdout, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Bytes, Roots, children, procfs};
pub use exit::{Ended, Exit};
use exit::{Seen, Told};
pub use keep::keep;
pub use keeper::{Keeper, spawn_kept, spawn_kept_without_group};
use pen::Pen;
use restrict::Restrictions;

/// What a worker may take.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// Memory of it and its children together. Where a control group can be made, the kernel kills at this; elsewhere
    /// [`Worker::poll`] does, and `RLIMIT_DATA` refuses what is far beyond ([`Caps::SLACK`]).
    pub memory: Bytes,
    /// When it is asked to stop.
    pub deadline: Option<Instant>,
    /// Between being asked to stop (SIGTERM) and being killed.
    pub grace: Duration,
    /// How much rather than us the kernel's OOM killer takes it, 0 to 1000.
    pub oom_score_adj: u16,
}

impl Caps {
    /// What `RLIMIT_DATA` leaves above the cap: stacks of threads and what an allocator has reserved count there, too,
    /// used or not.
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

/// A worker at work, from [`spawn`]: leader of a process group of its own. Dropping it kills the group; from [`spawn_kept`], all that its
/// program has started.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    /// The child is a keeper, and what it keeps is the worker.
    is_kept: bool,
    caps: Caps,
    roots: Roots,
    pen: Option<Pen>,
    scratch: children::Scratch,
    started: Instant,
    told: Option<(Told, Instant)>,
    peak: Option<Bytes>,
    oom_kills: Option<Bytes>,
    ended: Option<Ended>,
}

/// Starts a program as a worker: in a group of processes of its own, capped, to be killed when the thread that started
/// it ends.
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
    let pen = Pen::make(&roots, caps.memory);
    spawn_in(command, caps, roots, pen, None)
}

/// The same without a control group, even where one could be made.
///
/// # Errors
///
/// What the system says.
pub fn spawn_without_group(command: Command, caps: Caps) -> io::Result<Worker> {
    spawn_in(command, caps, Roots::default(), None, None)
}

/// Whether [`spawn`] can put a worker into a control group of its own: one is made, and removed again.
pub fn can_make_groups() -> bool {
    Pen::make(&Roots::default(), Caps::SLACK).is_some()
}

/// `open` is a descriptor that the program is to have, too.
fn spawn_in(
    mut command: Command,
    caps: Caps,
    roots: Roots,
    pen: Option<Pen>,
    open: Option<&PipeWriter>,
) -> io::Result<Worker> {
    let adj = CString::new(caps.oom_score_adj.min(1000).to_string()).unwrap_or_default();
    let data = caps.memory.saturating_add(Caps::SLACK).get();
    let restrictions = Restrictions {
        parent: process::id(),
        data: pen.is_none().then_some(data),
        door: pen.as_ref().and_then(Pen::door),
        oom_score_adj: adj,
        open: open.map(AsRawFd::as_raw_fd),
    };
    command.process_group(0);
    // SAFETY: between fork and exec only system calls are made that are safe in a signal handler, and nothing is allocated.
    unsafe {
        command.pre_exec(move || restrictions.apply());
    }
    let oom_kills = oom_kills(&roots);
    let child = command.spawn()?;
    let scratch = children::Scratch::default();
    let started = Instant::now();
    let (is_kept, told, peak, ended) = (false, None, None, None);
    Ok(Worker { child, is_kept, caps, roots, pen, scratch, started, told, peak, oom_kills, ended })
}

/// How often the kernel's OOM killer has been at work on this machine.
fn oom_kills(roots: &Roots) -> Option<Bytes> {
    let mut buffer = Vec::new();
    procfs::read_into(&roots.proc.join("vmstat"), &mut buffer).and_then(|text| procfs::stat_line(text, "oom_kill"))
}

impl Worker {
    /// How often [`wait`](Worker::wait) looks.
    pub const POLL: Duration = Duration::from_millis(5);

    /// Its process id, and that of its group; where it is kept, its keeper's.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard input, the first time, where the command asked for a pipe.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Its standard output, the first time, where the command asked for a pipe.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether its cap is a control group's, which the kernel enforces by itself.
    pub fn is_in_a_group(&self) -> bool {
        self.pen.is_some()
    }

    /// The most memory that it was seen to have so far.
    pub fn peak(&self) -> Option<Bytes> {
        let counted = self.pen.as_ref().and_then(Pen::peak);
        counted.or(self.peak).or(self.ended.and_then(|ended| ended.peak))
    }

    /// What it and its children have for themselves alone now: pages of files that they share with others do not count.
    pub fn private(&mut self) -> Bytes {
        match self.ended {
            Some(_) => Bytes::ZERO,
            None => children::private_of(&self.roots.proc, self.child.id(), &mut self.scratch),
        }
    }

    /// Asks it to stop: SIGTERM now, SIGKILL when [`Caps::grace`] has passed. [`poll`](Worker::poll) sees to that.
    pub fn stop(&mut self) {
        self.tell(Told::Stop);
    }

    /// Looks after it: enforces cap, deadline and grace. How it ended, once it has; then nothing of its group is left.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn poll(&mut self) -> io::Result<Option<Ended>> {
        if self.ended.is_some() {
            return Ok(self.ended);
        }
        if self.has_ended()? {
            return self.reap().map(Some);
        }
        let resident = if self.is_kept { children::resident_below } else { children::resident_of };
        let used = resident(&self.roots.proc, self.child.id(), &mut self.scratch);
        self.peak = self.peak.max(used);
        let now = Instant::now();
        let is_over = used.is_some_and(|used| used > self.caps.memory) && self.pen.is_none();
        if is_over {
            self.told.get_or_insert((Told::OverCap, now));
        } else if self.caps.deadline.is_some_and(|deadline| now >= deadline) {
            self.tell(Told::Deadline);
        }
        if is_over || self.told.is_some_and(|(_, since)| now >= since + self.caps.grace) {
            if self.is_kept {
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
    pub fn wait(&mut self) -> io::Result<Ended> {
        loop {
            if let Some(ended) = self.poll()? {
                return Ok(ended);
            }
            thread::sleep(Self::POLL);
        }
    }

    /// Kills it and its group (where it is kept, all that it has started) now, and waits for its end.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<Ended> {
        if let Some(ended) = self.ended {
            return Ok(ended);
        }
        self.told.get_or_insert((Told::Stop, Instant::now()));
        self.reap()
    }

    fn tell(&mut self, why: Told) {
        if self.told.is_none() && self.ended.is_none() {
            self.told = Some((why, Instant::now()));
            self.signal(libc::SIGTERM);
        }
    }

    /// Sends a signal to the whole group, or to the keeper, which passes it on.
    fn signal(&self, signal: libc::c_int) {
        if self.ended.is_none() {
            let pid = self.child.id() as libc::pid_t;
            // SAFETY: a plain system call; the leader has not been reaped, so its number still names it, its group, and no other.
            unsafe { libc::kill(if self.is_kept { pid } else { -pid }, signal) };
        }
    }

    /// Has the keeper kill all that it keeps, and waits for its end. Where it does not come to it (somebody has stopped it), we do.
    fn clear_out(&mut self) -> io::Result<()> {
        let (began, patience) = (Instant::now(), keep::PATIENCE + Duration::from_millis(500));
        self.signal(keep::CLEAR);
        while !self.has_ended()? {
            if began.elapsed() > patience {
                for &pid in children::below(&self.roots.proc, self.child.id(), &mut self.scratch) {
                    // SAFETY: a plain system call on what was below the keeper just now.
                    unsafe { libc::kill(pid as libc::pid_t, libc::SIGKILL) };
                }
                self.signal(if began.elapsed() > 2 * patience { libc::SIGKILL } else { libc::SIGCONT });
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Whether the leader has ended; it is not reaped yet, so its number stays ours.
    fn has_ended(&self) -> io::Result<bool> {
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

    /// Kills what is left of the group, or of what is kept, and says how the leader ended.
    fn reap(&mut self) -> io::Result<Ended> {
        if self.is_kept {
            self.clear_out()?;
        } else {
            self.signal(libc::SIGKILL);
        }
        let status = self.child.wait()?;
        let peak = self.peak();
        // An allocation beyond the resource limit is refused; what then ends the worker is its own doing.
        let near = peak.is_some_and(|peak| peak > self.caps.memory.scaled(0.9));
        let by_rlimit = self.pen.is_none() && near && !status.success();
        let seen = Seen {
            code: status.code(),
            signal: status.signal(),
            told: self.told.map(|(why, _)| why),
            refused: by_rlimit || self.pen.as_ref().is_some_and(Pen::has_killed),
            oom_kills: self.oom_kills.zip(oom_kills(&self.roots)).is_some_and(|(before, after)| after > before),
        };
        let ended = Ended { exit: seen.exit(), peak, ran: self.started.elapsed() };
        self.ended = Some(ended);
        self.pen = None;
        Ok(ended)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
