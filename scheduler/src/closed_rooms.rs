//! A closed room is never used in a timetable of tables, as their documents say: where a search ends
//! with classes in closed rooms for want of others, these classes are left out.

use pipeline::Plan;
use timetable::{Format, Placement, Problem, Timetable, check};

/// Takes classes out of closed rooms; whether there were any.
pub(crate) fn leave(plan: &mut Plan) -> bool {
    if plan.problem.format() != Format::Csv {
        return false;
    }
    let problem = plan.problem.clone();
    let Some(timetable) = plan.timetable.as_mut() else { return false };
    let closed: Vec<usize> = (0..timetable.placements.len()).filter(|&c| is_closed(&problem, timetable, c)).collect();
    for &class in &closed {
        timetable.placements[class] = Placement::NOWHERE;
    }
    if !closed.is_empty() {
        plan.score = Some(check(&problem, timetable).score);
        tracing::warn!(
            "{} sessions are left out: the only rooms for them are closed when they could be held",
            closed.len()
        );
    }
    !closed.is_empty()
}

fn is_closed(problem: &Problem, timetable: &Timetable, class: usize) -> bool {
    let class = timetable::ClassId::new(class);
    let at = timetable.time(problem, class).zip(timetable.room(problem, class));
    at.is_some_and(|(time, room)| {
        let time = &problem.times()[time.index()];
        problem.unavailable_of(room).iter().any(|&t| problem.times()[t as usize].overlaps(time))
    })
}
