//! Why a class is not placed: what stands in the way where least does.

use crate::names::{clean, time_name};
use std::sync::Arc;
use timetable::{Board, BoardIndex, ClassId, Placement, Problem, Timetable};

/// Classes explained before the rest is only named.
const MOST_CLASSES: usize = 100;
/// Placements tried for one class.
const MOST_TRIED: usize = 20_000;

/// An unplaced class and why.
pub struct Unplaced {
    /// The class.
    pub class: ClassId,
    /// What is in its way where least is.
    pub reason: String,
}

/// The unplaced classes of a timetable, with reasons.
pub fn unplaced(problem: &Problem, timetable: &Timetable) -> Vec<Unplaced> {
    let missing: Vec<ClassId> = problem.class_ids().filter(|c| !timetable.placements[c.index()].is_placed()).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let mut board = Board::with(problem, Arc::new(BoardIndex::new(problem)), timetable);
    let explain = |(i, class): (usize, ClassId)| {
        let reason = if i < MOST_CLASSES { reason(&mut board, class) } else { "not looked at".to_owned() };
        Unplaced { class, reason }
    };
    missing.into_iter().enumerate().map(explain).collect()
}

fn reason(board: &mut Board<'_>, class: ClassId) -> String {
    let problem = board.problem();
    let times = problem.times_of(class).len() as u16;
    let rooms = match problem.rooms_of(class).len() as u16 {
        0 => Placement::NO_ROOM..=Placement::NO_ROOM,
        n => 0..=n - 1,
    };
    let all = (0..times).flat_map(|time| rooms.clone().map(move |room| Placement { time, room }));
    let (mut tried, mut never) = (0, 0);
    let mut least: Option<(Placement, Vec<ClassId>)> = None;
    let mut way = Vec::new();
    for at in all.take(MOST_TRIED) {
        tried += 1;
        if board.is_forbidden(class, at) || !board.conflicting_classes(class, at, &mut way) {
            never += 1;
        } else if least.as_ref().is_none_or(|(_, best)| way.len() < best.len()) {
            least = Some((at, way.clone()));
            if way.is_empty() {
                break;
            }
        }
    }
    let Some((at, way)) = least else {
        return format!("none of its {tried} placements is possible: rooms in use otherwise, or hard rules of its own");
    };
    let time = time_name(problem, problem.times_of(class)[at.time as usize].time());
    let room = match problem.rooms_of(class).get(at.room as usize) {
        Some(room) => format!(" in {}", clean(problem.room_name(timetable::RoomId(room.room)))),
        None => String::new(),
    };
    if way.is_empty() {
        return format!("could go to {time}{room}: the search ended before");
    }
    let names: Vec<String> = way.iter().take(4).map(|&c| clean(problem.class_name(c))).collect();
    let more = if way.len() > 4 { format!(" and {} more", way.len() - 4) } else { String::new() };
    let ruled_out = if never > 0 { format!(" ({never} of them ruled out for good)") } else { String::new() };
    let names = names.join(", ");
    format!("each of its {tried} placements is taken{ruled_out}; {time}{room} by only {names}{more}")
}
