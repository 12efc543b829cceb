//! Students take their seats, and change them where that spares conflicts.

use super::construction_state::ConstructionState;
use moves::{Changeable, enrolments};
use timetable::{ClassId, NONE, RequestId};

/// Classes tried for one request, when it is enrolled and when it may change.
const TRIED: usize = 200;
const TRIED_AGAIN: usize = 60;

impl ConstructionState<'_, '_> {
    /// Enrols everyone who is not, in the order of the requests, into what is least full.
    pub(super) fn enrol_everyone(&mut self) {
        let mut found = Vec::new();
        for i in 0..self.search.problem.requests().len() {
            let request = RequestId::new(i);
            if self.search.board.is_proper(request) || self.clock.ctx().stop.is_cancelled() {
                continue;
            }
            found.clear();
            let (board, seats) = (&self.search.board, &self.search.seats);
            let mut rank = |c: u32| {
                let places = u64::from(seats.places(ClassId(c)).max(1));
                board.students_of(ClassId(c)).len() as u64 * 1_000_000 / places
            };
            seats.ways(board, request, false, TRIED, &mut rank, &mut |places| {
                found.extend_from_slice(places);
                false
            });
            self.clock.count(1);
            if !found.is_empty() {
                let delta = self.search.board.enrol_delta(request, &found);
                self.search.commit_enrol(request, &found, delta);
            }
        }
        self.keep_if_best();
    }

    /// When all is placed, or the budget spent: students change classes where it spares conflicts
    /// and seats are left.
    pub(super) fn finish(&mut self) {
        // From here on nothing looks at the conflict table.
        self.search.incumbent.restore(&mut self.search.board);
        for i in 0..self.search.problem.requests().len() {
            if self.clock.is_over() {
                break;
            }
            self.improve(RequestId::new(i));
        }
        self.keep_if_best();
        self.report();
    }

    fn improve(&mut self, request: RequestId) {
        let width = self.search.problem.requests()[request.index()].slots.len as usize;
        if width == 0 {
            return;
        }
        let (board, seats) = (&mut self.search.board, &self.search.seats);
        let now = board.taken(request).to_vec();
        let ways = enrolments::ways(seats, board, request, false, TRIED_AGAIN, |c| u64::from(!now.contains(&c)));
        let (mut best, compared) = enrolments::best_ways(board, request, ways.chunks(width), 1);
        self.clock.count(compared);
        if let Some((way, delta)) = best.pop().filter(|(_, delta)| (delta.hard, delta.penalty) < (0, 0)) {
            self.search.commit_enrol(request, &way, delta);
        }
        debug_assert!(self.search.board.taken(request).iter().any(|&c| c != NONE) || ways.is_empty());
    }
}
