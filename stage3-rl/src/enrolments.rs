//! Requests in trouble are given another way to take their course.

use crate::repair_state::RepairState;
use moves::Changeable;
use moves::enrolments::{self, Way};
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
            let k = self.search.rng.below(self.in_conflict.requests.len());
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
        let nothing = vec![NONE; self.search.board.taken(request).len()];
        !self.search.board.is_proper(request) || self.search.board.enrol_delta(request, &nothing).hard < 1
    }

    /// Gives a request the way that breaks least, and then costs least; what it drives others out
    /// of is looked at next.
    fn change(&mut self, request: RequestId) -> bool {
        let proper = self.search.board.is_proper(request);
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
    pub(crate) fn best_ways(&mut self, request: RequestId, most: usize) -> Vec<Way> {
        let width = self.search.problem.requests()[request.index()].slots.len as usize;
        if width == 0 {
            return Vec::new();
        }
        let (board, seats, rng) = (&mut self.search.board, &self.search.seats, &mut self.search.rng);
        let mut listed = |full| enrolments::ways(seats, board, request, full, TRIED, |_| rng.below(1 << 20) as u64);
        let mut ways = listed(false);
        if ways.is_empty() {
            ways = listed(true);
        }
        let taken = board.taken(request).to_vec();
        let others = ways.chunks(width).filter(|way| *way != taken);
        let (best, compared) = enrolments::best_ways(board, request, others, most);
        self.clock.count(compared);
        best
    }

    /// A request is taken another way, of which the difference is known.
    pub(crate) fn reseat(&mut self, request: RequestId, way: &[u32], delta: Delta) {
        self.search.commit_enrol(request, way, delta);
        let tenure = TENURE + self.search.rng.below(TENURE as usize) as u64;
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
        let students = self.search.board.students_of(ClassId(class));
        let limit = self.search.problem.classes()[class as usize].limit;
        if students.len() as u64 <= u64::from(limit) {
            return;
        }
        let student = students[self.search.rng.below(students.len())];
        let requests = self.search.problem.students()[student as usize].requests.indexes().map(RequestId);
        let of = requests.filter(|&r| r != except && self.search.board.taken(r).contains(&class));
        self.in_conflict.requests.extend(of);
    }
}
