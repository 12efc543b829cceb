//! How a worker ended: a pure function of what was seen.

use std::fmt;
use std::time::Duration;

use crate::Bytes;

/// Why a worker is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// It ended with exit code 0.
    Done,
    /// It ended with another exit code, of its own accord.
    Failed(i32),
    /// It wanted more memory than its cap.
    OverCap,
    /// The kernel's OOM killer took it, because of a limit that is not its own.
    OutOfMemory,
    /// A signal ended it, and none of ours.
    Crashed(i32),
    /// Its time was up.
    Deadline,
    /// It was asked to stop.
    Stopped,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Done => f.write_str("ended well"),
            Exit::Failed(code) => write!(f, "ended with exit code {code}"),
            Exit::OverCap => f.write_str("was stopped at its memory cap"),
            Exit::OutOfMemory => f.write_str("was ended by the kernel: out of memory"),
            Exit::Crashed(signal) => write!(f, "was ended by signal {signal}"),
            Exit::Deadline => f.write_str("was stopped when its time was up"),
            Exit::Stopped => f.write_str("was stopped"),
        }
    }
}

/// What became of a worker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkerOutcome {
    /// Why.
    pub exit: Exit,
    /// The most memory that it had: as its control group counts it, otherwise as it was seen now
    /// and then.
    pub peak: Option<Bytes>,
    /// How long it ran.
    pub ran: Duration,
}

/// What was seen of a worker that has ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExitEvidence {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    /// What we did to it first.
    pub(crate) stop_reason: Option<StopReason>,
    /// Its own control group, or its resource limit, refused it memory.
    pub(crate) refused: bool,
    /// The OOM killer was at work meanwhile.
    pub(crate) oom_kills: bool,
}

/// Why we stopped a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    OverCap,
    Deadline,
    Stop,
}

impl ExitEvidence {
    pub(crate) fn exit(&self) -> Exit {
        let killed = self.signal == Some(libc::SIGKILL);
        match (self.code, self.stop_reason) {
            (Some(0), _) => Exit::Done,
            (_, Some(StopReason::OverCap)) => Exit::OverCap,
            // A refusal can end it in any way: killed, aborted, or with an exit code of its own.
            _ if self.refused && self.stop_reason.is_none() => Exit::OverCap,
            (_, Some(StopReason::Deadline)) => Exit::Deadline,
            (_, Some(StopReason::Stop)) => Exit::Stopped,
            _ if killed && self.oom_kills => Exit::OutOfMemory,
            (Some(code), None) => Exit::Failed(code),
            (None, None) => Exit::Crashed(self.signal.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_told_by_what_was_seen() {
        let killed = ExitEvidence { signal: Some(libc::SIGKILL), ..ExitEvidence::default() };
        let aborted = ExitEvidence { signal: Some(libc::SIGABRT), ..ExitEvidence::default() };
        let failed = ExitEvidence { code: Some(3), ..ExitEvidence::default() };
        assert_eq!(ExitEvidence { code: Some(0), ..ExitEvidence::default() }.exit(), Exit::Done);
        assert_eq!(failed.exit(), Exit::Failed(3));
        assert_eq!(aborted.exit(), Exit::Crashed(libc::SIGABRT));
        assert_eq!(killed.exit(), Exit::Crashed(libc::SIGKILL));
        assert_eq!(ExitEvidence { oom_kills: true, ..killed }.exit(), Exit::OutOfMemory);
        // Something else ran out of memory meanwhile: that does not explain an abort.
        assert_eq!(ExitEvidence { oom_kills: true, ..aborted }.exit(), Exit::Crashed(libc::SIGABRT));
        for evidence in [killed, aborted, failed] {
            assert_eq!(ExitEvidence { refused: true, oom_kills: true, ..evidence }.exit(), Exit::OverCap);
            assert_eq!(ExitEvidence { stop_reason: Some(StopReason::Stop), ..evidence }.exit(), Exit::Stopped);
            assert_eq!(ExitEvidence { stop_reason: Some(StopReason::Deadline), ..evidence }.exit(), Exit::Deadline);
            assert_eq!(ExitEvidence { stop_reason: Some(StopReason::OverCap), ..evidence }.exit(), Exit::OverCap);
        }
        // What was done in time counts, whatever was asked meanwhile.
        assert_eq!(
            ExitEvidence { code: Some(0), stop_reason: Some(StopReason::Stop), ..ExitEvidence::default() }.exit(),
            Exit::Done
        );
    }
}
