//! What searches by conflicts work on: the board, the conflict table, the seats, the best so far.

use crate::{Changeable, Incumbent, Rng, Sample};
use std::sync::Arc;
use timetable::Timetable;
use timetable::{Board, BoardIndex, ClassId, ConflictTable, Delta, Placement, Problem, RequestId, Score, Seats};

/// One move in so many goes anywhere instead of where least is in the way, so that no circle closes.
const STRAY: usize = 300;

/// A board with all that follows its changes. Greedy, min-conflicts, `rl` and `fewest-changes`
/// search on it. (Walks by temperature, [`walk`](crate::walk), change so much at each step that a
/// conflict table would cost more than it tells; they have the board and the incumbent alone.)
///
/// Changes go through [`Changeable`], or table and incumbent no longer fit the board. What is
/// changed and taken back at once may be done on the board alone.
#[derive(Debug)]
pub struct SearchState<'p> {
    /// The problem.
    pub problem: &'p Problem,
    /// The timetable as it is now.
    pub board: Board<'p>,
    /// What stands in each class's way wherever it could go.
    pub conflicts: ConflictTable,
    /// Who can still be let into which class.
    pub seats: Seats,
    /// The search's stream of random numbers.
    pub rng: Rng,
    /// The best so far.
    pub incumbent: Incumbent,
}

impl<'p> SearchState<'p> {
    /// Begins with a timetable, or, where none is given, with nothing placed. Where `stopped` says
    /// so before the conflict table is whole, it is of no use.
    pub fn new(
        problem: &'p Problem,
        index: Arc<BoardIndex>,
        given: Option<&Timetable>,
        rng: Rng,
        stopped: impl Fn() -> bool,
    ) -> SearchState<'p> {
        let board = match given {
            Some(timetable) => Board::with(problem, index, timetable),
            None => Board::new(problem, index),
        };
        let conflicts = ConflictTable::new_unless(&board, stopped);
        let incumbent = Incumbent::new(&board, board.score());
        SearchState { problem, board, conflicts, seats: Seats::new(problem), rng, incumbent }
    }

    /// Bytes that it takes at most, with the index of the board.
    pub fn max_bytes(problem: &Problem) -> u64 {
        BoardIndex::max_bytes(problem)
            + Board::max_bytes(problem)
            + ConflictTable::max_bytes(problem)
            + Incumbent::max_bytes(problem)
    }

    /// Keeps what is on the board if it is the best so far, and tells whether it is.
    pub fn keep_if_best(&mut self) -> bool {
        self.incumbent.keep(&self.board, self.board.score())
    }

    /// Puts another timetable on the board.
    pub fn load(&mut self, timetable: &Timetable) {
        self.board.load(timetable);
        self.conflicts = ConflictTable::new(&self.board);
        self.incumbent.much_changed();
    }

    /// The best timetable and its score.
    pub fn into_best(self) -> (Timetable, Score) {
        self.incumbent.into_best()
    }

    /// The classes in the way of a class there, of the lightest that make it possible.
    pub fn in_the_way(&mut self, class: ClassId, at: Placement, out: &mut Vec<ClassId>) -> bool {
        let conflicts = &self.conflicts;
        self.board.conflicting_classes_by_weight(class, at, &|c| conflicts.weight(ClassId(c)), out)
    }

    /// Makes a class heavier, so that others rather do not go where it is in their way.
    pub fn make_heavier(&mut self, class: ClassId) {
        let weight = self.conflicts.weight(class);
        self.conflicts.set_weight(&self.board, class, weight + 1);
    }

    /// Whether this move goes anywhere, by chance.
    pub fn strays(&mut self) -> bool {
        self.rng.below(STRAY) == 0
    }

    /// A sample of the placements of an absent class where the weights of what is in the way are
    /// least (of all its placements where it `strays`), but for those that `skip`, of the placement
    /// and its weights, leaves out. `home`, where it is among them, is in the sample. Tells the
    /// least weights, and how many placements were looked at.
    pub fn least_in_the_way(
        &mut self,
        class: ClassId,
        strays: bool,
        home: Option<Placement>,
        skip: impl Fn(Placement, u32) -> bool,
        sample: &mut Sample<Placement>,
    ) -> (u32, u64) {
        sample.clear();
        let (mut least, rng) = (ConflictTable::IMPOSSIBLE - 1, &mut self.rng);
        let looked = self.conflicts.scan(&mut self.board, class, least, |at, weights| {
            if skip(at, weights) {
                return least;
            }
            if weights < least && !strays {
                least = weights;
                sample.clear();
            }
            if !strays && home == Some(at) {
                sample.insist(at);
            } else {
                sample.offer(at, rng);
            }
            least
        });
        (least, looked)
    }

    /// A sample of the placements of an absent class where nobody is in the way; tells how many
    /// placements were looked at.
    pub fn free_placements(&mut self, class: ClassId, sample: &mut Sample<Placement>) -> u64 {
        sample.clear();
        let rng = &mut self.rng;
        self.conflicts.scan(&mut self.board, class, 0, |at, _| {
            sample.offer(at, rng);
            0
        })
    }
}

impl<'p> Changeable<'p> for SearchState<'p> {
    fn board(&mut self) -> &mut Board<'p> {
        &mut self.board
    }

    fn commit(&mut self, class: ClassId, to: Placement, delta: Delta) {
        self.conflicts.commit(&mut self.board, class, to, delta);
        self.incumbent.class_changed(class);
    }

    fn commit_enrol(&mut self, request: RequestId, to: &[u32], delta: Delta) {
        self.board.commit_enrol(request, to, delta);
        self.incumbent.request_changed(request);
    }
}
