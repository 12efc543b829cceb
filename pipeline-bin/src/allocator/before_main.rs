//! What is decided before `main`, while nothing is allocated yet: which allocator it is, and
//! whether the program can begin at all.

use super::{end, limit};
use memguard::{Bytes, can_map};
use scheduler::ortools::WORKER;
use std::{
    ffi::{CStr, c_char, c_int},
    sync::atomic::Ordering,
};

/// How jemalloc shall work, or null; it reads this when it begins, and after it the variable
/// `_RJEM_MALLOC_CONF`.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "jemalloc's name")]
static mut _rjem_malloc_conf: *const c_char = std::ptr::null();

/// As little as jemalloc can take where it is linked and not used.
const LEAST: &CStr = c"narenas:1,retain:false,tcache:false";
/// What the program takes before `main` and to begin, beside what is mapped of its file.
const BEGIN: Bytes = Bytes::mib(8);
/// Blocks from this size on are mapped one by one, and unmapped when they are freed.
const MAPPED: c_int = 128 << 10;

/// Runs before jemalloc begins, which is before `main`. Where jemalloc cannot begin, it would end
/// the program by a signal.
extern "C" fn before_main(count: c_int, arguments: *const *const c_char) {
    // SAFETY: the C library hands over the arguments of the program, each ending with a zero byte;
    // there are so many.
    let is_worker = count > 1 && unsafe { CStr::from_ptr(*arguments.add(1)) }.to_bytes() == WORKER.as_bytes();
    super::IS_WORKER.store(is_worker, Ordering::Relaxed);
    let (space, data) = (limit(libc::RLIMIT_AS), limit(libc::RLIMIT_DATA));
    if space.is_some() {
        // Each thread would get 64 MiB of address space for a heap of its own.
        mallopt(libc::M_ARENA_MAX, 1);
    }
    if is_worker || space.or(data).is_none() {
        return;
    }
    mallopt(libc::M_MMAP_THRESHOLD, MAPPED);
    super::IS_SPARING.store(true, Ordering::Relaxed);
    // SAFETY: nothing else runs yet, so nobody reads the variable.
    unsafe { _rjem_malloc_conf = LEAST.as_ptr() }
    if !can_map(BEGIN) {
        end(format_args!("the program takes {BEGIN} more to begin"));
    }
}

fn mallopt(parameter: c_int, value: c_int) {
    // SAFETY: sets a number; there is no other thread yet.
    unsafe {
        libc::mallopt(parameter, value);
    }
}

// The numbers up to 100 are the C library's; jemalloc begins without a number, which is last.
#[used]
#[unsafe(link_section = ".init_array.00101")]
static BEFORE_MAIN: extern "C" fn(c_int, *const *const c_char) = before_main;
