//! The classes that a repair with fewer changes could move at all, where all others stay at home.
//!
//! A *source* is a class that cannot stay at home, or that is in a conflict there. In a repair with
//! as few changes as possible every class that moves hangs together with a source, by steps from
//! one moved class to the next, each of which has a place that does not fit the other's home, or
//! both of which a hard rule on more than two classes is about: what hangs together without a
//! source could go home as a whole. Of sources at least so many move as have to change in any case,
//! so no moved class is more steps away from them than there are others.

use timetable::{Board, ClassId, ConstraintId, Placement, Problem, Shape, Timetable, check};

/// Placements that are looked at, at most: beyond that it takes longer than it is worth.
const LOOKS: usize = 4_000_000;

/// The classes within so many steps of a source, sources first. `home` is on the board. `None`
/// where they have more choices than `most`, or where finding them takes too long.
pub(super) fn ball(board: &mut Board<'_>, home: &Timetable, steps: usize, most: usize) -> Option<Vec<ClassId>> {
    let problem = board.problem();
    let mut ball = sources(board, home);
    let mut inside = vec![false; problem.classes().len()];
    ball.iter().for_each(|class| inside[class.index()] = true);
    let mut near: Vec<Vec<ClassId>> = Vec::new();
    // Whoever can be in the way of whom is found from one side: a place of the class, the other's
    // home. So every class is looked at.
    if steps > 0 {
        let groups = groups_of(problem);
        let looks: usize = problem.class_ids().map(|class| super::choices(problem, class)).sum();
        if looks > LOOKS {
            return None;
        }
        near = neighbours(board, home, &groups);
    }
    let mut begin = 0;
    for _ in 0..steps {
        let end = ball.len();
        for k in begin..end {
            for &other in &near[ball[k].index()] {
                if !std::mem::replace(&mut inside[other.index()], true) {
                    ball.push(other);
                }
            }
        }
        begin = end;
    }
    let choices: usize = ball.iter().map(|&class| super::choices(problem, class)).sum();
    (choices <= most).then_some(ball)
}

/// Hard rules on more than two classes at once.
fn is_group(problem: &Problem, id: ConstraintId) -> bool {
    problem.constraints()[id.index()].hard == 1 && problem.kind_of(id).shape() == Shape::Group
}

/// By class: the hard rules on more than two classes that are about it.
fn groups_of(problem: &Problem) -> Vec<Vec<ConstraintId>> {
    let mut of = vec![Vec::new(); problem.classes().len()];
    for id in (0..problem.constraints().len()).map(ConstraintId::new).filter(|&id| is_group(problem, id)) {
        problem.classes_of(id).iter().for_each(|&class| of[class as usize].push(id));
    }
    of
}

/// Classes that cannot stay at home, or that are in a conflict there.
fn sources(board: &mut Board<'_>, home: &Timetable) -> Vec<ClassId> {
    let problem = board.problem();
    let mut is_source = vec![false; problem.classes().len()];
    let mut way = Vec::new();
    for class in problem.class_ids() {
        let at = home.placements[class.index()];
        let fits = at.is_placed() && board.conflicting_classes(class, at, &mut way) && way.is_empty();
        is_source[class.index()] = !fits || board.is_forbidden(class, at);
    }
    for violation in check(problem, home).violations {
        violation.classes.iter().for_each(|class| is_source[class.index()] = true);
        // Which of a group's classes have to go is not known: all of them, then.
        if let Some(id) = violation.constraint.filter(|&id| is_group(problem, id)) {
            problem.classes_of(id).iter().for_each(|&class| is_source[class as usize] = true);
        }
    }
    problem.class_ids().filter(|class| is_source[class.index()]).collect()
}

/// For each class those that are one step away.
fn neighbours(board: &mut Board<'_>, home: &Timetable, groups: &[Vec<ConstraintId>]) -> Vec<Vec<ClassId>> {
    let problem = board.problem();
    let mut near = vec![Vec::new(); problem.classes().len()];
    let mut way = Vec::new();
    for class in problem.class_ids() {
        let rooms = problem.rooms_of(class).len() as u16;
        let mut met = vec![false; problem.classes().len()];
        for time in 0..problem.times_of(class).len() as u16 {
            for room in (0..rooms).chain((rooms == 0).then_some(Placement::NO_ROOM)) {
                let to = Placement { time, room };
                if to != home.placements[class.index()] && !board.is_forbidden(class, to) {
                    board.conflicting_classes(class, to, &mut way);
                    way.iter().for_each(|other| met[other.index()] = true);
                }
            }
        }
        let of_groups = groups[class.index()].iter().flat_map(|&id| problem.classes_of(id));
        of_groups.for_each(|&other| met[other as usize] = true);
        for other in problem.class_ids().filter(|&other| other != class && met[other.index()]) {
            near[class.index()].push(other);
            near[other.index()].push(class);
        }
    }
    for list in &mut near {
        list.sort_unstable();
        list.dedup();
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::Rng;
    use std::sync::Arc;
    use timetable::{BoardIndex, ClassSpec, ConstraintSpec, Format, Kind, Meta, ProblemBuilder, RoomId};

    /// Five classes with two or three times and one or two rooms, some rules on two of them and one
    /// on all.
    fn problem(rng: &mut Rng) -> Problem {
        let mut b = ProblemBuilder::new(Meta {
            name: "ball".into(),
            weeks: 1,
            days: 2,
            slots: 4,
            time_weight: 1,
            room_weight: 1,
            distribution_weight: 1,
            student_weight: 1,
            student_conflicts_hard: false,
            format: Format::Csv,
        });
        let rooms: Vec<RoomId> = (0..3).map(|k| b.room(&format!("r{k}"), 30, &[], &[])).collect();
        let mut classes = Vec::new();
        for k in 0..5 {
            b.course(&format!("c{k}"));
            b.config("");
            b.subpart("");
            let mut times: Vec<_> = (0..3)
                .map(|_| (b.time(1, 1 << rng.below(2), rng.below(3) as u16, 1 + rng.below(2) as u16), 0))
                .collect();
            times.sort_unstable();
            times.dedup();
            let first = rng.below(3);
            let options = if rng.chance(50) {
                vec![(rooms[first], 0)]
            } else {
                vec![(rooms[first], 0), (rooms[(first + 1) % 3], 0)]
            };
            classes.push(b.class(ClassSpec { name: &format!("k{k}"), limit: None, times: &times, rooms: &options }));
        }
        let mut rule = |kind, params: &[u32], classes: &[ClassId]| {
            b.constraint(ConstraintSpec { kind, name: "", penalty: None, params, classes, times: &[] });
        };
        for _ in 0..rng.below(4) {
            let (x, y) = (rng.below(5), rng.below(5));
            if x != y {
                rule(
                    [Kind::NotOverlap, Kind::SameDays, Kind::DifferentDays][rng.below(3)],
                    &[],
                    &[classes[x], classes[y]],
                );
            }
        }
        if rng.chance(40) {
            rule(Kind::MaxDayLoad, &[3], &classes);
        }
        b.build().expect("a problem")
    }

    /// All timetables in which everything hard holds.
    fn valid(problem: &Problem) -> Vec<Timetable> {
        let choices: Vec<Vec<Placement>> = problem
            .class_ids()
            .map(|class| {
                let (times, rooms) = (problem.times_of(class).len() as u16, problem.rooms_of(class).len() as u16);
                (0..times).flat_map(|time| (0..rooms).map(move |room| Placement { time, room })).collect()
            })
            .collect();
        let all: usize = choices.iter().map(Vec::len).product();
        let nth = |mut n: usize| {
            let mut timetable = Timetable::empty(problem);
            for (at, choices) in timetable.placements.iter_mut().zip(&choices) {
                *at = choices[n % choices.len()];
                n /= choices.len();
            }
            timetable
        };
        (0..all).map(nth).filter(|t| check(problem, t).score.is_valid()).collect()
    }

    /// Against all timetables there are: wherever fewer changes are possible, one with the fewest
    /// is among those that move the ball's classes alone.
    #[test]
    fn a_repair_with_the_fewest_changes_moves_the_balls_classes_alone() {
        let (mut tried, mut smaller) = (0, 0);
        for seed in 0..120 {
            let mut rng = Rng::new(seed);
            let problem = problem(&mut rng);
            let valid = valid(&problem);
            let mut home = Timetable::empty(&problem);
            for (at, class) in home.placements.iter_mut().zip(problem.class_ids()) {
                let times = problem.times_of(class).len();
                *at =
                    Placement { time: rng.below(times) as u16, room: rng.below(problem.rooms_of(class).len()) as u16 };
            }
            let moved = |t: &Timetable| -> Vec<ClassId> {
                problem.class_ids().filter(|c| t.placements[c.index()] != home.placements[c.index()]).collect()
            };
            let Some(least) = valid.iter().map(|t| moved(t).len()).min() else { continue };
            let mut board = Board::with(&problem, Arc::new(BoardIndex::new(&problem)), &home);
            // Nobody has to change because of itself here; that one has to where anybody is in
            // conflict is known.
            for known in 0..=usize::from(least > 0) {
                // The first number of changes that is not the least.
                let ball = ball(&mut board, &home, least - known, usize::MAX).expect("a ball");
                let inside = |t: &&Timetable| moved(t).iter().all(|class| ball.contains(class));
                assert!(
                    valid.iter().filter(inside).any(|t| moved(t).len() == least),
                    "seed {seed}, {known} known: {least} changes, none of them in {ball:?}"
                );
                tried += usize::from(least > 1);
                smaller += usize::from(ball.len() < 5);
            }
        }
        assert!(tried > 50 && smaller > 50, "{tried}, {smaller}");
    }
}
