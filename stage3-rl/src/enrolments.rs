//! Requests in trouble are given another way to take their course.

use crate::repair_state::RepairState;
use timetable::{ClassId, Delta, NONE, RequestId};

/// Ways to take a course that are looked at for one request: choices of classes tried on the way.
const TRIED: usize = 300;
/// Rounds for each request in trouble, before classes are looked at again.
const ROUNDS: usize = 20;
/// A request that was changed keeps what it takes for this many rounds, and as many again by
/// chance.
const TENURE: u64 = 10;

impl RepairState<'_, '_> {
    /// Changes requests until none is in trouble, the budget is spent, or it leads nowhere; tells
    /// how many were changed.
    pub(crate) fn repair_enrolment(&mut self) -> u64 {
        let mut changed = 0;
        let mut rounds = ROUNDS * self.in_conflict.requests.len();
        while !self.in_conflict.requests.is_empty() && rounds > 0 && !self.clock.is_over() {
            rounds -= 1;
            self.round += 1;
            let k = self.rng.below(self.in_conflict.requests.len());
            let request = self.in_conflict.requests.swap_remove(k);
            self.clock.count(1);
            if !self.is_in_trouble(request) {
                continue;
            }
            if self.round < self.settled[request.index()] {
                self.in_conflict.requests.push(request);
            } else if self.change(request) {
                changed += 1;
                self.keep_if_best();
            }
        }
        changed
    }

    /// Whether the request is not taken properly, or there would be less trouble if it were not
    /// taken at all.
    pub(crate) fn is_in_trouble(&mut self, request: RequestId) -> bool {
        let nothing = vec![NONE; self.board.taken(request).len()];
        !self.board.is_proper(request) || self.board.enrol_delta(request, &nothing).hard < 1
    }

    /// Gives a request the way that breaks least, and then costs least; what it drives others out
    /// of is looked at next.
    fn change(&mut self, request: RequestId) -> bool {
        let proper = self.board.is_proper(request);
        let best = self.best_ways(request, 1).pop();
        // Whoever takes the course properly does not break more by moving; whoever does not may
        // drive one other out.
        let most = i32::from(!proper);
        let Some((way, delta)) = best.filter(|(_, d)| d.hard <= most) else { return false };
        self.reseat(request, &way, delta);
        true
    }

    /// Other ways to take a request's course than the one it has: of those tried, the `most` that
    /// break least and then cost least, the best first.
    pub(crate) fn best_ways(&mut self, request: RequestId, most: usize) -> Vec<(Vec<u32>, Delta)> {
        let width = self.problem.requests()[request.index()].slots.len as usize;
        if width == 0 {
            return Vec::new();
        }
        let mut ways: Vec<u32> = Vec::new();
        for full in [false, true] {
            let rng = &mut self.rng;
            let mut any = |_| rng.below(1 << 20) as u64;
            self.seats.ways(&self.board, request, full, TRIED, &mut any, &mut |places| {
                ways.extend_from_slice(places);
                true
            });
            if !ways.is_empty() && !full {
                break;
            }
        }
        let mut best: Vec<(Vec<u32>, Delta)> = Vec::new();
        for way in ways.chunks(width) {
            if way == self.board.taken(request) {
                continue;
            }
            let delta = self.board.enrol_delta(request, way);
            self.clock.count(1);
            let better = |b: &(Vec<u32>, Delta)| (b.1.hard, b.1.penalty) <= (delta.hard, delta.penalty);
            let k = best.partition_point(better);
            if k < most {
                best.truncate(most - 1);
                best.insert(k, (way.to_vec(), delta));
            }
        }
        best
    }

    /// A request is taken another way, of which the difference is known.
    pub(crate) fn reseat(&mut self, request: RequestId, way: &[u32], delta: Delta) {
        self.board.commit_enrol(request, way, delta);
        let tenure = TENURE + self.rng.below(TENURE as usize) as u64;
        self.settled[request.index()] = self.round + tenure;
        for &c in way {
            self.make_room(c, request);
        }
    }

    /// One of the students of a class that is too full shall find another.
    fn make_room(&mut self, class: u32, except: RequestId) {
        if class == NONE {
            return;
        }
        let students = self.board.students_of(ClassId(class));
        let limit = self.problem.classes()[class as usize].limit;
        if students.len() as u64 <= u64::from(limit) {
            return;
        }
        let student = students[self.rng.below(students.len())];
        let requests = self.problem.students()[student as usize].requests.indexes().map(RequestId);
        let of = requests.filter(|&r| r != except && self.board.taken(r).contains(&class));
        self.in_conflict.requests.extend(of);
    }
}
