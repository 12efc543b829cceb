//! Weights of hard rules against a slow sum over the checker's violations.

mod common;

use common::{Rng, Shape, placement, problem};
use std::sync::Arc;
use timetable::*;

/// What a violation counts, by the weights of constraints, then of rooms.
fn weight_of(p: &Problem, weights: &[u32], v: &Violation) -> i64 {
    let weight = |constraint: usize| i64::from(weights[constraint]);
    match (v.rule, v.constraint) {
        (Rule::RoomClash | Rule::RoomUnavailable, _) => {
            i64::from(weights[p.constraints().len() + v.room.expect("a room").index()])
        }
        // Two classes that several constraints keep apart have the weight of the first of them.
        (Rule::Constraint(kind), _) if keeps_apart(p, kind) => {
            let of_both = |&c: &usize| {
                let id = ConstraintId::new(c);
                let both = v.classes.iter().all(|class| p.classes_of(id).contains(&class.0));
                p.constraints()[c].hard == 1 && keeps_apart(p, p.kind_of(id)) && both
            };
            weight((0..p.constraints().len()).find(of_both).expect("the constraint itself"))
        }
        (Rule::Constraint(kind), Some(id))
            if matches!(kind.shape(), timetable::Shape::Pair | timetable::Shape::Group) =>
        {
            weight(id.index())
        }
        _ => 1,
    }
}

/// Of constraints, then of rooms.
fn all_weights(p: &Problem, board: &Board<'_>) -> Vec<u32> {
    let constraints = (0..p.constraints().len()).map(|c| board.weight(ConstraintId::new(c)));
    constraints.chain((0..p.rooms().len()).map(|r| board.room_weight(RoomId::new(r)))).collect()
}

fn keeps_apart(p: &Problem, kind: Kind) -> bool {
    matches!(kind, Kind::NotOverlap | Kind::TeacherClash | Kind::CurriculumClash)
        || (kind == Kind::SameAttendees && p.travel().iter().all(|&way| way == 0))
}

const SHAPES: [Shape; 2] = [
    Shape { units: false, travel: true, students: true, post_enrolment: false },
    Shape { units: false, travel: false, students: true, post_enrolment: false },
];

#[test]
fn a_violation_counts_as_often_as_its_rule_weighs() {
    for seed in 0..20 {
        for shape in SHAPES {
            let p = problem(seed, shape);
            let mut d = Rng::new(seed + 5);
            let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
            let weights: Vec<u32> = all_weights(&p, &board).iter().map(|w| w + d.below(6) as u32).collect();
            let (constraints, rooms) = weights.split_at(p.constraints().len());
            (0..).zip(constraints).for_each(|(c, &weight)| board.set_weight(ConstraintId(c), weight));
            (0..).zip(rooms).for_each(|(r, &weight)| board.set_room_weight(RoomId(r), weight));
            assert_eq!(all_weights(&p, &board), weights);
            let sum = |board: &Board<'_>| {
                let report = check(&p, &board.timetable());
                report
                    .violations
                    .iter()
                    .filter(|v| v.rule != Rule::Unplaced)
                    .map(|v| v.amount * weight_of(&p, &weights, v))
                    .sum::<i64>()
            };
            let mut before = sum(&board);
            for step in 0..120 {
                let class = ClassId::new(d.below(p.classes().len()));
                let told = board.apply(class, placement(&p, class, &mut d));
                let after = sum(&board);
                assert_eq!(after - before, told.weighted, "seed {seed} step {step} {shape:?}");
                before = after;
            }
        }
    }
}

#[test]
fn what_is_violated_gets_heavier_and_nothing_else() {
    for seed in 0..20 {
        for shape in SHAPES {
            let p = problem(seed, shape);
            let mut d = Rng::new(seed);
            let mut board = Board::new(&p, Arc::new(BoardIndex::new(&p)));
            for class in p.class_ids() {
                board.apply(class, placement(&p, class, &mut d));
            }
            let before = all_weights(&p, &board);
            board.weigh_violations(3);
            let after = all_weights(&p, &board);
            assert!(after.iter().zip(&before).all(|(&is, &was)| is == was || is == was + 3));
            let heavier: Vec<usize> = (0..after.len()).filter(|&i| after[i] != before[i]).collect();
            let all = board.timetable();
            for i in 0..before.len() {
                // How often the one with this number is violated, by the checker, when its weight
                // alone counts twice.
                let mut weights = vec![1; before.len()];
                weights[i] = 2;
                let times = |t: &Timetable| {
                    check(&p, t).violations.iter().map(|v| v.amount * (weight_of(&p, &weights, v) - 1)).sum::<i64>()
                };
                let now = times(&all);
                let lessens = |class: ClassId| {
                    let mut without = all.clone();
                    without.placements[class.index()] = Placement::NOWHERE;
                    times(&without) < now
                };
                // The board looks at what each class causes.
                let expected = now > 0 && p.class_ids().any(lessens);
                assert_eq!(heavier.contains(&i), expected, "seed {seed} {shape:?}: weight {i}");
            }
        }
    }
}
