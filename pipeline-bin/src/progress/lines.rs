//! A line now and then, where standard error is no terminal.

use super::bars::ended;
use super::rate::Work;
use crate::output;
use pipeline::{Event, Progress, ProgressSink};
use std::time::Duration;

/// One stage's lines: the first after a second, then one every five.
pub(super) struct Lines {
    label: String,
    work: Work,
}

impl Lines {
    pub(super) fn new(label: &str, work: Work) -> Lines {
        Lines { label: label.to_owned(), work }
    }
}

impl ProgressSink for Lines {
    fn report(&self, progress: Progress) {
        if self.work.is_due(Duration::from_secs(1), Duration::from_secs(5)) {
            output::aside(format!("{}: {}", self.label, self.work.words(&progress)));
        }
    }
}

/// Says how a stage ended.
pub(super) fn end(event: &Event, meaning: Option<String>) {
    output::aside(format!("{} {}: {}", event.stage, event.implementation, ended(event, meaning)));
}
