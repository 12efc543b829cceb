//! Tiny problems of random kinds against every timetable that there is, each judged by the checker:
//! annealing ends at the optimum, by searching to the end and by its walk alone.

use moves::exhaustive;
use pipeline::{Budget, Plan, Stage};
use std::sync::Arc;
use tests::{Rng, context};
use timetable::*;

/// Classes that can be moved; further ones, each with one place far from the others, make it too
/// large to be searched to its end.
fn tiny(seed: u64, further: usize) -> Problem {
    let mut d = Rng::new(seed);
    let mut b = ProblemBuilder::new(Meta {
        name: format!("tiny-{seed}"),
        weeks: 2,
        days: 3,
        slots: 12,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 2,
        student_weight: 3,
        student_conflicts_hard: false,
        format: Format::Csv,
    });
    let rooms: Vec<RoomId> = (0..2).map(|r| b.room(&format!("r{r}"), 10, &[], &[])).collect();
    b.travel(rooms[0], rooms[1], d.below(3) as u16);
    let mut classes = Vec::new();
    let mut courses = Vec::new();
    for k in 0..3 + d.below(3) {
        courses.push(b.course(&format!("c{k}")));
        b.config("g");
        b.subpart("s");
        let mut times: Vec<(TimeId, u32)> = Vec::new();
        for _ in 0..2 + d.below(3) {
            let (weeks, days) = (1 + d.below(3) as u64, 1 << d.below(3));
            let t = b.time(weeks, days, d.below(6) as u16, 1 + d.below(3) as u16);
            if times.iter().all(|x| x.0 != t) {
                times.push((t, d.below(9) as u32));
            }
        }
        let mine: Vec<(RoomId, u32)> = rooms.iter().take(1 + d.below(2)).map(|&r| (r, d.below(5) as u32)).collect();
        let needs_room = d.below(5) > 0;
        let rooms = if needs_room { &mine[..] } else { &[] };
        classes.push(b.class(ClassSpec { name: &format!("k{k}"), limit: None, times: &times, rooms }));
    }
    let kinds: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| kind.shape() != timetable::Shape::Students && *kind != Kind::FixedPlacement)
        .collect();
    for _ in 0..2 + d.below(4) {
        let kind = kinds[d.below(kinds.len())];
        let mut list: Vec<ClassId> = classes.clone();
        while list.len() > 2 && d.below(2) == 0 {
            list.swap_remove(d.below(list.len()));
        }
        let params: Vec<u32> = match kind {
            Kind::LunchBreak => vec![2, 6, 2],
            kind => (0..kind.arity()).map(|_| 1 + d.below(3) as u32).collect(),
        };
        let (weeks, days, start) = (1 + d.below(3) as u64, 1 << d.below(3), d.below(6) as u16);
        let times = if kind == Kind::Availability { vec![b.time(weeks, days, start, 2)] } else { Vec::new() };
        let penalty = (d.below(3) > 0).then(|| 1 + d.below(9) as u32);
        b.constraint(ConstraintSpec { kind, name: "", penalty, params: &params, classes: &list, times: &times });
    }
    let aside = b.time(1, 1, 11, 1);
    for k in 0..further {
        b.course(&format!("x{k}"));
        b.config("g");
        b.subpart("s");
        b.class(ClassSpec { name: &format!("x{k}"), limit: None, times: &[(aside, 0)], rooms: &[] });
    }
    for s in 0..d.below(3) {
        b.student(&format!("s{s}"), &courses[..2]);
    }
    b.build().expect("a sound problem")
}

/// The least penalty of a valid timetable, by looking at all of them.
fn optimum(p: &Problem) -> Option<i64> {
    let mut timetable = Timetable::empty(p);
    for request in p.requests() {
        let subpart = p.configs()[p.courses()[request.course as usize].configs.first as usize].subparts.first;
        timetable.enrolment[request.slots.first as usize] = p.subparts()[subpart as usize].classes.first;
    }
    let places: Vec<Vec<Placement>> = p
        .class_ids()
        .map(|c| {
            let rooms = p.rooms_of(c).len() as u16;
            let rooms = if rooms == 0 { Placement::NO_ROOM..=Placement::NO_ROOM } else { 0..=rooms - 1 };
            let times = 0..p.times_of(c).len() as u16;
            times.flat_map(|time| rooms.clone().map(move |room| Placement { time, room })).collect()
        })
        .collect();
    let mut best = None;
    let mut at = vec![0; places.len()];
    loop {
        for (k, &i) in at.iter().enumerate() {
            timetable.placements[k] = places[k][i];
        }
        let score = check(p, &timetable).score;
        if score.is_valid() && best.is_none_or(|least| score.penalty < least) {
            best = Some(score.penalty);
        }
        let Some(k) = (0..at.len()).find(|&k| at[k] + 1 < places[k].len()) else { return best };
        at[..k].fill(0);
        at[k] += 1;
    }
}

fn annealed(problem: &Arc<Problem>, seed: u64) -> Plan {
    let ctx = context(seed, Budget::Steps(200_000));
    let plan = stage2a_cpsat::Greedy.run(Plan::new(Arc::clone(problem)), &ctx).expect("a timetable");
    let plan = stage2b_gpu_ga::Annealing::default().run(plan, &ctx).expect("a timetable");
    let score = check(problem, plan.timetable.as_ref().expect("a timetable")).score;
    assert_eq!(plan.score, Some(score));
    plan
}

#[test]
fn searched_to_the_end_it_is_the_optimum() {
    let mut valid = 0;
    for seed in 0..200 {
        let problem = Arc::new(tiny(seed, 0));
        let optimum = optimum(&problem);
        let index = Arc::new(BoardIndex::new(&problem));
        let ended = exhaustive::search(&problem, &index, i64::MAX, 1 << 30, &|| false);
        assert!(ended.is_complete);
        assert_eq!(ended.best.as_ref().map(|b| b.1), optimum, "seed {seed}");
        let plan = annealed(&problem, seed);
        if let Some(optimum) = optimum {
            valid += 1;
            let (timetable, penalty) = ended.best.expect("a timetable");
            assert_eq!(check(&problem, &timetable).score, Score { unplaced: 0, hard: 0, penalty });
            assert_eq!((plan.score.unwrap().penalty, plan.bound), (optimum, Some(optimum)), "seed {seed}");
            let below = exhaustive::search(&problem, &index, optimum, 1 << 30, &|| false);
            assert!(below.is_complete && below.best.is_none(), "seed {seed}: nothing below the optimum");
        } else {
            assert!(!plan.score.unwrap().is_valid(), "seed {seed}");
            assert!(plan.notes.iter().any(|note| note.contains("no timetable")), "seed {seed}: {:?}", plan.notes);
        }
    }
    assert!(valid > 100, "{valid} of 200 have a valid timetable");
}

#[test]
fn a_search_that_is_cut_short_says_so() {
    let problem = tiny(3, 0);
    let index = Arc::new(BoardIndex::new(&problem));
    for most in [0, 1, 5] {
        assert!(!exhaustive::search(&problem, &index, i64::MAX, most, &|| false).is_complete);
    }
    assert!(!exhaustive::search(&problem, &index, i64::MAX, 1 << 30, &|| true).is_complete);
}

#[test]
fn the_walk_alone_ends_at_the_optimum() {
    let mut above = Vec::new();
    for seed in 0..200 {
        let Some(optimum) = optimum(&tiny(seed, 0)) else { continue };
        let large = Arc::new(tiny(seed, 70));
        assert!(!exhaustive::is_small(&large));
        let score = annealed(&large, seed).score.expect("a score");
        if score != (Score { unplaced: 0, hard: 0, penalty: optimum }) {
            above.push((seed, score, optimum));
        }
    }
    assert!(above.is_empty(), "{} of 200 are not at the optimum: {above:?}", above.len());
}
