//! Address space: what threads take of it where it is limited, and how many there may be.
//!
//! `RLIMIT_AS` counts whatever is mapped and `RLIMIT_DATA` whatever is private and writable, used
//! or not: the whole stack of every thread. So that the number of threads decides nothing but the
//! time a run takes, a part of such a limit is set aside for stacks ([`for_stacks`]) and is neither
//! used nor free for anything else.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Bytes;

/// Of each 100 bytes of a limited address space, so many are for the stacks of threads.
const PERCENT: u64 = 15;
/// More threads than this are of no use to anyone who limits the address space.
const MOST_THREADS: u64 = 256;
/// The stack of a thread where address space is limited, and where it is not (Rust's own).
const STACKS: (usize, usize) = (1 << 20, 2 << 20);
/// What a thread takes beside its stack: guard pages, the stack for signals, the allocator's cache.
const BESIDE: u64 = 256 << 10;

/// The most that threads have taken at once. The C library keeps the stacks of threads that have
/// ended for the next ones.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// What one thread takes of a limited address space.
const fn of_thread() -> u64 {
    STACKS.0 as u64 + BESIDE
}

/// The soft limits of address space and data, where there are any.
fn limits() -> [Option<u64>; 2] {
    #[cfg(target_os = "linux")]
    {
        [libc::RLIMIT_AS, libc::RLIMIT_DATA].map(|which| {
            let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: getrlimit writes the value that it is given a pointer to, and keeps none.
            let read = unsafe { libc::getrlimit(which, &raw mut limit) } == 0;
            Some(limit.rlim_cur).filter(|&bytes| read && bytes != libc::RLIM_INFINITY)
        })
    }
    #[cfg(not(target_os = "linux"))]
    [None, None]
}

/// The smaller of `RLIMIT_AS` and `RLIMIT_DATA`, where there are any.
pub fn space_limit() -> Option<Bytes> {
    limits().into_iter().flatten().min().map(Bytes::new)
}

/// The part of such a limit that is for the stacks of threads.
pub(crate) fn for_stacks(limit: Bytes) -> Bytes {
    // In an order that does not overflow.
    Bytes::new((limit.get() / 100 * PERCENT).min(MOST_THREADS * of_thread()))
}

/// The limit of which so much is left for all but stacks.
pub(crate) fn with_stacks(rest: Bytes) -> Bytes {
    let most = MOST_THREADS * of_thread();
    Bytes::new((rest.get() / (100 - PERCENT) + 1).saturating_mul(100).min(rest.get().saturating_add(most)))
}

/// What threads have taken of a limited address space at most.
pub(crate) fn stacks() -> Bytes {
    Bytes::new(TAKEN.load(Ordering::Relaxed))
}

/// The stack to give to a thread.
pub fn stack_size() -> usize {
    if space_limit().is_some() { STACKS.0 } else { STACKS.1 }
}

/// How many threads there may be beside the others that are at work, at least one and at most
/// `wanted`. What there is no address space for has to be done by fewer threads.
pub fn threads_for(wanted: usize) -> usize {
    let Some(limit) = space_limit() else { return wanted.max(1) };
    let threads = fit(wanted, limit);
    TAKEN.fetch_max(threads as u64 * of_thread(), Ordering::Relaxed);
    threads
}

fn fit(wanted: usize, limit: Bytes) -> usize {
    let most = for_stacks(limit).get() / of_thread();
    wanted.min(usize::try_from(most).unwrap_or(usize::MAX)).max(1)
}

/// Whether so much could be mapped now: asks the system by mapping it for a moment.
#[cfg(unix)]
pub fn can_map(bytes: Bytes) -> bool {
    let Ok(len) = usize::try_from(bytes.get().max(1)) else { return false };
    // SAFETY: a new private mapping, of which nobody is told, is made and undone.
    unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let at = libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        at != libc::MAP_FAILED && libc::munmap(at, len) == 0
    }
}

/// Elsewhere nothing is known.
#[cfg(not(unix))]
pub fn can_map(_: Bytes) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_limit_never_means_fewer_threads_or_less_for_the_rest() {
        let limits = (1..4000).map(|n| Bytes::kib(n * 250)).chain((2..100).map(|n| Bytes::mib(n * 512)));
        let (mut threads, mut rest) = (0, Bytes::ZERO);
        for limit in limits.chain([Bytes::MAX]) {
            let (now, left) = (fit(1000, limit), limit.saturating_sub(for_stacks(limit)));
            assert!(now >= threads && left >= rest, "{limit}: {now} threads, {left}");
            assert!(now == 1 || now as u64 * of_thread() <= for_stacks(limit).get(), "{limit}: {now} threads");
            (threads, rest) = (now, left);
        }
        for bytes in [Bytes::ZERO, Bytes::mb(38), Bytes::gb(9), Bytes::MAX] {
            let limit = with_stacks(bytes);
            let left = limit.saturating_sub(for_stacks(limit));
            assert!(
                left >= bytes && left <= bytes.saturating_add(Bytes::new(200)) || limit == Bytes::MAX,
                "{bytes}: {left}"
            );
        }
        assert_eq!((fit(8, Bytes::mib(20)), fit(8, Bytes::mib(40)), fit(8, Bytes::gb(1))), (2, 4, 8));
        assert_eq!((fit(1000, Bytes::MAX), fit(0, Bytes::gb(1))), (256, 1));
    }

    #[test]
    fn what_can_be_mapped_is_found_out() {
        assert!(can_map(Bytes::mib(1)));
        assert!(!can_map(Bytes::MAX));
    }
}
