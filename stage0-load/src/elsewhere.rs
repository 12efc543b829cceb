//! Places that a timetable gives to classes and that are none of their own: a timetable that
//! somebody made by hand, or by another program, is scored as it is.

use crate::log::Log;
use timetable::{ClassId, Placement, Problem, RoomId, TimeRow, Timetable};

/// A place that a timetable gives a class and that is none of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Which class.
    pub class: ClassId,
    /// Its line in the file.
    pub line: u64,
    /// When it is held.
    pub time: TimeRow,
    /// Whether that is one of its times.
    pub is_its_time: bool,
    /// The penalty of that time, where it is none of its own.
    pub penalty: u32,
    /// Where it is held.
    pub room: Option<RoomId>,
    /// Whether that is one of its rooms.
    pub is_its_room: bool,
}

/// What is to become of places that are none of the class's own.
pub(crate) enum Others<'a> {
    /// They are faults.
    Faults,
    /// They are listed, and the class is not placed.
    List(&'a mut Vec<Elsewhere>),
}

/// A place as a line of a timetable names it, of a class that needs a room.
pub(crate) struct Named {
    pub(crate) line: u64,
    /// `course "bio"`, as faults call it.
    pub(crate) who: String,
    /// `on day 1 in period 2`.
    pub(crate) when: String,
    /// What of it faults ask for: `period`, `slot`.
    pub(crate) unit: &'static str,
    pub(crate) time: TimeRow,
    /// The penalty of that time, where it is none of the class's own.
    pub(crate) penalty: u32,
    pub(crate) room: RoomId,
    /// `room "R1"`.
    pub(crate) whereabouts: String,
}

impl Others<'_> {
    /// Places a class, or says why it cannot be held there.
    pub(crate) fn place(
        &mut self,
        problem: &Problem,
        timetable: &mut Timetable,
        log: &mut Log,
        class: ClassId,
        named: &Named,
    ) {
        let time = problem.times_of(class).iter().position(|o| problem.times()[o.time as usize] == named.time);
        let room = problem.rooms_of(class).iter().position(|o| o.room == named.room.0);
        match (time, room, self) {
            (Some(time), Some(room), _) => {
                timetable.placements[class.index()] = Placement { time: time as u16, room: room as u16 };
            }
            (_, _, Others::List(list)) => list.push(Elsewhere {
                class,
                line: named.line,
                time: named.time,
                is_its_time: time.is_some(),
                penalty: named.penalty,
                room: Some(named.room),
                is_its_room: room.is_some(),
            }),
            (None, _, Others::Faults) => {
                let expected = format!("a {} that it can be held in", named.unit);
                log.fault(named.line, format!("{} {}", named.who, named.when), expected);
            }
            (_, None, Others::Faults) => {
                let found = format!("{} in {}", named.who, named.whereabouts);
                log.fault(named.line, found, "a room that it can be held in");
            }
        }
    }
}
