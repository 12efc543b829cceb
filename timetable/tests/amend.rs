//! What a changed problem has to do with the one before.

mod common;

use common::{Rng, Shape, placement, places, problem};
use proptest::prelude::*;
use timetable::*;

fn random_timetable(problem: &Problem, d: &mut Rng) -> Timetable {
    let mut t = Timetable::empty(problem);
    for class in problem.class_ids() {
        t.placements[class.index()] = placement(problem, class, d);
    }
    for (i, r) in problem.requests().iter().enumerate() {
        t.enrolment[r.slots.range()].copy_from_slice(&places(problem, RequestId::new(i), d));
    }
    t
}

fn random(seed: u64) -> (Problem, Timetable, Rng) {
    let mut d = Rng::new(seed);
    let shape =
        Shape { units: d.chance(50), travel: d.chance(50), students: d.chance(70), post_enrolment: d.chance(20) };
    let problem = problem(seed, shape);
    let timetable = random_timetable(&problem, &mut d);
    (problem, timetable, d)
}

fn random_when(problem: &Problem, d: &mut Rng) -> TimeRow {
    let m = problem.meta();
    let start = d.below(m.slots as usize) as u16;
    let end = start + 1 + d.below((m.slots as u16 - start) as usize) as u16;
    let (weeks, days) = (1 + d.below((1 << m.weeks) - 1) as u64, 1 + d.below((1 << m.days) - 1) as u16);
    TimeRow { weeks, days, start, end, pad: 0 }
}

/// Where a class is, in words that do not depend on its number.
fn place(problem: &Problem, timetable: &Timetable, class: ClassId) -> (Option<TimeRow>, Option<String>) {
    let time = timetable.time(problem, class).map(|t| problem.times()[t.index()]);
    (time, timetable.room(problem, class).map(|r| problem.room_name(r).to_owned()))
}

proptest! {
    #[test]
    fn without_changes_nothing_changes(seed in 0u64..100_000) {
        let (before, timetable, _) = random(seed);
        let now = amend(&before, &Amendments::default()).unwrap();
        prop_assert_eq!(now.carry(&before, &timetable), timetable.clone());
        prop_assert_eq!(check(&now.problem, &timetable), check(&before, &timetable));
        prop_assert_eq!(now.problem.times(), before.times());
        prop_assert_eq!(now.problem.travel(), before.travel());
    }

    #[test]
    fn a_class_that_is_moved_breaks_a_rule_unless_it_is_at_its_new_time(seed in 0u64..100_000) {
        let (before, timetable, mut d) = random(seed);
        let class = ClassId::new(d.below(before.classes().len()));
        let k = d.below(before.times_of(class).len()) as u16;
        let now = amend(&before, &Amendments { moved: vec![(class, k)], ..Amendments::default() }).unwrap();
        let (was, is) = (check(&before, &timetable).score, check(&now.problem, &now.carry(&before, &timetable)).score);
        let at = timetable.placements[class.index()];
        let time = |k: u16| before.times_of(class)[k as usize].time;
        let elsewhere = at.is_placed() && time(at.time) != time(k);
        prop_assert_eq!(is.hard - was.hard, i64::from(elsewhere));
    }

    #[test]
    fn what_a_class_goes_without_it_cannot_have(seed in 0u64..100_000) {
        let (before, timetable, mut d) = random(seed);
        let class = ClassId::new(d.below(before.classes().len()));
        let k = d.below(before.times_of(class).len()) as u16;
        let rooms = before.rooms_of(class).len();
        let gone = if rooms > 1 { vec![(class, d.below(rooms) as u16)] } else { Vec::new() };
        let changes = Amendments { without_time: vec![(class, k)], without_room: gone.clone(), ..Amendments::default() };
        let now = amend(&before, &changes).unwrap();
        let carried = now.carry(&before, &timetable);
        carried.fits(&now.problem).unwrap();
        let (at, is) = (timetable.placements[class.index()], carried.placements[class.index()]);
        let lost = gone.iter().any(|&(_, room)| at.is_placed() && at.room == room);
        prop_assert_eq!(is.is_placed(), at.is_placed() && !lost);
        if is.is_placed() {
            prop_assert_eq!(place(&now.problem, &carried, class), place(&before, &timetable, class));
            let row = |k: u16| &before.times()[before.times_of(class)[k as usize].time as usize];
            let more = check(&now.problem, &carried).score.hard - check(&before, &timetable).score.hard;
            prop_assert_eq!(more, i64::from(row(at.time).overlaps(row(k))));
        }
        for other in before.class_ids().filter(|&c| c != class) {
            prop_assert_eq!(place(&now.problem, &carried, other), place(&before, &timetable, other));
        }
    }

    #[test]
    fn without_costs_what_is_hard_is_as_hard(seed in 0u64..100_000) {
        let (before, timetable, _) = random(seed);
        let now = amend(&before, &Amendments { costless: true, ..Amendments::default() }).unwrap();
        let (was, is) = (check(&before, &timetable).score, check(&now.problem, &timetable).score);
        prop_assert_eq!((is.unplaced, is.hard, is.penalty), (was.unplaced, was.hard, 0));
    }

    #[test]
    fn a_closed_room_and_an_absence_are_hard_violations_of_who_is_there(seed in 0u64..100_000) {
        let (before, timetable, mut d) = random(seed);
        let room = RoomId::new(d.below(before.rooms().len()));
        let when = random_when(&before, &mut d);
        let mine: Vec<ClassId> = before.class_ids().filter(|_| d.chance(30)).collect();
        let away = random_when(&before, &mut d);
        let overlaps = |c: &ClassId, when: &TimeRow| timetable.time(&before, *c).is_some_and(|t| before.times()[t.index()].overlaps(when));
        let hit = before.class_ids().filter(|c| timetable.room(&before, *c) == Some(room) && overlaps(c, &when)).count();
        let missed = mine.iter().filter(|c| overlaps(c, &away)).count();

        let absence = Absence { name: "somebody".into(), classes: mine, constraints: Vec::new(), when: away };
        let changes = Amendments { closed: vec![(room, when)], away: vec![absence], ..Amendments::default() };
        let now = amend(&before, &changes).unwrap();
        let (was, is) = (check(&before, &timetable).score, check(&now.problem, &now.carry(&before, &timetable)).score);
        prop_assert_eq!(is.hard - was.hard, (hit + missed) as i64);
        prop_assert_eq!((is.penalty, is.unplaced), (was.penalty, was.unplaced));
    }

    #[test]
    fn a_pinned_class_is_a_hard_violation_elsewhere(seed in 0u64..100_000) {
        let (before, timetable, mut d) = random(seed);
        let class = ClassId::new(d.below(before.classes().len()));
        let (here, there) = (timetable.placements[class.index()], placement(&before, class, &mut d));
        let changes = Amendments { pinned: vec![(class, here)], ..Amendments::default() };
        let now = amend(&before, &changes).unwrap();
        prop_assert_eq!(check(&now.problem, &timetable).score, check(&before, &timetable).score);
        let mut moved = timetable.clone();
        moved.placements[class.index()] = there;
        let more = check(&now.problem, &moved).score.hard - check(&before, &moved).score.hard;
        let differ = i64::from(timetable.time(&before, class) != moved.time(&before, class))
            + i64::from(timetable.room(&before, class) != moved.room(&before, class));
        let expected = if here.is_placed() && there.is_placed() { differ } else { 0 };
        prop_assert_eq!(more, expected);
    }

    #[test]
    fn what_is_not_cancelled_stays_where_it_was(seed in 0u64..100_000) {
        let (before, timetable, mut d) = random(seed);
        let share = d.below(100);
        let cancelled: Vec<ClassId> = before.class_ids().filter(|_| d.chance(share)).collect();
        let now = amend(&before, &Amendments { cancelled: cancelled.clone(), ..Amendments::default() }).unwrap();
        let carried = now.carry(&before, &timetable);
        prop_assert!(carried.fits(&now.problem).is_ok());
        prop_assert_eq!(now.problem.classes().len() + cancelled.len(), before.classes().len());
        for class in before.class_ids() {
            let Some(new) = now.class(class) else {
                prop_assert!(cancelled.contains(&class));
                continue;
            };
            prop_assert_eq!(now.problem.class_name(new), before.class_name(class));
            prop_assert_eq!(place(&now.problem, &carried, new), place(&before, &timetable, class));
        }
        // Whoever took a class that is still there takes it still, and nobody takes another.
        for (s, student) in before.students().iter().enumerate() {
            let of = |problem: &Problem, timetable: &Timetable, requests: Span| -> Vec<String> {
                let taken = requests.indexes().flat_map(|r| timetable.taken(problem, RequestId(r)).collect::<Vec<_>>());
                taken.map(|c| problem.class_name(c).to_owned()).collect()
            };
            let gone: Vec<&str> = cancelled.iter().map(|&c| before.class_name(c)).collect();
            let mut was = of(&before, &timetable, student.requests);
            was.retain(|name| !gone.contains(&name.as_str()));
            prop_assert_eq!(of(&now.problem, &carried, now.problem.students()[s].requests), was);
        }
    }

    #[test]
    fn what_takes_the_place_of_a_cancelled_class_has_its_students_and_its_people(seed in 0u64..100_000) {
        let (before, timetable, mut d) = random(seed);
        let old = ClassId::new(d.below(before.classes().len()));
        let config = before.config_of(old);
        let when = random_when(&before, &mut d);
        let people = NewClass::like(&before, old, "new", Attendance::Everyone(config));
        let constraints = people.constraints.clone();
        let away = vec![Absence { name: "t".into(), classes: vec![old], constraints: constraints.clone(), when }];
        let changes = Amendments { cancelled: vec![old], added: vec![people], away, ..Amendments::default() };
        let now = amend(&before, &changes).unwrap();
        let carried = now.carry(&before, &timetable);
        let new = now.added()[0];
        let takers = |problem: &Problem, timetable: &Timetable, wanted: &dyn Fn(ClassId) -> bool| {
            let requests = (0..problem.requests().len()).map(RequestId::new);
            requests.filter(|&r| timetable.taken(problem, r).any(wanted)).count()
        };
        let was = takers(&before, &timetable, &|c| before.config_of(c) == config);
        prop_assert_eq!(takers(&now.problem, &carried, &|c| c == new), was);
        let about = |problem: &Problem, class: ClassId, kind: Kind| {
            let all = (0..problem.constraints().len()).map(ConstraintId::new);
            all.filter(|&c| problem.kind_of(c) == kind && problem.classes_of(c).contains(&class.0)).count()
        };
        for kind in [Kind::TeacherClash, Kind::CurriculumClash, Kind::SameAttendees] {
            prop_assert_eq!(about(&now.problem, new, kind), about(&before, old, kind));
        }
        let absent = usize::from(!constraints.is_empty());
        prop_assert_eq!(about(&now.problem, new, Kind::Availability), about(&before, old, Kind::Availability) + absent);
    }

    #[test]
    fn a_class_that_everyone_takes_is_taken_by_whoever_takes_its_configuration(seed in 0u64..100_000) {
        let (before, timetable, mut d) = random(seed);
        let like = ClassId::new(d.below(before.classes().len()));
        let (config, subpart) = (before.config_of(like), SubpartId(before.classes()[like.index()].subpart));
        let joins = [Attendance::Everyone(config), Attendance::Section(subpart), Attendance::Nobody];
        let added = joins.iter().map(|&joins| NewClass::like(&before, like, "new", joins)).collect();
        let now = amend(&before, &Amendments { added, ..Amendments::default() }).unwrap();
        let carried = now.carry(&before, &timetable);
        prop_assert!(carried.fits(&now.problem).is_ok());
        let [everyone, section, nobody] = now.added() else { panic!("three classes") };
        let takers = |problem: &Problem, timetable: &Timetable, wanted: &dyn Fn(ClassId) -> bool| {
            let requests = (0..problem.requests().len()).map(RequestId::new);
            requests.filter(|&r| timetable.taken(problem, r).any(wanted)).count()
        };
        let was = takers(&before, &timetable, &|c| before.config_of(c) == config);
        prop_assert_eq!(takers(&now.problem, &carried, &|c| c == *everyone), was);
        prop_assert_eq!(takers(&now.problem, &carried, &|c| c == *section || c == *nobody), 0);
        prop_assert_eq!(now.problem.times_of(*section).len(), before.times_of(like).len());
        prop_assert_eq!(now.problem.rooms_of(*nobody).len(), before.rooms_of(like).len());
        let new_class = now.class(like).unwrap();
        prop_assert_eq!(now.problem.classes()[section.index()].subpart, now.problem.classes()[new_class.index()].subpart);
        let unplaced = check(&now.problem, &carried).score.unplaced - check(&before, &timetable).score.unplaced;
        prop_assert_eq!(unplaced, 3);
    }
}
