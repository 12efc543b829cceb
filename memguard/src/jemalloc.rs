//! jemalloc: the bytes that the program holds, and the purge of what it has freed.
//!
//! Linking jemalloc does not mean that the program allocates with it; whether it does is found out
//! once, by allocating.

use std::hint::black_box;
use std::ptr;

use tikv_jemalloc_ctl::{epoch, epoch_mib, stats, thread};

use crate::Bytes;

/// Reads how much the program has allocated and not freed.
#[derive(Clone, Copy)]
pub(crate) struct AllocatorGauge {
    epoch: epoch_mib,
    allocated: stats::allocated_mib,
}

impl std::fmt::Debug for AllocatorGauge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AllocatorGauge(jemalloc)")
    }
}

impl AllocatorGauge {
    /// The gauge, or `None` where the program's allocator is another one.
    pub(crate) fn new() -> Option<AllocatorGauge> {
        if !is_global() {
            return None;
        }
        Some(AllocatorGauge { epoch: epoch::mib().ok()?, allocated: stats::allocated::mib().ok()? })
    }

    /// Bytes allocated and not freed; the statistics are brought up to date first.
    pub(crate) fn allocated(&self) -> Option<Bytes> {
        self.epoch.advance().ok()?;
        self.allocated.read().ok().map(|bytes| Bytes::new(bytes as u64))
    }
}

/// Whether the program's allocator is jemalloc: its count of what this thread has allocated moves
/// when a box is made.
fn is_global() -> bool {
    let Ok(counter) = thread::allocatedp::read() else { return false };
    let before = counter.get();
    drop(black_box(Box::new([0_u8; 256])));
    counter.get() > before
}

/// Gives back to the system all pages that jemalloc holds but the program has freed: first what
/// this thread's cache holds, then the pages of all arenas. False where jemalloc refused.
pub(crate) fn purge() -> bool {
    // 4096 is MALLCTL_ARENAS_ALL: every arena at once.
    command(c"thread.tcache.flush") & command(c"arena.4096.purge")
}

/// Calls a `mallctl` name that neither takes nor gives a value.
fn command(name: &std::ffi::CStr) -> bool {
    // SAFETY: the name ends with a zero byte and lives across the call; all four value pointers are
    // null and the length is zero, which is what names without a value require. mallctl is safe to
    // call from any thread.
    let error =
        unsafe { tikv_jemalloc_sys::mallctl(name.as_ptr(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), 0) };
    error == 0
}
