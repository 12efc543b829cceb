//! Students and the courses that they take.

use super::courses::KEPT_BY_ROW;
use super::load::{Loader, State};
use super::xml::Element;
use crate::log::quoted;
use crate::names::Names;
use timetable::CourseId;

/// What a course that a student takes takes, in bytes.
const KEPT_BY_REQUEST: u64 = 48;
/// Most places of enrolment in a problem: a file must not make the problem larger than itself
/// without bound.
pub(crate) const PLACES_MAX: u64 = 1 << 28;

/// The students so far, and the one that is open.
pub(super) struct Students {
    names: Names,
    count: usize,
    places: u64,
    line: u64,
    name: String,
    courses: Vec<CourseId>,
}

impl Default for Students {
    fn default() -> Self {
        Students {
            names: Names::new("student"),
            count: 0,
            places: 0,
            line: 0,
            name: String::new(),
            courses: Vec::new(),
        }
    }
}

impl Loader {
    pub(super) fn student(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id"], &mut self.log);
        let s = &mut self.students;
        s.name.clear();
        if let Some(id) = f.need(0, &mut self.log) {
            s.names.define(&mut self.log, f.line(), id, s.count);
            s.name.push_str(id);
            self.log.keep(KEPT_BY_ROW + 3 * id.len() as u64);
        }
        s.line = f.line();
        s.count += 1;
        s.courses.clear();
        self.seen.next_round();
        State::Student
    }

    pub(super) fn student_course(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id"], &mut self.log);
        let (log, s) = (&mut self.log, &mut self.students);
        let Some(id) = f.need(0, log) else { return State::Leaf };
        let Some(course) = self.courses.names.get(id) else {
            let of = format!(" of student {}", quoted(&s.name));
            self.courses.names.find(log, f.line(), id, &of);
            return State::Leaf;
        };
        let of = || format!("course {} of student {}", quoted(id), quoted(&s.name));
        if !self.seen.first(course) {
            log.note(f.line(), "a course that a student takes twice counts once");
        } else if !self.courses.shapes[course as usize].can_be_taken && log.is_damaged() && !log.is_lenient() {
            return State::Leaf; // its classes may be what could not be read
        } else if !self.courses.shapes[course as usize].can_be_taken {
            log.unusable(
                f.line(),
                format!("{} that has no classes to take", of()),
                "a config with a class in each subpart",
            );
        } else {
            log.keep(KEPT_BY_REQUEST);
            s.courses.push(CourseId(course));
            s.places += u64::from(self.courses.shapes[course as usize].width);
        }
        State::Leaf
    }

    pub(super) fn close_student(&mut self) {
        let s = &self.students;
        if s.places > PLACES_MAX {
            // Noted once for each further student; the problem is refused and stops growing.
            self.log.fault(
                s.line,
                format!("{} places of students in subparts", s.places),
                format!("at most {PLACES_MAX}"),
            );
            return;
        }
        self.builder.student(&s.name, &s.courses);
    }
}
