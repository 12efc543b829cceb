//! What is known of a trial: its last attempt.

use crate::id::TrialId;
use crate::lines::{End, Start};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use timetable::Score;

/// What became of a trial. A trial that is not in the index is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// At work, or its driver has died.
    Running = 1,
    /// Done: its result counts.
    Done = 2,
    /// It ended with an error of its own.
    Failed = 3,
    /// Its configuration makes no sense.
    BadConfig = 4,
    /// A signal ended it, and none of ours.
    Crashed = 5,
    /// Its time was up.
    Deadline = 6,
    /// It ran out of memory, as is proven: it went over its cap, or the kernel's OOM killer took
    /// it.
    Oom = 7,
    /// Its driver died, or ended it for want of memory that was not its fault; it is run again.
    Lost = 8,
    /// The sweep was stopped; it is run again.
    Stopped = 9,
}

impl State {
    /// All of them.
    pub const ALL: [State; 9] = [
        State::Running,
        State::Done,
        State::Failed,
        State::BadConfig,
        State::Crashed,
        State::Deadline,
        State::Oom,
        State::Lost,
        State::Stopped,
    ];

    /// Its name, as in `--where state=done`.
    pub fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Done => "done",
            State::Failed => "failed",
            State::BadConfig => "badconfig",
            State::Crashed => "crashed",
            State::Deadline => "deadline",
            State::Oom => "oom",
            State::Lost => "lost",
            State::Stopped => "stopped",
        }
    }

    /// From its number in the index.
    pub(crate) fn of_number(number: i64) -> Option<State> {
        State::ALL.into_iter().find(|&state| state as i64 == number)
    }

    /// Whether the trial is run again without anybody asking for it. (One that ran out of memory is
    /// so, too, while there is more.)
    pub fn is_open(self) -> bool {
        matches!(self, State::Running | State::Lost | State::Stopped)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<State, String> {
        let names = || State::ALL.map(State::name).join(", ");
        let found = State::ALL.into_iter().find(|state| state.name() == text);
        found.ok_or_else(|| format!("`{text}` is no state of a trial, expected one of {}", names()))
    }
}

/// One trial in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The trial and its last attempt.
    pub start: Start,
    /// How that ended.
    pub state: State,
    /// Its score.
    pub score: Option<Score>,
    /// Milliseconds that it took.
    pub ms: u64,
    /// Steps that it was charged.
    pub steps: Option<u64>,
    /// The most memory that was resident, in bytes.
    pub peak: u64,
    /// Milliseconds of processor time.
    pub cpu: u64,
    /// When it ended.
    pub at: u64,
}

impl Row {
    /// A trial that is about to begin.
    pub fn running(start: Start) -> Row {
        Row { start, state: State::Running, score: None, ms: 0, steps: None, peak: 0, cpu: 0, at: 0 }
    }

    /// Whether it counts rather than another attempt at the same trial. What is done stays so.
    pub(crate) fn replaces(&self, attempt: u32, is_done: bool) -> bool {
        match (self.state == State::Done, is_done) {
            (true, false) => true,
            (false, true) => false,
            _ => self.start.attempt > attempt,
        }
    }

    /// The trial.
    pub fn id(&self) -> TrialId {
        self.start.id
    }
}

impl From<&End> for Row {
    fn from(end: &End) -> Row {
        let &End { start, state, score, ms, steps, peak, cpu, at, .. } = end;
        Row { start, state, score, ms, steps, peak, cpu, at }
    }
}
