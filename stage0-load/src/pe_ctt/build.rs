//! From the matrices of a `.tim` file to a problem: an event becomes a course with one class.

use super::read::File;
use super::{DAYS, SLOTS};
use crate::log::{Log, Stop};
use std::collections::HashMap;
use timetable::{ClassId, ClassSpec, ConstraintSpec, CourseId, Format, Kind, Meta, ProblemBuilder, RoomId, TimeId};

/// Most possible rooms, all events together.
const ROWS_MAX: u64 = 50_000_000;
/// What a possible time or room takes while the problem is built, in bytes.
const KEPT_BY_OPTION: u64 = 24;
/// Slots in a row that cost nothing.
const RUN: u32 = 2;

/// The builder, filled; `None` where the file cannot be a problem.
pub(super) fn build(file: &File, log: &mut Log) -> Option<ProblemBuilder> {
    let (events, rooms) = (file.slots.len(), file.sizes.len());
    if events as u64 * rooms as u64 > ROWS_MAX {
        log.fault(0, format!("{events} events and {rooms} rooms"), format!("at most {ROWS_MAX} pairs of them"));
        return None;
    }
    log.keep(KEPT_BY_OPTION * u64::from(DAYS * SLOTS) * events as u64);
    let mut attendance = vec![0u32; events];
    for &event in file.attends.iter().flatten() {
        attendance[event as usize] += 1;
    }
    let rooms_of = suitable_rooms(file, log, &attendance).ok()?;
    for (event, _) in file.slots.iter().enumerate().filter(|(_, slots)| **slots == 0) {
        log.fault(0, format!("impossible class: event {event} without an available slot"), "at least one slot");
    }
    let pairs = precedences(file, log);
    if !log.is_empty() {
        return None;
    }

    let mut b = ProblemBuilder::new(Meta {
        name: String::new(),
        weeks: 1,
        days: DAYS,
        slots: SLOTS,
        time_weight: 1,
        room_weight: 1,
        distribution_weight: 1,
        student_weight: 1,
        student_conflicts_hard: true,
        format: Format::PeCtt,
    });
    let features: Vec<String> = (0..file.features).map(|f| format!("f{f}")).collect();
    for (r, (&size, has)) in file.sizes.iter().zip(&file.has).enumerate() {
        let has: Vec<&str> = has.iter().map(|&f| features[f as usize].as_str()).collect();
        b.room(&format!("r{r}"), size, &[], &has);
    }
    for (event, rooms) in rooms_of.iter().enumerate() {
        let name = format!("e{event}");
        let times: Vec<(TimeId, u32)> = (0..DAYS * SLOTS)
            .filter(|s| file.slots[event] >> s & 1 == 1)
            .map(|s| {
                let last = s % SLOTS == SLOTS - 1;
                (b.time(1, 1 << (s / SLOTS), (s % SLOTS) as u16, 1), if last { attendance[event] } else { 0 })
            })
            .collect();
        b.course(&name);
        b.config(&name);
        b.subpart(&name);
        b.class(ClassSpec { name: &name, limit: None, times: &times, rooms });
    }
    for (a, z) in pairs {
        let classes = [ClassId(a), ClassId(z)];
        b.constraint(ConstraintSpec {
            kind: Kind::Precedence,
            name: "",
            penalty: None,
            params: &[],
            classes: &classes,
            times: &[],
        });
    }
    let mut students = |kind, params: &[u32]| {
        b.constraint(ConstraintSpec { kind, name: "", penalty: Some(1), params, classes: &[], times: &[] });
    };
    students(Kind::StudentSingleClassDay, &[]);
    students(Kind::StudentLongRun, &[RUN]);
    for (s, events) in file.attends.iter().enumerate() {
        let courses: Vec<CourseId> = events.iter().map(|&e| CourseId(e)).collect();
        b.student(&format!("s{s}"), &courses);
    }
    Some(b)
}

/// The rooms of each event: large enough, with all the features.
fn suitable_rooms(file: &File, log: &mut Log, attendance: &[u32]) -> Result<Vec<Vec<(RoomId, u32)>>, Stop> {
    let mut all = Vec::with_capacity(attendance.len());
    let has: Vec<Vec<u64>> = file.has.iter().map(|has| bits(has, file.features)).collect();
    for (event, needs) in file.needs.iter().enumerate() {
        let n = attendance[event];
        let wanted = bits(needs, file.features);
        let suits = |r: usize| file.sizes[r] >= n && wanted.iter().zip(&has[r]).all(|(wanted, has)| wanted & !has == 0);
        let rooms: Vec<(RoomId, u32)> =
            (0..file.sizes.len()).filter(|&r| suits(r)).map(|r| (RoomId::new(r), 0)).collect();
        if rooms.is_empty() {
            let found = format!("impossible class: event {event} with {n} students and {} features", needs.len());
            log.fault(0, found, "at least one room with the seats and the features");
        }
        log.keep(KEPT_BY_OPTION * rooms.len() as u64);
        log.holds(0, file.size)?;
        all.push(rooms);
    }
    Ok(all)
}

/// Numbers below `count` as bits.
fn bits(numbers: &[u32], count: usize) -> Vec<u64> {
    let mut words = vec![0; count.div_ceil(64)];
    numbers.iter().for_each(|&n| words[n as usize / 64] |= 1 << (n % 64));
    words
}

/// Each pair once, whichever half of the matrix names it, in the order of the half above the
/// diagonal.
fn precedences(file: &File, log: &mut Log) -> Vec<(u32, u32)> {
    let mut known: HashMap<(u32, u32), u64> = HashMap::new();
    let mut pairs = Vec::new();
    for &(line, a, z) in &file.before {
        if a == z {
            log.fault(line, format!("event {a} before itself"), "0 on the diagonal");
        } else if let Some(other) = known.get(&(z, a)) {
            let found = format!("event {a} before event {z}, and line {other} says after");
            log.fault(line, found, "one order of the two");
        } else if known.insert((a, z), line).is_none() {
            pairs.push((a, z));
        }
    }
    pairs.sort_unstable_by_key(|&(a, z)| (a.min(z), a.max(z)));
    pairs
}
