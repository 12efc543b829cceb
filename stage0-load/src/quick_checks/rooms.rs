//! Rooms: one that is free for every class, and enough of them for all.

use super::grid::{Grid, least_slots, meetings};
use super::{WORK_MAX, first_ones};
use fixedbitset::FixedBitSet;
use std::collections::HashMap;
use timetable::{ClassId, Problem, RoomId};

/// With more distinct sets of rooms than this, only all rooms together are looked at.
const SETS_MAX: usize = 2000;

/// Classes whose rooms are all unavailable at all of their times.
pub(super) fn blocked_classes(problem: &Problem) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut work = 0u64;
    for class in problem.class_ids() {
        let rooms = problem.rooms_of(class);
        let free = |room: u32, work: &mut u64| {
            let unavailable = problem.unavailable_of(RoomId(room));
            problem.times_of(class).iter().any(|o| {
                if *work > WORK_MAX {
                    return true; // not known, so not held against it
                }
                let t = &problem.times()[o.time as usize];
                *work += unavailable.len() as u64 + 1;
                !unavailable.iter().any(|&u| problem.times()[u as usize].overlaps(t))
            })
        };
        let placeable = rooms.is_empty() || rooms.iter().any(|o| free(o.room, &mut work));
        if !placeable {
            let name = problem.class_name(class);
            let (r, t) = (rooms.len(), problem.times_of(class).len());
            reasons.push(format!("class {name}: in each of its {r} rooms, each of its {t} times is unavailable"));
        }
    }
    first_ones(reasons, "classes that cannot be placed")
}

/// Sets of rooms: classes that can only be held in them need more slots than they have.
pub(super) fn crowded_rooms(problem: &Problem) -> Vec<String> {
    let Some(grid) = Grid::new(problem) else { return Vec::new() };
    let sets = room_sets(problem);
    let mut work = 0u64;
    let mut reasons = Vec::new();
    for (rooms, _) in &sets {
        let inside: Vec<ClassId> =
            sets.iter().filter(|(other, _)| other.is_subset(rooms)).flat_map(|(_, classes)| classes).copied().collect();
        let needed: u64 = inside.iter().map(|&c| least_slots(problem, c)).sum();
        // Only slots at which some of these classes can be held are of use to them.
        let mut marked = vec![false; problem.times().len()];
        let mut open = grid.empty();
        for o in inside.iter().flat_map(|&c| problem.times_of(c)) {
            work += 1;
            if !std::mem::replace(&mut marked[o.time as usize], true) {
                let t = &problem.times()[o.time as usize];
                grid.set(&mut open, t, true);
                work += meetings(t);
            }
        }
        let there: u64 = rooms.ones().map(|r| open_slots(problem, &grid, &open, RoomId::new(r), &mut work)).sum();
        work += (sets.len() * rooms.len() / 64 + inside.len()) as u64;
        if work > WORK_MAX {
            break;
        }
        if needed > there {
            let place = match rooms.count_ones(..) {
                1 => format!("room {}", problem.room_name(RoomId::new(rooms.ones().next().unwrap_or(0)))),
                some => format!("{some} of {} rooms", problem.rooms().len()),
            };
            let n = inside.len();
            reasons.push(format!(
                "{place}: {n} classes that can be held nowhere else need {needed} slots, there are {there}"
            ));
        }
    }
    first_ones(reasons, "sets of rooms with too few slots")
}

fn open_slots(problem: &Problem, grid: &Grid, open: &FixedBitSet, room: RoomId, work: &mut u64) -> u64 {
    *work += open.len() as u64 / 64 + 1;
    let unavailable = problem.unavailable_of(room);
    if unavailable.is_empty() || *work > WORK_MAX {
        return open.count_ones(..) as u64;
    }
    let mut mine = open.clone();
    for &t in unavailable {
        let t = &problem.times()[t as usize];
        grid.set(&mut mine, t, false);
        *work += meetings(t);
    }
    mine.count_ones(..) as u64
}

/// The set of all rooms that classes can have; then, unless there are too many, the distinct sets
/// of rooms of classes, each with its classes, in the order of their first class.
fn room_sets(problem: &Problem) -> Vec<(FixedBitSet, Vec<ClassId>)> {
    let mut index: HashMap<Vec<u32>, usize> = HashMap::new();
    let mut classes_of: Vec<Vec<ClassId>> = Vec::new();
    let mut lists: Vec<Vec<u32>> = Vec::new();
    let mut all = FixedBitSet::with_capacity(problem.rooms().len());
    let mut everyone = Vec::new();
    for class in problem.class_ids().filter(|&c| !problem.rooms_of(c).is_empty()) {
        everyone.push(class);
        let mut rooms: Vec<u32> = problem.rooms_of(class).iter().map(|o| o.room).collect();
        rooms.iter().for_each(|&r| all.insert(r as usize));
        rooms.sort_unstable();
        let at = match index.get(&rooms) {
            Some(&at) => at,
            None if lists.len() > SETS_MAX => continue,
            None => {
                index.insert(rooms.clone(), lists.len());
                lists.push(rooms);
                classes_of.push(Vec::new());
                lists.len() - 1
            }
        };
        classes_of[at].push(class);
    }
    if lists.len() > SETS_MAX {
        return vec![(all, everyone)];
    }
    let set = |rooms: &Vec<u32>| {
        let mut set = FixedBitSet::with_capacity(problem.rooms().len());
        rooms.iter().for_each(|&r| set.insert(r as usize));
        set
    };
    let mut sets: Vec<_> = lists.iter().map(set).zip(classes_of).collect();
    if !sets.iter().any(|(set, _)| *set == all) {
        sets.insert(0, (all, Vec::new()));
    }
    sets
}
