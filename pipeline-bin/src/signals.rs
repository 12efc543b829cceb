//! Ctrl-C, SIGTERM and SIGHUP: the best so far, then the end.

use crate::exit::Exit;
use anyhow::{Context, Result};
use pipeline::Cancel;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};

/// Signals that come so soon after the first are the same one: terminals, `timeout` and job schedulers send two.
const SAME: Duration = Duration::from_secs(1);

/// Listens for as long as the program runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signals {
    /// Set by the first signal.
    pub(crate) cancel: Cancel,
    at_work: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen: the first signal cancels, one that comes more than a second later ends the program at once, and so does the
    /// first while there is nothing to save yet.
    pub(crate) fn listen() -> Result<Signals> {
        let signals = Signals::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("signals")?;
        let heard = signals.clone();
        let (ready, listening) = std::sync::mpsc::channel();
        thread::Builder::new().name("signals".into()).stack_size(memguard::stack_size()).spawn(move || {
            runtime.block_on(async move {
                let all = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
                let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = all else {
                    let _ = ready.send(false);
                    return;
                };
                let _ = ready.send(true);
                let mut first = None;
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hangup.recv() => {}
                    }
                    heard.heard(&mut first);
                }
            });
        })?;
        if listening.recv() != Ok(true) {
            tracing::warn!("cannot listen for signals: Ctrl-C ends the program without its best so far");
        }
        Ok(signals)
    }

    /// From now on there is something to save.
    pub(crate) fn at_work(&self) {
        self.at_work.store(true, Ordering::Relaxed);
    }

    fn heard(&self, first: &mut Option<Instant>) {
        let now = Instant::now();
        match *first {
            None if self.at_work.load(Ordering::Relaxed) => {
                *first = Some(now);
                tracing::warn!("interrupted: writing the best so far (once more ends the program at once)");
                self.cancel.cancel();
            }
            Some(at) if now - at < SAME => {}
            _ => Exit::Interrupted.now(),
        }
    }
}
