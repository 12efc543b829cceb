//! Threads of stages, no more of them than there is address space for.

use crate::stage::StageError;
use memguard::{Bytes, stack_size, threads_for};
use std::io;

/// A pool of so many threads, or of fewer where address space is limited: the result of what it
/// does must not depend on how many.
///
/// # Errors
/// Where there is not even room for one.
pub fn pool(threads: usize) -> Result<rayon::ThreadPool, StageError> {
    let of = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(stack_size()).build();
    of(threads_for(threads)).or_else(|_| of(1)).map_err(none)
}

/// Not one thread can be started.
pub(crate) fn none(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StageError {
    let why = io::Error::other(why);
    if memguard::space_limit().is_some() {
        return StageError::Thread { stack: Bytes::new(stack_size() as u64), why };
    }
    StageError::Failed(format!("no threads: {why}"))
}
