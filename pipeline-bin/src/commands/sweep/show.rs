//! What is shown of a sweep: a bar on a terminal, a line now and then elsewhere, events for
//! machines.

use crate::exit::Exit;
use crate::output;
use crate::progress::Show;
use experiments::{Ending, Outcome, Preflight, Progress, Row, State, Watch};
use indicatif::{ProgressBar, ProgressStyle};
use memguard::{Bytes, Level};
use scheduler::names::{clean, short, thousands};
use serde_json::json;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Between two lines where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);
/// Kinds that are listed before a sweep.
const KINDS: usize = 20;

pub(super) struct Shown {
    show: Show,
    bar: Option<ProgressBar>,
    /// The preflight is what was asked for.
    only_plan: bool,
    last: Option<Instant>,
}

impl Shown {
    pub(super) fn new(show: Show, only_plan: bool) -> Shown {
        Shown { show, bar: None, only_plan, last: None }
    }

    /// A line above the bar.
    fn say(&self, line: &str) {
        match (&self.bar, &self.show) {
            (Some(bar), _) => bar.println(line),
            (None, Show::Bars(_) | Show::Lines) => output::aside(line),
            (None, Show::Json | Show::Nothing) => {}
        }
    }

    /// How it has ended.
    pub(super) fn end(&mut self, ending: &Ending, folder: &Path, exit: Exit) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let progress = ending.progress;
        let word = match ending.outcome {
            Outcome::Done => "done",
            Outcome::SomeFailed => "some-failed",
            Outcome::Stopped => "stopped",
            Outcome::NoRoom => "no-room",
            Outcome::NeedsMemory(_) => "needs-memory",
        };
        if matches!(self.show, Show::Json) {
            output::event(json!({
                "event": "end", "outcome": word, "trials": progress.trials, "done": progress.done, "failed": progress.failed,
                "ran": ending.ran, "seconds": ending.took.as_secs_f64(), "folder": folder, "exit": exit as i32,
            }));
            return;
        }
        if self.only_plan {
            return;
        }
        let count = |n: u64| thousands(n as i64);
        let mut text = format!(
            "{} of {} trials done, {} failed; {} run in {}\nresults: stagecoach results {}\n",
            count(progress.done),
            count(progress.trials),
            count(progress.failed),
            count(ending.ran),
            short(ending.took),
            folder.display()
        );
        match ending.outcome {
            Outcome::Stopped => text += "It was stopped: the same command goes on.\n",
            Outcome::NoRoom => text += "It ended for want of disk: with more room the same command goes on.\n",
            Outcome::NeedsMemory(bytes) => {
                text += &format!(
                    "Trials are left that need more memory than there is, at least {bytes} each: with more the same command goes on.\n"
                );
            }
            Outcome::Done | Outcome::SomeFailed => {}
        }
        output::text(text);
    }
}

impl Watch for Shown {
    fn preflight(&mut self, preflight: &Preflight) {
        match &self.show {
            Show::Json => {
                let mut event = serde_json::to_value(preflight).unwrap_or_default();
                event["event"] = "preflight".into();
                output::event(event);
            }
            _ if self.only_plan => output::text(plan(preflight)),
            Show::Bars(bars) => {
                output::aside(plan(preflight).trim_end());
                let bar = bars.add(ProgressBar::new(preflight.trials));
                let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                self.bar = Some(bar);
            }
            Show::Lines => output::aside(plan(preflight).trim_end()),
            Show::Nothing => {}
        }
    }

    fn ended(&mut self, row: &Row, texts: &[String], why: Option<&str>) {
        if matches!(self.show, Show::Json) {
            output::event(json!({
                "event": "trial", "trial": row.id(), "cell": texts, "seed": row.start.seed, "attempt": row.start.attempt,
                "state": row.state, "score": row.score, "ms": row.ms, "peak": row.peak, "cap": row.start.cap, "why": why,
            }));
        } else if row.state != State::Done {
            let name = texts.join(" ");
            let line =
                format!("{} {} seed {}: {}: {}", row.id(), name, row.start.seed, row.state, why.unwrap_or_default());
            self.say(&clean(&line.replace('\n', "; ")));
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let line = line(progress);
        if let Some(bar) = &self.bar {
            bar.set_length(progress.trials);
            bar.set_position(progress.done + progress.failed);
            bar.set_message(line);
            return;
        }
        if self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        match self.show {
            Show::Json => {
                let mut event = serde_json::to_value(progress).unwrap_or_default();
                event["event"] = "progress".into();
                output::event(event);
            }
            Show::Lines => output::aside(format!("{}/{} {line}", progress.done + progress.failed, progress.trials)),
            Show::Bars(_) | Show::Nothing => {}
        }
    }

    fn tells(&mut self, line: &str) {
        if matches!(self.show, Show::Json) {
            output::event(json!({ "event": "note", "text": line }));
        }
        self.say(line);
    }
}

/// `4 running, 1 failed, 312.0 MB of 1.0 GB, 3:20 left`.
fn line(progress: &Progress) -> String {
    let (used, limit) = (Bytes::new(progress.memory), Bytes::new(progress.limit));
    let mut text = format!("{} running, {} failed, {used} of {limit}", progress.running, progress.failed);
    if progress.level != Level::Calm {
        text += &format!(" ({})", progress.level);
    }
    match progress.seconds_left {
        Some(seconds) => text + &format!(", {} left", short(Duration::from_secs_f64(seconds))),
        None => text,
    }
}

/// What is about to be run.
fn plan(preflight: &Preflight) -> String {
    let count = |n: u64| thousands(n as i64);
    let mut text = format!(
        "{} trials: {} done, {} failed before, {} to run\n",
        count(preflight.trials),
        count(preflight.done),
        count(preflight.failed),
        count(preflight.open)
    );
    text += &kinds(preflight);
    let hours = preflight.hours.map_or("unknown time (--minimal finds out)".to_owned(), |hours| {
        format!("about {}", short(Duration::from_secs_f64(hours * 3600.0)))
    });
    let free = preflight.disk_free.map_or(String::new(), |free| format!(" of {} free", Bytes::new(free)));
    let (room, disk) = (Bytes::new(preflight.room), Bytes::new(preflight.disk));
    text + &format!("{room} of memory for trials; {hours}; about {disk} on the disk{free}\n")
}

/// What each kind of trials needs, a line each.
pub(crate) fn kinds(preflight: &Preflight) -> String {
    let count = |n: u64| thousands(n as i64);
    let mut text = String::new();
    for kind in preflight.kinds.iter().take(KINDS) {
        let many = match kind.at_once {
            0 => "does not fit".to_owned(),
            1 => "one at a time".to_owned(),
            n if n < preflight.jobs => format!("limited to {n} at once"),
            n => format!("{n} at once"),
        };
        let (expected, cap) = (Bytes::new(kind.expected), Bytes::new(kind.cap));
        let time =
            kind.seconds.map_or(String::new(), |seconds| format!(", {} each", short(Duration::from_secs_f64(seconds))));
        text += &format!("  {} × {}: {expected} each (at most {cap}), {many}{time}\n", count(kind.trials), kind.name);
    }
    let more = preflight.kinds.len().saturating_sub(KINDS) + preflight.more_kinds;
    if more > 0 {
        text += &format!("  and {more} kinds more\n");
    }
    text
}
