//! A timetable that is mended: what is on the bench, and how far that is from the timetable in use.

use crate::changes::{Changes, Cost, Order};
use crate::repair_state::RepairState;
use moves::{Changeable, Incumbent};
use pipeline::Progress;
use timetable::{Board, ClassId, Delta, NONE, Placement, RequestId, Timetable};

/// Classes, and where they go (or were).
pub(crate) type Chain = Vec<(ClassId, Placement)>;

/// A repair.
pub(crate) struct TrackedRepair<'p, 'a> {
    pub(crate) state: RepairState<'p, 'a>,
    pub(crate) changes: Changes,
    pub(crate) home: Timetable,
    /// The best so far, by what counts in a repair.
    pub(crate) incumbent: Incumbent<Cost>,
}

impl<'p, 'a> TrackedRepair<'p, 'a> {
    /// On the bench is the timetable in use, `home`.
    pub(crate) fn new(state: RepairState<'p, 'a>, home: Timetable, order: Order) -> TrackedRepair<'p, 'a> {
        let changes = Changes::new(state.search.problem, &home, &home, order);
        let cost = changes.cost(state.search.board.score());
        let incumbent = Incumbent::new(&state.search.board, cost);
        TrackedRepair { state, changes, incumbent, home }
    }

    /// What is on the board.
    pub(crate) fn cost(&self) -> Cost {
        self.changes.cost(self.state.search.board.score())
    }

    /// A request is taken another way, of which the difference is known.
    pub(crate) fn reseat(&mut self, request: RequestId, way: &[u32], delta: Delta) {
        self.count_way(request, way);
        self.state.reseat(request, way, delta);
        self.incumbent.request_changed(request);
    }

    /// Counts what changes for a student whose request will be taken another way: that it is, and
    /// the classes that were moved.
    fn count_way(&mut self, request: RequestId, way: &[u32]) {
        let row = &self.state.search.problem.requests()[request.index()];
        let home = &self.home.enrolment[row.slots.range()];
        let taken = self.state.search.board.taken(request);
        let moved = |&class: &u32| {
            class != NONE && self.state.search.board.placement(ClassId(class)) != self.changes.home(ClassId(class))
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
        self.state.search.load(timetable);
        self.incumbent.much_changed();
        self.changes = Changes::new(self.state.search.problem, &self.home, timetable, self.changes.order());
        for class in self.state.search.problem.class_ids() {
            let (home, now) = (self.changes.home(class), timetable.placements[class.index()]);
            self.changes.moves(class, home, now, self.state.search.board.students_of(class));
        }
    }

    /// The classes that are not where they were.
    pub(crate) fn changed(&self) -> Vec<ClassId> {
        let elsewhere = |&c: &ClassId| self.state.search.board.placement(c) != self.changes.home(c);
        self.state.search.problem.class_ids().filter(elsewhere).collect()
    }

    pub(crate) fn keep_if_best(&mut self) -> bool {
        let cost = self.cost();
        if cost.hard > self.state.given_hard || !self.incumbent.keep(&self.state.search.board, cost) {
            return false;
        }
        let (clock, ctx) = (&self.state.clock, self.state.clock.ctx());
        let best = Some(cost.score());
        ctx.progress.report(Progress { done: clock.used(), total: ctx.stop.steps(), best });
        if ctx.best.wants() {
            ctx.best.offer(self.incumbent.best(), cost.score());
        }
        true
    }
}

impl<'p> Changeable<'p> for TrackedRepair<'p, '_> {
    fn board(&mut self) -> &mut Board<'p> {
        &mut self.state.search.board
    }

    fn commit(&mut self, class: ClassId, to: Placement, delta: Delta) {
        let board = &self.state.search.board;
        self.changes.moves(class, board.placement(class), to, board.students_of(class));
        self.state.search.commit(class, to, delta);
        self.incumbent.class_changed(class);
    }

    fn commit_enrol(&mut self, request: RequestId, to: &[u32], delta: Delta) {
        self.count_way(request, to);
        self.state.search.commit_enrol(request, to, delta);
        self.incumbent.request_changed(request);
    }
}

#[cfg(test)]
#[path = "../../timetable/tests/common/mod.rs"]
mod common;

#[cfg(test)]
mod tests {
    use super::common::{Rng, Shape, placement, places, problem};
    use super::*;
    use pipeline::Budget;
    use std::sync::Arc;
    use timetable::BoardIndex;

    #[test]
    fn what_is_counted_while_classes_and_students_move_is_what_is_counted_anew() {
        let mut undone = 0;
        for seed in 0..60 {
            let mut rng = Rng::new(seed);
            let problem =
                problem(seed, Shape { units: seed % 2 == 0, travel: false, students: true, post_enrolment: false });
            let mut home = Timetable::empty(&problem);
            for class in problem.class_ids() {
                home.placements[class.index()] = placement(&problem, class, &mut rng);
            }
            let requests = problem.requests().len();
            for i in 0..requests {
                let way = places(&problem, RequestId::new(i), &mut rng);
                home.enrolment[problem.requests()[i].slots.range()].copy_from_slice(&way);
            }
            let ctx = ::tests::context(seed, Budget::Steps(1_000));
            let state = RepairState::new(&problem, Arc::new(BoardIndex::new(&problem)), &home, &ctx);
            let mut repair = TrackedRepair::new(state, home, Order::Published);
            for _ in 0..60 {
                if rng.chance(50) || requests == 0 {
                    let class = ClassId::new(rng.below(problem.classes().len()));
                    let to =
                        if rng.chance(40) { repair.changes.home(class) } else { placement(&problem, class, &mut rng) };
                    repair.put(class, to);
                } else {
                    let request = RequestId::new(rng.below(requests));
                    let before = repair.state.search.board.taken(request).to_vec();
                    let way = places(&problem, request, &mut rng);
                    let delta = repair.state.search.board.enrol_delta(request, &way);
                    repair.reseat(request, &way, delta);
                    if rng.chance(40) {
                        repair.commit_enrol(request, &before, -delta);
                        undone += 1;
                    }
                }
                let kept = repair.cost();
                let now = repair.state.search.board.timetable();
                repair.go_to(&now);
                assert_eq!(format!("{kept:?}"), format!("{:?}", repair.cost()), "seed {seed}");
            }
        }
        assert!(undone > 100, "{undone} undone");
    }
}
