//! The best timetable that a chain has seen, kept up to date by what changed since, not by copying
//! it whole.

use timetable::{Board, ClassId, Problem, RequestId, Score, Timetable};

/// The best so far, and what has changed on the board since it was last equal to it.
#[derive(Debug)]
pub(crate) struct Incumbent {
    pub(crate) best: Timetable,
    pub(crate) score: Score,
    classes: Vec<u32>,
    requests: Vec<u32>,
    /// The board left the best behind by more changes than are worth listing.
    overflow: bool,
    limit: usize,
    /// The board is the best, but `best` does not hold its changes yet.
    pending: bool,
}

impl Incumbent {
    /// Changes that are listed: more are not worth it.
    fn limit(problem: &Problem) -> usize {
        (problem.classes().len() + problem.requests().len()).clamp(64, 1 << 14)
    }

    /// Bytes that it takes.
    pub(crate) fn max_bytes(problem: &Problem) -> u64 {
        4 * (problem.classes().len() + problem.enrolment_slots() + 2 * Incumbent::limit(problem)) as u64
    }

    pub(crate) fn new(board: &Board<'_>) -> Incumbent {
        let limit = Incumbent::limit(board.problem());
        Incumbent {
            best: board.timetable(),
            score: board.score(),
            classes: Vec::with_capacity(limit),
            requests: Vec::with_capacity(if board.problem().requests().is_empty() { 0 } else { limit }),
            overflow: false,
            limit,
            pending: false,
        }
    }

    /// A class moved.
    #[inline]
    pub(crate) fn class_changed(&mut self, class: ClassId) {
        if self.classes.len() < self.limit {
            self.classes.push(class.0);
        } else {
            self.overflow = true;
        }
    }

    /// A request changed.
    #[inline]
    pub(crate) fn request_changed(&mut self, request: RequestId) {
        if self.requests.len() < self.limit {
            self.requests.push(request.0);
        } else {
            self.overflow = true;
        }
    }

    /// Whether the board is better than the best; remembered, and stored by [`Incumbent::store`]
    /// before the board gets worse.
    #[inline]
    pub(crate) fn look(&mut self, score: Score) {
        if score < self.score {
            self.score = score;
            self.pending = true;
        }
    }

    /// Stores the board if it is the best and not stored yet; call it before a change that makes it
    /// worse.
    #[inline]
    pub(crate) fn store(&mut self, board: &Board<'_>) {
        if self.pending {
            self.catch_up(board);
        }
    }

    fn catch_up(&mut self, board: &Board<'_>) {
        if self.overflow {
            board.store(&mut self.best);
        } else {
            for &c in &self.classes {
                self.best.placements[c as usize] = board.placement(ClassId(c));
            }
            for &r in &self.requests {
                let places = board.problem().requests()[r as usize].slots.range();
                self.best.enrolment[places].copy_from_slice(board.taken(RequestId(r)));
            }
        }
        self.classes.clear();
        self.requests.clear();
        self.overflow = false;
        self.pending = false;
    }

    /// The board was replaced by another, and what was best before is no longer.
    pub(crate) fn begin(&mut self, board: &Board<'_>) {
        board.store(&mut self.best);
        self.score = board.score();
        self.at_best();
    }

    /// The board was set to the best.
    pub(crate) fn at_best(&mut self) {
        self.classes.clear();
        self.requests.clear();
        self.overflow = false;
        self.pending = false;
    }

    /// The board was replaced by another.
    pub(crate) fn start_over(&mut self, board: &Board<'_>) {
        self.classes.clear();
        self.requests.clear();
        self.overflow = true;
        self.pending = false;
        self.look(board.score());
        self.store(board);
    }
}
