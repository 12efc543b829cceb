//! What the construction works on: what searches by conflicts share, and what is still to be
//! placed.

use moves::{Changeable, Rng, SearchState};
use pipeline::{Clock, Context, Progress};
use std::sync::Arc;
use timetable::{BoardIndex, ClassId, Placement, Problem, Timetable};

/// The stage's own stream of the run's seed.
const STREAM: u64 = 0x02a9;

/// Looking at so many placements in the conflict table takes as long as one whose cost is computed,
/// and counts as one step.
const SCANNED: u64 = 16;

/// All that the search has.
pub(super) struct ConstructionState<'p, 'a> {
    pub(super) search: SearchState<'p>,
    pub(super) clock: Clock<'a>,
    /// Placements looked at in the conflict table that do not make a step yet.
    scanned: u64,
    /// Classes without a placement; the last was added last.
    pub(super) unplaced: Vec<ClassId>,
}

impl<'p, 'a> ConstructionState<'p, 'a> {
    pub(super) fn new(
        problem: &'p Problem,
        index: Arc<BoardIndex>,
        given: Option<&Timetable>,
        ctx: &'a Context,
    ) -> ConstructionState<'p, 'a> {
        // Where the table is not whole, the clock, which is asked after it, is over from the start:
        // nothing looks at the table.
        let search = SearchState::new(problem, index, given, Rng::new(ctx.seed, STREAM), || ctx.stop.now());
        let mut state = ConstructionState { search, clock: Clock::new(ctx), scanned: 0, unplaced: Vec::new() };
        if !state.clock.is_over() {
            state.drop_what_breaks_rules();
        }
        state
    }

    /// Takes away classes of a given timetable that break hard rules, and those that would by that.
    fn drop_what_breaks_rules(&mut self) {
        let mut out = Vec::new();
        for class in self.search.problem.class_ids() {
            let at = self.search.board.placement(class);
            if at.is_placed() && (!self.search.board.conflicting_classes(class, at, &mut out) || !out.is_empty()) {
                self.take_away(class);
            }
        }
        self.unplaced.retain(|&c| !self.search.board.placement(c).is_placed());
    }

    /// Takes a class away, and with it those that would break a hard rule without it.
    pub(super) fn take_away(&mut self, class: ClassId) {
        let mut todo = vec![class];
        let mut out = Vec::new();
        while let Some(c) = todo.pop() {
            if !self.search.board.placement(c).is_placed() {
                continue;
            }
            self.search.in_the_way(c, Placement::NOWHERE, &mut out);
            self.search.put(c, Placement::NOWHERE);
            self.unplaced.push(c);
            todo.extend(out.iter());
        }
    }

    /// Keeps what is on the board if it is the best so far, and tells whether it is.
    pub(super) fn keep_if_best(&mut self) -> bool {
        let better = self.search.keep_if_best();
        if better {
            self.report();
        }
        better
    }

    /// Reports progress, and offers the best so far where that is wanted.
    pub(super) fn report(&self) {
        let (ctx, incumbent) = (self.clock.ctx(), &self.search.incumbent);
        let all = self.search.problem.classes().len() as u64;
        let done = all - u64::from(incumbent.score().unplaced);
        ctx.progress.report(Progress { done, total: Some(all), best: Some(incumbent.score()) });
        if ctx.best.wants() {
            ctx.best.offer(incumbent.best(), incumbent.score());
        }
    }

    /// Counts placements whose sum in the conflict table was looked at.
    pub(super) fn scanned(&mut self, placements: u64) {
        self.scanned += placements;
        self.clock.count(self.scanned / SCANNED);
        self.scanned %= SCANNED;
    }
}
