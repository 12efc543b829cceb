//! Which classes have to do with a conflict, the nearest first.

use timetable::{Board, ClassId, Placement, Problem, Timetable};

/// Placements of a class that are looked at, evenly spread.
const LOOKS: usize = 400;

/// Times × rooms of a class.
pub(super) fn choices(problem: &Problem, class: ClassId) -> usize {
    let row = &problem.classes()[class.index()];
    row.times.len as usize * row.rooms.len.max(1) as usize
}

/// The classes that are in conflict at `home`, which is on the board, then those in their way
/// wherever they may go, and so on, as many as have so many choices together; and how many of them
/// are in conflict. `None` where those are too many already.
pub(super) fn around(board: &mut Board<'_>, home: &Timetable, most: usize) -> Option<(Vec<ClassId>, usize)> {
    let problem = board.problem();
    let mut way = Vec::new();
    let mut order: Vec<ClassId> = Vec::new();
    for class in problem.class_ids() {
        let at = home.placements[class.index()];
        let fits = at.is_placed() && !board.is_forbidden(class, at) && board.conflicting_classes(class, at, &mut way);
        if !fits || !way.is_empty() {
            order.push(class);
        }
    }
    let conflicts = order.len();
    let mut sum: usize = order.iter().map(|&class| choices(problem, class)).sum();
    if sum > most {
        return None;
    }
    let mut seen = vec![false; problem.classes().len()];
    order.iter().for_each(|class| seen[class.index()] = true);
    let mut next = 0;
    while let Some(&class) = order.get(next) {
        next += 1;
        let mut counts = vec![0u32; problem.classes().len()];
        let all = choices(problem, class);
        for k in (0..all).step_by(all.div_ceil(LOOKS)) {
            let rooms = problem.rooms_of(class).len();
            let room = if rooms == 0 { Placement::NO_ROOM } else { (k % rooms) as u16 };
            board.rivals(class, Placement { time: (k / rooms.max(1)) as u16, room }, &mut way);
            way.iter().for_each(|c| counts[c.index()] += 1);
        }
        let mut found: Vec<ClassId> =
            problem.class_ids().filter(|c| counts[c.index()] > 0 && !seen[c.index()]).collect();
        found.sort_by_key(|c| (std::cmp::Reverse(counts[c.index()]), *c));
        for class in found {
            let more = choices(problem, class);
            if sum + more > most {
                return Some((order, conflicts));
            }
            sum += more;
            seen[class.index()] = true;
            order.push(class);
        }
    }
    Some((order, conflicts))
}
