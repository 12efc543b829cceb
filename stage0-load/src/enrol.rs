//! Enrolment that follows from the problem alone.

use timetable::{NONE, Problem, Timetable};

/// Enrols every student in the courses that leave no choice: one configuration with one class in
/// each subpart.
pub fn enrol_where_there_is_no_choice(problem: &Problem, timetable: &mut Timetable) {
    for request in problem.requests() {
        let configs = problem.courses()[request.course as usize].configs;
        if configs.len != 1 {
            continue;
        }
        let subparts = &problem.subparts()[problem.configs()[configs.first as usize].subparts.range()];
        if subparts.iter().all(|s| s.classes.len == 1) {
            let places = &mut timetable.enrolment[request.slots.range()];
            places.fill(NONE);
            for (place, subpart) in places.iter_mut().zip(subparts) {
                *place = subpart.classes.first;
            }
        }
    }
}
