//! What `fewest-changes` promises.

use pipeline::{Budget, Plan, Stage, StageError};
use stage3_rl::disrupt::Disruption;
use stage3_rl::{FewestChanges, MinConflicts, Order, changed_students};
use std::sync::Arc;
use tests::{Xorshift, builder, context, lone_class, plan_of, planted, run};
use timetable::*;

const STEPS: Budget = Budget::Steps(2_000_000);

/// A valid timetable of a problem, or `None` where none was found.
fn valid(problem: &Arc<Problem>) -> Option<Timetable> {
    let plan = run(&MinConflicts, plan_of(problem, Timetable::empty(problem)), &context(1, STEPS));
    plan.score.unwrap().is_valid().then_some(plan.timetable.unwrap())
}

fn changed(home: &Timetable, now: &Timetable) -> usize {
    home.placements.iter().zip(&now.placements).filter(|(a, b)| a != b).count()
}

/// Nine classes of one slot in three rooms, of four teachers.
fn tight(seed: u64) -> Problem {
    let mut d = Xorshift::new(seed);
    let mut b = builder(2);
    let rooms: Vec<RoomId> = (0..3).map(|r| b.room(&format!("r{r}"), 30, &[], &[])).collect();
    let times: Vec<TimeId> = (0..5).map(|t| b.time(1, 1 << (t / 2), t % 2, 1)).collect();
    let mut teachers: [Vec<ClassId>; 4] = Default::default();
    for k in 0..9 {
        let mut mine: Vec<(TimeId, u32)> = times.iter().filter(|_| d.below(3) > 0).map(|&t| (t, 0)).collect();
        if mine.is_empty() {
            mine.push((times[d.below(5)], 0));
        }
        let mut places: Vec<(RoomId, u32)> = rooms.iter().filter(|_| d.below(3) > 0).map(|&r| (r, 0)).collect();
        if places.is_empty() {
            places.push((rooms[d.below(3)], 0));
        }
        let class = lone_class(&mut b, &format!("k{k}"), &mine, &places);
        teachers[d.below(4)].push(class);
    }
    for classes in &teachers {
        let (kind, penalty) = (Kind::TeacherClash, None);
        b.constraint(ConstraintSpec { kind, name: "t", penalty, params: &[], classes, times: &[] });
    }
    b.build().expect("a sound problem")
}

/// Whether the timetable on the board can be made valid by moving `left` of the classes from `from`
/// on: every way is tried.
fn can(board: &mut Board<'_>, from: u32, left: usize) -> bool {
    if board.score().is_valid() {
        return true;
    }
    let problem = board.problem();
    if left == 0 {
        return false;
    }
    for class in (from..problem.classes().len() as u32).map(ClassId) {
        let was = board.placement(class);
        for time in 0..problem.times_of(class).len() as u16 {
            for room in 0..problem.rooms_of(class).len() as u16 {
                let to = Placement { time, room };
                if to != was {
                    board.apply(class, to);
                    let found = can(board, class.0 + 1, left - 1);
                    board.apply(class, was);
                    if found {
                        return true;
                    }
                }
            }
        }
    }
    false
}

/// A tight problem in which a room is closed on a day, and the timetable in use; `None` where none
/// was found.
fn with_a_room_closed(seed: u64) -> Option<(Arc<Problem>, Timetable)> {
    let mut d = Xorshift::new(seed + 1000);
    let before = Arc::new(tight(seed));
    let in_use = valid(&before)?;
    let when = TimeRow { days: 1 << d.below(3), ..TimeRow::always(before.meta()) };
    let closed = vec![(RoomId::new(d.below(3)), when)];
    let amended = amend(&before, &Amendments { closed, ..Amendments::default() }).unwrap();
    let home = amended.carry(&before, &in_use);
    Some((Arc::new(amended.problem), home))
}

/// How few classes have to move, by trying everything up to four.
fn fewest(problem: &Problem, home: &Timetable) -> Option<usize> {
    let mut board = Board::with(problem, Arc::new(BoardIndex::new(problem)), home);
    (0..=4).find(|&n| can(&mut board, 0, n))
}

#[test]
fn as_few_classes_move_as_trying_everything_finds() {
    let (mut compared, mut chains) = (0, 0);
    for seed in 0..150 {
        let Some((problem, home)) = with_a_room_closed(seed) else { continue };
        let Some(least) = fewest(&problem, &home) else { continue };
        let plan = run(&FewestChanges::default(), plan_of(&problem, home.clone()), &context(seed, STEPS));
        assert!(plan.score.unwrap().is_valid(), "seed {seed}");
        let timetable = plan.timetable.unwrap();
        assert_eq!(changed(&home, &timetable), least, "seed {seed}");
        let direct = problem.class_ids().filter(|&c| {
            let room = home.room(&problem, c).unwrap();
            let time = &problem.times()[home.time(&problem, c).unwrap().index()];
            problem.unavailable_of(room).iter().any(|&u| problem.times()[u as usize].overlaps(time))
        });
        chains += usize::from(least > direct.count());
        compared += usize::from(least > 0);
    }
    assert!(compared > 40 && chains > 5, "{compared} compared, {chains} of them with others moving");
}

/// The least of (classes at other times, classes elsewhere), by trying everything that moves up to
/// `left` of the classes from `from` on.
fn fewest_times(board: &mut Board<'_>, home: &Timetable, from: u32, left: usize, least: &mut Option<(usize, usize)>) {
    if board.score().is_valid() {
        let now = board.timetable();
        let times = home.placements.iter().zip(&now.placements).filter(|(a, b)| a.time != b.time).count();
        let found = (times, changed(home, &now));
        *least = Some(least.map_or(found, |least| least.min(found)));
    }
    if left == 0 {
        return;
    }
    let problem = board.problem();
    for class in (from..problem.classes().len() as u32).map(ClassId) {
        let was = board.placement(class);
        for time in 0..problem.times_of(class).len() as u16 {
            for room in 0..problem.rooms_of(class).len() as u16 {
                let to = Placement { time, room };
                if to != was {
                    board.apply(class, to);
                    fewest_times(board, home, class.0 + 1, left - 1, least);
                    board.apply(class, was);
                }
            }
        }
    }
}

#[test]
fn of_a_published_timetable_as_few_times_change_as_trying_everything_finds() {
    const MOST: usize = 3;
    let (mut compared, mut otherwise) = (0, 0);
    for seed in 0..150 {
        let Some((problem, home)) = with_a_room_closed(seed) else { continue };
        let mut least = None;
        let mut board = Board::with(&problem, Arc::new(BoardIndex::new(&problem)), &home);
        fewest_times(&mut board, &home, 0, MOST, &mut least);
        let Some(least) = least.filter(|least| least.1 > 0) else { continue };
        let mended = |order| {
            let plan = run(&FewestChanges { order }, plan_of(&problem, home.clone()), &context(seed, STEPS));
            assert!(plan.score.unwrap().is_valid(), "seed {seed}");
            let now = plan.timetable.unwrap();
            let times = home.placements.iter().zip(&now.placements).filter(|(a, b)| a.time != b.time).count();
            (times, changed(&home, &now))
        };
        let found = mended(Order::Published);
        assert!(found <= least, "seed {seed}: {found:?}, {least:?}");
        assert!(found.1 > MOST || found == least, "seed {seed}: {found:?}, {least:?}");
        otherwise += usize::from(mended(Order::Classes).0 > found.0);
        compared += 1;
    }
    assert!(compared > 30 && otherwise > 5, "{compared} compared, {otherwise} of them otherwise than by classes");
}

#[test]
fn a_valid_timetable_is_left_alone() {
    let problem = Arc::new(planted(3));
    let in_use = valid(&problem).expect("one is planted");
    let plan = run(&FewestChanges::default(), plan_of(&problem, in_use.clone()), &context(1, STEPS));
    assert_eq!(plan.timetable.unwrap(), in_use);
}

#[test]
fn it_wants_a_timetable() {
    let problem = Arc::new(planted(3));
    let made = FewestChanges::default().run(Plan::new(problem), &context(1, STEPS));
    assert!(matches!(made, Err(StageError::Lacks(_))));
}

#[test]
fn fewer_classes_move_than_min_conflicts_moves() {
    let (mut ours, mut theirs) = (0, 0);
    for seed in 0..20 {
        let before = Arc::new(planted(seed));
        let Some(in_use) = valid(&before) else { continue };
        let when = TimeRow { days: 1 << (seed % 5), ..TimeRow::always(before.meta()) };
        let closed = vec![(RoomId::new(seed as usize % 3), when)];
        let amended = amend(&before, &Amendments { closed, ..Amendments::default() }).unwrap();
        let home = amended.carry(&before, &in_use);
        let problem = Arc::new(amended.problem);
        let a = run(&FewestChanges::default(), plan_of(&problem, home.clone()), &context(seed, STEPS));
        let b = run(&MinConflicts, plan_of(&problem, home.clone()), &context(seed, STEPS));
        if b.score.unwrap().is_valid() {
            assert!(a.score.unwrap().is_valid(), "seed {seed}");
            ours += changed(&home, a.timetable.as_ref().unwrap());
            theirs += changed(&home, b.timetable.as_ref().unwrap());
        }
    }
    assert!(ours > 0 && ours < theirs, "{ours} against {theirs}");
}

#[test]
fn a_class_with_fewer_students_moves_rather_than_one_with_more() {
    let mut b = builder(2);
    let room = b.room("r", 10, &[], &[]);
    let times = [(b.time(1, 1, 0, 1), 0), (b.time(1, 1, 1, 1), 9)];
    for name in ["large", "small"] {
        lone_class(&mut b, name, &times, &[(room, 0)]);
    }
    for s in 0..4 {
        let courses: &[CourseId] = if s == 0 { &[CourseId(1)] } else { &[CourseId(0)] };
        b.student(&format!("s{s}"), courses);
    }
    let problem = Arc::new(b.build().unwrap());
    let mut home = Timetable::empty(&problem);
    home.placements = vec![Placement { time: 0, room: 0 }; 2];
    home.enrolment = vec![1, 0, 0, 0];
    let plan = run(&FewestChanges::default(), plan_of(&problem, home.clone()), &context(1, STEPS));
    let now = plan.timetable.unwrap();
    assert_eq!(now.placements, [Placement { time: 0, room: 0 }, Placement { time: 1, room: 0 }]);
    assert_eq!(changed_students(&problem, &home, &now), 1);
    assert!(plan.notes.iter().any(|note| note.contains("proven")), "{:?}", plan.notes);
}

#[test]
fn students_of_a_cancelled_class_find_another() {
    let mut b = builder(3);
    let times = [(b.time(1, 1, 0, 1), 0)];
    b.course("c");
    b.config("");
    b.subpart("");
    let sections: Vec<ClassId> = (0..3)
        .map(|k| b.class(ClassSpec { name: &format!("s{k}"), limit: Some(3), times: &times, rooms: &[] }))
        .collect();
    for s in 0..6 {
        b.student(&format!("s{s}"), &[CourseId(0)]);
    }
    let before = b.build().unwrap();
    let mut in_use = Timetable::empty(&before);
    in_use.placements = vec![Placement { time: 0, room: Placement::NO_ROOM }; 3];
    in_use.enrolment = vec![0, 0, 1, 1, 2, 2];
    let amended = amend(&before, &Amendments { cancelled: vec![sections[1]], ..Amendments::default() }).unwrap();
    let home = amended.carry(&before, &in_use);
    let problem = Arc::new(amended.problem);
    assert!(!check(&problem, &home).score.is_valid());
    let plan = run(&FewestChanges::default(), plan_of(&problem, home.clone()), &context(1, STEPS));
    assert!(plan.score.unwrap().is_valid());
    let now = plan.timetable.unwrap();
    assert_eq!(changed(&home, &now), 0);
    assert_eq!(changed_students(&problem, &home, &now), 2);
}

#[test]
fn hard_disruptions_pin_nobody_whom_they_hit() {
    let (mut hit, mut pinned) = (0, 0);
    for seed in 0..60 {
        let before = Arc::new(planted(seed % 10));
        let Some(in_use) = valid(&before) else { continue };
        for kind in Disruption::HARD {
            let changes = kind.draw(&before, &mut in_use.clone(), seed);
            let amended = amend(&before, &changes).expect("a sound problem");
            let home = amended.carry(&before, &in_use);
            let problem = Arc::new(amended.problem);
            let board = Board::with(&problem, Arc::new(BoardIndex::new(&problem)), &home);
            let forbidden = |c: ClassId| board.is_forbidden(c, home.placements[c.index()]);
            hit += problem.class_ids().filter(|&c| forbidden(c)).count();
            pinned += changes.pinned.len();
            for &(class, at) in &changes.pinned {
                assert!(at == in_use.placements[class.index()] && !forbidden(class), "seed {seed}");
            }
            let least = FewestChanges::default().least(&problem, &home, &context(1, STEPS)).expect("a number");
            assert!(least as usize >= problem.class_ids().filter(|&c| forbidden(c)).count());
        }
    }
    assert!(hit > 50 && pinned > 100, "{hit} hit, {pinned} pinned");
}
