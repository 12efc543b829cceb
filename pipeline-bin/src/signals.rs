//! Ctrl-C, SIGTERM, SIGHUP, and what batch systems warn by (SIGXCPU, SIGUSR1, SIGUSR2): the best so
//! far, then the end.

use crate::exit::Exit;
use anyhow::{Context, Result};
use pipeline::Cancel;
use stage0_load::Unfinished;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};

/// Signals that come so soon after the first are the same one: terminals, `timeout` and job
/// schedulers send two.
const SAME: Duration = Duration::from_secs(1);

/// Whether a signal was ignored when the program began.
fn is_ignored(signal: libc::c_int) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: asks for the action of a signal, and sets none; where that fails the action stays
    // zeroed, which is the default action.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
        action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// A file that would be larger than a limit allows is an error of that file, like a full disk, and
/// not the end of the program.
pub(crate) fn let_files_be_too_large() {
    // SAFETY: sets how a signal is handled, to one of the two ways that need no function of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

/// Listens for as long as the program runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signals {
    /// Set by the first signal.
    pub(crate) cancel: Cancel,
    at_work: Arc<AtomicBool>,
    tidies: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen: the first signal cancels, one that comes more than a second later ends the
    /// program at once, and so does the first while there is nothing to save yet.
    pub(crate) fn listen() -> Result<Signals> {
        let signals = Signals::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("signals")?;
        let heard = signals.clone();
        let (ready, listening) = std::sync::mpsc::channel();
        thread::Builder::new().name("signals".into()).stack_size(memguard::stack_size()).spawn(move || {
            runtime.block_on(async move {
                // Who began with it ignored (`nohup`) goes on when the terminal is gone.
                let hangs_up = !is_ignored(libc::SIGHUP);
                let hangup = if hangs_up { SignalKind::hangup() } else { SignalKind::terminate() };
                let kinds = [SignalKind::interrupt(), SignalKind::terminate(), hangup];
                let warnings = [libc::SIGXCPU, libc::SIGUSR1, libc::SIGUSR2].map(SignalKind::from_raw);
                let (all, warned) = (kinds.map(signal), warnings.map(signal));
                let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = all else {
                    let _ = ready.send(false);
                    return;
                };
                let [Ok(mut time), Ok(mut one), Ok(mut two)] = warned else {
                    let _ = ready.send(false);
                    return;
                };
                let _ = ready.send(true);
                let mut first = None;
                loop {
                    let again = tokio::select! {
                        _ = interrupt.recv() => true,
                        _ = terminate.recv() => true,
                        _ = hangup.recv() => true,
                        _ = time.recv() => false,
                        _ = one.recv() => false,
                        _ = two.recv() => false,
                    };
                    // Warnings are repeated (SIGXCPU every second): only the first of them counts.
                    if again || first.is_none() {
                        heard.heard(&mut first);
                    }
                }
            });
        })?;
        if listening.recv() != Ok(true) {
            tracing::warn!("cannot listen for signals: Ctrl-C ends the program without its best so far");
        }
        Ok(signals)
    }

    /// Who writes files that are of no use by halves: a signal removes what was written so far.
    pub(crate) fn tidy(&self) {
        self.tidies.store(true, Ordering::Relaxed);
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
            _ => {
                // Held to the end, so that nothing more is made.
                let _held = self.tidies.load(Ordering::Relaxed).then(|| {
                    let mut unfinished = Unfinished::hold();
                    unfinished.remove();
                    unfinished
                });
                Exit::Interrupted.now()
            }
        }
    }
}
