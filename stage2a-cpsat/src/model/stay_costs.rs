//! What it costs that classes are not where they were.

use super::FreeClass;
use super::writer::Writer;
use timetable::{Placement, Timetable};

/// Where classes were, and what it costs that they are elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StayCosts<'a> {
    /// Each class that is not where this has it costs 1,
    pub(crate) home: &'a Timetable,
    /// and so much more, where it is at another time.
    pub(crate) time: i64,
}

pub(super) fn write(free: &[FreeClass], stay: StayCosts<'_>, writer: &mut Writer) {
    for class in free {
        let at = stay.home.placements[class.class.index()];
        let time = class.times.iter().find(|choice| choice.position == at.time);
        match time {
            _ if stay.time == 0 => {}
            Some(time) => {
                let later = writer.boolean();
                writer.charge(later, stay.time, 1);
                writer.any([later, time.var]);
            }
            None => writer.certain(stay.time),
        }
        let room = class.rooms.iter().find(|choice| choice.position == at.room);
        let (Some(time), true) = (time, room.is_some() || at.room == Placement::NO_ROOM) else {
            // It cannot stay.
            writer.certain(1);
            continue;
        };
        let moves = writer.boolean();
        writer.charge(moves, 1, 1);
        for stays in std::iter::once(time).chain(room) {
            writer.any([moves, stays.var]);
        }
    }
}
