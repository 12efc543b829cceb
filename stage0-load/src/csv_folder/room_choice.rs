//! Which of the suitable rooms a course chooses from, so that lists stay short and no room is asked
//! for too much.
//!
//! A course keeps at most [`Rules::room_choices`](super::Rules) of its suitable rooms: those least
//! asked for so far, and among them those with the fewest seats to spare. Each course asks for its
//! sessions in equal parts from the rooms it keeps. Courses that have the fewest suitable rooms
//! choose first. How much a room is asked for is counted in quarters of its slots a week, so that
//! courses next to each other in the file share rooms that fit best until these are a quarter full.

use super::tables::{Course, Room, RoomsWanted, Tables};
use std::collections::{BTreeMap, HashMap};

/// Shares of a session are counted in these.
const PART: u64 = 1 << 20;

/// What rooms have, features as numbers.
struct Having<'a> {
    numbers: HashMap<&'a str, u32>,
    /// By room: seats, and features in ascending order.
    rooms: Vec<(u32, Vec<u32>)>,
}

impl<'a> Having<'a> {
    fn new(rooms: &'a [Room]) -> Having<'a> {
        let mut numbers = HashMap::new();
        let rooms = rooms.iter().map(|room| {
            let mut has: Vec<u32> = Vec::with_capacity(room.features.len());
            for feature in &room.features {
                let next = numbers.len() as u32;
                has.push(*numbers.entry(feature.as_str()).or_insert(next));
            }
            has.sort_unstable();
            (room.capacity, has)
        });
        let rooms = rooms.collect();
        Having { numbers, rooms }
    }

    /// Rooms with seats and features enough, as positions.
    fn suitable(&self, course: &Course, seats: u32) -> impl Iterator<Item = u32> {
        // A feature that no room has is in none of them.
        let number = |f: &String| self.numbers.get(f.as_str()).copied().unwrap_or(u32::MAX);
        let wanted: Vec<u32> = course.features.iter().map(number).collect();
        let fits = move |(capacity, has): &(u32, Vec<u32>)| {
            *capacity >= seats && wanted.iter().all(|f| has.binary_search(f).is_ok())
        };
        self.rooms.iter().enumerate().filter(move |(_, room)| fits(room)).map(|(i, _)| i as u32)
    }
}

/// For each course the rooms that it chooses from, by position in ascending order; empty where it
/// needs none or none is suitable.
pub(crate) fn choose(tables: &Tables, enrolled: &[u32]) -> Vec<Vec<u32>> {
    let keep = tables.rules.room_choices.max(1) as usize;
    let mut demand = Demand::new(tables);
    let mut chosen = vec![Vec::new(); tables.courses.len()];
    let seats = |i: usize| tables.courses[i].seats_for(enrolled[i]);

    let having = Having::new(&tables.rooms);
    // How many rooms are suitable depends on seats and features alone: counted once for each such
    // wish.
    let mut counts: BTreeMap<(u32, &[String]), usize> = BTreeMap::new();
    let mut order = Vec::new();
    for (i, course) in tables.courses.iter().enumerate() {
        match &course.rooms {
            RoomsWanted::NoRoom => {}
            RoomsWanted::Listed(list) => {
                let mut list = list.clone();
                list.sort_unstable();
                list.dedup();
                demand.ask(&list, course, enrolled[i]);
                chosen[i] = list;
            }
            RoomsWanted::Suitable => {
                let wish = (seats(i), course.features.as_slice());
                let n = *counts.entry(wish).or_insert_with(|| having.suitable(course, wish.0).count());
                order.push((n, i));
            }
        }
    }
    order.sort_unstable();
    let mut keys: Vec<u64> = Vec::new();
    for (n, i) in order {
        let course = &tables.courses[i];
        let mut list: Vec<u32> = if n <= keep {
            having.suitable(course, seats(i)).collect()
        } else {
            keys.clear();
            keys.extend(having.suitable(course, seats(i)).map(|r| demand.keys[r as usize]));
            keys.select_nth_unstable(keep - 1);
            keys[..keep].iter().map(|key| (key & Demand::ROOM) as u32).collect()
        };
        list.sort_unstable();
        demand.ask(&list, course, enrolled[i]);
        chosen[i] = list;
    }
    chosen
}

/// How much each room is asked for so far.
struct Demand {
    week: u64,
    asked: Vec<u64>,
    /// Quarters of the week asked for, seats, position: the smallest key is chosen first.
    keys: Vec<u64>,
}

impl Demand {
    const ROOM: u64 = (1 << 24) - 1;

    fn new(tables: &Tables) -> Demand {
        let week = (tables.calendar.days.len() * tables.calendar.slots.len()) as u64;
        let key = |(i, r): (usize, &Room)| u64::from(r.capacity.min(0xf_ffff)) << 24 | i as u64 & Demand::ROOM;
        let keys = tables.rooms.iter().enumerate().map(key).collect();
        Demand { week, asked: vec![0; tables.rooms.len()], keys }
    }

    fn ask(&mut self, list: &[u32], course: &Course, enrolled: u32) {
        let slots = u64::from(course.sections_for(enrolled)) * u64::from(course.sessions) * u64::from(course.length);
        // More than the week's slots in one room is as full as full.
        let part = (slots * PART / list.len().max(1) as u64).min(self.week * PART);
        for &room in list {
            let asked = &mut self.asked[room as usize];
            *asked += part;
            let quarters = (*asked * 4 / (self.week * PART).max(1)).min(0xf_ffff);
            let key = &mut self.keys[room as usize];
            *key = quarters << 44 | *key & ((1 << 44) - 1);
        }
    }
}
