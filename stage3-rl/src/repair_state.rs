//! What a repair works on: the board, the conflict table, the best so far.

use crate::conflicting::ConflictSet;
use moves::Rng;
use pipeline::{Clock, Context, Progress};
use std::sync::Arc;
use timetable::{Board, BoardIndex, ConflictTable, Placement, Problem, Score, Seats, Timetable};

/// All that the repair has.
pub(crate) struct RepairState<'p, 'a> {
    pub(crate) problem: &'p Problem,
    pub(crate) board: Board<'p>,
    pub(crate) conflicts: ConflictTable,
    pub(crate) seats: Seats,
    pub(crate) clock: Clock<'a>,
    pub(crate) rng: Rng,
    pub(crate) in_conflict: ConflictSet,
    /// By class: the placement that it was last moved from, and the round until which it does not
    /// go back.
    pub(crate) barred: Vec<(Placement, u64)>,
    pub(crate) round: u64,
    /// By request: the round until which it keeps what it takes.
    pub(crate) settled: Vec<u64>,
    /// By class: where it was, where home is to be preferred among equals; else empty.
    pub(crate) homes: Vec<Placement>,
    /// How often a class was moved.
    pub(crate) moved: u64,
    pub(crate) best: Timetable,
    pub(crate) best_score: Score,
    /// Hard violations given: nothing with more is ever the best.
    pub(crate) given_hard: i64,
}

impl<'p, 'a> RepairState<'p, 'a> {
    pub(crate) fn new(
        problem: &'p Problem,
        index: Arc<BoardIndex>,
        given: &Timetable,
        ctx: &'a Context,
    ) -> RepairState<'p, 'a> {
        let board = Board::with(problem, index, given);
        // Where the table is not whole, the clock, which is asked after it, is over from the start:
        // nothing looks at the table.
        let conflicts = ConflictTable::new_unless(&board, || ctx.stop.now());
        RepairState {
            problem,
            conflicts,
            seats: Seats::new(problem),
            clock: Clock::new(ctx),
            rng: crate::rng(ctx.seed),
            in_conflict: ConflictSet::new(problem.classes().len()),
            barred: vec![(Placement::NOWHERE, 0); problem.classes().len()],
            round: 0,
            settled: vec![0; problem.requests().len()],
            homes: Vec::new(),
            moved: 0,
            best: board.timetable(),
            best_score: board.score(),
            given_hard: board.score().hard,
            board,
        }
    }

    /// Keeps what is on the board if it is the best so far, and nothing hard was broken for it.
    pub(crate) fn keep_if_best(&mut self) {
        let score = self.board.score();
        if score >= self.best_score || score.hard > self.given_hard {
            return;
        }
        self.best_score = score;
        self.board.store(&mut self.best);
        let ctx = self.clock.ctx();
        ctx.progress.report(Progress { done: self.clock.used(), total: ctx.stop.steps(), best: Some(score) });
        if ctx.best.wants() {
            ctx.best.offer(&self.best, score);
        }
    }

    /// The best timetable and its score.
    pub(crate) fn into_best(self) -> (Timetable, Score) {
        (self.best, self.best_score)
    }
}
