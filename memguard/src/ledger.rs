//! The ledger: what was promised to whom.
//!
//! The rules are those of DataFusion's memory pool, with its known holes closed: ask before
//! allocating; a refusal changes nothing and is the signal to shrink or spill; what a consumer
//! holds is summed over all its reservations and checked together with the total under one lock.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Bytes;

/// Books who has been promised how much of a memory: the host's, a GPU's, a disk's, each in a
/// ledger of its own. Clones are the same ledger.
///
/// ```
/// use memguard::{Bytes, Ledger, OnRefusal};
///
/// let ledger = Ledger::new(Bytes::mb(100), Bytes::mb(10));
/// let mut graph = ledger.reserve("graph", Bytes::mb(60))?;
/// let population = ledger.consumer("population", OnRefusal::Shrink);
/// let refused = population.reserve(Bytes::mb(40)).unwrap_err();
/// assert_eq!((refused.free, refused.then), (Bytes::mb(30), OnRefusal::Shrink));
/// graph.shrink(Bytes::mb(20));
/// assert!(population.reserve(Bytes::mb(40)).is_ok());
/// # Ok::<(), memguard::Refused>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    state: Arc<Mutex<LedgerState>>,
}

/// What a consumer does when it is refused, decided when it is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnRefusal {
    /// It goes on with less.
    Shrink,
    /// It puts what it holds on disk.
    Spill,
    /// It saves its best so far and stops.
    Stop,
    /// It cannot do its work: an error.
    #[default]
    Fail,
}

impl fmt::Display for OnRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OnRefusal::Shrink => "goes on with less",
            OnRefusal::Spill => "spills to disk",
            OnRefusal::Stop => "stops with its best",
            OnRefusal::Fail => "fails",
        })
    }
}

#[derive(Debug)]
struct LedgerState {
    of: Arc<str>,
    capacity: Bytes,
    held: Bytes,
    peak: Bytes,
    /// Few; one that is gone leaves its place to the next.
    entries: Vec<Entry>,
}

/// What is booked for one consumer.
#[derive(Debug)]
struct Entry {
    name: Arc<str>,
    held: Bytes,
    /// Reservations and [`Consumer`]s that refer to it; with none, and no cap, its place is free.
    users: usize,
    cap: Option<Bytes>,
}

/// What one consumer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The name under which it was reserved.
    pub name: Arc<str>,
    /// What it holds in all its reservations together.
    pub held: Bytes,
}

/// A refusal: nothing was promised and nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// Of which ledger: `memory`, or the name it was given.
    pub of: Arc<str>,
    /// Who asked.
    pub consumer: Arc<str>,
    /// What it does now.
    pub then: OnRefusal,
    /// What it asked for on top of what it holds.
    pub asked: Bytes,
    /// What it could have got: what is free in all, or what its own cap leaves it, whichever is
    /// less.
    pub free: Bytes,
    /// What the ledger may promise in all.
    pub capacity: Bytes,
    /// The most that this consumer may hold, where it has a cap.
    pub cap: Option<Bytes>,
    /// The largest holders, largest first; at most [`Refused::MOST_HOLDERS`].
    pub holders: Vec<Holder>,
}

impl Refused {
    /// So many holders are listed at most.
    pub const MOST_HOLDERS: usize = 5;
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refused { of, consumer, asked, free, capacity, .. } = self;
        write!(f, "{consumer} asked for {asked} of {of}, but {free} of {capacity} are free")?;
        if let Some(cap) = self.cap {
            write!(f, " for it, which may hold {cap}")?;
        }
        for (index, holder) in self.holders.iter().enumerate() {
            let lead = if index == 0 { "; held by" } else { "," };
            write!(f, "{lead} {} {}", holder.name, holder.held)?;
        }
        Ok(())
    }
}

impl Ledger {
    /// A ledger over `limit` that never promises the last `reserve` of it: that is kept for
    /// checkpointing and for what is not booked.
    pub fn new(limit: Bytes, reserve: Bytes) -> Ledger {
        Ledger::of("memory", limit, reserve)
    }

    /// The same for another memory, such as `GPU 0` or `disk`; refusals name it.
    pub fn of(name: &str, limit: Bytes, reserve: Bytes) -> Ledger {
        let capacity = limit.saturating_sub(reserve);
        let state =
            LedgerState { of: Arc::from(name), capacity, held: Bytes::ZERO, peak: Bytes::ZERO, entries: Vec::new() };
        Ledger { state: Arc::new(Mutex::new(state)) }
    }

    /// Somebody who will reserve, and what it does where that is refused.
    pub fn consumer(&self, name: &str, then: OnRefusal) -> Consumer {
        let entry = self.lock().enter(name);
        Consumer { state: Arc::clone(&self.state), entry, then }
    }

    /// Promises `bytes` to `consumer`, before it allocates them; where that is refused, it fails.
    ///
    /// # Errors
    ///
    /// Where less is free, or the consumer would hold more than its cap; nothing has changed then.
    pub fn reserve(&self, consumer: &str, bytes: Bytes) -> Result<Reservation, Refused> {
        let then = OnRefusal::Fail;
        let mut state = self.lock();
        let entry = state.enter(consumer);
        if let Err(refused) = state.take(entry, bytes, then) {
            state.leave(entry);
            return Err(refused);
        }
        drop(state);
        Ok(Reservation { state: Arc::clone(&self.state), entry, then, bytes })
    }

    /// Lets `consumer` hold at most `cap`, all its reservations together. What it holds already
    /// stays promised.
    pub fn cap(&self, consumer: &str, cap: Bytes) {
        let mut state = self.lock();
        let entry = state.enter(consumer);
        state.entries[entry].cap = Some(cap);
        state.leave(entry);
    }

    /// What may be promised in all: the limit less the reserve.
    pub fn capacity(&self) -> Bytes {
        self.lock().capacity
    }

    /// What is promised.
    pub fn held(&self) -> Bytes {
        self.lock().held
    }

    /// What may still be promised.
    pub fn free(&self) -> Bytes {
        let state = self.lock();
        state.capacity.saturating_sub(state.held)
    }

    /// The most that was ever promised at once.
    pub fn peak(&self) -> Bytes {
        self.lock().peak
    }

    /// Everyone who holds something, largest first; those with equal amounts by name.
    pub fn holders(&self) -> Vec<Holder> {
        self.lock().holders()
    }

    fn lock(&self) -> MutexGuard<'_, LedgerState> {
        lock(&self.state)
    }
}

/// The book is consistent between any two of its methods, so a panic elsewhere does not spoil it.
fn lock(state: &Mutex<LedgerState>) -> MutexGuard<'_, LedgerState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LedgerState {
    /// The entry of a consumer, with one user more.
    fn enter(&mut self, name: &str) -> usize {
        let found = self.entries.iter().position(|entry| *entry.name == *name && !entry.is_free());
        let index = found.or_else(|| self.entries.iter().position(Entry::is_free)).unwrap_or(self.entries.len());
        if found.is_none() {
            let entry = Entry { name: Arc::from(name), held: Bytes::ZERO, users: 0, cap: None };
            match self.entries.get_mut(index) {
                Some(free) => *free = entry,
                None => self.entries.push(entry),
            }
        }
        self.entries[index].users += 1;
        index
    }

    fn leave(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        entry.users = entry.users.saturating_sub(1);
    }

    fn take(&mut self, index: usize, bytes: Bytes, then: OnRefusal) -> Result<(), Refused> {
        let Entry { held, cap, .. } = self.entries[index];
        let free_in_all = self.capacity.saturating_sub(self.held);
        let free = cap.map_or(free_in_all, |cap| cap.saturating_sub(held).min(free_in_all));
        if bytes > free {
            return Err(self.refusal(index, bytes, free, then));
        }
        self.held = self.held.saturating_add(bytes);
        self.peak = self.peak.max(self.held);
        self.entries[index].held = held.saturating_add(bytes);
        Ok(())
    }

    #[cold]
    fn refusal(&self, index: usize, asked: Bytes, free: Bytes, then: OnRefusal) -> Refused {
        let Entry { name, cap, .. } = &self.entries[index];
        let mut holders = self.holders();
        holders.truncate(Refused::MOST_HOLDERS);
        let (of, consumer) = (Arc::clone(&self.of), Arc::clone(name));
        Refused { of, consumer, then, asked, free, capacity: self.capacity, cap: *cap, holders }
    }

    fn give_back(&mut self, index: usize, bytes: Bytes) {
        self.held = self.held.saturating_sub(bytes);
        let entry = &mut self.entries[index];
        entry.held = entry.held.saturating_sub(bytes);
    }

    fn holders(&self) -> Vec<Holder> {
        let holding = self.entries.iter().filter(|entry| entry.held > Bytes::ZERO);
        let mut holders: Vec<Holder> =
            holding.map(|entry| Holder { name: Arc::clone(&entry.name), held: entry.held }).collect();
        holders.sort_by(|a, b| b.held.cmp(&a.held).then_with(|| a.name.cmp(&b.name)));
        holders
    }
}

impl Entry {
    fn is_free(&self) -> bool {
        self.users == 0 && self.cap.is_none()
    }
}

/// Somebody who reserves from a ledger, from [`Ledger::consumer`].
#[derive(Debug)]
pub struct Consumer {
    state: Arc<Mutex<LedgerState>>,
    entry: usize,
    then: OnRefusal,
}

impl Consumer {
    /// Promises `bytes`, before they are allocated.
    ///
    /// # Errors
    ///
    /// Where less is free, or the cap of this consumer would be passed; nothing has changed then,
    /// and [`Refused::then`] is what this consumer was made to do.
    pub fn reserve(&self, bytes: Bytes) -> Result<Reservation, Refused> {
        let mut state = lock(&self.state);
        state.take(self.entry, bytes, self.then)?;
        state.entries[self.entry].users += 1;
        drop(state);
        Ok(Reservation { state: Arc::clone(&self.state), entry: self.entry, then: self.then, bytes })
    }

    /// Promises as many times `bytes` as are free, at most `most`, in one reservation: how many
    /// chains, individuals or workers there can be.
    pub fn reserve_up_to(&self, most: usize, bytes: Bytes) -> (usize, Reservation) {
        let mut state = lock(&self.state);
        let Entry { held, cap, .. } = state.entries[self.entry];
        let free_in_all = state.capacity.saturating_sub(state.held);
        let free = cap.map_or(free_in_all, |cap| cap.saturating_sub(held).min(free_in_all));
        let count = free.get().checked_div(bytes.get()).map_or(most, |fit| fit.min(most as u64) as usize);
        let bytes = Bytes::new(bytes.get() * count as u64);
        let taken = state.take(self.entry, bytes, self.then);
        debug_assert!(taken.is_ok(), "no more than is free");
        state.entries[self.entry].users += 1;
        drop(state);
        (count, Reservation { state: Arc::clone(&self.state), entry: self.entry, then: self.then, bytes })
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        lock(&self.state).leave(self.entry);
    }
}

/// A promise of memory; it is given back when this is dropped.
#[must_use = "dropping a reservation gives its bytes back"]
pub struct Reservation {
    state: Arc<Mutex<LedgerState>>,
    entry: usize,
    then: OnRefusal,
    bytes: Bytes,
}

impl Reservation {
    /// What is promised.
    pub fn bytes(&self) -> Bytes {
        self.bytes
    }

    /// To whom.
    pub fn consumer(&self) -> Arc<str> {
        Arc::clone(&lock(&self.state).entries[self.entry].name)
    }

    /// Asks for `more` on top.
    ///
    /// # Errors
    ///
    /// As [`Ledger::reserve`]; the reservation is then as it was.
    pub fn try_grow(&mut self, more: Bytes) -> Result<(), Refused> {
        lock(&self.state).take(self.entry, more, self.then)?;
        self.bytes = self.bytes.saturating_add(more);
        Ok(())
    }

    /// Gives `less` back, at most all; returns what was given back.
    pub fn shrink(&mut self, less: Bytes) -> Bytes {
        let less = less.min(self.bytes);
        lock(&self.state).give_back(self.entry, less);
        self.bytes = self.bytes.saturating_sub(less);
        less
    }

    /// Takes over what another reservation of the same consumer holds.
    ///
    /// # Panics
    /// Where the other is of another consumer or ledger.
    pub fn join(&mut self, mut other: Reservation) {
        assert!(Arc::ptr_eq(&self.state, &other.state) && self.entry == other.entry, "reservations of one consumer");
        self.bytes = self.bytes.saturating_add(std::mem::take(&mut other.bytes));
    }

    /// Grows or shrinks to `bytes`.
    ///
    /// # Errors
    ///
    /// As [`try_grow`](Reservation::try_grow); shrinking never fails.
    pub fn resize(&mut self, bytes: Bytes) -> Result<(), Refused> {
        if bytes > self.bytes {
            return self.try_grow(bytes.saturating_sub(self.bytes));
        }
        self.shrink(self.bytes.saturating_sub(bytes));
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.give_back(self.entry, self.bytes);
        state.leave(self.entry);
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reservation({} {})", self.consumer(), self.bytes)
    }
}
