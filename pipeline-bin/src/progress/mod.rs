//! Progress is work done, not time gone by: best score, rate, memory, time to the end. Bars on a
//! terminal, lines elsewhere, events for machines.

mod bars;
mod events;
mod lines;
mod meaning;
mod rate;

use crate::args::Common;
use indicatif::MultiProgress;
use memguard::Guard;
use pipeline::{Budget, Event, Observer, Plan, ProgressSink};
use std::{
    io::{self, IsTerminal},
    sync::{Arc, Mutex, PoisonError},
};

/// How progress is shown.
#[derive(Clone, Debug)]
pub(crate) enum Show {
    /// A bar for each stage.
    Bars(MultiProgress),
    /// A line now and then.
    Lines,
    /// JSON, one object a line.
    Json,
    /// Not at all.
    Nothing,
}

impl Show {
    /// As the flags and the terminal would have it.
    pub(crate) fn choose(common: Common) -> Show {
        match common {
            Common { json: true, .. } => Show::Json,
            Common { quiet: true, .. } => Show::Nothing,
            _ if io::stderr().is_terminal() => Show::Bars(MultiProgress::new()),
            _ => Show::Lines,
        }
    }

    /// The bars, where there are any.
    pub(crate) fn bars(&self) -> Option<MultiProgress> {
        match self {
            Show::Bars(bars) => Some(bars.clone()),
            _ => None,
        }
    }
}

/// Shows what a run does.
pub(crate) struct Watcher {
    show: Show,
    guard: Guard,
    bar: Mutex<Option<Arc<bars::Bar>>>,
}

impl Watcher {
    pub(crate) fn new(show: Show, guard: Guard) -> Watcher {
        Watcher { show, guard, bar: Mutex::default() }
    }
}

impl Observer for Watcher {
    fn starts(&self, slot: &str, implementation: &str, budget: Budget) -> Arc<dyn ProgressSink> {
        let label = format!("{slot} {implementation}");
        let work = rate::Work::new(budget, self.guard.clone());
        match &self.show {
            Show::Bars(bars) => {
                let bar = Arc::new(bars::Bar::new(bars, &label, work));
                *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
                bar
            }
            Show::Lines => Arc::new(lines::Lines::new(&label, work)),
            Show::Json => Arc::new(events::Events::new(slot, implementation, work)),
            Show::Nothing => Arc::new(pipeline::NoProgress),
        }
    }

    fn ends(&self, event: &Event, plan: &Plan) {
        let meaning = || plan.timetable.as_ref().map(|timetable| meaning::meaning(&plan.problem, timetable));
        match &self.show {
            Show::Bars(_) => {
                if let Some(bar) = self.bar.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    bar.end(event, meaning());
                }
            }
            Show::Lines => lines::end(event, meaning()),
            Show::Json => events::end(event),
            Show::Nothing => {}
        }
    }
}
