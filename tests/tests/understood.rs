//! What is refused before a search cannot be solved: random small problems of every kind of rule,
//! each refused one searched to its end.

use moves::exhaustive;
use scheduler::{Proof, Reasons};
use stage0_load::Words;
use stage0_load::csv_folder::{
    Calendar, Course, Fixed, Hold, Room, RoomsWanted, Rules, Student, Tables, Teacher, Window,
};
use std::{collections::BTreeMap, sync::Arc};
use tests::Rng;
use timetable::*;

/// Changes looked at in one search.
const MOST: u64 = 400_000;

/// Whether a valid timetable exists; `None` where the search was too long.
fn is_solvable(problem: &Problem) -> Option<bool> {
    let index = Arc::new(BoardIndex::new(problem));
    let ended = exhaustive::search(problem, &index, i64::MAX, MOST, &|| false);
    if let Some((timetable, _)) = &ended.best {
        assert!(check(problem, timetable).score.is_valid());
        return Some(true);
    }
    ended.is_complete.then_some(false)
}

/// A folder of a few sessions, in which much is fixed, away, closed and too short.
fn folder(seed: u64) -> Option<Problem> {
    let mut d = Rng::new(seed);
    let (days, slots) = (1 + d.below(3), 1 + d.below(4));
    let window = |d: &mut Rng| {
        let from = d.below(slots) as u16;
        let to = from + 1 + d.below(slots - usize::from(from)) as u16;
        Window { days: 1 + d.below((1 << days) - 1) as u16, from, to }
    };
    let some = |d: &mut Rng, n: usize| d.below(n) == 0;
    let mut rules = Rules::default();
    for name in Rules::NAMES {
        let hold = if d.below(3) > 0 { Hold::Hard } else { Hold::Costs(1) };
        *rules.get_mut(name).expect("a rule of this name") = hold;
    }
    let rooms: Vec<Room> = (0..1 + d.below(2))
        .map(|i| Room {
            id: format!("r{i}"),
            capacity: 2 + d.below(3) as u32,
            features: if some(&mut d, 2) { vec!["lab".into()] } else { Vec::new() },
            unavailable: if some(&mut d, 3) { vec![window(&mut d)] } else { Vec::new() },
            line: 0,
        })
        .collect();
    let teachers: Vec<Teacher> = (0..1 + d.below(2))
        .map(|i| Teacher {
            id: format!("t{i}"),
            unavailable: if some(&mut d, 2) { vec![window(&mut d)] } else { Vec::new() },
            max_daily_load: some(&mut d, 3).then(|| 1 + d.below(3) as u32),
            max_consecutive: some(&mut d, 4).then(|| 1 + d.below(3) as u32),
            max_gaps: some(&mut d, 4).then(|| d.below(2) as u32),
            lunch: some(&mut d, 4).then_some((0, slots as u16)),
            ..Teacher::default()
        })
        .collect();
    let courses: Vec<Course> = (0..1 + d.below(3))
        .map(|i| Course {
            id: format!("c{i}"),
            teachers: (0..d.below(3)).map(|_| vec![d.below(teachers.len()) as u32]).collect(),
            sections: Some(1 + d.below(2) as u32),
            section_size: some(&mut d, 2).then(|| 1 + d.below(2) as u32),
            sessions: 1 + d.below(2) as u32,
            length: 1 + d.below(2).min(slots - 1) as u16,
            features: if some(&mut d, 4) { vec!["lab".into()] } else { Vec::new() },
            rooms: match d.below(3) {
                0 => RoomsWanted::NoRoom,
                1 => RoomsWanted::Listed(vec![d.below(rooms.len()) as u32]),
                _ => RoomsWanted::Suitable,
            },
            times: if some(&mut d, 3) { vec![window(&mut d)] } else { Vec::new() },
            weeks: d.below(4) as u64,
            ..Course::default()
        })
        .collect();
    let students: Vec<Student> =
        (0..d.below(3)).map(|i| Student { id: format!("s{i}"), ..Student::default() }).collect();
    let pairs = (0..students.len() as u32).flat_map(|s| (0..courses.len() as u32).map(move |c| (s, c)));
    let enrolments = pairs.filter(|_| d.below(3) > 0).collect();
    let mut fixed = BTreeMap::new();
    for _ in 0..d.below(4) {
        let course = d.below(courses.len());
        let (section, session) = (1 + d.below(2) as u32, 1 + d.below(2) as u32);
        let time = Some((d.below(days) as u16, d.below(slots) as u16)).filter(|_| d.below(4) > 0);
        let room = Some(d.below(rooms.len()) as u32).filter(|_| d.below(3) == 0);
        let line = Fixed { course: course as u32, section, session, time, room, line: 0 };
        fixed.insert((course, section, session), line);
    }
    let calendar = Calendar::plain("small", 2, days as u32, slots as u32);
    let fixed = fixed.into_values().collect();
    Tables { calendar, rules, rooms, teachers, students, courses, enrolments, fixed }.problem().ok()
}

/// A problem of a few classes with several weeks, days of several meetings, travel, and hard
/// constraints of every kind.
fn any(seed: u64) -> Problem {
    let mut d = Rng::new(seed);
    let mut b = ProblemBuilder::new(Meta {
        name: format!("any-{seed}"),
        weeks: 2,
        days: 3,
        slots: 6,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: d.below(2) == 0,
        format: Format::Itc2019,
    });
    let rooms: Vec<RoomId> = (0..2)
        .map(|r| {
            let closed = b.time(1 + d.below(3) as u64, 1 + d.below(7) as u16, d.below(3) as u16, 2);
            b.room(&format!("r{r}"), 10, if d.below(2) == 0 { &[] } else { std::slice::from_ref(&closed) }, &[])
        })
        .collect();
    b.travel(rooms[0], rooms[1], d.below(3) as u16);
    let (mut classes, mut courses) = (Vec::new(), Vec::new());
    for k in 0..2 + d.below(3) {
        courses.push(b.course(&format!("c{k}")));
        b.config("g");
        b.subpart("s");
        for i in 0..1 + d.below(2) {
            let mut times: Vec<(TimeId, u32)> = Vec::new();
            for _ in 0..1 + d.below(4) {
                let (weeks, days) = (1 + d.below(3) as u64, 1 + d.below(7) as u16);
                let t = b.time(weeks, days, d.below(4) as u16, 1 + d.below(2) as u16);
                if times.iter().all(|x| x.0 != t) {
                    times.push((t, 0));
                }
            }
            let in_rooms: Vec<(RoomId, u32)> = match d.below(4) {
                0 => Vec::new(),
                1 => vec![(rooms[0], 0)],
                2 => vec![(rooms[1], 0)],
                _ => rooms.iter().map(|&r| (r, 0)).collect(),
            };
            let limit = (d.below(3) == 0).then(|| d.below(3) as u32);
            classes.push(b.class(ClassSpec { name: &format!("k{k}.{i}"), limit, times: &times, rooms: &in_rooms }));
        }
    }
    for _ in 0..1 + d.below(3) {
        let kind = Kind::ALL[d.below(Kind::ALL.len())];
        if kind.shape() == Shape::Students {
            continue;
        }
        let mut members = classes.clone();
        while members.len() > 2 && d.below(2) == 0 {
            members.swap_remove(d.below(members.len()));
        }
        let times = [b.time(1 + d.below(3) as u64, 1 + d.below(7) as u16, d.below(4) as u16, 2)];
        let params: Vec<u32> = match kind {
            Kind::FixedPlacement => vec![d.below(b.times()) as u32, NONE],
            Kind::LunchBreak => vec![0, 4, 1 + d.below(2) as u32],
            kind => (0..kind.arity()).map(|_| 1 + d.below(3) as u32).collect(),
        };
        let times: &[TimeId] = if kind == Kind::Availability { &times } else { &[] };
        b.constraint(ConstraintSpec { kind, name: "", penalty: None, params: &params, classes: &members, times });
    }
    for s in 0..d.below(4) {
        let taken: Vec<CourseId> = courses.iter().copied().filter(|_| d.below(3) > 0).collect();
        b.student(&format!("s{s}"), &taken);
    }
    b.build().expect("a problem within its bounds")
}

/// Refused and solvable problems among so many; each refused one is searched to its end.
fn judged(problems: impl Iterator<Item = Problem>) -> (usize, usize, usize, BTreeMap<String, usize>) {
    let (mut refused, mut missed, mut solvable) = (0, 0, 0);
    let mut by_check: BTreeMap<String, usize> = BTreeMap::new();
    for problem in problems.filter(exhaustive::is_small) {
        let errors: Vec<_> = stage0_load::findings(&problem, None).into_iter().filter(|f| f.is_error()).collect();
        let Some(can_be) = is_solvable(&problem) else { continue };
        let name = problem.name(problem.meta().name);
        assert!(errors.is_empty() || !can_be, "{name} has a valid timetable and is refused: {errors:#?}");
        match (errors.is_empty(), can_be) {
            (false, _) => refused += 1,
            (true, false) => missed += 1,
            (true, true) => solvable += 1,
        }
        for error in errors {
            *by_check.entry(format!("{:?}", error.check)).or_default() += 1;
        }
    }
    (refused, missed, solvable, by_check)
}

#[test]
fn no_folder_that_can_be_solved_is_refused() {
    let n = if needs::is_slow() { 20_000 } else { 1_500 };
    let (refused, missed, solvable, by_check) = judged((0..n).filter_map(folder));
    assert!(refused > 100 && solvable > 100, "{refused} refused, {missed} missed, {solvable} solvable");
    assert!(refused > 2 * missed, "{refused} refused, {missed} missed");
    for check in ["Clash", "Slots", "Days", "FixedGroup", "Rooms", "NoPlace", "Student"] {
        assert!(by_check.get(check).is_some_and(|&n| n > 3), "{check}: {by_check:?}");
    }
}

#[test]
fn no_problem_of_any_kind_of_rule_that_can_be_solved_is_refused() {
    let n = if needs::is_slow() { 20_000 } else { 1_500 };
    let (refused, missed, solvable, by_check) = judged((0..n).map(any));
    assert!(refused > 100 && solvable > 100, "{refused} refused, {missed} missed, {solvable} solvable");
    for check in ["Clash", "Slots", "Days", "Rooms", "NoPlace", "Student", "Seats"] {
        assert!(by_check.get(check).is_some_and(|&n| n > 3), "{check}: {by_check:?}");
    }
}

/// Everything placed at random but for one class.
fn but_one(problem: &Problem, d: &mut Rng) -> Timetable {
    let mut timetable = Timetable::empty(problem);
    for class in problem.class_ids().skip(1) {
        let rooms = problem.rooms_of(class).len();
        let room = if rooms == 0 { Placement::NO_ROOM } else { d.below(rooms) as u16 };
        let time = d.below(problem.times_of(class).len()) as u16;
        timetable.placements[class.index()] = Placement { time, room };
    }
    timetable
}

#[test]
fn what_is_proven_of_a_class_or_a_violation_holds_in_every_timetable() {
    let n = if needs::is_slow() { 10_000 } else { 1_000 };
    let problems = (0..n).filter_map(folder).chain((0..n).map(any));
    let (mut proofs, mut by_search) = (0, 0);
    for (i, problem) in problems.filter(exhaustive::is_small).enumerate() {
        let timetable = but_one(&problem, &mut Rng::new(i as u64));
        let words = Words::new(&problem, None, None);
        let mut reasons = Reasons::new(&timetable, &words);
        let mut found: Vec<Proof> = reasons.unplaced().into_iter().filter_map(|class| class.proof).collect();
        let violations = check(&problem, &timetable).violations;
        found.extend(violations.iter().filter(|v| v.rule != Rule::Unplaced).filter_map(|v| reasons.proof_of(v)));
        if found.is_empty() {
            continue;
        }
        let name = problem.name(problem.meta().name);
        assert_ne!(is_solvable(&problem), Some(true), "{name} has a valid timetable: {found:#?}");
        proofs += 1;
        by_search += usize::from(found.iter().any(|proof| proof.contradiction.is_some()));
    }
    assert!(proofs > 100 && by_search > 30, "{proofs} proofs, {by_search} by search");
}

#[test]
fn costs_add_up_to_the_penalty_and_each_constraint_finds_the_same_by_itself() {
    let mut costing = 0;
    for (i, problem) in (0..1_500).filter_map(folder).enumerate() {
        let mut timetable = but_one(&problem, &mut Rng::new(i as u64));
        stage0_load::enrol_where_there_is_no_choice(&problem, &mut timetable);
        let (plain, listed) = (check(&problem, &timetable), check_costs(&problem, &timetable));
        assert!(plain.costs.is_empty() && plain.score == listed.score && plain.violations == listed.violations);
        assert_eq!(listed.costs.iter().map(|cost| cost.cost).sum::<i64>(), listed.score.penalty);
        costing += usize::from(listed.score.penalty > 0);
        let mut found: BTreeMap<Rule, u64> = BTreeMap::new();
        for id in (0..problem.constraints().len()).map(ConstraintId::new) {
            let violations = violations_of(&problem, &timetable, id);
            *found.entry(Rule::Constraint(problem.kind_of(id))).or_default() += violations.len() as u64;
        }
        for (rule, entries) in found {
            assert_eq!(listed.tally(rule).entries, entries, "{rule}");
        }
    }
    assert!(costing > 100, "{costing}");
}
