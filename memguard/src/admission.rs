//! How many workers at once, with how much memory each, and what to do after one has run out of it:
//! pure functions of what was learnt and of what is free.

use crate::{Bytes, Exit, Level, WorkerOutcome};

/// So many of the last peaks count for what is expected of the next worker.
const REMEMBERED: usize = 16;
/// A worker gets this much more than any of the last took.
const HEADROOM: f64 = 1.2;
/// After it has run out of memory a worker gets so much more than it had.
const MORE: f64 = 1.5;
/// So often the same work is tried with more memory.
const TRIES: u32 = 2;

/// Learns from workers that have finished what the next one needs, and says whether there is room
/// for it.
///
/// ```
/// use memguard::{Admission, Bytes, Level};
///
/// let mut admission = Admission::new(Bytes::mb(200));
/// assert!(admission.admits(1, Bytes::mb(250), Level::Calm));
/// admission.learn(Bytes::mb(300));
/// assert_eq!(admission.expected(), Bytes::mb(360));
/// assert!(!admission.admits(1, Bytes::mb(250), Level::Calm));
/// ```
#[derive(Debug, Clone)]
pub struct Admission {
    guess: Bytes,
    peaks: Vec<Bytes>,
    learnt: usize,
}

/// What to do with the work of a worker that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Done,
    /// Again, while no other worker runs, with so much memory.
    Alone(Bytes),
    /// More memory has not helped, or there is no more: less work at a time.
    Smaller,
    /// It failed for another reason: more memory would not help.
    GiveUp,
}

impl Admission {
    /// Before any has finished, a worker is expected to need `guess`.
    pub fn new(guess: Bytes) -> Admission {
        Admission { guess, peaks: Vec::new(), learnt: 0 }
    }

    /// Learns from the peak of one that has finished.
    pub fn learn(&mut self, peak: Bytes) {
        let place = self.learnt % REMEMBERED;
        if place < self.peaks.len() {
            self.peaks[place] = peak;
        } else {
            self.peaks.push(peak);
        }
        self.learnt += 1;
    }

    /// What the next one is expected to need: more than the last ones took, so that it is also its
    /// cap.
    pub fn expected(&self) -> Bytes {
        self.peaks.iter().max().map_or(self.guess, |&most| most.scaled(HEADROOM))
    }

    /// Whether one more may start beside `running` others, with so much memory free. Where memory
    /// is short they come one at a time; where nothing runs one may: nothing would ever end
    /// otherwise.
    pub fn admits(&self, running: usize, free: Bytes, level: Level) -> bool {
        let most = match level {
            Level::Calm => usize::MAX,
            Level::Elevated | Level::Emergency | Level::Critical => 1,
        };
        running < most && self.expected() <= free
    }

    /// How many may run at once, where `free` is free before the first and there are `threads` for
    /// them.
    pub fn at_once(&self, free: Bytes, threads: usize) -> usize {
        let fit = free.get().checked_div(self.expected().get()).unwrap_or(u64::MAX);
        (fit.min(threads as u64) as usize).max(1)
    }
}

/// What to do with the work of a worker that had `cap` and has ended, when it has been tried
/// `before` times with more memory, and `most` is all that there is. Only a real want of memory is
/// answered with more of it.
pub fn next(ended: &WorkerOutcome, cap: Bytes, before: u32, most: Bytes) -> Next {
    match ended.exit {
        Exit::Done => Next::Done,
        Exit::OverCap | Exit::OutOfMemory => {
            let more = cap.scaled(MORE).min(most);
            if before < TRIES && more > cap { Next::Alone(more) } else { Next::Smaller }
        }
        Exit::Deadline => Next::Smaller,
        Exit::Failed(_) | Exit::Crashed(_) | Exit::Stopped => Next::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const MB: fn(u64) -> Bytes = Bytes::mb;

    fn ended(exit: Exit) -> WorkerOutcome {
        WorkerOutcome { exit, peak: None, ran: Duration::ZERO }
    }

    #[test]
    fn what_is_expected_follows_the_last_ones() {
        let mut admission = Admission::new(MB(100));
        assert_eq!(admission.expected(), MB(100));
        admission.learn(MB(500));
        (0..REMEMBERED - 1).for_each(|_| admission.learn(MB(50)));
        assert_eq!(admission.expected(), MB(600));
        // The large one is forgotten when enough others have come after it.
        admission.learn(MB(50));
        assert_eq!(admission.expected(), MB(60));
    }

    #[test]
    fn as_many_run_as_there_is_room_for() {
        let admission = Admission::new(MB(100));
        assert_eq!(admission.at_once(MB(350), 8), 3);
        assert_eq!(admission.at_once(MB(350), 2), 2);
        assert_eq!(admission.at_once(MB(50), 2), 1);
        assert!(admission.admits(7, MB(100), Level::Calm));
        assert!(!admission.admits(0, MB(99), Level::Calm));
    }

    #[test]
    fn where_memory_is_short_they_come_one_at_a_time() {
        let admission = Admission::new(MB(100));
        for level in [Level::Elevated, Level::Emergency, Level::Critical] {
            assert!(admission.admits(0, MB(100), level));
            assert!(!admission.admits(1, MB(1000), level));
        }
    }

    #[test]
    fn only_a_want_of_memory_is_answered_with_more() {
        for exit in [Exit::OverCap, Exit::OutOfMemory] {
            assert_eq!(next(&ended(exit), MB(100), 0, MB(1000)), Next::Alone(MB(150)));
            assert_eq!(next(&ended(exit), MB(150), 1, MB(1000)), Next::Alone(MB(225)));
            assert_eq!(next(&ended(exit), MB(225), 2, MB(1000)), Next::Smaller);
            assert_eq!(next(&ended(exit), MB(100), 0, MB(120)), Next::Alone(MB(120)));
            assert_eq!(next(&ended(exit), MB(120), 0, MB(120)), Next::Smaller);
        }
        assert_eq!(next(&ended(Exit::Done), MB(100), 0, MB(1000)), Next::Done);
        assert_eq!(next(&ended(Exit::Deadline), MB(100), 0, MB(1000)), Next::Smaller);
        for exit in [Exit::Failed(2), Exit::Crashed(11), Exit::Stopped] {
            assert_eq!(next(&ended(exit), MB(100), 0, MB(1000)), Next::GiveUp);
        }
    }
}
