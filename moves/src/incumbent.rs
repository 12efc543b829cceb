//! The best timetable that a search has seen, kept up to date by what changed since, not by copying
//! it whole.

use crate::Changed;
use timetable::{Board, ClassId, Problem, RequestId, Score, Timetable};

/// The best so far, and what has changed on the board since it was last equal to it.
///
/// The search says what it changes ([`Incumbent::class_changed`], [`Incumbent::request_changed`])
/// and asks now and then whether the board is better. `S` is what timetables are compared by: the
/// score, or what a search puts in its place.
#[derive(Debug)]
pub struct Incumbent<S = Score> {
    best: Timetable,
    score: S,
    classes: Vec<u32>,
    requests: Vec<u32>,
    /// The board left the best behind by more changes than are worth listing.
    overflow: bool,
    limit: usize,
    /// The board is the best, but `best` does not hold its changes yet.
    pending: bool,
}

impl Incumbent<()> {
    /// Changes that are listed: more are not worth it.
    fn limit(problem: &Problem) -> usize {
        (problem.classes().len() + problem.requests().len()).clamp(64, 1 << 14)
    }

    /// Bytes that the incumbent of a problem takes.
    pub fn max_bytes(problem: &Problem) -> u64 {
        4 * (problem.classes().len() + problem.enrolment_slots() + 2 * Incumbent::limit(problem)) as u64
    }
}

impl<S: Ord + Copy> Incumbent<S> {
    /// What is on the board is the best so far.
    pub fn new(board: &Board<'_>, score: S) -> Incumbent<S> {
        let limit = Incumbent::limit(board.problem());
        Incumbent {
            best: board.timetable(),
            score,
            classes: Vec::with_capacity(limit),
            requests: Vec::with_capacity(if board.problem().requests().is_empty() { 0 } else { limit }),
            overflow: false,
            limit,
            pending: false,
        }
    }

    /// The best timetable, as of the last [`Incumbent::store`] or [`Incumbent::keep`].
    #[inline]
    pub fn best(&self) -> &Timetable {
        &self.best
    }

    /// The score of the best.
    #[inline]
    pub fn score(&self) -> S {
        self.score
    }

    /// The best timetable and its score.
    pub fn into_best(self) -> (Timetable, S) {
        (self.best, self.score)
    }

    /// A class moved.
    #[inline]
    pub fn class_changed(&mut self, class: ClassId) {
        if self.classes.len() < self.limit {
            self.classes.push(class.0);
        } else {
            self.overflow = true;
        }
    }

    /// A request changed.
    #[inline]
    pub fn request_changed(&mut self, request: RequestId) {
        if self.requests.len() < self.limit {
            self.requests.push(request.0);
        } else {
            self.overflow = true;
        }
    }

    /// What a journal holds has changed.
    #[inline]
    pub fn note(&mut self, changed: Changed) {
        match changed {
            Changed::Class(class, _) => self.class_changed(class),
            Changed::Request(request) => self.request_changed(request),
        }
    }

    /// More changed than was listed one by one.
    pub fn much_changed(&mut self) {
        self.overflow = true;
    }

    /// Whether the board is better than the best; remembered, and stored by [`Incumbent::store`]
    /// before the board gets worse.
    #[inline]
    pub fn look(&mut self, score: S) {
        if score < self.score {
            self.score = score;
            self.pending = true;
        }
    }

    /// Stores the board if it is the best and not stored yet; call it before a change that makes it
    /// worse.
    #[inline]
    pub fn store(&mut self, board: &Board<'_>) {
        if self.pending {
            self.catch_up(board);
        }
    }

    /// Stores the board at once if it is better than the best, and tells whether it is.
    pub fn keep(&mut self, board: &Board<'_>, score: S) -> bool {
        let better = score < self.score;
        self.look(score);
        self.store(board);
        better
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
        self.at_best();
    }

    /// The board was replaced by another, and what was best before is no longer.
    pub fn begin(&mut self, board: &Board<'_>, score: S) {
        board.store(&mut self.best);
        self.score = score;
        self.at_best();
    }

    /// Sets the board to the best.
    pub fn restore(&mut self, board: &mut Board<'_>) {
        self.store(board);
        board.load(&self.best);
        self.at_best();
    }

    /// The board is the best, and stored.
    fn at_best(&mut self) {
        self.classes.clear();
        self.requests.clear();
        self.overflow = false;
        self.pending = false;
    }

    /// The board was replaced by another.
    pub fn start_over(&mut self, board: &Board<'_>, score: S) {
        self.at_best();
        self.overflow = true;
        self.keep(board, score);
    }
}
