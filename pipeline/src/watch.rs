//! A thread beside the stage that reads the gauges, and passes on how serious it is.

use crate::memory::MemoryScope;
use crate::stage::StageError;
use crate::stop::Stop;
use crate::threads;
use memguard::Level;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// Runs `work` while the gauges are watched: an emergency asks the stage to shrink, a critical
/// level ends the largest of its workers or, where it has none, halts it. A panic becomes an error.
pub(crate) fn while_watched<T>(
    scope: &mut dyn MemoryScope,
    stop: &Stop,
    work: impl FnOnce() -> Result<T, StageError>,
) -> Result<T, StageError> {
    let done = AtomicBool::new(false);
    thread::scope(|scope_of_watcher| {
        let watcher = thread::Builder::new().name("watcher".into()).stack_size(memguard::stack_size());
        let watcher = watcher.spawn_scoped(scope_of_watcher, || {
            while !done.load(Ordering::Acquire) {
                let level = scope.check();
                stop.set_shrink(level >= Level::Emergency);
                if level == Level::Critical {
                    stop.relieve();
                }
                thread::park_timeout(scope.next_check());
            }
        });
        let watcher = watcher.map_err(threads::none)?;
        let result = catch_unwind(AssertUnwindSafe(work));
        done.store(true, Ordering::Release);
        watcher.thread().unpark();
        result.unwrap_or_else(|panic| Err(StageError::Failed(format!("panicked: {}", words(panic.as_ref())))))
    })
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
