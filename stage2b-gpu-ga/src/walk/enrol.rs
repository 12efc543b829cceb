//! Proposing other classes for a student.

use super::domains::parent_taken;
use moves::Draws;
use timetable::{Board, NONE, Problem, RequestId};

/// Fills `to` with another way to meet the request, near to the present one: another class of one
/// subpart, and of others only what parents and children make necessary; now and then another
/// configuration. False where chance found none.
pub(crate) fn another_way(board: &Board<'_>, request: RequestId, draws: &mut Draws, to: &mut Vec<u32>) -> bool {
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
