//! Students take their seats, and change them where that spares conflicts.

use super::construction_state::ConstructionState;
use timetable::{ClassId, Delta, NONE, RequestId};

/// Classes tried for one request.
const TRIED: usize = 200;

impl ConstructionState<'_, '_> {
    /// Enrols everyone who is not, in the order of the requests, into what is least full.
    pub(super) fn enrol_everyone(&mut self) {
        let mut found = Vec::new();
        for i in 0..self.problem.requests().len() {
            let request = RequestId::new(i);
            if self.board.is_proper(request) || self.clock.ctx().stop.is_cancelled() {
                continue;
            }
            found.clear();
            let board = &self.board;
            let mut rank = |c: u32| {
                let places = u64::from(self.seats.places(ClassId(c)).max(1));
                board.students_of(ClassId(c)).len() as u64 * 1_000_000 / places
            };
            self.seats.ways(board, request, false, TRIED, &mut rank, &mut |places| {
                found.extend_from_slice(places);
                false
            });
            self.clock.count(1);
            if !found.is_empty() {
                self.board.enrol(request, &found);
            }
        }
        self.keep_if_best();
    }

    /// When all is placed, or the budget spent: students change classes where it spares conflicts
    /// and seats are left.
    pub(super) fn finish(&mut self) {
        let best =
            std::mem::replace(&mut self.best, timetable::Timetable { placements: Vec::new(), enrolment: Vec::new() });
        self.board.load(&best);
        self.best = best;
        for i in 0..self.problem.requests().len() {
            if self.clock.is_over() {
                break;
            }
            self.improve(RequestId::new(i));
        }
        self.keep_if_best();
        self.report();
    }

    fn improve(&mut self, request: RequestId) {
        let row = self.problem.requests()[request.index()];
        if row.slots.len == 0 {
            return;
        }
        let now = self.board.taken(request).to_vec();
        let mut best: Option<(Delta, Vec<u32>)> = None;
        let mut ways: Vec<u32> = Vec::new();
        let mut rank = |c: u32| u64::from(!now.contains(&c));
        self.seats.ways(&self.board, request, false, 60, &mut rank, &mut |places| {
            ways.extend_from_slice(places);
            true
        });
        for way in ways.chunks(row.slots.len as usize) {
            let delta = self.board.enrol_delta(request, way);
            self.clock.count(1);
            let better = (delta.hard, delta.penalty) < best.as_ref().map_or((0, 0), |b| (b.0.hard, b.0.penalty));
            if better {
                best = Some((delta, way.to_vec()));
            }
        }
        if let Some((delta, way)) = best {
            self.board.commit_enrol(request, &way, delta);
        }
        debug_assert!(self.board.taken(request).iter().any(|&c| c != NONE) || ways.is_empty());
    }
}
