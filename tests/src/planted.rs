//! What tests of stages share: what a stage may use, and small problems with a solution planted in
//! them.

use pipeline::{Budget, Bytes, Cancel, Context, Ledger, NoProgress, Plan, Stage, Stop};
use std::sync::Arc;
use timetable::*;

/// What a stage may use, with this budget: one thread, and more memory than any test needs.
pub fn context(seed: u64, budget: Budget) -> Context {
    Context {
        seed,
        stop: Stop::new(Cancel::default(), budget),
        ledger: Ledger::new(Bytes::gib(1), Bytes::ZERO),
        threads: 1,
        progress: Arc::new(NoProgress),
        best: Arc::new(NoProgress),
        work_folder: std::env::temp_dir(),
        judge: pipeline::checker(),
    }
}

/// Runs the stage, and holds what it claims against the checker.
///
/// # Panics
/// Where the stage fails, or claims another score than the checker counts.
pub fn run(stage: &dyn Stage, plan: Plan, ctx: &Context) -> Plan {
    let plan = stage.run(plan, ctx).expect("a plan");
    let timetable = plan.timetable.as_ref().expect("a timetable");
    timetable.fits(&plan.problem).expect("it fits the problem");
    assert_eq!(Some(check(&plan.problem, timetable).score), plan.score, "the checker and the stage count the same");
    plan
}

/// A calendar of one week.
pub fn builder(slots: u32) -> ProblemBuilder {
    ProblemBuilder::new(Meta {
        name: "small".into(),
        weeks: 1,
        days: 5,
        slots,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    })
}

/// A course of its own with one class.
pub fn lone_class(b: &mut ProblemBuilder, name: &str, times: &[(TimeId, u32)], rooms: &[(RoomId, u32)]) -> ClassId {
    b.course(name);
    b.config("");
    b.subpart("");
    b.class(ClassSpec { name, limit: None, times, rooms })
}

/// The generator of these problems (Marsaglia, *Xorshift RNGs*, 2003): another would make others of
/// them, which tests know.
#[derive(Clone, Debug)]
pub struct Xorshift(u64);

impl Xorshift {
    /// From a seed.
    pub fn new(seed: u64) -> Xorshift {
        Xorshift(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % n as u64) as usize
    }
}

/// Forty classes of 1 to 3 slots in three rooms that are nearly full, with teachers who have
/// several and pairs in order; a timetable that obeys all of it was drawn first, and each class can
/// also be held at other times and in other rooms.
///
/// # Panics
/// Never: the problem is sound.
pub fn planted(seed: u64) -> Problem {
    let mut d = Xorshift::new(seed);
    let mut b = builder(10);
    let rooms: Vec<RoomId> = (0..3).map(|r| b.room(&format!("r{r}"), 30, &[], &[])).collect();
    let mut held = Vec::new();
    for room in 0..3 {
        for day in 0..5 {
            let mut start = d.below(2);
            while start < 10 && held.len() < 40 {
                let length = (1 + d.below(3)).min(10 - start);
                held.push((room, day, start, length));
                start += length + usize::from(d.below(4) == 0);
            }
        }
    }
    let mut classes = Vec::new();
    for (i, &(room, day, start, length)) in held.iter().enumerate() {
        let mut times = vec![(b.time(1, 1 << day, start as u16, length as u16), 3)];
        for _ in 0..6 {
            let t = b.time(1, 1 << d.below(5), d.below(11 - length) as u16, length as u16);
            if times.iter().all(|x| x.0 != t) {
                times.push((t, d.below(4) as u32));
            }
        }
        let options: Vec<(RoomId, u32)> =
            (0..3).filter(|&r| r == room || d.below(2) == 0).map(|r| (rooms[r], 1)).collect();
        classes.push(lone_class(&mut b, &format!("c{i}"), &times, &options));
    }
    for i in 0..60 {
        let (x, y) = (d.below(held.len()), d.below(held.len()));
        let ((_, day, start, length), (_, other, from, long)) = (held[x], held[y]);
        let apart = day != other || start + length <= from || from + long <= start;
        let kind = if i % 3 == 0 { Kind::Precedence } else { Kind::TeacherClash };
        let in_order = (day, start + length) <= (other, from) && day <= other;
        if x != y && apart && (kind != Kind::Precedence || day < other || (day == other && in_order)) {
            let classes = [classes[x], classes[y]];
            b.constraint(ConstraintSpec { kind, name: "", penalty: None, params: &[], classes: &classes, times: &[] });
        }
    }
    b.build().expect("a sound problem")
}

/// A plan with this timetable, and its score by the checker.
pub fn plan_of(problem: &Arc<Problem>, timetable: Timetable) -> Plan {
    let score = check(problem, &timetable).score;
    Plan::new(Arc::clone(problem)).with_timetable(timetable, score)
}

/// Every class anywhere, in conflict with many; every request without a course.
pub fn anywhere(problem: &Problem, seed: u64) -> Timetable {
    let mut d = Xorshift::new(seed);
    let mut timetable = Timetable::empty(problem);
    for class in problem.class_ids() {
        let rooms = problem.rooms_of(class).len();
        let room = if rooms == 0 { Placement::NO_ROOM } else { d.below(rooms) as u16 };
        let time = d.below(problem.times_of(class).len()) as u16;
        timetable.placements[class.index()] = Placement { time, room };
    }
    timetable
}
