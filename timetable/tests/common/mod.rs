//! Small random problems that hold every kind of constraint, and random changes to them.
#![allow(dead_code, reason = "each test uses a part")]

use timetable::*;

/// A small generator of its own, so that the tests depend on nothing else.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % n as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What a random problem shall be like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// All times one slot long in one week, so that the board uses its tables.
    pub(crate) units: bool,
    pub(crate) travel: bool,
    /// Students who can choose among classes.
    pub(crate) students: bool,
    /// Conflicts of students are hard and every course has one class, as in PE-CTT.
    pub(crate) post_enrolment: bool,
}

/// A random problem of about twenty classes with every kind of constraint, hard and soft.
pub(crate) fn problem(seed: u64, shape: Shape) -> Problem {
    problem_with(seed, shape, &Kind::ALL)
}

/// The same with these kinds of constraint only.
pub(crate) fn problem_with(seed: u64, shape: Shape, kinds: &[Kind]) -> Problem {
    let mut d = Rng::new(seed);
    let (weeks, days, slots) = if shape.units { (1, 4, 5) } else { (5, 4, 24) };
    let mut b = ProblemBuilder::new(Meta {
        name: format!("random-{seed}"),
        weeks,
        days,
        slots,
        time_weight: 2,
        room_weight: 3,
        distribution_weight: 5,
        student_weight: 7,
        student_conflicts_hard: shape.post_enrolment,
        format: Format::Csv,
    });
    let time = |b: &mut ProblemBuilder, d: &mut Rng| {
        if shape.units {
            b.time(1, 1 << d.below(4), d.below(5) as u16, 1)
        } else {
            let (w, y) = (1 + d.below(31) as u64, 1 + d.below(15) as u16);
            b.time(w, y, d.below(18) as u16, 1 + d.below(6) as u16)
        }
    };
    let rooms: Vec<RoomId> = (0..4)
        .map(|r| {
            let n = d.below(3);
            let unavailable: Vec<TimeId> = (0..n).map(|_| time(&mut b, &mut d)).collect();
            b.room(&format!("r{r}"), 10, &unavailable, &[])
        })
        .collect();
    if shape.travel {
        for &x in &rooms {
            for &y in &rooms {
                if x < y {
                    let t = d.below(4) as u16;
                    b.travel(x, y, t);
                }
            }
        }
    }
    let mut classes = Vec::new();
    let mut courses = Vec::new();
    for c in 0..7 {
        courses.push(b.course(&format!("c{c}")));
        let configs = if shape.post_enrolment { 1 } else { 1 + d.below(2) };
        for g in 0..configs {
            b.config(&format!("g{g}"));
            let mut parents: Vec<ClassId> = Vec::new();
            let subparts = if shape.post_enrolment { 1 } else { 1 + d.below(2) };
            for s in 0..subparts {
                b.subpart(&format!("s{s}"));
                let n = if shape.post_enrolment { 1 } else { 1 + d.below(2) };
                let mut here = Vec::new();
                for k in 0..n {
                    let mut times: Vec<(TimeId, u32)> = Vec::new();
                    for _ in 0..2 + d.below(6) {
                        let t = time(&mut b, &mut d);
                        if times.iter().all(|x| x.0 != t) {
                            times.push((t, d.below(4) as u32));
                        }
                    }
                    let mut r: Vec<(RoomId, u32)> = Vec::new();
                    if d.chance(80) {
                        for &room in &rooms {
                            if d.chance(60) || r.is_empty() {
                                r.push((room, d.below(4) as u32));
                            }
                        }
                    }
                    let limit = d.chance(70).then(|| 1 + d.below(4) as u32);
                    let name = format!("k{c}.{g}.{s}.{k}");
                    let id = b.class(ClassSpec { name: &name, limit, times: &times, rooms: &r });
                    if s == 1 && d.chance(50) {
                        b.set_parent(id, parents[d.below(parents.len())]);
                    }
                    here.push(id);
                    classes.push(id);
                }
                parents = here;
            }
        }
    }
    for &kind in kinds {
        for hard in [true, false] {
            let students_kind = kind.shape() == timetable::Shape::Students;
            if students_kind && (hard || !shape.students) {
                continue;
            }
            let mut mine: Vec<ClassId> = Vec::new();
            while mine.len() < 2 + d.below(4) {
                let c = classes[d.below(classes.len())];
                if !mine.contains(&c) {
                    mine.push(c);
                }
            }
            let params: Vec<u32> = match kind {
                Kind::FixedPlacement => vec![d.below(3) as u32, d.below(4) as u32],
                Kind::LunchBreak if shape.units => vec![1, 4, 2],
                Kind::LunchBreak => vec![6 + d.below(4) as u32, 12 + d.below(5) as u32, 1 + d.below(5) as u32],
                Kind::MinWorkingDays => vec![3],
                Kind::MaxDays => vec![2],
                Kind::MaxBlock => vec![1 + d.below(5) as u32, d.below(3) as u32],
                Kind::MaxBreaks => vec![d.below(2) as u32, d.below(3) as u32],
                Kind::StudentLongRun => vec![2],
                k => (0..k.arity()).map(|_| 1 + d.below(4) as u32).collect(),
            };
            let times: Vec<TimeId> =
                if kind == Kind::Availability { (0..2).map(|_| time(&mut b, &mut d)).collect() } else { Vec::new() };
            b.constraint(ConstraintSpec {
                kind,
                name: "",
                penalty: (!hard).then(|| 1 + d.below(9) as u32),
                params: &params,
                classes: if students_kind { &[] } else { &mine },
                times: &times,
            });
        }
    }
    // A pair constraint of more classes than the board lists pair by pair would need over
    // ninety-six classes: see the wide test.
    if shape.students {
        for s in 0..12 {
            let mut mine = Vec::new();
            for &c in &courses {
                if d.chance(50) {
                    mine.push(c);
                }
            }
            b.student(&format!("st{s}"), &mine);
        }
    }
    b.build().expect("a sound problem")
}

/// A random placement of a class, sometimes nowhere.
pub(crate) fn placement(p: &Problem, class: ClassId, d: &mut Rng) -> Placement {
    if d.chance(8) {
        return Placement::NOWHERE;
    }
    let rooms = p.rooms_of(class).len();
    Placement {
        time: d.below(p.times_of(class).len()) as u16,
        room: if rooms == 0 { Placement::NO_ROOM } else { d.below(rooms) as u16 },
    }
}

/// A random way to take a course: mostly a proper one, sometimes none, sometimes without regard to
/// parents.
pub(crate) fn places(p: &Problem, request: RequestId, d: &mut Rng) -> Vec<u32> {
    let row = p.requests()[request.index()];
    let mut places = vec![NONE; row.slots.len as usize];
    if d.chance(10) {
        return places;
    }
    let configs = p.courses()[row.course as usize].configs;
    let config = configs.first as usize + d.below(configs.len as usize);
    for (k, subpart) in p.configs()[config].subparts.indexes().enumerate() {
        let classes = p.subparts()[subpart as usize].classes;
        places[k] = classes.first + d.below(classes.len as usize) as u32;
    }
    places
}
