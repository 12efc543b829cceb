//! Changing what a student takes: the exact difference, and doing it.

use super::Board;
use super::delta::Delta;
use super::moves::add_student_conflicts;
use super::resolved::ResolvedPlacement;
use crate::ids::*;
use crate::problem::Problem;

impl Board<'_> {
    /// The exact difference of a request taking these classes instead (one a place, see
    /// [`Timetable::enrolment`](crate::Timetable::enrolment)). Where every course has but one way
    /// to be taken, and conflicts of students are hard, everyone is enrolled from the start and
    /// nothing changes.
    pub fn enrol_delta(&mut self, request: RequestId, to: &[u32]) -> Delta {
        let mut d = Delta::default();
        if self.index.students_in_clashes {
            return d;
        }
        let row = &self.problem.requests()[request.index()];
        let from = &self.students.enrolment[row.slots.range()];
        let limit = |c: u32, change: i32| {
            let limit = self.problem.classes()[c as usize].limit;
            let size = self.students.of_class[c as usize].len() as i32;
            if limit == NONE { 0 } else { (size + change - limit as i32).max(0) - (size - limit as i32).max(0) }
        };
        for (&old, &new) in from.iter().zip(to).filter(|(old, new)| old != new) {
            for (class, sign) in [(old, -1), (new, 1)] {
                if class != NONE {
                    d.hard += limit(class, sign);
                }
            }
        }
        d.weighted = i64::from(d.hard);
        d + self.student_delta(request, to)
    }

    /// The exact difference of two students' requests for one course exchanging what they take: no
    /// class gets larger or smaller, so that each student counts for themselves.
    ///
    /// # Panics
    /// Where the requests are for different courses.
    pub fn exchange_delta(&mut self, a: RequestId, b: RequestId) -> Delta {
        if self.index.students_in_clashes {
            return Delta::default();
        }
        let requests = self.problem.requests();
        assert_eq!(requests[a.index()].course, requests[b.index()].course, "an exchange is of one course");
        let [mine, theirs] = self.take_both(a, b);
        let d = self.student_delta(a, &theirs) + self.student_delta(b, &mine);
        self.places = [mine, theirs];
        d
    }

    /// Does an exchange whose difference is known.
    pub fn commit_exchange(&mut self, a: RequestId, b: RequestId, delta: Delta) {
        let [mine, theirs] = self.take_both(a, b);
        self.commit_enrol(a, &theirs, delta);
        self.commit_enrol(b, &mine, Delta::default());
        self.places = [mine, theirs];
    }

    /// What two requests take, in the board's own two lists (to be put back).
    fn take_both(&mut self, a: RequestId, b: RequestId) -> [Vec<u32>; 2] {
        let mut both = std::mem::take(&mut self.places);
        for (list, request) in both.iter_mut().zip([a, b]) {
            list.clear();
            list.extend_from_slice(self.taken(request));
        }
        both
    }

    /// The part of [`Board::enrol_delta`] that is about the student: all but the sizes of classes.
    fn student_delta(&mut self, request: RequestId, to: &[u32]) -> Delta {
        let row = &self.problem.requests()[request.index()];
        let from = &self.students.enrolment[row.slots.range()];
        let mut d = Delta::default();
        if from == to {
            return d;
        }
        let proper = |places: &[u32]| i32::from(is_proper(self.problem, request, places));
        d.hard = proper(from) - proper(to);
        d.weighted = i64::from(d.hard);
        let mut conflicts = 0;
        for (&old, &new) in from.iter().zip(to).filter(|(old, new)| old != new) {
            for (class, sign) in [(old, -1), (new, 1)] {
                if class != NONE {
                    conflicts += sign * self.meets(row.student, row.slots.range(), class);
                }
            }
        }
        conflicts += self.inside(to) - self.inside(from);
        add_student_conflicts(self.problem, conflicts, &mut d);
        self.day_changes(row.student, row.slots.range(), to, &mut d);
        d
    }

    /// Does a change whose difference is known.
    pub fn commit_enrol(&mut self, request: RequestId, to: &[u32], delta: Delta) {
        if self.index.students_in_clashes {
            return;
        }
        let row = self.problem.requests()[request.index()];
        let cells = self.cells();
        for (k, place) in row.slots.range().enumerate() {
            let from = self.students.enrolment[place];
            if from != to[k] && from != NONE {
                self.students.leave(row.student, place, &self.resolved, cells);
            }
        }
        for (k, place) in row.slots.range().enumerate() {
            if self.students.enrolment[place] != to[k] && to[k] != NONE {
                self.students.join(row.student, place, to[k], &self.resolved, cells);
            }
        }
        self.score.hard += i64::from(delta.hard);
        self.score.penalty += delta.penalty;
    }

    /// Whether a request takes its course properly.
    pub fn is_proper(&self, request: RequestId) -> bool {
        is_proper(self.problem, request, self.taken(request))
    }

    /// Changes what a request takes, and tells the difference.
    pub fn enrol(&mut self, request: RequestId, to: &[u32]) -> Delta {
        let delta = self.enrol_delta(request, to);
        self.commit_enrol(request, to, delta);
        delta
    }

    /// Enrols everyone in the only way there is; for problems where
    /// [`BoardIndex`](super::BoardIndex) counts students as clashes.
    pub(super) fn enrol_all(&mut self) {
        for (i, r) in self.problem.requests().iter().enumerate() {
            let config = self.problem.courses()[r.course as usize].configs.first as usize;
            let subparts = self.problem.configs()[config].subparts.indexes();
            for (place, subpart) in r.slots.range().zip(subparts) {
                let class = self.problem.subparts()[subpart as usize].classes.first;
                self.students.join(r.student, place, class, &self.resolved, 0);
            }
            let places = &self.students.enrolment[r.slots.range()];
            self.score.hard -= i64::from(is_proper(self.problem, RequestId::new(i), places));
        }
        for (class, row) in self.problem.classes().iter().enumerate() {
            let size = self.students.of_class[class].len() as i64;
            self.score.hard += row.limit().map_or(0, |l| (size - i64::from(l)).max(0));
        }
    }

    /// Conflicts of a class with the student's classes outside `request`'s places.
    fn meets(&self, student: u32, request: std::ops::Range<usize>, class: u32) -> i64 {
        let resolved = &self.resolved[class as usize];
        if !resolved.placed() {
            return 0;
        }
        let mut n = 0;
        for (place, other) in self.students.places(student) {
            if !request.contains(&place) && other != NONE && other != class {
                n += i64::from(self.travel.apart(resolved, &self.resolved[other as usize]));
            }
        }
        n
    }

    /// Conflicts among the classes of one request.
    fn inside(&self, places: &[u32]) -> i64 {
        let mut n = 0;
        for (k, &a) in places.iter().enumerate() {
            for &b in &places[k + 1..] {
                if a != NONE && b != NONE && a != b {
                    n += i64::from(self.travel.apart(&self.resolved[a as usize], &self.resolved[b as usize]));
                }
            }
        }
        n
    }

    /// Adds what changes on the student's days.
    fn day_changes(&mut self, student: u32, request: std::ops::Range<usize>, to: &[u32], d: &mut Delta) {
        let Some(days) = &mut self.students.days else { return };
        let from = &self.students.enrolment[request];
        let all = |a: u16, c: &u32| if *c == NONE { a } else { a | self.resolved[*c as usize].days };
        let touched = from.iter().chain(to).fold(0, all);
        let resolved = |c: u32| -> &ResolvedPlacement { &self.resolved[c as usize] };
        let before = days.amounts(student, touched);
        from.iter().filter(|&&c| c != NONE).for_each(|&c| days.remove(student, resolved(c)));
        to.iter().filter(|&&c| c != NONE).for_each(|&c| days.add(student, resolved(c)));
        let after = days.amounts(student, touched);
        to.iter().filter(|&&c| c != NONE).for_each(|&c| days.remove(student, resolved(c)));
        from.iter().filter(|&&c| c != NONE).for_each(|&c| days.add(student, resolved(c)));
        let (single, run) = (after.single - before.single, after.run - before.run);
        d.penalty += single * days.single_weight + run * days.run_weight;
        let hard = single as i32 * self.index.single_day_hard + run as i32 * self.index.long_run_hard;
        d.hard += hard;
        d.weighted += i64::from(hard);
    }
}

/// Whether the places of a request hold one configuration, one class of each of its subparts, each
/// with its parent.
fn is_proper(problem: &Problem, request: RequestId, places: &[u32]) -> bool {
    let Some(&first) = places.first() else { return false };
    if first == NONE {
        return false;
    }
    let config = problem.config_of(ClassId(first));
    let row = &problem.configs()[config.index()];
    if row.course != problem.requests()[request.index()].course {
        return false;
    }
    let n = row.subparts.len as usize;
    places[n..].iter().all(|&c| c == NONE)
        && places[..n].iter().zip(row.subparts.indexes()).all(|(&class, subpart)| {
            class != NONE && {
                let c = &problem.classes()[class as usize];
                c.subpart == subpart && (c.parent == NONE || places.contains(&c.parent))
            }
        })
}
