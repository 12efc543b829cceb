//! What parts cost at least, against what timetables cost.

use super::*;
use crate::model::{CostTarget, Relaxed, Rooms, bundles};

fn empty(problem: &Problem) -> Board<'_> {
    Board::new(problem, Arc::new(BoardIndex::new(problem)))
}

/// The least that bundles cost; `None` where they cannot all be placed.
fn least(library: &Library, problem: &Problem, members: &[&[ClassId]], rooms: Rooms) -> Option<i64> {
    let (board, links) = (empty(problem), Links::new(problem));
    let model = CpModelProto::decode(Relaxed::build(&board, &links, members, rooms, None).bytes().as_slice());
    let answer = solve(library, &model.expect("a model"));
    if answer.status() == CpSolverStatus::Infeasible {
        return None;
    }
    assert_eq!(answer.status(), CpSolverStatus::Optimal);
    let best = answer.objective_value.round() as i64;
    // Whether it can cost so little, and less, is answered in the same way.
    let counted = match rooms {
        Rooms::Counted => 0,
        Rooms::Given => least(library, problem, members, Rooms::Counted)?,
    };
    for (cost, expected) in [(best, true), (best - 1, false)] {
        for without_changes in [0, counted] {
            let model =
                Relaxed::build(&board, &links, members, rooms, Some(CostTarget { cost, without_changes })).bytes();
            let answer = solve(library, &CpModelProto::decode(model.as_slice()).expect("a model"));
            assert_eq!(answer.status() == CpSolverStatus::Optimal, expected, "{best}: {cost}, {without_changes}");
        }
    }
    Some(best)
}

/// The best valid timetable that the solver finds from where chance has put all classes; `None`
/// where chance did not place all.
fn optimum(library: &Library, problem: &Problem, rng: &mut Rng) -> Option<i64> {
    let links = Links::new(problem);
    let all: Vec<ClassId> = problem.class_ids().collect();
    let mut board = (0..30).map(|_| start(problem, rng)).find(|board| board.score().is_valid())?;
    let part = PartialModel::build(&board, &links, spec(&all, &[])).expect("a small model");
    assert!(part.is_whole());
    let answer = solve(library, part.model.proto());
    assert_eq!(answer.status(), CpSolverStatus::Optimal);
    let best = part.read(&answer).expect("a solution").places;
    Some(moved(&mut board, &best).penalty)
}

/// Bundles dealt out into a few parts.
fn dealt(bundles: &[Vec<ClassId>], rng: &mut Rng) -> Vec<Vec<usize>> {
    let mut parts = vec![Vec::new(); 1 + rng.below(4)];
    for bundle in 0..bundles.len() {
        let to = rng.below(parts.len());
        parts[to].push(bundle);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Parts never cost more together than the best timetable; all in one part cost as much, where
/// `is_exact`.
fn holds(library: &Library, problem: &Problem, seed: u64, is_exact: bool) -> bool {
    let mut rng = Rng::new(seed ^ 0x77);
    let Some(best) = optimum(library, problem, &mut rng) else { return false };
    let bundles = bundles(problem, &Links::new(problem));
    for rooms in [Rooms::Counted, Rooms::Given] {
        for _ in 0..3 {
            let sum: i64 = dealt(&bundles, &mut rng)
                .into_iter()
                .map(|part| {
                    let members: Vec<&[ClassId]> = part.iter().map(|&bundle| bundles[bundle].as_slice()).collect();
                    least(library, problem, &members, rooms).expect("all can be placed")
                })
                .sum();
            assert!(sum <= best, "seed {seed}, {rooms:?}: parts cost {sum}, a timetable {best}");
        }
        let all: Vec<&[ClassId]> = bundles.iter().map(Vec::as_slice).collect();
        let whole = least(library, problem, &all, rooms).expect("all can be placed");
        assert!(whole <= best, "seed {seed}, {rooms:?}: the whole costs {whole}, a timetable {best}");
        if is_exact && rooms == Rooms::Given {
            assert_eq!(whole, best, "seed {seed}");
        }
    }
    true
}

#[test]
fn kind_by_kind_parts_cost_no_more_than_the_best_timetable() {
    let Some(library) = library() else { return };
    let mut tried = 0;
    for kind in of_classes() {
        for seed in seeds(3) {
            let shape = if seed % 2 == 0 { SLOTS } else { Shape { travel: true, ..TIMES } };
            let problem = problem_with(seed, shape, &[kind]);
            // By slots, whether two rooms are the same is left out.
            let is_exact = !shape.units || !matches!(kind, Kind::SameRoom | Kind::DifferentRoom | Kind::SameAttendees);
            tried += u32::from(holds(&library, &problem, seed, is_exact));
        }
    }
    assert!(tried > 30, "only {tried} had a timetable");
}

/// A few courses with lectures that are alike, in rooms of different sizes, as in CB-CTT.
fn courses(seed: u64) -> Problem {
    let mut rng = Rng::new(seed);
    let mut b = ProblemBuilder::new(Meta {
        name: "courses".into(),
        weeks: 1,
        days: 3,
        slots: 4,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::CbCtt,
    });
    let times: Vec<TimeId> = (0..12).map(|k| b.time(1, 1 << (k / 4), k % 4, 1)).collect();
    let rooms: Vec<RoomId> = (0..3).map(|r| b.room(&format!("r{r}"), 10, &[], &[])).collect();
    let sizes = [10, 14, 20];
    let mut of_course: Vec<Vec<ClassId>> = Vec::new();
    for c in 0..5 {
        b.course(&format!("c{c}"));
        b.config("");
        let students = 8 + rng.below(16) as u32;
        let open: Vec<(TimeId, u32)> = times.iter().filter(|_| rng.chance(80)).map(|&t| (t, 0)).collect();
        let rooms: Vec<(RoomId, u32)> =
            rooms.iter().zip(sizes).map(|(&r, size)| (r, students.saturating_sub(size))).collect();
        let lectures = (0..2 + rng.below(2)).map(|k| {
            b.subpart("");
            b.class(ClassSpec { name: &format!("c{c}.{k}"), limit: None, times: &open, rooms: &rooms })
        });
        of_course.push(lectures.collect());
    }
    let mut rule = |kind, penalty, params: &[u32], classes: &[ClassId]| {
        b.constraint(ConstraintSpec { kind, name: "", penalty, params, classes, times: &[] });
    };
    for lectures in &of_course {
        rule(Kind::TeacherClash, None, &[], lectures);
        rule(Kind::MinWorkingDays, Some(5), &[2], lectures);
        rule(Kind::RoomStability, Some(1), &[], lectures);
    }
    for _ in 0..3 {
        let (x, y) = (rng.below(5), rng.below(5));
        if x != y {
            let both = [of_course[x].clone(), of_course[y].clone()].concat();
            rule(Kind::CurriculumClash, None, &[], &both);
            rule(Kind::IsolatedLectures, Some(2), &[], &both);
        }
    }
    b.build().expect("a sound problem")
}

#[test]
fn lectures_of_a_course_are_one_bundle_and_parts_cost_no_more_than_the_best_timetable() {
    let Some(library) = library() else { return };
    let mut tried = 0;
    for seed in seeds(15) {
        let problem = courses(seed);
        assert_eq!(bundles(&problem, &Links::new(&problem)).len(), 5);
        tried += u32::from(holds(&library, &problem, seed, true));
    }
    assert!(tried > 9, "only {tried} had a timetable");
}

/// Whatever is modelled, roughly or not at all: no timetable that chance finds costs less than its
/// parts.
#[test]
fn no_valid_timetable_costs_less_than_parts_of_it() {
    let Some(library) = library() else { return };
    let mut tried = 0;
    for kind in Kind::ALL {
        for seed in seeds(4) {
            let shape = [TIMES, SLOTS, Shape { travel: true, students: true, ..TIMES }][seed as usize % 3];
            let problem = problem_with(seed ^ 0x33, shape, &[kind]);
            let mut rng = Rng::new(seed);
            let bundles = bundles(&problem, &Links::new(&problem));
            let valid = (0..60).map(|_| start(&problem, &mut rng).score()).filter(Score::is_valid);
            let Some(penalty) = valid.map(|score| score.penalty).min() else { continue };
            tried += 1;
            for _ in 0..2 {
                let least = |part: Vec<usize>| {
                    let members: Vec<&[ClassId]> = part.iter().map(|&bundle| bundles[bundle].as_slice()).collect();
                    let (board, links) = (empty(&problem), Links::new(&problem));
                    let model = Relaxed::build(&board, &links, &members, Rooms::Counted, None).bytes();
                    let answer = solve(&library, &CpModelProto::decode(model.as_slice()).expect("a model"));
                    assert_eq!(answer.status(), CpSolverStatus::Optimal, "{kind} seed {seed}: all can be placed");
                    answer.objective_value.round() as i64
                };
                let sum: i64 = dealt(&bundles, &mut rng).into_iter().map(least).sum();
                assert!(sum <= penalty, "{kind} seed {seed}: parts cost {sum}, a timetable {penalty}");
            }
        }
    }
    assert!(tried > 20, "only {tried} had a timetable");
}

/// Classes with one time and one room each, in some or all of 13 weeks, and one soft rule for all
/// of them: there is one timetable.
fn fixed_classes(seed: u64, kind: Kind) -> Problem {
    let mut rng = Rng::new(seed);
    let mut b = ProblemBuilder::new(Meta {
        name: "fixed".into(),
        weeks: 13,
        days: 5,
        slots: 8,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 10,
        student_weight: 1,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let by_slots = rng.chance(50);
    let weeks = [0x1fff, 0x3f][rng.below(2)];
    let days = 1 + rng.below(3);
    let shared: Vec<RoomId> = match kind {
        Kind::RoomStability => (0..2).map(|r| b.room(&format!("shared{r}"), 10, &[], &[])).collect(),
        _ => Vec::new(),
    };
    b.course("");
    b.config("");
    let classes: Vec<ClassId> = (0..14)
        .map(|k| {
            let length = if by_slots { 1 } else { 1 + rng.below(2) as u16 };
            let weeks = if by_slots { weeks } else { weeks & (0xff << rng.below(4)) };
            let at = (rng.below(days), rng.below(6) as u16);
            // Rooms of their own; or, where rooms are what it is about, two rooms and times that do
            // not overlap.
            let ((day, start), room) = if shared.is_empty() {
                (at, b.room(&format!("r{k}"), 10, &[], &[]))
            } else {
                ((k % 5, k as u16 / 5 * 2), shared[k % 2])
            };
            let time = b.time(weeks, 1 << day, start, length);
            b.subpart("");
            b.class(ClassSpec { name: &format!("k{k}"), limit: None, times: &[(time, 0)], rooms: &[(room, 0)] })
        })
        .collect();
    let params: [u32; 3] = match kind {
        Kind::LunchBreak => [2, 5, 1 + rng.below(2) as u32],
        Kind::MaxBlock => [1 + rng.below(3) as u32, 0, 0],
        _ => [1 + rng.below(4) as u32, rng.below(2) as u32, 0],
    };
    let penalty = Some(1 + rng.below(12) as u32);
    b.constraint(ConstraintSpec { kind, name: "", penalty, params: &params, classes: &classes, times: &[] });
    b.build().expect("a sound problem")
}

#[test]
fn a_rule_that_is_broken_once_is_not_paid_for_by_each_part() {
    let Some(library) = library() else { return };
    let mut paid = 0;
    for kind in Kind::ALL.into_iter().filter(|kind| kind.shape() == timetable::Shape::Group) {
        for seed in seeds(16) {
            let problem = fixed_classes(seed, kind);
            let mut board = empty(&problem);
            problem.class_ids().for_each(|class| _ = board.apply(class, Placement { time: 0, room: 0 }));
            let (score, bundles) = (board.score(), bundles(&problem, &Links::new(&problem)));
            assert!(score.is_valid());
            let mut rng = Rng::new(seed);
            let least = |part: Vec<usize>| {
                let members: Vec<&[ClassId]> = part.iter().map(|&bundle| bundles[bundle].as_slice()).collect();
                let (board, links) = (empty(&problem), Links::new(&problem));
                let model = Relaxed::build(&board, &links, &members, Rooms::Counted, None).bytes();
                let answer = solve(&library, &CpModelProto::decode(model.as_slice()).expect("a model"));
                assert_eq!(answer.status(), CpSolverStatus::Optimal, "{kind} seed {seed}");
                answer.objective_value.round() as i64
            };
            let parts: i64 = dealt(&bundles, &mut rng).into_iter().map(least).sum();
            let whole = least((0..bundles.len()).collect());
            assert!(parts <= score.penalty, "{kind} seed {seed}: parts cost {parts}, the timetable {}", score.penalty);
            assert!(whole <= score.penalty, "{kind} seed {seed}: it costs {whole}, the timetable {}", score.penalty);
            paid += u32::from(whole > 0);
        }
    }
    assert!(paid > 20, "only {paid} cost anything");
}
