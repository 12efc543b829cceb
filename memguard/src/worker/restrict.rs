//! What a worker does to itself between fork and exec.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::RawFd;

/// Everything that is set before the program begins; made before the fork, since nothing may be
/// allocated after it.
pub(crate) struct Restrictions {
    pub(crate) parent: u32,
    /// `RLIMIT_DATA`.
    pub(crate) data: Option<u64>,
    /// `cgroup.procs` of the group to enter.
    pub(crate) procs_file: Option<CString>,
    /// For `oom_score_adj`: the kernel's OOM killer takes it rather than us.
    pub(crate) oom_score_adj: CString,
    /// A descriptor that the program is to have, too.
    pub(crate) open: Option<RawFd>,
}

impl Restrictions {
    /// Runs in the child.
    pub(crate) fn apply(&self) -> io::Result<()> {
        if let Some(procs_file) = &self.procs_file {
            write_file(procs_file, c"0")?;
        }
        // Raising one's own score is always permitted; where there is no such file there is no such
        // killer.
        let _ = write_file(c"/proc/self/oom_score_adj", &self.oom_score_adj);
        if let Some(data) = self.data {
            let limit = libc::rlimit { rlim_cur: data, rlim_max: data };
            // SAFETY: a plain system call on a value of our own.
            if unsafe { libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) } != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        if let Some(open) = self.open {
            // SAFETY: a plain system call on a descriptor that whoever forked holds until the
            // program has begun.
            if unsafe { libc::fcntl(open, libc::F_SETFD, 0) } != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        die_with(self.parent)
    }
}

/// This process is killed when its parent, which is `parent`, ends.
pub(crate) fn die_with(parent: u32) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    // SAFETY: plain system calls.
    unsafe {
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
            return Err(io::Error::last_os_error());
        }
        // Our parent may have ended before it was asked for.
        if libc::getppid() as u32 != parent {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    Ok(())
}

/// Writes a file with system calls alone.
pub(super) fn write_file(path: &CStr, text: &CStr) -> io::Result<()> {
    let bytes = text.to_bytes();
    // SAFETY: both are strings that end in NUL and outlive the calls; the descriptor is closed
    // where it was opened.
    let written = unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if file < 0 {
            return Err(io::Error::last_os_error());
        }
        let written = libc::write(file, bytes.as_ptr().cast(), bytes.len());
        libc::close(file);
        written
    };
    if written == bytes.len() as isize { Ok(()) } else { Err(io::Error::last_os_error()) }
}
