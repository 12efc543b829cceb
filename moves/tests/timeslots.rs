//! The board of timeslot problems against the checker, on walks over random problems of every kind
//! that it can hold.

use moves::timeslots::{SlotBoard, SlotProblem, SlotWalk};
use moves::{Draws, Temperature};
use timetable::*;

/// A small generator.
struct Rng(u64);

impl Rng {
    fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % n as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What a random problem has beside classes, rooms and clashes.
#[derive(Clone, Copy, Debug)]
struct Has {
    /// Rooms cost something, by seats, stability and SameRoom.
    rooms_cost: bool,
    /// Students without a choice, whose conflicts are hard.
    students: bool,
    /// Rules about days, orders, days apart, fixed placements.
    rules: bool,
    /// Sessions of two slots, in several weeks.
    long: bool,
    /// Clashes, days in common and conflicts of students that cost.
    pairs_cost: bool,
}

/// Kinds about the days of a group, with parameters.
const OF_DAYS: [(Kind, &[u32]); 8] = [
    (Kind::IsolatedLectures, &[]),
    (Kind::MaxDayLoad, &[2]),
    (Kind::MaxBreaks, &[0, 1]),
    (Kind::MaxBlock, &[2, 0]),
    (Kind::Gaps, &[0]),
    (Kind::LunchBreak, &[1, 4, 2]),
    (Kind::MaxDays, &[2]),
    (Kind::MinWorkingDays, &[3]),
];

fn problem(seed: u64, has: Has) -> Problem {
    let mut d = Rng::new(seed);
    let (days, per_day) = (3 + d.below(2), 4 + d.below(3));
    let (weeks, length) = if has.long { (3, 2) } else { (1, 1) };
    let mut b = ProblemBuilder::new(Meta {
        name: format!("random-{seed}"),
        weeks,
        days: days as u32,
        slots: per_day as u32 * u32::from(length),
        time_weight: 2,
        room_weight: 3,
        distribution_weight: 5,
        student_weight: 7,
        student_conflicts_hard: has.students,
        format: Format::Csv,
    });
    let all_weeks = u64::MAX >> (64 - weeks);
    let time = |b: &mut ProblemBuilder, slot: usize| {
        b.time(all_weeks, 1 << (slot / per_day), (slot % per_day) as u16 * length, length)
    };
    let rooms: Vec<RoomId> = (0..4)
        .map(|r| {
            let closed: Vec<TimeId> = (0..d.below(2)).map(|_| time(&mut b, d.below(days * per_day))).collect();
            b.room(&format!("r{r}"), 10, &closed, &[])
        })
        .collect();
    let n = 14 + d.below(14);
    let (mut classes, mut courses, mut with_room) = (Vec::new(), Vec::new(), Vec::new());
    for c in 0..n {
        courses.push(b.course(&format!("c{c}")));
        b.config("g");
        b.subpart("s");
        let free: Vec<usize> = (0..days * per_day).filter(|_| d.chance(70)).collect();
        let free = if free.len() < 4 { (0..days * per_day).collect() } else { free };
        let times: Vec<(TimeId, u32)> = free.iter().map(|&s| (time(&mut b, s), d.below(3) as u32)).collect();
        let mut own: Vec<(RoomId, u32)> = Vec::new();
        if d.chance(90) {
            let cost = |d: &mut Rng| if has.rooms_cost { d.below(4) as u32 } else { 0 };
            own.extend(
                rooms
                    .iter()
                    .filter(|_| d.chance(75))
                    .copied()
                    .collect::<Vec<_>>()
                    .into_iter()
                    .map(|r| (r, cost(&mut d))),
            );
            if own.is_empty() {
                own.push((rooms[0], 1));
            }
        }
        classes.push(b.class(ClassSpec { name: &format!("k{c}"), limit: None, times: &times, rooms: &own }));
        if !own.is_empty() {
            with_room.push(classes[c]);
        }
    }
    let some = |d: &mut Rng, most: usize| -> Vec<ClassId> {
        let mut mine: Vec<ClassId> = Vec::new();
        for _ in 0..2 + d.below(most) {
            let class = classes[d.below(n)];
            if !mine.contains(&class) {
                mine.push(class);
            }
        }
        mine
    };
    let mut add = |kind, penalty, params: &[u32], classes: &[ClassId], times: &[TimeId]| {
        b.constraint(ConstraintSpec { kind, name: "", penalty, params, classes, times });
    };
    for (i, (kind, params)) in OF_DAYS.into_iter().enumerate() {
        // A group that never is in two places at once: a teacher, a curriculum.
        let group = some(&mut d, 5);
        let clash = [Kind::TeacherClash, Kind::CurriculumClash, Kind::NotOverlap, Kind::SameAttendees][i % 4];
        add(clash, None, &[], &group, &[]);
        if has.rules {
            add(kind, Some(1 + d.below(9) as u32), params, &group, &[]);
            if d.chance(30) && kind == Kind::MaxDayLoad {
                add(kind, None, &[3 * u32::from(length)], &group, &[]);
            }
        }
    }
    if has.rules {
        let pair = some(&mut d, 1);
        add(Kind::Precedence, None, &[], &pair, &[]);
        add(Kind::DifferentDays, None, &[], &some(&mut d, 2), &[]);
        add(Kind::FixedPlacement, Some(4), &[0, 1], &with_room[..1], &[]);
    }
    if has.rooms_cost {
        add(Kind::RoomStability, Some(1), &[], &some(&mut d, 5), &[]);
        add(Kind::SameRoom, Some(3), &[], &with_room[..3], &[]);
    }
    if has.pairs_cost {
        add(Kind::CurriculumClash, Some(3), &[], &some(&mut d, 6), &[]);
        add(Kind::NotOverlap, Some(2), &[], &some(&mut d, 6), &[]);
        add(Kind::DifferentDays, Some(4), &[], &some(&mut d, 6), &[]);
        add(Kind::DifferentDays, Some(1), &[], &some(&mut d, 6), &[]);
    }
    if has.students {
        add(Kind::StudentSingleClassDay, Some(1), &[], &[], &[]);
        add(Kind::StudentLongRun, Some(1), &[2], &[], &[]);
        for s in 0..10 {
            let mine: Vec<CourseId> = courses.iter().filter(|_| d.chance(18)).copied().collect();
            b.student(&format!("st{s}"), &mine);
        }
    }
    if has.pairs_cost {
        for s in 0..12 {
            let mine: Vec<CourseId> = courses.iter().filter(|_| d.chance(20)).copied().collect();
            b.student(&format!("st{s}"), &mine);
        }
    }
    b.build().expect("a sound problem")
}

/// A walk from a whole timetable; every change has the score that the checker finds. Whether there
/// was a whole timetable to begin with.
fn walk(problem: &Problem, seed: u64, temperature: f64) -> bool {
    let slots = SlotProblem::of(problem).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    let mut walk = SlotWalk::new(SlotBoard::empty(&slots), Draws::new(seed, [0, 0]));
    if !walk.fill(30_000, &|| false) {
        return false;
    }
    assert!(walk.board().is_whole());
    let index = std::sync::Arc::new(BoardIndex::new(problem));
    let mut changes = 0;
    let mut before = walk.board().timetable(problem);
    let holds = |walk: &SlotWalk<'_>, timetable: &Timetable| {
        let score = check(problem, timetable).score;
        assert_eq!(score, Score { unplaced: 0, hard: 0, penalty: walk.board().penalty() }, "seed {seed}");
        score
    };
    let mut least = holds(&walk, &before);
    for _ in 0..4_000 {
        walk.run(1, Temperature::new(temperature));
        let after = walk.board().timetable(problem);
        if after != before {
            changes += 1;
            least = least.min(holds(&walk, &after));
            if changes % 100 == 0 {
                let board = Board::with(problem, index.clone(), &after);
                assert_eq!(board.score().penalty, walk.board().penalty(), "the general board");
            }
            before = after;
        }
    }
    assert!(changes > 0, "seed {seed}: nothing ever changed");
    assert_eq!(walk.best(), least.penalty);
    assert_eq!(check(problem, &walk.best_timetable(problem)).score, least);
    // From a timetable.
    let again = SlotBoard::with(&slots, problem, &before);
    assert_eq!((again.is_whole(), again.penalty()), (true, walk.board().penalty()));
    true
}

#[track_caller]
fn walks(has: Has) {
    let began = (0..40).filter(|&seed| walk(&problem(seed, has), seed, 1.0 + 4.0 * (seed % 5) as f64)).count();
    assert!(began >= 10, "only {began} of 40 problems have a whole timetable");
}

#[test]
fn where_only_clashes_are_hard() {
    walks(Has { rooms_cost: false, students: false, rules: false, long: false, pairs_cost: false });
}

#[test]
fn with_students_as_in_post_enrolment() {
    walks(Has { rooms_cost: false, students: true, rules: false, long: false, pairs_cost: false });
}

#[test]
fn with_rooms_that_cost_as_in_curriculum_based_problems() {
    walks(Has { rooms_cost: true, students: false, rules: false, long: false, pairs_cost: false });
}

#[test]
fn with_rules_about_days_orders_and_places() {
    walks(Has { rooms_cost: false, students: false, rules: true, long: false, pairs_cost: false });
    walks(Has { rooms_cost: true, students: false, rules: true, long: true, pairs_cost: false });
    walks(Has { rooms_cost: true, students: true, rules: true, long: false, pairs_cost: false });
}

#[test]
fn with_clashes_and_days_in_common_that_cost() {
    walks(Has { rooms_cost: false, students: false, rules: false, long: false, pairs_cost: true });
    walks(Has { rooms_cost: true, students: false, rules: true, long: true, pairs_cost: true });
}

#[test]
fn what_is_no_timeslot_problem_is_said() {
    let unfit = |make: &dyn Fn(&mut ProblemBuilder, &[ClassId])| {
        let mut b = ProblemBuilder::new(Meta::of(&problem(
            1,
            Has { rooms_cost: false, students: false, rules: false, long: false, pairs_cost: false },
        )));
        let times = [b.time(1, 1, 0, 1), b.time(1, 2, 0, 1)].map(|t| (t, 0));
        let mut classes = Vec::new();
        for c in 0..3 {
            b.course(&format!("c{c}"));
            b.config("g");
            b.subpart("s");
            classes.push(b.class(ClassSpec { name: &format!("k{c}"), limit: None, times: &times, rooms: &[] }));
        }
        make(&mut b, &classes);
        SlotProblem::of(&b.build().unwrap()).map(|_| ()).map_err(|why| why.to_string())
    };
    let rule = |kind: Kind, penalty| {
        move |b: &mut ProblemBuilder, classes: &[ClassId]| {
            let params = vec![1; kind.arity()];
            b.constraint(ConstraintSpec { kind, name: "", penalty, params: &params, classes, times: &[] });
        }
    };
    let class = |times: &'static [(u64, u16, u16, u16)]| {
        move |b: &mut ProblemBuilder, _: &[ClassId]| {
            let times: Vec<(TimeId, u32)> = times.iter().map(|&(w, d, s, l)| (b.time(w, d, s, l), 0)).collect();
            b.course("more");
            b.config("g");
            b.subpart("s");
            b.class(ClassSpec { name: "more", limit: None, times: &times, rooms: &[] });
        }
    };
    assert_eq!(unfit(&|_, _| ()), Ok(()));
    assert_eq!(unfit(&rule(Kind::TeacherClash, None)), Ok(()));
    assert_eq!(unfit(&rule(Kind::SameDays, Some(0))), Ok(()), "costs nothing");
    let says = |result: Result<(), String>, what: &str| {
        assert!(result.as_ref().is_err_and(|why| why.contains(what)), "{result:?}, expected {what}");
    };
    says(unfit(&class(&[(1, 3, 0, 1)])), "several days");
    says(unfit(&class(&[(1, 1, 0, 2)])), "overlap");
    says(unfit(&rule(Kind::SameDays, None)), "SameDays that is hard");
    says(unfit(&rule(Kind::SameTime, Some(1))), "SameTime that costs");
    assert_eq!(unfit(&rule(Kind::TeacherClash, Some(1))), Ok(()));
    says(unfit(&rule(Kind::Gaps, Some(1))), "may be held at once");
    says(unfit(&rule(Kind::SameRoom, Some(1))), "need no room");
}
