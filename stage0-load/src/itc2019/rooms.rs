//! Rooms: capacity, when they cannot be used, how far apart they are.

use super::courses::KEPT_BY_ROW;
use super::load::{Loader, State};
use super::xml::Element;
use crate::log::quoted;
use crate::names::Names;
use std::collections::HashMap;
use timetable::{RoomId, TimeId};

/// What travel between two rooms takes as it was read, in bytes besides the name.
const KEPT_BY_TRAVEL: u64 = 120;
/// More rooms than this have no table of travel: it would take more than 512 MiB.
const TRAVEL_ROOMS_MAX: usize = 16_384;

/// The rooms so far, and the one that is open.
pub(super) struct Rooms {
    pub(super) names: Names,
    count: usize,
    name: String,
    capacity: u32,
    unavailable: Vec<TimeId>,
    travel: Vec<Travel>,
    line: u64,
    /// The room of the same name that was there before.
    before: Option<u32>,
    /// Capacity and unavailable times of each room.
    known: Vec<(u32, Vec<TimeId>)>,
}

struct Travel {
    line: u64,
    from: u32,
    to: Box<str>,
    slots: u16,
}

impl Default for Rooms {
    fn default() -> Self {
        Rooms {
            names: Names::new("room"),
            count: 0,
            name: String::new(),
            capacity: 0,
            unavailable: Vec::new(),
            travel: Vec::new(),
            line: 0,
            before: None,
            known: Vec::new(),
        }
    }
}

impl Loader {
    pub(super) fn room(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["id", "capacity"], &mut self.log);
        let rooms = &mut self.rooms;
        rooms.name.clear();
        rooms.line = f.line();
        rooms.before = None;
        match f.need(0, &mut self.log) {
            Some(id) => {
                rooms.before = rooms.names.get(id);
                if rooms.before.is_none() {
                    rooms.names.define(&mut self.log, f.line(), id, rooms.count);
                }
                rooms.name.push_str(id);
            }
            None => rooms.names.are_partial(),
        }
        rooms.capacity = f.number(1, i32::MAX as u32, &mut self.log).unwrap_or(0);
        rooms.unavailable.clear();
        State::Room
    }

    pub(super) fn unavailable(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["weeks", "days", "start", "length"], &mut self.log);
        if let Some(time) = self.time(&f, 0, None) {
            self.log.keep(24);
            self.rooms.unavailable.push(time);
        }
        State::Leaf
    }

    pub(super) fn travel(&mut self, element: &Element<'_>) -> State {
        let f = element.fields(&["room", "value"], &mut self.log);
        let to = f.need(0, &mut self.log);
        let value = f.number(1, u32::from(u16::MAX), &mut self.log);
        if let (Some(to), Some(slots)) = (to, value) {
            let from = self.rooms.before.unwrap_or(self.rooms.count as u32);
            self.log.keep(KEPT_BY_TRAVEL + to.len() as u64);
            self.rooms.travel.push(Travel { line: f.line(), from, to: to.into(), slots: slots as u16 });
        }
        State::Leaf
    }

    pub(super) fn close_room(&mut self) {
        let rooms = &mut self.rooms;
        if let Some(before) = rooms.before {
            // Travel that differs is noted with all other travel.
            let (capacity, unavailable) = &rooms.known[before as usize];
            if (*capacity, unavailable) == (rooms.capacity, &rooms.unavailable) {
                self.log.note(rooms.line, "a room that is there twice alike counts once");
            } else {
                let found = format!("room {} again, with another capacity or other times", quoted(&rooms.name));
                self.log.fault(rooms.line, found, "a name not used before");
            }
            return;
        }
        rooms.known.push((rooms.capacity, rooms.unavailable.clone()));
        self.log.keep(KEPT_BY_ROW + 3 * rooms.name.len() as u64 + 24 * rooms.unavailable.len() as u64);
        self.builder.room(&rooms.name, rooms.capacity, &rooms.unavailable, &[]);
        rooms.count += 1;
    }

    /// Travel takes as long there as back, so a pair may be named from one side or, with one value,
    /// from both.
    pub(super) fn close_rooms(&mut self) {
        let travel = std::mem::take(&mut self.rooms.travel);
        if !travel.is_empty() && self.rooms.count > TRAVEL_ROOMS_MAX {
            let found = format!("travel between {} rooms", self.rooms.count);
            self.log.fault(travel[0].line, found, format!("at most {TRAVEL_ROOMS_MAX} rooms"));
            return;
        }
        if !travel.is_empty() {
            // Two bytes for each pair of rooms, once in the builder and once in the problem.
            self.log.keep(4 * (self.rooms.count * self.rooms.count) as u64);
        }
        let mut known: HashMap<(u32, u32), u16> = HashMap::with_capacity(travel.len());
        for t in &travel {
            let Some(to) = self.rooms.names.find(&mut self.log, t.line, &t.to, " in <travel>") else { continue };
            if to == t.from {
                if t.slots != 0 {
                    self.log.fault(
                        t.line,
                        format!("travel of {} from room {} to itself", t.slots, quoted(&t.to)),
                        "another room",
                    );
                }
                continue;
            }
            let before = *known.entry((t.from.min(to), t.from.max(to))).or_insert(t.slots);
            if before != t.slots {
                let found = format!("travel of {} to room {}, and {before} elsewhere", t.slots, quoted(&t.to));
                self.log.fault(t.line, found, "one value for both directions");
                continue;
            }
            self.builder.travel(RoomId(t.from), RoomId(to), t.slots);
        }
    }
}
