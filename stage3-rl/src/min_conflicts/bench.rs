//! What the repair works on: the board, the table of ways, the best so far.

use super::luck::Luck;
use super::suspects::Suspects;
use pipeline::{Clock, Context, Progress};
use std::sync::Arc;
use timetable::{Board, BoardIndex, Placement, Problem, Score, Seats, Timetable, Ways};

/// All that the repair has.
pub(super) struct Bench<'p, 'a> {
    pub(super) problem: &'p Problem,
    pub(super) board: Board<'p>,
    pub(super) ways: Ways,
    pub(super) seats: Seats,
    pub(super) clock: Clock<'a>,
    pub(super) luck: Luck,
    pub(super) suspects: Suspects,
    /// By class: the placement that it was last moved from, and the round until which it does not go back.
    pub(super) barred: Vec<(Placement, u64)>,
    pub(super) round: u64,
    /// By request: the round until which it keeps what it takes.
    pub(super) settled: Vec<u64>,
    pub(super) best: Timetable,
    pub(super) best_score: Score,
    /// Hard violations given: nothing with more is ever the best.
    given_hard: i64,
}

impl<'p, 'a> Bench<'p, 'a> {
    pub(super) fn new(
        problem: &'p Problem,
        index: Arc<BoardIndex>,
        given: &Timetable,
        ctx: &'a Context,
    ) -> Bench<'p, 'a> {
        let board = Board::with(problem, index, given);
        Bench {
            problem,
            ways: Ways::new(&board),
            seats: Seats::new(problem),
            clock: Clock::new(ctx),
            luck: Luck::new(ctx.seed),
            suspects: Suspects::new(problem.classes().len()),
            barred: vec![(Placement::NOWHERE, 0); problem.classes().len()],
            round: 0,
            settled: vec![0; problem.requests().len()],
            best: board.timetable(),
            best_score: board.score(),
            given_hard: board.score().hard,
            board,
        }
    }

    /// Goes on until the timetable is valid, the budget is spent, or nothing is left to try.
    pub(super) fn repair(&mut self) {
        loop {
            self.find_suspects();
            let idle = self.repair_enrolment() + self.repair_classes() == 0;
            self.keep_if_best();
            if self.best_score.is_valid() || self.clock.is_over() || idle {
                return;
            }
        }
    }

    /// Keeps what is on the board if it is the best so far, and nothing hard was broken for it.
    pub(super) fn keep_if_best(&mut self) {
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
    pub(super) fn into_best(self) -> (Timetable, Score) {
        (self.best, self.best_score)
    }
}
