//! Problems to practise on, drawn from a seed: three kinds of university, small and of any
//! tightness, none like those that results are measured on.

use crate::min_conflicts::MinConflicts;
use moves::Rng;
use pipeline::{Budget, Context, Plan, Stage, StageError};
use std::sync::Arc;
use timetable::{
    ClassId, ClassSpec, ConstraintSpec, CourseId, Format, Kind, Meta, Placement, Problem, ProblemBuilder, RoomId,
    TimeId, Timetable,
};

/// Steps in which a problem has to be solved; otherwise another one is drawn.
const SOLVED_WITHIN: u64 = 400_000;

/// A problem and a valid timetable of it.
pub(super) struct PracticeProblem {
    pub(super) problem: Arc<Problem>,
    pub(super) timetable: Timetable,
}

impl PracticeProblem {
    /// Draws problems until one can be solved.
    pub(super) fn draw(seed: u64, most_classes: usize, ctx: &Context) -> Result<PracticeProblem, StageError> {
        let mut seed = seed;
        loop {
            let problem = Arc::new(problem(seed, most_classes, None));
            let nothing = Timetable::empty(&problem);
            let score = timetable::check(&problem, &nothing).score;
            let plan = Plan::new(Arc::clone(&problem)).with_timetable(nothing, score);
            let ctx = Context { seed, stop: ctx.stop.with_budget(Budget::Steps(SOLVED_WITHIN)), ..ctx.clone() };
            let plan = MinConflicts.run(plan, &ctx)?;
            if ctx.stop.is_cancelled() {
                return Err(StageError::Failed("stopped".into()));
            }
            if let (Some(timetable), true) = (plan.timetable, plan.score.is_some_and(|s| s.is_valid())) {
                return Ok(PracticeProblem { problem, timetable }.tightened(seed, most_classes));
            }
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        }
    }
}

impl PracticeProblem {
    /// Every second scene again, with fewer times and rooms to choose from, those in use among
    /// them.
    fn tightened(self, seed: u64, most_classes: usize) -> PracticeProblem {
        if seed.is_multiple_of(2) {
            return self;
        }
        let mut rng = crate::rng(!seed);
        let share = 15 + rng.below(50);
        let mut keep =
            |n: usize, used: usize| -> Vec<bool> { (0..n).map(|k| k == used || rng.below(100) < share).collect() };
        let kept: Vec<Kept> = self
            .problem
            .class_ids()
            .map(|c| {
                let at = self.timetable.placements[c.index()];
                let times = keep(self.problem.times_of(c).len(), usize::from(at.time));
                Kept { times, rooms: keep(self.problem.rooms_of(c).len(), usize::from(at.room)) }
            })
            .collect();
        let before = |kept: &[bool], used: u16| kept[..usize::from(used)].iter().filter(|k| **k).count() as u16;
        let placements = self.timetable.placements.iter().zip(&kept).map(|(at, kept)| Placement {
            time: before(&kept.times, at.time),
            room: if kept.rooms.is_empty() { at.room } else { before(&kept.rooms, at.room) },
        });
        let placements = placements.collect();
        let problem = Arc::new(problem(seed, most_classes, Some(kept)));
        PracticeProblem { problem, timetable: Timetable { placements, enrolment: self.timetable.enrolment } }
    }
}

/// Which times and rooms a class keeps.
struct Kept {
    times: Vec<bool>,
    rooms: Vec<bool>,
}

/// One problem as it is being drawn.
struct Draft {
    b: ProblemBuilder,
    rng: Rng,
    /// By class.
    kept: Option<Vec<Kept>>,
    rooms: Vec<(RoomId, u32)>,
    classes: Vec<ClassId>,
    days: u16,
    slots: u16,
}

fn problem(seed: u64, most_classes: usize, kept: Option<Vec<Kept>>) -> Problem {
    let mut rng = crate::rng(seed);
    let classes = 20 + rng.below(most_classes.max(21) - 20);
    let style = rng.below(3);
    let (days, slots) = match style {
        0 => (5 + rng.below(2) as u16, 4 + rng.below(4) as u16),
        _ => (5, 8 + rng.below(5) as u16),
    };
    let meta = Meta {
        name: "practice".into(),
        weeks: 1,
        days: u32::from(days),
        slots: u32::from(slots),
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: style == 2,
        format: Format::Csv,
    };
    let mut draft =
        Draft { b: ProblemBuilder::new(meta), rng, kept, rooms: Vec::new(), classes: Vec::new(), days, slots };
    match style {
        0 => draft.curricula(classes),
        1 => draft.patterns(classes),
        _ => draft.students(classes),
    }
    draft.b.build().expect("what is drawn is a sound problem")
}

impl Draft {
    /// As many rooms as it takes for so many slots of classes, and some more.
    fn rooms(&mut self, busy: usize) {
        let week = usize::from(self.days) * usize::from(self.slots);
        let fullness = 55 + self.rng.below(40);
        let n = (busy * 100).div_ceil(week * fullness).max(2);
        for r in 0..n {
            let capacity = 20 + 20 * self.rng.below(6) as u32;
            let room = self.b.room(&format!("r{r}"), capacity, &[], &[]);
            self.rooms.push((room, capacity));
        }
    }

    /// Rooms that are large enough, a few of them unsuitable; a penalty for some.
    fn rooms_for(&mut self, people: u32) -> Vec<(RoomId, u32)> {
        let largest = self.rooms.iter().map(|r| r.1).max().unwrap_or(0);
        let mut fit: Vec<(RoomId, u32)> = Vec::new();
        for &(room, capacity) in &self.rooms {
            if capacity >= people.min(largest) && self.rng.below(8) > 0 {
                fit.push((room, self.rng.below(3) as u32));
            }
        }
        if fit.is_empty() { self.rooms.iter().filter(|r| r.1 == largest).map(|r| (r.0, 0)).collect() } else { fit }
    }

    fn hard(&mut self, kind: Kind, classes: &[ClassId]) {
        self.constraint(kind, classes, None);
    }

    fn constraint(&mut self, kind: Kind, classes: &[ClassId], penalty: Option<u32>) {
        if classes.len() > 1 {
            self.b.constraint(ConstraintSpec { kind, name: "", penalty, params: &[], classes, times: &[] });
        }
    }

    fn class(&mut self, limit: Option<u32>, times: &[(TimeId, u32)], rooms: &[(RoomId, u32)]) -> ClassId {
        let name = format!("c{}", self.classes.len());
        let (mut times, mut rooms) = (times.to_vec(), rooms.to_vec());
        if let Some(kept) = &self.kept {
            let kept = &kept[self.classes.len()];
            times = times.into_iter().zip(&kept.times).filter(|t| *t.1).map(|t| t.0).collect();
            rooms = rooms.into_iter().zip(&kept.rooms).filter(|r| *r.1).map(|r| r.0).collect();
        }
        let class = self.b.class(ClassSpec { name: &name, limit, times: &times, rooms: &rooms });
        self.classes.push(class);
        class
    }

    fn course(&mut self) -> CourseId {
        let course = self.b.course(&format!("k{}", self.classes.len()));
        self.b.config("");
        course
    }

    /// Lectures of one slot; those of a course, of a teacher and of a curriculum are at different
    /// times.
    fn curricula(&mut self, classes: usize) {
        self.rooms(classes);
        let mut courses: Vec<Vec<ClassId>> = Vec::new();
        while self.classes.len() < classes {
            self.course();
            let blocked = self.rng.below(3) * 10;
            let mut times = Vec::new();
            for day in 0..self.days {
                for slot in 0..self.slots {
                    if self.rng.below(100) >= blocked {
                        times.push((self.b.time(1, 1 << day, slot, 1), 2 * u32::from(self.rng.below(6) == 0)));
                    }
                }
            }
            if times.is_empty() {
                times.push((self.b.time(1, 1, 0, 1), 0));
            }
            let people = 10 + self.rng.below(110) as u32;
            let rooms = self.rooms_for(people);
            let lectures = 1 + self.rng.below(5);
            let of: Vec<ClassId> = (0..lectures)
                .map(|_| {
                    self.b.subpart("");
                    self.class(None, &times, &rooms)
                })
                .collect();
            self.hard(Kind::CurriculumClash, &of);
            courses.push(of);
        }
        let groups = courses.len() * (1 + self.rng.below(3)) / 4;
        for _ in 0..groups {
            let kind = if self.rng.below(2) == 0 { Kind::TeacherClash } else { Kind::CurriculumClash };
            let n = 2 + self.rng.below(4);
            let mut of: Vec<ClassId> = Vec::new();
            for _ in 0..n {
                of.extend(&courses[self.rng.below(courses.len())]);
            }
            of.sort_unstable();
            of.dedup();
            if of.len() <= usize::from(self.days) * usize::from(self.slots) * 3 / 4 {
                self.hard(kind, &of);
            }
        }
    }

    /// Classes with a choice of day patterns and lengths, and rules of many kinds among them.
    fn patterns(&mut self, classes: usize) {
        self.rooms(classes * 4);
        while self.classes.len() < classes {
            self.course();
            self.b.subpart("");
            let pattern = [0b00001u16, 0b00101, 0b01010, 0b10101][self.rng.below(4)];
            let length = 1 + self.rng.below(3) as u16;
            let mut times: Vec<(TimeId, u32)> = Vec::new();
            for _ in 0..4 + self.rng.below(16) {
                let days = if pattern == 1 { 1 << self.rng.below(5) } else { pattern };
                let start = self.rng.below(usize::from(self.slots - length) + 1) as u16;
                let time = self.b.time(1, days, start, length);
                if times.iter().all(|t| t.0 != time) {
                    times.push((time, self.rng.below(5) as u32));
                }
            }
            let people = 10 + self.rng.below(110) as u32;
            let rooms = if self.rng.below(12) == 0 { Vec::new() } else { self.rooms_for(people) };
            self.class(None, &times, &rooms);
        }
        const KINDS: [Kind; 8] = [
            Kind::SameAttendees,
            Kind::SameAttendees,
            Kind::NotOverlap,
            Kind::TeacherClash,
            Kind::SameRoom,
            Kind::SameDays,
            Kind::DifferentDays,
            Kind::Precedence,
        ];
        // Every second time there is one large group of which no two can be held at once.
        if self.rng.below(2) == 0 {
            let from = self.rng.below(classes);
            let n = 8 + self.rng.below(12);
            let of: Vec<ClassId> = (0..n.min(classes)).map(|k| self.classes[(from + k) % classes]).collect();
            self.hard(Kind::SameAttendees, &of);
        }
        let rules = classes * (2 + self.rng.below(8)) / 10;
        for _ in 0..rules {
            let kind = KINDS[self.rng.below(KINDS.len())];
            let most = if matches!(kind, Kind::SameAttendees | Kind::NotOverlap | Kind::TeacherClash) { 5 } else { 2 };
            let n = 2 + self.rng.below(most - 1);
            let mut of: Vec<ClassId> = (0..n).map(|_| self.classes[self.rng.below(classes)]).collect();
            of.sort_unstable();
            of.dedup();
            let penalty = (self.rng.below(3) == 0).then(|| 1 + self.rng.below(8) as u32);
            self.constraint(kind, &of, penalty);
        }
    }

    /// Students who choose courses, some of which have several sections with places for so many.
    fn students(&mut self, classes: usize) {
        self.rooms(classes * 2);
        let mut courses: Vec<CourseId> = Vec::new();
        while self.classes.len() < classes {
            courses.push(self.course());
            self.b.subpart("");
            let sections = [1, 1, 2, 3][self.rng.below(4)];
            let length = 1 + self.rng.below(2) as u16;
            for _ in 0..sections {
                let mut times: Vec<(TimeId, u32)> = Vec::new();
                for _ in 0..6 + self.rng.below(30) {
                    let days = 1u16 << self.rng.below(usize::from(self.days));
                    let start = self.rng.below(usize::from(self.slots - length) + 1) as u16;
                    let time = self.b.time(1, days, start, length);
                    if times.iter().all(|t| t.0 != time) {
                        times.push((time, self.rng.below(5) as u32));
                    }
                }
                let rooms = self.rooms_for(20);
                let limit = (sections > 1).then_some(14);
                self.class(limit, &times, &rooms);
            }
        }
        let teachers = classes / 5;
        for _ in 0..teachers {
            let n = 2 + self.rng.below(3);
            let mut of: Vec<ClassId> = (0..n).map(|_| self.classes[self.rng.below(classes)]).collect();
            of.sort_unstable();
            of.dedup();
            self.hard(Kind::TeacherClash, &of);
        }
        // Students of one programme take much the same.
        for s in 0..courses.len() * 3 {
            let from = s * courses.len() / (courses.len() * 3);
            let mut of: Vec<CourseId> =
                (0..2 + self.rng.below(3)).map(|_| courses[(from + self.rng.below(8)) % courses.len()]).collect();
            of.sort_unstable();
            of.dedup();
            self.b.student(&format!("s{s}"), &of);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_have_valid_timetables_and_are_the_same_again() {
        let ctx = ::tests::context(1, Budget::Steps(u64::MAX));
        for seed in 0..40 {
            let practice_problem = PracticeProblem::draw(seed, 60, &ctx).expect("a scene");
            assert!(
                timetable::check(&practice_problem.problem, &practice_problem.timetable).score.is_valid(),
                "{seed}"
            );
            let again = PracticeProblem::draw(seed, 60, &ctx).expect("a scene");
            assert_eq!(practice_problem.timetable, again.timetable);
        }
    }
}
