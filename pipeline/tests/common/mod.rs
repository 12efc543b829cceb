//! A problem that is checked by hand, and stages that do as they are told.
#![allow(dead_code, unreachable_pub)] // each test file uses a part

use pipeline::*;
use std::sync::Arc;
use timetable::*;

/// Four classes of one course, each at one of four times with penalties 0, 1, 2, 3, two rooms; one
/// student of the course.
pub fn problem() -> Arc<Problem> {
    named_problem("four")
}

/// The same under another name, which makes it another problem.
pub fn named_problem(name: &str) -> Arc<Problem> {
    let mut b = ProblemBuilder::new(Meta {
        name: name.into(),
        weeks: 1,
        days: 5,
        slots: 8,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let rooms = [b.room("r0", 30, &[], &[]), b.room("r1", 30, &[], &[])];
    let course = b.course("course");
    b.config("config");
    for class in 0..4u16 {
        b.subpart("part");
        // Every class has hours of its own, so that nothing clashes.
        let times: Vec<_> = (0..4u16).map(|t| (b.time(1, 1 << t, class, 1), u32::from(t))).collect();
        let options = [(rooms[0], 0), (rooms[1], 5)];
        b.class(ClassSpec { name: &format!("c{class}"), limit: None, times: &times, rooms: &options });
    }
    b.student("s", &[course]);
    Arc::new(b.build().expect("a sound problem"))
}

/// Every class at its time `t`, everyone enrolled: penalty 4 × t.
pub fn timetable_at(problem: &Problem, t: u16) -> (Timetable, Score) {
    let mut timetable = Timetable::empty(problem);
    timetable.placements.fill(Placement { time: t, room: 0 });
    timetable.enrolment = vec![0, 1, 2, 3];
    let score = check(problem, &timetable).score;
    assert_eq!(score, Score { unplaced: 0, hard: 0, penalty: 4 * i64::from(t) });
    (timetable, score)
}

pub fn plan_at(problem: &Arc<Problem>, t: u16) -> Plan {
    let (timetable, score) = timetable_at(problem, t);
    Plan::new(problem.clone()).with_timetable(timetable, score)
}

/// A stage that is a closure.
pub struct Fake<F>(pub F);

impl<F: Fn(Plan, &Context) -> Result<Plan, StageError> + Send + Sync> Stage for Fake<F> {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn run(&self, plan: Plan, ctx: &Context) -> Result<Plan, StageError> {
        (self.0)(plan, ctx)
    }
}

pub fn step(
    slot: &str,
    share: u32,
    run: impl Fn(Plan, &Context) -> Result<Plan, StageError> + Send + Sync + 'static,
) -> Step {
    Step { slot: slot.into(), stage: Box::new(Fake(run)), share }
}

/// A stage that puts every class at its time `t`.
pub fn places_at(slot: &str, t: u16) -> Step {
    step(slot, 1, move |plan, _| {
        let (timetable, score) = timetable_at(&plan.problem, t);
        Ok(plan.with_timetable(timetable, score))
    })
}

pub fn by_steps(steps: u64) -> Runner {
    Runner::new(7, Budget::Steps(steps))
}
