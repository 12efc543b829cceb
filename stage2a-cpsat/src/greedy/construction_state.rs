//! What the search works on: the board, the conflict table, what is still to be placed, the best so
//! far.

use moves::Rng;
use pipeline::{Clock, Context, Progress};
use std::sync::Arc;
use timetable::{Board, BoardIndex, ClassId, ConflictTable, Placement, Problem, Score, Seats, Timetable};

/// The stage's own stream of the run's seed.
const STREAM: u64 = 0x02a9;

/// Looking at so many placements in the conflict table takes as long as one whose cost is computed,
/// and counts as one step.
const SCANNED: u64 = 16;

/// All that the search has.
pub(super) struct ConstructionState<'p, 'a> {
    pub(super) problem: &'p Problem,
    pub(super) board: Board<'p>,
    pub(super) conflicts: ConflictTable,
    pub(super) seats: Seats,
    pub(super) clock: Clock<'a>,
    /// Placements looked at in the conflict table that do not make a step yet.
    scanned: u64,
    pub(super) rng: Rng,
    /// Classes without a placement; the last was added last.
    pub(super) unplaced: Vec<ClassId>,
    pub(super) best: Timetable,
    pub(super) best_score: Score,
}

impl<'p, 'a> ConstructionState<'p, 'a> {
    pub(super) fn new(
        problem: &'p Problem,
        index: Arc<BoardIndex>,
        given: Option<&Timetable>,
        ctx: &'a Context,
    ) -> ConstructionState<'p, 'a> {
        let board = match given {
            Some(timetable) => Board::with(problem, index, timetable),
            None => Board::new(problem, index),
        };
        // Where the table is not whole, the clock, which is asked after it, is over from the start:
        // nothing looks at the table.
        let conflicts = ConflictTable::new_unless(&board, || ctx.stop.now());
        let mut state = ConstructionState {
            problem,
            conflicts,
            seats: Seats::new(problem),
            clock: Clock::new(ctx),
            scanned: 0,
            rng: Rng::new(ctx.seed, STREAM),
            unplaced: Vec::new(),
            best: board.timetable(),
            best_score: board.score(),
            board,
        };
        if !state.clock.is_over() {
            state.drop_what_breaks_rules();
        }
        state
    }

    /// Takes away classes of a given timetable that break hard rules, and those that would by that.
    fn drop_what_breaks_rules(&mut self) {
        let mut out = Vec::new();
        for class in self.problem.class_ids() {
            let at = self.board.placement(class);
            if at.is_placed() && (!self.board.conflicting_classes(class, at, &mut out) || !out.is_empty()) {
                self.take_away(class);
            }
        }
        self.unplaced.retain(|&c| !self.board.placement(c).is_placed());
    }

    /// Takes a class away, and with it those that would break a hard rule without it.
    pub(super) fn take_away(&mut self, class: ClassId) {
        let mut todo = vec![class];
        let mut out = Vec::new();
        while let Some(c) = todo.pop() {
            if !self.board.placement(c).is_placed() {
                continue;
            }
            let conflicts = &self.conflicts;
            self.board.conflicting_classes_by_weight(
                c,
                Placement::NOWHERE,
                &|o| conflicts.weight(ClassId(o)),
                &mut out,
            );
            self.conflicts.apply(&mut self.board, c, Placement::NOWHERE);
            self.unplaced.push(c);
            todo.extend(out.iter());
        }
    }

    /// Keeps what is on the board if it is the best so far, and tells whether it is.
    pub(super) fn keep_if_best(&mut self) -> bool {
        let better = self.board.score() < self.best_score;
        if better {
            self.best_score = self.board.score();
            self.board.store(&mut self.best);
            self.report();
        }
        better
    }

    /// Reports progress, and offers the best so far where that is wanted.
    pub(super) fn report(&self) {
        let ctx = self.clock.ctx();
        let all = self.problem.classes().len() as u64;
        let done = all - u64::from(self.best_score.unplaced);
        ctx.progress.report(Progress { done, total: Some(all), best: Some(self.best_score) });
        if ctx.best.wants() {
            ctx.best.offer(&self.best, self.best_score);
        }
    }

    /// Counts placements whose sum in the conflict table was looked at.
    pub(super) fn scanned(&mut self, placements: u64) {
        self.scanned += placements;
        self.clock.count(self.scanned / SCANNED);
        self.scanned %= SCANNED;
    }

    /// The best timetable and its score.
    pub(super) fn into_best(self) -> (Timetable, Score) {
        (self.best, self.best_score)
    }
}
