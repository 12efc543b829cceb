//! `.sln`: one line `slot room` for each event, in order; `-1 -1` where it is not placed.

use super::{DAYS, SLOTS};
use crate::elsewhere::{Named, Others};
use crate::enrol::enrol_where_there_is_no_choice;
use crate::fault::Faults;
use crate::log::{Lines, Log, Stop, quoted};
use crate::source::Source;
use std::io::{self, Write};
use timetable::{Problem, RoomId, TimeRow, Timetable};

/// Reads a timetable.
pub(crate) fn read_solution(problem: &Problem, source: Source, others: Others<'_>) -> Result<Timetable, Faults> {
    let mut log = Log::of(&source);
    match read(problem, source, &mut log, others) {
        Ok(timetable) => log.finish(timetable),
        Err(Stop) => Err(log.into_faults()),
    }
}

fn read(problem: &Problem, source: Source, log: &mut Log, mut others: Others<'_>) -> Result<Timetable, Stop> {
    let mut timetable = Timetable::empty(problem);
    enrol_where_there_is_no_choice(problem, &mut timetable);
    let mut lines = Lines::new(source);
    let mut classes = problem.class_ids();
    let events = classes.len();
    let attendance = attendance(problem);
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
        let start = (slot % SLOTS) as u16;
        let is_last = slot % SLOTS == SLOTS - 1;
        let named = Named {
            line: number,
            who: format!("event {}", quoted(problem.class_name(class))),
            when: format!("in slot {slot}"),
            unit: "slot",
            time: TimeRow { weeks: 1, days: 1 << (slot / SLOTS), start, end: start + 1, pad: 0 },
            penalty: if is_last { attendance[problem.course_of(class).index()] } else { 0 },
            room: RoomId(room),
            whereabouts: format!("room {room}"),
        };
        others.place(problem, &mut timetable, log, class, &named);
    }
    if classes.len() > 0 {
        log.fault(lines.number(), format!("{} lines", events - classes.len()), format!("{events}, one for each event"));
    }
    Ok(timetable)
}

/// By course: how many students attend it. So much the last slot of a day costs.
fn attendance(problem: &Problem) -> Vec<u32> {
    let mut attendance = vec![0; problem.courses().len()];
    problem.requests().iter().for_each(|request| attendance[request.course as usize] += 1);
    attendance
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
