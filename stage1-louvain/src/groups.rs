//! Classes linked because they stand in one constraint or want the same few rooms.

use crate::gathering::{Gathering, HARD, UNIT};
use timetable::*;

/// A group of more classes than this is linked in a ring instead of every pair.
pub(crate) const CLIQUE: usize = 48;
/// A class with at most this many rooms contests them.
const FEW_ROOMS: u32 = 3;
/// So many of those who follow in a room's list a class is linked with.
const ROOM_NEIGHBOURS: usize = 8;

/// Constraints: hard ones weigh as much as [`HARD`] says, soft ones as many students as a violation
/// costs; kinds that count for a group weigh half, as no pair decides them alone.
pub(crate) fn constraints(problem: &Problem, to: &mut Gathering<'_>) {
    let meta = problem.meta();
    for (i, row) in problem.constraints().iter().enumerate() {
        let id = ConstraintId::new(i);
        let whole = if row.hard == 1 {
            HARD
        } else {
            let cost = u64::from(row.penalty) * u64::from(meta.distribution_weight);
            (UNIT * cost / u64::from(meta.student_weight.max(1))).clamp(UNIT / 4, HARD)
        };
        match problem.kind_of(id).shape() {
            Shape::Pair => link(problem.classes_of(id), whole, to),
            Shape::Group => link(problem.classes_of(id), whole / 2, to),
            Shape::Each | Shape::Students => {}
        }
    }
}

/// Links the classes of a group: every pair, or, where they are many, each with those next to it in
/// a ring, so that the weight of the whole is the same.
pub(crate) fn link(classes: &[u32], weight: u64, to: &mut Gathering<'_>) {
    let n = classes.len();
    if n <= CLIQUE {
        for (i, &a) in classes.iter().enumerate() {
            classes[i + 1..].iter().for_each(|&b| to.pairs.add(a, b, weight));
        }
        return;
    }
    let near = CLIQUE / 2;
    let scaled = weight * (n as u64 - 1) / (2 * near as u64);
    for i in 0..n {
        (1..=near).for_each(|step| to.pairs.add(classes[i], classes[(i + step) % n], scaled));
    }
    to.wide_groups.push(classes.to_vec());
}

/// Rooms: for every room that two classes with few rooms have in common, half a student. Linear in
/// the lists of rooms: a class is linked with the next few who want the room.
pub(crate) fn contested_rooms(problem: &Problem, to: &mut Gathering<'_>) {
    let mut wanting: Vec<Vec<u32>> = vec![Vec::new(); problem.rooms().len()];
    for class in problem.class_ids() {
        if problem.classes()[class.index()].rooms.len <= FEW_ROOMS {
            problem.rooms_of(class).iter().for_each(|option| wanting[option.room as usize].push(class.0));
        }
    }
    for classes in wanting {
        for (i, &a) in classes.iter().enumerate() {
            classes[i + 1..].iter().take(ROOM_NEIGHBOURS).for_each(|&b| to.pairs.add(a, b, UNIT / 2));
        }
    }
}
