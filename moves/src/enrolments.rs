//! Other classes for a student: another way to meet a request for a course.
//!
//! There are two, since they answer different questions. [`another_way`] draws one near to the
//! present way, at once, for walks that try millions; [`ways`] and [`best_ways`] list hundreds with
//! seats left and compare them, for searches that mend one request at a time.

use crate::Draws;
use timetable::{Board, Delta, NONE, Problem, RequestId, Seats};

/// Lists ways to meet the request, one after the other: proper ones, of classes with seats left, or
/// with `full` of any classes; classes come in the order of `rank`, and about `tried` are tried.
pub fn ways(
    seats: &Seats,
    board: &Board<'_>,
    request: RequestId,
    full: bool,
    tried: usize,
    mut rank: impl FnMut(u32) -> u64,
) -> Vec<u32> {
    let mut ways = Vec::new();
    seats.ways(board, request, full, tried, &mut rank, &mut |places| {
        ways.extend_from_slice(places);
        true
    });
    ways
}

/// A way to meet a request, one class a place, and the difference that it makes.
pub type Way = (Vec<u32>, Delta);

/// Of these ways to meet a request, the `most` that break least and then cost least, the best
/// first, and the first listed of equals; and how many were compared.
pub fn best_ways<'w>(
    board: &mut Board<'_>,
    request: RequestId,
    ways: impl Iterator<Item = &'w [u32]>,
    most: usize,
) -> (Vec<Way>, u64) {
    let mut best: Vec<Way> = Vec::new();
    let mut compared = 0;
    for way in ways {
        let delta = board.enrol_delta(request, way);
        compared += 1;
        let better = |b: &Way| (b.1.hard, b.1.penalty) <= (delta.hard, delta.penalty);
        let k = best.partition_point(better);
        if k < most {
            best.truncate(most - 1);
            best.insert(k, (way.to_vec(), delta));
        }
    }
    (best, compared)
}

/// Fills `to` with another way to meet the request, near to the present one: another class of one
/// subpart, and of others only what parents and children make necessary; now and then another
/// configuration. False where chance found none.
pub fn another_way(board: &Board<'_>, request: RequestId, draws: &mut Draws, to: &mut Vec<u32>) -> bool {
    let problem = board.problem();
    to.clear();
    to.extend_from_slice(board.taken(request));
    let course = &problem.courses()[problem.requests()[request.index()].course as usize];
    let config = if to.first().is_none_or(|&c| c == NONE) || (course.configs.len > 1 && draws.below(4) == 0) {
        let config = course.configs.first as usize + draws.below(course.configs.len as usize);
        to.fill(NONE);
        config
    } else {
        problem.config_of(timetable::ClassId(to[0])).index()
    };
    let subparts = problem.configs()[config].subparts;
    let first = subparts.first as usize;
    let n = subparts.len as usize;
    if n == 0 {
        return false;
    }
    let changed = draws.below(n);
    let classes = problem.subparts()[first + changed].classes;
    if classes.len == 0 {
        return false;
    }
    let mut class = classes.first + draws.below(classes.len as usize) as u32;
    if class == to[changed] && classes.len > 1 {
        class = classes.first + draws.below(classes.len as usize) as u32;
    }
    // The class, and its parents above it.
    let mut up = class;
    loop {
        let subpart = problem.classes()[up as usize].subpart as usize;
        if !(first..first + n).contains(&subpart) {
            return false;
        }
        to[subpart - first] = up;
        up = problem.classes()[up as usize].parent;
        if up == NONE {
            break;
        }
    }
    complete(problem, first, n, draws, to) && to[..] != *board.taken(request)
}

/// Gives every subpart whose class is missing or lost its parent a class whose parent is taken.
fn complete(problem: &Problem, first: usize, n: usize, draws: &mut Draws, to: &mut [u32]) -> bool {
    for _ in 0..n {
        let mut settled = true;
        for k in 0..n {
            if to[k] != NONE && parent_taken(problem, to[k], to) {
                continue;
            }
            settled = false;
            let classes = problem.subparts()[first + k].classes;
            let start = draws.below(classes.len as usize) as u32;
            let fits = (0..classes.len)
                .map(|i| classes.first + (start + i) % classes.len)
                .find(|&c| parent_taken(problem, c, to));
            match fits {
                Some(c) => to[k] = c,
                None => to[k] = NONE,
            }
        }
        if settled {
            return true;
        }
    }
    to[..n].iter().all(|&c| c != NONE && parent_taken(problem, c, to))
}

/// Whether a class's parent, if it has one, is among the places.
#[inline]
fn parent_taken(problem: &Problem, class: u32, places: &[u32]) -> bool {
    let parent = problem.classes()[class as usize].parent;
    parent == NONE || places.contains(&parent)
}
