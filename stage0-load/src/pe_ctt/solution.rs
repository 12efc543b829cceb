//! `.sln`: one line `slot room` for each event, in order; `-1 -1` where it is not placed.

use super::{DAYS, SLOTS};
use crate::enrol::enrol_where_there_is_no_choice;
use crate::fault::Faults;
use crate::log::{Lines, Log, Stop, quoted};
use crate::source::Source;
use std::io::{self, Write};
use timetable::{Placement, Problem, Timetable};

/// Reads a timetable.
pub(crate) fn read_solution(problem: &Problem, source: Source) -> Result<Timetable, Faults> {
    let mut log = Log::of(&source);
    match read(problem, source, &mut log) {
        Ok(timetable) => log.finish(timetable),
        Err(Stop) => Err(log.into_faults()),
    }
}

fn read(problem: &Problem, source: Source, log: &mut Log) -> Result<Timetable, Stop> {
    let mut timetable = Timetable::empty(problem);
    enrol_where_there_is_no_choice(problem, &mut timetable);
    let mut lines = Lines::new(source);
    let mut classes = problem.class_ids();
    let events = classes.len();
    while let Some((number, line)) = lines.next(log)? {
        if line.is_empty() {
            continue;
        }
        let Some(class) = classes.next() else {
            log.fault(number, "another line", format!("{events}, one for each event"));
            return Err(Stop);
        };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let &[slot, room] = fields.as_slice() else {
            log.fault(number, format!("{} fields", fields.len()), "2: slot, room");
            continue;
        };
        if (slot, room) == ("-1", "-1") {
            continue;
        }
        let slot = log.number32(number, "slot", slot, DAYS * SLOTS - 1);
        let room = log.number32(number, "room", room, problem.rooms().len() as u32 - 1);
        let (Some(slot), Some(room)) = (slot, room) else { continue };
        let time = problem.times_of(class).iter().position(|t| {
            let t = problem.times()[t.time as usize];
            t.days == 1 << (slot / SLOTS) && u32::from(t.start) == slot % SLOTS
        });
        let at = problem.rooms_of(class).iter().position(|o| o.room == room);
        let name = quoted(problem.class_name(class));
        match (time, at) {
            (Some(time), Some(room)) => {
                timetable.placements[class.index()] = Placement { time: time as u16, room: room as u16 };
            }
            (None, _) => log.fault(number, format!("event {name} in slot {slot}"), "a slot that it can be held in"),
            _ => log.fault(number, format!("event {name} in room {room}"), "a room that it can be held in"),
        }
    }
    if classes.len() > 0 {
        log.fault(lines.number(), format!("{} lines", events - classes.len()), format!("{events}, one for each event"));
    }
    Ok(timetable)
}

/// Writes the slot and room of each event.
pub(crate) fn write_solution(problem: &Problem, timetable: &Timetable, w: &mut dyn Write) -> io::Result<()> {
    for class in problem.class_ids() {
        match (timetable.time(problem, class), timetable.room(problem, class)) {
            (Some(time), Some(room)) => {
                let time = problem.times()[time.index()];
                writeln!(w, "{} {}", time.days.trailing_zeros() * SLOTS + u32::from(time.start), room.0)?;
            }
            _ => writeln!(w, "-1 -1")?,
        }
    }
    Ok(())
}
