//! Rooms: classes that can only be held in some of them need more slots than these are free. Counts
//! are those of one week.

use super::grid::{Grid, Week, held_in, least, slots};
use super::{Check, Finding, Findings, Severity, WORK_MAX};
use crate::words::some_of;
use fixedbitset::FixedBitSet;
use std::collections::BTreeMap;
use timetable::{ClassId, Problem, RoomId, TimeRow};

/// With more distinct sets of rooms than this, only all rooms together are looked at.
const SETS_MAX: usize = 2000;
/// Lengths of classes that are looked at one by one.
const MOST_LENGTHS: usize = 4;
/// Rooms that are named one by one.
const MOST_ROOMS: usize = 4;

/// Too much for some rooms.
struct Excess {
    week: Week,
    classes: Vec<ClassId>,
    /// Slots, or meetings of a length.
    needed: u64,
    there: u64,
    length: Option<u64>,
}

pub(super) fn find(all: &mut Findings<'_>) {
    let problem = all.problem();
    let grid = Grid::new(problem);
    let mut sets = room_sets(problem);
    sets.sort_by_key(|(rooms, _)| rooms.count_ones(..));
    let mut work = 0;
    let mut told_of: Vec<(FixedBitSet, u64)> = Vec::new();
    for (rooms, _) in &sets {
        let inside: Vec<ClassId> =
            sets.iter().filter(|(other, _)| other.is_subset(rooms)).flat_map(|(_, classes)| classes).copied().collect();
        work += (sets.len() * (1 + rooms.len() / 64) + inside.len()) as u64;
        let found = grid.weeks.iter().find_map(|&week| excess(problem, &grid, rooms, &inside, week, &mut work));
        if work > WORK_MAX {
            return; // what is not known is not held against anybody
        }
        let Some(found) = found else { continue };
        // Those that can only be held in one room, at one time, are told already, two by two, and so
        // is one that has no place.
        let classes: Vec<u32> = found.classes.iter().map(|c| c.0).collect();
        let clash = found.needed - found.there <= all.count_within(Check::Clash, &classes);
        if clash || all.has_within(Check::NoPlace, &classes) {
            continue;
        }
        // What is too much for some of these rooms is told already.
        let told: u64 = told_of.iter().filter(|(some, _)| some.is_subset(rooms)).map(|(_, excess)| excess).sum();
        if found.needed - found.there > told {
            told_of.push((rooms.clone(), found.needed - found.there));
            let finding = told_in_words(all, rooms, found);
            all.add(finding);
        }
    }
}

fn excess(
    problem: &Problem,
    grid: &Grid,
    rooms: &FixedBitSet,
    classes: &[ClassId],
    week: Week,
    work: &mut u64,
) -> Option<Excess> {
    // Only slots at which some of these classes can be held are of use to them.
    let mut open = grid.empty();
    let mut seen = vec![false; problem.times().len()];
    let mut lengths = Vec::new();
    for &class in classes {
        for o in problem.times_of(class) {
            *work += 1;
            let t = &problem.times()[o.time as usize];
            if week.has(t) && !std::mem::replace(&mut seen[o.time as usize], true) {
                grid.set(&mut open, t, true);
                *work += u64::from(t.days.count_ones());
            }
        }
        let shortest = held_in(problem, class, week).map(TimeRow::length).min();
        lengths.extend(shortest.map(u64::from).filter(|&length| length > 1));
    }
    lengths.sort_unstable();
    lengths.dedup();
    lengths.truncate(MOST_LENGTHS);
    let needed: u64 = classes.iter().map(|&c| least(problem, c, week, slots)).sum();
    let free = Free::new(problem, grid, rooms, &open, week, work);
    let there = free.sum(|cells| cells.count_ones(..) as u64, work);
    let busy = |of: &dyn Fn(&TimeRow) -> u64| {
        classes.iter().copied().filter(|&c| least(problem, c, week, of) > 0).collect::<Vec<_>>()
    };
    if needed > there {
        return Some(Excess { week, classes: busy(&slots), needed, there, length: None });
    }
    lengths.into_iter().find_map(|length| {
        let meetings = |t: &TimeRow| {
            if u64::from(t.length()) >= length { u64::from(t.days.count_ones()) } else { 0 }
        };
        let needed: u64 = classes.iter().map(|&c| least(problem, c, week, meetings)).sum();
        let there = free.sum(|cells| grid.fitting(cells, length), work);
        (needed > there).then(|| Excess { week, classes: busy(&meetings), needed, there, length: Some(length) })
    })
}

/// The slots of a week in which rooms are free, equal ones once.
struct Free {
    kinds: Vec<(FixedBitSet, u64)>,
}

impl Free {
    fn new(
        problem: &Problem,
        grid: &Grid,
        rooms: &FixedBitSet,
        open: &FixedBitSet,
        week: Week,
        work: &mut u64,
    ) -> Free {
        let mut kinds = vec![(open.clone(), 0)];
        for room in rooms.ones().map(RoomId::new) {
            let closed = problem.unavailable_of(room).iter().map(|&t| &problem.times()[t as usize]);
            let mut closed = closed.filter(|t| week.has(t)).peekable();
            *work += 1;
            if closed.peek().is_none() {
                kinds[0].1 += 1;
                continue;
            }
            let mut mine = open.clone();
            for t in closed {
                grid.set(&mut mine, t, false);
                *work += u64::from(t.days.count_ones());
            }
            *work += (mine.len() / 64) as u64;
            kinds.push((mine, 1));
        }
        Free { kinds }
    }

    fn sum(&self, of: impl Fn(&FixedBitSet) -> u64, work: &mut u64) -> u64 {
        *work += self.kinds.iter().map(|(cells, _)| cells.len() as u64 / 8).sum::<u64>();
        self.kinds.iter().filter(|(_, n)| *n > 0).map(|(cells, n)| n * of(cells)).sum()
    }
}

fn told_in_words(all: &Findings<'_>, rooms: &FixedBitSet, found: Excess) -> Finding {
    let words = all.words;
    let list: Vec<RoomId> = rooms.ones().map(RoomId::new).collect();
    let which = match list.len() {
        0..=MOST_ROOMS => {
            let word = if list.len() == 1 { "room" } else { "rooms" };
            format!("{word} {}", some_of(list.iter().map(|&r| words.room_with_line(r))))
        }
        n => described(all.problem(), rooms, n),
    };
    let n = found.classes.len() as u64;
    let sessions = words.sessions(n);
    let every = words.every(&found.classes, found.week.one);
    let are = |n: u64| if n == 1 { "is 1 slot".to_owned() } else { format!("are {n} slots") };
    let (needed, there) = (found.needed, found.there);
    let counts = match found.length {
        None if needed == n => format!("there {} in which they are free", are(there)),
        None => format!("they take {needed} slots, and there {} in which they are free", are(there)),
        Some(length) => {
            format!("they take {needed} times {length} slots in a row or more, for which there is room {there} times")
        }
    };
    let examples = words.classes(&found.classes);
    let mut places = words.places_of(&found.classes);
    places.extend(list.iter().take(MOST_ROOMS).filter_map(|&room| words.place_of_room(room)));
    Finding {
        severity: Severity::Error,
        check: Check::Rooms,
        rule: "room".to_owned(),
        places,
        text: format!("{n} {sessions}{every} can only be held in {which} ({examples}), and {counts}"),
        remedy: "Maybe open these rooms longer, allow other rooms (their seats, `features` or `rooms`), or offer less"
            .to_owned(),
        classes: found.classes,
    }
}

/// `the 7 rooms with lab`, `the 5 rooms of 60 seats and more`, `7 of the 12 rooms`.
fn described(problem: &Problem, rooms: &FixedBitSet, n: usize) -> String {
    let features =
        |r: usize| problem.room_features()[problem.rooms()[r].features.range()].iter().map(|&f| problem.name(f));
    let first = rooms.ones().next().unwrap_or(0);
    let shared = features(first)
        .find(|f| (0..problem.rooms().len()).all(|r| features(r).any(|other| other == *f) == rooms.contains(r)));
    let seats = rooms.ones().map(|r| problem.rooms()[r].capacity).min().unwrap_or(0);
    let by_seats = (0..problem.rooms().len()).all(|r| (problem.rooms()[r].capacity >= seats) == rooms.contains(r));
    match shared {
        _ if n == problem.rooms().len() => format!("the {n} rooms"),
        Some(feature) => format!("the {n} rooms with {}", crate::words::clean(feature)),
        None if by_seats => format!("the {n} rooms of {seats} seats and more"),
        None => format!("{n} of the {} rooms", problem.rooms().len()),
    }
}

/// The set of all rooms that classes can have; then, unless there are too many, the distinct sets
/// of rooms of classes, each with its classes, in the order of their first class.
fn room_sets(problem: &Problem) -> Vec<(FixedBitSet, Vec<ClassId>)> {
    let mut index: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
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
    if everyone.is_empty() {
        return Vec::new();
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
