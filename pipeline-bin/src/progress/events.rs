//! Progress as JSON, one object a line on standard output.

use super::rate::Work;
use crate::output;
use pipeline::{Event, Progress, ProgressSink};
use serde_json::{Value, json};
use std::time::Duration;

/// One stage's events: at most two a second.
pub(super) struct Events {
    slot: String,
    implementation: String,
    work: Work,
}

impl Events {
    pub(super) fn new(slot: &str, implementation: &str, work: Work) -> Events {
        output::event(json!({ "event": "stage-begins", "stage": slot, "implementation": implementation }));
        Events { slot: slot.to_owned(), implementation: implementation.to_owned(), work }
    }
}

impl ProgressSink for Events {
    fn report(&self, progress: Progress) {
        if !self.work.is_due(Duration::ZERO, Duration::from_millis(500)) {
            return;
        }
        let figures = self.work.figures(&progress);
        output::event(json!({
            "event": "progress",
            "stage": self.slot,
            "implementation": self.implementation,
            "done": progress.done,
            "total": progress.total,
            "best": progress.best,
            "per_second": figures.rate.round(),
            "memory": figures.memory,
            "seconds_left": figures.left.map(|left| left.as_secs_f64()),
        }));
    }
}

/// Says how a stage ended.
pub(super) fn end(event: &Event) {
    let mut value = json!(event);
    if let Value::Object(fields) = &mut value {
        fields.insert("event".into(), "stage-ends".into());
    }
    output::event(value);
}
