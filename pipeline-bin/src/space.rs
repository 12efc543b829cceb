//! Begins the program where address space is limited.

use crate::allocator;
use memguard::{Bytes, can_map, space_limit};
use std::{io, panic, thread};

/// The stack of the thread on which the program runs. The system's own grows until it meets the
/// limit, and then a signal ends it.
const STACK: usize = 4 << 20;
/// What the program takes beside it before it knows anything.
const BEGIN: Bytes = Bytes::mib(2);

/// Runs the program; where address space is limited, on a thread whose stack is there from the
/// start.
///
/// Ends the program with the figures where there is no room even for that.
pub(crate) fn begin<T: Send + 'static>(program: impl FnOnce() -> T + Send + 'static) -> T {
    if space_limit().is_none() {
        return program();
    }
    let needed = Bytes::new(STACK as u64).saturating_add(BEGIN);
    if !can_map(needed) {
        allocator::end(format_args!("the program takes {needed} more to begin"));
    }
    let running = thread::Builder::new().name("main".into()).stack_size(STACK).spawn(program);
    let Ok(running) = running else { allocator::end(format_args!("the program takes {needed} more to begin")) };
    match running.join() {
        Ok(done) => done,
        Err(_) if is_full() => allocator::end(format_args!("a thread or a part of the work could not begin")),
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// Whether there is hardly any address space left.
fn is_full() -> bool {
    space_limit().is_some() && !can_map(BEGIN)
}

/// Whether an error is one of the system's for want of address space.
pub(crate) fn is_lacking(error: &anyhow::Error) -> bool {
    // A thread that cannot be started is to be tried again; but so are locks that others hold.
    let lacks = |error: &io::Error| match error.raw_os_error() {
        Some(libc::EAGAIN) => is_full(),
        Some(libc::ENOMEM) => true,
        _ => error.kind() == io::ErrorKind::OutOfMemory,
    };
    space_limit().is_some() && error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(lacks))
}
