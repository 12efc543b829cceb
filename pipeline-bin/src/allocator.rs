//! The program's allocator, and what happens where an allocation fails.
//!
//! It is jemalloc, but where address space is limited, the C library's with one heap: jemalloc's
//! tables and its pages kept for later are address space, how much of it is a matter of chance, and
//! runs that fit into a limit at times would be of no use.
//!
//! Limits are looked at before anything large is allocated; this is the net below. Rust would end
//! the program by a signal. Instead it says which limit was hit and ends with the exit code for too
//! little memory; what was reached is on disk, and a run can be resumed.

use crate::exit::Exit;
use memguard::Bytes;
use std::{
    alloc::{GlobalAlloc, Layout, System},
    ffi::CStr,
    fmt::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// An allocator that ends the program where it has no memory.
pub(crate) struct Allocator;

/// Whether the C library allocates; set before anything is allocated.
static IS_SPARING: AtomicBool = AtomicBool::new(false);
/// Set in a worker: its failed allocations are for the one who started it to see.
static IS_WORKER: AtomicBool = AtomicBool::new(false);

macro_rules! allocate {
    ($call:ident($($argument:expr),*)) => {
        // SAFETY: as the caller promises; it is the same allocator for all blocks.
        unsafe {
            if IS_SPARING.load(Ordering::Relaxed) {
                System.$call($($argument),*)
            } else {
                memguard::Allocator.$call($($argument),*)
            }
        }
    };
}

// SAFETY: every call goes to one of two allocators as it came, always the same one, and its answer
// back; a null pointer does not come back at all, or as it is.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        there(allocate!(alloc(layout)), layout.size())
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        there(allocate!(alloc_zeroed(layout)), layout.size())
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        allocate!(dealloc(block, layout))
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        there(allocate!(realloc(block, layout, size)), size)
    }
}

#[inline]
fn there(block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        failed(size);
    }
    block
}

#[cold]
fn failed(size: usize) {
    if !IS_WORKER.load(Ordering::Relaxed) {
        end(format_args!("an allocation of {} failed", Bytes::new(size as u64)));
    }
}

/// Says what failed and what is in use, and ends the program as one whose memory budget is too
/// small. Allocates nothing.
pub(crate) fn end(what: fmt::Arguments<'_>) -> ! {
    let mut text = Text { bytes: [0; 640], len: 0 };
    let mut status = [0; 2048];
    let n = read(c"/proc/self/status", &mut status);
    let [space, data] = ["VmSize:", "VmData:"].map(|key| kib(&status[..n], key).unwrap_or_default());
    let _ = writeln!(text, "error: the memory budget is too small: {what}");
    let _ = write!(text, "In use: {space} of address space, {data} of it data");
    for (which, name) in [(libc::RLIMIT_AS, "RLIMIT_AS"), (libc::RLIMIT_DATA, "RLIMIT_DATA")] {
        if let Some(limit) = limit(which) {
            let _ = write!(text, "; {name} is {limit}");
        }
    }
    let _ = writeln!(text, "\nMaybe raise the limit; what a run reached before is saved");
    // SAFETY: writes bytes of our own, and ends the process without running anything else of it.
    unsafe {
        libc::write(2, text.bytes.as_ptr().cast(), text.len);
        libc::_exit(Exit::TooSmall as i32)
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type Resource = std::ffi::c_int;

/// A soft limit of this process, if there is one.
fn limit(which: Resource) -> Option<Bytes> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: getrlimit writes the value that it is given a pointer to, and keeps none.
    let read = unsafe { libc::getrlimit(which, &raw mut limit) } == 0;
    (read && limit.rlim_cur != libc::RLIM_INFINITY).then(|| Bytes::new(limit.rlim_cur))
}

/// Reads the beginning of a file without allocating; how many bytes.
fn read(path: &CStr, buffer: &mut [u8]) -> usize {
    // SAFETY: the path ends with a zero byte, the buffer is as long as is said, and the descriptor
    // is closed where it was opened.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        if file < 0 {
            return 0;
        }
        let n = libc::read(file, buffer.as_mut_ptr().cast(), buffer.len());
        libc::close(file);
        usize::try_from(n).unwrap_or(0)
    }
}

/// A line such as `VmSize:   123 kB`.
fn kib(text: &[u8], key: &str) -> Option<Bytes> {
    let line = text.split(|&byte| byte == b'\n').find(|line| line.starts_with(key.as_bytes()))?;
    let digits = line[key.len()..].iter().filter(|byte| byte.is_ascii_digit());
    Some(Bytes::kib(digits.fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))))
}

/// A text of limited length; what is too long is cut off.
struct Text {
    bytes: [u8; 640],
    len: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let rest = &mut self.bytes[self.len..];
        let n = text.len().min(rest.len());
        rest[..n].copy_from_slice(&text.as_bytes()[..n]);
        self.len += n;
        Ok(())
    }
}

/// Other systems have no such beginning: there jemalloc allocates whatever the limits.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod before_main;
