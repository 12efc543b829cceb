//! A bar for each stage, on a terminal.

use super::rate::Work;
use crate::logging;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use pipeline::{Event, Outcome, Progress, ProgressSink};
use scheduler::names::clean;
use scheduler::names::short;
use std::time::Duration;

const LABEL: &str = "{prefix:22} {spinner} {msg}";
const LABEL_AND_BAR: &str = "{prefix:22} [{bar:20}] {msg}";

/// One stage's bar. Where it is not known how much there is to do, only what was done is shown.
pub(super) struct Bar {
    bar: ProgressBar,
    work: Work,
}

impl Bar {
    pub(super) fn new(bars: &MultiProgress, label: &str, work: Work) -> Bar {
        let bar = bars.add(ProgressBar::no_length());
        bar.set_style(style(LABEL));
        bar.set_prefix(label.to_owned());
        bar.set_message("begins");
        bar.enable_steady_tick(Duration::from_millis(150));
        Bar { bar, work }
    }

    /// Leaves the bar as a line that says what came of it.
    pub(super) fn end(&self, event: &Event, meaning: Option<String>) {
        self.bar.set_style(style("{prefix:22} {msg}"));
        self.bar.finish_with_message(ended(event, meaning));
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

impl ProgressSink for Bar {
    fn report(&self, progress: Progress) {
        if !self.work.is_due(Duration::ZERO, Duration::from_millis(100)) {
            return;
        }
        if let Some(total) = progress.total {
            if self.bar.length() != Some(total) {
                self.bar.set_length(total);
                self.bar.set_style(style(LABEL_AND_BAR));
            }
            self.bar.set_position(progress.done);
        }
        self.bar.set_message(self.work.words(&progress));
    }
}

/// How a stage ended, in words: what that means, the score, the time; with -v its memory.
pub(super) fn ended(event: &Event, meaning: Option<String>) -> String {
    let time = short(Duration::from_secs_f64(event.seconds.max(0.0)));
    let peak = event.memory.peak.filter(|_| logging::is_verbose());
    let peak = peak.map_or(String::new(), |peak| format!(", peak {}", memguard::Bytes::new(peak)));
    let interrupted = if event.interrupted { ", interrupted" } else { "" };
    match (&event.outcome, event.after, meaning) {
        (Outcome::Taken, Some(score), Some(meaning)) => format!("{meaning} ({score}, {time}{peak}{interrupted})"),
        (Outcome::Taken, Some(score), None) => format!("{score} ({time}{peak}{interrupted})"),
        (Outcome::Taken, None, _) => format!("done ({time}{peak}{interrupted})"),
        (Outcome::Refused(why), ..) => format!("refused: {} ({time}{peak}{interrupted})", clean(why)),
        (Outcome::Failed(why), ..) => format!("failed: {} ({time}{peak}{interrupted})", clean(why)),
    }
}
