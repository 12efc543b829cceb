//! Memory limits, gauges, ledger and cleanup for programs that must not die of memory.
//!
//! Two halves that do not trust each other: the [`Ledger`] says what was promised, the [`Gauges`]
//! say what is. Between them stand the [`Limits`]: every limit that may apply to this process
//! (control groups of either version at every level, resource limits, the machine, the user's own
//! word), of which the smallest holds. A [`Guard`] puts limits, gauges and [`Cleanup`] together,
//! and a [`Scope`] watches one stage of the work:
//!
//! ```
//! use memguard::{Bytes, Guard, Ledger, Level, Thresholds};
//!
//! let guard = Guard::of_this_process(Some(Bytes::gb(2)));
//! let ledger = Ledger::new(guard.limit(), Bytes::mb(64));
//!
//! let mut scope = guard.scope("STAGE2A", Thresholds::default().with_emergency(0.75)?);
//! let rows = 1_000_000;
//! let promised = ledger.reserve("rows", Bytes::of::<u64>(rows))?; // before allocating
//! let table = vec![0_u64; rows];
//! if scope.check() >= Level::Emergency {
//!     // shrink, spill, or stop with the best so far
//! }
//! drop((table, promised));
//! let report = scope.finish(true); // cleans up
//! println!("{} left {:?} in use", report.name, report.after);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whoever reserves says beforehand what it does when it is refused ([`Ledger::consumer`],
//! [`OnRefusal`]), and asks for as many parts as there is room for where it can do with fewer
//! ([`Consumer::reserve_up_to`]):
//!
//! ```
//! use memguard::{Bytes, Ledger, OnRefusal};
//!
//! let ledger = Ledger::new(Bytes::mb(100), Bytes::mb(10));
//! let chains = ledger.consumer("chains", OnRefusal::Shrink);
//! let (count, promised) = chains.reserve_up_to(8, Bytes::mb(20));
//! assert_eq!((count, promised.bytes()), (4, Bytes::mb(80)));
//! ```
//!
//! A scope is checked every now and then, [`Scope::next_check`] says when; or by a thread beside
//! the work. Work that may run away goes into a process of its own, with a cap that the kernel
//! enforces where it can: [`spawn`]. `examples/survive.rs` makes four times as much as fits into
//! memory.
//!
//! With the feature `jemalloc` (on by default), a binary installs the allocator whose live bytes
//! can be read and whose freed pages can be purged:
//!
//! ```
//! # #[cfg(feature = "jemalloc")]
//! #[global_allocator]
//! static ALLOCATOR: memguard::Allocator = memguard::Allocator;
//! # fn main() {}
//! ```
//!
//! Reading `/proc` and control groups is for Linux. On other systems what the user asked for is the
//! limit, nothing else is found, and all gauges but the allocator's show nothing.

#[cfg(unix)]
mod admission;
mod bytes;
mod candidate;
mod cgroup;
mod children;
mod cleanup;
#[cfg(feature = "sysinfo")]
mod crosscheck;
mod disk;
mod gauge;
mod guard;
#[cfg(feature = "jemalloc")]
mod jemalloc;
mod ledger;
mod level;
mod limit;
mod pace;
mod peak;
mod pressure;
mod procfs;
mod roots;
mod scope;
mod space;
mod trim;
mod usage;
#[cfg(feature = "serde")]
mod with_serde;
#[cfg(unix)]
mod worker;

#[cfg(unix)]
pub use admission::{Admission, Next, next};
pub use bytes::{ByteDelta, Bytes, ParseBytesError};
pub use candidate::{Candidate, Source, Verdict};
pub use cgroup::CgroupVersion;
pub use cleanup::{Cleanup, CleanupOutcome, Registered};
#[cfg(feature = "sysinfo")]
pub use crosscheck::{Comparison, cross_check};
pub use disk::disk_free;
pub use gauge::{CgroupUsage, Gauges, Readings};
pub use guard::Guard;
pub use ledger::{Consumer, Holder, Ledger, OnRefusal, Refused, Reservation};
pub use level::{BadThresholds, Level, MARGIN, STALLED, Thresholds, decide};
pub use limit::Limits;
pub use pace::pace;
pub use peak::Peak;
pub use pressure::{LimitHits, Pressure};
pub use roots::Roots;
pub use scope::{Scope, ScopeReport};
pub use space::{can_map, space_limit, stack_size, threads_for};
pub use usage::{Gauge, Usage};
#[cfg(unix)]
pub use worker::{
    Caps, Exit, Supervisor, Tail, Worker, WorkerOutcome, can_make_groups, spawn, spawn_supervised,
    spawn_supervised_without_group, spawn_without_group, supervise,
};

/// jemalloc, for a binary to install as its `#[global_allocator]`.
#[cfg(feature = "jemalloc")]
pub use tikv_jemallocator::Jemalloc as Allocator;
