//! A timetable that is mended: what is on the bench, and how far that is from the timetable in use.

use crate::bench::Bench;
use crate::changes::{Changes, Cost, Order};
use pipeline::Progress;
use timetable::{ClassId, Delta, NONE, Placement, RequestId, Timetable, Ways};

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

    /// A request is taken another way, of which the difference is known.
    pub(crate) fn reseat(&mut self, request: RequestId, way: &[u32], delta: Delta) {
        self.count_way(request, way);
        self.bench.reseat(request, way, delta);
    }

    /// A request is taken again as it was.
    pub(crate) fn reseat_back(&mut self, request: RequestId, way: &[u32]) {
        self.count_way(request, way);
        self.bench.board.enrol(request, way);
    }

    /// Counts what changes for a student whose request will be taken another way: that it is, and the classes that were moved.
    fn count_way(&mut self, request: RequestId, way: &[u32]) {
        let row = &self.bench.problem.requests()[request.index()];
        let home = &self.home.enrolment[row.slots.range()];
        let taken = self.bench.board.taken(request);
        let moved = |&class: &u32| {
            class != NONE && self.bench.board.placement(ClassId(class)) != self.changes.home(ClassId(class))
        };
        let more = way.iter().filter(|c| !taken.contains(c) && moved(c)).count() + usize::from(way != home);
        let less = taken.iter().filter(|c| !way.contains(c) && moved(c)).count() + usize::from(taken != home);
        (0..more).for_each(|_| self.changes.student(row.student, true));
        (0..less).for_each(|_| self.changes.student(row.student, false));
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

#[cfg(test)]
#[path = "../../timetable/tests/common/mod.rs"]
mod common;

#[cfg(test)]
mod tests {
    use super::common::{Dice, Shape, placement, places, problem};
    use super::*;
    use pipeline::{Budget, Bytes, Cancel, Context, Ledger, Silent, Stop};
    use std::sync::Arc;
    use timetable::BoardIndex;

    #[test]
    fn what_is_counted_while_classes_and_students_move_is_what_is_counted_anew() {
        let mut undone = 0;
        for seed in 0..60 {
            let mut dice = Dice::new(seed);
            let problem =
                problem(seed, Shape { units: seed % 2 == 0, travel: false, students: true, post_enrolment: false });
            let mut home = Timetable::empty(&problem);
            for class in problem.class_ids() {
                home.placements[class.index()] = placement(&problem, class, &mut dice);
            }
            let requests = problem.requests().len();
            for i in 0..requests {
                let way = places(&problem, RequestId::new(i), &mut dice);
                home.enrolment[problem.requests()[i].slots.range()].copy_from_slice(&way);
            }
            let ctx = Context {
                seed,
                stop: Stop::new(Cancel::default(), Budget::Steps(1_000)),
                ledger: Ledger::new(Bytes::gib(1), Bytes::ZERO),
                threads: 1,
                progress: Arc::new(Silent),
                best: Arc::new(Silent),
                work_folder: std::env::temp_dir(),
            };
            let bench = Bench::new(&problem, Arc::new(BoardIndex::new(&problem)), &home, &ctx);
            let mut mend = Mend::new(bench, home, Order::Published);
            for _ in 0..60 {
                if dice.chance(50) || requests == 0 {
                    let class = ClassId::new(dice.below(problem.classes().len()));
                    let to =
                        if dice.chance(40) { mend.changes.home(class) } else { placement(&problem, class, &mut dice) };
                    mend.put(class, to);
                } else {
                    let request = RequestId::new(dice.below(requests));
                    let before = mend.bench.board.taken(request).to_vec();
                    let way = places(&problem, request, &mut dice);
                    let delta = mend.bench.board.enrol_delta(request, &way);
                    mend.reseat(request, &way, delta);
                    if dice.chance(40) {
                        mend.reseat_back(request, &before);
                        undone += 1;
                    }
                }
                let kept = mend.cost();
                let now = mend.bench.board.timetable();
                mend.go_to(&now);
                assert_eq!(format!("{kept:?}"), format!("{:?}", mend.cost()), "seed {seed}");
            }
        }
        assert!(undone > 100, "{undone} undone");
    }
}
