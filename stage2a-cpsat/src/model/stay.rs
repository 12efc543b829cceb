//! What it costs that classes are not where they were.

use super::Free;
use super::writer::Writer;
use timetable::{Placement, Timetable};

/// Each class that is not where `home` has it costs 1.
pub(super) fn write(free: &[Free], home: &Timetable, writer: &mut Writer) {
    for class in free {
        let at = home.placements[class.class.index()];
        let time = class.times.iter().find(|choice| choice.position == at.time);
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
