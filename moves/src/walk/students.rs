//! A student takes other classes of a course.

use super::chain::Chain;
use crate::enrolments::another_way;
use timetable::{ClassId, NONE, RequestId};

impl Chain<'_> {
    /// A student takes other classes of a course; where one is full, another student takes theirs
    /// in exchange.
    pub(super) fn student(&mut self, request: RequestId, threshold: i64) -> Option<i64> {
        let problem = self.board.problem();
        let mut to = std::mem::take(&mut self.places);
        let found = another_way(&self.board, request, &mut self.draws, &mut to);
        let cost = if found {
            let full = to.iter().zip(self.board.taken(request)).find_map(|(&new, &old)| {
                let class = ClassId(new);
                let is_full = new != old
                    && new != NONE
                    && problem.classes()[new as usize]
                        .limit()
                        .is_some_and(|l| self.board.students_of(class).len() >= l as usize);
                is_full.then_some(class)
            });
            match full {
                None => self.enrol_single(request, &to, threshold),
                Some(class) => self.enrol_swap(request, class, threshold),
            }
        } else {
            None
        };
        self.places = to;
        cost
    }

    fn enrol_single(&mut self, request: RequestId, to: &[u32], threshold: i64) -> Option<i64> {
        let delta = self.board.enrol_delta(request, to);
        let cost = self.weights.cost(&delta);
        if cost > threshold {
            return Some(cost);
        }
        if delta.worsens() {
            self.incumbent.store(&self.board);
        }
        self.board.commit_enrol(request, to, delta);
        self.incumbent.request_changed(request);
        self.accept();
        Some(cost)
    }

    /// Two students of a course exchange what they take of it: the other is the next, in the
    /// course's list from a random one on, who takes the full class.
    fn enrol_swap(&mut self, request: RequestId, full: ClassId, threshold: i64) -> Option<i64> {
        const LOOKS: usize = 64;
        let requests = self.board.problem().requests();
        let row = &requests[request.index()];
        let takers = self.domains.takers(row.course);
        let first = self.draws.below(takers.len());
        let partner = (0..takers.len().min(LOOKS))
            .map(|k| RequestId(takers[(first + k) % takers.len()]))
            .find(|&r| self.board.taken(r).contains(&full.0))?;
        if requests[partner.index()].student == row.student || self.board.taken(partner) == self.board.taken(request) {
            return None;
        }
        let delta = self.board.exchange_delta(request, partner);
        let cost = self.weights.cost(&delta);
        if cost > threshold {
            return Some(cost);
        }
        if delta.worsens() {
            self.incumbent.store(&self.board);
        }
        self.board.commit_exchange(request, partner, delta);
        self.incumbent.request_changed(request);
        self.incumbent.request_changed(partner);
        self.accept();
        Some(cost)
    }
}
