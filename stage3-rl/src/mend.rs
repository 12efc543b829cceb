//! A timetable that is mended: what is on the bench, and how far that is from the timetable in use.

use crate::bench::Bench;
use crate::changes::{Changes, Cost, Order};
use pipeline::Progress;
use timetable::{ClassId, Delta, Placement, Timetable, Ways};

/// Classes, and where they go (or were).
pub(crate) type Chain = Vec<(ClassId, Placement)>;

/// A repair.
pub(crate) struct Mend<'p, 'a> {
    pub(crate) bench: Bench<'p, 'a>,
    pub(crate) changes: Changes,
    pub(crate) home: Timetable,
    pub(crate) best: Timetable,
    pub(crate) best_cost: Cost,
}

impl<'p, 'a> Mend<'p, 'a> {
    /// On the bench is the timetable in use, `home`.
    pub(crate) fn new(bench: Bench<'p, 'a>, home: Timetable, order: Order) -> Mend<'p, 'a> {
        let changes = Changes::new(bench.problem, &home, &home, order);
        let best = bench.best.clone();
        let mut mend = Mend { bench, changes, best, best_cost: Cost::default(), home };
        mend.best_cost = mend.cost();
        mend
    }

    /// What is on the board.
    pub(crate) fn cost(&self) -> Cost {
        let score = self.bench.board.score();
        let Changes { times, classes: changed, students, .. } = self.changes;
        Cost { unplaced: score.unplaced, hard: score.hard, times, changed, students, penalty: score.penalty }
    }

    /// Moves a class, wherever it is.
    pub(crate) fn put(&mut self, class: ClassId, to: Placement) -> Delta {
        let from = self.bench.board.placement(class);
        self.changes.moves(class, from, to, self.bench.board.students_of(class));
        self.bench.ways.apply(&mut self.bench.board, class, to)
    }

    /// Moves classes.
    pub(crate) fn put_all(&mut self, chain: Chain) {
        for (class, to) in chain {
            self.put(class, to);
        }
    }

    /// Puts a timetable on the board.
    pub(crate) fn go_to(&mut self, timetable: &Timetable) {
        self.bench.board.load(timetable);
        self.bench.ways = Ways::new(&self.bench.board);
        self.changes = Changes::new(self.bench.problem, &self.home, timetable, self.changes.order());
        for class in self.bench.problem.class_ids() {
            let (home, now) = (self.changes.home(class), timetable.placements[class.index()]);
            self.changes.moves(class, home, now, self.bench.board.students_of(class));
        }
    }

    /// The classes that are not where they were.
    pub(crate) fn changed(&self) -> Vec<ClassId> {
        let elsewhere = |&c: &ClassId| self.bench.board.placement(c) != self.changes.home(c);
        self.bench.problem.class_ids().filter(elsewhere).collect()
    }

    pub(crate) fn keep_if_best(&mut self) -> bool {
        let cost = self.cost();
        if cost >= self.best_cost || cost.hard > self.bench.given_hard {
            return false;
        }
        self.best_cost = cost;
        self.bench.board.store(&mut self.best);
        let (clock, ctx) = (&self.bench.clock, self.bench.clock.ctx());
        let best = Some(cost.score());
        ctx.progress.report(Progress { done: clock.used(), total: ctx.stop.steps(), best });
        if ctx.best.wants() {
            ctx.best.offer(&self.best, cost.score());
        }
        true
    }
}
