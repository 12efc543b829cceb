//! What is said about classes that could not be placed.

use super::construction_state::ConstructionState;
use std::cell::Cell;
use std::time::{Duration, Instant};
use timetable::{Board, ClassId, ConflictTable, Placement, RequestId};

/// How long reasons are looked for when the time is up.
const PATIENCE: Duration = Duration::from_millis(500);

/// At most this many classes are named.
const NAMED: usize = 50;

impl ConstructionState<'_, '_> {
    /// A line for each class that the best timetable leaves unplaced, and one for students without
    /// a seat.
    pub(super) fn reasons(&mut self) -> Vec<String> {
        let mut lines = self.unplaced();
        let left_out = (0..self.search.problem.requests().len())
            .filter(|&r| !self.search.board.is_proper(RequestId::new(r)))
            .count();
        if left_out > 0 {
            lines.push(format!("{left_out} requests for a course without a seat in its classes"));
        }
        lines
    }

    /// What is in the way of each class where the least is.
    fn unplaced(&mut self) -> Vec<String> {
        let problem = self.search.problem;
        let unplaced: Vec<ClassId> =
            problem.class_ids().filter(|c| !self.search.incumbent.best().placements[c.index()].is_placed()).collect();
        if unplaced.is_empty() {
            return Vec::new();
        }
        let mut board =
            Board::with(problem, std::sync::Arc::clone(self.search.board.index()), self.search.incumbent.best());
        // Once the time is up, half a second is what looking for reasons may take; with a budget in
        // steps it takes what it takes.
        let (begun, late) = (Instant::now(), Cell::new(false));
        let stop = &self.clock.ctx().stop;
        let mut conflicts = ConflictTable::new_unless(&board, || {
            late.set(begun.elapsed() > PATIENCE && stop.now());
            late.get()
        });
        if late.get() {
            return vec![format!(
                "unplaced: {} classes; there was no time to see what is in their way",
                unplaced.len()
            )];
        }
        let mut lines = Vec::new();
        for &class in unplaced.iter().take(NAMED) {
            let (mut least, mut found) = (u32::MAX, None);
            conflicts.scan(&mut board, class, u32::MAX, |at, cost| {
                if cost < least {
                    (least, found) = (cost, Some(at));
                }
                least.saturating_sub(1)
            });
            lines.push(format!("unplaced: {}: {}", problem.class_name(class), reason(&mut board, class, found)));
        }
        if unplaced.len() > NAMED {
            lines.push(format!("unplaced: {} more classes", unplaced.len() - NAMED));
        }
        lines
    }
}

fn reason(board: &mut Board<'_>, class: ClassId, at: Option<Placement>) -> String {
    let problem = board.problem();
    let Some(at) = at else {
        return "no time and room that its hard rules and the rooms' availability allow, whatever else is moved".into();
    };
    let mut out = Vec::new();
    board.conflicting_classes(class, at, &mut out);
    let time = &problem.times()[problem.times_of(class)[at.time as usize].time as usize];
    let days: Vec<String> = (0..16).filter(|d| time.days >> d & 1 == 1).map(|d| (d + 1).to_string()).collect();
    let room = problem.rooms_of(class).get(at.room as usize);
    let room = room.map_or(String::new(), |r| format!(" in {}", problem.room_name(timetable::RoomId(r.room))));
    let place = format!("day {} slot {}{room}", days.join("+"), time.start);
    if out.is_empty() {
        return format!("was not tried at {place} in the time given");
    }
    let names: Vec<&str> = out.iter().take(5).map(|&c| problem.class_name(c)).collect();
    let more = if out.len() > 5 { format!(" and {} more", out.len() - 5) } else { String::new() };
    format!("in its way at {place}: {}{more}", names.join(", "))
}
