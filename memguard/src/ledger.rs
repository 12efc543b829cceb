//! The ledger: what was promised to whom.
//!
//! The rules are those of DataFusion's memory pool, with its known holes closed: ask before allocating; a refusal
//! changes nothing and is the signal to shrink or spill; what a consumer holds is summed over all its reservations and
//! checked together with the total under one lock.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Bytes;

/// Books who has been promised how much of the memory. Clones are the same ledger.
///
/// ```
/// use memguard::{Bytes, Ledger};
///
/// let ledger = Ledger::new(Bytes::mb(100), Bytes::mb(10));
/// let mut graph = ledger.reserve("graph", Bytes::mb(60))?;
/// let refused = ledger.reserve("population", Bytes::mb(40)).unwrap_err();
/// assert_eq!(refused.free, Bytes::mb(30));
/// graph.shrink(Bytes::mb(20));
/// assert!(ledger.reserve("population", Bytes::mb(40)).is_ok());
/// # Ok::<(), memguard::Refused>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    book: Arc<Mutex<Book>>,
}

#[derive(Debug)]
struct Book {
    capacity: Bytes,
    held: Bytes,
    peak: Bytes,
    /// In the order of their names, so that a refusal reads the same every time.
    consumers: BTreeMap<Arc<str>, Consumer>,
}

#[derive(Debug, Default)]
struct Consumer {
    held: Bytes,
    reservations: usize,
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
    /// Who asked.
    pub consumer: Arc<str>,
    /// What it asked for on top of what it holds.
    pub asked: Bytes,
    /// What it could have got: what is free in all, or what its own cap leaves it, whichever is less.
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
        let Refused { consumer, asked, free, capacity, .. } = self;
        write!(f, "{consumer} asked for {asked}, but {free} of {capacity} are free")?;
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
    /// A ledger over `limit` that never promises the last `reserve` of it: that is kept for checkpointing and for what
    /// is not booked.
    pub fn new(limit: Bytes, reserve: Bytes) -> Ledger {
        let capacity = limit.saturating_sub(reserve);
        let book = Book { capacity, held: Bytes::ZERO, peak: Bytes::ZERO, consumers: BTreeMap::new() };
        Ledger { book: Arc::new(Mutex::new(book)) }
    }

    /// Promises `bytes` to `consumer`, before it allocates them.
    ///
    /// # Errors
    ///
    /// Where less is free, or the consumer would hold more than its cap; nothing has changed then.
    pub fn reserve(&self, consumer: &str, bytes: Bytes) -> Result<Reservation, Refused> {
        let consumer: Arc<str> = Arc::from(consumer);
        let mut book = self.lock();
        book.take(&consumer, bytes)?;
        book.consumers.entry(Arc::clone(&consumer)).or_default().reservations += 1;
        drop(book);
        Ok(Reservation { book: Arc::clone(&self.book), consumer, bytes })
    }

    /// Lets `consumer` hold at most `cap`, all its reservations together. What it holds already stays promised.
    pub fn cap(&self, consumer: &str, cap: Bytes) {
        self.lock().consumers.entry(Arc::from(consumer)).or_default().cap = Some(cap);
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
        let book = self.lock();
        book.capacity.saturating_sub(book.held)
    }

    /// The most that was ever promised at once.
    pub fn peak(&self) -> Bytes {
        self.lock().peak
    }

    /// Everyone who holds something, largest first; those with equal amounts by name.
    pub fn holders(&self) -> Vec<Holder> {
        self.lock().holders()
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }
}

/// The book is consistent between any two of its methods, so a panic elsewhere does not spoil it.
fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Book {
    fn take(&mut self, name: &Arc<str>, bytes: Bytes) -> Result<(), Refused> {
        let (held, cap) = self.consumers.get(name).map_or((Bytes::ZERO, None), |c| (c.held, c.cap));
        let free_in_all = self.capacity.saturating_sub(self.held);
        let free = cap.map_or(free_in_all, |cap| cap.saturating_sub(held).min(free_in_all));
        if bytes > free {
            let mut holders = self.holders();
            holders.truncate(Refused::MOST_HOLDERS);
            let capacity = self.capacity;
            return Err(Refused { consumer: Arc::clone(name), asked: bytes, free, capacity, cap, holders });
        }
        self.held = self.held.saturating_add(bytes);
        self.peak = self.peak.max(self.held);
        self.consumers.entry(Arc::clone(name)).or_default().held = held.saturating_add(bytes);
        Ok(())
    }

    fn give_back(&mut self, name: &Arc<str>, bytes: Bytes, reservations: usize) {
        self.held = self.held.saturating_sub(bytes);
        let Some(consumer) = self.consumers.get_mut(name) else { return };
        consumer.held = consumer.held.saturating_sub(bytes);
        consumer.reservations = consumer.reservations.saturating_sub(reservations);
        if consumer.reservations == 0 && consumer.cap.is_none() {
            self.consumers.remove(name);
        }
    }

    fn holders(&self) -> Vec<Holder> {
        let holding = self.consumers.iter().filter(|(_, consumer)| consumer.held > Bytes::ZERO);
        let mut holders: Vec<Holder> =
            holding.map(|(name, consumer)| Holder { name: Arc::clone(name), held: consumer.held }).collect();
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.held));
        holders
    }
}

/// A promise of memory; it is given back when this is dropped.
#[must_use = "dropping a reservation gives its bytes back"]
pub struct Reservation {
    book: Arc<Mutex<Book>>,
    consumer: Arc<str>,
    bytes: Bytes,
}

impl Reservation {
    /// What is promised.
    pub fn bytes(&self) -> Bytes {
        self.bytes
    }

    /// To whom.
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// Asks for `more` on top.
    ///
    /// # Errors
    ///
    /// As [`Ledger::reserve`]; the reservation is then as it was.
    pub fn try_grow(&mut self, more: Bytes) -> Result<(), Refused> {
        lock(&self.book).take(&self.consumer, more)?;
        self.bytes = self.bytes.saturating_add(more);
        Ok(())
    }

    /// Gives `less` back, at most all; returns what was given back.
    pub fn shrink(&mut self, less: Bytes) -> Bytes {
        let less = less.min(self.bytes);
        lock(&self.book).give_back(&self.consumer, less, 0);
        self.bytes = self.bytes.saturating_sub(less);
        less
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
        lock(&self.book).give_back(&self.consumer, self.bytes, 1);
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reservation({} {})", self.consumer, self.bytes)
    }
}
