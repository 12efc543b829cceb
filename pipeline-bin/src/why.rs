//! Why a class is not where it was: what forbids its old place, or who is there now.

use std::sync::Arc;
use timetable::{Board, BoardIndex, ClassId, ConstraintId, Kind, NONE, Placement, Problem, RoomId, Timetable};

/// A reason for each of these classes, which are elsewhere in `after` than in `before`.
pub(crate) fn reasons(problem: &Problem, before: &Timetable, after: &Timetable, moved: &[ClassId]) -> Vec<String> {
    if moved.is_empty() {
        return Vec::new();
    }
    let mut board = Board::with(problem, Arc::new(BoardIndex::new(problem)), after);
    let home = |class: ClassId| before.placements[class.index()];
    let mut way = Vec::new();
    let mut found: Vec<Option<String>> = moved
        .iter()
        .map(|&class| {
            by_itself(&board, class, home(class))
                .or_else(|| conflicting_classes(&mut board, class, home(class), &mut way))
        })
        .collect();
    // Nobody is there now: it was in conflict with somebody before.
    if found.iter().any(Option::is_none) {
        board.load(before);
        for (&class, reason) in moved.iter().zip(&mut found).filter(|(_, reason)| reason.is_none()) {
            board.conflicting_classes(class, home(class), &mut way);
            *reason = (!way.is_empty()).then(|| format!("was in conflict with {}", names(problem, &way)));
        }
    }
    found.into_iter().map(|reason| reason.unwrap_or_else(|| "its old place stays free".to_owned())).collect()
}

/// What is in the way of a class at a place, whatever the others do.
fn by_itself(board: &Board<'_>, class: ClassId, home: Placement) -> Option<String> {
    let problem = board.problem();
    if !home.is_placed() {
        return Some("was not placed".to_owned());
    }
    if !board.is_forbidden(class, home) {
        return None;
    }
    let time = problem.times_of(class)[home.time as usize].time;
    let room = problem.rooms_of(class).get(home.room as usize).map_or(NONE, |r| r.room);
    let overlaps = |&u: &u32| problem.times()[u as usize].overlaps(&problem.times()[time as usize]);
    if let Some(room) = RoomId::from_raw(room)
        && problem.unavailable_of(room).iter().any(overlaps)
    {
        return Some(format!("{} is closed then", problem.room_name(room)));
    }
    let all = (0..problem.constraints().len()).map(ConstraintId::new);
    let mut mine = all.filter(|id| {
        let row = &problem.constraints()[id.index()];
        row.hard == 1 && problem.classes_of(*id).contains(&class.0)
    });
    mine.find_map(|id| {
        let row = &problem.constraints()[id.index()];
        let name = problem.name(row.name);
        match problem.kind_of(id) {
            Kind::Availability if problem.constraint_times()[row.times.range()].iter().any(overlaps) => {
                Some(if name.is_empty() { "not possible then".to_owned() } else { format!("{name} is away then") })
            }
            Kind::FixedPlacement
                if (row.params[0] != NONE && row.params[0] != time)
                    || (row.params[1] != NONE && row.params[1] != room) =>
            {
                Some("as asked for".to_owned())
            }
            _ => None,
        }
    })
}

/// Who is in the way of a class at a place now.
fn conflicting_classes(
    board: &mut Board<'_>,
    class: ClassId,
    home: Placement,
    way: &mut Vec<ClassId>,
) -> Option<String> {
    board.conflicting_classes(class, home, way);
    (!way.is_empty()).then(|| format!("makes way for {}", names(board.problem(), way)))
}

fn names(problem: &Problem, classes: &[ClassId]) -> String {
    let more = classes.len() - 1;
    let first = problem.class_name(classes[0]);
    if more == 0 { first.to_owned() } else { format!("{first} and {more} more") }
}
