//! What a repair works on: what searches by conflicts share, and who may be in conflict.

use crate::conflicting::ConflictSet;
use moves::{SearchState, Tabu};
use pipeline::{Clock, Context, Progress};
use std::sync::Arc;
use timetable::{BoardIndex, Placement, Problem, Timetable};

/// All that the repair has.
pub(crate) struct RepairState<'p, 'a> {
    pub(crate) search: SearchState<'p>,
    pub(crate) clock: Clock<'a>,
    pub(crate) in_conflict: ConflictSet,
    /// Where each class was last moved from.
    pub(crate) tabu: Tabu,
    pub(crate) round: u64,
    /// By request: the round until which it keeps what it takes.
    pub(crate) settled: Vec<u64>,
    /// By class: where it was, where home is to be preferred among equals; else empty.
    pub(crate) homes: Vec<Placement>,
    /// How often a class was moved.
    pub(crate) moved: u64,
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
        // Where the table is not whole, the clock, which is asked after it, is over from the start:
        // nothing looks at the table.
        let search = SearchState::new(problem, index, Some(given), crate::rng(ctx.seed), || ctx.stop.now());
        RepairState {
            clock: Clock::new(ctx),
            in_conflict: ConflictSet::new(problem.classes().len()),
            tabu: Tabu::new(problem.classes().len()),
            round: 0,
            settled: vec![0; problem.requests().len()],
            homes: Vec::new(),
            moved: 0,
            given_hard: search.board.score().hard,
            search,
        }
    }

    /// Keeps what is on the board if it is the best so far, and nothing hard was broken for it.
    pub(crate) fn keep_if_best(&mut self) {
        let score = self.search.board.score();
        if score.hard > self.given_hard || !self.search.keep_if_best() {
            return;
        }
        let ctx = self.clock.ctx();
        ctx.progress.report(Progress { done: self.clock.used(), total: ctx.stop.steps(), best: Some(score) });
        if ctx.best.wants() {
            ctx.best.offer(self.search.incumbent.best(), score);
        }
    }
}
