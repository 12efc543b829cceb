//! The program as the host of a run: what a terminal shows, and signals.

use crate::exit::Exit;
use crate::progress::{Show, Watcher};
use crate::signals::Signals;
use crate::{output, summary};
use anyhow::Result;
use memguard::Guard;
use pipeline::Observer;
use scheduler::{BudgetTooSmall, Config, Host, Reading, Session, Target};
use std::{sync::Arc, time::Instant};
use timetable::Problem;

/// What shows a run, and ends it.
#[derive(Debug)]
pub(crate) struct Terminal {
    show: Show,
    guard: Guard,
    signals: Signals,
}

impl Host for Terminal {
    fn observer(&self) -> Arc<dyn Observer> {
        Arc::new(Watcher::new(self.show.clone(), self.guard.clone()))
    }

    fn tells(&self, line: &str) {
        output::aside(line);
    }

    fn has_loaded(&self, problem: &Problem) {
        if matches!(self.show, Show::Bars(_) | Show::Lines) {
            output::aside(summary::input(problem.name(problem.meta().name), problem));
        }
    }

    fn begins(&self) {
        self.signals.at_work();
    }

    fn lacks_memory(&self, why: &BudgetTooSmall) {
        output::aside(format!("error: {why}"));
        Exit::TooSmall.now();
    }
}

/// A session that listens for signals and watches memory.
pub(crate) fn session(config: Config, target: Target, show: Show, started: Instant) -> Result<Session> {
    let guard = Guard::of_this_process(config.memory.value);
    let signals = Signals::listen()?;
    let cancel = signals.cancel.clone();
    let host = Arc::new(Terminal { show, guard: guard.clone(), signals });
    Ok(Session { target, config, guard, host, cancel, started, anyway: false, reading: Reading::Strict })
}
