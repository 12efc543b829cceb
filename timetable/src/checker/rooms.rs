//! Rooms: one class at a time, and none when the room cannot be used.

use super::assigned::{Assigned, overlap};
use super::report::{Report, Violation};
use crate::ids::*;
use crate::problem::Problem;
use crate::score::Rule;

/// [`Rule::RoomClash`] and [`Rule::RoomUnavailable`].
pub(super) fn check(problem: &Problem, assigned: &[Option<Assigned>], report: &mut Report) {
    let mut by_room: Vec<Vec<Assigned>> = vec![Vec::new(); problem.rooms().len()];
    for at in assigned.iter().flatten() {
        if let Some(room) = at.room {
            by_room[room.index()].push(*at);
        }
    }
    for (i, users) in by_room.iter().enumerate() {
        let room = RoomId::new(i);
        let found = |rule, classes| Violation { room: Some(room), ..Violation::new(rule, classes, 1) };
        for (i, a) in users.iter().enumerate() {
            for &closed in problem.unavailable_of(room) {
                if overlap(&a.time, &problem.times()[closed as usize]) {
                    report.hard(found(Rule::RoomUnavailable, vec![a.class]));
                }
            }
            for b in users[i + 1..].iter().filter(|b| overlap(&a.time, &b.time)) {
                report.hard(found(Rule::RoomClash, vec![a.class, b.class]));
            }
        }
    }
}
