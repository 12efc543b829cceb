//! Aggressive cleanup: registered caches, the allocator's arenas, the C library's heap.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::{ByteDelta, Bytes, Gauges, trim};

type Callback = dyn Fn() + Send + Sync;

/// Frees what can be freed, and gives up when that has been in vain.
///
/// The order matters: what the program drops becomes the allocator's first, and the system's only
/// when the allocator gives it up. A cleanup that freed nothing three times running is skipped
/// until what is resident has moved noticeably. Clones are the same cleanup.
#[derive(Clone, Default)]
pub struct Cleanup {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    running: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    callbacks: Vec<(u64, String, Arc<Callback>)>,
    next_id: u64,
    futility: Backoff,
}

/// What a cleanup did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CleanupOutcome {
    /// It ran; what is resident became so much less (or more, where other threads went on
    /// allocating). `None` where what is resident can't be read.
    Freed(Option<ByteDelta>),
    /// The last three freed nothing and nothing has changed since.
    InVain,
    /// Another thread is cleaning up right now.
    AlreadyRunning,
}

impl CleanupOutcome {
    /// What was freed, as far as known.
    pub fn freed(&self) -> ByteDelta {
        match self {
            CleanupOutcome::Freed(Some(freed)) => *freed,
            _ => ByteDelta::default(),
        }
    }
}

impl Cleanup {
    /// A cleanup that knows no caches yet.
    pub fn new() -> Cleanup {
        Cleanup::default()
    }

    /// Registers a function that drops a cache; it is called at every cleanup until the returned
    /// value is dropped.
    ///
    /// It may be called from any thread, and once more by a cleanup that is running while the
    /// registration is dropped. Its panic is caught and logged. It must not wait for a lock that is
    /// held by whoever calls the cleanup.
    pub fn register(&self, name: &str, drop_cache: impl Fn() + Send + Sync + 'static) -> Registered {
        let mut state = self.shared.lock();
        let id = state.next_id;
        state.next_id += 1;
        state.callbacks.push((id, name.to_owned(), Arc::new(drop_cache)));
        Registered { id, shared: Arc::downgrade(&self.shared) }
    }

    /// Calls every registered function, in the order of registration: the first step of a cleanup,
    /// by itself.
    pub fn drop_caches(&self) {
        // Called without the lock, so that a function may register or drop a registration.
        let callbacks: Vec<_> = self
            .shared
            .lock()
            .callbacks
            .iter()
            .map(|(_, name, callback)| (name.clone(), Arc::clone(callback)))
            .collect();
        for (name, callback) in callbacks {
            if catch_unwind(AssertUnwindSafe(|| callback())).is_err() {
                tracing::warn!("dropping the cache `{name}` panicked; the cleanup goes on");
            }
        }
    }

    /// Whether a cleanup would run now, with so much resident.
    pub fn is_worthwhile(&self, resident: Option<Bytes>) -> bool {
        self.shared.lock().futility.allows(resident)
    }

    /// Drops the caches, purges the allocator's arenas, trims the C library's heap, and reads
    /// again.
    ///
    /// Takes milliseconds with little freed memory, longer with gigabytes of it.
    pub fn run(&self, gauges: &Gauges) -> CleanupOutcome {
        if self.shared.running.swap(true, Ordering::Acquire) {
            return CleanupOutcome::AlreadyRunning;
        }
        let _running = Running(&self.shared.running);
        let before = gauges.read_process().resident;
        if !self.is_worthwhile(before) {
            return CleanupOutcome::InVain;
        }
        self.drop_caches();
        #[cfg(feature = "jemalloc")]
        crate::jemalloc::purge();
        trim::trim();
        let after = gauges.read_process().resident;
        let freed = before.zip(after).map(|(before, after)| ByteDelta::freed(before, after));
        self.shared.lock().futility.note(freed, after);
        CleanupOutcome::Freed(freed)
    }
}

impl fmt::Debug for Cleanup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared.lock();
        let names = state.callbacks.iter().map(|(_, name, _)| name);
        f.debug_struct("Cleanup")
            .field("caches", &names.collect::<Vec<_>>())
            .field("futility", &state.futility)
            .finish()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says on drop that no cleanup is running any more.
struct Running<'a>(&'a AtomicBool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Keeps a cache registered; dropping it ends the registration.
#[must_use = "dropping this ends the registration"]
pub struct Registered {
    id: u64,
    shared: Weak<Shared>,
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").field("id", &self.id).finish()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let Some(shared) = self.shared.upgrade() else { return };
        let mut state = shared.lock();
        let Some(index) = state.callbacks.iter().position(|(id, ..)| *id == self.id) else { return };
        let removed = state.callbacks.remove(index);
        // What the function holds may itself be a registration: it is dropped without the lock.
        drop(state);
        drop(removed);
    }
}

/// How often a cleanup has been in vain, and when to try again.
#[derive(Debug, Clone, Copy, Default)]
struct Backoff {
    in_vain: u32,
    resident: Option<Bytes>,
}

/// So many cleanups in vain are enough.
const TRIES: u32 = 3;
/// A cleanup that frees less was in vain.
const WORTH: Bytes = Bytes::mb(1);
/// Usage that has moved by so much, or by a fiftieth of what it was, has changed.
const MOVED: Bytes = Bytes::mb(16);

impl Backoff {
    /// Whether to try, with so much resident now. Where that can't be read, a change can't be seen
    /// either.
    fn allows(&self, resident: Option<Bytes>) -> bool {
        let moved = self.resident.zip(resident).is_some_and(|(then, now)| {
            let by = then.max(now).saturating_sub(then.min(now));
            by >= MOVED.max(then.scaled(0.02))
        });
        self.in_vain < TRIES || moved
    }

    /// Notes the outcome of a cleanup that ran.
    fn note(&mut self, freed: Option<ByteDelta>, resident: Option<Bytes>) {
        let worth = freed.is_some_and(|freed| freed.get() >= WORTH.get() as i64);
        let tried_before = if self.in_vain >= TRIES { 0 } else { self.in_vain };
        self.in_vain = if worth { 0 } else { tried_before + 1 };
        self.resident = resident;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Option<ByteDelta> = None;

    fn tried(times: u32, resident: Bytes) -> Backoff {
        let mut futility = Backoff::default();
        (0..times).for_each(|_| futility.note(NOTHING, Some(resident)));
        futility
    }

    #[test]
    fn after_three_cleanups_in_vain_there_is_no_fourth_until_usage_moves() {
        let usage = Bytes::mb(100);
        assert!(tried(2, usage).allows(Some(usage)));
        let enough = tried(3, usage);
        assert!(!enough.allows(Some(usage)));
        assert!(!enough.allows(Some(Bytes::mb(115))));
        assert!(enough.allows(Some(Bytes::mb(116))));
        assert!(enough.allows(Some(Bytes::mb(84))));
    }

    #[test]
    fn with_a_lot_in_use_a_small_move_is_no_change() {
        let enough = tried(3, Bytes::gb(10));
        assert!(!enough.allows(Some(Bytes::mb(10_199))));
        assert!(enough.allows(Some(Bytes::mb(10_200))));
    }

    #[test]
    fn a_cleanup_that_frees_something_starts_the_count_anew() {
        let usage = Some(Bytes::mb(100));
        let mut futility = tried(2, Bytes::mb(100));
        futility.note(Some(ByteDelta::freed(Bytes::mb(2), Bytes::mb(1))), usage);
        futility.note(NOTHING, usage);
        futility.note(NOTHING, usage);
        assert!(futility.allows(usage));
        futility.note(Some(ByteDelta::freed(Bytes::mb(1), Bytes::mb(9))), usage);
        assert!(!futility.allows(usage));
    }

    #[test]
    fn after_a_change_there_are_three_tries_again() {
        let mut futility = tried(3, Bytes::mb(100));
        let now = Some(Bytes::mb(200));
        assert!(futility.allows(now));
        futility.note(NOTHING, now);
        assert!(futility.allows(now));
        futility.note(NOTHING, now);
        assert!(futility.allows(now));
        futility.note(NOTHING, now);
        assert!(!futility.allows(now));
    }
}
